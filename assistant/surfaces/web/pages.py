"""Templates → HTML pages, escaped, with the interface texts at hand.

A template that names a text or a value that is not there fails: a page is never shown with a hole in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from assistant.models import Span
from assistant.surfaces.schema import FOOTER, JsonObject, flow
from assistant.surfaces.web.assets import asset_address
from assistant.surfaces.web.places import clause_address
from assistant.surfaces.web.texts import load_texts

TEMPLATES = Path(__file__).resolve().parent / "templates"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(flow=flow, citation_address=citation_address)
    environment.globals.update(t=load_texts(), footer=FOOTER, asset=asset_address)
    return environment


def citation_address(citation: JsonObject) -> str:
    """The place in the reader where a citation (`schema.citation_object`) stands, with its quote marked."""
    return clause_address(citation["clause_id"], Span(citation["start"], citation["end"]))


def render_text(template: str, **values: Any) -> str:
    """A template filled in, as HTML."""
    return _environment().get_template(template).render(values)


def render_page(
    request: Request,
    template: str,
    values: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """A page.

    Args:
        template: path under `templates/`; it extends `base.html`.
        values: what it shows beside `t` (texts), `path` (address of the request) and `footer`.
    """
    html = render_text(template, path=request.url.path, **(values or {}))
    return HTMLResponse(html, status_code=status, headers=dict(headers or {}))


def wants_page(request: Request) -> bool:
    """Whether whoever asks is a person with a browser, not a program."""
    is_api = request.url.path.startswith("/v1/")
    return not is_api and "text/html" in request.headers.get("accept", "")


def problem_page(
    request: Request, problem: JsonObject, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """A problem as a page, with its hint and a way on."""
    return render_page(
        request, "problem.html", {"problem": problem}, status=problem["status"], headers=headers
    )
