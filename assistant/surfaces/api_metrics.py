"""`/metrics`: the figures of this process for Prometheus; for this computer and the staff, not for the public.

Whoever asks from this computer is let in without a key, but neither a request that a proxy here passes on (it carries
the proxy's headers) nor one that a page in somebody's browser makes (its Host is a name, or it has an Origin).
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from prometheus_client.exposition import choose_encoder
from starlette.exceptions import HTTPException

from assistant.surfaces.refusals import BEARER, Refused

router = APIRouter(include_in_schema=False)

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
_NO_STORE = {"cache-control": "no-store"}


class MetricsForbidden(Refused):
    """The figures are not for whoever asks."""

    http_status = 401
    headers = BEARER


@router.get("/metrics")
def read_metrics(request: Request) -> Response:
    """The figures, in the form that is asked for."""
    _check_reader(request)
    encode, media_type = choose_encoder(request.headers.get("accept", ""))
    data = encode(request.app.state.watch.meter.registry)
    return Response(data, media_type=media_type, headers=_NO_STORE)


def _check_reader(request: Request) -> None:
    access = request.app.state.access
    if access.server.metrics == "off":
        raise HTTPException(404)
    if access.server.metrics == "open" or _is_local(request):
        return
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not key or access.find_key(key.strip()) is None:
        raise MetricsForbidden(
            "运行指标只给本机和工作人员看",
            hint="在本机读取，或用 Authorization: Bearer 出示工作台密钥；"
            "要对采集服务器开放，设 TIAOWEN_SERVER__METRICS=open 并在防火墙上限制来源",
        )


def _is_local(request: Request) -> bool:
    if "origin" in request.headers or any(name in request.headers for name in _FORWARDED):
        return False
    client = request.client.host if request.client else ""
    return _is_loopback(client) and _is_loopback_host(request.headers.get("host", ""))


def _is_loopback_host(host: str) -> bool:
    """Whether a Host header names this computer in a way that nobody can point elsewhere."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return name == "localhost" or _is_loopback(name)


def _is_loopback(address: str) -> bool:
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = read.ipv4_mapped if isinstance(read, ipaddress.IPv6Address) else None
    return (mapped or read).is_loopback
