"""A page of another site that shows the widget, under a policy as strict as there is: to try, and to test with."""

from __future__ import annotations

from markupsafe import Markup
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from assistant.surfaces.embed import embed_code
from assistant.surfaces.web.pages import render_text


def host_policy(server: str) -> str:
    """A content security policy that lets the widget of `server` run, and nothing else."""
    return (
        f"default-src 'none'; script-src {server}; connect-src {server}; style-src 'none'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    )


def create_host(server: str, token: str) -> Starlette:
    """The site of another host.

    Args:
        server: origin of the server that answers, such as `http://127.0.0.1:8000`.
        token: a publish token that lists this host.
    """
    code = embed_code(server, token)
    script, element = code.split("\n")
    policy = host_policy(server)
    # `embed_code` has escaped what it put in.
    page = render_text(
        "embed/host.html", script=Markup(script), element=Markup(element), policy=policy, code=code
    )

    def show_page(_request: Request) -> HTMLResponse:
        return HTMLResponse(page, headers={"content-security-policy": policy})

    return Starlette(routes=[Route("/", show_page)])
