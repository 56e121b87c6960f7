"""The calculator: a rule and stated facts → a `Finding` with its trace.

In: a `Book`, a key, facts, a day, the lineage of the asker's region. Out: the same finding for the same
input, whatever the order of the facts. Everything is evaluated, every failure listed; only then are the
questions pruned to facts that can still change the outcome.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import chain, pairwise, repeat
from typing import Any

from assistant.models import Outcome
from assistant.rules import figures
from assistant.rules.book import Book, Law
from assistant.rules.case import Case
from assistant.rules.checks import (
    CheckFrame,
    CheckStep,
    Run,
    compile_check,
    find_open_facts,
    frame_check,
)
from assistant.rules.explain import compile_show
from assistant.rules.finding import Ask, Finding
from assistant.rules.interval import Truth
from assistant.rules.law import (
    Check,
    Cite,
    Conflict,
    Deadline,
    Parameter,
    Quantity,
    Rule,
    Table,
    Timeline,
    Verdict,
)
from assistant.rules.missing import find_missing, is_known, list_asks
from assistant.rules.repair import find_repairs
from assistant.rules.statements import Stated
from assistant.rules.vector import Vector
from assistant.stages import staged

Lineage = frozenset[str] | None
"""Region codes from the asker's place up to the country; None where the place is unknown."""
_MOST_CHANGES = 8
"""Changes of the law that are looked at for how long a finding holds."""


class Calculator:
    """Decides rules of one book; safe to share between threads.

    Attributes:
        vectors: checks made ready for batches, by key; filled as they are first run.
    """

    def __init__(self, book: Book) -> None:
        self.book = book
        self.vectors: dict[str, tuple[Vector | None, tuple[Vector, ...]]] = {}

    @staged("calculate")
    def decide(self, key: str, stated: Mapping[str, Stated], as_of: date, lineage: Lineage = None) -> Finding:
        """Decide one rule, with repairs, conflicts and how long it holds.

        Args:
            key: `<document>/<id>` of a verdict, check, quantity, deadline, timeline, table or parameter.
            lineage: regions the rule may come from; None where the place is unknown.

        Raises:
            KeyError: there is no such rule.
        """
        finding = self.find(key, stated, as_of, lineage)
        if finding.outcome == "fail" and isinstance(finding.rule, Verdict | Check):
            case = Case(self.book, self.book.at(as_of), stated)
            finding = finding._replace(repairs=find_repairs(self, finding.rule, case))
        return finding._replace(
            conflicts=self._conflicts(finding, lineage),
            stable_until=self._stable_until(finding, stated, as_of, lineage),
        )

    def find(self, key: str, stated: Mapping[str, Stated], as_of: date, lineage: Lineage = None) -> Finding:
        """Decide one rule with its full trace; see `decide`."""
        rule = self.book.rules.get(key) or self.book.parameters[key]
        law = self.book.at(as_of)
        if reason := self._no_basis(rule, law, lineage):
            return Finding(rule, "no_basis", reason=reason)
        case = Case(self.book, law, stated)
        if isinstance(rule, Verdict):
            return self._verdict(rule, case)
        if isinstance(rule, Parameter):
            return figures.find_parameter(rule, case)
        match rule:
            case Check():
                return self._check(rule, case)
            case Quantity():
                return figures.find_quantity(rule, case)
            case Deadline():
                return figures.find_deadline(rule, case)
            case Timeline():
                return figures.find_timeline(rule, case)
            case Table():
                return figures.find_table(rule)
        raise AssertionError(rule)

    def open_case(self, stated: Mapping[str, Stated], as_of: date) -> Case:
        """Stated facts under the law of a day."""
        return Case(self.book, self.book.at(as_of), stated)

    def find_outcome(self, rule: Verdict | Check, case: Case) -> Outcome:
        """The outcome alone, without a trace."""
        if isinstance(rule, Check):
            return self.frame(rule.key, case).run(case)[0]
        when = self._applies(rule, case)
        if when is False:
            return "not_applicable"
        frames, n_checks = self._frames(rule, case)
        runs = [frame.run(case) for frame in frames]
        return join_outcomes(runs, n_checks, when, is_complete=not self._lacks(rule, case))

    def frame(self, key: str, case: Case) -> CheckFrame:
        """A check made ready for the day of a case."""
        frame: CheckFrame | None = case.law.frames.get(key)
        return frame or frame_check(compile_check(self.book, self.book.checks[key]), case)

    def _frames(self, verdict: Verdict, case: Case) -> tuple[tuple[CheckFrame, ...], int]:
        """The checks of a verdict and behind them its reminders, and how many checks there are."""
        found: tuple[tuple[CheckFrame, ...], int] | None = case.law.frames.get(verdict.key)
        if found is None:
            frames = tuple(self.frame(key, case) for key in (*verdict.checks, *verdict.reminders))
            found = case.law.frames[verdict.key] = (frames, len(verdict.checks))
        return found

    def is_given(self, fact: str, case: Case) -> bool:
        """Whether a fact is known exactly, by statement or computation, or stated as part of its domain."""
        said = case.stated.get(fact)
        return is_known(case[fact]) or (said is not None and said.value != self.book.facts[fact].unknown)

    def sides(self, conflict: Conflict) -> list[tuple[Cite, ...]]:
        """The clauses of each side of a conflict."""
        parameters = self.book.parameters
        return [
            tuple(c for d in parameters[side.parameter].values for c in d.cites)
            if side.parameter
            else side.cites
            for side in conflict.sides
        ]

    def changed(self, key: str) -> list[Cite]:
        """The cites of a rule, and of the figures it reads, whose words no longer stand as pinned."""
        book = self.book
        figures_read = [book.parameters[p] for p in book.needs(key).parameters]
        own = book.rules[key].cites if key in book.rules else ()
        cites = [c for figure in figures_read for dated in figure.values for c in dated.cites]
        return [cite for cite in (*cites, *own) if cite.drift == "stale"]

    def _no_basis(self, rule: Rule | Parameter, law: Law, lineage: Lineage) -> str:
        document = self.book.documents[rule.document]
        if lineage is not None and document.region not in lineage:
            return "region"
        return "not_in_force" if rule.document in law.dead else ""

    def _applies(self, verdict: Verdict, case: Case) -> Truth:
        if verdict.when is None:
            return True
        truth: Truth = verdict.when.evaluate(case)
        return truth

    def _lacks(self, verdict: Verdict, case: Case) -> list[str]:
        """Facts that must be stated and are not; 四五十人 is stated, and passes where every number of it does."""
        return [fact for fact in verdict.facts if not self.is_given(fact, case)]

    def _check(self, check: Check, case: Case) -> Finding:
        frame = self.frame(check.key, case)
        step = CheckStep(frame, frame.run(case), case, False)
        asks = self._asks([step], case) if step.outcome == "unknown" else ()
        reason = "stale" if step.outcome == "no_basis" else ""
        return Finding(check, step.outcome, (step,), asks=asks, reason=reason)

    def _verdict(self, verdict: Verdict, case: Case) -> Finding:
        when = self._applies(verdict, case)
        if when is False and verdict.when:
            shown = compile_show(verdict.when.node, self.book.names)(case)
            return Finding(verdict, "not_applicable", reason=shown)
        frames, n_checks = self._frames(verdict, case)
        runs = [frame.run(case) for frame in frames]
        is_reminder = chain(repeat(False, n_checks), repeat(True))
        steps = tuple(map(CheckStep._make, zip(frames, runs, repeat(case), is_reminder)))
        lacking = self._lacks(verdict, case)
        outcome = join_outcomes(runs, n_checks, when, is_complete=not lacking)
        asks: tuple[Ask, ...] = ()
        if outcome == "unknown":
            pairs = zip(steps[:n_checks], runs, strict=False)
            asks = self._asks([step for step, (_, holds) in pairs if holds is None], case, verdict)
        return Finding(verdict, outcome, steps, asks=asks)

    def _asks(
        self, steps: Iterable[CheckStep], case: Case, verdict: Verdict | None = None
    ) -> tuple[Ask, ...]:
        """The facts still worth asking: cheapest first, then in the order of the checks."""
        wanted: dict[str, tuple[Cite, ...]] = {}
        if verdict is not None and verdict.when:
            for fact in find_missing(verdict.when.node, case, self.book, first_only=True):
                wanted.setdefault(fact, ())
        for step in steps:
            for fact in find_open_facts(step.frame.program, case):
                wanted.setdefault(fact, step.all_cites)
        for fact in self._lacks(verdict, case) if verdict else ():
            wanted.setdefault(fact, self._cites_for(fact, verdict) if verdict else ())
        return list_asks(wanted, self.book)

    def _cites_for(self, fact: str, verdict: Verdict) -> tuple[Cite, ...]:
        """The clauses of the first check that reads a fact."""
        for key in verdict.checks:
            check = self.book.checks[key]
            if fact in self.book.needs(key).facts or fact in self.book.needs(key).computed:
                parameters = [self.book.parameters[p] for p in self.book.needs(key).parameters]
                return (*(c for p in parameters for d in p.values for c in d.cites), *check.cites)
        return ()

    # -- around a finding --------------------------------------------------------------------------

    def _conflicts(self, finding: Finding, lineage: Lineage) -> tuple[Conflict, ...]:
        """Declared disagreements about what was used, among documents that bind the same place."""
        if finding.outcome in ("no_basis", "not_applicable"):
            return ()
        steps = [step for step in finding.steps if step.outcome not in ("no_basis", "not_applicable")]
        used = {u.parameter.key for step in steps for u in step.used}
        clauses = {(c.clause_id, c.start) for step in steps for c in step.all_cites}
        return tuple(
            conflict
            for conflict in self.book.conflicts.values()
            if self._touches(conflict, used, clauses) and self._binds(conflict, lineage)
        )

    def _touches(self, conflict: Conflict, used: set[str], clauses: set[tuple[str, int]]) -> bool:
        if any(side.parameter in used for side in conflict.sides):
            return True
        return any((c.clause_id, c.start) in clauses for side in conflict.sides for c in side.cites)

    def _binds(self, conflict: Conflict, lineage: Lineage) -> bool:
        regions = {self.book.documents[c.document].region for side in self.sides(conflict) for c in side}
        return _is_chain(regions) if lineage is None else regions <= lineage

    def _stable_until(
        self, finding: Finding, stated: Mapping[str, Stated], as_of: date, lineage: Lineage
    ) -> date | None:
        document = self.book.documents[finding.rule.document]
        year_end = date(as_of.year, 12, 31) if document.year == as_of.year else None
        day = self.book.next_change(as_of)
        for _ in range(_MOST_CHANGES):
            if day is None or (year_end and day > year_end):
                break
            later = self.find(finding.rule.key, stated, day, lineage)
            if _essence(later) != _essence(finding):
                return day - timedelta(1)
            day = self.book.next_change(day)
        return year_end


def join_outcomes(runs: Sequence[Run], n_checks: int, when: Truth, *, is_complete: bool) -> Outcome:
    """The outcome of a verdict from those of its checks.

    A failure decides; then what is unknown, because it may still fail; only then a missing basis or a conflict.

    Args:
        runs: the checks, behind them the reminders, of which only a breach counts.
        is_complete: False where a fact is missing without which the verdict does not pass.
    """
    if when is None:
        return "unknown"
    checks = set(runs[:n_checks])
    if any(holds is False for _, holds in checks) or any(holds is False for _, holds in runs[n_checks:]):
        return "fail"
    if not is_complete or any(holds is None for _, holds in checks):
        return "unknown"
    outcomes = {outcome for outcome, _ in checks}
    return "no_basis" if "no_basis" in outcomes else "conflict" if "conflict" in outcomes else "pass"


def _is_chain(regions: set[str]) -> bool:
    """True where the regions lie inside each other, by their codes: 410000, 411500, 411526."""
    trimmed = sorted((code.rstrip("0") for code in regions), key=len)
    return all(inner.startswith(outer) for outer, inner in pairwise(trimmed))


def _essence(finding: Finding) -> tuple[Any, ...]:
    return finding.outcome, finding.amounts, tuple((s.id, s.outcome, s.shown) for s in finding.steps)
