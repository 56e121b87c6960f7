"""Rows of a sheet → stated facts: which column is which fact, and what each cell says of it.

In: a `Grid` and the facts. Out: a `Table` of columns, and for each row the stated facts or what is wrong with it in
Chinese, naming column and value. A row with one bad cell is not decided: half of what somebody wrote is not what
he wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from assistant.documents.normalize import squeeze
from assistant.errors import RequestInvalid
from assistant.rules.book import Book
from assistant.rules.contradictions import find_contradictions
from assistant.rules.facts import Fact, Fault
from assistant.rules.missing import list_asked
from assistant.rules.statements import Stated
from assistant.surfaces.workbook_read import CellValue, Flawed, Grid, Row, show_cell

RESULT_HEADERS = ("结论", "不合要求的项", "待补充", "改法", "依据", "错误")
"""The columns that a check adds; those of an earlier check are replaced."""
_HEADER_ROWS = 10
"""Rows among which the header is looked for: a title may stand above it."""
_MOST_CACHED = 50_000
_MOST_SHOWN = 12
_WITH_UNIT = re.compile(r"(?P<label>.+?)[（(\[【](?P<unit>[^（）()]*)[）)\]】]")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_PLAIN = re.compile(r"[-+<>=≤≥~～—–至到\d,.]*\d")
"""A number or a range of numbers without units."""
_PER_CENT = "%"


class Column(NamedTuple):
    """A column of the sheet; `fact` is None where it is kept as it is.

    Attributes:
        unit: the unit that its header names, for numbers that carry none.
    """

    place: int
    header: str
    fact: Fact | None
    unit: str = ""


class Table(NamedTuple):
    """A sheet whose columns are known; `rows` are those below the header, with their `numbers`; see `Grid`."""

    columns: tuple[Column, ...]
    rows: list[Row]
    notices: tuple[str, ...]
    numbers: list[int]
    sheet: str

    @property
    def fact_columns(self) -> tuple[Column, ...]:
        """The columns that say something of a fact."""
        return tuple(column for column in self.columns if column.fact)


class CellFault(NamedTuple):
    """What is wrong with a cell, in words that name its column; `place` is None where several disagree."""

    text: str
    place: int | None = None


class RowRead(NamedTuple):
    """What a row states; it is not decided where something is wrong with it."""

    stated: dict[str, Stated]
    faults: tuple[CellFault, ...]


def expected_headers(facts: Iterable[Fact]) -> list[str]:
    """Headers as a template has them: 班级人数（人）."""
    return [f"{f.label}（{f.data.unit}）" if f.data.unit else f.label for f in facts]


def match_columns(grid: Grid, facts: Mapping[str, Fact], expected: Sequence[str]) -> Table:
    """Find the header row and what each column is.

    Args:
        facts: those that columns may be, by id.
        expected: headers to name where none fits.

    Raises:
        RequestInvalid: no column fits, or two are the same fact.
    """
    by_name = {squeeze(f.label): f for f in facts.values()} | dict(facts)
    candidates = [_match_row(row, by_name) for row in grid.rows[:_HEADER_ROWS]]
    n_fitting = [sum(column.fact is not None for column in columns) for columns in candidates]
    if not any(n_fitting):
        raise RequestInvalid(
            "没有一列是认识的事实", hint=f"首行写列名，如：{_some(expected)}；或先下载空白模板填写"
        )
    at = n_fitting.index(max(n_fitting))
    columns, rows = candidates[at], grid.rows[at + 1 :]
    labels = [column.fact.label for column in columns if column.fact]
    if twice := [label for label in dict.fromkeys(labels) if labels.count(label) > 1]:
        raise RequestInvalid(f"列重复：{'、'.join(twice)}", hint="每个事实只留一列")
    kept = tuple(_without_results(columns))
    notices = [*grid.notices, *([f"表头上面的 {at} 行已略过"] if at else []), *_tell_unknown(kept, by_name)]
    return Table(kept, rows, tuple(notices), grid.numbers[at + 1 :], grid.sheet)


def _without_results(columns: list[Column]) -> list[Column]:
    """The columns but for those of an earlier check, which stand together; one of the user's own is kept."""
    headers, n = [column.header for column in columns], len(RESULT_HEADERS)
    starts = [i for i in range(len(headers)) if tuple(headers[i : i + n]) == RESULT_HEADERS]
    return columns[: starts[0]] + columns[starts[0] + n :] if starts else columns


def _match_row(row: Row, by_name: Mapping[str, Fact]) -> list[Column]:
    return [_match_header(i, show_cell(value), by_name) for i, value in enumerate(row)]


def _match_header(index: int, text: str, by_name: Mapping[str, Fact]) -> Column:
    name = squeeze(text).rstrip("*:")
    if fact := by_name.get(name) or by_name.get(name.lower()):
        return Column(index, text, fact)
    match = _WITH_UNIT.fullmatch(text.strip().rstrip("*"))
    fact = by_name.get(squeeze(match["label"])) if match else None
    if match is None or fact is None or not _takes_unit(fact, squeeze(match["unit"])):
        return Column(index, text, None)
    return Column(index, text, fact, squeeze(match["unit"]))


def _takes_unit(fact: Fact, unit: str) -> bool:
    """Whether a number in this unit can be read; for a fact without one, a remark in brackets is no unit."""
    if fact.type not in ("integer", "decimal", "share"):
        return True
    read = fact.state(f"0{unit}")
    return not isinstance(read, Fault) or "单位" not in read.message


def _tell_unknown(columns: Iterable[Column], by_name: Mapping[str, Fact]) -> list[str]:
    """Say once which columns are not read, and why where that is a unit."""
    unknown = [column for column in columns if column.fact is None and column.header]
    notices = []
    for column in list(unknown):
        match = _WITH_UNIT.fullmatch(column.header)
        if match and (fact := by_name.get(squeeze(match["label"]))):
            notices.append(f"列“{column.header}”的单位不认识，应为{fact.data.unit}，按未知处理")
            unknown.remove(column)
    if unknown:
        notices.append(f"不认识的列，原样保留：{_some([column.header for column in unknown])}")
    return notices


def find_missing_facts(book: Book, rule: str, given: Iterable[str]) -> list[Fact]:
    """The facts a rule reads for which there is no column, nor one that they would only serve to compute."""
    known = set(given)
    computed = [key for key in book.needs(rule).computed if key in known and key in book.derived]
    spared = {ref for key in computed for ref in book.derived[key].refs}
    missing = [fact for fact in list_asked(rule, book) if fact not in known | spared]
    # A fact that the columns there are suffice to compute is not missing.
    return [book.facts[f] for f in missing if f not in book.derived or not set(book.derived[f].refs) <= known]


def tell_missing(facts: Iterable[Fact]) -> list[str]:
    """Say once which columns there are not."""
    headers = expected_headers(facts)
    return [f"缺少列：{'、'.join(headers)}，按未知处理"] if headers else []


def _some(names: Sequence[str]) -> str:
    more = f"等 {len(names)} 列" if len(names) > _MOST_SHOWN else ""
    return "、".join(names[:_MOST_SHOWN]) + more


# -- rows ----------------------------------------------------------------------------------------------


class RowReader:
    """Reads rows of one table; a value that stood in the column before is not read again."""

    def __init__(self, book: Book, table: Table) -> None:
        self._book = book
        self._columns = table.fact_columns
        self._cells: list[dict[tuple[type, CellValue], Stated | str | None]] = [{} for _ in self._columns]
        self._contradictions: dict[tuple[Stated | None, ...], tuple[CellFault, ...]] = {}

    def read(self, row: Row) -> RowRead:
        """What a row states."""
        stated: dict[str, Stated] = {}
        faults: list[CellFault] = []
        for column, cells in zip(self._columns, self._cells, strict=True):
            assert column.fact is not None
            value = row[column.place] if column.place < len(row) else None
            key = (value.__class__, value)
            if key not in cells:
                if len(cells) > _MOST_CACHED:
                    cells.clear()
                cells[key] = read_cell(column, value)
            read = cells[key]
            if isinstance(read, str):
                faults.append(CellFault(read, column.place))
            elif read is not None:
                stated[column.fact.id] = read
        return RowRead(stated, tuple(faults) or self._contradict(stated))

    def _contradict(self, stated: dict[str, Stated]) -> tuple[CellFault, ...]:
        if len(stated) < 2:
            return ()
        key = tuple(stated.get(c.fact.id) for c in self._columns if c.fact)
        if key not in self._contradictions:
            if len(self._contradictions) > _MOST_CACHED:
                self._contradictions.clear()
            faults = find_contradictions(self._book, stated)
            self._contradictions[key] = tuple(CellFault(self._describe(fault, stated)) for fault in faults)
        return self._contradictions[key]

    def _describe(self, fault: Fault, stated: Mapping[str, Stated]) -> str:
        """A contradiction with the values that make it."""
        refs = next((e.refs for e, message in self._book.constraints if message == fault.message), ())
        values = [f"{self._book.facts[r].label} {stated[r].shown}" for r in refs if r in stated]
        return f"{fault.message}（{'，'.join(values)}）" if values else fault.message


def read_cell(column: Column, value: CellValue) -> Stated | str | None:
    """What a cell states: a value, a fault in words, or None for nothing."""
    fact = column.fact
    assert fact is not None
    if isinstance(value, str) and value.startswith("="):
        value = Flawed(value, "是公式")
    if isinstance(value, Flawed):
        shown = f"“{value.text}”" if value.text else ""
        remedy = "取消合并，每行各填各的" if value.why == "是合并单元格" else "请粘贴为数值"
        return f"{column.header}：{shown}{value.why}，{remedy}"
    given = _with_unit(column, value)
    if isinstance(given, Flawed):
        return f"{column.header}：{given.text} {given.why}"
    read = fact.state(given)
    if not isinstance(read, Fault):
        return read
    reason = read.message.removeprefix(f"{fact.label}：")
    shown = "" if show_cell(value)[:8] in reason else f"“{show_cell(value)}”"
    return f"{column.header}：{shown}{reason}"


def _with_unit(column: Column, value: CellValue) -> object:
    """A number in the unit of its header; one that carries its own keeps it.

    Under a header that says %, 0.65 may be either: that is a flaw.
    """
    fact, text = column.fact, squeeze(str(value))
    is_plain = fact is not None and fact.type in ("integer", "decimal", "share") and _PLAIN.fullmatch(text)
    if not column.unit or not is_plain or isinstance(value, bool | date):
        return value
    numbers = [Fraction(n.replace(",", "")) for n in _NUMBER.findall(text)]
    if column.unit == _PER_CENT and any(0 < n <= 1 for n in numbers):
        return Flawed(text, "看不出是百分之几，请写成带 % 的数，如 65%")
    return _NUMBER.sub(lambda m: m[0] + column.unit, text)
