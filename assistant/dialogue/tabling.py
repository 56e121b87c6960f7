"""Questions over the rows of a table: which rows, how many, their sum, the largest, the difference.

In: an understood question and the corpus. Out: a `TableFinding`: the rows that count and the figure computed from
them, exact. Columns are read from the parsed annex: the column of figures is the one whose cells are all numbers, and
names are matched as people shorten them (人社局 for 人力资源和社会保障局). No table is known by name here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from assistant.dialogue.understand import Understanding
from assistant.documents.catalog import Corpus
from assistant.documents.normalize import squeeze
from assistant.documents.numbering import chinese_to_int
from assistant.models import Cell, Clause
from assistant.retrieval.thesaurus import Expansion, Thesaurus
from assistant.rules.numerals import find_figures
from assistant.rules.show import show_number

Operation = Literal["sum", "count", "max", "min", "difference", "share", "list", "items"]

_OPERATIONS: list[tuple[Operation, re.Pattern[str]]] = [
    (
        "difference",
        re.compile(r"(?:比|和|与|跟|同).{1,24}(?:[多少](?:了)?(?:多少|几)|相差|差(?:了)?(?:多少|几))"),
    ),
    ("share", re.compile(r"占.{0,12}(?:几成|多少|几分之|百分之几|多大)|占比|百分之几|几成")),
    ("max", re.compile(r"最(?:多|大|高|重)(?!能|可以|有|是(?!哪|谁|什))")),
    ("min", re.compile(r"最(?:少|小|低|轻)(?!要|得|需|能|可以|是(?!哪|谁|什))")),
    (
        "sum",
        re.compile(
            r"加起来|加在一起|加(?:到)?一?[块起]|合计|总和|之和|相加|一共(?:是)?多少(?!项|行|个)|总共(?:是)?多少(?!项|行|个)|合起来|总数"
        ),
    ),
    (
        "count",
        re.compile(
            r"(?:有|共|一共|总共|牵头|负责|参与|涉及)?(?:了)?(?:几|多少)(?:项|行|类|条|[次回](?=[?？,，]|$)|个(?:任务|项目|单位牵头|职业|工种|(?=[?？,，]|$))|种(?:职业|工种))"
        ),
    ),
    ("list", re.compile(r"哪些|哪几|哪一?(?:项|行|条|件)|都有(?:谁|什么|啥)|列(?:出|一下)")),
]
_ENDS: tuple[Operation, ...] = ("max", "min")
_ITEMS = re.compile(r"(?:几|多少)(?:个|种)(?:职业|工种)|(?:职业|工种)[^,，。]{0,10}(?:几|多少)(?:个|种)")
"""Asks how many names a cell lists, not how many rows there are."""
_EXCEPT = re.compile(
    r"除(?:了|开|去|掉|却)?(?P<name>.{2,16}?)(?:以外|之外|外|那一?[行项]|这一?[行项]|[,，]|的?其[余他])"
)
_BOUND = re.compile(
    r"(?P<op>不少于|不低于|至少|超过|大于|多于|高于|不超过|不多于|少于|低于|小于|不到|不足)(?P<n>\d+)|(?P<m>\d+)(?:人次?|个|项)?(?P<after>以上|及以上|以下|以内)|(?:是|为|都是|正好|等于)(?P<eq>\d+)(?:人次?)?的"
)
_OF_ROWS = re.compile(r"任务|人次|行|项|[多少差](?:多少|几[个项])")
"""What a question over rows speaks of."""
_SAID_COUNT = re.compile(r"这(?P<n>[两二三四五六七八九十\d]+)(?:个|项|行|类|样|种|块|拨|家|条)")
"""How many things somebody says they have named: 这三拨人."""
_TOTAL = re.compile(r"总计|合计|小计|共计|备注|说明")
_NOISE = re.compile(
    r"附件\d*|分解表|清单|目录|表|里面?|中|的|这|那|[两三四五六七八九十\d]+[行项个条]|加起来|加在一起|合计|一共|总共|总和|之和|多少|人次|几|任务|培训|从业人员|是|各|分别|占了?|全部|那一?块|百分之|[几多]成|比例|牵头|技能|提升|多|少|比|相差|差|呢|哪|[?？,，。]"
)
_GOVERNMENT = re.compile(r"(?![有各省市县相])(\w{2,4}?)[市县区](?:人民)?政府")
_UNIT = re.compile(r"[（(]([^（()）]{1,6})[)）]$")
_LEAST_SHARE = 0.6
_LEAST_WORD = 2


@dataclass(frozen=True, slots=True)
class TableFinding:
    """What a question over a table comes to.

    Attributes:
        table: the clause that heads the table.
        rows: those that count, in the table's order; for the largest and smallest those that have it.
        value: the figure; None where only rows are listed.
        n_read: rows that were looked at.
        filters: the words by which rows were chosen; empty where all were.
        figures: the figure of each row, in its order; empty where the table has none.
        key: header of the column that names the rows.
        total: the row of the table that states its own total, where all rows were added or are the whole of a share.
    """

    table: Clause
    operation: Operation
    rows: tuple[Clause, ...]
    value: Fraction | None
    unit: str
    n_read: int
    key: str
    filters: tuple[str, ...] = ()
    figures: tuple[Fraction, ...] = ()
    total: Clause | None = None


@dataclass(frozen=True, slots=True)
class _Grid:
    """A table as read: its rows, its key column, its column of figures and the unit of these."""

    table: Clause
    rows: tuple[Clause, ...]
    totals: tuple[Clause, ...]
    key: str
    figure: str
    unit: str


class TableReader:
    """Reads questions over the tables of one corpus."""

    def __init__(self, corpus: Corpus, thesaurus: Thesaurus) -> None:
        self._thesaurus = thesaurus
        self._grids: dict[str, _Grid] = {}
        self._regions = {d.id: d.region for d in corpus.documents}
        for document in corpus.documents:
            by_parent: dict[str, list[Clause]] = {}
            for clause in document.clauses:
                if clause.kind == "row" and clause.parent:
                    by_parent.setdefault(clause.parent, []).append(clause)
            for parent, rows in by_parent.items():
                grid = _read_grid(corpus.clause_by_id[parent], rows)
                if grid:
                    self._grids[parent] = grid

    def find(self, asked: Understanding, documents: frozenset[str]) -> TableFinding | None:
        """What the question asks of a table; None where it asks of none."""
        operations = [operation for operation, pattern in _OPERATIONS if pattern.search(asked.text)]
        adds = not {"list", "count"} & set(operations)
        grid = self._choose(asked, documents, adds) if operations else None
        if grid is None:
            return None
        by_key, rows, filters = self._filter(grid, asked)
        said = _SAID_COUNT.search(asked.text)
        if not rows or (said and by_key and chinese_to_int(said["n"]) != len(rows)):
            # Of 这三拨人 two alone are no answer.
            return None
        if _ITEMS.search(asked.text):
            return self._count_items(grid, asked, rows, filters)
        # 这项由哪些单位负责 asks for a cell of a row that is named, not for rows.
        fitting = (
            _compute(grid, operation, rows, filters)
            for operation in operations
            if (not by_key if operation in ("count", "list") else bool(grid.figure))
            and (by_key or operation != "share")
        )
        return next((found for found in fitting if found), None)

    def find_all(self, asked: Understanding, documents: frozenset[str]) -> list[TableFinding]:
        """As `find`, for a question that asks for both ends: 最多的是哪项，最少的又是哪些."""
        found = self.find(asked, documents)
        if found is None or found.operation not in _ENDS:
            return [found] if found else []
        clauses = re.split(r"[,，;；。?？]", asked.text)
        ends = {end for end in _ENDS for c in clauses if dict(_OPERATIONS)[end].search(c)}
        grid = self._grids[found.table.clause_id]
        _, rows, filters = self._filter(grid, asked)
        both = [_compute(grid, end, rows, filters) for end in _ENDS if end in ends]
        return [f for f in both if f] or [found]

    def _choose(self, asked: Understanding, documents: frozenset[str], adds: bool) -> _Grid | None:
        """The table that the question names, or the one that has at least two of the rows it names.

        Args:
            adds: True where figures are wanted, which some tables have not.
        """
        scopes = [scope.rstrip(".") for scope in asked.references.scopes]
        scopes = [scope for scope in scopes if scope.partition("#")[0] in documents]
        if scopes:
            # 附件1 of several documents: the one with the rows that are named, then that of the nearest place.
            return self._grids.get(min(scopes, key=lambda s: (-self._n_named(s, asked), -self._depth(s), s)))
        meant = [
            g
            for g in self._grids.values()
            if g.table.document in documents
            and (g.figure or not adds)
            and len(self._named_rows(g, asked.bare)) >= _LEAST_WORD
        ]
        return meant[0] if len(meant) == 1 and _OF_ROWS.search(asked.text) else None

    def _n_named(self, table: str, asked: Understanding) -> int:
        grid = self._grids.get(table)
        return len(self._named_rows(grid, asked.text)) if grid else 0

    def _named_rows(self, grid: _Grid, text: str) -> list[Clause]:
        """The rows whose key the question names, each by a piece of it between 、 and 和, in official words or lay ones."""
        found: list[Clause] = []
        for piece in re.split(r"[、,，;；和与及跟]|以及|还有|比", text):
            meant = (word for e in self._thesaurus.expand(piece) if _is_all(piece, e) for word in e.means)
            rows = (_find_row(grid, words) for words in (piece, *meant))
            best = next((row for row in rows if row), None)
            if best and best not in found:
                found.append(best)
        return found

    def _count_items(
        self, grid: _Grid, asked: Understanding, rows: list[Clause], filters: tuple[str, ...]
    ) -> TableFinding | None:
        """How many names the key cells of rows list; None where the rows meant are not clear."""
        ordinal = re.search(r"第([一二三四五六七八九十\d]+)[行项]", asked.text)
        if ordinal:
            rows = [r for r in grid.rows if r.path.endswith(f".r{chinese_to_int(ordinal[1])}")]
        elif not filters:
            shares = {r.path: max(_share_of_cell(c, asked.text) for c in r.cells[1:]) for r in rows}
            rows = [r for r in rows if shares[r.path] == max(shares.values()) >= _LEAST_SHARE]
        if len(rows) != 1:
            return None
        names = [n for n in re.split(r"[、,，;；]", squeeze(_cell(rows[0], grid.key))) if n]
        value = Fraction(len(names))
        return TableFinding(grid.table, "items", tuple(rows), value, "个", 1, grid.key, filters, (value,))

    def _depth(self, table: str) -> int:
        """How small the region is that a table is for."""
        return len(self._regions[table.partition("#")[0]].rstrip("0"))

    def _filter(self, grid: _Grid, asked: Understanding) -> tuple[bool, list[Clause], tuple[str, ...]]:
        """The rows that the question's names and bounds leave, with the words that chose them.

        Returns:
            Whether rows were named by their key, the rows, the words.
        """
        rows, filters = list(grid.rows), []
        by_key = self._named_rows(grid, asked.text)
        if (left_out := _EXCEPT.search(asked.text)) and (named := self._named_rows(grid, left_out["name"])):
            return True, [r for r in rows if r not in named], (left_out[0].rstrip(",，"),)
        by_unit = {w: hit for w, hit in _by_cells(grid, asked.text) if len(hit) < len(grid.rows)}
        if by_key:
            rows = [r for r in rows if r in by_key]
            filters += [squeeze(_cell(r, grid.key)) for r in rows]
        elif by_unit:
            shared = [r for r in rows if all(r in hit for hit in by_unit.values())]
            # 应急局和司法局 name rows of each where no row is of both.
            rows = shared or [r for r in rows if any(r in hit for hit in by_unit.values())]
            filters += by_unit
        if grid.figure and (match := _BOUND.search(asked.text)):
            rows = [r for r in rows if _meets(match, _figure(r, grid.figure))]
            filters.append(match[0])
        return bool(by_key), rows, tuple(filters)


def _read_grid(table: Clause, clauses: Sequence[Clause]) -> _Grid | None:
    """A table of numbered rows; None for a form."""
    rows = [c for c in clauses if c.cells and c.cells[0].text.strip().isdecimal() and c.cells[0].header]
    if len(rows) < _LEAST_WORD:
        return None
    headers = [c.header for c in rows[0].cells][1:]
    figures = [h for h in headers if all(_figure(r, h) is not None for r in rows)]
    texts = [h for h in headers if h not in figures]
    if not texts:
        return None
    totals = tuple(
        c for c in clauses if c.cells and _TOTAL.match(squeeze(c.cells[0].text)) and len(c.cells) > 1
    )
    unit = _UNIT.search(squeeze(figures[-1])) if figures else None
    return _Grid(
        table, tuple(rows), totals, texts[0], figures[-1] if figures else "", unit[1] if unit else ""
    )


def _cell(row: Clause, header: str) -> str:
    return next((c.text for c in row.cells if c.header == header), "")


def _figure(row: Clause, header: str) -> Fraction | None:
    text = squeeze(_cell(row, header))
    return Fraction(text.replace(",", "")) if re.fullmatch(r"\d[\d,]*(?:\.\d+)?", text) else None


def _is_all(piece: str, lay: Expansion) -> bool:
    """Whether a lay phrase is all that some words say: 当兵回来的, but not 带当兵的去学开车."""
    return len(_NOISE.sub("", piece[: lay.start] + piece[lay.end :])) <= _LEAST_WORD


def _find_row(grid: _Grid, words: str) -> Clause | None:
    """The row whose key some words name; None where no row is clear."""
    word = _NOISE.sub("", re.sub(r"[“”\"「」]", "", words))
    if len(word) < _LEAST_WORD:
        return None
    keys = [(r, squeeze(_cell(r, grid.key))) for r in grid.rows]
    # Of names that have all of a word the shortest is meant: 创业 is 创业培训, not 就业创业技能培训.
    ranked = sorted((-_share(word, key), len(key), r.path, r) for r, key in keys)
    share, length, _, best = ranked[0]
    is_clear = len(ranked) == 1 or ranked[1][:2] != (share, length)
    return best if -share >= _LEAST_SHARE and is_clear else None


def _share(word: str, name: str) -> float:
    """Share of a word's character pairs that a name has."""
    flat = re.sub(r"[、等“”\"]", "", name)
    pairs = [word[i : i + 2] for i in range(len(word) - 1)]
    return sum(pair in flat for pair in pairs) / len(pairs)


def _share_of_cell(cell: Cell, text: str) -> float:
    """Share of a short cell's character pairs that a question says; none for a long one."""
    flat = squeeze(cell.text)
    if not 2 <= len(flat) <= 20:
        return 0.0
    pairs = [flat[i : i + 2] for i in range(len(flat) - 1)]
    return sum(pair in text for pair in pairs) / len(pairs)


def _by_cells(grid: _Grid, text: str) -> Iterable[tuple[str, list[Clause]]]:
    """The rows that have, in another column than the key, a name that the question says, if shortened."""
    names: dict[str, list[Clause]] = {}
    for row in grid.rows:
        for cell in row.cells:
            if cell.header in (grid.key, grid.figure, row.cells[0].header):
                continue
            for name in _names_in(cell):
                names.setdefault(name, []).append(row)
    said: dict[str, list[Clause]] = {}
    for name, rows in names.items():
        if word := find_shortened(name, text):
            said.setdefault(word, []).extend(rows)
    for word, rows in said.items():
        if not any(word != other and word in other for other in said):
            yield word, [r for r in grid.rows if r in rows]


def _names_in(cell: Cell) -> list[str]:
    names = [n for n in re.split(r"[、,，;；]", squeeze(cell.text)) if 2 <= len(n) <= 16]
    # 驻马店 for 驻马店市政府.
    places = [m[1] for n in names if (m := _GOVERNMENT.fullmatch(n))]
    return [re.sub(r"^(?:省|市|县)", "", n) for n in names] + places


def find_shortened(name: str, text: str) -> str:
    """The words of `text` that are a name or a short form of it: its first and last character and some between."""
    if name in text:
        return name
    if len(name) < 4 or name[-1] not in "局厅委办部会联院校社":
        return ""
    for start in (i for i, c in enumerate(text) if c == name[0]):
        at, end = 1, start + 1
        while end < len(text) and (found := name.find(text[end], at)) >= 0:
            at, end = found + 1, end + 1
            if at == len(name) and end - start >= 3:
                return text[start:end]
    return ""


def _meets(match: re.Match[str], figure: Fraction | None) -> bool:
    if figure is None:
        return False
    if match["eq"]:
        return figure == Fraction(match["eq"])
    n = Fraction(match["n"] or match["m"])
    word = match["op"] or match["after"]
    if word in ("超过", "大于", "多于", "高于"):
        return figure > n
    if word in ("少于", "低于", "小于", "不到", "不足"):
        return figure < n
    return figure >= n if word in ("不少于", "不低于", "至少", "以上", "及以上") else figure <= n


def _compute(
    grid: _Grid, operation: Operation, rows: list[Clause], filters: tuple[str, ...]
) -> TableFinding | None:
    figures = [f for r in rows if (f := _figure(r, grid.figure)) is not None] if grid.figure else []
    n_read, kept = len(rows), list(rows)
    value: Fraction | None
    unit = grid.unit
    match operation:
        case "sum":
            value = sum(figures, Fraction(0))
        case "count":
            value, unit = Fraction(len(rows)), "项"
        case "max" | "min":
            value = max(figures) if operation == "max" else min(figures)
            kept = [r for r, f in zip(rows, figures, strict=True) if f == value]
            figures = [value] * len(kept)
        case "difference":
            if len(rows) != 2:
                return None
            value = abs(figures[0] - figures[1])
        case "share":
            whole = sum((f for r in grid.rows if (f := _figure(r, grid.figure)) is not None), Fraction(0))
            value, unit = 100 * sum(figures, Fraction(0)) / whole, "%"
            if "/" in show_number(value) or (grid.totals and read_total(grid.totals[0]) != whole):
                return None
        case _ if not filters:
            return None
        case _:
            value = None
    takes_total = (operation == "sum" and not filters) or operation == "share"
    total = grid.totals[0] if takes_total and grid.totals else None
    return TableFinding(
        grid.table, operation, tuple(kept), value, unit, n_read, grid.key, filters, tuple(figures), total
    )


def read_total(row: Clause) -> Fraction | None:
    """The figure that a total row states; None where it states none or several."""
    figures = [f.value for cell in row.cells[1:] for f in find_figures(cell.text)]
    return figures[0] if len(figures) == 1 else None
