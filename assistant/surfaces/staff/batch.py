"""A workbook of classes, checked row by row. The roster is not stored: the result stands in the page as a link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from assistant.dialogue.calculate import require_rules
from assistant.errors import RequestInvalid
from assistant.rules.law import Verdict
from assistant.surfaces.contract import CheckRequest
from assistant.surfaces.edge import PAGE_UPLOAD
from assistant.surfaces.replies import find_assistant
from assistant.surfaces.staff.case_form import CaseForm, read_case
from assistant.surfaces.staff.charts import Bar, Chart, draw_chart
from assistant.surfaces.staff.files import data_address, download_name, xlsx_reply
from assistant.surfaces.staff.sign_in import StaffMember, require_staff
from assistant.surfaces.staff.sources import list_choices, list_regions
from assistant.surfaces.staff.upload import Job, Upload, page_limit, read_upload, reply, require_file
from assistant.surfaces.web.pages import render_page
from assistant.surfaces.web.texts import load_texts
from assistant.surfaces.workbook import (
    BatchRequest,
    CheckedTable,
    check_workbook,
    choose_rule,
    template_workbook,
)
from assistant.surfaces.workbook_preview import PREVIEW_ROWS, RowError, RowShown
from assistant.surfaces.workbook_read import Progress

if TYPE_CHECKING:
    from assistant.app import Assistant

PATH = "/staff/batch"
_MOST_BARS = 10
_SUBJECT = CheckRequest.model_fields["subject"].default

router = APIRouter(prefix="/staff", include_in_schema=False, dependencies=[Depends(require_staff)])


@dataclass(frozen=True, slots=True)
class BatchView:
    """What the page shows of a checked table.

    Attributes:
        address: the result workbook as a `data:` link, `download` the name it is saved under.
        errors_left: whether there are more cells that could not be used.
    """

    file: str
    label: str
    region: str
    as_of: str
    n_rows: int
    n_invalid: int
    address: str
    download: str
    notices: tuple[str, ...]
    charts: tuple[Chart, ...]
    sheet: str
    errors: tuple[RowError, ...]
    errors_left: bool
    counts: dict[str, int]
    headers: tuple[str, ...]
    preview: tuple[RowShown, ...]
    most_preview: int
    links: dict[str, Any]


@router.get("/batch")
def show_batch(request: Request) -> Response:
    """The form."""
    assistant = find_assistant(request)
    case = read_case(assistant, request.query_params.multi_items(), request.app.state.today())
    values = {**_form_values(assistant, case, request), "result": None, "problem": ""}
    return render_page(request, "staff/batch.html", values)


@router.get("/batch/template.xlsx")
def batch_template(request: Request) -> Response:
    """An empty table for the chosen rule."""
    assistant = find_assistant(request)
    case = read_case(assistant, request.query_params.multi_items(), request.app.state.today())
    wanted = _read_wanted(case)
    label = choose_rule(assistant, wanted, (), case.lineage).label
    name = f"{load_texts()['batch']['template_name']}-{label}.xlsx"
    return xlsx_reply(template_workbook(assistant, wanted), name)


@router.post("/batch")
def check_batch(
    request: Request,
    upload: Annotated[Upload, Depends(read_upload)],
    member: Annotated[StaffMember, Depends(require_staff)],
) -> Response:
    """Check the rows of a table."""
    assistant = find_assistant(request)
    case = read_case(assistant, upload.fields, request.app.state.today())

    def run(progress: Progress) -> BatchView:
        data, wanted = require_file(upload), _read_wanted(case)
        checked = check_workbook(assistant, data, wanted, progress)
        view = _build_view(checked, case, upload.name)
        request.app.state.access.note(member.name, "export", f"{PATH} {view.download}")
        return view

    return reply(
        request,
        Job("staff/batch.html", "staff/batch_result.html", _form_values(assistant, case, request), run),
    )


def _form_values(assistant: Assistant, case: CaseForm, request: Request) -> dict[str, Any]:
    require_rules(assistant.calculator)
    verdicts = assistant.calculator.book.verdicts
    fault = ""
    if case.rule and case.rule not in verdicts:
        fault = load_texts()["staff"]["faults"]["rule"].format(rule=case.rule)
    return {
        "case": case,
        "choices": list_choices(assistant, verdicts.values()),
        "chosen": verdicts.get(case.rule) or _usual_verdict(assistant, case),
        "rule_fault": fault,
        "regions": list_regions(assistant),
        "today": request.app.state.today().isoformat(),
        "most_bytes": PAGE_UPLOAD,
    }


def _usual_verdict(assistant: Assistant, case: CaseForm) -> Verdict | None:
    """The verdict that is meant where none was chosen."""
    wanted = BatchRequest("", _SUBJECT, None, case.as_of)
    try:
        rule = choose_rule(assistant, wanted, (), case.lineage)
    except RequestInvalid:
        return None
    return rule if isinstance(rule, Verdict) else None


def _read_wanted(case: CaseForm) -> BatchRequest:
    """What to check against.

    Raises:
        RequestInvalid: the place or the day cannot be read.
    """
    if case.faults:
        raise RequestInvalid("；".join(case.faults.values()))
    return BatchRequest(case.rule, _SUBJECT, case.region or None, case.as_of, page_limit("batch"))


def _build_view(checked: CheckedTable, case: CaseForm, file: str) -> BatchView:
    n_invalid = checked.counts.get("invalid", 0)
    return BatchView(
        file=file,
        label=checked.label,
        region=case.region,
        as_of=case.as_of.isoformat(),
        n_rows=sum(checked.counts.values()),
        n_invalid=n_invalid,
        address=data_address(checked.data),
        download=download_name(load_texts()["batch"]["download_name"], file, case.as_of),
        notices=checked.notices,
        charts=tuple(_draw_charts(checked)),
        sheet=checked.sheet,
        errors=checked.errors,
        errors_left=len({error.number for error in checked.errors}) < n_invalid,
        counts=checked.counts,
        headers=checked.headers,
        preview=checked.preview,
        most_preview=PREVIEW_ROWS,
        links=checked.links,
    )


def _draw_charts(checked: CheckedTable) -> list[Chart]:
    texts, outcomes = load_texts()["batch"]["charts"], load_texts()["common"]["outcome"]
    charts = []
    if checked.counts:
        bars = [Bar(outcomes[o], n, texts["n"].format(n), o) for o, n in checked.counts.items()]
        charts.append(draw_chart("outcomes", texts["outcomes"], (texts["outcome"], texts["rows"]), bars))
    if checked.failing:
        bars = [Bar(label, n, texts["n"].format(n), "fail") for label, n in checked.failing[:_MOST_BARS]]
        charts.append(draw_chart("failing", texts["failing"], (texts["check"], texts["rows"]), bars))
    return charts
