"""Rows of cells in, tab-separated lines out: the one table layout that all readers share.

A table is written as the supplied texts have it: one line a row, cells joined by a tab, the column
count the same in every row. A merged cell stands once, where it begins; the places it covers are
empty, so that a row can be read by column without knowing the merges.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class SpanCell(NamedTuple):
    """A cell that may cover further columns and rows; both spans count the cell itself."""

    text: str
    n_columns: int = 1
    n_rows: int = 1


def render_rows(rows: Sequence[Sequence[str]]) -> str:
    """Write rows as lines of tab-joined cells.

    Args:
        rows: texts by row and column; a short row is filled up with empty cells at its end. Any run
            of whitespace in a cell, a line break too, becomes one space.

    Returns:
        The lines, joined by a newline; empty where no cell holds text.
    """
    width = max((len(row) for row in rows), default=0)
    cells = [[" ".join(cell.split()) for cell in row] + [""] * (width - len(row)) for row in rows]
    if not any(cell for row in cells for cell in row):
        return ""
    return "\n".join("\t".join(row) for row in cells)


def spread_spans(rows: Sequence[Sequence[SpanCell]]) -> list[list[str]]:
    """Lay cells with column and row spans out on a grid.

    Returns:
        Texts by row and column; places covered by a span are empty.
    """
    grid: list[list[str]] = []
    covered: dict[int, int] = {}  # column -> rows below that a cell above still covers
    for cells in rows:
        line: list[str] = []
        below: dict[int, int] = {}
        for cell in cells:
            while covered.get(len(line), 0) > 0:
                line.append("")
            below.update(dict.fromkeys(range(len(line), len(line) + cell.n_columns), cell.n_rows - 1))
            line += [cell.text, *[""] * (cell.n_columns - 1)]
        while covered.get(len(line), 0) > 0:
            line.append("")
        covered = {column: n - 1 for column, n in covered.items() if n > 1} | below
        grid.append(line)
    return grid
