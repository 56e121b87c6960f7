"""Word files from templates that staff may edit: docxtpl, with everything that is put in escaped.

A template of the same name in the folder that the settings name is used instead of ours. What was typed is text and
nothing else: it is never read as a template, and characters that no XML may hold are left out. A template itself runs
in Jinja's sandbox, and one that is damaged or names what is not there is told by its file.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import Response
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from assistant.errors import TiaowenError
from assistant.surfaces.web.texts import load_texts

if TYPE_CHECKING:
    from assistant.config import Settings

TEMPLATES = Path(__file__).resolve().parent / "word_templates"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class TemplateFaulty(TiaowenError):
    """A Word template cannot be used."""


def find_template(settings: Settings, name: str) -> Path:
    """The template of this name: the operator's own, else ours."""
    own = settings.staff.templates
    return own / name if own and (own / name).is_file() else TEMPLATES / name


def render_word(template: Path, context: Mapping[str, Any]) -> bytes:
    """A template filled in.

    Raises:
        TemplateFaulty: it cannot be read, is no Word file, or names what is not in `context`.
    """
    from docx.opc.exceptions import PackageNotFoundError
    from docxtpl import DocxTemplate

    environment = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    filled = io.BytesIO()
    try:
        document = DocxTemplate(template)
        document.render(_clean(context), environment, autoescape=True)
        document.save(filled)
    except (  # the parser of XML tells a syntax error
        *(PackageNotFoundError, zipfile.BadZipFile, SyntaxError, TemplateError),
        *(OSError, LookupError, ArithmeticError, ValueError, TypeError, AttributeError),
    ) as exc:
        words = load_texts()["staff"]["word"]
        detail = str(exc) or type(exc).__name__
        raise TemplateFaulty(
            words["faulty"].format(path=template, detail=detail), hint=words["faulty_hint"]
        ) from exc
    return filled.getvalue()


def _clean(value: Any) -> Any:
    """The same without characters that cannot stand in XML."""
    if isinstance(value, str):
        return _UNWRITABLE.sub("", value)
    if isinstance(value, Mapping):
        return {name: _clean(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value


def word_reply(data: bytes, name: str) -> Response:
    """A Word file to keep under a name."""
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}.docx",
        "cache-control": "no-store",
    }
    return Response(data, media_type=MEDIA_TYPE, headers=headers)
