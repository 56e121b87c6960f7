"""ASGI layers around the API: security headers, a limit on bodies, and the last catch.

They are plain ASGI, not framework middleware, because a body sent in chunks has no length to check
in advance, and because the answer to a bug must carry the same headers as every other.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from starlette.requests import ClientDisconnect, Request

from assistant.surfaces.openai_errors import CHAT_PATH, error_response, is_openai
from assistant.surfaces.problems import MEDIA_TYPE, encode_problem, reply_problem, status_problem
from assistant.surfaces.schema import JsonObject

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

logger = logging.getLogger(__name__)

# No third party, no inline script, no frame: the page needs only its own files and the API.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
SECURITY_HEADERS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    # Under `no-referrer` a browser says `Origin: null` when it sends a form of our own pages.
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)

UNMATCHED = "(none)"
"""The route of an address that there is not."""
ADDED_HEADERS = "tiaowen.headers"
"""Key of the scope: headers that inner layers want on the response, whoever makes it."""

# A refused body is read on and thrown away up to this many times the limit, so that an ordinary
# client gets to see the refusal instead of a reset connection.
DRAIN_FACTOR = 16
UPLOAD_PATH = "/v1/check/batch"
"""The address of the API that takes a file, with a limit of its own."""
PAGE_UPLOAD = 5 * 2**20
CHAT_FACTOR = 16
"""So many times the limit may a conversation have that is sent whole: answers are longer than questions."""
CORPUS_UPLOAD = 20 * 2**20
CORPUS_PATH = "/staff/corpus/upload"
UPLOADS = {"/staff/batch": PAGE_UPLOAD, "/staff/progress": PAGE_UPLOAD, CORPUS_PATH: CORPUS_UPLOAD}
"""The pages that take a file, and its largest size, bytes."""


class SecureEdge:
    """Outermost layer: every response gets the security headers; a bug becomes a plain 500.

    A response that brings a content security policy of its own keeps that one.
    """

    def __init__(self, app: AsgiApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_started = False
        added: list[tuple[bytes, bytes]] = []
        scope[ADDED_HEADERS] = added

        async def send_secured(message: Message) -> None:
            nonlocal is_started
            if message["type"] == "http.response.start":
                is_started = True
                own = list(message.get("headers", []))
                names = {name.lower() for name, _ in own}
                secured = (pair for pair in SECURITY_HEADERS if pair[0] not in names)
                message["headers"] = [*own, *added, *secured]
            await send(message)

        try:
            await self._app(scope, receive, send_secured)
        except Exception as exc:
            if _is_departure(exc):
                return
            logger.exception("unexpected error at %s %s", scope["method"], find_route(scope))
            if is_started:
                raise
            problem = status_problem(500)
            if is_openai(scope["path"]):
                await error_response(problem)(scope, receive, send_secured)
            else:
                await send_problem(send_secured, problem)


def find_route(scope: Scope) -> str:
    """The address as the application declares it (`/v1/clauses/{clause_id}`); `UNMATCHED` where it has none.

    What is logged is this, never the address as it was asked for: that may hold a question, or a link that signs in.
    """
    route = scope.get("route")
    if route is not None:
        return str(getattr(route, "path_format", None) or getattr(route, "path", UNMATCHED))
    is_fixed = scope.get("endpoint") is not None and not scope.get("path_params")
    return str(scope["path"]) if is_fixed else UNMATCHED


def _is_departure(exc: Exception) -> bool:
    """Whether nothing happened but the client going away, which some servers tell a stream by an error."""
    if isinstance(exc, ExceptionGroup):
        return exc.split(ClientDisconnect)[1] is None
    return isinstance(exc, ClientDisconnect)


class BodyLimit:
    """Refuses bodies over a limit with 413, whether or not their length is declared.

    Args:
        max_body: largest body, bytes; a conversation that is sent whole may have `CHAT_FACTOR` times as many.
        uploads: addresses that take a larger one, and how large, bytes.
    """

    def __init__(self, app: AsgiApp, max_body: int, uploads: Mapping[str, int]) -> None:
        self._app = app
        self._max_body = max_body
        self._uploads = uploads
        self._limits = {CHAT_PATH: max_body * CHAT_FACTOR, **uploads}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request: read its body whole (it is small, or a workbook), then hand it on."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        limit = self._limits.get(scope["path"], self._max_body)
        body = await _read_body(receive, limit)
        if body is None:
            return
        if len(body) > limit:
            is_file = scope["path"] in self._uploads
            hint = (DOCUMENT_HINT if scope["path"] == CORPUS_PATH else TABLE_HINT) if is_file else ""
            reply = reply_problem(Request(scope), _too_large(limit, hint))
            await reply(scope, receive, send)
            return
        messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        await self._app(scope, replay, send)


TABLE_HINT = (
    "删去不需要的列和格式，或另存为 .csv；更大的表用命令行检查：tiaowen check-batch 输入.xlsx 输出.xlsx"
)
DOCUMENT_HINT = "去掉文件里的图片再上传；或请管理员在服务器上运行 tiaowen corpus add 文件"


def _too_large(limit: int, hint: str) -> JsonObject:
    """What is told of a body that is too large; `hint` is the remedy where it was a file, else empty."""
    problem = status_problem(413)
    problem["detail"] = f"请求体超过了上限 {limit} 字节"
    if hint:
        problem["detail"] = f"文件太大，上限是 {limit} 字节（{limit / 2**20:.2g} MB）"
        problem["hint"] = hint
    return problem


async def _read_body(receive: Receive, limit: int) -> bytes | None:
    """The body, or its first bytes past the limit; None where the client went away."""
    kept = bytearray()
    n_read = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        n_read += len(chunk)
        if len(kept) <= limit:
            kept += chunk
        if not message.get("more_body") or n_read > limit * DRAIN_FACTOR:
            return bytes(kept)


async def send_problem(send: Send, problem: JsonObject) -> None:
    """Send a problem without the framework."""
    body = encode_problem(problem)
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": problem["status"], "headers": headers})
    await send({"type": "http.response.body", "body": body})
