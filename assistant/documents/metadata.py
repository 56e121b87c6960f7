"""`document.yaml`: what is known of a document beside its text; and what the text itself tells.

A new document needs no metadata at all: title, number, date and issuer are read from its own
letterhead, title and signature. What the file says wins.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.documents.lines import DATE, NUMBER
from assistant.documents.normalize import collapse_display, squeeze
from assistant.documents.numbering import chinese_to_int
from assistant.documents.wording import is_instrument, is_letterhead, is_office, is_title
from assistant.errors import CorpusError
from assistant.models import Clause

_DATE = re.compile(DATE)
_DATE_FIELDS = re.compile(r"(.+)年(.+)月(.+)日")
_NUMBER = re.compile(NUMBER)
_YEAR = re.compile(r"(20\d{2})年(?!度?以)")
_YEARS = re.compile(r"\d{4}年?(?:[-—–―~～至到]+)\d{4}年")
_RED_LINE = re.compile(r"\s*文\s*件$")
_SEAL = re.compile(r"[（(](?:盖章|印章|代章|公章|章)[）)]")
# 河南省教育厅办公室 | 关于做好…的通知
_TITLE = re.compile(r"(?P<issuer>[^《》]{2,60}?)\s*(?P<title>(?:关于|转发|印发).+)", re.DOTALL)
_NEXT_LINE = 16
"""Line ends, blanks and indents, at most, between the names of offices that sign together."""
_FAULTS = {
    "extra_forbidden": "没有这个键",
    "string_type": "应为加引号的文字",
    "string_pattern_mismatch": "格式不对",
    "list_type": "应为列表",
    "model_type": "应为“键: 值”的形式",
    "model_attributes_type": "应为“键: 值”的形式",
    "dict_type": "应为“键: 值”的形式",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "greater_than_equal": "数值太小",
    "less_than_equal": "数值太大",
}


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
    replaced_by: str = ""
    year: int | None = Field(None, ge=1949, le=2200)
    aliases: list[str] = []
    only_for: list[str] = []
    furniture: list[str] = []
    parts: list[PartMeta] = []


def load_meta(path: Path) -> DocumentMeta:
    """Read a `document.yaml`; a missing file means that nothing is declared.

    Raises:
        CorpusError: the file cannot be read, is not YAML, or a key is unknown or has a wrong value;
            file and key are named.
    """
    if not path.exists():
        return DocumentMeta()
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return DocumentMeta.model_validate({} if data is None else data)
    except (OSError, UnicodeDecodeError) as exc:
        raise CorpusError(
            f"读不到 {path.name}", path=str(path), hint="确认它是文件、可读且为 UTF-8 编码"
        ) from exc
    except yaml.YAMLError as exc:
        raise CorpusError(
            f"{path.name} 不是有效的 YAML：{exc}",
            path=str(path),
            hint="按报出的行列修改，可对照其他文件夹里的 document.yaml",
        ) from exc
    except ValidationError as exc:
        faults = "；".join(_describe(fault) for fault in exc.errors())
        raise CorpusError(
            f"{path.name} 有误：{faults}",
            path=str(path),
            hint="改正所列的键；可用的键见 corpus/README.md",
        ) from exc


def _describe(fault: Any) -> str:
    """One fault that pydantic found, in Chinese."""
    key = ".".join(str(p) for p in fault["loc"]) or "（整个文件）"
    kind = str(fault["type"])
    wanted = "应为日期，如 2021-04-07" if kind.startswith("date") else _FAULTS.get(kind)
    return f"{key}：{wanted or fault['msg']}"


# -- what the text tells -------------------------------------------------------------------------------


def infer_meta(
    meta: DocumentMeta,
    clauses: Sequence[Clause],
    furniture: Sequence[tuple[int, str]] = (),
) -> DocumentMeta:
    """Fill what `meta` leaves out from the text.

    Args:
        meta: what is declared.
        clauses: all clauses, in order.
        furniture: (start, text) of the lines that carry no clause, in order.
    """
    main = [c for c in clauses if not c.part] or list(clauses)
    number = _find_number(main) or _find_number(clauses, before=main[0].start if main else 0)
    title = _title(main) or _title(clauses)
    issuer = meta.issuer or _issuer(title, clauses, _lines_near(number, clauses, furniture))
    if (match := _TITLE.match(title)) and is_office_list(match["issuer"]):
        title = collapse_display(match["title"])
    if not title and clauses:
        title = clauses[0].text[:40]
    return meta.model_copy(
        update={
            "title": meta.title or title,
            "number": meta.number or _number(number),
            "issuer": issuer,
            "issued": meta.issued or _issued(main, clauses),
            "year": meta.year or year_of_title(meta.title or title),
        }
    )


def infer_part(part: PartMeta, meta: DocumentMeta, clauses: Sequence[Clause]) -> PartMeta:
    """Fill what `part` leaves out from its own clauses, else from its document."""
    own = clauses if part.id else ()
    return part.model_copy(
        update={
            "title": part.title or _title(own) or meta.title,
            "number": part.number or _number(_find_number(own)) or meta.number,
            "issuer": part.issuer or meta.issuer,
            "issued": part.issued or _issued(own, own) or meta.issued,
        }
    )


def year_of_title(title: str) -> int | None:
    """The one year a plan is made for, read from its title; None where it names none or several: （2024—2027年）."""
    flat = squeeze(title)
    years = set(_YEAR.findall(flat)) if not _YEARS.search(flat) else set()
    return int(years.pop()) if len(years) == 1 else None


def parse_date(text: str) -> date | None:
    """The first date in a text, 2021年4月7日 or 二〇二一年四月七日; None where there is none."""
    match = _DATE.search(squeeze(text))
    fields = _DATE_FIELDS.fullmatch(match[0]) if match else None
    if fields is None:
        return None
    try:
        year, month, day = (chinese_to_int(field) for field in fields.groups())
        return date(year, month, day)
    except (ValueError, KeyError):
        return None


def is_office_list(text: str) -> bool:
    """True where a text is one office or several, parted by blanks or 、."""
    names = [name for name in re.split(r"[\s、]+", text.strip()) if name]
    return bool(names) and (is_office(text) or all(is_office(name) for name in names))


def _title(clauses: Sequence[Clause]) -> str:
    titles = [c.text for c in clauses if c.kind == "title"]
    lines = [c.text for c in clauses if c.kind == "paragraph" and is_title(c.text)]
    candidates = titles or lines
    named = next((text for text in candidates if is_instrument(text)), "")
    return named or (titles[0] if titles else "")


def _find_number(clauses: Sequence[Clause], before: int | None = None) -> Clause | None:
    """The first number line; given an offset, the last one before it, else the first."""
    found = [c for c in clauses if _slug(c) == "number"]
    above = [c for c in found if before is not None and c.start < before]
    return above[-1] if above else next(iter(found), None)


def _number(clause: Clause | None) -> str:
    match = _NUMBER.search(squeeze(clause.text)) if clause else None
    return match[0] if match else ""


def _lines_near(
    number: Clause | None, clauses: Sequence[Clause], furniture: Sequence[tuple[int, str]]
) -> list[tuple[int, str]]:
    """The lines from the letterhead over the number on: those of an instrument before it go out."""
    if number is None:
        return list(furniture)
    earlier = [c.end for c in clauses if c.part != number.part and c.end <= number.start]
    return [(start, text) for start, text in furniture if start >= max(earlier, default=0)]


def _issued(main: Sequence[Clause], clauses: Sequence[Clause]) -> date | None:
    """The date of signature, in the main part or else the last, before that of printing."""
    for is_printing in (False, True):
        for given in (main, clauses):
            days = [
                parse_date(c.text) for c in given if _slug(c) == "date" and ("印发" in c.text) == is_printing
            ]
            if known := [day for day in days if day]:
                return known[-1]
    return None


def _slug(clause: Clause) -> str:
    """Last component of a meta clause's path that is no count: date of `notice.date.2`."""
    if clause.kind != "meta":
        return ""
    return next((p for p in reversed(clause.path.split(".")) if not p.isdecimal()), "")


def _issuer(title: str, clauses: Sequence[Clause], furniture: Sequence[tuple[int, str]]) -> str:
    """From the letterhead …文件, the title, the signature line, the lines before the date, the line under the title."""
    names: list[str] = []
    for _, line in furniture:
        if is_letterhead(line):
            return _join_names(" ".join([*names, _RED_LINE.sub("", line)]))
        names = [*names, line] if is_office(line) else []
    if (match := _TITLE.match(title)) and is_office_list(match["issuer"]):
        return match["issuer"].strip()
    for clause in clauses:
        if _slug(clause) == "date" and "印发" not in clause.text:
            name = _DATE.split(squeeze(clause.text))[0].strip("()")
            if name:
                return name
    if signers := _last_signers(furniture):
        return "、".join(signers)
    return next((c.text for c in clauses if c.kind == "paragraph" and is_office(c.text)), "")


def _last_signers(furniture: Sequence[tuple[int, str]]) -> list[str]:
    """The offices that sign together, one a line, at the last place where any does."""
    signers: list[str] = []
    end = 0
    for start, line in furniture:
        if is_office(line):
            signers = signers if start - end <= _NEXT_LINE else []
            signers.append(collapse_display(_SEAL.sub("", line)))
            end = start + len(line)
    return signers


def _join_names(text: str) -> str:
    """教育部 财政部 → 教育部、财政部; a blank inside one name is dropped."""
    names = text.split()
    return "、".join(names) if all(is_office(name) for name in names) else "".join(names)
