"""Publish tokens of the widget: made, listed and revoked, with the lines to embed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response

from assistant.errors import RequestInvalid
from assistant.surfaces.access import Access
from assistant.surfaces.embed import embed_code
from assistant.surfaces.origins import read_origins
from assistant.surfaces.staff.sign_in import NO_STORE, StaffMember, require_staff
from assistant.surfaces.web.pages import render_page
from assistant.surfaces.web.texts import load_texts

router = APIRouter(prefix="/staff", include_in_schema=False)
Member = Annotated[StaffMember, Depends(require_staff)]
Text = Annotated[str, Form(max_length=10_000)]


@router.get("/widget")
def show_tokens(request: Request, _member: Member) -> Response:
    """The tokens, a form for a new one, the lines to embed."""
    return _render(request)


@router.post("/widget")
def create_token(request: Request, member: Member, name: Text = "", origins: Text = "") -> Response:
    """Make a token; this reply is the only one that shows it."""
    access: Access = request.app.state.access
    try:
        token = access.registry.create_token(name.strip(), read_origins(origins.split()), member.name)
    except RequestInvalid as exc:
        given = {"problem": {"message": exc.message, "hint": exc.hint}, "name": name, "origins": origins}
        return _render(request, given, status=422)
    return _render(request, {"made": name.strip(), "made_code": embed_code(_base(request), token)})


@router.post("/widget/revoke")
def revoke_token(request: Request, member: Member, name: Text = "") -> Response:
    """End a token."""
    access: Access = request.app.state.access
    access.registry.revoke_token(name, member.name)
    return _render(request, {"revoked": name})


def _base(request: Request) -> str:
    access: Access = request.app.state.access
    return access.server.public_url or str(request.base_url)


def _render(request: Request, values: dict[str, Any] | None = None, *, status: int = 200) -> Response:
    from assistant.store.review import BEIJING

    access: Access = request.app.state.access
    words = load_texts()["desk"]["widget"]
    tokens = [
        {
            "name": token.name,
            "origins": token.origins,
            "created": token.created_at.astimezone(BEIJING).strftime("%Y-%m-%d"),
            "is_live": token.revoked_at is None,
        }
        for token in reversed(access.registry.list_tokens())
    ]
    shown = {
        "tokens": tokens,
        "code": embed_code(_base(request), words["placeholder"]),
        "made": "",
        "revoked": "",
        "problem": None,
        "name": "",
        "origins": "",
        **(values or {}),
    }
    return render_page(request, "staff/widget.html", shown, status=status, headers=NO_STORE)
