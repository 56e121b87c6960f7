"""What a page of the desk was given about one case: place, day, rule and facts, as typed and as read.

In: the fields of a form or the query of an address. Out: a `CaseForm`, whose faults are kept by field, so that each
is shown where it was made. An address holds the whole case: it can be kept, sent on and opened again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from assistant.errors import RequestInvalid
from assistant.models import Question
from assistant.rules.decide import Lineage
from assistant.rules.facts import Fault
from assistant.rules.statements import Stated
from assistant.surfaces.contract import MOST_FACTS
from assistant.surfaces.inbound import parse_day
from assistant.surfaces.staff.entries import write_value
from assistant.surfaces.web.texts import load_texts

if TYPE_CHECKING:
    from assistant.app import Assistant

PREFIX = "f."
"""Before the id of a fact in the name of its field, so that no fact is taken for a field of the page."""
RULE, REGION, DAY = "rule", "region", "as_of"
LONGEST = {RULE: 200, REGION: 100, DAY: 10}
LONGEST_VALUE = 200


@dataclass(frozen=True, slots=True)
class CaseForm:
    """One case as it was typed and read.

    Attributes:
        region, day: as typed; `lineage` and `as_of` are what they were read as.
        given: what was typed of each fact, by id; blanks are left out.
        faults: what is wrong, by field: `region`, `as_of` or the id of a fact.
    """

    rule: str
    region: str
    day: str
    given: dict[str, str]
    as_of: date
    lineage: Lineage = None
    faults: dict[str, str] = field(default_factory=dict)

    def address(self, path: str, changes: Mapping[str, str] | None = None, **fields: str) -> str:
        """The address of a page that is given the same case, with some facts or fields changed."""
        places = {RULE: self.rule, REGION: self.region, DAY: self.day} | fields
        facts = {f"{PREFIX}{fact}": text for fact, text in (self.given | dict(changes or {})).items()}
        query = {name: text for name, text in (places | facts).items() if text}
        return f"{path}?{urlencode(query)}" if query else path


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """The facts of a case as one rule reads them.

    Attributes:
        written: in the notation that facts are stated in, by id.
        stated: as they were read; without those that could not be.
        faults: what is wrong with them, by id; of facts that there are not, by the name given.
    """

    written: dict[str, str]
    stated: dict[str, Stated]
    faults: dict[str, str]


def read_case(assistant: Assistant, items: Iterable[tuple[str, str]], today: date) -> CaseForm:
    """Read the fields of a form; names that are none of its fields are left alone.

    Args:
        today: the day where none is named.

    Raises:
        RequestInvalid: something is longer than anybody would write, or a field says two things.
    """
    texts, given = _sort_items(items)
    region, day = texts.get(REGION, ""), texts.get(DAY, "")
    faults: dict[str, str] = {}
    as_of, lineage = today, None
    try:
        as_of = parse_day(day) if day else today
    except RequestInvalid as exc:
        faults[DAY] = tell_fault(exc)
    try:
        lineage = assistant.lineage(region or None)
    except RequestInvalid as exc:
        faults[REGION] = tell_fault(exc)
    return CaseForm(texts.get(RULE, ""), region, day, given, as_of, lineage, faults)


def _sort_items(items: Iterable[tuple[str, str]]) -> tuple[dict[str, str], dict[str, str]]:
    words = load_texts()["staff"]["faults"]
    texts: dict[str, str] = {}
    given: dict[str, str] = {}
    for name, value in items:
        text, is_fact = clean_text(value), name.startswith(PREFIX)
        if not text or not (is_fact or name in LONGEST):
            continue
        kept, key = (given, name.removeprefix(PREFIX)) if is_fact else (texts, name)
        if len(text) > LONGEST.get(name, LONGEST_VALUE) or len(key) > LONGEST_VALUE:
            raise RequestInvalid(words["too_long"].format(name=key[:40]), hint=words["too_long_hint"])
        if kept.setdefault(key, text) != text:
            raise RequestInvalid(words["twice"].format(name=key), hint=words["twice_hint"])
    if len(given) > MOST_FACTS:
        raise RequestInvalid(words["too_many"].format(most=MOST_FACTS), hint=words["too_long_hint"])
    return texts, given


def clean_text(value: Any) -> str:
    """What was typed, without what no text has: half a character, or none that can be seen."""
    if not isinstance(value, str):
        return ""
    readable = value.encode("utf-8", errors="ignore").decode("utf-8")
    return "".join(c for c in readable if c.isprintable() or c.isspace()).strip()


def tell_fault(exc: RequestInvalid) -> str:
    """What is wrong and the remedy, in one line."""
    return f"{exc.message}。{exc.hint}" if exc.hint else exc.message


def read_facts(assistant: Assistant, case: CaseForm, wanted: Collection[str]) -> CaseFacts:
    """Read the facts of a case that a rule wants; a fact that only other rules read is left out."""
    book = assistant.calculator.book
    given = {f: text for f, text in case.given.items() if f in wanted or f not in book.facts}
    written: dict[str, str] = {}
    found: list[Fault] = []
    for fact_id, text in given.items():
        fact = book.facts.get(fact_id)
        value = write_value(fact, text, case.as_of) if fact else text
        if isinstance(value, Fault):
            found.append(value)
        else:
            written[fact_id] = value
    stated, faults = book.read_facts(written)
    told: dict[str, str] = {}
    for fault in (*found, *faults):
        hint = f"。{fault.hint}" if fault.hint and fault.fact in book.facts else ""
        told.setdefault(fault.fact, f"{fault.message}{hint}")
    return CaseFacts(written, {f: s for f, s in stated.items() if f in written}, told)


def build_question(case: CaseForm, facts: CaseFacts) -> Question:
    """The case as the pipeline takes it."""
    return Question("", case.as_of, case.region or None, None, facts.written)
