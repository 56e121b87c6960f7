"""Rows of an annex → a table as it was printed: header, cells in their columns, merged cells spanning rows.

In: the row clauses of one table, whose cells carry their headers and spans. Out: a grid that HTML can show. A cell
stands under its header; in a form, which has none, cells stand one after the other behind the merged cells that hang
over the row, and the last one takes the rest of the line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.models import Cell, Clause, Document, Span
from assistant.surfaces.web.places import clause_anchor
from assistant.surfaces.web.reader_text import Piece, flow_pieces


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell of the grid; one without pieces is empty in the source."""

    pieces: tuple[Piece, ...] = ()
    rowspan: int = 1
    colspan: int = 1


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row of the grid; `anchor` is empty where its marked words carry it."""

    clause: Clause
    anchor: str
    cells: tuple[GridCell, ...]

    @property
    def is_cited(self) -> bool:
        """Whether marked words stand in it."""
        return any(piece.is_marked for cell in self.cells for piece in cell.pieces)


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `name` is what it is about, for those who cannot see it."""

    name: str
    head: tuple[GridRow, ...]
    body: tuple[GridRow, ...]


def build_table(document: Document, rows: Sequence[Clause], mark: Span | None = None) -> Table:
    """Build the table of consecutive rows."""
    columns = list(dict.fromkeys(cell.header for row in rows for cell in row.cells if cell.header))
    n_shared = min(len(row.headings) for row in rows)
    groups = [row.headings[n_shared:] for row in rows]
    places = [_place(row.cells, columns, len(group)) for row, group in zip(rows, groups, strict=True)]
    width = max([len(columns), *(place[-1] + 1 for place in places)])
    grid, covered = [], dict.fromkeys(range(width), -1)
    for i, row in enumerate(rows):
        cells = []
        for place, cell, text in _fill(document, row, places[i], width, mark):
            if not cell.pieces and covered[place] >= i:
                continue
            n_rows = _count_rows(groups, i, place, text)
            covered[place] = i + n_rows - 1
            cells.append(GridCell(cell.pieces, n_rows, cell.colspan))
        grid.append(_build_row(row, cells))
    n_head = next((i for i, row in enumerate(rows) if row.kind != "heading"), len(rows))
    name = rows[0].headings[n_shared - 1] if n_shared else rows[0].label
    return Table(name, tuple(grid[:n_head]), tuple(grid[n_head:]))


def _place(cells: Sequence[Cell], columns: Sequence[str], n_hanging: int) -> list[int]:
    """The column of each cell: that of its header, else one after the other."""
    if all(cell.header in columns for cell in cells):
        places = [columns.index(cell.header) for cell in cells]
        if places == sorted(set(places)):
            return places
    return list(range(n_hanging, n_hanging + len(cells)))


def _fill(
    document: Document, row: Clause, places: Sequence[int], width: int, mark: Span | None
) -> list[tuple[int, GridCell, str]]:
    """The cells of a row with their columns and texts, empty ones between them."""
    cells: list[tuple[int, GridCell, str]] = []
    at = 0
    is_headed = all(cell.header for cell in row.cells)
    for i, (cell, place) in enumerate(zip(row.cells, places, strict=True)):
        cells += [(empty, GridCell(), "") for empty in range(at, place)]
        is_last = i + 1 == len(places)
        colspan = width - place if is_last and not is_headed else 1
        pieces = flow_pieces(document.source, Span(cell.start, cell.end), mark)
        cells.append((place, GridCell(tuple(pieces), 1, colspan), cell.text))
        at = place + colspan
    cells += [(empty, GridCell(), "") for empty in range(at, width)]
    return cells


def _count_rows(groups: Sequence[tuple[str, ...]], i: int, place: int, text: str) -> int:
    """How many rows a cell covers: those behind it over which its text hangs."""
    n_rows = 1
    for group in groups[i + 1 :]:
        if not text or len(group) <= place or group[place] != text:
            break
        n_rows += 1
    return n_rows


def _build_row(row: Clause, cells: Sequence[GridCell]) -> GridRow:
    """The row with its anchor: at its first marked words where it has them."""
    anchor, anchored = clause_anchor(row.path), []
    for cell in cells:
        pieces = list(cell.pieces)
        for i, piece in enumerate(pieces):
            if piece.is_marked and anchor:
                pieces[i] = piece._replace(anchor=anchor)
                anchor = ""
        anchored.append(GridCell(tuple(pieces), cell.rowspan, cell.colspan))
    return GridRow(row, anchor, tuple(anchored))
