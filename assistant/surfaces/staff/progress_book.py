"""Progress as workbooks: an empty one to fill in, and the result with its clauses, its totals and a chart."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from assistant.documents.normalize import squeeze
from assistant.rules.book import Book
from assistant.surfaces.schema import FOOTER
from assistant.surfaces.staff.progress_figures import Measured, Totals, cut_share
from assistant.surfaces.staff.targets import NAME, Target, list_columns, row_names
from assistant.surfaces.web.texts import load_texts
from assistant.surfaces.workbook_charts import SheetChart
from assistant.surfaces.workbook_clauses import ClauseList
from assistant.surfaces.workbook_read import CellValue
from assistant.surfaces.workbook_write import SheetRows, write_template, write_workbook

_MOST_BARS = 20
_WIDTHS = (36, 14, 14, 12, 14, 18, 18, 44, 36, 44)


@dataclass(frozen=True, slots=True)
class ProgressResult:
    """What was found.

    Attributes:
        clauses: those that the goals rest on; filled by `name_basis`.
        notices: what must be told once; `notes` what only explains.
    """

    target: Target
    as_of: date
    measured: Sequence[Measured]
    totals: Totals
    clauses: ClauseList
    notices: tuple[str, ...]
    notes: tuple[str, ...]
    corpus_version: str


def template_progress(book: Book, target: Target) -> bytes:
    """The table to fill in: rows and figures of an annex, or one institution a row."""
    columns = list_columns(book, target)
    rows: list[list[CellValue]] = []
    if target.column is not None:
        for name, row in row_names(target.table).items():
            cells = {
                c.header: squeeze(row.cells[c.id].text) for c in target.table.columns if c.id in row.cells
            }
            own = [cells.get(fact.label) for fact in columns[1:-2]]
            rows.append([name, *own, _figure(Fraction(row.values[target.column.id])), None])
    assert columns[0].id == NAME
    return write_template(target.label, columns, rows)


def name_basis(clauses: ClauseList, row: Measured) -> str:
    """The clauses behind a goal by name."""
    return clauses.name(row.entry.goal.cites)


def write_progress(result: ProgressResult) -> bytes:
    """The result: rows worst first, clauses, totals with a chart."""
    texts = load_texts()["progress"]
    columns, unit = texts["result_columns"], result.target.unit
    headers = [header.format(unit=unit) for header in columns]
    rows = [_row(result, row) for row in result.measured]
    sheet = SheetRows(texts["sheet"], headers, rows, _WIDTHS, is_wrapped=len(rows) <= _MOST_WRAPPED)
    return write_workbook([sheet, result.clauses.sheet(), _summary(result)])


_MOST_WRAPPED = 500


def _row(result: ProgressResult, row: Measured) -> list[CellValue]:
    entry, states = row.entry, load_texts()["progress"]["states"]
    told = [entry.goal.reason, *entry.remarks, *(fault.text for fault in entry.faults)]
    return [
        entry.name,
        _figure(entry.goal.amount),
        _figure(entry.done),
        None if row.share is None else float(cut_share(row.share) * 100),
        _figure(row.gap),
        _figure(row.expected),
        states[row.state],
        entry.goal.trace or None,
        name_basis(result.clauses, row) or None,
        "；".join(filter(None, told)) or None,
    ]


def _figure(amount: Fraction | None) -> CellValue:
    """A number as the page shows it: whole, or cut off after one decimal."""
    if amount is None:
        return None
    return amount.numerator if amount.denominator == 1 else math.floor(amount * 10) / 10


def _summary(result: ProgressResult) -> SheetRows:
    texts = load_texts()["progress"]["summary"]
    totals, unit = result.totals, result.target.unit
    rows: list[Sequence[CellValue]] = [
        (texts["goal"].format(unit=unit), _figure(totals.goal)),
        (texts["done"].format(unit=unit), _figure(totals.done)),
        (texts["share"], None if totals.share is None else float(cut_share(totals.share) * 100)),
        (texts["reached"], totals.n_reached),
        (texts["left_out"], totals.n_left_out),
        (),
        (texts["worst"], texts["percent"]),
    ]
    first = len(rows) + 2
    bars = list(_bars(result.measured))
    rows += [*bars, (), (texts["target"], result.target.label), (texts["as_of"], result.as_of.isoformat())]
    rows += [(texts["notice"], notice) for notice in (*result.notices, *result.notes)]
    rows += [(texts["corpus"], result.corpus_version), ("", FOOTER)]
    charts = []
    if bars:
        title = load_texts()["progress"]["chart"]["title"]
        charts.append(SheetChart(title, first, first + len(bars) - 1, "D2", number_format="0.0"))
    return SheetRows(texts["title"], (texts["item"], texts["value"]), rows, (40, 60), charts, is_wrapped=True)


def _bars(measured: Sequence[Measured]) -> Iterator[Sequence[CellValue]]:
    known = [row for row in measured if row.share is not None]
    for row in known[:_MOST_BARS]:
        assert row.share is not None
        yield row.entry.name, float(cut_share(row.share) * 100)
