"""Quantities, deadlines, timelines, tables and parameters → findings with their trace.

In: a rule and a `Case`. Out: a `Finding` whose steps are the executed terms. Text comes from the terms as they
were computed, never beside them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from assistant.models import Outcome
from assistant.rules import interval
from assistant.rules.book import list_expressions
from assistant.rules.case import Case
from assistant.rules.compute import Computed, TermTrace
from assistant.rules.explain import compile_show, compile_value, show_computed
from assistant.rules.facts import ANY_DAY
from assistant.rules.finding import Amount, Ask, Finding, TermStep, join_cites
from assistant.rules.interval import Interval, Value
from assistant.rules.language import Kind
from assistant.rules.law import (
    Cite,
    Column,
    Deadline,
    Expression,
    Parameter,
    Quantity,
    Rule,
    Table,
    Timeline,
)
from assistant.rules.missing import expand_refs, find_missing, list_asks
from assistant.rules.statements import MONEY, MONEY_SCALE


def find_parameter(parameter: Parameter, case: Case) -> Finding:
    """A figure of the law by itself."""
    used = case.read([parameter.key])
    if not used:
        return Finding(parameter, "no_basis", reason="stale")
    dated = used[0].dated
    step = TermStep(parameter.id, parameter.label, "pass", dated.shown, used=used, force=parameter.force)
    if parameter.kind == "names":
        return Finding(parameter, "pass", (step,))
    return Finding(
        parameter, "pass", (step,), (Amount(dated.value, parameter.kind, parameter.unit, parameter.bound),)
    )


def find_table(table: Table) -> Finding:
    """The rows of a table."""
    columns = [c for c in table.columns if c.id != table.key_column]
    steps = tuple(
        TermStep(
            row.clause.path,
            str(row.values[table.key_column]),
            "pass",
            "；".join(_show_cell(row.values[c.id], c) for c in columns),
            cites=(row.cite,),
        )
        for row in table.rows
    )
    return Finding(table, "pass", steps)


def find_quantity(quantity: Quantity, case: Case) -> Finding:
    """A computed figure with its terms; a range where facts are missing, several where texts disagree."""
    if case.is_dead(case.book.needs(quantity.key).parameters) or _is_stale(quantity):
        return Finding(quantity, "no_basis", reason="stale")
    computed = case.compute(quantity.key)
    steps = tuple(_term_step(quantity, term, case) for term in computed.terms)
    steps += _frame_steps(quantity, case, computed)
    if computed.applies is False:
        return Finding(quantity, "not_applicable", steps)
    values: list[Any] = list(dict.fromkeys(computed.readings)) or [computed.value]
    amounts = tuple(_amount(value, quantity, case) for value in values)
    is_known = computed.applies and not any(a.value.__class__ is Interval for a in amounts)
    outcome: Outcome = "unknown" if not is_known else "conflict" if len(amounts) > 1 else "pass"
    asks = _figure_asks(quantity, case) if outcome == "unknown" else ()
    return Finding(quantity, outcome, steps, amounts, asks)


def find_deadline(deadline: Deadline, case: Case) -> Finding:
    """A day counted from another."""
    if case.is_dead(deadline.counts) or _is_stale(deadline):
        return Finding(deadline, "no_basis", reason="stale")
    step, computed, amounts = _trace_deadline(deadline, case)
    asks = _figure_asks(deadline, case) if step.outcome == "unknown" else ()
    return Finding(deadline, step.outcome, (step,), amounts, asks, reason=computed.reason)


class Stage(NamedTuple):
    """A deadline of a timeline, as far as its start is known.

    Attributes:
        start: the day it begins; an interval where that is not known, None where nothing is.
        amounts: its last or first day, several where texts disagree; none where nothing is known.
        reason: why a day is a range though its start is known.
    """

    deadline: Deadline
    step: TermStep
    start: Value | None = None
    amounts: tuple[Amount, ...] = ()
    reason: str = ""


def trace_stages(timeline: Timeline, case: Case) -> list[Stage]:
    """The deadlines of a timeline, each begun after the one before where its start is not stated."""
    stages = []
    for key in timeline.steps:
        deadline = case.book.deadlines[key]
        if case.is_dead(deadline.counts) or _is_stale(deadline):
            stages.append(Stage(deadline, TermStep(deadline.id, deadline.label, "no_basis", "")))
            continue
        _begin_after(deadline, case)
        step, computed, amounts = _trace_deadline(deadline, case)
        case[key] = computed.value
        start = deadline.start.evaluate(case)
        stages.append(Stage(deadline, step, None if start == ANY_DAY else start, amounts, computed.reason))
    return stages


def find_timeline(timeline: Timeline, case: Case) -> Finding:
    """Deadlines one after the other, as far as their starts are known."""
    stages = trace_stages(timeline, case)
    reasons = dict.fromkeys(stage.reason for stage in stages if stage.reason)
    asks: dict[str, Ask] = {}
    for stage in stages:
        if stage.step.outcome == "unknown":
            asks.update({ask.fact: ask for ask in _figure_asks(stage.deadline, case)})
    outcomes = [stage.step.outcome for stage in stages]
    order: tuple[Outcome, ...] = ("unknown", "no_basis", "conflict")
    outcome: Outcome = next((o for o in order if o in outcomes), "pass")
    steps = tuple(stage.step for stage in stages)
    return Finding(timeline, outcome, steps, asks=tuple(asks.values()), reason="；".join(reasons))


# -- quantities ----------------------------------------------------------------------------------------


def _kind_of(quantity: Quantity) -> Kind:
    return "share" if quantity.unit == "%" else "number"


def _amount(value: Any, quantity: Quantity, case: Case) -> Amount:
    """A figure in the unit of the rule; money in 万元 where the asker spoke of 万元."""
    units = {case.stated[f].unit for f in case.book.needs(quantity.key).facts if f in case.stated}
    if quantity.unit == "元" and MONEY in units:
        return Amount(interval.divide(value, MONEY_SCALE), "number", MONEY, quantity.bound)
    return Amount(value, _kind_of(quantity), quantity.unit, quantity.bound)


def _term_step(quantity: Quantity, term: TermTrace, case: Case) -> TermStep:
    if term.row is not None:
        unit = next(
            (c.unit for c in _columns(quantity, case) if quantity.rows and c.id == quantity.rows.column), ""
        )
        shown = "" if term.value is None else f"{show_computed(term.value, 'number')}{unit}"
        return TermStep(term.name, term.label, term.outcome, shown, cites=(term.row.cite,))
    assert term.term is not None
    value, when = term.term.value, term.term.when
    expressions = [e for e in (when, value) if e]
    facts = {f: case.stated[f].shown for e in expressions for f in e.refs if f in case.stated}
    applies = term.outcome != "not_applicable"
    return TermStep(
        term.name,
        term.label or quantity.label,
        term.outcome,
        compile_value(value.node, case.book.names, _kind_of(quantity))(case) if applies else "",
        compile_show(when.node, case.book.names)(case) if when else "",
        None,
        facts,
        case.used_in(expressions) if applies else (),
        case.rows_in(expressions) if applies else (),
    )


def _columns(quantity: Quantity, case: Case) -> tuple[Column, ...]:
    return case.book.tables[quantity.rows.table].columns if quantity.rows else ()


def _frame_steps(quantity: Quantity, case: Case, computed: Computed) -> tuple[TermStep, ...]:
    """What the quantity itself rests on: its condition, its definitions and its rounding."""
    steps: tuple[TermStep, ...] = ()
    if quantity.when or quantity.cites:
        shown = compile_show(quantity.when.node, case.book.names)(case) if quantity.when else ""
        outcome: Outcome = (
            "pass" if computed.applies else "unknown" if computed.applies is None else "not_applicable"
        )
        label = "适用条件" if quantity.when else "口径"
        when, cites = "", quantity.cites
        if outcome == "not_applicable":
            # Nothing was read of the figures that do not apply: they show whose they are.
            shown, when = "", shown
            cites = cites or join_cites(case.read(case.book.needs(quantity.key).parameters), ())
        steps = (TermStep("applies", label, outcome, shown, when, cites=cites),)
    if quantity.round_to and computed.value is not None:
        steps = (*steps, TermStep("round", "取整", "pass", quantity.round_why))
    return steps


def _figure_asks(rule: Quantity | Deadline, case: Case) -> tuple[Ask, ...]:
    cites = rule.cites or tuple(c for u in case.used_by(rule.key) for c in u.dated.cites)
    missing: dict[str, tuple[Cite, ...]] = {}
    for key in (rule.key, *case.book.needs(rule.key).computed):
        for expression in _open_expressions(key, case):
            is_of_rows = any(ref.startswith("row.") for ref in expression.refs)
            find = expand_refs(expression.refs, case, case.book) if is_of_rows else None
            for fact in find if find is not None else find_missing(expression.node, case, case.book):
                missing.setdefault(fact, cites)
    return list_asks(missing, case.book)


def _open_expressions(key: str, case: Case) -> list[Expression]:
    """The expressions of a figure that are still open; of a term that may not apply, only its condition."""
    rule = case.book.rules.get(key)
    if not isinstance(rule, Quantity):
        return list_expressions(rule)
    if rule.when and rule.when.evaluate(case) is None:
        return [rule.when]
    if rule.rows:
        return [rule.rows.where] if rule.rows.where else []
    found: list[Expression] = []
    for term in case.compute(key).terms:
        if term.term is None or term.outcome == "not_applicable":
            continue
        is_open = term.outcome == "unknown" and term.term.when is not None
        found.append(term.term.when if is_open and term.term.when else term.term.value)
    return found


# -- days ----------------------------------------------------------------------------------------------


def _trace_deadline(deadline: Deadline, case: Case) -> tuple[TermStep, Computed, tuple[Amount, ...]]:
    computed = case.compute(deadline.key)
    used = case.read(deadline.counts)
    values: list[Any] = list(dict.fromkeys(computed.readings)) or [computed.value]
    known = [value for value in values if value not in (None, ANY_DAY)]
    amounts = tuple(Amount(value, "date", "日期", used[0].parameter.bound) for value in known)
    start = compile_value(deadline.start.node, case.book.names, "date")(case)
    is_stated = any(ref in case.stated for ref in deadline.start.refs)
    if known and deadline.after and not is_stated and isinstance(deadline.start.evaluate(case), Interval):
        start += f"（接在“{case.book.deadlines[deadline.after].label}”之后）"
    counts = [f"{u.dated.shown}{u.parameter.unit}" for u in used]
    # One reading has one day; of several, those with the same day are one amount.
    days = computed.readings or (known * len(counts) if known else ())
    paired = [f"{c} → {show_computed(d, 'date')}" for c, d in zip(counts, days, strict=False)] or counts
    shown = f"{start} {'倒数' if deadline.back else '起'} {'；'.join(paired)}"
    facts = {f: case.stated[f].shown for f in deadline.start.refs if f in case.stated}
    is_open = isinstance(deadline.start.evaluate(case), Interval)
    outcome = _deadline_outcome(computed, amounts, is_open=is_open)
    cites = (*deadline.cites, *_counting_cites(deadline, case))
    step = TermStep(deadline.id, deadline.label, outcome, shown, "", None, facts, used, cites)
    return step, computed, amounts


def _counting_cites(deadline: Deadline, case: Case) -> tuple[Cite, ...]:
    """Where it is laid down how this deadline is counted."""
    units = ["days"]
    if deadline.count_unit == "months":
        units.append("months")
    if deadline.count_unit != "working_days" and deadline.moved and not deadline.back:
        units.append("last_day")
    return tuple(cite for unit in units for cite in case.book.counting.get(unit, ()))


def _deadline_outcome(computed: Computed, amounts: tuple[Amount, ...], *, is_open: bool) -> Outcome:
    """A day that is a range only because the calendar is not published yet is as known as it can be."""
    if computed.applies is False:
        return "not_applicable"
    if not amounts or computed.applies is None or is_open:
        return "unknown"
    return "conflict" if len(amounts) > 1 else "pass"


def _begin_after(deadline: Deadline, case: Case) -> None:
    """Where the start is not stated, it lies between the start and the last day of the deadline before."""
    refs = [r for r in deadline.start.refs if r in case.book.facts and r not in case.stated]
    if not deadline.after or len(refs) != 1 or deadline.after not in case.computed:
        return
    earliest = interval.as_interval(case.book.deadlines[deadline.after].start.evaluate(case)).low
    last = case.computed[deadline.after].value
    if last not in (None, ANY_DAY):
        case[refs[0]] = interval.make_interval(earliest, interval.as_interval(last).high)


def _is_stale(rule: Rule) -> bool:
    return any(cite.drift == "stale" for cite in rule.cites)


def _show_cell(value: Any, column: Column) -> str:
    if isinstance(value, frozenset):
        return f"{column.header}：{'、'.join(sorted(value))}"
    shown = value if isinstance(value, str) else f"{show_computed(value, 'number')}{column.unit}"
    return f"{column.header}：{shown}"
