"""The outermost ASGI layer: every request gets an id, is counted, and leaves one line in the log.

The line names the route as it is declared (`/v1/clauses/{clause_id}`), never the address as it was asked for: that may
hold a question, a secret or somebody's number. It is written at INFO.
"""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack

from starlette.datastructures import Headers

from assistant.surfaces.door import MCP_PATH
from assistant.surfaces.edge import AsgiApp, Message, Receive, Scope, Send, find_route
from assistant.surfaces.openai_errors import CHAT_PATH
from assistant.surfaces.watching.questions import UNKNOWN, Watch
from assistant.surfaces.watching.request_id import HEADER, answering, choose_request_id

logger = logging.getLogger("assistant.access")

SURFACES = {
    "/v1/ask": "api",
    "/v1/ask/stream": "stream",
    "/ask": "page",
    CHAT_PATH: "openai",
    MCP_PATH: "mcp",
}
"""What the questions asked at an address are counted as."""
GONE = 499
"""The status of a request whose client went away before there was a reply."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class WatchRequests:
    """Counts and logs the requests of an application."""

    def __init__(self, app: AsgiApp, watch: Watch) -> None:
        self._app = app
        self._watch = watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(raw=scope["headers"])
        request_id = choose_request_id(headers.get(HEADER))
        told = _Told(request_id, send)
        with ExitStack() as held:
            held.enter_context(answering(request_id))
            held.enter_context(self._watch.over(SURFACES.get(scope["path"], UNKNOWN)))
            spans = self._watch.spans
            if spans is not None:
                held.enter_context(spans.request(scope["method"], dict(headers)))
            started = time.perf_counter()
            self._watch.meter.begin_request()
            try:
                await self._app(scope, receive, told)
            finally:
                method = scope["method"] if scope["method"] in _METHODS else "OTHER"
                route, seconds = find_route(scope), time.perf_counter() - started
                self._watch.meter.end_request(method, route, told.status, seconds)
                if spans is not None:
                    spans.name_request(method, route, told.status)
                _log(method, route, told, seconds)


class _Told:
    """Sends the reply on, with the id of its request, and sees what it is."""

    def __init__(self, request_id: str, send: Send) -> None:
        self._request_id = request_id
        self._send = send
        self.status = GONE
        self.n_bytes = 0

    async def __call__(self, message: Message) -> None:
        """Send one message."""
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            own = (HEADER.encode(), self._request_id.encode())
            message["headers"] = [*message.get("headers", []), own]
        self.n_bytes += len(message.get("body", b""))
        await self._send(message)


def _log(method: str, route: str, told: _Told, seconds: float) -> None:
    ms = round(seconds * 1000, 1)
    fields = {"method": method, "route": route, "status": told.status, "ms": ms, "bytes": told.n_bytes}
    logger.info("%s %s %d %.1f ms %d bytes", *fields.values(), extra={"fields": fields})
