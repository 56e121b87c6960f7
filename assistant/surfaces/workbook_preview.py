"""A checked table → what a page shows of it: the first rows of each outcome, the cells that could not be used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from openpyxl.utils import get_column_letter

from assistant.surfaces.workbook_columns import CellFault, RowRead, Table
from assistant.surfaces.workbook_mask import mask_cell, mask_text
from assistant.surfaces.workbook_read import CellValue, show_cell
from assistant.surfaces.workbook_texts import RowTexts

PREVIEW_ROWS = 20
"""Rows of each outcome that the preview shows."""
ERRORS_SHOWN = 200
_SHOWN_COLUMNS = 2


class RowShown(NamedTuple):
    """A row of the preview: its number in the sheet, the first of the user's own cells, and what was found."""

    number: int
    own: tuple[str, ...]
    texts: RowTexts


class RowError(NamedTuple):
    """A cell that could not be used; `column` is its letter, empty where several cells disagree."""

    number: int
    column: str
    text: str


class OwnCells(NamedTuple):
    """The user's columns that are no facts, by row, with personal numbers masked, and how many were.

    Attributes:
        headers: of those columns that the preview shows.
        places: of the same, 0-based.
    """

    headers: tuple[str, ...]
    places: tuple[int, ...]
    rows: list[dict[int, CellValue]]
    n_masked: int


def mask_own(table: Table) -> OwnCells:
    """Mask the columns that are kept as they are."""
    columns = [column for column in table.columns if column.fact is None]
    rows, n_masked = [], 0
    for row in table.rows:
        own = {c.place: row[c.place] for c in columns if c.place < len(row)}
        masked = {place: mask_cell(value) for place, value in own.items()}
        n_masked += sum(masked[place] != value for place, value in own.items())
        rows.append(masked)
    shown = [column for column in columns if column.header][:_SHOWN_COLUMNS]
    return OwnCells(tuple(mask_text(c.header) for c in shown), tuple(c.place for c in shown), rows, n_masked)


def list_preview(table: Table, own: OwnCells, texts: Sequence[RowTexts]) -> tuple[RowShown, ...]:
    """The first rows of each outcome, in the order of the sheet."""
    n_shown: Counter[str] = Counter()
    rows = []
    for number, masked, text in zip(table.numbers, own.rows, texts, strict=True):
        if n_shown[text.outcome] < PREVIEW_ROWS:
            n_shown[text.outcome] += 1
            cells = tuple(show_cell(masked.get(place)) for place in own.places)
            rows.append(RowShown(number, cells, text))
    return tuple(rows)


def list_errors(table: Table, reads: Sequence[RowRead]) -> tuple[RowError, ...]:
    """The first cells that could not be used."""
    found = (
        locate_fault(number, fault)
        for number, read in zip(table.numbers, reads, strict=True)
        for fault in read.faults
    )
    return tuple(islice(found, ERRORS_SHOWN))


def locate_fault(number: int, fault: CellFault) -> RowError:
    """A fault of a row with the letter of its column."""
    letter = "" if fault.place is None else get_column_letter(fault.place + 1)
    return RowError(number, letter, mask_text(fault.text))
