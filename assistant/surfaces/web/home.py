"""The home page: ask, sample questions, what is covered. Without JavaScript the answer is a page of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from fastapi import APIRouter, Query, Request, Response

from assistant.errors import CorpusError, RequestInvalid
from assistant.surfaces import inbound, schema
from assistant.surfaces.edge import CONTENT_SECURITY_POLICY
from assistant.surfaces.replies import find_assistant
from assistant.surfaces.web.pages import render_page
from assistant.surfaces.web.samples import SampleGroup, load_samples

if TYPE_CHECKING:
    from assistant.app import Assistant

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Query(max_length=20_000)]
Place = Annotated[str, Query(max_length=100)]


class Piece(NamedTuple):
    """A stretch of a line: text, or the mark of citation `n`."""

    text: str
    n: int = 0


@router.api_route("/", methods=["GET", "HEAD"])
def home(request: Request, region: Place = "") -> Response:
    """Ask, and see what can be asked."""
    assistant = find_assistant(request)
    rows = schema.documents_object(assistant.corpus, assistant.regions)["documents"]
    samples, warnings = _find_samples(assistant)
    values = {
        "region": region.strip(),
        "regions": _region_names(assistant),
        "documents": [{**row, "year": find_year(row)} for row in rows],
        "years": sorted({find_year(row) for row in rows} - {""}),
        "samples": samples,
        "warnings": warnings,
    }
    return render_page(request, "home/home.html", values)


@router.get("/ask")
def answer_page(request: Request, q: Text = "", region: Place = "") -> Response:
    """The answer to one question as a page."""
    assistant = find_assistant(request)
    values: dict[str, Any] = {
        "question": q,
        "region": region.strip(),
        "regions": _region_names(assistant),
        "problem": "",
        "answer": None,
        "lines": [],
    }
    status = 200
    try:
        question = inbound.build_question(q, as_of=request.app.state.today(), region=region)
        answer = assistant.ask(question)
        values["answer"] = schema.answer_object(answer)
        values["lines"] = list(map(split_marks, filter(None, re.split(r"\n+", answer.text))))
    except RequestInvalid as exc:
        values["problem"] = f"{exc.message}。{exc.hint}"
        status = exc.http_status
    return render_page(request, "home/answer.html", values, status=status)


@router.get("/embed")
def embedded_page(
    request: Request, token: Annotated[str, Query(max_length=200)], region: Place = ""
) -> Response:
    """The widget alone, for a frame on a page of a site that the publish token lists."""
    ancestors = request.app.state.access.frame_ancestors(token)
    policy = CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", f"frame-ancestors {ancestors}")
    values = {"region": region.strip(), "regions": _region_names(find_assistant(request))}
    return render_page(request, "embed/frame.html", values, headers={"content-security-policy": policy})


def find_year(row: schema.JsonObject) -> str:
    """The year a document (`schema.document_row`) is of: as declared, as dated, as its number says; empty if none."""
    numbered = re.search(r"〔(\d{4})〕", row["number"])
    dated = (row["issued"] or row["effective"] or "")[:4]
    return str(row["year"] or dated or (numbered[1] if numbered else ""))


def split_marks(line: str) -> list[Piece]:
    """A line of an answer as text and marks."""
    pieces = re.split(r"\[(\d+)\]", line)
    return [Piece(text, 0) if i % 2 == 0 else Piece("", int(text)) for i, text in enumerate(pieces) if text]


def _region_names(assistant: Assistant) -> list[str]:
    regions = schema.regions_object(assistant.corpus, assistant.regions)["regions"]
    return [row["name"] for row in regions]


def _find_samples(assistant: Assistant) -> tuple[tuple[SampleGroup, ...], list[str]]:
    """The sample questions; a page without them is worth more than none."""
    try:
        return load_samples(assistant.settings.corpus_dir), list(assistant.warnings)
    except CorpusError as exc:
        return (), [*assistant.warnings, exc.message]
