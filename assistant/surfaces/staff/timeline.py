"""When the steps of an application end: as a drawing, as a table, and as events for a calendar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response

from assistant.dialogue.calculate import require_rules
from assistant.errors import RequestInvalid
from assistant.rules.figures import trace_stages
from assistant.rules.law import Timeline
from assistant.surfaces.replies import find_assistant
from assistant.surfaces.staff.calendar_file import MEDIA_TYPE, write_calendar
from assistant.surfaces.staff.case_form import CaseForm, build_question, read_case, read_facts
from assistant.surfaces.staff.fact_fields import FieldGroup, Filled, group_fields, list_facts
from assistant.surfaces.staff.sign_in import require_staff
from assistant.surfaces.staff.sources import (
    Source,
    find_source,
    list_binding,
    list_choices,
    list_regions,
)
from assistant.surfaces.staff.stages import StageView, view_stages
from assistant.surfaces.staff.timeline_chart import draw_chart
from assistant.surfaces.staff.verdict_view import Asked, Disagreement, explain, find_asks, find_disagreements
from assistant.surfaces.web.pages import render_page
from assistant.surfaces.web.texts import load_texts

if TYPE_CHECKING:
    from assistant.app import Assistant

PATH = "/staff/timeline"

router = APIRouter(prefix="/staff", include_in_schema=False, dependencies=[Depends(require_staff)])


@dataclass(frozen=True, slots=True)
class TimelineView:
    """What came out.

    Attributes:
        explanation: why there are no days; empty where there are.
    """

    stages: tuple[StageView, ...]
    asks: tuple[Asked, ...]
    disagreements: tuple[Disagreement, ...]
    explanation: tuple[str, ...]
    notices: tuple[str, ...]
    corpus_version: str

    @property
    def n_days(self) -> int:
        """How many days are known."""
        return sum(reading.day is not None for stage in self.stages for reading in stage.readings)


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """All that the page shows; `view` is None while something typed cannot be read."""

    case: CaseForm
    timeline: Timeline | None
    source: Source | None
    groups: tuple[FieldGroup, ...] = ()
    view: TimelineView | None = None
    strays: tuple[str, ...] = ()
    rule_fault: str = ""
    status: int = 200


@router.get("/timeline")
def show_timeline(request: Request) -> Response:
    """The days to put in, and what follows from them; the address holds the case."""
    assistant = find_assistant(request)
    page = _decide(assistant, request)
    timelines = assistant.calculator.book.timelines
    binding = list_binding(assistant, timelines.values(), page.case.lineage)
    offered = [line for line in timelines.values() if line in binding or line is page.timeline]
    values = {
        "page": page,
        "case": page.case,
        "choices": list_choices(assistant, offered),
        "regions": list_regions(assistant),
        "chart": draw_chart(page.view.stages) if page.view else None,
        "calendar_address": page.case.address(f"{PATH}.ics", rule=page.timeline.key if page.timeline else ""),
        "today": request.app.state.today().isoformat(),
    }
    return render_page(request, "staff/timeline.html", values, status=page.status)


@router.get("/timeline.ics")
def export_calendar(request: Request) -> Response:
    """The days as events.

    Raises:
        RequestInvalid: no day is known, so there is nothing to put into a calendar.
    """
    page = _decide(find_assistant(request), request)
    words = load_texts()["staff"]["timeline"]
    if page.view is None or page.timeline is None or not page.view.n_days:
        raise RequestInvalid(words["no_days"], hint=words["no_days_hint"])
    data = write_calendar(page.timeline.key, page.timeline.label, page.view.stages, page.case.as_of)
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(words['file'])}.ics"}
    return Response(data, media_type=MEDIA_TYPE, headers=headers)


def _decide(assistant: Assistant, request: Request) -> TimelinePage:
    require_rules(assistant.calculator)
    case = read_case(assistant, request.query_params.multi_items(), request.app.state.today())
    book = assistant.calculator.book
    timeline, rule_fault = _find_timeline(assistant, case)
    status = 404 if rule_fault else 200
    if timeline is None:
        return TimelinePage(case, None, None, rule_fault=rule_fault, status=status)
    asked = list_facts(book, timeline, case)
    facts = read_facts(assistant, case, asked)
    view = None
    if not (case.faults or facts.faults or rule_fault):
        answer = assistant.decide(timeline.key, build_question(case, facts))
        explanation = explain(answer)
        opened = assistant.calculator.open_case(facts.stated, case.as_of)
        view = TimelineView(
            stages=() if explanation else view_stages(trace_stages(timeline, opened), answer),
            asks=find_asks(answer),
            disagreements=find_disagreements(assistant.calculator, answer),
            explanation=explanation,
            notices=answer.notices,
            corpus_version=answer.corpus_version,
        )
    open_facts = [ask.fact for ask in view.asks] if view else []
    groups = group_fields(book, timeline, asked, Filled(case.given, facts.faults, open_facts))
    strays = tuple(fault for name, fault in facts.faults.items() if name not in asked)
    return TimelinePage(
        case, timeline, find_source(assistant, timeline), groups, view, strays, rule_fault, status
    )


def _find_timeline(assistant: Assistant, case: CaseForm) -> tuple[Timeline | None, str]:
    """The timeline that was chosen, else the first that binds the place; and what is wrong with the choice."""
    timelines = assistant.calculator.book.timelines
    if case.rule in timelines:
        return timelines[case.rule], ""
    binding = list_binding(assistant, timelines.values(), case.lineage)
    words = load_texts()["staff"]["faults"]
    fault = words["timeline"].format(rule=case.rule) if case.rule else ""
    return next(iter(binding), None), fault
