"""Where a page comes from: the `Origin` of a browser, and the addresses that an operator may write down for it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from assistant.errors import RequestInvalid

MOST_ORIGINS = 20
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]+\]")


def read_origin(text: str) -> str | None:
    """An origin as browsers send it, such as `https://www.example.org`; None where the text is none.

    Letters are made small, a Chinese host name becomes its ASCII form, and the usual port is left out.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError:
        return None
    host = f"[{host}]" if ":" in host else host
    has_more = parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in _PORTS or has_more or not _HOST.fullmatch(host):
        return None
    shown = "" if port in (None, _PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{shown}"


def read_origins(texts: Iterable[str]) -> list[str]:
    """The origins of a publish token, each once, in their order.

    Raises:
        RequestInvalid: there is none, too many, or one is no origin.
    """
    origins: dict[str, None] = {}
    for text in filter(None, map(str.strip, texts)):
        origin = read_origin(text)
        if origin is None:
            raise RequestInvalid(
                f"网站地址有误：{text[:200]}",
                hint="写到域名（和端口）为止，如 https://www.example.gov.cn；不用通配符，不带路径",
            )
        origins[origin] = None
    if not 1 <= len(origins) <= MOST_ORIGINS:
        raise RequestInvalid(
            f"网站地址要有 1 到 {MOST_ORIGINS} 个",
            hint="写出嵌入挂件的网页所在的网站，如 https://www.example.gov.cn",
        )
    return list(origins)


def is_same_host(origin: str, host: str) -> bool:
    """Whether an origin is that of the host a request was sent to.

    The scheme is left aside: behind a proxy that ends TLS this server sees http where the browser has https.
    """
    return host != "" and any(read_origin(f"{scheme}://{host}") == origin for scheme in _PORTS)
