"""Workbooks as the desk hands them out: as a reply, or inside a page as a link that holds the whole file."""

from __future__ import annotations

import base64
from datetime import date
from urllib.parse import quote

from fastapi import Response

from assistant.surfaces.api_rules import XLSX


def xlsx_reply(data: bytes, name: str) -> Response:
    """A workbook to save."""
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(data, media_type=XLSX, headers=headers)


def data_address(data: bytes) -> str:
    """A workbook as a link that holds it: nothing has to be kept for whoever wants it."""
    return f"data:{XLSX};base64,{base64.b64encode(data).decode('ascii')}"


def download_name(kind: str, file: str, day: date) -> str:
    """The name a result is saved under: that of the file it was made from, or the day."""
    stem = file.rpartition(".")[0].strip(". ")
    return f"{stem or day.isoformat()}-{kind}.xlsx"
