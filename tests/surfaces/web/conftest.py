"""A server whose stream a test holds in its hands, and pages that watch what the browser complains of."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.responses import StreamingResponse
from starlette.routing import Route

from assistant.surfaces.api import create_app

WAIT_S = 10


@dataclass
class HeldStream:
    """`/v1/ask/stream` as a test plays it: events go out when they are put, an exception cuts the connection."""

    waiting: list[Any] = field(default_factory=list)
    ready: threading.Condition = field(default_factory=threading.Condition)
    n_asked: int = 0

    def put(self, name: str, data: Any) -> None:
        self._put(f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n")

    def put_raw(self, text: str) -> None:
        self._put(text)

    def cut(self) -> None:
        self._put(ConnectionResetError())

    def end(self) -> None:
        self._put(None)

    def _put(self, item: Any) -> None:
        with self.ready:
            self.waiting.append(item)
            self.ready.notify()

    def __iter__(self) -> Iterator[str]:
        while True:
            with self.ready:
                if not self.ready.wait_for(lambda: self.waiting, WAIT_S):
                    return
                item = self.waiting.pop(0)
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            yield item

    async def serve(self, _request) -> StreamingResponse:
        self.n_asked += 1
        return StreamingResponse(iter(self), media_type="text/event-stream")


@pytest.fixture
def held(assistant, serve) -> Iterator[tuple[str, HeldStream]]:
    """Address of a server whose stream is held, and the stream."""
    stream = HeldStream()
    app = create_app(lambda: assistant)
    app.router.routes.insert(0, Route("/v1/ask/stream", stream.serve, methods=["POST"]))
    with serve(app) as address:
        yield address, stream
        stream.end()


@pytest.fixture
def server(assistant, serve) -> Iterator[tuple[str, list]]:
    """Address of a real server, and a list: what is put in it is raised instead of opening."""
    failures: list[BaseException] = []

    def source():
        if failures:
            raise failures[0]
        return assistant

    with serve(create_app(source)) as address:
        yield address, failures


@pytest.fixture
def context(browser) -> Iterator[Any]:
    opened = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    opened.set_default_timeout(WAIT_S * 1000)
    yield opened
    opened.close()


@pytest.fixture
def page(context):
    """A page; `page.complaints` is what its console said."""
    opened = context.new_page()
    opened.complaints = []
    opened.on("console", lambda message: opened.complaints.append(message.text))
    opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
    return opened
