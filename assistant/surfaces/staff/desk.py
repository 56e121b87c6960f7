"""The first page of the staff desk, and signing in."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from assistant.surfaces.staff.sign_in import require_staff

router = APIRouter(prefix="/staff", include_in_schema=False, dependencies=[Depends(require_staff)])
