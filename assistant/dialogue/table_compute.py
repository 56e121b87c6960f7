"""Rows that were chosen → the figure that is asked of them, exact.

In: a `Grid`, the operation and the `Chosen` rows. Out: a `TableFinding`, or None where the rows have no such figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from assistant.dialogue.table_filter import Chosen
from assistant.dialogue.table_grid import Grid, read_figure, read_total
from assistant.dialogue.table_names import list_offices
from assistant.dialogue.table_wording import ENDS, Operation
from assistant.models import Clause
from assistant.rules.show import show_number


@dataclass(frozen=True, slots=True)
class TableFinding:
    """What a question over a table comes to.

    Attributes:
        table: the clause that heads the table.
        rows: those that count, in the table's order; for the largest and smallest those that have it; none where no row is
            as asked.
        value: the figure; None where only rows are listed.
        n_read: rows that were looked at.
        filters: the words by which rows were chosen; empty where all were.
        figures: the figure of each row, in its order; empty where the table has none.
        key: header of the column that names the rows.
        row_unit: unit of the rows' own figures; `figure` the header of their column.
        sides: what was named, rows or offices, each with its figure.
        total: the row of the table that states its own total, where all rows were added or are the whole of a share.
        left_out: sum of the rows that the question leaves out of a sum.
        rank: place by size that was asked for, from the largest, or from the least where `is_from_least`.
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
    sides: tuple[tuple[str, Fraction], ...] = ()
    row_unit: str = ""
    total: Clause | None = None
    rank: int = 0
    is_from_least: bool = False
    left_out: Fraction = Fraction(0)
    figure: str = ""


def find_none(grid: Grid, words: tuple[str, ...]) -> TableFinding:
    """That no row is as the words say."""
    return TableFinding(grid.table, "none", (), None, "", len(grid.rows), grid.key, words)


def count_offices(grid: Grid, chosen: Chosen, text: str) -> TableFinding | None:
    """How many offices the rows name; None where some are named as a group only."""
    names = list_offices(grid, chosen.rows, text)
    if not names:
        return None
    value = Fraction(len(names))
    return TableFinding(
        grid.table, "offices", tuple(chosen.rows), value, "个", len(chosen.rows), grid.key, tuple(names)
    )


def find_ranked(grid: Grid, chosen: Chosen) -> TableFinding | None:
    """The figure of the rows that have the place by size which was asked for."""
    found = compute(grid, "max", chosen)
    return (
        replace(found, operation="rank", rank=chosen.rank, is_from_least=chosen.is_from_least)
        if found
        else None
    )


def add_figures(grid: Grid, rows: Iterable[Clause]) -> Fraction:
    """Sum of the rows' figures."""
    return sum((read_figure(r, grid.figure) or Fraction(0) for r in rows), Fraction(0))


def compute(grid: Grid, operation: Operation, chosen: Chosen) -> TableFinding | None:
    """What an operation gives for the rows chosen; None where it needs other ones."""
    rows, filters = chosen.rows, chosen.words
    stated = [(r, f) for r in rows if (f := read_figure(r, grid.figure)) is not None] if grid.figure else []
    figures = [f for _, f in stated]
    kept, unit = [r for r, _ in stated], grid.unit
    value: Fraction | None = None
    if operation in ("count", "list"):
        kept, figures = list(rows), figures if len(figures) == len(rows) else []
        value, unit = (Fraction(len(rows)), "项") if operation == "count" else (None, unit)
        if operation == "list" and not filters:
            return None
    elif (computed := _compute_value(grid, operation, chosen.sides, figures)) is None:
        return None
    else:
        value, unit = computed
    if operation in ENDS:
        kept = [r for r, f in stated if f == value]
        figures = [f for f in figures if f == value]
    is_rest = operation == "sum" and chosen.left_out > 0
    takes_total = (operation == "sum" and not filters) or operation == "share" or is_rest
    total = grid.totals[0] if takes_total and grid.totals else None
    return TableFinding(
        grid.table,
        operation,
        tuple(kept),
        value,
        unit,
        len(rows),
        grid.key,
        filters,
        tuple(figures),
        chosen.sides,
        grid.unit,
        total,
        left_out=chosen.left_out,
        figure=grid.figure,
    )


def _compute_value(
    grid: Grid, operation: Operation, sides: Sequence[tuple[str, Fraction]], figures: Sequence[Fraction]
) -> tuple[Fraction, str] | None:
    """A figure and its unit; None where the figures give none that can be written out."""
    if not figures:
        return None
    match operation:
        case "sum":
            return sum(figures, Fraction(0)), grid.unit
        case "max":
            return max(figures), grid.unit
        case "min":
            return min(figures), grid.unit
        case "difference" if len(sides) == 2:
            return abs(sides[0][1] - sides[1][1]), grid.unit
        case "ratio" if len(figures) == 2 and all(figures):
            ratio = figures[0] / figures[1]
            return None if "/" in show_number(ratio) else (ratio, "倍")
        case "share":
            whole = add_figures(grid, grid.rows)
            share = 100 * sum(figures, Fraction(0)) / whole
            is_odd = bool(grid.totals) and read_total(grid.totals[0], grid.figure) != whole
            return None if "/" in show_number(share) or is_odd else (share, "%")
        case _:
            return None
