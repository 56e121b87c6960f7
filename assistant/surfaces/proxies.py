"""Reverse proxies: whose word is taken for where a request comes from.

X-Forwarded-For is a list that each proxy adds the address it was asked by to. Read from the end, what a known proxy
added is true; the first address that is no proxy of ours is the client, and whatever stands before it may be invented.
"""

from __future__ import annotations

import ipaddress

from starlette.datastructures import Headers

from assistant.surfaces.edge import AsgiApp, Receive, Scope, Send

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class ProxyHeaders:
    """Puts the client's own address and scheme in place of those of a known proxy.

    Args:
        proxies: addresses or networks, separated by commas.
    """

    def __init__(self, app: AsgiApp, proxies: str) -> None:
        self._app = app
        self._networks = [ipaddress.ip_network(p.strip()) for p in proxies.split(",") if p.strip()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if self._networks and scope["type"] == "http" and self._is_proxy((scope["client"] or ("",))[0]):
            headers = Headers(raw=scope["headers"])
            if client := self._find_client(headers.getlist("x-forwarded-for")):
                scope["client"] = (client, 0)
            scheme = headers.get("x-forwarded-proto", "").rpartition(",")[2].strip().lower()
            if scheme in ("http", "https"):
                scope["scheme"] = scheme
        await self._app(scope, receive, send)

    def _find_client(self, lines: list[str]) -> str | None:
        client = None
        for text in reversed(",".join(lines).split(",")):
            try:
                client = str(ipaddress.ip_address(text.strip()))
            except ValueError:
                return client
            if not self._is_proxy(client):
                return client
        return client

    def _is_proxy(self, text: str) -> bool:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return False
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return any((mapped or address) in network for network in self._networks)
