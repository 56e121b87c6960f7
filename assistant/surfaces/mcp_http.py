"""`/mcp`: the Model Context Protocol over HTTP, one request at a time, beside the API.

Nothing is remembered between two requests, so each gets a manager of its own and the server needs no start or end of
life. The package is imported by the first request.
"""

from __future__ import annotations

import ipaddress
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request

from assistant.errors import TiaowenError
from assistant.surfaces.access import Access
from assistant.surfaces.edge import Receive, Scope, Send
from assistant.surfaces.mcp_source import McpSource, open_server
from assistant.surfaces.problems import describe_error, reply_problem
from assistant.surfaces.refusals import OriginForbidden, Refused

if TYPE_CHECKING:
    from assistant.surfaces.mcp_server import PolicyServer


class ForeignHost(Refused):
    """A host name that somebody else may have pointed at this server."""

    http_status = 421


class McpEndpoint:
    """Answers the protocol's requests; an ASGI application.

    Args:
        source: what the tools work with.
        access: which hosts and origins are this server's own.
    """

    def __init__(self, source: McpSource, access: Access) -> None:
        self._source = source
        self._access = access
        self._server: PolicyServer | None = None
        self._lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        try:
            self._check_sender(Headers(raw=scope["headers"]))
            server = self._server
            if server is None:
                server = await run_in_threadpool(self._open)
        except TiaowenError as exc:
            reply = reply_problem(Request(scope), describe_error(exc))
            await reply(scope, receive, send)
            return
        manager = server.new_manager()
        async with manager.run():
            await manager.handle_request(scope, receive, send)

    def _check_sender(self, headers: Headers) -> None:
        """Refuse what a page of another site may have sent from inside, under whatever name.

        Raises:
            ForeignHost: the host is a name that is not ours.
            OriginForbidden: it is a page of another site.
        """
        host = headers.get("host", "")
        if not (_is_local(host) or self._access.is_public(host)):
            raise ForeignHost(
                f"这个地址不是本服务的：{host[:200] or '（没有 Host）'}",
                hint="用 IP 地址或 localhost 访问，或请运维把 TIAOWEN_SERVER__PUBLIC_URL 设成这个地址",
            )
        origin = headers.get("origin")
        if origin is not None and not self._access.is_own(origin, host):
            raise OriginForbidden("网页不能跨站使用 MCP", hint="在 MCP 客户端里填本服务的地址加 /mcp")

    def _open(self) -> PolicyServer:
        with self._lock:
            if self._server is None:
                self._server = open_server(self._source)
            return self._server


def _is_local(host: str) -> bool:
    """Whether a host is an address or this computer's own name: those cannot be pointed elsewhere."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        if name == "localhost":
            return True
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
