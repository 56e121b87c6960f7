"""The facts of a rule as the fields of a form, grouped by the clause that asks for them.

In: a rule, what was typed, what is wrong and what is still worth asking. Out: groups of `Field`s. A group is headed as
its clause is in the text, so that somebody who fills in the form sees what each part of it is for.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from assistant.models import Clause
from assistant.rules.law import Rule, Timeline, Verdict
from assistant.rules.missing import list_asked
from assistant.surfaces.schema_rules import collect_cites
from assistant.surfaces.staff.case_form import PREFIX, CaseForm
from assistant.surfaces.staff.entries import choose_control

if TYPE_CHECKING:
    from assistant.rules.book import Book
    from assistant.rules.facts import Fact

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
MOST_OPTIONS = 300
"""Names that a field suggests; beyond that a list helps nobody."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Attributes:
        name: of the control; `id` in the page is `field-<fact>`.
        text: what stands in it.
        is_open: still worth asking.
    """

    fact: Fact
    text: str
    fault: str = ""
    is_open: bool = False

    @property
    def name(self) -> str:
        """The name of its control."""
        return f"{PREFIX}{self.fact.id}"

    @property
    def control(self) -> str:
        """The value that its control holds."""
        return choose_control(self.fact, self.text)

    @property
    def is_inexact(self) -> bool:
        """Whether its text is no single day: a control for days would lose it."""
        return bool(self.text) and not _DAY.fullmatch(self.text)

    @property
    def options(self) -> list[str]:
        """The names to choose from, where they are known and few."""
        names = self.fact.names or frozenset()
        return sorted(names) if len(names) <= MOST_OPTIONS else []


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Fields that one clause asks for; `place` is its number, and `address` where it is read.

    Attributes:
        is_process: how things are to be done; such a rule blocks only where it is broken.
    """

    heading: str
    place: str
    address: str
    fields: tuple[Field, ...]
    is_process: bool = False

    @property
    def is_used(self) -> bool:
        """Whether something stands in it, or something is wrong with it."""
        return any(field.text or field.fault for field in self.fields)


@dataclass(frozen=True, slots=True)
class Filled:
    """What is known of the fields: texts and faults by fact, and the facts still worth asking."""

    texts: Mapping[str, str]
    faults: Mapping[str, str]
    open: Collection[str] = ()


def list_facts(book: Book, rule: Rule, case: CaseForm) -> tuple[str, ...]:
    """The facts a form asks for, and behind them those that an address states instead: a share for its parts."""
    asked = list_asked(rule.key, book)
    return (*asked, *(f for f in case.given if f in read_facts_of(book, rule) and f not in asked))


def read_facts_of(book: Book, rule: Rule) -> set[str]:
    """The facts that bear on a rule: those it reads, and those that are one of them turned round."""
    from assistant.dialogue.calculate import reads

    return {fact for fact in reads(book, rule) if fact in book.facts}


def group_fields(book: Book, rule: Rule, facts: Collection[str], filled: Filled) -> tuple[FieldGroup, ...]:
    """The fields of a form, each where it is first asked for; what decides comes before how things are done."""
    left = dict.fromkeys(facts)
    groups: dict[tuple[str, bool], list[Field]] = {}
    clauses: dict[str, Clause] = {}
    for asker, is_process, asked in _list_askers(book, rule):
        mine = [f for f in asked if f in left]
        for fact in mine:
            del left[fact]
        if not mine:
            continue
        clause = _find_clause(book, asker)
        key = clause.clause_id if clause else ""
        if clause:
            clauses[key] = clause
        groups.setdefault((key, is_process), []).extend(_make_field(book, f, filled) for f in mine)
    if left:
        groups.setdefault(("", False), []).extend(_make_field(book, f, filled) for f in left)
    return tuple(
        _make_group(rule, clauses.get(key), tuple(fields), is_process=is_process)
        for (key, is_process), fields in groups.items()
    )


def _list_askers(book: Book, rule: Rule) -> Iterator[tuple[Rule, bool, tuple[str, ...]]]:
    """The parts of a rule with the facts each asks for."""
    if isinstance(rule, Verdict):
        for key in (*rule.checks, *rule.reminders):
            yield book.checks[key], key in rule.reminders, list_asked(key, book)
    elif isinstance(rule, Timeline):
        for key in rule.steps:
            yield book.deadlines[key], False, list_asked(key, book)
    else:
        yield rule, False, list_asked(rule.key, book)


def _find_clause(book: Book, rule: Rule) -> Clause | None:
    cites = (cite for cite in collect_cites(book, rule) if cite.drift != "stale")
    return next((book.clauses[c.clause_id] for c in cites if c.clause_id in book.clauses), None)


def _make_field(book: Book, fact: str, filled: Filled) -> Field:
    text, fault = filled.texts.get(fact, ""), filled.faults.get(fact, "")
    return Field(book.facts[fact], text, fault, fact in filled.open)


def _make_group(
    rule: Rule, clause: Clause | None, fields: tuple[Field, ...], *, is_process: bool
) -> FieldGroup:
    if clause is None:
        return FieldGroup(rule.label, "", "", fields, is_process)
    heading = clause.heading or next(reversed(clause.headings), "") or rule.label
    address = f"/documents/{quote(clause.document)}#c-{quote(clause.path)}"
    return FieldGroup(heading, clause.label, address, fields, is_process)
