"""What a text tells of itself — title, number, issuer, place, dates — and where it says so.

In: a document parsed without metadata, and what somebody stated. Out: one `Guess` a field, with the line it was read
from, so that whoever takes the document in can check each at a glance. What nothing tells is missing, never assumed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from assistant.documents.catalog import COUNTRY
from assistant.documents.metadata import parse_date, year_of_title
from assistant.documents.normalize import collapse_display, normalize_text, squeeze
from assistant.documents.regions import RegionTree
from assistant.documents.versions import check_id
from assistant.errors import RequestInvalid
from assistant.models import Clause, Document, Span
from assistant.rules.pins import find_quote
from assistant.rules.validity import STARTS, read_validity

Basis = Literal["given", "text", "inferred", "missing"]

LABELS = {
    "title": "标题",
    "number": "文号",
    "issuer": "发文机关",
    "region": "地区",
    "issued": "成文日期",
    "effective": "施行日期",
    "expires": "失效前的末日",
    "year": "只管哪一年",
}
"""What each field is called, in the order in which they are shown."""
REQUIRED = ("title", "issuer", "region", "issued")
"""Fields without which a document is not taken in unasked."""
NONE = "无"
"""What states that a document has no such thing."""

_NATIONAL = re.compile(
    r"国务院|全国人民代表大会|中共中央|(?:^|、)[\u4e00-\u9fff]{2,14}部(?:办公厅)?(?:等|$|、)"
)
_LONGEST_EXCERPT = 60


@dataclass(frozen=True, slots=True)
class Guess:
    """The value of one field.

    Attributes:
        value: as it is written into `document.yaml`, empty where missing.
        shown: as a reader is shown it.
        basis: stated by somebody, read from the text, concluded from another field, or missing.
        line: 1-based line of the source it was read from, 0 where from none; `excerpt` is that line.
    """

    field: str
    label: str
    value: str
    shown: str
    basis: Basis
    line: int = 0
    excerpt: str = ""

    @property
    def is_open(self) -> bool:
        """Whether somebody has to state it."""
        return self.basis == "missing" and self.field in REQUIRED


def guess_fields(document: Document, given: Mapping[str, str], regions: RegionTree) -> tuple[Guess, ...]:
    """What is known of a document.

    Args:
        document: as it was parsed with what was given.
        given: stated values by field, as `read_given` checked them.
    """
    makers: dict[str, Callable[[], Guess]] = {
        "title": lambda: _from_text("title", _read_title(document), document),
        "number": lambda: _from_text("number", document.number, document),
        "issuer": lambda: _from_text("issuer", document.issuer, document),
        "region": lambda: _guess_region(document, regions),
        "issued": lambda: _guess_day("issued", document.issued, document),
        "effective": lambda: _guess_start(document),
        "expires": lambda: _guess_end(document),
        "year": lambda: _guess_year(document),
    }
    found = []
    for field, label in LABELS.items():
        if field in given:
            value = "" if given[field] == NONE else given[field]
            shown = _show_region(value, regions) if field == "region" else value or NONE
            found.append(Guess(field, label, value, shown, "given"))
        else:
            found.append(makers[field]())
    return tuple(found)


def read_given(given: Mapping[str, str], regions: RegionTree) -> dict[str, str]:
    """Check what somebody stated; blank values count as not stated.

    Raises:
        RequestInvalid: a value cannot be used; all of them are named.
    """
    read: dict[str, str] = {}
    faults: list[str] = []
    for field, raw in given.items():
        text = raw.strip()
        if not text:
            continue
        try:
            read[field] = _read_value(field, text, regions)
        except ValueError as exc:
            faults.append(f"{LABELS.get(field, field)}：{exc}")
        except RequestInvalid as exc:
            faults.append(exc.message)
    if faults:
        raise RequestInvalid(
            "；".join(faults),
            hint=f"日期写成 2024-03-01，地区写全称或六位代码；确实没有的写“{NONE}”",
        )
    return read


def meta_values(guesses: tuple[Guess, ...]) -> dict[str, Any]:
    """The values as `document.yaml` has them; what is missing is left out."""
    values: dict[str, Any] = {}
    for guess in guesses:
        if not guess.value:
            continue
        if guess.field in ("issued", "effective", "expires"):
            values[guess.field] = date.fromisoformat(guess.value)
        else:
            values[guess.field] = int(guess.value) if guess.field == "year" else guess.value
    return values


def suggest_id(guesses: tuple[Guess, ...], regions: RegionTree, taken: frozenset[str]) -> str:
    """An id made of place, year and number, such as `huangchuan-2021-1`, that no document has."""
    from pypinyin import lazy_pinyin

    value = {guess.field: guess.value for guess in guesses}
    region = regions.get(value.get("region", ""))
    name = re.sub(r"(?:自治区|自治州|自治县|省|市|县|区|旗|盟|州)$", "", region.name if region else "")
    place = "".join(lazy_pinyin(name)) if name and region and region.code != COUNTRY else "quanguo"
    match = re.search(r"(\d{4})\D{0,3}(\d{1,4})号", normalize_text(value.get("number", "")).text)
    stem = f"{place}-{match[1]}-{match[2]}" if match else f"{place}-{value.get('issued') or 'new'}"
    stem = re.sub(r"[^a-z0-9-]", "", stem.lower())
    candidates = [stem, *(f"{stem}-{n}" for n in range(2, 100))]
    return next((id_ for id_ in candidates if id_ not in taken), stem)


# -- reading what was stated ---------------------------------------------------------------------------


def _read_value(field: str, text: str, regions: RegionTree) -> str:
    if text == NONE and field not in ("title", "region"):
        return NONE
    if field == "id":
        return check_id(text)
    if field == "region":
        place = regions.resolve(normalize_text(text).text.strip())
        if place is None:
            raise ValueError(f"不认识的地区 {text}")
        return place.code
    if field in ("issued", "effective", "expires"):
        return _read_day(text).isoformat()
    if field == "year":
        year = normalize_text(text).text.removesuffix("年")
        if not (year.isdecimal() and 1949 <= int(year) <= 2200):
            raise ValueError(f"不是年份：{text}")
        return year
    if not text.isprintable() or len(text) > 300:
        raise ValueError("太长，或含有看不见的字符")
    return text


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(normalize_text(text).text)
    except ValueError:
        if (day := parse_date(text)) is not None:
            return day
        raise ValueError(f"不是日期：{text}") from None


# -- reading the text ----------------------------------------------------------------------------------


def _read_title(document: Document) -> str:
    """The title; what the parser takes from the first clause for want of one is none."""
    has_title = any(c.kind == "title" for c in document.clauses)
    return document.title if has_title or document.title != document.clauses[0].text[:40] else ""


def _from_text(field: str, value: str, document: Document) -> Guess:
    label = LABELS[field]
    if not value:
        return Guess(field, label, "", "", "missing")
    # An issuer of several offices stands on several lines: the first is shown.
    span = next(
        (
            s
            for part in (value, *value.split("、"))
            if (s := find_quote(document.source, 0, _end(document), part))
        ),
        None,
    )
    if span is None:
        return Guess(field, label, value, value, "inferred")
    return Guess(field, label, value, value, "text", *_place(document, span))


def _guess_region(document: Document, regions: RegionTree) -> Guess:
    """The innermost place that issuer, title or letterhead names; the country for a national office."""
    label = LABELS["region"]
    signatures = " ".join(document.source[s.start : s.end] for s in document.furniture)
    for text in (document.issuer, document.title, signatures):
        if mentions := regions.find(text):
            region = max((m.region for m in mentions), key=lambda r: r.level)
            return Guess("region", label, region.code, region.name, "inferred", 0, collapse_display(text))
    if _NATIONAL.search(document.issuer):
        return Guess("region", label, COUNTRY, _show_region(COUNTRY, regions), "inferred", 0, document.issuer)
    return Guess("region", label, "", "", "missing")


def _guess_day(field: str, day: date | None, document: Document) -> Guess:
    if day is None:
        return Guess(field, LABELS[field], "", "", "missing")
    for clause in reversed(document.clauses):
        if clause.kind == "meta" and parse_date(clause.text) == day:
            place = _place(document, Span(clause.start, clause.end))
            return Guess(field, LABELS[field], day.isoformat(), day.isoformat(), "text", *place)
    return Guess(field, LABELS[field], day.isoformat(), day.isoformat(), "inferred")


def _guess_start(document: Document) -> Guess:
    for clause in document.clauses:
        match = STARTS.search(squeeze(clause.text))
        if match and (day := parse_date(match["day"])):
            return _from_clause("effective", day, clause, match[0], document)
    return Guess("effective", LABELS["effective"], "", "", "missing")


def _guess_end(document: Document) -> Guess:
    for clause in document.clauses:
        if validity := read_validity(squeeze(clause.text), document.issued):
            return _from_clause("expires", validity.until, clause, validity.words, document)
    return Guess("expires", LABELS["expires"], "", "", "missing")


def _from_clause(field: str, day: date, clause: Clause, words: str, document: Document) -> Guess:
    """A day that words of a clause say, or that is counted from what they say."""
    span = find_quote(document.source, clause.start, clause.end, words)
    place = _place(document, span or Span(clause.start, clause.end))
    return Guess(field, LABELS[field], day.isoformat(), day.isoformat(), "text", *place)


def _guess_year(document: Document) -> Guess:
    year = year_of_title(document.title)
    if year is None:
        return Guess("year", LABELS["year"], "", "", "missing")
    return Guess("year", LABELS["year"], str(year), str(year), "inferred", 0, document.title)


def _place(document: Document, span: Span) -> tuple[int, str]:
    """The number of the line where a span begins, and that line."""
    source = document.source
    start = source.rfind("\n", 0, span.start) + 1
    end = source.find("\n", span.start)
    excerpt = collapse_display(source[start : end if end >= 0 else len(source)])
    shown = excerpt if len(excerpt) <= _LONGEST_EXCERPT else f"{excerpt[: _LONGEST_EXCERPT - 1]}…"
    return source.count("\n", 0, span.start) + 1, shown


def _show_region(code: str, regions: RegionTree) -> str:
    region = regions.get(code)
    return "全国" if code == COUNTRY else region.name if region else code


def _end(document: Document) -> int:
    return len(document.source)
