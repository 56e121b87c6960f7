"""The reader: every document clause by clause, with the rules bound to each clause, and search through all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from assistant.documents.catalog import is_in_force
from assistant.errors import RequestInvalid
from assistant.models import Clause, Document, Passage
from assistant.surfaces import inbound, schema
from assistant.surfaces.replies import find_assistant
from assistant.surfaces.web import reader_law
from assistant.surfaces.web.pages import render_page
from assistant.surfaces.web.places import clause_address
from assistant.surfaces.web.reader_rules import bind_rules
from assistant.surfaces.web.reader_text import Piece, mark_words, parse_mark
from assistant.surfaces.web.reader_tree import lay_out
from assistant.surfaces.web.texts import load_texts

if TYPE_CHECKING:
    from assistant.app import Assistant

N_PASSAGES = 10
LONGEST_EXCERPT = 220

router = APIRouter(include_in_schema=False)
router.include_router(reader_law.router)

Words = Annotated[str, Query(max_length=20_000)]
Place = Annotated[str, Query(max_length=100)]
Name = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class Found:
    """A clause that a search found: where it stands and an excerpt with the words of the query marked."""

    row: schema.JsonObject
    address: str
    pieces: list[Piece]


@router.get("/documents")
def documents_page(request: Request, region: Place = "") -> Response:
    """All documents, or those that bind a region."""
    assistant = find_assistant(request)
    today: date = request.app.state.today()
    lineage, problem, status = None, "", 200
    try:
        lineage = assistant.lineage(region.strip() or None)
    except RequestInvalid as exc:
        problem, status = f"{exc.message}。{exc.hint}", exc.http_status
    documents = [d for d in assistant.corpus.documents if lineage is None or d.region in lineage]
    values = {
        "cards": [_card(assistant, document, today) for document in documents],
        "n_all": len(assistant.corpus.documents),
        "problem": problem,
        **_search_values(assistant, region=region),
    }
    return render_page(request, "reader/documents.html", values, status=status)


@router.get("/documents/search")
def search_page(request: Request, q: Words = "", region: Place = "", document: Name = "") -> Response:
    """Ranked clauses for a query."""
    assistant = find_assistant(request)
    found: list[Found] = []
    problem, status = "", 200
    if q.strip():
        try:
            found = _search(assistant, q, region, document)
        except RequestInvalid as exc:
            problem, status = f"{exc.message}。{exc.hint}", exc.http_status
    values = {
        "found": found,
        "problem": problem,
        **_search_values(assistant, region=region, query=q, document=document),
    }
    return render_page(request, "reader/search.html", values, status=status)


@router.get("/documents/{document_id}")
def document_page(document_id: str, request: Request, mark: str = "") -> Response:
    """One document whole, with `mark` highlighted."""
    assistant = find_assistant(request)
    document = inbound.find_document(assistant.corpus, document_id)
    today: date = request.app.state.today()
    book = assistant.calculator.book
    values = {
        "document": document,
        "card": _card(assistant, document, today),
        "reading": lay_out(document, parse_mark(mark, document)),
        "rules": bind_rules(book, document.id, today),
    }
    return render_page(request, "reader/document.html", values)


@router.get("/clauses/{clause_id:path}")
def clause_place(clause_id: str, request: Request) -> Response:
    """Goes on to the place of a clause in its document."""
    clause = inbound.find_clause(find_assistant(request).corpus, clause_id)
    return RedirectResponse(clause_address(clause.clause_id), status_code=307)


def _search_values(
    assistant: Assistant, *, region: str = "", query: str = "", document: str = ""
) -> dict[str, Any]:
    """What the search form shows: the query, and what can be chosen."""
    regions = schema.regions_object(assistant.corpus, assistant.regions)["regions"]
    return {
        "q": query,
        "region": region.strip(),
        "document_id": document,
        "regions": [row["name"] for row in regions],
        "documents": assistant.corpus.documents,
    }


def _card(assistant: Assistant, document: Document, today: date) -> dict[str, Any]:
    """What a document is, where and when it holds, and how much there is of it."""
    book = assistant.calculator.book
    owners = [r.document for r in book.rules.values()] + [p.document for p in book.parameters.values()]
    return {
        **schema.document_row(document, assistant.regions),
        "notices": list_notices(document, today),
        "n_rules": owners.count(document.id),
        "n_conflicts": sum(
            any(document.id in {c.document for c in side} for side in assistant.calculator.sides(conflict))
            for conflict in book.conflicts.values()
        ),
    }


def list_notices(document: Document, today: date) -> list[str]:
    """What a reader must know of the time a document holds for."""
    texts = load_texts()["reader"]["notices"]
    notices: list[str] = []
    if document.expires and document.expires < today:
        notices.append(texts["expired"].format(document.expires.isoformat()))
    elif not is_in_force(document, today):
        notices.append(texts["not_yet"].format((document.effective or document.issued or today).isoformat()))
    if document.replaced_by:
        notices.append(texts["replaced"].format(document.replaced_by))
    if document.year and document.year < today.year:
        notices.append(texts["past_year"].format(document.year))
    return notices


def _search(assistant: Assistant, query: str, region: str, document: str) -> list[Found]:
    if document:
        inbound.find_document(assistant.corpus, document)
    passages = inbound.search_clauses(assistant, query, region=region, document=document, top_k=N_PASSAGES)
    reading = inbound.read_search(assistant, query, region=region, document=document)
    words = [word for word, _ in reading.words] + list(reading.official)
    rows = schema.search_object(assistant, query, passages)["passages"]
    return [_show(row, passage, words) for row, passage in zip(rows, passages, strict=True)]


def _show(row: schema.JsonObject, passage: Passage, words: list[str]) -> Found:
    pieces = mark_words(_read_line(passage.clause), words, LONGEST_EXCERPT)
    return Found(row, clause_address(passage.clause.clause_id), pieces)


def _read_line(clause: Clause) -> str:
    """A clause on one line; of a row its cells with their headers."""
    if not clause.cells:
        return schema.flow(clause.text)
    pattern: str = load_texts()["reader"]["search"]["cell"]
    return "；".join(pattern.format(c.header, c.text) if c.header else c.text for c in clause.cells)
