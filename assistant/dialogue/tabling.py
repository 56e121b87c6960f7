"""Questions over the rows of a table: which rows, how many, their sum, the largest, the difference.

In: an understood question and the corpus. Out: a `TableFinding`: the rows that count and the figure computed from
them, exact. Columns are read from the parsed annex: the column of figures is the one whose cells are all numbers, and
names are matched as people shorten them (人社局 for 人力资源和社会保障局). No table is known by name here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from assistant.dialogue.table_grid import (
    LEAST_SHARE,
    LEAST_WORD,
    Grid,
    by_cells,
    find_row,
    is_all,
    read_cell,
    read_figure,
    read_grid,
    read_total,
    share_of_cell,
)
from assistant.dialogue.understand import Understanding
from assistant.documents.catalog import Corpus
from assistant.documents.normalize import squeeze
from assistant.documents.numbering import chinese_to_int
from assistant.models import Clause
from assistant.retrieval.thesaurus import Thesaurus
from assistant.rules.show import show_number

Operation = Literal["sum", "count", "max", "min", "difference", "ratio", "share", "list", "items"]

_TIMES = re.compile(r"(?:几|多少)倍")
_OPERATIONS: list[tuple[Operation, re.Pattern[str]]] = [
    (
        "difference",
        re.compile(r"(?:比|和|与|跟|同).{1,32}(?:[多少](?:了)?(?:多少|几)|相差|差(?:了)?(?:多少|几))"),
    ),
    ("ratio", _TIMES),
    ("share", re.compile(r"占.{0,12}(?:几成|多少|几分之|百分之几|多大)|占比|百分之几|几成")),
    ("max", re.compile(r"最(?:多|大|高|重)(?!能|可以|有|是(?!哪|谁|什))")),
    ("min", re.compile(r"最(?:少|小|低|轻)(?!要|得|需|能|可以|是(?!哪|谁|什))")),
    (
        "sum",
        re.compile(
            r"加起来|加在一起|加(?:到)?一?[块起]|合计|总和|之和|相加|一共(?:是)?多少(?!项|行|个)|总共(?:是)?多少(?!项|行|个)|合起来|总数|(?:剩下|余下|其余|剩余)[^,，。?？]{0,6}(?:多少|几)"
        ),
    ),
    (
        "count",
        re.compile(
            r"(?:有|共|一共|总共|牵头|负责|参与|涉及)?(?:了)?(?:几|多少)(?:项|行|类|条|[次回](?=[?？,，]|$)|个(?:任务|项目|单位牵头|职业|工种|(?=[?？,，]|$))|种(?:职业|工种))"
        ),
    ),
    (
        "list",
        re.compile(r"第几[项行条]|排第?几|哪些|哪几|哪一?(?:项|行|条|件)|都有(?:谁|什么|啥)|列(?:出|一下)"),
    ),
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
_BETWEEN = re.compile(r"(?P<low>\d+)(?:人次|人)?(?:到|至|-|—|~|和)(?P<high>\d+)(?:人次|人)?(?:之间|以?内|的)")
_FIRST = re.compile(r"前(?P<n>[两二三四五六七八九十\d]+)[行项条]")
_ORDINAL = re.compile(r"第?(?P<n>[一二三四五六七八九十\d]+)(?=[行项条])")
_SAYS_TASKS = re.compile(r"任务数|任务量|人次")
_LEADS = re.compile(r"牵头|参与|负责|承担")
_OF_ROWS = re.compile(r"任务|人次|行|项|[多少差](?:多少|几[个项])")
"""What a question over rows speaks of."""
_GROUPS = re.compile(
    r"(?P<sum>.+(?:加起来|加在一起|加(?:到)?一?[块起]|合计|合起来)[^跟和与同比]{0,4})[跟和与同比](?P<than>.+)|(?P<one>.+)比(?P<others>.+)"
)
"""A sum against another: A、B加一块比C少多少, A比B、C加起来少多少."""
_SAID_COUNT = re.compile(r"这(?P<n>[两二三四五六七八九十\d]+)(?:个|项|行|类|样|种|块|拨|家|条)")
"""How many things somebody says they have named: 这三拨人."""


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


class TableReader:
    """Reads questions over the tables of one corpus."""

    def __init__(self, corpus: Corpus, thesaurus: Thesaurus) -> None:
        self._thesaurus = thesaurus
        self._grids: dict[str, Grid] = {}
        self._regions = {d.id: d.region for d in corpus.documents}
        for document in corpus.documents:
            by_parent: dict[str, list[Clause]] = {}
            for clause in document.clauses:
                if clause.kind == "row" and clause.parent:
                    by_parent.setdefault(clause.parent, []).append(clause)
            for parent, rows in by_parent.items():
                grid = read_grid(corpus.clause_by_id[parent], rows)
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
        if (
            {"difference", "sum"} <= set(operations)
            and grid.figure
            and (groups := _GROUPS.search(asked.text))
        ):
            sides = [self._named_rows(grid, side) for side in groups.groups() if side]
            if all(sides):
                return _subtract(grid, sides, filters)
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
        if found is not None and found.operation in ("sum", "count"):
            return self._count_and_add(asked, found)
        if found is None or found.operation not in _ENDS:
            return [found] if found else []
        clauses = re.split(r"[,，;；。?？]", asked.text)
        ends = {end for end in _ENDS for c in clauses if dict(_OPERATIONS)[end].search(c)}
        grid = self._grids[found.table.clause_id]
        _, rows, filters = self._filter(grid, asked)
        both = [_compute(grid, end, rows, filters) for end in _ENDS if end in ends]
        return [f for f in both if f] or [found]

    def _count_and_add(self, asked: Understanding, found: TableFinding) -> list[TableFinding]:
        """Both, for 参与几项，合计多少人次, with the count first."""
        both = {op for op, pattern in _OPERATIONS if op in ("sum", "count") and pattern.search(asked.text)}
        grid = self._grids[found.table.clause_id]
        by_key, rows, filters = self._filter(grid, asked)
        if len(both) < 2 or by_key or not filters or not grid.figure:
            return [found]
        told = [_compute(grid, operation, rows, filters) for operation in ("count", "sum")]
        return [f for f in told if f]

    def _choose(self, asked: Understanding, documents: frozenset[str], adds: bool) -> Grid | None:
        """The table that the question names, or the one that has at least two of the rows it names.

        Args:
            adds: True where figures are wanted, which some tables have not.
        """
        scopes = [scope.rstrip(".") for scope in asked.references.scopes]
        scopes = [scope for scope in scopes if scope.partition("#")[0] in documents]
        if scopes:
            # 附件1 of several documents: the one with the rows that are named, then that of the nearest place.
            return self._grids.get(min(scopes, key=lambda s: (-self._n_named(s, asked), -self._depth(s), s)))
        near = [g for g in self._grids.values() if g.table.document in documents and (g.figure or not adds)]
        meant = [g for g in near if len(self._named_rows(g, asked.bare)) >= LEAST_WORD]
        if not meant:
            meant = [g for g in near if g.figure and _speaks_of(g, asked.text)]
        return meant[0] if len(meant) == 1 and _OF_ROWS.search(asked.text) else None

    def _n_named(self, table: str, asked: Understanding) -> int:
        grid = self._grids.get(table)
        return len(self._named_rows(grid, asked.text)) if grid else 0

    def _named_rows(self, grid: Grid, text: str) -> list[Clause]:
        """The rows whose key the question names, each by a piece of it between 、 and 和, in official words or lay ones."""
        found: list[Clause] = []
        for piece in re.split(r"[、,，;；和与及跟]|以及|还有|比|(?:是|为|顶)(?=.{2,12}倍)", text):
            meant = (word for e in self._thesaurus.expand(piece) if is_all(piece, e) for word in e.means)
            rows = (find_row(grid, words) for words in (piece, *meant))
            best = next((row for row in rows if row), None)
            if best and best not in found:
                found.append(best)
        return found

    def _count_items(
        self, grid: Grid, asked: Understanding, rows: list[Clause], filters: tuple[str, ...]
    ) -> TableFinding | None:
        """How many names the key cells of rows list; None where the rows meant are not clear."""
        ordinal = re.search(r"第([一二三四五六七八九十\d]+)[行项]", asked.text)
        if ordinal:
            rows = [r for r in grid.rows if r.path.endswith(f".r{chinese_to_int(ordinal[1])}")]
        elif not filters:
            shares = {r.path: max(share_of_cell(c, asked.text) for c in r.cells[1:]) for r in rows}
            rows = [r for r in rows if shares[r.path] == max(shares.values()) >= LEAST_SHARE]
        if len(rows) != 1:
            return None
        names = [n for n in re.split(r"[、,，;；]", squeeze(read_cell(rows[0], grid.key))) if n]
        value = Fraction(len(names))
        return TableFinding(grid.table, "items", tuple(rows), value, "个", 1, grid.key, filters, (value,))

    def _depth(self, table: str) -> int:
        """How small the region is that a table is for."""
        return len(self._regions[table.partition("#")[0]].rstrip("0"))

    def _filter(self, grid: Grid, asked: Understanding) -> tuple[bool, list[Clause], tuple[str, ...]]:
        """The rows that the question's names and bounds leave, with the words that chose them.

        Returns:
            Whether rows were named by their key, the rows, the words.
        """
        rows, filters = list(grid.rows), []
        by_key = self._named_rows(grid, asked.text)
        if (left_out := _EXCEPT.search(asked.text)) and (named := self._named_rows(grid, left_out["name"])):
            return True, [r for r in rows if r not in named], (left_out[0].rstrip(",，"),)
        by_unit = {w: hit for w, hit in by_cells(grid, asked.text) if len(hit) < len(grid.rows)}
        if by_key:
            # 甲是乙的几倍: which comes first matters.
            rows = by_key if _TIMES.search(asked.text) else [r for r in rows if r in by_key]
            filters += [squeeze(read_cell(r, grid.key)) for r in rows]
        elif by_unit:
            shared = [r for r in rows if all(r in hit for hit in by_unit.values())]
            # 应急局和司法局 name rows of each where no row is of both.
            rows = shared or [r for r in rows if any(r in hit for hit in by_unit.values())]
            filters += by_unit
        if chosen := _by_ordinal(grid, asked.text):
            return False, chosen, tuple(squeeze(read_cell(r, grid.key)) for r in chosen)
        if grid.figure and (match := _BETWEEN.search(asked.text)):
            low, high = Fraction(match["low"]), Fraction(match["high"])
            rows = [r for r in rows if low <= (read_figure(r, grid.figure) or 0) <= high]
            filters.append(match[0])
        elif grid.figure and (match := _BOUND.search(asked.text)):
            rows = [r for r in rows if _meets(match, read_figure(r, grid.figure))]
            filters.append(match[0])
        return bool(by_key), rows, tuple(filters)


def _speaks_of(grid: Grid, text: str) -> bool:
    """Whether a question without a row's name is about a table of tasks: by a bound, by its rows, or by an office's share."""
    if _SAYS_TASKS.search(text) and (_BETWEEN.search(text) or _BOUND.search(text) or _ordinals(text)):
        return True
    return bool(_LEADS.search(text)) and any(len(rows) < len(grid.rows) for _, rows in by_cells(grid, text))


def _ordinals(text: str) -> list[int]:
    """The rows that a question counts out: 前三行, 第4行和第5行; none where it names one alone."""
    if first := _FIRST.search(text):
        return list(range(1, chinese_to_int(first["n"]) + 1))
    found = [chinese_to_int(m["n"]) for m in _ORDINAL.finditer(text) if text[m.start()] == "第"]
    return found if len(found) > 1 else []


def _by_ordinal(grid: Grid, text: str) -> list[Clause]:
    wanted = _ordinals(text)
    return [r for n, r in enumerate(grid.rows, start=1) if n in wanted]


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


def _subtract(grid: Grid, sides: list[list[Clause]], filters: tuple[str, ...]) -> TableFinding:
    """How far the sums of two groups of rows lie apart."""
    rows = tuple(row for side in sides for row in side)
    first, second = (
        sum((read_figure(r, grid.figure) or Fraction(0) for r in side), Fraction(0)) for side in sides
    )
    figures = tuple(read_figure(r, grid.figure) or Fraction(0) for r in rows)
    value = abs(first - second)
    return TableFinding(
        grid.table, "difference", rows, value, grid.unit, len(rows), grid.key, filters, figures
    )


def _compute(
    grid: Grid, operation: Operation, rows: list[Clause], filters: tuple[str, ...]
) -> TableFinding | None:
    figures = [f for r in rows if (f := read_figure(r, grid.figure)) is not None] if grid.figure else []
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
        case "ratio":
            if len(rows) != 2 or not all(figures):
                return None
            value, unit = figures[0] / figures[1], "倍"
            if "/" in show_number(value):
                return None
        case "share":
            whole = sum((f for r in grid.rows if (f := read_figure(r, grid.figure)) is not None), Fraction(0))
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
