"""A table of an annex as read: rows, the column that names them, the column of figures; and rows found by name.

In: the clauses of a parsed annex. Out: a `Grid`, or None for a form; and the row, or the rows of an office, that some
words name as people shorten them (人社局 for 人力资源和社会保障局). No table is known by name here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from assistant.documents.normalize import squeeze
from assistant.models import Cell, Clause
from assistant.rules.numerals import find_figures

_TOTAL = re.compile(r"总计|合计|小计|共计|备注|说明")
_UNIT = re.compile(r"[（(]([^（()）]{0,2}(?:人次?|[元个处期家所项名天%]|[课学]时)(?:/.{1,3})?)[)）]$")
"""培训任务（人次）, 补贴标准（元/人）   near miss: 三级（高级工）, 职业（工种）"""
_UNIT_OF_ALL = re.compile(r"[（(]?单位[:：](.{1,6}?)[)）]?$")
"""The unit of a table's figures behind its title: 补贴标准表 单位：元/人."""
_OWN_UNIT = re.compile(
    r"(?:(?P<unit>[课学]时|人次|天|万?元)|(?P<of>人|天|课时|学时|个|班)数(?:[上下]限|标准)?)$"
)
"""A column that says by its name what it counts: 最低课时, 培训人数, 每班人数上限."""
_UNCOUNTED = re.compile(
    r"序号|编号|年份|年度|电话|日期|时限|等级|级别|比例|分值|扣分|排名|代码|工种|名称|备注"
)
"""A column whose figures are none of the unit of a table."""
_PART = "其中"
_GAP = re.compile(r"[—–－\-/\\]{1,4}|无")
"""A cell of a column of figures that gives none."""
_ASKS = r"(?:哪|几|多少|谁|什么|啥)"
LEAST_SHARE = 0.6
LEAST_WORD = 2
_LEAST_OF_HEAD = 0.5
"""Share of a column's head from which a question says it."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as read: its rows, its key column, the column of figures that counts and the unit of these.

    Attributes:
        figures: headers of all columns of figures, in the table's order; some cells of these may be “—”.
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
    figures = [h for h in headers if _is_of_figures(rows, h)]
    texts = [h for h in headers if h not in figures]
    if not texts or not (numbered or figures):
        return None
    totals = tuple(c for c in clauses if is_total(c) and len(c.cells) > 1)
    whole = Grid(table, tuple(rows), totals, texts[0], "", "", tuple(figures))
    return take_column(whole, figures[-1]) if figures else whole


def is_total(row: Clause) -> bool:
    """Whether a row sums up the others, or only remarks on them."""
    return bool(row.cells) and _TOTAL.match(squeeze(row.cells[0].text)) is not None


def _is_of_figures(rows: Sequence[Clause], header: str) -> bool:
    """Whether the cells of a column are figures, but for fewer than half that give none."""
    n_stated = sum(read_figure(r, header) is not None for r in rows)
    return 2 * n_stated > len(rows) and all(
        read_figure(r, header) is not None or is_gap(r, header) for r in rows
    )


def _list_named(clauses: Sequence[Clause]) -> list[Clause]:
    """Rows that begin with a name, those of a total left out; none where they have not the same columns, as in a form."""
    rows = [c for c in clauses if not is_total(c)]
    columns = {tuple(cell.header for cell in c.cells) for c in rows}
    is_named = all(squeeze(c.cells[0].text) for c in rows)
    return rows if len(columns) == 1 and "" not in min(columns) and is_named else []


def take_column(grid: Grid, header: str) -> Grid:
    """A table with the column of figures that counts; no header for none."""
    return replace(grid, figure=header, unit=read_unit(header, grid.table.heading))


def read_unit(header: str, heading: str = "") -> str:
    """The unit of a column: in its head, by its name (最低课时), or that of the whole table; empty where it has none.

    Args:
        heading: of the table.
    """
    head = squeeze(header)
    if unit := _UNIT.search(head):
        return unit[1]
    if own := _OWN_UNIT.search(head):
        return own["unit"] or own["of"]
    unit = None if not head or _UNCOUNTED.search(head) else _UNIT_OF_ALL.search(squeeze(heading))
    return unit[1] if unit else ""


def name_table(table: Clause) -> str:
    """The title of a table, without the unit of its figures behind it."""
    return _UNIT_OF_ALL.sub("", squeeze(table.heading or table.label))


def bare_head(header: str) -> str:
    """The head of a column without its unit, and without the word that makes it part of another: 企业新型学徒."""
    return _UNIT.sub("", squeeze(header)).removeprefix(_PART).lstrip(":")


def list_names(header: str) -> list[str]:
    """What people call a column: 三级（高级工） is 三级, 高级工 or both, 县（市、区） is 县市区."""
    bare = bare_head(header)
    pieces = [re.sub(r"\W", "", p) for p in (bare, *re.split(r"[（()）]", bare))]
    return [p for p in dict.fromkeys(pieces) if len(p) >= LEAST_WORD]


def choose_column(grid: Grid, text: str) -> Grid:
    """A table with the column of figures that a question names; with none where it may be one of several."""
    if len(grid.figures) < LEAST_WORD:
        return grid
    shares = {h: share_said(h, text) for h in grid.figures}
    best = max(shares.values())
    named = [h for h, share in shares.items() if share == best]
    if not best:
        # 任务最少的: a column of which the others are parts counts where none is named.
        named = [h for h in grid.figures if not squeeze(h).startswith(_PART)]
    return take_column(grid, named[0] if len(named) == 1 else "")


def says_columns(grid: Grid, text: str) -> bool:
    """Whether a question says what the rows are and what their figures are of: 哪个乡镇的任务数最多."""
    return says_figures(grid, text) and (
        _share_said(squeeze(grid.key), text) >= _LEAST_OF_HEAD or asks_rows(grid, text)
    )


def asks_rows(grid: Grid, text: str) -> bool:
    """Whether a question asks which rows or how many, by what they are: 哪个职业, 职业有几个, but not 职业培训补多少."""
    names = "|".join(re.escape(n) for n in list_names(grid.key))
    return bool(names) and bool(
        re.search(
            rf"{_ASKS}(?:一?[个些几种类项行])?(?:{names})|(?:{names})[中里内]?(?:[都又一总共是有分别][^,，。;；?？]{{0,4}})?{_ASKS}",
            text,
        )
    )


def says_key(grid: Grid, text: str) -> bool:
    """Whether a question asks for rows by what they are, word for word: 哪个县市区."""
    key = name_key(grid)
    return len(key) > LEAST_WORD and bool(re.search(rf"(?:哪|几|多少|各)[个些几]?{re.escape(key)}", text))


def name_key(grid: Grid) -> str:
    """What the rows are, as people say it: 县市区 for 县（市、区）."""
    return re.sub(r"\W", "", squeeze(grid.key)).removesuffix("名称")


def says_figures(grid: Grid, text: str) -> bool:
    """Whether a question says what a table's figures are of."""
    return any(share_said(h, text) >= _LEAST_OF_HEAD for h in grid.figures)


def share_said(header: str, text: str) -> float:
    """How far a question says the head of a column, by the name of it that it says most of."""
    return max((_share_said(name, text) for name in list_names(header)), default=0.0)


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


def is_gap(row: Clause, header: str) -> bool:
    """Whether a row gives nothing in one column: —."""
    return bool(_GAP.fullmatch(squeeze(read_cell(row, header))))


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


def read_total(row: Clause, header: str = "") -> Fraction | None:
    """The figure that a total row states in a column, else the only one it states; None where that is not clear."""
    if header and (figure := read_figure(row, header)) is not None:
        return figure
    figures = [f.value for cell in row.cells[1:] for f in find_figures(cell.text)]
    return figures[0] if len(figures) == 1 else None
