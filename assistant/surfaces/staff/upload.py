"""A table that a page of the desk was sent → a page with the result, or events while it is worked on.

In: the form with its file, and the work to do. Out: a page for a browser without JavaScript; for the script of the page
events `progress` {stage, done, all}, then `result` {tree} or `error` (RFC 9457). The result is made from the same
template either way. Nothing is kept: the file stands in memory until the reply is sent, and never on a disk.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from fastapi.sse import EventSourceResponse, format_sse_event
from starlette.formparsers import MultiPartException, MultiPartParser

from assistant.errors import RequestInvalid, TiaowenError
from assistant.surfaces import problems
from assistant.surfaces.edge import PAGE_UPLOAD, find_route
from assistant.surfaces.events import Event
from assistant.surfaces.schema import dump_json
from assistant.surfaces.staff.page_tree import build_tree
from assistant.surfaces.web.pages import render_page, render_text
from assistant.surfaces.web.texts import load_texts
from assistant.surfaces.workbook_read import Limit, Progress

MOST_ROWS = 5_000
_MOST_UNPACKED = 100 * 2**20
_MOST_FIELDS = 20
_LONGEST_NAME = 80
_KEEP_ALIVE_S = 15.0
_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Upload:
    """What was sent: the other fields of the form, the file (empty where none was chosen), its name for display."""

    fields: tuple[tuple[str, str], ...]
    data: bytes
    name: str


@dataclass(frozen=True, slots=True)
class Job:
    """Work on a table.

    Attributes:
        page: template of the whole page; `fragment` of the result, which the page includes.
        form: what the page shows whether or not there is a result.
        run: does the work and gives what the result shows, under the name `result`.
    """

    page: str
    fragment: str
    form: Mapping[str, Any]
    run: Callable[[Progress], Any]


class _MemoryParser(MultiPartParser):
    """Keeps the file in memory: a roster is never written to a disk, not even for a moment."""

    spool_max_size = PAGE_UPLOAD + 1


class _Stopped(BaseException):
    """Nobody waits for the result any more; no error, so that nothing that handles errors takes it for one."""


async def read_upload(request: Request) -> Upload:
    """The form as it was sent.

    Raises:
        RequestInvalid: it is no form with a file.
    """
    texts = load_texts()["batch"]["upload"]
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise RequestInvalid(texts["no_form"], hint=texts["no_form_hint"])
    parser = _MemoryParser(request.headers, request.stream(), max_files=1, max_fields=_MOST_FIELDS)
    try:
        form = await parser.parse()
    except (MultiPartException, UnicodeError) as exc:
        raise RequestInvalid(texts["no_form"], hint=texts["no_form_hint"]) from exc
    fields: list[tuple[str, str]] = []
    data, name = b"", ""
    for key, value in form.multi_items():
        if isinstance(value, str):
            fields.append((key, value))
        elif key == "file":
            data, name = await value.read(), show_name(value.filename or "")
    await form.close()
    return Upload(tuple(fields), data, name)


def show_name(name: str) -> str:
    """The name of a file as it may be shown: without folders, and without what cannot be seen."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable())[:_LONGEST_NAME]


def page_limit(key: str) -> Limit:
    """How large a table of a page may be; `key` is the area whose texts say what to do with a larger one."""
    return Limit(MOST_ROWS, _MOST_UNPACKED, load_texts()[key]["too_many_hint"])


def require_file(upload: Upload) -> bytes:
    """The file.

    Raises:
        RequestInvalid: none was chosen, or it is empty.
    """
    if not upload.data:
        texts = load_texts()["batch"]["upload"]
        raise RequestInvalid(texts["empty"] if upload.name else texts["no_file"], hint=texts["no_file_hint"])
    return upload.data


def reply(request: Request, job: Job) -> Response:
    """Do the work; a script gets events, everybody else a page."""
    if "text/event-stream" in request.headers.get("accept", ""):
        return EventSourceResponse(stream_job(request, job), headers=_HEADERS)
    try:
        result = job.run(_ignore)
    except RequestInvalid as exc:
        values = {**job.form, "result": None, "problem": f"{exc.message}。{exc.hint}"}
        return render_page(request, job.page, values, status=exc.http_status)
    values = {**job.form, "result": result, "problem": ""}
    return render_page(request, job.page, values, headers={"cache-control": "no-store"})


async def stream_job(request: Request, job: Job) -> AsyncGenerator[bytes]:
    """The events of a job, which runs in a thread; it stops where the reader leaves."""
    loop, is_left = asyncio.get_running_loop(), threading.Event()
    events: asyncio.Queue[Event | None] = asyncio.Queue()

    def put(event: Event | None) -> None:
        if not is_left.is_set():
            loop.call_soon_threadsafe(events.put_nowait, event)

    def report(stage: str, done: int, n_all: int) -> None:
        if is_left.is_set():
            raise _Stopped
        put(Event("progress", {"stage": stage, "done": done, "all": n_all}))

    work = loop.run_in_executor(None, _work, request, job, report, put)
    try:
        while True:
            try:
                event = await asyncio.wait_for(events.get(), _KEEP_ALIVE_S)
            except TimeoutError:
                yield format_sse_event(comment="")
                continue
            if event is None:
                break
            yield format_sse_event(event=event.name, data_str=dump_json(event.data))
        await work
    finally:
        is_left.set()


def _work(request: Request, job: Job, report: Progress, put: Callable[[Event | None], None]) -> None:
    try:
        html = render_text(job.fragment, **{**job.form, "result": job.run(report)})
        put(Event("result", {"tree": build_tree(html)}))
    except _Stopped:
        logger.info("left before the result at %s", find_route(request.scope))
    except TiaowenError as exc:
        put(Event("error", problems.describe_error(exc)))
    except Exception:
        logger.exception("unexpected error at %s %s", request.method, find_route(request.scope))
        put(Event("error", problems.status_problem(500)))
    put(None)


def _ignore(_stage: str, _done: int, _all: int) -> None:
    """A page is not told of progress."""
