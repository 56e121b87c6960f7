"""xlsx or csv bytes → rows of cell values; nothing is computed, nothing is guessed.

In: the file as it was uploaded. Out: a `Grid`. A cell that has no value of its own (a formula, an error, part of a
merged range) comes as `Flawed` with the reason. Files that are made to harm are refused before they are unpacked:
the sizes a zip declares bound what is read from it.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from assistant.errors import RequestInvalid

MOST_ROWS = 200_000
MOST_COLUMNS = 500
MOST_MERGES = 10_000
MOST_UNPACKED = 400 * 2**20
MOST_PARTS = 2_000
MOST_RATIO = 250
"""Unpacked to packed bytes beyond which a file is no workbook but a bomb."""
HINT_SHEET = "说明"
CHOICE_SHEET = "选项"
Progress = Callable[[str, int, int], None]

# What the library leaves out of a file (drop-down lists, styles) is nothing that a check reads.
warnings.filterwarnings("ignore", module=r"openpyxl\..*")

_CHUNK = 2**20
_OVERLAP = 256
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
_REPORT_EVERY = 500
_SAVE_AS = "在 Excel 中另存为 .xlsx 或 .csv 后重新上传"


class Flawed(NamedTuple):
    """A cell without a value of its own: what it shows, and why it cannot be used."""

    text: str
    why: str


CellValue = None | bool | int | float | str | date | Flawed
Row = list[CellValue]


class Grid(NamedTuple):
    """The rows that hold anything, in order; they may differ in length.

    Attributes:
        notices: what was left out.
        numbers: of each row, the number that a spreadsheet shows beside it, from 1.
        sheet: name of the sheet; empty for a csv file.
    """

    rows: list[Row]
    notices: tuple[str, ...]
    numbers: list[int]
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """How large a table may be.

    Attributes:
        rows: with the header.
        unpacked: bytes of an xlsx when it is unpacked.
        hint: what to do with a larger one.
    """

    rows: int
    unpacked: int
    hint: str


def read_grid(data: bytes, progress: Progress, limit: Limit | None = None) -> Grid:
    """Read the first sheet of a workbook, or a csv file.

    Args:
        data: the file; what it is is told from its first bytes, not from its name.
        limit: None for the largest that is read at all.

    Raises:
        RequestInvalid: it is neither, too large, damaged, protected or holds macros.
    """
    limit = limit or Limit(MOST_ROWS, MOST_UNPACKED, "分成几个文件上传")
    if data.startswith(b"PK\x03\x04"):
        return _read_xlsx(data, progress, limit)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise RequestInvalid("文件是旧版 .xls 或有密码，读不了", hint=f"取消密码，{_SAVE_AS}")
    reading = _Reading(progress, limit, data.count(b"\n"))
    rows, numbers = reading.keep(_read_csv(data))
    return Grid(rows, (), numbers)


@dataclass(frozen=True, slots=True)
class _Reading:
    """Reads rows up to a limit; `n_expected` is about how many there will be."""

    progress: Progress
    limit: Limit
    n_expected: int

    def keep(self, rows: Iterable[Row]) -> tuple[list[Row], list[int]]:
        """The rows that hold anything, and their numbers.

        Raises:
            RequestInvalid: there are too many, or one is too long.
        """
        kept: list[Row] = []
        numbers: list[int] = []
        for number, row in enumerate(rows, 1):
            while row and show_cell(row[-1]) == "":
                row.pop()
            if not row:
                continue
            if len(row) > MOST_COLUMNS:
                raise RequestInvalid(f"表格有 {len(row)} 列，最多 {MOST_COLUMNS} 列", hint="删去不需要的列")
            if len(kept) > self.limit.rows:
                raise RequestInvalid(f"表格超过 {self.limit.rows} 行", hint=self.limit.hint)
            kept.append(row)
            numbers.append(number)
            if len(kept) % _REPORT_EVERY == 0:
                self.progress("读取表格", len(kept), max(len(kept), min(self.n_expected, self.limit.rows)))
        return kept, numbers


# -- csv -----------------------------------------------------------------------------------------------


def _read_csv(data: bytes) -> Iterator[Row]:
    text = _decode(data)
    first_line = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first_line.count)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            yield [cell.strip() or None for cell in row]
    except csv.Error as exc:
        raise RequestInvalid("csv 文件读不下去：有一格太长或引号不成对", hint=_SAVE_AS) from exc


def _decode(data: bytes) -> str:
    is_utf_16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ("utf-16",) if is_utf_16 else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise RequestInvalid("文件不是 xlsx，也不是文字格式的 csv", hint=_SAVE_AS)


# -- xlsx ----------------------------------------------------------------------------------------------


def _read_xlsx(data: bytes, progress: Progress, limit: Limit) -> Grid:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _refuse_harmful(archive, limit.unpacked)
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
            if not book.worksheets:
                raise RequestInvalid("文件里没有工作表", hint=_SAVE_AS)
            sheet = book.worksheets[0]
            merged, n_rows = _scan_sheet(archive, _path_of(sheet))
            reading = _Reading(progress, limit, n_rows)
            sheet.reset_dimensions()
            rows, numbers = reading.keep(_flag_merged(_read_rows(sheet), merged))
    except RequestInvalid:
        raise
    # The library raises whatever a damaged part makes it stumble over.
    except Exception as exc:
        raise RequestInvalid("xlsx 文件已损坏，读不出来", hint=f"用 Excel 打开检查，{_SAVE_AS}") from exc
    others = [s.title for s in book.worksheets[1:] if s.title not in (HINT_SHEET, CHOICE_SHEET)]
    notices = (f"只检查了第一个工作表“{sheet.title}”",) if others else ()
    return Grid(rows, notices, numbers, sheet.title)


def _refuse_harmful(archive: zipfile.ZipFile, most_unpacked: int) -> None:
    """Refuse what would unpack without end, and what carries a program.

    Raises:
        RequestInvalid: it is one of these, or no workbook at all.
    """
    parts = archive.infolist()
    names = {part.filename.lower() for part in parts}
    unpacked = sum(part.file_size for part in parts)
    packed = max(1, sum(part.compress_size for part in parts))
    if any(part.flag_bits & 1 for part in parts):
        raise RequestInvalid("文件有密码，读不了", hint="取消密码后重新上传")
    if len(parts) > MOST_PARTS or unpacked > most_unpacked or unpacked > packed * MOST_RATIO + _CHUNK:
        raise RequestInvalid("文件解开后太大，不像正常的表格", hint=f"新建表格，只粘贴数值，{_SAVE_AS}")
    if "[content_types].xml" not in names:
        raise RequestInvalid("文件不是 xlsx 表格", hint=_SAVE_AS)
    types = archive.read("[Content_Types].xml") if "[Content_Types].xml" in archive.namelist() else b""
    if b"macroenabled" in types.lower() or any(name.endswith("vbaproject.bin") for name in names):
        raise RequestInvalid("文件含有宏，不接受", hint=_SAVE_AS)
    for part in parts:
        is_xml = part.filename.lower().endswith((".xml", ".rels"))
        if is_xml and any(b"<!DOCTYPE" in chunk for chunk in _chunks(archive, part.filename)):
            raise RequestInvalid("文件含有不安全的 XML 声明", hint=_SAVE_AS)


def _chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """A part of the file in pieces that overlap, so that nothing short is cut in two."""
    with archive.open(name) as part:
        tail = b""
        while chunk := part.read(_CHUNK):
            yield tail + chunk
            tail = chunk[-_OVERLAP:]


def _scan_sheet(archive: zipfile.ZipFile, path: str) -> tuple[set[tuple[int, int, int, int]], int]:
    """What a sheet says only at its end, and about how many rows it has.

    Returns:
        Merged ranges as (first column, first row, last column, last row), 1-based, inclusive; and the number.

    Raises:
        RequestInvalid: there are more than anybody makes by hand.
    """
    found: set[bytes] = set()
    n_rows = 0
    for chunk in _chunks(archive, path):
        found.update(_MERGE.findall(chunk))
        n_rows += chunk.count(b"<row ")
        if len(found) > MOST_MERGES:
            raise RequestInvalid("合并单元格太多", hint="全选后取消合并，每行填上各自的值")
    return {range_boundaries(cells.decode()) for cells in found}, n_rows  # type: ignore[misc]


def _path_of(sheet: Any) -> str:
    """The part of the archive that holds a sheet."""
    path: str = sheet._worksheet_path
    return path.lstrip("/")


def _read_rows(sheet: Any) -> Iterator[Row]:
    for cells in sheet.iter_rows():
        yield [None if cell.value is None else _read_cell(cell) for cell in cells]


def _read_cell(cell: Any) -> CellValue:
    value = cell.value
    if cell.data_type == "f":
        return Flawed(value if isinstance(value, str) else f"={getattr(value, 'text', '')}", "是公式")
    if cell.data_type == "e":
        return Flawed(str(value), "是错误值")
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, float) or value in (0, 1):
        return value if isinstance(value, bool) or "%" not in cell.number_format else _percent(value)
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value
    return value if isinstance(value, int | date) else str(value)


def _percent(value: float) -> str:
    """A number that the sheet shows as a percentage, as it shows it."""
    return f"{(Decimal(repr(value)) * 100).normalize():f}%"


def _flag_merged(rows: Iterator[Row], merged: set[tuple[int, int, int, int]]) -> Iterator[Row]:
    """The rows, with every cell of a merged range flawed."""
    opened: dict[int, list[tuple[int, int, int, int]]] = {}
    closed: dict[int, list[tuple[int, int, int, int]]] = {}
    for box in merged:
        opened.setdefault(box[1], []).append(box)
        closed.setdefault(box[3] + 1, []).append(box)
    covered: Counter[int] = Counter()
    for number, row in enumerate(rows, 1):
        for step, boxes in ((1, opened.get(number, ())), (-1, closed.get(number, ()))):
            for first, _, last, _ in boxes:
                for column in range(first, min(last, MOST_COLUMNS) + 1):
                    covered[column] += step
        for column in [c for c, n in covered.items() if n > 0] if covered else ():
            while len(row) < column and row:
                row.append(None)
            if row:
                row[column - 1] = Flawed(show_cell(row[column - 1]), "是合并单元格")
        yield row


def show_cell(value: CellValue) -> str:
    """A cell as text."""
    if value is None:
        return ""
    if isinstance(value, Flawed):
        return value.text
    if isinstance(value, bool):
        return "是" if value else "否"
    return value.isoformat() if isinstance(value, date) else str(value)
