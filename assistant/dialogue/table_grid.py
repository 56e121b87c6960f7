"""A table of an annex as read: rows, the column that names them, the column of figures; and rows found by name.

In: the clauses of a parsed annex. Out: a `Grid`, or None for a form; and the row, or the rows of an office, that some
words name as people shorten them (人社局 for 人力资源和社会保障局). No table is known by name here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from assistant.documents.normalize import squeeze
from assistant.models import Cell, Clause
from assistant.retrieval.thesaurus import Expansion
from assistant.rules.numerals import find_figures

_TOTAL = re.compile(r"总计|合计|小计|共计|备注|说明")
_NOISE = re.compile(
    r"(?:多少|几)(?:个|名|位)?人(?:次)?|扣[除掉去]|刨[去掉开]|减[去掉]|\d+(?:人次?)?(?![\d行项个条])|附件\d*|分解表|清单|目录|表|里[面头]?|[这那]一?[行项]|中|的|这|那|[两三四五六七八九十\d]+[行项个条块拨类样家](?![\u4e00-\u9fff]{0,2}(?:培训|技能))|加起来|加在一起|加(?:到)?一?[块起]|[俩仨]|合起来|一起|要(?=多少|$)|合计|一共|总共|总和|之和|多少|人次|几|任务|培训|从业人员|是不是|是否|是|各|分别|占了?|全部|那一?块|百分之|[几多]成|比例|牵头|技能|提升|多|少|比|相差|差|呢|哪|谁|一样|相同|相等|数[量目]?|[?？,，。]"
)
_GOVERNMENT = re.compile(r"(?![有各省市县相])(\w{2,4}?)[市县区](?:人民)?政府")
_GROUP = re.compile(r"^(?:各|有关|相关)|等|部门$")
_UNIT = re.compile(r"[（(]([^（()）]{1,6})[)）]$")
_PART = "其中"
LEAST_SHARE = 0.6
LEAST_WORD = 2
_LEAST_OF_HEAD = 0.5
"""Share of a column's head from which a question says it."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as read: its rows, its key column, the column of figures that counts and the unit of these.

    Attributes:
        figures: headers of all columns of figures, in the table's order.
    """

    table: Clause
    rows: tuple[Clause, ...]
    totals: tuple[Clause, ...]
    key: str
    figure: str
    unit: str
    figures: tuple[str, ...] = ()


def read_grid(table: Clause, clauses: Sequence[Clause]) -> Grid | None:
    """A table of rows that are numbered or have figures beside their names; None for a form."""
    full = [c for c in clauses if c.cells and c.cells[0].header]
    numbered = [c for c in full if c.cells[0].text.strip().isdecimal()]
    rows = numbered or _list_named(full)
    if len(rows) < LEAST_WORD:
        return None
    headers = [c.header for c in rows[0].cells][1 if numbered else 0 :]
    figures = [h for h in headers if all(read_figure(r, h) is not None for r in rows)]
    texts = [h for h in headers if h not in figures]
    if not texts or not (numbered or figures):
        return None
    totals = tuple(
        c for c in clauses if c.cells and _TOTAL.match(squeeze(c.cells[0].text)) and len(c.cells) > 1
    )
    whole = Grid(table, tuple(rows), totals, texts[0], "", "", tuple(figures))
    return take_column(whole, figures[-1]) if figures else whole


def _list_named(clauses: Sequence[Clause]) -> list[Clause]:
    """Rows that begin with a name, those of a total left out; none where they have not the same columns, as in a form."""
    rows = [c for c in clauses if not _TOTAL.match(squeeze(c.cells[0].text))]
    columns = {tuple(cell.header for cell in c.cells) for c in rows}
    is_named = all(squeeze(c.cells[0].text) for c in rows)
    return rows if len(columns) == 1 and "" not in min(columns) and is_named else []


def take_column(grid: Grid, header: str) -> Grid:
    """A table with the column of figures that counts; no header for none."""
    unit = _UNIT.search(squeeze(header))
    return replace(grid, figure=header, unit=unit[1] if unit else "")


def bare_head(header: str) -> str:
    """The head of a column without its unit, and without the word that makes it part of another: 企业新型学徒."""
    return _UNIT.sub("", squeeze(header)).removeprefix(_PART).lstrip(":")


def choose_column(grid: Grid, text: str) -> Grid:
    """A table with the column of figures that a question names; with none where it may be one of several."""
    if len(grid.figures) < LEAST_WORD:
        return grid
    shares = {h: _share_said(bare_head(h), text) for h in grid.figures}
    best = max(shares.values())
    named = [h for h, share in shares.items() if share == best]
    if not best:
        # 任务最少的: a column of which the others are parts counts where none is named.
        named = [h for h in grid.figures if not squeeze(h).startswith(_PART)]
    return take_column(grid, named[0] if len(named) == 1 else "")


def says_columns(grid: Grid, text: str) -> bool:
    """Whether a question says what the rows are and what their figures are of: 哪个乡镇的任务数最多."""
    return says_figures(grid, text) and _share_said(squeeze(grid.key), text) >= _LEAST_OF_HEAD


def says_key(grid: Grid, text: str) -> bool:
    """Whether a question asks for rows by what they are, word for word: 哪个县市区."""
    key = name_key(grid)
    return len(key) > LEAST_WORD and bool(re.search(rf"(?:哪|几|多少|各)[个些几]?{re.escape(key)}", text))


def name_key(grid: Grid) -> str:
    """What the rows are, as people say it: 县市区 for 县（市、区）."""
    return re.sub(r"\W", "", squeeze(grid.key)).removesuffix("名称")


def says_figures(grid: Grid, text: str) -> bool:
    """Whether a question says what a table's figures are of."""
    return any(_share_said(bare_head(h), text) >= _LEAST_OF_HEAD for h in grid.figures)


def _share_said(head: str, text: str) -> float:
    """Share of the character pairs of a column's head that a question says."""
    name = re.sub(r"\W", "", head)
    pairs = [name[i : i + 2] for i in range(len(name) - 1)]
    return sum(pair in text for pair in pairs) / len(pairs) if pairs else 0.0


def read_cell(row: Clause, header: str) -> str:
    """The text of a row in one column; empty where it has none."""
    return next((c.text for c in row.cells if c.header == header), "")


def read_figure(row: Clause, header: str) -> Fraction | None:
    """The figure of a row in one column; None where the cell is anything else."""
    text = squeeze(read_cell(row, header))
    return Fraction(text.replace(",", "")) if re.fullmatch(r"\d[\d,]*(?:\.\d+)?", text) else None


def is_all(piece: str, lay: Expansion) -> bool:
    """Whether a lay phrase is all that some words say: 当兵回来的, but not 带当兵的去学开车."""
    return len(_NOISE.sub("", piece[: lay.start] + piece[lay.end :])) <= LEAST_WORD


_WHOLE_NAME = 3
"""Characters of a row's name from which it is meant by standing in full before other words."""


def find_row(grid: Grid, words: str) -> Clause | None:
    """The row whose key some words name; None where no row is clear."""
    word = _NOISE.sub("", re.sub(r"[“”\"「」]", "", words))
    if len(word) < LEAST_WORD:
        return None
    keys = [(r, squeeze(read_cell(r, grid.key))) for r in grid.rows]
    # Of names that have all of a word the shortest is meant: 创业 is 创业培训, not 就业创业技能培训.
    ranked = sorted((-_share(word, key), len(key), r.path, r) for r, key in keys)
    share, length, _, best = ranked[0]
    is_clear = len(ranked) == 1 or ranked[1][:2] != (share, length)
    if -share >= LEAST_SHARE:
        return best if is_clear else None
    # Of 临港区2024年的总任务合起来 the name stands in full before what is asked of it.
    led = [(len(key), r) for r, key in keys if len(key) >= _WHOLE_NAME and word.startswith(key)]
    return max(led, key=lambda found: found[0])[1] if led else None


def _share(word: str, name: str) -> float:
    """Share of a word's character pairs that a name has."""
    flat = re.sub(r"[、等“”\"]", "", name)
    pairs = [word[i : i + 2] for i in range(len(word) - 1)]
    return sum(pair in flat for pair in pairs) / len(pairs)


def share_of_cell(cell: Cell, text: str) -> float:
    """Share of a short cell's character pairs that a question says, all where it says its figures; none for a long one."""
    flat = squeeze(cell.text)
    if not 2 <= len(flat) <= 20:
        return 0.0
    stated = {(f.value, f.unit) for f in find_figures(flat)}
    if stated and stated <= {(f.value, f.unit) for f in find_figures(text)}:
        return 1.0
    pairs = [flat[i : i + 2] for i in range(len(flat) - 1)]
    return sum(pair in text for pair in pairs) / len(pairs)


def share_of_title(grid: Grid, text: str) -> float:
    """Share of the title's character pairs that a question says."""
    title = squeeze(grid.table.heading)
    pairs = {title[i : i + 2] for i in range(len(title) - 1)}
    return sum(pair in text for pair in pairs) / len(pairs) if pairs else 0.0


def by_cells(grid: Grid, text: str) -> Iterable[tuple[str, list[Clause]]]:
    """The rows that have, in another column than the key, a name that the question says, if shortened."""
    names: dict[str, list[Clause]] = {}
    for row in grid.rows:
        for cell in row.cells:
            if cell.header in (grid.key, *grid.figures, row.cells[0].header):
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


def is_of_one_office(row: Clause, word: str) -> bool:
    """Whether an office stands alone in a row."""
    return any(find_shortened(squeeze(cell.text), word) == word for cell in row.cells)


def is_of_only(row: Clause, words: Sequence[str]) -> bool:
    """Whether a row names no office but those said, and more than one where more were said."""
    for cell in row.cells[1:]:
        names = _names_in(cell)
        said = [next((w for w in words if find_shortened(name, w) == w), "") for name in names]
        if all(said) and len(set(said)) == len(words):
            return True
    return False


def is_named_first(row: Clause, word: str) -> bool:
    """Whether an office is the first that a cell of a row names."""
    return any(find_shortened(_names_in(cell)[0], word) == word for cell in row.cells if _names_in(cell))


def list_offices(grid: Grid, rows: Sequence[Clause]) -> list[str]:
    """The offices that rows name beside their key, a short form with its full one; none where some are a group."""
    found: list[str] = []
    for row in rows:
        cells = (c for c in row.cells[1:] if c.header not in (grid.key, grid.figure))
        for name in (n for c in cells for n in re.split(r"[、,，;；]", squeeze(c.text)) if n):
            if _GROUP.search(name):
                return []
            if not any(_is_short_form(*sorted((n, name), key=len)) for n in found):
                found.append(name)
    return found


def _is_short_form(short: str, name: str) -> bool:
    return find_shortened(name, short) == short


def _names_in(cell: Cell) -> list[str]:
    # 省委编办等省直有关部门 names one office and a group.
    pieces = (re.sub(r"(?<=.{2})等.*", "", n) for n in re.split(r"[、,，;；]", squeeze(cell.text)))
    names = [n for n in pieces if 2 <= len(n) <= 16]
    # 驻马店 for 驻马店市政府.
    places = [m[1] for n in names if (m := _GOVERNMENT.fullmatch(n))]
    return [re.sub(r"^(?:省|市|县)级?", "", n) for n in names] + places


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


def read_total(row: Clause, header: str = "") -> Fraction | None:
    """The figure that a total row states in a column, else the only one it states; None where that is not clear."""
    if header and (figure := read_figure(row, header)) is not None:
        return figure
    figures = [f.value for cell in row.cells[1:] for f in find_figures(cell.text)]
    return figures[0] if len(figures) == 1 else None
