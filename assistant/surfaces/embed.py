"""The two lines that a page of another site needs to show the widget."""

from __future__ import annotations

from html import escape

from assistant.surfaces.web.assets import WIDGET, load_assets

ELEMENT = "tiaowen-ask"


def embed_code(server: str, token: str) -> str:
    """The script with its hash, so that a changed file is not run, and the element.

    Args:
        server: address that browsers reach this server at, such as `https://wen.example.gov.cn`.
        token: a publish token that lists the page's site.
    """
    script = load_assets()[WIDGET]
    base = escape(server.rstrip("/"))
    return (
        f'<script type="module" src="{base}{script.address}" integrity="{script.integrity}" crossorigin></script>\n'
        f'<{ELEMENT} endpoint="{base}" token="{escape(token)}"></{ELEMENT}>'
    )
