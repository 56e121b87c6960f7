"""The first page of the staff desk: where to go from here."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from assistant.store.actors import BY_LINK
from assistant.surfaces.staff.sign_in import StaffMember, require_staff
from assistant.surfaces.web.pages import render_page
from assistant.surfaces.web.texts import load_texts

router = APIRouter(prefix="/staff", include_in_schema=False)


@router.get("")
def show_desk(request: Request, member: Annotated[StaffMember, Depends(require_staff)]) -> Response:
    """The parts of the desk, and the way out."""
    name = load_texts()["desk"]["by_link"] if member.name == BY_LINK else member.name
    return render_page(request, "staff/desk.html", {"name": name})
