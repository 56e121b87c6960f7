"""What is done of the targets, from a workbook. The table is not stored: the result stands in the page as a link."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from assistant.dialogue.calculate import require_rules
from assistant.errors import RequestInvalid
from assistant.surfaces.edge import PAGE_UPLOAD
from assistant.surfaces.replies import find_assistant
from assistant.surfaces.staff.case_form import CaseForm, read_case
from assistant.surfaces.staff.charts import Bar, Chart, draw_chart
from assistant.surfaces.staff.files import data_address, download_name, xlsx_reply
from assistant.surfaces.staff.progress_book import (
    ProgressResult,
    name_basis,
    template_progress,
    write_progress,
)
from assistant.surfaces.staff.progress_figures import (
    Elapsed,
    Measured,
    Totals,
    measure,
    measure_year,
    show_amount,
    show_share,
    sum_up,
)
from assistant.surfaces.staff.progress_read import Reading, read_progress
from assistant.surfaces.staff.sign_in import StaffMember, require_staff
from assistant.surfaces.staff.targets import Target, group_targets, list_targets
from assistant.surfaces.staff.upload import Job, Upload, page_limit, read_upload, reply, require_file
from assistant.surfaces.web.pages import render_page
from assistant.surfaces.web.texts import load_texts
from assistant.surfaces.workbook_clauses import ClauseList
from assistant.surfaces.workbook_preview import ERRORS_SHOWN, RowError, locate_fault
from assistant.surfaces.workbook_read import Progress, read_grid

if TYPE_CHECKING:
    from assistant.app import Assistant
    from assistant.models import Document

PATH = "/staff/progress"
_MOST_BARS = 20
_MOST_ROWS = 100

router = APIRouter(prefix="/staff", include_in_schema=False, dependencies=[Depends(require_staff)])


@dataclass(frozen=True, slots=True)
class RowView:
    """A row of the page; numbers as they are shown."""

    name: str
    state: str
    goal: str
    done: str
    share: str
    gap: str
    expected: str
    trace: str
    basis: str
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProgressView:
    """What the page shows; see `batch.BatchView`."""

    file: str
    label: str
    unit: str
    as_of: str
    address: str
    download: str
    share: str
    totals: tuple[tuple[str, str], ...]
    notices: tuple[str, ...]
    notes: tuple[str, ...]
    chart: Chart | None
    mark: str
    sheet: str
    errors: tuple[RowError, ...]
    n_invalid: int
    rows: tuple[RowView, ...]
    n_rows: int
    links: dict[str, Any]


@router.get("/progress")
def show_progress(request: Request) -> Response:
    """The form."""
    assistant = find_assistant(request)
    case = read_case(assistant, request.query_params.multi_items(), request.app.state.today())
    values = {**_form_values(assistant, case, request), "result": None, "problem": ""}
    return render_page(request, "staff/progress.html", values)


@router.get("/progress/template.xlsx")
def progress_template(request: Request) -> Response:
    """The table to fill in for the chosen target."""
    assistant = find_assistant(request)
    case = read_case(assistant, request.query_params.multi_items(), request.app.state.today())
    target = _find_target(assistant, case)
    name = f"{load_texts()['progress']['template_name']}-{target.label}.xlsx"
    return xlsx_reply(template_progress(assistant.calculator.book, target), name)


@router.post("/progress")
def measure_progress(
    request: Request,
    upload: Annotated[Upload, Depends(read_upload)],
    member: Annotated[StaffMember, Depends(require_staff)],
) -> Response:
    """Measure a filled-in table."""
    assistant = find_assistant(request)
    case = read_case(assistant, upload.fields, request.app.state.today())

    def run(progress: Progress) -> ProgressView:
        target = _find_target(assistant, case)
        grid = read_grid(require_file(upload), progress, page_limit("progress"))
        reading = read_progress(assistant.calculator, target, case.as_of, grid, progress)
        view = _build_view(assistant, target, reading, case.as_of, upload.name)
        request.app.state.access.note(member.name, "export", f"{PATH} {view.download}")
        return view

    form = _form_values(assistant, case, request)
    return reply(request, Job("staff/progress.html", "staff/progress_result.html", form, run))


def _form_values(assistant: Assistant, case: CaseForm, request: Request) -> dict[str, Any]:
    require_rules(assistant.calculator)
    groups = group_targets(assistant)
    chosen = case.rule or next((target.key for group in groups for target in group.targets), "")
    return {
        "case": case,
        "groups": groups,
        "chosen": chosen,
        "today": request.app.state.today().isoformat(),
        "most_bytes": PAGE_UPLOAD,
    }


def _find_target(assistant: Assistant, case: CaseForm) -> Target:
    """The chosen target, the first where none is chosen.

    Raises:
        RequestInvalid: there is no such target, or the day cannot be read.
    """
    if case.faults:
        raise RequestInvalid("；".join(case.faults.values()))
    targets = list_targets(assistant.calculator.book)
    found = next((target for target in targets if case.rule in ("", target.key)), None)
    if found is None:
        raise RequestInvalid(load_texts()["progress"]["unknown_target"].format(case.rule))
    return found


# -- the result ----------------------------------------------------------------------------------------


def _build_view(
    assistant: Assistant, target: Target, reading: Reading, as_of: date, file: str
) -> ProgressView:
    document = assistant.calculator.book.documents[target.rule.document]
    elapsed = measure_year(document.year, as_of)
    measured = measure(reading.entries, elapsed)
    clauses, totals = ClauseList(assistant.calculator.book), sum_up(measured)
    notices = (*reading.notices, *_warn(document, totals, as_of))
    notes = tuple(_explain(assistant, target, elapsed, as_of))
    version = assistant.corpus_version
    result = ProgressResult(target, as_of, measured, totals, clauses, notices, notes, version)
    data = write_progress(result)
    errors = [locate_fault(m.entry.number, fault) for m in measured for fault in m.entry.faults]
    return ProgressView(
        file=file,
        label=target.label,
        unit=target.unit,
        as_of=as_of.isoformat(),
        address=data_address(data),
        download=download_name(load_texts()["progress"]["download_name"], file, as_of),
        share=show_share(totals.share),
        totals=tuple(_show_totals(totals, target.unit, len(measured))),
        notices=notices,
        notes=notes,
        chart=_draw(measured, elapsed),
        mark=show_share(elapsed.share) if elapsed else "",
        sheet=reading.sheet,
        errors=tuple(sorted(errors)[:ERRORS_SHOWN]),
        n_invalid=sum(m.state == "invalid" for m in measured),
        rows=tuple(_view_row(row, clauses) for row in measured[:_MOST_ROWS]),
        n_rows=len(measured),
        links=clauses.links(),
    )


def _warn(document: Document, totals: Totals, as_of: date) -> Iterator[str]:
    """What bears on what the figures are worth."""
    texts, year = load_texts()["progress"], document.year
    if year is not None and year != as_of.year:
        told = {"title": document.title, "year": year, "as_of": as_of.isoformat()}
        yield texts["year_past" if as_of.year > year else "year_ahead"].format(**told)
    if totals.n_left_out:
        yield texts["left_out"].format(n=totals.n_left_out)


def _explain(assistant: Assistant, target: Target, elapsed: Elapsed | None, as_of: date) -> Iterator[str]:
    """How the figures were made."""
    texts = load_texts()["progress"]
    yield from _tell_stated_total(assistant, target, as_of)
    if elapsed:
        yield texts["elapsed"].format(as_of=as_of.isoformat(), **elapsed._asdict())
    yield texts["rounding"]


def _tell_stated_total(assistant: Assistant, target: Target, as_of: date) -> Iterator[str]:
    """The sum that an annex states of its own column, where it does."""
    if target.column is None or sum(c.kind == "number" for c in target.table.columns) != 1:
        return
    key = f"{target.rule.document}/{target.rule.id.replace('-', '_')}_total"
    parameter = assistant.calculator.book.parameters.get(key)
    dated = parameter.value_at(as_of) if parameter else None
    if dated is not None:
        added = sum(row.values[target.column.id] for row in target.table.rows)
        told = {"total": dated.shown, "sum": added, "unit": target.unit}
        yield load_texts()["progress"]["stated_total"].format(**told)


def _show_totals(totals: Totals, unit: str, n_all: int) -> Iterator[tuple[str, str]]:
    texts = load_texts()["progress"]["totals"]
    yield texts["goal"], f"{show_amount(totals.goal)} {unit}"
    yield texts["done"], f"{show_amount(totals.done)} {unit}"
    yield texts["gap"], f"{show_amount(max(totals.goal - totals.done, totals.goal * 0))} {unit}"
    yield texts["reached"], texts["of"].format(n=totals.n_reached, all=n_all)


def _draw(measured: Sequence[Measured], elapsed: Elapsed | None) -> Chart | None:
    """The shares of the rows that are furthest behind."""
    texts = load_texts()["progress"]["chart"]
    known = [row for row in measured if row.share is not None]
    bars = [
        Bar(
            row.entry.name or str(row.entry.number),
            row.share,
            texts["shown"].format(
                share=show_share(row.share),
                done=show_amount(row.entry.done),
                goal=show_amount(row.entry.goal.amount),
            ),
            row.state,
            elapsed.share if elapsed else None,
        )
        for row in known[:_MOST_BARS]
        if row.share is not None
    ]
    if not bars:
        return None
    title = texts["title_first"].format(n=_MOST_BARS) if len(known) > _MOST_BARS else texts["title"]
    return draw_chart("progress", title, (texts["row"], texts["share"]), bars, full=1)


def _view_row(row: Measured, clauses: ClauseList) -> RowView:
    entry = row.entry
    return RowView(
        name=entry.name,
        state=row.state,
        goal=show_amount(entry.goal.amount),
        done=show_amount(entry.done),
        share=show_share(row.share),
        gap=show_amount(row.gap),
        expected=show_amount(row.expected),
        trace=entry.goal.trace,
        basis=name_basis(clauses, row),
        told=tuple(filter(None, [entry.goal.reason, *entry.remarks, *(f.text for f in entry.faults)])),
    )
