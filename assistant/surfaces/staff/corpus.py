"""The documents on the staff desk: what there is and in what state, one document's versions, and what is done to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from assistant.config import Settings
from assistant.documents.catalog import is_in_force
from assistant.documents.versions import Change, current_version, list_changes, version_folder
from assistant.errors import RequestInvalid, TiaowenError
from assistant.models import Document
from assistant.surfaces.edge import CORPUS_UPLOAD
from assistant.surfaces.inbound import NotFound, find_document, parse_day
from assistant.surfaces.replies import find_assistant
from assistant.surfaces.staff.corpus_drafts import (
    PATH,
    Fields,
    Member,
    begin_change,
    find_settings,
    show_state,
)
from assistant.surfaces.staff.corpus_jobs import (
    Outcome,
    Progress,
    clear_aside,
    find_aside,
    new_aside,
    start_work,
)
from assistant.surfaces.staff.sign_in import NO_STORE
from assistant.surfaces.web.pages import render_page
from assistant.surfaces.web.reader import list_notices
from assistant.surfaces.web.texts import load_texts

if TYPE_CHECKING:
    from assistant.upkeep.changes import Plan
    from assistant.upkeep.drafts import Shelf

_LONGEST_WHY = 300

router = APIRouter(prefix=PATH, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class DocumentShown:
    """A document as the list shows it."""

    id: str
    title: str
    number: str
    region: str
    state: str
    badge: str
    notes: tuple[str, ...]
    version: int
    n_clauses: int
    address: str


@router.get("")
def show_corpus(request: Request, _member: Member) -> Response:
    """Every document with its state, and a form for a file."""
    return _render_list(request)


@router.post("/rebuild")
def rebuild(request: Request, member: Member) -> Response:
    """Build the index of what lies in the folder: after a change by hand, or one that was cut off."""
    from assistant.app import build_indexes

    settings, now = find_settings(request), request.app.state.now
    aside = new_aside(settings)
    told = load_texts()["corpus"]["page"]["rebuilt"]
    request.app.state.access.note(member.name, "corpus-index", "")

    def work(progress: Progress) -> Outcome:
        report = build_indexes(settings, progress)
        return Outcome(
            told.format(n=report.n_documents), tuple(problem.message for problem in report.problems)
        )

    start_work(aside, "", work, now)
    return RedirectResponse(f"{PATH}/work/{aside.token}", status_code=303)


@router.get("/work/{token}")
def show_work(request: Request, _member: Member, token: str) -> Response:
    """How far a work without a file has come."""
    return show_state(request, find_aside(find_settings(request), token))


@router.get("/documents/{document_id}")
def show_document(request: Request, _member: Member, document_id: str) -> Response:
    """One document: its state, its versions, what can be done."""
    return _render_document(request, document_id)


@router.get("/documents/{document_id}/diff")
def show_difference(
    request: Request, _member: Member, document_id: str, version: Annotated[int, Query(ge=1, le=10_000)]
) -> Response:
    """A former version beside the present one."""
    from assistant.upkeep.plans import compare_version

    settings, shelf = find_settings(request), _open(request)
    old, new, comparison = compare_version(settings, shelf, document_id, version)
    values = {"old": old, "document": new, "version": version, "comparison": comparison, "n_kept": 0}
    return render_page(request, "staff/corpus_diff.html", values, headers=NO_STORE)


@router.post("/documents/{document_id}/{deed}")
def do_deed(request: Request, member: Member, document_id: str, deed: str, fields: Fields) -> Response:
    """Retire, restore, go back to a version, remove, confirm held quotes."""
    words = load_texts()["corpus"]["page"]
    if deed not in _DEEDS:
        raise NotFound(words["no_deed"], hint=words["no_deed_hint"])
    try:
        if fields.get("checked") != "yes":
            raise RequestInvalid(words["unchecked"], hint=words["unchecked_hint"])
        plan = _DEEDS[deed](request, document_id, fields)
    except RequestInvalid as exc:
        return _render_document(request, document_id, fault=exc)
    settings = find_settings(request)
    clear_aside(settings, request.app.state.now())
    aside = new_aside(settings)
    begin_change(request, aside, member, plan, str(fields.get("why", ""))[:_LONGEST_WHY].strip())
    return RedirectResponse(f"{PATH}/work/{aside.token}", status_code=303)


def _retire(request: Request, document_id: str, fields: FormData) -> Plan:
    from assistant.upkeep.plans import plan_retire

    given = str(fields.get("on", "")).strip()
    day: date = parse_day(given) if given else request.app.state.today()
    replaced_by = str(fields.get("replaced_by", "")).strip()
    return plan_retire(find_settings(request), document_id, day, replaced_by)


def _restore(request: Request, document_id: str, _fields: FormData) -> Plan:
    from assistant.upkeep.plans import plan_restore

    return plan_restore(find_settings(request), document_id)


def _revert(request: Request, document_id: str, fields: FormData) -> Plan:
    from assistant.upkeep.plans import plan_revert

    version = str(fields.get("version", ""))
    number = int(version) if version.isdecimal() and len(version) < 6 else 0
    return plan_revert(find_settings(request), document_id, number)


def _remove(request: Request, document_id: str, _fields: FormData) -> Plan:
    from assistant.upkeep.plans import plan_remove

    return plan_remove(find_settings(request), _open(request), document_id)


def _confirm(request: Request, document_id: str, _fields: FormData) -> Plan:
    from assistant.upkeep.plans import plan_confirm

    return plan_confirm(find_settings(request), _open(request), document_id)


_DEEDS: dict[str, Callable[[Request, str, FormData], Plan]] = {
    "retire": _retire,
    "restore": _restore,
    "revert": _revert,
    "remove": _remove,
    "confirm": _confirm,
}


# -- pages ---------------------------------------------------------------------------------------------


def _open(request: Request) -> Shelf:
    from assistant.upkeep.drafts import open_shelf

    return open_shelf(find_settings(request))


def _render_list(request: Request) -> Response:
    settings, shelf, today = find_settings(request), _open(request), request.app.state.today()
    removed = _list_removed(settings, shelf)
    values = {
        "documents": [_show(settings, shelf, d, today) for d in shelf.corpus.documents],
        "problems": shelf.corpus.problems,
        "removed": removed,
        "is_behind": shelf.corpus.version != find_assistant(request).corpus_version,
        "fault": _find_fault(settings),
        "most_bytes": CORPUS_UPLOAD,
    }
    return render_page(request, "staff/corpus.html", values, headers=NO_STORE)


def _render_document(request: Request, document_id: str, *, fault: TiaowenError | None = None) -> Response:
    from assistant.upkeep.plans import list_held

    settings, shelf = find_settings(request), _open(request)
    changes = list_changes(settings.corpus_dir, document_id)
    document = shelf.corpus.document_by_id.get(document_id)
    if document is None and not changes:
        find_document(shelf.corpus, document_id)
    today: date = request.app.state.today()
    values = {
        "id": document_id,
        "document": document,
        "shown": _show(settings, shelf, document, today) if document else None,
        "held": list_held(settings, shelf, document_id) if document else (),
        "versions": _list_versions(settings, document_id, changes),
        "others": [d.id for d in shelf.corpus.documents if d.id != document_id],
        "today": today.isoformat(),
        "problem": {"message": fault.message, "hint": fault.hint} if fault else None,
        "fault": _find_fault(settings),
    }
    return render_page(
        request,
        "staff/corpus_document.html",
        values,
        status=fault.http_status if fault else 200,
        headers=NO_STORE,
    )


def _show(settings: Settings, shelf: Shelf, document: Document, today: date) -> DocumentShown:
    from assistant.documents.check import check_document
    from assistant.upkeep.plans import list_held

    words = load_texts()["corpus"]["page"]
    notes = list_notices(document, today)
    row = check_document(document)
    if row.n_uncovered:
        notes.append(words["uncovered"].format(n=row.n_uncovered))
    try:
        if held := list_held(settings, shelf, document.id):
            notes.append(words["held"].format(n=len(held)))
    except TiaowenError as exc:
        notes.append(exc.message)
    state, badge = "in_force", "pass"
    if not is_in_force(document, today):
        state, badge = ("retired" if document.expires and document.expires < today else "not_yet"), ""
    elif document.year and document.year < today.year:
        state, badge = "past_year", "unknown"
    region = shelf.regions.get(document.region)
    return DocumentShown(
        id=document.id,
        title=document.title,
        number=document.number,
        region="全国" if document.region == "000000" or region is None else region.name,
        state=words["states"][state],
        badge=badge,
        notes=tuple(notes),
        version=current_version(settings.corpus_dir, document.id),
        n_clauses=len(document.clauses),
        address=f"{PATH}/documents/{quote(document.id)}",
    )


def _list_removed(settings: Settings, shelf: Shelf) -> list[dict[str, str]]:
    """Documents that were taken out; their versions are kept."""
    last = {change.document: change for change in list_changes(settings.corpus_dir)}
    gone = [
        c for c in last.values() if c.action == "remove" and c.document not in shelf.corpus.document_by_id
    ]
    return [{"id": c.document, "address": f"{PATH}/documents/{quote(c.document)}"} for c in gone]


def _list_versions(settings: Settings, document_id: str, changes: tuple[Change, ...]) -> list[dict[str, Any]]:
    """The versions, newest first, each with what can be done with it."""
    from assistant.store.review import BEIJING

    actions = load_texts()["corpus"]["actions"]
    numbers = {change.version for change in changes}
    rows = [
        {
            "version": change.version,
            "when": change.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M"),
            "who": _name(change.who),
            "action": actions[change.action],
            "told": change.told,
            "why": change.why,
            "is_kept": version_folder(settings.corpus_dir, document_id, change.version).is_dir(),
        }
        for change in reversed(changes)
    ]
    if changes and 1 not in numbers:
        is_kept = version_folder(settings.corpus_dir, document_id, 1).is_dir()
        blank = {"when": "", "who": "", "told": "", "why": "", "is_kept": is_kept}
        rows.append({"version": 1, "action": load_texts()["corpus"]["page"]["first"], **blank})
    return rows


def _name(who: str) -> str:
    names: dict[str, str] = load_texts()["corpus"]["page"]["actors"]
    return names.get(who, who)


def _find_fault(settings: Settings) -> str:
    """Why the corpus cannot be changed here; empty where it can."""
    from assistant.upkeep.packaged import check_changeable

    try:
        check_changeable(settings)
    except TiaowenError as exc:
        return f"{exc.message}。{exc.hint}"
    return ""
