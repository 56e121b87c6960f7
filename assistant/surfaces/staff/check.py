"""One class, person or application: a form, a verdict, the changes that would pass; the same as a Word file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Depends, Request, Response

from assistant.dialogue.calculate import choose_verdict, require_rules
from assistant.errors import RequestInvalid
from assistant.rules.law import Verdict
from assistant.surfaces.contract import CheckRequest
from assistant.surfaces.replies import find_assistant
from assistant.surfaces.schema import FOOTER
from assistant.surfaces.staff.case_form import CaseForm, build_question, read_case, read_facts
from assistant.surfaces.staff.fact_fields import FieldGroup, Filled, group_fields, list_facts
from assistant.surfaces.staff.form_links import FormLink, link_forms
from assistant.surfaces.staff.sign_in import require_staff
from assistant.surfaces.staff.sources import (
    Source,
    find_source,
    list_binding,
    list_choices,
    list_regions,
)
from assistant.surfaces.staff.verdict_view import Told, VerdictView, build_view
from assistant.surfaces.staff.word import find_template, render_word, word_reply
from assistant.surfaces.web.pages import render_page
from assistant.surfaces.web.texts import load_texts

if TYPE_CHECKING:
    from assistant.app import Assistant
    from assistant.rules.book import Book
    from assistant.rules.statements import Stated

PATH = "/staff/check"
TEMPLATE = "check.docx"

router = APIRouter(prefix="/staff", include_in_schema=False, dependencies=[Depends(require_staff)])


@dataclass(frozen=True, slots=True)
class CheckPage:
    """All that the page shows.

    Attributes:
        verdict: what is checked; None where no verdict binds the place.
        view: what came out; None while something typed cannot be read.
        strays: faults of facts that the form has no field for.
    """

    case: CaseForm
    verdict: Verdict | None
    source: Source | None
    groups: tuple[FieldGroup, ...] = ()
    view: VerdictView | None = None
    strays: tuple[str, ...] = ()
    rule_fault: str = ""
    status: int = 200


@router.get("/check")
def show_check(request: Request) -> Response:
    """The form and what comes out; the address holds the case."""
    assistant = find_assistant(request)
    page = _decide(assistant, request)
    values = {
        "page": page,
        "case": page.case,
        "choices": list_choices(assistant, _list_offered(assistant, page)),
        "regions": list_regions(assistant),
        "forms": _link_forms(assistant, page),
        "word_address": page.case.address(f"{PATH}.docx", rule=page.verdict.key if page.verdict else ""),
        "today": request.app.state.today().isoformat(),
    }
    return render_page(request, "staff/check.html", values, status=page.status)


@router.get("/check.docx")
def export_check(request: Request) -> Response:
    """The record of a check as a Word file.

    Raises:
        RequestInvalid: something typed cannot be read, so there is nothing to record.
    """
    assistant = find_assistant(request)
    page = _decide(assistant, request)
    words = load_texts()["staff"]["check"]
    if page.view is None:
        raise RequestInvalid("；".join(_list_faults(page)) or words["none_here"], hint=words["fix_first"])
    data = render_word(find_template(assistant.settings, TEMPLATE), _word_context(page, page.view))
    return word_reply(data, f"{words['file']}-{page.case.as_of.isoformat()}")


def _decide(assistant: Assistant, request: Request) -> CheckPage:
    """Read the case and decide it, as far as it can be read."""
    require_rules(assistant.calculator)
    case = read_case(assistant, request.query_params.multi_items(), request.app.state.today())
    book = assistant.calculator.book
    verdict, rule_fault = _find_verdict(assistant, case)
    if verdict is None:
        return CheckPage(case, None, None, rule_fault=rule_fault, status=404 if rule_fault else 200)
    asked = list_facts(book, verdict, case)
    facts = read_facts(assistant, case, asked)
    source = find_source(assistant, verdict)
    view = None
    if not (case.faults or facts.faults or rule_fault):
        answer = assistant.decide(verdict.key, build_question(case, facts))
        view = build_view(assistant.calculator, answer, case, tell_facts(book, facts.stated))
    open_facts = [ask.fact for ask in view.asks] if view else []
    groups = group_fields(book, verdict, asked, Filled(case.given, facts.faults, open_facts))
    strays = tuple(fault for name, fault in facts.faults.items() if name not in asked)
    return CheckPage(case, verdict, source, groups, view, strays, rule_fault, 404 if rule_fault else 200)


def _find_verdict(assistant: Assistant, case: CaseForm) -> tuple[Verdict | None, str]:
    """The verdict that was chosen, else the one that is most likely meant; and what is wrong with the choice."""
    calculator = assistant.calculator
    verdicts, lineage = calculator.book.verdicts, case.lineage
    if case.rule in verdicts:
        return verdicts[case.rule], ""
    subjects = dict.fromkeys(
        [CheckRequest.model_fields["subject"].default, *(v.subject for v in verdicts.values())]
    )
    fitting = (choose_verdict(calculator, subject, {}, lineage) for subject in subjects)
    usual = next(filter(None, fitting), None)
    fault = load_texts()["staff"]["faults"]["rule"].format(rule=case.rule) if case.rule else ""
    return usual, fault


def _list_offered(assistant: Assistant, page: CheckPage) -> list[Verdict]:
    """The verdicts that bind the place; the one that is shown among them, whatever it binds."""
    verdicts = assistant.calculator.book.verdicts
    binding = list_binding(assistant, verdicts.values(), page.case.lineage)
    return [v for v in verdicts.values() if v in binding or v is page.verdict]


def tell_facts(book: Book, stated: dict[str, Stated]) -> tuple[Told, ...]:
    """The facts as they were stated, each with its unit."""
    told = []
    for fact_id, said in stated.items():
        fact = book.facts[fact_id]
        unit = fact.unit if said.shown[-1:].isdigit() and fact.type in ("integer", "decimal") else ""
        told.append(Told(fact.label, f"{said.shown}{unit}"))
    return tuple(told)


def _link_forms(assistant: Assistant, page: CheckPage) -> tuple[FormLink, ...]:
    return link_forms(assistant, page.case, page.verdict) if page.verdict and page.view else ()


def _list_faults(page: CheckPage) -> list[str]:
    fields = [field.fault for group in page.groups for field in group.fields if field.fault]
    return [fault for fault in (page.rule_fault, *page.case.faults.values(), *fields, *page.strays) if fault]


def _word_context(page: CheckPage, view: VerdictView) -> dict[str, Any]:
    """What the Word template may name."""
    assert page.source
    words = load_texts()
    outcomes, forces = words["common"]["outcome"], words["common"]["force"]
    context = asdict(view)
    for row in (*context["checks"], *context["reminders"]):
        row["word"] = outcomes[row["outcome"]]
        row["force_word"] = "" if row["force"] == "must" else forces[row["force"]]
    return {
        **context,
        "failing": [row for row in (*context["checks"], *context["reminders"]) if row["outcome"] == "fail"],
        "source": asdict(page.source),
        "region": page.case.region or page.source.region,
        "day": page.case.as_of.isoformat(),
        "footer": FOOTER,
    }
