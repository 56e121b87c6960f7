"""Checks made ready to run: outcome, truth and trace.

In: a `Check` and a `Case`. Out: its outcome and a `Step` that shows how it came about. Compiled once, because a
batch runs the same checks a hundred thousand times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from assistant.models import Outcome
from assistant.rules.book import Book, list_expressions
from assistant.rules.case import Case
from assistant.rules.evaluate import Environment, Evaluate
from assistant.rules.explain import Show, compile_margin, compile_show
from assistant.rules.finding import Used, join_cites
from assistant.rules.interval import Truth
from assistant.rules.law import Check, Cite, Deadline, Expression, Quantity
from assistant.rules.missing import expand_refs, find_missing
from assistant.rules.schema import Force

Run = tuple[Outcome, Truth]
"""Outcome of a check, and whether it stands in nobody's way (None: not yet known)."""
_RUNS: dict[Truth, Run] = {True: ("pass", True), False: ("fail", False), None: ("unknown", None)}
_NOT_APPLICABLE: Run = ("not_applicable", True)
_NO_BASIS: Run = ("no_basis", True)


class ReadingProgram(NamedTuple):
    """One reading of a check."""

    label: str
    holds: Evaluate
    show: Show


class CheckProgram(NamedTuple):
    """A check made ready to run.

    Attributes:
        facts: facts it reads, then those that these are computed from.
        figures: parameters it reads itself; `quantities`: computed figures and days it reads.
        basis: what must be in force.
    """

    check: Check
    when: Evaluate | None
    when_show: Show | None
    readings: tuple[ReadingProgram, ...]
    margin: Callable[[Environment], str | None]
    facts: tuple[str, ...]
    figures: tuple[str, ...]
    quantities: tuple[str, ...]
    basis: frozenset[str]
    is_stale: bool


def compile_check(book: Book, check: Check) -> CheckProgram:
    """Make a check ready to run."""
    needs, names = book.needs(check.key), book.names
    refs = dict.fromkeys(ref for e in list_expressions(check) for ref in e.refs)
    facts = [r for r in refs if r in book.facts]
    for fact in facts:
        facts += [r for r in book.derived[fact].refs if r not in facts] if fact in book.derived else []
    return CheckProgram(
        check=check,
        when=check.when.evaluate if check.when else None,
        when_show=compile_show(check.when.node, names) if check.when else None,
        readings=tuple(
            ReadingProgram(r.label, r.require.evaluate, compile_show(r.require.node, names))
            for r in check.readings
        ),
        margin=compile_margin(check.readings[0].require.node),
        facts=tuple(facts),
        figures=tuple(r for r in refs if r in book.parameters),
        quantities=tuple(r for r in refs if r in book.quantities or r in book.deadlines),
        basis=frozenset([*needs.parameters, check.document]),
        is_stale=any(cite.drift == "stale" for cite in check.cites),
    )


@dataclass(frozen=True, slots=True)
class CheckFrame:
    """A check on one day: the figures it reads and where they stand.

    Attributes:
        run: outcome in a case, and whether the check stands in nobody's way; see `run_check`.
        used: None where they depend on the case, because a computed figure is read.
        is_dead: a figure is not in force, or a clause is stale.
    """

    program: CheckProgram
    run: Callable[[Case], Run]
    used: tuple[Used, ...] | None
    cites: tuple[Cite, ...]
    is_dead: bool


class CheckStep(NamedTuple):
    """A check as it came out. The trace is what was executed; it is put into words when it is read."""

    frame: CheckFrame
    run: Run
    case: Case
    is_reminder: bool

    @property
    def outcome(self) -> Outcome:
        """How it came out."""
        return self.run[0]

    @property
    def id(self) -> str:
        """Id of the check in its document."""
        return self.frame.program.check.id

    @property
    def label(self) -> str:
        """Its Chinese name."""
        return self.frame.program.check.label

    @property
    def force(self) -> Force:
        """Whether it binds."""
        return self.frame.program.check.force

    @property
    def shown(self) -> str:
        """The executed expression with its values."""
        readings = self.frame.program.readings
        if self.outcome in ("no_basis", "not_applicable"):
            return ""
        if len(readings) == 1:
            return readings[0].show(self.case)
        return "；".join(f"{reading.label}：{reading.show(self.case)}" for reading in readings)

    @property
    def when(self) -> str:
        """Why it applies or does not; empty where it always applies."""
        show = self.frame.program.when_show
        return show(self.case) if show and self.outcome != "no_basis" else ""

    @property
    def margin(self) -> str | None:
        """By how much a single comparison holds."""
        is_shown = (
            self.outcome not in ("no_basis", "not_applicable") and len(self.frame.program.readings) == 1
        )
        return self.frame.program.margin(self.case) if is_shown else None

    @property
    def facts(self) -> dict[str, str]:
        """The stated facts it read; those that a stated one is computed from are not read."""
        stated, book = self.case.stated, self.case.book
        found: dict[str, str] = {}
        for fact in self.frame.program.facts:
            if fact in stated:
                found[fact] = stated[fact].shown
            elif fact in book.derived:
                found |= {f: stated[f].shown for f in book.derived[fact].refs if f in stated}
        return found

    @property
    def used(self) -> tuple[Used, ...]:
        """The figures of the law that it read."""
        if self.frame.used is not None:
            return self.frame.used
        program = self.frame.program
        used = self.case.read(program.figures)
        for key in program.quantities:
            used += self.case.used_by(key)
        return tuple(dict.fromkeys(used))

    @property
    def all_cites(self) -> tuple[Cite, ...]:
        """The clauses behind it, those of its figures first."""
        if self.frame.used is not None:
            return self.frame.cites
        return join_cites(self.used, self.frame.program.check.cites)


def frame_check(program: CheckProgram, case: Case) -> CheckFrame:
    """A check on the day of a case; made once a day of the law."""
    key = program.check.key
    frame: CheckFrame | None = case.law.frames.get(key)
    if frame is None:
        used = None if program.quantities else case.read(program.figures)
        is_dead = program.is_stale or case.is_dead(program.basis)
        cites = join_cites(used or (), program.check.cites)
        frame = CheckFrame(program, _compile_run(program, is_dead=is_dead), used, cites, is_dead)
        case.law.frames[key] = frame
    return frame


def _compile_run(program: CheckProgram, *, is_dead: bool) -> Callable[[Case], Run]:
    """How a check is run; one that always applies and has one reading is no more than its condition."""
    if is_dead:
        return lambda _case: _NO_BASIS
    if program.when is None and not program.quantities and len(program.readings) == 1:
        holds = program.readings[0].holds
        return lambda case: _RUNS[holds(case)]
    return lambda case: _run(program, case)


def _run(program: CheckProgram, case: Case) -> Run:
    """Outcome, and whether the check stands in nobody's way (None: not yet known).

    Readings that differ make a conflict, once each of them is decided. Where it is open whether a check applies
    but what it requires holds, its outcome is unknown and yet it stands in nobody's way.
    """
    if program.quantities and any(case[key] is None for key in program.quantities):
        return _NOT_APPLICABLE
    applies = program.when(case) if program.when else True
    if applies is False:
        return _NOT_APPLICABLE
    if program.quantities and any(case.compute(key).applies is None for key in program.quantities):
        applies = None
    truths = [reading.holds(case) for reading in program.readings]
    if None not in truths and len(set(truths)) > 1:
        return ("conflict", True) if applies else _RUNS[None]
    holds = None if None in truths else truths[0]
    if applies is None:
        return ("unknown", True) if holds else _RUNS[None]
    return _RUNS[holds]


def find_open_facts(program: CheckProgram, case: Case) -> list[str]:
    """The facts that keep a check open: those of its condition first, because the rest may never matter."""
    check, book = program.check, case.book
    if check.when and check.when.evaluate(case) is None:
        found = find_missing(check.when.node, case, book, first_only=True)
        if found:
            return found
    conditions = [e for key in program.quantities for e in _open_conditions(key, case)]
    if found := expand_refs((ref for e in conditions for ref in e.refs), case, book):
        return found
    return [f for r in check.readings for f in find_missing(r.require.node, case, book)]


def _open_conditions(key: str, case: Case) -> Iterator[Expression]:
    """The conditions on which it hangs whether a computed figure applies."""
    rule = case.book.rules.get(key)
    if not isinstance(rule, Quantity | Deadline) or case.compute(key).applies is not None:
        return
    conditions = [rule.when]
    if isinstance(rule, Quantity):
        conditions += [term.when for term in rule.cases] + ([rule.rows.where] if rule.rows else [])
    yield from (condition for condition in conditions if condition)
    for ref in case.book.refs_of(key):
        yield from _open_conditions(ref, case)
