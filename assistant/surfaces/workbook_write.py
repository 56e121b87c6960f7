"""A checked table → an xlsx of three sheets; a rule → an empty template to fill in.

Written row by row, so that a hundred thousand rows never stand in memory as cells. What a user wrote is never
written as a formula: text that a spreadsheet would run is led by an apostrophe.
"""

from __future__ import annotations

import io
import json
import math
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties

from assistant.rules.facts import Fact
from assistant.surfaces.schema import GENERATED
from assistant.surfaces.workbook_charts import SheetChart, add_chart
from assistant.surfaces.workbook_columns import expected_headers
from assistant.surfaces.workbook_read import CHOICE_SHEET, HINT_SHEET, CellValue, Flawed

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_LONGEST = 32_000
"""Characters of a cell; Excel takes 32,767."""
_WIDTHS = (8, 60)
_SAMPLE = 200
"""Rows that decide how wide a column is."""
_TEMPLATE_ROWS = 2_000
_LINE, _MOST_LINES = 15, 25
"""Height of a line in points, and how many a row may have: Excel takes 409 points."""
_AIGC = json.dumps(
    {
        "Label": "1",
        **dict.fromkeys(("ContentProducer", "ContentPropagator"), "tiaowen"),
        **dict.fromkeys(("ProduceID", "ReservedCode1", "PropagateID", "ReservedCode2"), ""),
    }
)
_A4 = 9
"""The number of this size of paper in a workbook."""
_BOLD = Font(bold=True)
_GREY = PatternFill("solid", fgColor="E7E6E6")
_TOP = Alignment(vertical="top", wrap_text=True)
_TOP_PLAIN = Alignment(vertical="top")

_HOW_TO = {
    "integer": "整数；只知道范围写 <80 或 40..49",
    "decimal": "数字；只知道范围写 <80 或 40..49",
    "share": "百分数，如 65%",
    "boolean": "是 或 否",
    "choice": "从下拉列表中选",
    "date": "日期，如 2021-05-10",
    "name": "名称",
    "names": "名称，几个之间用顿号",
}


class SheetRows(NamedTuple):
    """A sheet to write; `is_wrapped` where long texts go on in further lines of their cell."""

    title: str
    headers: Sequence[str]
    rows: Iterable[Sequence[CellValue]]
    widths: Sequence[int]
    charts: Sequence[SheetChart] = ()
    is_wrapped: bool = False


def write_workbook(sheets: Iterable[SheetRows], *, is_generated: bool = False) -> bytes:
    """Write the sheets, each with its header frozen.

    Args:
        is_generated: some of the text was worded by a language model; the file's properties say so.

    Source:
        GB 45438-2025: the implicit label is a member AIGC of the metadata of a file.
    """
    book = Workbook(write_only=True)
    if is_generated:
        book.properties.keywords = GENERATED
        book.custom_doc_props.append(  # type: ignore[attr-defined]  # the stubs do not know it
            StringProperty(name="AIGC", value=_AIGC)
        )
    for sheet in sheets:
        written = book.create_sheet(sheet.title)
        written.freeze_panes = "A2"
        _fit_paper(written)
        for i, width in enumerate(sheet.widths, 1):
            written.column_dimensions[get_column_letter(i)].width = width
        written.append([_header_cell(written, header) for header in sheet.headers])
        for number, row in enumerate(sheet.rows, 2):
            cells = [clean_cell(value) for value in row]
            if sheet.is_wrapped:
                written.row_dimensions[number].height = _LINE * _count_lines(cells, sheet.widths)
                cells = [_wrap(written, cell) for cell in cells]
            written.append(cells)
        for chart in sheet.charts:
            add_chart(written, chart)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _fit_paper(sheet: Any) -> None:
    """Printed, a sheet is as wide as the paper and has its header on every page."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A4
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight = 0
    sheet.print_title_rows = "1:1"


def _wrap(sheet: Any, value: Any) -> Any:
    """A cell that stands at the top of its row; a number is never broken."""
    if value is None:
        return None
    cell = WriteOnlyCell(sheet, value)
    cell.alignment = _TOP if isinstance(value, str) else _TOP_PLAIN
    return cell


def _header_cell(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, str(clean_cell(text)))
    cell.font, cell.fill, cell.alignment = _BOLD, _GREY, _TOP
    return cell


def clean_cell(value: CellValue) -> bool | int | float | str | date | None:
    """A value as it may be written: no formula, no control characters, not too long."""
    if isinstance(value, Flawed):
        value = value.text
    if not isinstance(value, str):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST]
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def find_widths(headers: Sequence[str], rows: Sequence[Sequence[CellValue]]) -> list[int]:
    """Widths of columns in characters, by their first rows."""
    lengths = [_length(header) for header in headers]
    for row in rows[:_SAMPLE]:
        for i, value in enumerate(row[: len(lengths)]):
            lengths[i] = max(lengths[i], _length("" if value is None else str(value)[:100]))
    return [min(max(n + 2, _WIDTHS[0]), _WIDTHS[1]) for n in lengths]


def _length(text: str) -> int:
    """Columns a text takes; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _count_lines(cells: Sequence[object], widths: Sequence[int]) -> int:
    """Lines of the cell that takes most; a spreadsheet need not measure rows when it opens the file."""
    taken = (
        math.ceil(_length(cell) / (width - 2))
        for cell, width in zip(cells, widths, strict=False)
        if isinstance(cell, str)
    )
    return min(max(1, *taken, 1), _MOST_LINES)


# -- templates -----------------------------------------------------------------------------------------


def write_template(label: str, facts: Sequence[Fact], rows: Iterable[Sequence[CellValue]] = ()) -> bytes:
    """A table to fill in for some facts: headers, drop-down lists, and a sheet that says what goes where.

    Args:
        rows: what is filled in already, in the order of `facts`.
    """
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "填写"
    sheet.freeze_panes = "A2"
    headers = expected_headers(facts)
    hints, choices = book.create_sheet(HINT_SHEET), book.create_sheet(CHOICE_SHEET)
    choices.sheet_state = "hidden"
    hints.append([f"{label}：每行一例。不知道的留空；可以自己加列（如名称），原样保留。"])
    hints.append(["列名", "要填的内容", "写法", "可选值"])
    for i, (fact, header) in enumerate(zip(facts, headers, strict=True), 1):
        cell = sheet.cell(1, i, header)
        cell.font, cell.fill, cell.alignment = _BOLD, _GREY, _TOP
        sheet.column_dimensions[get_column_letter(i)].width = find_widths([header], [])[0]
        hints.append([header, fact.data.ask, _HOW_TO[fact.type], "、".join(fact.data.choices)])
        if options := list(fact.data.choices) or (["是", "否"] if fact.type == "boolean" else []):
            _add_choices(sheet, choices, i, options)
    for row in rows:
        sheet.append([clean_cell(value) for value in row])
    for letter, width in zip("ABCD", (28, 48, 32, 60), strict=True):
        hints.column_dimensions[letter].width = width
    for cell in hints[2]:
        cell.font, cell.fill = _BOLD, _GREY
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _add_choices(sheet: Any, choices: Any, column: int, options: Sequence[str]) -> None:
    """A drop-down list; the options stand in a hidden sheet, because a list in the cell's rule is short."""
    letter = get_column_letter(column)
    for row, option in enumerate(options, 1):
        choices.cell(row, column, option)
    rule = DataValidation(
        type="list", formula1=f"{CHOICE_SHEET}!${letter}$1:${letter}${len(options)}", allow_blank=True
    )
    rule.errorTitle, rule.error = "不在可选值里", "请从下拉列表中选；不知道就留空"
    sheet.add_data_validation(rule)
    rule.add(f"{letter}2:{letter}{_TEMPLATE_ROWS}")
