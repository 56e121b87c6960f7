"""A file that staff sent: kept aside, previewed as a new document or as an update, taken in once confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from assistant.config import Settings
from assistant.errors import CorpusError, RequestInvalid, TiaowenError
from assistant.models import Clause, Document
from assistant.surfaces.inbound import NotFound
from assistant.surfaces.replies import find_assistant
from assistant.surfaces.staff.corpus_jobs import (
    Aside,
    Form,
    Outcome,
    Progress,
    clear_aside,
    find_aside,
    is_silent,
    keep_file,
    start_work,
)
from assistant.surfaces.staff.sign_in import NO_STORE, StaffMember, require_staff
from assistant.surfaces.staff.upload import Upload, read_upload
from assistant.surfaces.web.pages import render_page
from assistant.surfaces.web.texts import load_texts

if TYPE_CHECKING:
    from assistant.upkeep.changes import Plan
    from assistant.upkeep.drafts import Draft, Shelf
    from assistant.upkeep.revisions import Revision

PATH = "/staff/corpus"
FIELDS = ("id", "title", "number", "issuer", "region", "issued", "effective", "expires", "year")
_LONGEST = 300
_REFRESH_SECONDS = 2

router = APIRouter(prefix=PATH, include_in_schema=False)
Member = Annotated[StaffMember, Depends(require_staff)]


async def read_form(request: Request) -> FormData:
    """The fields of a form without a file."""
    return await request.form()


Fields = Annotated[FormData, Depends(read_form)]


def find_settings(request: Request) -> Settings:
    """The settings of the server."""
    return find_assistant(request).settings


@router.post("/upload")
def take_file(request: Request, _member: Member, upload: Annotated[Upload, Depends(read_upload)]) -> Response:
    """Keep a file aside and show what it would become."""
    from assistant.upkeep.packaged import check_changeable

    settings = find_settings(request)
    check_changeable(settings)
    clear_aside(settings, request.app.state.now())
    words = load_texts()["corpus"]["page"]
    if not upload.data:
        raise RequestInvalid(words["empty"] if upload.name else words["no_file"], hint=words["no_file_hint"])
    fields = dict(upload.fields)
    form = Form(document=fields.get("document", "").strip(), name=upload.name)
    aside = keep_file(settings, upload.name, upload.data, form)
    return _go_to(aside)


@router.get("/drafts/{token}")
def show_draft(request: Request, _member: Member, token: str) -> Response:
    """The preview; while the work runs and after it, how far it is."""
    settings = find_settings(request)
    aside = find_aside(settings, token)
    if aside.state is not None:
        return show_state(request, aside)
    return _preview(request, settings, aside)


@router.post("/drafts/{token}")
def decide_draft(request: Request, member: Member, token: str, fields: Fields) -> Response:
    """Preview again with what was filled in, take it in, treat it as an update, or throw it away."""
    settings = find_settings(request)
    aside = find_aside(settings, token)
    deed = str(fields.get("deed", "preview"))
    if aside.state is not None and aside.state.status != "failed":
        return _go_to(aside)
    if deed == "discard":
        aside.discard()
        return RedirectResponse(PATH, status_code=303)
    if deed == "as_update":
        aside.write_form(Form(document=str(fields.get("document", "")), name=aside.form.name))
        return _go_to(aside)
    return _keep_or_confirm(request, member, aside, fields, is_confirmed=deed == "confirm")


def _keep_or_confirm(
    request: Request, member: StaffMember, aside: Aside, fields: FormData, *, is_confirmed: bool
) -> Response:
    from assistant.upkeep.plans import FieldsOpen

    settings = find_settings(request)
    try:
        shelf, former = _open(settings, aside), aside.form
        form = _read_fields(former, fields)
        plan = _plan(settings, shelf, aside, form)
        aside.write_form(form)
        if is_confirmed and fields.get("checked") != "yes":
            words = load_texts()["corpus"]["page"]
            raise RequestInvalid(words["unchecked"], hint=words["unchecked_hint"])
    except (CorpusError, RequestInvalid) as exc:
        if not is_confirmed and isinstance(exc, FieldsOpen):
            aside.write_form(_read_fields(aside.form, fields))
            return _go_to(aside)
        return _preview(request, settings, aside, fault=exc, fields=fields)
    if not is_confirmed:
        return _go_to(aside)
    begin_change(request, aside, member, plan, form.why)
    return _go_to(aside)


def begin_change(request: Request, aside: Aside, member: StaffMember, plan: Plan, why: str) -> None:
    """Carry a plan out in a thread."""
    from assistant.upkeep.changes import Signer

    settings, now = find_settings(request), request.app.state.now
    signer = Signer(member.name, now(), why)
    start_work(aside, plan.document, partial(_carry_out, settings, plan, signer), now)


def _carry_out(settings: Settings, plan: Plan, signer: Any, progress: Progress) -> Outcome:
    from assistant.upkeep.changes import apply_change

    applied = apply_change(settings, plan, signer, progress)
    problems = tuple(f"{problem.message}" for problem in applied.report.problems)
    return Outcome(applied.change.told, problems)


def show_state(request: Request, aside: Aside) -> Response:
    """How far a work has come; the page loads itself again until it has ended."""
    state = aside.state
    now = request.app.state.now()
    is_over = state is None or state.status != "running" or is_silent(state, now)
    headers = dict(NO_STORE)
    values = {
        "state": state,
        "is_lost": state is not None and is_silent(state, now),
        "refresh": 0 if is_over else _REFRESH_SECONDS,
        "document_address": f"{PATH}/documents/{quote(state.document)}" if state and state.document else "",
        "can_retry": aside.source is not None,
        "token": aside.token,
    }
    return render_page(request, "staff/corpus_job.html", values, headers=headers)


@router.post("/drafts/{token}/again")
def try_again(request: Request, _member: Member, token: str) -> Response:
    """Back to the preview after a failure."""
    aside = find_aside(find_settings(request), token)
    state = aside.state
    if state is not None and (state.status == "failed" or is_silent(state, request.app.state.now())):
        (aside.folder / "state.json").unlink(missing_ok=True)
    return _go_to(aside)


# -- previews ------------------------------------------------------------------------------------------


def _open(settings: Settings, aside: Aside) -> Shelf:
    from assistant.upkeep.drafts import open_shelf

    _source(aside)
    return open_shelf(settings)


def _source(aside: Aside) -> Path:
    if aside.source is None:
        words = load_texts()["corpus"]["page"]
        raise NotFound(words["gone"], hint=words["gone_hint"])
    return aside.source


def _plan(settings: Settings, shelf: Shelf, aside: Aside, form: Form) -> Plan:
    from assistant.upkeep.plans import plan_add, plan_update

    if form.document:
        return plan_update(_revise(settings, shelf, aside, form))
    return plan_add(settings, _draft(shelf, aside, form))


def _draft(shelf: Shelf, aside: Aside, form: Form) -> Draft:
    from assistant.upkeep.drafts import read_draft

    return read_draft(shelf, _source(aside), form.given)


def _revise(settings: Settings, shelf: Shelf, aside: Aside, form: Form) -> Revision:
    from assistant.upkeep.revisions import read_revision

    return read_revision(settings, shelf, form.document, _source(aside), form.given, form.accepted)


def _preview(
    request: Request,
    settings: Settings,
    aside: Aside,
    *,
    fault: TiaowenError | None = None,
    fields: FormData | None = None,
) -> Response:
    """The page of a file; a file that cannot be read is told with what to do, and is not kept."""
    form = aside.form if fields is None else _read_fields(aside.form, fields)
    problem = {"message": fault.message, "hint": fault.hint} if fault else None
    try:
        shelf = _open(settings, aside)
        try:
            return _render(request, _Shown(settings, shelf, aside, form, form.given, problem))
        except RequestInvalid as exc:
            # What was filled in cannot be used: it stays in the fields, with what is wrong on top.
            problem = {"message": exc.message, "hint": exc.hint}
            blank = Form(document=form.document, name=form.name, why=form.why)
            return _render(request, _Shown(settings, shelf, aside, blank, form.given, problem))
    except CorpusError as exc:
        aside.discard()
        values = {"problem": {"message": exc.message, "hint": exc.hint}, "name": form.name}
        return render_page(request, "staff/corpus_bad.html", values, status=422, headers=NO_STORE)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a preview is made of; `typed` is what stands in the fields, usable or not."""

    settings: Settings
    shelf: Shelf
    aside: Aside
    form: Form
    typed: dict[str, str]
    problem: dict[str, str] | None


def _render(request: Request, shown: _Shown) -> Response:
    form, status = shown.form, 422 if shown.problem else 200
    shared = {
        **{"token": shown.aside.token, "name": form.name, "form": form},
        **{"typed": shown.typed, "problem": shown.problem},
    }
    if form.document:
        revision = _revise(shown.settings, shown.shelf, shown.aside, form)
        values = {**shared, **revision_values(revision)}
        return render_page(request, "staff/corpus_update.html", values, status=status, headers=NO_STORE)
    draft = _draft(shown.shelf, shown.aside, form)
    values = {**shared, "draft": draft, "clauses": list_clauses(draft.document)}
    return render_page(request, "staff/corpus_add.html", values, status=status, headers=NO_STORE)


def revision_values(revision: Revision) -> dict[str, Any]:
    """What the page of an update shows."""
    from assistant.surfaces.render_words import describe_outcome

    return {
        "revision": revision,
        "comparison": revision.comparison,
        "n_kept": sum(not drift.is_held for drift in revision.drifts),
        "accepted": {p.parameter for p in revision.accepted},
        "outcomes": [
            {
                "label": change.label,
                "example": change.example,
                "before": describe_outcome(change.before, change.before_shown),
                "after": describe_outcome(change.after, change.after_shown),
            }
            for change in revision.outcomes
        ],
    }


def list_clauses(document: Document) -> list[dict[str, Any]]:
    """Every clause with its depth, in order."""
    depths: dict[str, int] = {}
    rows = []
    for clause in document.clauses:
        depth = depths.get(clause.parent or "", -1) + 1
        depths[clause.clause_id] = depth
        rows.append(
            {"label": clause.label, "text": _line(clause), "depth": min(depth, 5), "kind": clause.kind}
        )
    return rows


def _line(clause: Clause) -> str:
    return clause.text or clause.heading


def _read_fields(former: Form, fields: FormData) -> Form:
    """What was filled in; a field that still shows what the text gave counts as not stated."""
    given = dict(former.given)
    for field in FIELDS:
        value = str(fields.get(field, "")).strip()[:_LONGEST]
        if field not in fields:
            continue
        if value and value != str(fields.get(f"read-{field}", "")):
            given[field] = value
        elif not value:
            given.pop(field, None)
    accepted = tuple(str(v)[:_LONGEST] for v in fields.getlist("accept"))
    why = str(fields.get("why", ""))[:_LONGEST].strip()
    return former.model_copy(update={"given": given, "accepted": accepted, "why": why})


def _go_to(aside: Aside) -> Response:
    return RedirectResponse(f"{PATH}/drafts/{aside.token}", status_code=303)
