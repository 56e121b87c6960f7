"""An answer of the calculator as staff read it, on the page and in Word alike.

In: an `Answer` with its decision, the book, the case. Out: a `VerdictView`: each check beside its figure of the law and
its clauses, what is missing, what would pass. Nothing is decided and nothing computed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.models import Answer, Citation, Decision, DecisionCheck, DecisionParameter, DecisionRepair
from assistant.rules.decide import Calculator
from assistant.surfaces.schema import citation_object, flow
from assistant.surfaces.staff.case_form import CaseForm
from assistant.surfaces.staff.entries import choose_control
from assistant.surfaces.web.pages import citation_address
from assistant.surfaces.web.texts import load_texts

if TYPE_CHECKING:
    from assistant.rules.book import Book

_MARKS = re.compile(r"\[\d+\]")
_UNITLESS = ("%", "比", "日期")
"""Units that a figure is shown with already, or needs none."""


@dataclass(frozen=True, slots=True)
class ClauseRef:
    """A clause with the words quoted from it."""

    n: int
    number: str
    title: str
    label: str
    quote: str
    address: str


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One executed check; `margin` says by how much it holds or fails."""

    label: str
    outcome: str
    shown: str
    when: str
    threshold: str
    margin: str
    force: str
    clauses: tuple[ClauseRef, ...]


@dataclass(frozen=True, slots=True)
class RepairRow:
    """A change that passes; `address` is the page with it made."""

    text: str
    note: str
    is_certified: bool
    address: str
    clauses: tuple[ClauseRef, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A fact still worth asking."""

    fact: str
    label: str
    question: str
    clauses: tuple[ClauseRef, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What texts do not agree on; `relation` is empty where none is declared."""

    statement: str
    relation: str
    clauses: tuple[ClauseRef, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A fact as it was stated."""

    label: str
    shown: str


@dataclass(frozen=True, slots=True)
class VerdictView:
    """What was decided about one case.

    Attributes:
        word: the outcome in one word; `summary` says what makes it so.
        explanation: why there is no verdict; empty where there is one.
        consequences: the words that say what follows from a failure.
    """

    label: str
    outcome: str
    word: str
    summary: str
    told: tuple[Told, ...]
    checks: tuple[CheckRow, ...]
    reminders: tuple[CheckRow, ...]
    asks: tuple[Asked, ...]
    repairs: tuple[RepairRow, ...]
    disagreements: tuple[Disagreement, ...]
    explanation: tuple[str, ...]
    consequences: tuple[ClauseRef, ...]
    notices: tuple[str, ...]
    corpus_version: str

    @property
    def failing(self) -> tuple[CheckRow, ...]:
        """The checks and reminders that are not met."""
        return tuple(row for row in (*self.checks, *self.reminders) if row.outcome == "fail")


def build_view(calculator: Calculator, answer: Answer, case: CaseForm, told: tuple[Told, ...]) -> VerdictView:
    """Read an answer that has a decision."""
    decision = answer.decision
    assert decision is not None
    reader = _Reader(calculator, answer, case)
    rows = [(check.reminder, reader.read_check(check)) for check in decision.checks]
    words = load_texts()["staff"]["check"]
    return VerdictView(
        label=decision.label,
        outcome=decision.outcome,
        word=words["outcome"][decision.outcome],
        summary=_summarise(decision, [row for _, row in rows]),
        told=told,
        checks=tuple(row for is_reminder, row in rows if not is_reminder),
        reminders=tuple(row for is_reminder, row in rows if is_reminder),
        asks=find_asks(answer),
        repairs=tuple(map(reader.read_repair, decision.repairs)),
        disagreements=find_disagreements(calculator, answer),
        explanation=explain(answer),
        consequences=reader.find_consequences() if decision.outcome == "fail" else (),
        notices=answer.notices,
        corpus_version=answer.corpus_version,
    )


def _summarise(decision: Decision, rows: Iterable[CheckRow]) -> str:
    """What makes the outcome what it is: the checks that fail, or what is still missing."""
    words = load_texts()["staff"]["check"]["summary"]
    failing = [row.label for row in rows if row.outcome == decision.outcome]
    if decision.outcome == "unknown":
        asked = "、".join(ask.label for ask in decision.ask)
        return str(words["unknown"].format(n=len(decision.ask), items=asked)) if asked else ""
    if decision.outcome in ("fail", "conflict"):
        return str(words[decision.outcome].format(n=len(failing), items="、".join(failing)))
    return str(words.get(decision.outcome, ""))


def explain(answer: Answer) -> tuple[str, ...]:
    """Why there is no conclusion, line by line; empty where there is one."""
    if answer.decision is None or answer.decision.outcome not in ("no_basis", "not_applicable"):
        return ()
    return tuple(line for line in _MARKS.sub("", answer.text).split("\n") if line.strip())


def find_asks(answer: Answer) -> tuple[Asked, ...]:
    """The facts still worth asking."""
    if answer.decision is None:
        return ()
    refs = {citation.n: read_citation(citation) for citation in answer.citations}
    return tuple(
        Asked(a.fact, a.label, a.question, tuple(refs[n] for n in a.cites if n in refs))
        for a in answer.decision.ask
    )


def find_disagreements(calculator: Calculator, answer: Answer) -> tuple[Disagreement, ...]:
    """The declared conflicts that an answer tells: those all of whose sides it cites."""
    refs = {(c.clause_id, c.start): read_citation(c) for c in answer.citations}
    found = []
    for conflict in calculator.book.conflicts.values():
        places = [(cite.clause_id, cite.start) for side in calculator.sides(conflict) for cite in side]
        if all(place in refs for place in places):
            relation = "" if conflict.relation == "none" else conflict.relation
            cited = dict.fromkeys(refs[place] for place in places)
            found.append(Disagreement(conflict.statement, relation, tuple(cited)))
    return tuple(found)


class _Reader:
    """Reads the parts of one answer."""

    def __init__(self, calculator: Calculator, answer: Answer, case: CaseForm) -> None:
        self._calculator = calculator
        self._answer = answer
        self._case = case
        self._citations = {citation.n: citation for citation in answer.citations}
        self._refs = {n: read_citation(citation) for n, citation in self._citations.items()}
        self._words = load_texts()["staff"]["check"]

    @property
    def _book(self) -> Book:
        return self._calculator.book

    def cite(self, numbers: Iterable[int]) -> tuple[ClauseRef, ...]:
        return tuple(self._refs[n] for n in numbers if n in self._refs)

    def read_check(self, check: DecisionCheck) -> CheckRow:
        return CheckRow(
            label=check.label,
            outcome=check.outcome,
            shown=check.shown,
            when=check.when,
            threshold="；".join(map(self._show_threshold, check.parameters)),
            margin=self._show_margin(check.margin),
            force=check.force,
            clauses=self.cite(check.cites),
        )

    def _show_threshold(self, used: DecisionParameter) -> str:
        """The figure as the law bounds it: 不超过 80 人."""
        unit = "" if used.unit in _UNITLESS else used.unit
        return f"{self._bound_of(used)}{used.value}{unit}"

    def _bound_of(self, used: DecisionParameter) -> str:
        assert self._answer.decision is not None
        cited = self._citations.get(used.cite or 0)
        document = cited.document if cited else self._answer.decision.rule.partition("/")[0]
        parameter = self._book.parameters.get(f"{document}/{used.id}")
        bounds: Mapping[str, str] = self._words["bounds"]
        return bounds.get(parameter.bound, "") if parameter else ""

    def _show_margin(self, margin: str | None) -> str:
        words = self._words["margin"]
        if margin is None:
            return ""
        if re.fullmatch(r"-?0%?", margin):
            return str(words["exact"])
        return str(words["short" if margin.startswith("-") else "spare"].format(margin.lstrip("-+")))

    def read_repair(self, repair: DecisionRepair) -> RepairRow:
        facts = self._book.facts
        parts = [
            self._words["change"].format(label=facts[f].label, value=_with_unit(facts[f].unit, value))
            for f, value in repair.changes.items()
        ]
        changes = {f: choose_control(facts[f], value) for f, value in repair.changes.items()}
        address = self._case.address("/staff/check", changes)
        return RepairRow("，".join(parts), repair.note, repair.certified, address, self.cite(repair.cites))

    def find_consequences(self) -> tuple[ClauseRef, ...]:
        assert self._answer.decision is not None
        rule = self._book.rules[self._answer.decision.rule]
        places = {(c.clause_id, c.start): n for n, c in self._citations.items()}
        return self.cite(places[c.clause_id, c.start] for c in rule.cites if (c.clause_id, c.start) in places)


def read_citation(citation: Citation) -> ClauseRef:
    """A citation as it is shown: its words on one line, and where to read them."""
    source: dict[str, Any] = citation_object(citation)
    return ClauseRef(
        citation.n,
        citation.number,
        citation.title,
        citation.clause,
        flow(citation.quote),
        citation_address(source),
    )


def _with_unit(unit: str, value: str) -> str:
    return f"{value}{unit}" if unit != "%" and value[-1:].isdigit() else value
