"""Static files of the pages, each under its own name and under one that holds its hash.

`/static/page.css` is checked by its ETag; `/static/page.<hash>.css` never changes and may be kept for ever. The
widget is the one file that other sites load, so it stands at the top: `/widget.js` and `/widget.<hash>.js`. It is put
together when it is first read: its parts in their order, its style, and the texts, which all stand in `texts/`.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response
from rcssmin import cssmin
from rjsmin import jsmin

from assistant.surfaces.inbound import NotFound
from assistant.surfaces.schema import FOOTER, dump_json
from assistant.surfaces.web.texts import load_texts

STATIC = Path(__file__).resolve().parent / "static"
WIDGET_PARTS = Path(__file__).resolve().parent / "widget"
WIDGET = "widget.js"
MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
FOR_EVER = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages load.

    Attributes:
        address: with the hash of the body in it.
        integrity: what a page that loads it may demand (Subresource Integrity, SHA-384).
    """

    name: str
    body: bytes
    media_type: str
    digest: str
    address: str
    integrity: str


@cache
def load_assets() -> dict[str, Asset]:
    """Every static file by its name, the widget among them."""
    files = {path.name: path.read_bytes() for path in sorted(STATIC.iterdir()) if path.suffix in MEDIA_TYPES}
    files[WIDGET] = _build_widget()
    return {name: _make_asset(name, body) for name, body in files.items()}


def asset_address(name: str) -> str:
    """The address of a file that may be kept for ever."""
    return load_assets()[name].address


def _build_widget() -> bytes:
    """One module: the parts in the order of their names, with texts and style put in."""
    code: str = jsmin("".join(part.read_text(encoding="utf-8") for part in sorted(WIDGET_PARTS.glob("*.js"))))
    style: str = cssmin((WIDGET_PARTS / "widget.css").read_text(encoding="utf-8"))
    texts = {**load_texts()["widget"], "footer": FOOTER}
    return code.replace("__TEXTS__", dump_json(texts), 1).replace("__STYLE__", dump_json(style), 1).encode()


def _make_asset(name: str, body: bytes) -> Asset:
    digest = hashlib.sha256(body).hexdigest()[:16]
    folder = "" if name == WIDGET else "/static"
    integrity = "sha384-" + base64.b64encode(hashlib.sha384(body).digest()).decode()
    stem, suffix = name.rsplit(".", 1)
    address = f"{folder}/{stem}.{digest}.{suffix}"
    return Asset(name, body, MEDIA_TYPES[f".{suffix}"], digest, address, integrity)


@router.api_route("/static/{name}", methods=["GET", "HEAD"])
def static_file(name: str, request: Request) -> Response:
    """A file of the pages."""
    return _serve(name, request)


@router.api_route("/widget.js", methods=["GET", "HEAD"])
@router.api_route("/widget.{digest}.js", methods=["GET", "HEAD"])
def widget_file(request: Request, digest: str = "") -> Response:
    """The widget, which pages of other sites may load."""
    reply = _serve(f"widget.{digest}.js" if digest else WIDGET, request)
    reply.headers["access-control-allow-origin"] = "*"
    reply.headers["cross-origin-resource-policy"] = "cross-origin"
    return reply


def _serve(name: str, request: Request) -> Response:
    assets = load_assets()
    stem, _, rest = name.partition(".")
    digest, _, suffix = rest.rpartition(".")
    asset = assets.get(f"{stem}.{suffix}")
    if asset is None or digest not in ("", asset.digest):
        raise NotFound("没有这个文件", hint="刷新页面，换成新的版本")
    etag = f'"{asset.digest}"'
    headers = {"etag": etag, "cache-control": FOR_EVER if digest else "no-cache"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(asset.body, media_type=asset.media_type, headers=headers)
