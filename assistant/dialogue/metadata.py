"""Questions about a document itself: its date, number, issuer, contact, distribution.

In: an understood question. Out: the clauses that say it, or a refusal where the text does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.dialogue import wording
from assistant.dialogue.attribute import find_missing_way
from assistant.dialogue.attribute_kinds import PHONE
from assistant.dialogue.contacts import choose_contacts, find_missing_office
from assistant.dialogue.refuse import Refusal
from assistant.dialogue.scope import Scope
from assistant.dialogue.understand import Understanding
from assistant.documents.catalog import COUNTRY, Corpus
from assistant.documents.normalize import squeeze
from assistant.models import Clause, Document
from assistant.retrieval.thesaurus import Thesaurus
from assistant.rules.validity import read_validity

_NEEDS_DOCUMENT = {"date", "enactment", "number", "issuer", "title", "disclosure", "validity"}
_NAMES = {
    "contact": "联系方式",
    "date": "成文日期",
    "number": "文号",
    "issuer": "发文机关",
    "organizer": "主办单位",
    "supervisor": "督办单位",
    "copies": "抄送单位",
    "addressees": "主送机关",
    "disclosure": "公开方式",
    "enactment": "施行日期",
    "annexes": "附件",
    "title": "标题",
    "validity": "有效期或废止日期",
}
_RULES = re.compile(r"办法|细则|措施|规定|条例")
"""Speaks of a text by what it is, though 办法 is many another thing too."""
_OF_PLACE = re.compile(r"[\u4e00-\u9fff]{1,10}(?:县|市|区|旗|镇|乡|街道)")
_COMPLAINT_LINE = re.compile(r"(?:举报|投诉|监督)(?:举报|投诉)?(?:电话|热线)")
_COMPLAINS = re.compile(r"举报|投诉|监督电话|监督热线|检举|告状")
_OFFICE = 3
"""Characters in a row from which an office of the question is one that a text is addressed to."""
_VALIDITY = re.compile(r"有效期|废止|自[^,，。]{2,20}起(?:施行|实施|执行|生效)")
"""What a text has that says how long it holds."""
_REPEALS = re.compile(r"废止(?:了|掉|哪|什么|的|过)")
"""Asks what a text repeals: 废止了哪个旧文件.   near miss: 什么时候废止"""
_FROM_DAY = re.compile(r"自(?:[^,，。]{2,20}起|(?:印发|发布|公布)之日起?)(?:施行|实施|执行|生效)")
"""A telephone number, 12333 and 12345 too.   near miss: 12333人次, 2021年"""


@dataclass(frozen=True, slots=True)
class MetaAnswer:
    """The clauses that say what was asked, and a refusal where a document does not say it."""

    clauses: tuple[Clause, ...] = ()
    refusal: Refusal | None = None


def find_meta_clauses(
    asked: Understanding, scope: Scope, corpus: Corpus, thesaurus: Thesaurus | None = None
) -> MetaAnswer | None:
    """Answer a question about a document itself; None where the question is about something else."""
    documents = find_targets(asked, scope, corpus)
    if not asked.meta or not documents:
        return None
    is_about = bool(asked.references.documents) or bool(wording.SPEAKS_OF_DOCUMENT.search(asked.text))
    is_of_force = bool({"validity", "enactment"} & set(asked.meta) and _RULES.search(asked.text))
    needed = _NEEDS_DOCUMENT - ({"validity", "enactment"} if is_of_force else set())
    slugs = [s for s in asked.meta if is_about or s not in needed]
    if "contact" in slugs and (rows := [c for d in documents for c in _list_own_rows(d, asked)]):
        way = find_missing_way(asked, [squeeze(c.text) for c in rows])
        return MetaAnswer(tuple(rows), Refusal("refused_meta", {"what": way}) if way else None)
    found = [c for slug in slugs for d in documents for c in _find(slug, d, asked, corpus)]
    if "contact" in slugs and (way := find_missing_way(asked, [squeeze(c.text) for c in found])):
        # A telephone is no 邮箱: it is shown as the nearest that there is.
        return MetaAnswer(
            tuple(dict.fromkeys(_asked_for(found, asked, thesaurus))), Refusal("refused_meta", {"what": way})
        )
    lines = [c for c in found if _is_slug(c, "contact")]
    if lines and (named := _COMPLAINT_LINE.search(asked.text)) and not _list_complaints(lines):
        return MetaAnswer(tuple(dict.fromkeys(lines)), Refusal("refused_meta", {"what": named[0]}))
    if lines and (office := find_missing_office(lines, asked.bare, thesaurus)):
        return MetaAnswer(
            tuple(dict.fromkeys(lines)), Refusal("refused_meta", {"what": f"{office}的联系方式"})
        )
    slugs = [s for s in slugs if s != "covers"]
    if found:
        return MetaAnswer(tuple(dict.fromkeys(_asked_for(found, asked, thesaurus))))
    if slugs and (
        asked.references.documents
        or slugs == ["validity"]
        or ("contact" in slugs and wording.ASKS_CONTACT.search(asked.text))
    ):
        titles = tuple(c for d in documents for c in d.clauses if c.kind == "title" and not c.part)
        return MetaAnswer(titles, Refusal("refused_meta", {"what": _NAMES[slugs[0]]}))
    return None


def asks_until(asked: Understanding) -> bool:
    """Whether it is asked until when a text holds, and not which other one it puts out of force."""
    return "validity" in asked.meta and not _REPEALS.search(asked.text)


def find_targets(asked: Understanding, scope: Scope, corpus: Corpus) -> list[Document]:
    """The documents asked about: those named, else those of the place's own.

    An office is named without its place (省教育厅的电话): then every document may give its contact.
    """
    if asked.references.documents:
        return [d for d in corpus.documents if d.id in asked.references.documents & scope.documents]
    own = {p.code for p in asked.places} or ({asked.home.code} if asked.home else set())
    is_anywhere = not own and "contact" in asked.meta
    held = [d for d in corpus.documents if d.id in scope.documents]
    if "contact" in asked.meta and not any(d.region in own for d in held):
        # A county without texts of its own: those above it may name its office.
        return [d for d in held if is_anywhere or d.region != COUNTRY]
    return [d for d in held if d.region in own]


def _find(slug: str, document: Document, asked: Understanding, corpus: Corpus) -> list[Clause]:
    parts = {part for owner, part in asked.references.parts if owner == document.id}
    if asked.is_comparison:
        # 20号文和省委那份意见分别是哪天发的: one text may hold both.
        parts = set()
    clauses = [c for c in document.clauses if not parts or c.part in parts]
    if slug == "issuer":
        return _mentioning(document.clauses, _issuers(document, parts))[:1]
    if slug == "covers":
        return [c for c in clauses if _is_slug(c, "addressees") and _is_addressed(c, asked)]
    if slug == "contact" and _COMPLAINS.search(asked.text) and (lines := _list_complaints(clauses)):
        return lines
    if slug == "validity":
        # 备案有效期为一年 is of something else than the text.
        own = [c for c in clauses if read_validity(squeeze(c.text), document.issued)]
        return (asks_until(asked) and own) or [c for c in clauses if _VALIDITY.search(squeeze(c.text))]
    found = [c for c in clauses if _is_slug(c, slug)] or [c for c in document.clauses if _is_slug(c, slug)]
    if not found and slug == "enactment":
        return [c for c in clauses if _FROM_DAY.search(squeeze(c.text))]
    if not found and slug == "contact":
        # 第十六条　…可以拨打028-26351200举报: a text may give its telephone in a clause.
        return [c for c in clauses if PHONE.search(squeeze(c.text))]
    if not found and slug == "number" and document.number:
        everywhere = (c for d in corpus.documents for c in d.clauses)
        found = _mentioning(everywhere, [document.number])[:1]
    return found


def _list_own_rows(document: Document, asked: Understanding) -> list[Clause]:
    """The rows with a telephone that are for the place asked about: a county's line in a list of counties."""
    places = [p for p in asked.places or ((asked.home,) if asked.home else ()) if p.code != document.region]
    names = {p.name for p in places}
    rows = [c for c in document.clauses if c.kind == "row" and PHONE.search(squeeze(c.text))]
    cells = {c.clause_id: {squeeze(cell.text) for cell in c.cells} for c in rows}
    # A town, or a county whose name is an ordinary word, is named as its row has it.
    said = {n for own in cells.values() for n in own if _OF_PLACE.fullmatch(n) and n in asked.text}
    own = names & frozenset[str]().union(*cells.values())
    return [c for c in rows if cells[c.clause_id] & (own or said)]


def _list_complaints(clauses: Iterable[Clause]) -> list[Clause]:
    """Where a text gives the telephone of those who take complaints."""
    texts = ((c, squeeze(c.text)) for c in clauses)
    return [c for c, text in texts if _COMPLAINS.search(text) and PHONE.search(text)]


def _is_addressed(clause: Clause, asked: Understanding) -> bool:
    """Whether a text is addressed to a place or an office of the question: 黄湖农场, 教育局."""
    text = squeeze(clause.text)
    places = (name for p in asked.places for name in (p.name, p.name[:-1]) if len(name) > 1)
    runs = (asked.text[i : i + _OFFICE] for i in range(len(asked.text) - _OFFICE + 1))
    return any(name in text for name in places) or any(run in text for run in runs)


def _is_slug(clause: Clause, slug: str) -> bool:
    names = [piece for piece in clause.path.split(".") if not piece.isdigit()]
    return clause.kind in ("meta", "title") and names[-1:] == [slug]


def _issuers(document: Document, parts: set[str]) -> list[str]:
    names = [p.issuer for p in document.parts if p.id in parts] or [document.issuer]
    return [name for issuer in names for name in (issuer, *issuer.split("、")) if name]


def _mentioning(clauses: Iterable[Clause], names: list[str]) -> list[Clause]:
    """Clauses that contain one of the names, titles first."""
    wanted = [squeeze(n) for n in names]
    hits = [c for c in clauses if any(n in squeeze(c.text) for n in wanted)]
    return sorted(hits, key=lambda c: (c.kind != "title", c.kind != "meta"))


def _asked_for(found: list[Clause], asked: Understanding, thesaurus: Thesaurus | None) -> list[Clause]:
    """Of several contacts those that the question means; other clauses as they are."""
    contacts = [c for c in found if _is_slug(c, "contact")]
    own = choose_contacts(contacts, asked.text, thesaurus) if contacts else []
    return [c for c in found if c not in contacts or c in own]
