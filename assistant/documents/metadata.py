"""`document.yaml`: what is known of a document beside its text; and what the text itself tells.

A new document needs no metadata at all: title, number, date and issuer are read from its own letterhead
and signature. What the file says wins.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.documents.normalize import squeeze
from assistant.errors import CorpusError
from assistant.models import Clause

_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_YEAR = re.compile(r"(20\d{2})年(?!度?以)")


class PartMeta(BaseModel):
    """One instrument inside a document; `id` is empty for the main one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field("", pattern=r"^[a-z0-9-]*$")
    label: str = ""
    title: str = ""
    number: str = ""
    issuer: str = ""
    issued: date | None = None
    starts_with: str = ""


class DocumentMeta(BaseModel):
    """The keys of `document.yaml`; all may be left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = ""
    title: str = ""
    number: str = ""
    issuer: str = ""
    region: str = Field("", pattern=r"^(\d{6})?$")
    issued: date | None = None
    effective: date | None = None
    expires: date | None = None
    year: int | None = Field(None, ge=1949, le=2200)
    aliases: list[str] = []
    only_for: list[str] = []
    furniture: list[str] = []
    parts: list[PartMeta] = []


def load_meta(path: Path) -> DocumentMeta:
    """Read a `document.yaml`; a missing file means that nothing is declared.

    Raises:
        CorpusError: the file is not YAML, or a key is unknown or has a wrong value; file and key are named.
    """
    if not path.is_file():
        return DocumentMeta()
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) or {}
        return DocumentMeta.model_validate(data)
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        raise CorpusError(
            f"{path.name} 不是有效的 YAML：{exc}",
            path=str(path),
            hint="对照其他文件夹里的 document.yaml 修改",
        ) from exc
    except ValidationError as exc:
        keys = "；".join(
            f"{'.'.join(str(p) for p in e['loc']) or '(整个文件)'}：{e['msg']}"
            for e in exc.errors()
        )
        raise CorpusError(
            f"{path.name} 有误：{keys}",
            path=str(path),
            hint="改正所列的键；可用的键见 corpus/README.md",
        ) from exc


def infer_meta(meta: DocumentMeta, clauses: Sequence[Clause], source: str) -> DocumentMeta:
    """Fill what `meta` leaves out from the clauses of the text."""
    found: dict[str, object] = {}
    main = [c for c in clauses if not c.part] or list(clauses)
    if not meta.title:
        titles = [c.text for c in main if c.kind == "title"] or [
            c.text for c in clauses if c.kind == "title"
        ]
        found["title"] = titles[0] if titles else squeeze(source)[:40]
    if not meta.number:
        found["number"] = next((squeeze(c.text) for c in clauses if c.path.endswith("number")), "")
    if not meta.issued:
        days = [
            m
            for c in clauses
            if c.path.rpartition(".")[2] == "date" and (m := _DATE.search(squeeze(c.text)))
        ]
        found["issued"] = date(*(int(g) for g in days[-1].groups())) if days else None
    if not meta.year:
        found["year"] = year_of_title(str(found.get("title", meta.title)))
    return meta.model_copy(update=found)


def year_of_title(title: str) -> int | None:
    """The one year a plan is made for, read from its title; None where it names none or several."""
    years = set(_YEAR.findall(squeeze(title)))
    return int(years.pop()) if len(years) == 1 else None
