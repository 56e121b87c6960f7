"""ASGI layers at the door of the API: which sites may ask at all (CORS), and how often one client may.

Both refuse before a body is read. What they say about the origin goes with every reply to it, a refusal or a bug
included: the widget must be able to read a 429 from another site.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from assistant.errors import TiaowenError
from assistant.surfaces.access import Access
from assistant.surfaces.edge import ADDED_HEADERS, AsgiApp, Receive, Scope, Send
from assistant.surfaces.openai_errors import CHAT_PATH
from assistant.surfaces.problems import describe_error, reply_problem
from assistant.surfaces.refusals import OriginForbidden, Refused
from assistant.surfaces.throttle import Deed, caller_of

API = "/v1/"
MCP_PATH = "/mcp"
SESSION_PATH = "/v1/widget/session"
PREFLIGHT = {
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "content-type, authorization",
    "access-control-max-age": "600",
}
LIMITED: dict[tuple[str, str], Deed] = {
    ("POST", "/v1/ask"): "ask",
    ("POST", "/v1/ask/stream"): "ask",
    ("POST", CHAT_PATH): "ask",
    ("POST", MCP_PATH): "ask",
    ("GET", "/ask"): "ask",
    ("GET", "/v1/search"): "search",
    ("GET", "/documents/search"): "search",
    ("POST", "/v1/feedback"): "search",
    ("POST", SESSION_PATH): "widget",
    ("POST", "/staff/sign-in"): "sign_in",
}
LINK_PATH = "/staff/open/"


class CrossOrigin:
    """Lets pages of listed origins use the API, with a session; refuses those of others."""

    def __init__(self, app: AsgiApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not scope["path"].startswith(API):
            await self._app(scope, receive, send)
            return
        headers = Headers(raw=scope["headers"])
        scope[ADDED_HEADERS].append((b"vary", b"Origin"))
        origin = headers.get("origin")
        if origin is None or self._access.is_own(origin, headers.get("host", "")):
            await self._app(scope, receive, send)
            return
        is_preflight = scope["method"] == "OPTIONS" and "access-control-request-method" in headers
        try:
            is_listed = await run_in_threadpool(self._access.is_listed, origin)
            if is_listed:
                scope[ADDED_HEADERS] += [
                    (b"access-control-allow-origin", origin.encode("latin-1")),
                    (b"access-control-expose-headers", b"retry-after, x-request-id"),
                ]
            elif is_preflight or scope["path"] != SESSION_PATH:
                raise OriginForbidden(
                    "这个网站没有获准使用本服务",
                    hint="请网站管理员用 tiaowen widget create 登记网站地址后再嵌入",
                )
            if is_preflight:
                await Response(status_code=204, headers=PREFLIGHT)(scope, receive, send)
                return
            if scope["path"] != SESSION_PATH:
                await run_in_threadpool(self._access.check_session, _read_bearer(headers), origin)
        except TiaowenError as exc:
            await _refuse(exc, scope, receive, send)
            return
        await self._app(scope, receive, send)


class Limits:
    """Counts what each client address asks for, and refuses what is too much."""

    def __init__(self, app: AsgiApp, access: Access) -> None:
        self._app = app
        self._throttle = access.throttle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        deed = _find_deed(scope)
        if deed is not None:
            caller = caller_of((scope["client"] or ("",))[0])
            try:
                if self._throttle.may_block:
                    await run_in_threadpool(self._throttle.check, deed, caller)
                else:
                    self._throttle.check(deed, caller)
            except Refused as exc:
                await _refuse(exc, scope, receive, send)
                return
        await self._app(scope, receive, send)


def _find_deed(scope: Scope) -> Deed | None:
    if scope["type"] != "http":
        return None
    if scope["path"].startswith(LINK_PATH):
        return "sign_in"
    return LIMITED.get((scope["method"], scope["path"]))


def _read_bearer(headers: Headers) -> str:
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


async def _refuse(exc: TiaowenError, scope: Scope, receive: Receive, send: Send) -> None:
    headers = exc.headers if isinstance(exc, Refused) else {}
    reply = reply_problem(Request(scope), describe_error(exc), headers)
    await reply(scope, receive, send)
