"""Quantities and deadlines: figures and days that are computed, with each term's trace.

In: a compiled `Quantity` or `Deadline` and an environment. Out: `Computed`. A term whose condition is open
widens the result to both possibilities; nothing is left out and nothing assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from assistant.models import Outcome
from assistant.rules import interval
from assistant.rules.calendar import Calendar, DayRange, corresponding_day
from assistant.rules.evaluate import Environment
from assistant.rules.interval import Interval, Truth, Value
from assistant.rules.law import Deadline, Expression, Quantity, RowSum, Table, TableRow, Term


@dataclass(frozen=True, slots=True)
class RowEnvironment:
    """An environment in which `row.<column>` is a cell of one row."""

    env: Environment
    row: TableRow

    @property
    def stated(self) -> Mapping[str, Any]:
        """Stated facts by id."""
        return self.env.stated

    def __getitem__(self, key: str) -> Any:
        return self.row.values[key[4:]] if key.startswith("row.") else self.env[key]


class TermTrace(NamedTuple):
    """One term as it was executed; `row` where it is a row of a table."""

    name: str
    label: str
    outcome: Outcome
    value: Value | None
    term: Term | None = None
    row: TableRow | None = None


class Computed(NamedTuple):
    """A result.

    Attributes:
        value: None where the quantity does not apply.
        applies: unknown where the condition of the quantity is open.
        readings: the values of each reading where texts can be read in several ways.
        reason: why the value is a range although all facts are known.
    """

    value: Value | None
    applies: Truth
    terms: tuple[TermTrace, ...] = ()
    readings: tuple[Value, ...] = ()
    reason: str = ""


NOT_APPLICABLE = Computed(None, False)


def compute_quantity(quantity: Quantity, env: Environment, table: Table | None) -> Computed:
    """Compute a quantity: mechanism, floors, ceilings, rounding."""
    applies: Truth = quantity.when.evaluate(env) if quantity.when else True
    if applies is False:
        return NOT_APPLICABLE
    value, terms, is_certain = _apply_mechanism(quantity, env, table)
    if value is None:
        return Computed(None, False, terms)
    readings = tuple(t.value for t in terms if t.value is not None) if quantity.readings else ()
    for name, bounds, pick in (
        ("at_least", quantity.at_least, interval.greater),
        ("at_most", quantity.at_most, interval.lesser),
    ):
        for number, term in enumerate(bounds, 1):
            holds = _holds(term.when, env)
            limit = term.value.evaluate(env)
            terms = (*terms, _trace(f"{name}-{number}", term, holds, limit))
            if holds is not False:
                limited = pick(value, limit)
                value = limited if holds else interval.join(value, limited)
    if quantity.round_to:
        rounding = interval.round_up if quantity.round_to == "up" else interval.round_down
        value = rounding(value)
        readings = tuple(rounding(reading) for reading in readings)
    return Computed(value, applies if is_certain else None, terms, readings)


def _apply_mechanism(
    quantity: Quantity, env: Environment, table: Table | None
) -> tuple[Value | None, tuple[TermTrace, ...], bool]:
    """Value, trace, and whether it is certain that the quantity applies."""
    if quantity.rows is not None and table is not None:
        return _over_rows(quantity.rows, env, table)
    if quantity.cases:
        return _first_case(quantity.cases, env)
    if quantity.readings:
        traces = tuple(
            _trace(f"reading-{i}", t, True, t.value.evaluate(env)) for i, t in enumerate(quantity.readings, 1)
        )
        joined: Value = traces[0].value  # type: ignore[assignment]
        for trace in traces[1:]:
            joined = interval.join(joined, trace.value)  # type: ignore[arg-type]
        return joined, traces, True
    value: Value = 1 if quantity.product else 0
    traces = ()
    for number, term in enumerate(quantity.product or quantity.sum, 1):
        holds, amount = _holds(term.when, env), term.value.evaluate(env)
        traces = (*traces, _trace(f"term-{number}", term, holds, amount))
        if quantity.product:
            value = interval.multiply(value, amount)
        elif holds is not False:
            value = interval.add(value, amount if holds else interval.join(0, amount))
    return value, traces, True


def _first_case(
    cases: tuple[Term, ...], env: Environment
) -> tuple[Value | None, tuple[TermTrace, ...], bool]:
    value: Value | None = None
    traces: tuple[TermTrace, ...] = ()
    for number, term in enumerate(cases, 1):
        holds, amount = _holds(term.when, env), term.value.evaluate(env)
        traces = (*traces, _trace(f"case-{number}", term, holds, amount))
        if holds is False:
            continue
        value = amount if value is None else interval.join(value, amount)
        if holds:
            return value, traces, True
    return value, traces, False


def _over_rows(
    rows: RowSum, env: Environment, table: Table
) -> tuple[Value | None, tuple[TermTrace, ...], bool]:
    adds = rows.op in ("sum", "count")
    value: Value | None = 0 if adds else None
    is_certain = adds
    traces: list[TermTrace] = []
    for row in table.rows:
        holds = _holds(rows.where, RowEnvironment(env, row))
        amount: Value = 1 if rows.op == "count" else row.values[rows.column]
        shown = row.values.get(rows.column)
        outcome: Outcome = "pass" if holds else "unknown" if holds is None else "not_applicable"
        traces.append(
            TermTrace(row.clause.path, str(row.values[table.key_column]), outcome, shown, None, row)
        )
        if holds is not False:
            value = _include(rows.op, value, amount, holds, is_certain=is_certain)
            is_certain = is_certain or bool(holds)
    return value, tuple(traces), is_certain


def _include(op: str, value: Value | None, amount: Value, holds: Truth, *, is_certain: bool) -> Value:
    """The figure with one more row, which is certain or only possible.

    Args:
        is_certain: whether some row before is; otherwise this one may be the only one.
    """
    if op in ("sum", "count"):
        return interval.add(value or 0, amount if holds else interval.join(0, amount))
    if value is None:
        return amount
    picked = (interval.greater if op == "max" else interval.lesser)(value, amount)
    if not is_certain:
        picked = interval.join(picked, amount)
    return picked if holds else interval.join(value, picked)


def _holds(when: Expression | None, env: Environment) -> Truth:
    return when.evaluate(env) if when else True


def _trace(name: str, term: Term, holds: Truth, value: Value) -> TermTrace:
    outcome: Outcome = "pass" if holds else "unknown" if holds is None else "not_applicable"
    return TermTrace(name, term.label, outcome, value, term)


# -- days ----------------------------------------------------------------------------------------------


def compute_deadline(deadline: Deadline, env: Environment, calendar: Calendar, unknown: Interval) -> Computed:
    """Compute a deadline, one value a reading.

    Args:
        unknown: the value of a day of which nothing is known, which stays unknown.
    """
    applies = _holds(deadline.when, env)
    if applies is False:
        return NOT_APPLICABLE
    start: Value = deadline.start.evaluate(env)
    spread = interval.as_interval(start)
    if spread.low <= unknown.low or spread.high >= unknown.high:
        return Computed(unknown, applies)
    values: list[Value] = []
    reasons: list[str] = []
    for count in deadline.counts:
        first = _count_days(deadline, spread.low, env[count], calendar)
        last = (
            first
            if start.__class__ is not Interval
            else _count_days(deadline, spread.high, env[count], calendar)
        )
        values.append(interval.make_interval(first.earliest.toordinal(), last.latest.toordinal()))
        reasons += [r for r in (first.reason, last.reason) if r]
    joined = values[0]
    for value in values[1:]:
        joined = interval.join(joined, value)
    readings = tuple(values) if len(values) > 1 else ()
    return Computed(joined, applies, (), readings, "；".join(dict.fromkeys(reasons)))


def _count_days(deadline: Deadline, start: interval.Bound, count: Value, calendar: Calendar) -> DayRange:
    day, number = date.fromordinal(int(start)), int(interval.as_interval(count).low)
    number = -number if deadline.back else number
    if deadline.count_unit == "working_days":
        return calendar.add_working_days(day, number)
    if not deadline.moved:
        is_months = deadline.count_unit == "months"
        end = corresponding_day(day, number) if is_months else day + timedelta(number)
        return DayRange(end, end, "")
    return (
        calendar.add_months(day, number)
        if deadline.count_unit == "months"
        else calendar.add_days(day, number)
    )
