"""The reader: documents clause by clause, with the rules bound to each."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(include_in_schema=False)
