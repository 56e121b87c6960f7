"""Questions that were left unanswered or found bad: read page by page, taken away as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, cast
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from assistant.errors import RequestInvalid
from assistant.surfaces.inbound import NotFound, parse_day
from assistant.surfaces.replies import find_assistant
from assistant.surfaces.schema import GENERATED
from assistant.surfaces.staff.sign_in import require_staff
from assistant.surfaces.web.pages import render_page
from assistant.surfaces.web.texts import load_texts
from assistant.surfaces.workbook_write import SheetRows, clean_cell, write_workbook

if TYPE_CHECKING:
    from assistant.store.review import Kind, ReviewFilter, ReviewItem, ReviewStore

PAGE = 20
MOST_EXPORTED = 10_000
WIDTHS = (18, 16, 50, 60, 20, 40, 40, 16)
MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}

router = APIRouter(prefix="/staff", include_in_schema=False, dependencies=[Depends(require_staff)])


class Asked(NamedTuple):
    """What the address asks to see, as text, and the filter it is read as."""

    texts: dict[str, str]
    wanted: ReviewFilter


def read_filter(
    kind: Annotated[str, Query(max_length=20)] = "",
    since: Annotated[str, Query(max_length=10)] = "",
    until: Annotated[str, Query(max_length=10)] = "",
) -> Asked:
    """The filter that the address names.

    Raises:
        RequestInvalid: no such kind, or not a day.
    """
    from assistant.store.review import KINDS, ReviewFilter

    if kind and kind not in KINDS:
        words = _words()
        raise RequestInvalid(words["wrong_kind"].format(kind=kind), hint=words["wrong_kind_hint"])
    wanted = ReviewFilter(
        kind=cast("Kind", kind) or None,
        since=parse_day(since) if since else None,
        until=parse_day(until) if until else None,
    )
    texts = {name: text for name, text in (("kind", kind), ("since", since), ("until", until)) if text}
    return Asked(texts, wanted)


Filter = Annotated[Asked, Depends(read_filter)]


@router.get("/review")
def show_review(
    request: Request, asked: Filter, page: Annotated[int, Query(ge=1, le=100_000)] = 1
) -> Response:
    """One page of them, the newest first, with the counts on top."""
    from assistant.store.review import KINDS

    store = _store(request)
    counts = store.count(asked.wanted)
    n_found = counts[asked.wanted.kind or "any"]
    n_pages = max(1, -(-n_found // PAGE))
    page = min(page, n_pages)
    items = store.list(asked.wanted, offset=(page - 1) * PAGE, limit=PAGE)
    values = {
        **{"kind": "", "since": "", "until": "", **asked.texts},
        "kinds": KINDS,
        "counts": counts,
        "n_found": n_found,
        "items": [_show(item) for item in items],
        "query": f"?{urlencode(asked.texts)}" if asked.texts else "",
        "page": page,
        "n_pages": n_pages,
        "earlier": _page_address(asked, page - 1),
        "later": _page_address(asked, page + 1),
    }
    return render_page(request, "staff/review.html", values)


@router.get("/review.{form}")
def export_review(request: Request, asked: Filter, form: str) -> Response:
    """All of them as a workbook or as CSV; what askers wrote is no formula in either."""
    words = _words()
    if form not in MEDIA_TYPES:
        raise NotFound(words["wrong_format"], hint=words["wrong_format_hint"])
    items = list(_store(request).every(asked.wanted, MOST_EXPORTED))
    rows = [_row(item) for item in items]
    if form == "xlsx":
        is_generated = any(item.body.get("generated") for item in items)
        sheet = SheetRows(words["title"], words["headers"], iter(rows), WIDTHS)
        data = write_workbook([sheet], is_generated=is_generated)
    else:
        data = _write_csv([words["headers"], *rows])
    name = quote(f"{words['file']}.{form}")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(data, media_type=MEDIA_TYPES[form], headers=headers)


def _write_csv(rows: list[list[str]]) -> bytes:
    """With the mark by which Excel knows UTF-8."""
    stream = io.StringIO()
    csv.writer(stream).writerows([[clean_cell(cell) for cell in row] for row in rows])
    return stream.getvalue().encode("utf-8-sig")


def _store(request: Request) -> ReviewStore:
    return find_assistant(request).store.review


def _words() -> dict[str, Any]:
    words: dict[str, Any] = load_texts()["desk"]["review"]
    return words


def _page_address(asked: Asked, page: int) -> str:
    return f"/staff/review?{urlencode({**asked.texts, 'page': page})}"


def _show(item: ReviewItem) -> dict[str, Any]:
    return {
        "id": item.body.get("id", ""),
        "kinds": item.kinds,
        "day": item.asked_at.date().isoformat(),
        "when": item.asked_at.strftime("%Y-%m-%d %H:%M"),
        "question": item.question,
        "answer": _answer_text(item),
        "reason": item.reason,
        "comment": item.comment,
        "clauses": list(_clauses(item)),
    }


def _clauses(item: ReviewItem) -> Iterator[dict[str, str]]:
    """The clauses that the answer cites, each with the address of its quote in the reader."""
    for citation in item.body.get("citations", []):
        path = quote(citation["clause_id"].partition("#")[2])
        mark = f"{citation['start']}-{citation['end']}"
        yield {
            "href": f"/documents/{quote(citation['document'])}?mark={mark}#c-{path}",
            "label": citation["clause"],
            "source": f"{citation['region']} {citation['number'] or citation['title']}",
        }


def _answer_text(item: ReviewItem) -> str:
    """The answer as it was shown, labelled where a language model worded it."""
    text: str = item.body.get("text", "")
    return f"{text}\n（{GENERATED}）" if item.body.get("generated") else text


def _row(item: ReviewItem) -> list[str]:
    counts = _words()["counts"]
    return [
        item.asked_at.strftime("%Y-%m-%d %H:%M"),
        "、".join(counts[kind] for kind in item.kinds),
        item.question,
        _answer_text(item),
        item.reason,
        item.comment,
        "；".join(f"{clause['source']} {clause['label']}" for clause in _clauses(item)),
        item.body.get("corpus_version", ""),
    ]
