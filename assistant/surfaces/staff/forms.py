"""The application forms of the documents, filled in from a check and downloaded as Word files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from assistant.dialogue.calculate import require_rules
from assistant.surfaces.replies import find_assistant
from assistant.surfaces.schema import region_name
from assistant.surfaces.staff.case_form import CaseForm, read_case
from assistant.surfaces.staff.form_files import ApplicationForm, find_form, find_shelf
from assistant.surfaces.staff.form_fill import FilledForm, fill_form
from assistant.surfaces.staff.sign_in import require_staff
from assistant.surfaces.staff.sources import list_regions
from assistant.surfaces.staff.word import render_word, word_reply
from assistant.surfaces.web.pages import render_page

if TYPE_CHECKING:
    from assistant.app import Assistant

PATH = "/staff/forms"
NO_STORE = {"cache-control": "no-store"}

router = APIRouter(prefix="/staff", include_in_schema=False, dependencies=[Depends(require_staff)])


async def read_body(request: Request) -> list[tuple[str, str]]:
    """The fields of a form that was sent; files among them are no part of it."""
    async with request.form() as form:
        return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


Body = Annotated[list[tuple[str, str]], Depends(read_body)]


@router.get("/forms")
def show_forms(request: Request) -> Response:
    """The forms of the documents that bind the place; of all where none is named."""
    assistant = find_assistant(request)
    case = read_case(assistant, request.query_params.multi_items(), request.app.state.today())
    shelf = find_shelf(assistant)
    documents = assistant.corpus.document_by_id
    shown = [
        _describe(assistant, form, case)
        for form in shelf.forms
        if case.lineage is None or documents[form.document].region in case.lineage
    ]
    values = {"case": case, "forms": shown, "problems": shelf.problems, "regions": list_regions(assistant)}
    return render_page(request, "staff/forms.html", values)


@router.get("/forms/{document}/{form_id}")
def show_form(request: Request, document: str, form_id: str) -> Response:
    """The blanks of a form, those filled in that the address knows."""
    assistant, form = _find(request, document, form_id)
    items = request.query_params.multi_items()
    case = read_case(assistant, items, request.app.state.today())
    # What is typed as free text may be about a person: it is never taken from an address.
    return _render(request, assistant, form, case, fill_form(assistant, form, case, ()))


@router.post("/forms/{document}/{form_id}")
def download_form(request: Request, document: str, form_id: str, items: Body) -> Response:
    """The form as a Word file; the page again where something typed cannot be read."""
    assistant, form = _find(request, document, form_id)
    case = read_case(assistant, items, request.app.state.today())
    filled = fill_form(assistant, form, case, items)
    if filled.faults or case.faults:
        return _render(request, assistant, form, case, filled, status=422)
    return word_reply(render_word(form.template, filled.blanks), form.label)


def _find(request: Request, document: str, form_id: str) -> tuple[Assistant, ApplicationForm]:
    assistant = find_assistant(request)
    require_rules(assistant.calculator)
    return assistant, find_form(assistant, document, form_id)


def _render(
    request: Request,
    assistant: Assistant,
    form: ApplicationForm,
    case: CaseForm,
    filled: FilledForm,
    status: int = 200,
) -> Response:
    values = {
        "form": _describe(assistant, form, case),
        "case": case,
        "filled": filled,
        # Facts that only the check reads go along, so that it comes to the same.
        "carried": {fact: text for fact, text in case.given.items() if fact not in form.facts},
        "check_address": case.address("/staff/check", rule=form.rule) if form.rule else "",
    }
    return render_page(request, "staff/form.html", values, status=status, headers=NO_STORE)


def _describe(assistant: Assistant, form: ApplicationForm, case: CaseForm) -> dict[str, Any]:
    """A form as a page shows it: whose it is, and where its annex is read."""
    document = assistant.corpus.document_by_id[form.document]
    clause = assistant.corpus.clause_by_id[form.clause_id]
    path = f"{PATH}/{form.document}/{form.id}"
    return {
        "label": form.label,
        "title": document.title,
        "number": document.number,
        "region": region_name(assistant.regions, document.region),
        "clause": clause.label,
        "clause_address": f"/documents/{form.document}#c-{clause.path}",
        "action": path,
        "address": case.address(path, rule=form.rule),
    }
