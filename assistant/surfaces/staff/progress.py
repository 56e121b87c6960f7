"""What is done of the targets, from a workbook."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from assistant.surfaces.staff.sign_in import require_staff

router = APIRouter(prefix="/staff", include_in_schema=False, dependencies=[Depends(require_staff)])
