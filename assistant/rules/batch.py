"""One verdict for thousands of rows: columns of facts in, an outcome for each check and row out.

In: a column a fact. Out: `BatchResult`, the same outcomes as `Calculator.find` gives row by row (a test compares
them). Checks run over blocks of rows as vectors; a check or column that has no exact vector form is decided by
the scalar path, once for each combination of its facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from assistant.models import Outcome
from assistant.rules.case import Case
from assistant.rules.checks import CheckFrame
from assistant.rules.columns import FactColumn, cut_column, find_narrowed, find_points, unknown_column
from assistant.rules.decide import Calculator
from assistant.rules.expressions import fact_ref
from assistant.rules.law import Check, Verdict
from assistant.rules.masks import (
    NO_BASIS,
    NOT_APPLICABLE,
    UNKNOWN,
    CheckMasks,
    Codes,
    Tally,
    repeat_run,
    run_vectors,
)
from assistant.rules.numbers import Mask, Numbers, Points, Truths, Unsupported, both_sides, law_value
from assistant.rules.schema import OUTCOMES
from assistant.rules.statements import Stated
from assistant.rules.vector import Vector, compile_vector

BLOCK = 50_000
"""Rows at a time: few enough that a column of small integers, and what is computed from it, stays in the cache."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class BatchResult:
    """Outcomes by row.

    Attributes:
        codes: of the verdict, indices into `schema.OUTCOMES`.
        blocks: by check, how it came out in each block of rows.
    """

    codes: Codes
    blocks: dict[str, list[CheckMasks]]

    def check_codes(self, key: str) -> Codes:
        """Outcome codes of one check, row by row."""
        return np.concatenate([masks.codes() for masks in self.blocks[key]])

    def outcomes(self) -> list[Outcome]:
        """The outcome of the verdict, row by row."""
        return [OUTCOMES[code] for code in self.codes]


def check_many(
    calculator: Calculator,
    key: str,
    columns: Mapping[str, FactColumn],
    as_of: date,
    progress: Progress | None = None,
    *,
    keep_checks: bool = True,
) -> BatchResult:
    """Decide one verdict or check for every row.

    Args:
        columns: by fact id, all of one length, at least one; facts without a column are unknown.
        progress: called with (rows done, rows in all).
        keep_checks: whether the result tells how each check came out, or the verdict alone.

    Raises:
        KeyError: there is no such verdict or check.
    """
    return _Batch(calculator, key, columns, as_of, keep_checks=keep_checks).run(progress or _ignore)


# -- running -------------------------------------------------------------------------------------------


class _Program(NamedTuple):
    """A check as vectors.

    Attributes:
        readings: empty where it is decided row by row.
        same: how it comes out in every row, where no row states any of its facts; None otherwise.
    """

    frame: CheckFrame
    when: Vector | None
    readings: tuple[Vector, ...]
    facts: tuple[str, ...]
    same: tuple[Outcome, bool | None] | None


class _Batch:
    def __init__(
        self,
        calculator: Calculator,
        key: str,
        columns: Mapping[str, FactColumn],
        as_of: date,
        *,
        keep_checks: bool,
    ) -> None:
        self._calculator, self._book = calculator, calculator.book
        rule = self._book.verdicts.get(key) or self._book.checks[key]
        self._rule: Verdict | Check = rule
        self._columns, self._keep_checks = columns, keep_checks
        self._n_rows = len(next(iter(columns.values())).stated)
        self._law = self._book.at(as_of)
        self._nothing = Case(self._book, self._law, {})
        keys = (*rule.checks, *rule.reminders) if isinstance(rule, Verdict) else (rule.key,)
        self._programs = {k: self._compile(k) for k in keys}
        self._read = dict.fromkeys(f for p in self._programs.values() for f in p.facts)
        if isinstance(rule, Verdict):
            self._read |= dict.fromkeys(self._facts_of(rule.key) if rule.when else rule.facts)
        self._figures = self._hold_figures(keys)

    def _compile(self, key: str) -> _Program:
        frame = self._calculator.frame(key, self._nothing)
        check, facts = frame.program.check, self._facts_of(key)
        if frame.is_dead or not any(fact in self._columns for fact in facts):
            return _Program(frame, None, (), (), frame.run(self._nothing))
        if key not in self._calculator.vectors:
            # A check on a computed figure is decided row by row.
            is_plain = not frame.program.quantities
            self._calculator.vectors[key] = _compile_vectors(check) if is_plain else (None, ())
        when, readings = self._calculator.vectors[key]
        return _Program(frame, when, readings, facts, None)

    def _facts_of(self, key: str) -> tuple[str, ...]:
        needs = self._book.needs(key)
        return (*needs.facts, *(k for k in needs.computed if k in self._book.facts))

    def _hold_figures(self, keys: Sequence[str]) -> dict[str, Points | Numbers]:
        figures: dict[str, Points | Numbers] = {}
        held = self._law.vectors
        for parameter in dict.fromkeys(p for key in keys for p in self._book.needs(key).parameters):
            if parameter not in held:
                held[parameter] = _hold_figure(self._law.base[parameter])
            if (value := held[parameter]) is not None:
                figures[parameter] = value
        return figures

    def run(self, progress: Progress) -> BatchResult:
        blocks: dict[str, list[CheckMasks]] = {key: [] for key in self._programs}
        codes = np.empty(self._n_rows, np.int8)
        for start in range(0, self._n_rows, BLOCK):
            stop = min(start + BLOCK, self._n_rows)
            codes[start:stop] = self._run_block(start, stop, blocks)
            progress(stop, self._n_rows)
        return BatchResult(codes, blocks)

    def _run_block(self, start: int, stop: int, blocks: dict[str, list[CheckMasks]]) -> Codes:
        """The outcome of the verdict; how each check came out goes into `blocks` where that is wanted."""
        rule, block, tally = self._rule, self._slice(start, stop), Tally(stop - start)
        reminders = rule.reminders if isinstance(rule, Verdict) else ()
        found = None
        for key, program in self._programs.items():
            found = self._run_check(program, block, start, stop)
            tally.add(found, is_reminder=key in reminders)
            if self._keep_checks:
                blocks[key].append(found)
        if isinstance(rule, Check):
            assert found is not None
            return found.codes()
        if rule.document in self._law.dead:
            return np.full(stop - start, NO_BASIS, np.int8)
        for fact in rule.facts:
            tally.stands &= self._is_given(fact, block, start, stop)
        codes = tally.codes()
        if rule.when is not None:
            when = self._when(rule, block, start, stop)
            codes[~when.true] = UNKNOWN
            codes[when.false] = NOT_APPLICABLE
        return codes

    def _slice(self, start: int, stop: int) -> dict[str, Any]:
        """The columns of some rows by fact, and the figures of the law.

        A computed fact has an entry only where rows state it, which no vector reads.
        """
        block: dict[str, Any] = dict(self._figures)
        for id_ in self._read:
            fact, column = self._book.facts[id_], self._columns.get(id_)
            if column is not None:
                block[id_] = None if column.values is None else cut_column(column.values, start, stop)
            elif fact.formula is None and fact.type not in ("name", "names"):
                block[id_] = unknown_column(fact, stop - start)
        return block

    def _run_check(self, program: _Program, block: dict[str, Any], start: int, stop: int) -> CheckMasks:
        if program.same is not None:
            return repeat_run(program.same, stop - start)
        if program.readings and all(block.get(f, _MISSING) is not None for f in program.facts):
            try:
                return run_vectors(program.when, program.readings, block)
            except Unsupported:
                # Numbers too large, or computed facts that rows state themselves.
                return self._run_rows(program, start, stop)
        return self._run_rows(program, start, stop)

    def _run_rows(self, program: _Program, start: int, stop: int) -> CheckMasks:
        n_rows = stop - start
        true, false, pass_, fail = (np.zeros(n_rows, np.bool_) for _ in range(4))
        applies, absent, conflict = (
            np.ones(n_rows, np.bool_),
            np.zeros(n_rows, np.bool_),
            np.zeros(n_rows, np.bool_),
        )
        columns = [self._columns[f] for f in program.facts if f in self._columns]
        seen: dict[tuple[Any, ...], tuple[Outcome, bool | None]] = {}
        for i, row in enumerate(range(start, stop)):
            stated = {c.fact.id: s for c in columns if (s := c.stated[row]) is not None}
            slot = tuple((f, s.value) for f, s in stated.items())
            if slot not in seen:
                seen[slot] = program.frame.run(Case(self._book, self._law, stated))
            outcome, holds = seen[slot]
            true[i], false[i] = holds is True, holds is False
            pass_[i], fail[i] = outcome == "pass", outcome == "fail"
            absent[i], conflict[i] = outcome == "not_applicable", outcome == "conflict"
        applies &= ~absent
        return CheckMasks(
            both_sides(true, false), both_sides(pass_, fail), both_sides(applies, absent), conflict
        )

    def _is_given(self, fact: str, block: dict[str, Any], start: int, stop: int) -> Mask:
        """Where a fact is known exactly or stated in part; one that no row states may be computed from others."""
        spec = self._book.facts[fact]
        try:
            self._demand_vectors((fact,), block)
            known = find_points(compile_vector(fact_ref(spec))(block), stop - start)
            return known | find_narrowed(spec, block.get(fact), stop - start)
        except (Unsupported, KeyError, AttributeError):
            cases = (Case(self._book, self._law, self._row(row)) for row in range(start, stop))
            return np.array([self._calculator.is_given(fact, case) for case in cases])

    def _demand_vectors(self, refs: Iterable[str], block: dict[str, Any]) -> None:
        """Refuse columns that only the scalar path can read, also those a computed fact rests on."""
        if any(block.get(f, _MISSING) is None for ref in refs for f in (ref, *self._facts_of(ref))):
            raise Unsupported

    def _row(self, row: int) -> dict[str, Stated]:
        return {f: s for f, c in self._columns.items() if (s := c.stated[row]) is not None}

    def _when(self, rule: Verdict, block: dict[str, Any], start: int, stop: int) -> Truths:
        assert rule.when is not None
        try:
            self._demand_vectors(rule.when.refs, block)
            found: Truths = compile_vector(rule.when.node)(block)
            return found
        except (Unsupported, KeyError):
            truths = [
                rule.when.evaluate(Case(self._book, self._law, self._row(r))) for r in range(start, stop)
            ]
            return both_sides(np.array([t is True for t in truths]), np.array([t is False for t in truths]))


def _hold_figure(value: Any) -> Points | Numbers | None:
    """A figure of the law for all rows; None where only the scalar path can read it."""
    try:
        return law_value(value)
    except Unsupported:
        return None


_MISSING = object()


def _compile_vectors(check: Check) -> tuple[Vector | None, tuple[Vector, ...]]:
    """Condition and readings as vectors; no readings where it has to be decided row by row."""
    try:
        when = compile_vector(check.when.node) if check.when else None
        return when, tuple(compile_vector(reading.require.node) for reading in check.readings)
    except Unsupported:
        return None, ()


def _ignore(_done: int, _all: int) -> None:
    """No progress wanted."""
