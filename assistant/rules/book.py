"""All rules of a corpus, what each rests on, and their figures on a day.

In: compiled rules, from `build.py`. Out: `Needs` of a rule, the `Law` of a day. A law is made once for all days
between two changes, so that deciding reads figures and never dates.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from assistant.documents.catalog import is_in_force
from assistant.models import Clause, Document
from assistant.rules.bind import Bundle
from assistant.rules.calendar import Calendar
from assistant.rules.complete import complete_facts
from assistant.rules.contradictions import find_contradictions
from assistant.rules.evaluate import Evaluate
from assistant.rules.explain import Named
from assistant.rules.facts import Fact, Fault, read_facts
from assistant.rules.interval import ANY
from assistant.rules.language import LanguageError
from assistant.rules.law import (
    Check,
    Cite,
    Conflict,
    Deadline,
    Example,
    Expression,
    Parameter,
    Quantity,
    Rule,
    Table,
    Timeline,
    Verdict,
)
from assistant.rules.statements import Stated


@dataclass(frozen=True, slots=True)
class Needs:
    """What a rule rests on, directly or through what it computes, each once and in order.

    Attributes:
        facts: ids of facts that are asked, not computed.
        computed: keys of derived facts, quantities and deadlines, those first that others need.
    """

    facts: tuple[str, ...]
    parameters: tuple[str, ...]
    computed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Law:
    """The rules on one day.

    Attributes:
        base: environment in which nothing is stated.
        dead: parameters without a value in force, and documents not in force, by key.
        frames: checks made ready for this day, by key; filled as they are first run.
        vectors: its figures as batches read them, by key; filled likewise.
    """

    as_of: date
    base: dict[str, Any]
    dead: frozenset[str]
    frames: dict[str, Any] = field(default_factory=dict)
    vectors: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Book:
    """The rules of a corpus; never changed once built.

    Attributes:
        clauses: those of all documents, by id.
        counting: where it is laid down how days and months are counted, by unit.
        rules: all that can be decided, by key: verdicts and checks first.
        derived: formulas of computed facts, in order of dependence; `guards`: what keeps each in its domain.
    """

    documents: dict[str, Document]
    facts: dict[str, Fact]
    calendar: Calendar | None
    parameters: dict[str, Parameter] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    quantities: dict[str, Quantity] = field(default_factory=dict)
    deadlines: dict[str, Deadline] = field(default_factory=dict)
    timelines: dict[str, Timeline] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    conflicts: dict[str, Conflict] = field(default_factory=dict)
    counting: dict[str, tuple[Cite, ...]] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)
    bundles: dict[str, Bundle] = field(default_factory=dict)
    derived: dict[str, Expression] = field(default_factory=dict)
    guards: dict[str, tuple[Evaluate, ...]] = field(default_factory=dict)
    constraints: tuple[tuple[Expression, str], ...] = ()
    names: dict[str, Named] = field(default_factory=dict)
    changes: list[date] = field(default_factory=list)
    clauses: dict[str, Clause] = field(init=False)
    _needs: dict[str, Needs] = field(default_factory=dict)
    _laws: dict[int, Law] = field(default_factory=dict)
    _is_read: dict[tuple[str, str], bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clauses = {c.clause_id: c for d in self.documents.values() for c in d.clauses}

    @property
    def examples(self) -> list[Example]:
        """The examples of all documents."""
        return [example for bundle in self.bundles.values() for example in bundle.examples]

    def needs(self, key: str) -> Needs:
        """What a rule rests on."""
        if key not in self._needs:
            self._needs[key] = self._find_needs(key)
        return self._needs[key]

    def list_subjects(self) -> dict[str, tuple[str, ...]]:
        """What the rules that read each fact are about, in alphabetical order."""
        found: dict[str, set[str]] = {}
        for key, rule in self.rules.items():
            needs = self.needs(key)
            for fact in (*needs.facts, *(c for c in needs.computed if c in self.facts)):
                found.setdefault(fact, set()).add(rule.subject)
        return {fact: tuple(sorted(subjects)) for fact, subjects in found.items()}

    def is_read(self, fact: str, whole: str) -> bool:
        """Whether a rule, or another formula than that of `whole`, reads a fact by itself."""
        if (fact, whole) not in self._is_read:
            formulas = (e for key, e in self.derived.items() if key != whole)
            is_read = any(fact in e.refs for e in formulas)
            self._is_read[fact, whole] = is_read or any(fact in self.refs_of(key) for key in self.rules)
        return self._is_read[fact, whole]

    def at(self, as_of: date) -> Law:
        """The rules on a day; one object for all days between two changes."""
        era = bisect_right(self.changes, as_of)
        if era not in self._laws:
            self._laws[era] = self._read_law(as_of)
        return self._laws[era]

    def next_change(self, as_of: date) -> date | None:
        """The first later day on which some value or document begins or ends."""
        era = bisect_right(self.changes, as_of)
        return self.changes[era] if era < len(self.changes) else None

    def read_facts(self, given: Mapping[str, object]) -> tuple[dict[str, Stated], list[Fault]]:
        """Read stated facts and what follows from them; what is impossible or contradicts itself is told."""
        stated, faults = read_facts(given, self.facts)
        if stated:
            faults += find_contradictions(self, stated)
        if stated and not faults:
            stated = complete_facts(self, stated)
            faults += find_contradictions(self, stated)
        return stated, faults

    # -- building ----------------------------------------------------------------------------------

    def refs_of(self, key: str) -> tuple[str, ...]:
        """Keys that a fact, rule or quantity names directly."""
        if key in self.derived:
            return self.derived[key].refs
        rule = self.rules.get(key)
        return tuple(dict.fromkeys(ref for e in list_expressions(rule) for ref in e.refs)) + _linked(rule)

    def _find_needs(self, key: str) -> Needs:
        facts: dict[str, None] = {}
        parameters: dict[str, None] = {}
        computed: dict[str, None] = {}

        def visit(ref: str, path: tuple[str, ...]) -> None:
            if ref in path:
                raise LanguageError(f"循环引用：{' → '.join([*path, ref])}")
            if ref in self.parameters:
                parameters[ref] = None
                return
            if ref in self.facts and ref not in self.derived:
                facts[ref] = None
                return
            for child in self.refs_of(ref):
                if not child.startswith("row."):
                    visit(child, (*path, ref))
            if ref in self.derived or ref in self.quantities or ref in self.deadlines:
                computed[ref] = None

        visit(key, ())
        computed.pop(key, None)
        return Needs(tuple(facts), tuple(parameters), tuple(computed))

    def _read_law(self, as_of: date) -> Law:
        base: dict[str, Any] = {i: fact.unknown for i, fact in self.facts.items() if i not in self.derived}
        dead = {d.id for d in self.documents.values() if not is_in_force(d, as_of)}
        for key, parameter in self.parameters.items():
            dated = parameter.value_at(as_of)
            base[key] = dated.value if dated else (None if parameter.kind == "names" else ANY)
            if dated is None or parameter.document in dead:
                dead.add(key)
        return Law(as_of, base, frozenset(dead))


def list_expressions(rule: Rule | None) -> list[Expression]:
    """All expressions of a rule, in the order of evaluation."""
    match rule:
        case Check(when=when, readings=readings):
            return [e for e in (when, *(r.require for r in readings)) if e]
        case Verdict(when=when):
            return [when] if when else []
        case Deadline(when=when, start=start):
            return [e for e in (when, start) if e]
        case Quantity():
            terms = (*rule.cases, *rule.sum, *rule.product, *rule.readings, *rule.at_least, *rule.at_most)
            where = [rule.rows.where] if rule.rows else []
            pairs = [e for term in terms for e in (term.when, term.value)]
            return [e for e in (rule.when, *where, *pairs) if e]
    return []


def _linked(rule: Rule | None) -> tuple[str, ...]:
    """What a rule rests on besides its expressions."""
    match rule:
        case Verdict(checks=checks, reminders=reminders):
            return (*checks, *reminders)
        case Deadline(counts=counts):
            return counts
        case Timeline(steps=steps):
            return steps
    return ()
