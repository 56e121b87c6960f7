"""Finding → the `Decision` that programs read, with the numbers of its citations.

In: what the calculator found. Out: the same as text and numbers; nothing is decided and nothing worded here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

from assistant.models import (
    Decision,
    DecisionAsk,
    DecisionCheck,
    DecisionParameter,
    DecisionRepair,
    DecisionValue,
)
from assistant.rules.finding import Amount, Ask, Finding, Step
from assistant.rules.interval import Bound, Interval
from assistant.rules.law import Cite
from assistant.rules.show import show_number

Number = Callable[[Iterable[Cite]], tuple[int, ...]]
"""Clauses → the numbers of their citations."""
_TWO = 2
_DIFFERENCE, _TOTAL = "相差", "合计"
_WORST_FIRST = ("conflict", "fail", "unknown", "pass")


def renumber_decision(decision: Decision, order: Mapping[int, int]) -> Decision:
    """A decision whose citations carry the numbers of the text; those that the text dropped are left out."""

    def renumber(cites: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(order[n] for n in cites if n in order))

    checks = tuple(
        replace(
            check,
            cites=renumber(check.cites),
            parameters=tuple(
                replace(p, cite=order.get(p.cite) if p.cite else None) for p in check.parameters
            ),
        )
        for check in decision.checks
    )
    return replace(
        decision,
        checks=checks,
        ask=tuple(replace(ask, cites=renumber(ask.cites)) for ask in decision.ask),
        repairs=tuple(replace(repair, cites=renumber(repair.cites)) for repair in decision.repairs),
    )


def join_decisions(decisions: Sequence[Decision]) -> Decision | None:
    """Several figures of one question as one decision: the first, with the others as steps behind its own."""
    if not decisions:
        return None
    first, *others = decisions
    steps = [step for other in others for step in (_as_step(other), *other.checks)]
    asks = {ask.fact: ask for decision in decisions for ask in decision.ask}
    return replace(first, checks=(*first.checks, *steps), ask=tuple(asks.values()))


def find_difference(decisions: Sequence[Decision]) -> DecisionCheck | None:
    """By how much two figures of one unit differ; None where they are not two, or one of them is open."""
    found = _read_figures(decisions)
    if found is None or len(decisions) != _TWO:
        return None
    value, (low, high) = found[0], sorted(found[1])
    shown = f"{show_number(high)} - {show_number(low)} = {show_number(high - low)}{value.unit}"
    cites = tuple(dict.fromkeys(n for d in decisions for check in d.checks for n in check.cites))
    return DecisionCheck("difference", _DIFFERENCE, "pass", shown, "", None, {}, (), cites)


def join_cases(names: Sequence[str], decisions: Sequence[Decision], total: bool) -> Decision:
    """The decisions on several cases as one: its checks say whose they are, and it holds where all hold.

    How to repair one of them is told in the text alone: a repair names facts, which each case has for itself.

    Args:
        total: the sum of their figures is asked for.
    """
    outcomes = [d.outcome for d in decisions]
    worst = min(outcomes, key=lambda o: _WORST_FIRST.index(o) if o in _WORST_FIRST else len(_WORST_FIRST))
    checks = [
        replace(step, label=f"{name}：{step.label}")
        for name, decision in zip(names, decisions, strict=True)
        for step in (decision.checks or (_as_step(decision),))
    ]
    found = find_total(decisions) if total else None
    rules = {d.rule for d in decisions}
    return replace(
        decisions[0],
        outcome=worst,
        value=found[1] if found and len(rules) == 1 else None,
        values=(),
        checks=(*checks, *([found[0]] if found else [])),
        ask=tuple({a.fact: a for d in decisions for a in d.ask}.values()),
        repairs=(),
        stable_until=min((d.stable_until for d in decisions if d.stable_until), default=None),
    )


def find_total(decisions: Sequence[Decision]) -> tuple[DecisionCheck, DecisionValue] | None:
    """The sum of the figures of several cases; None where one of them is open or counts something else."""
    found = _read_figures(decisions)
    if found is None or len({d.value.bound for d in decisions if d.value}) > 1:
        return None
    value, amounts = found
    total = show_number(sum(amounts, Fraction(0)))
    shown = f"{' + '.join(map(show_number, amounts))} = {total}{value.unit}"
    cites = tuple(dict.fromkeys(n for d in decisions for check in d.checks for n in check.cites))
    check = DecisionCheck("total", _TOTAL, "pass", shown, "", None, {}, (), cites)
    return check, replace(value, amount=total)


def _read_figures(decisions: Sequence[Decision]) -> tuple[DecisionValue, list[Fraction]] | None:
    """The first of the figures and all of them as numbers; None where one is open, a day or of another unit."""
    values = [d.value for d in decisions if d.value and d.value.amount is not None]
    if not values or len(values) < len(decisions) or len({v.unit for v in values}) > 1:
        return None
    try:
        return values[0], [Fraction(v.amount or 0) for v in values]
    except ValueError:
        return None


def _as_step(decision: Decision) -> DecisionCheck:
    """A further decision as a step of the first."""
    value = decision.value
    ends = (value.amount, value.low, value.high) if value else ()
    shown = "～".join(f"{end}{value.unit}" for end in ends if end) if value else ""
    cites = tuple(dict.fromkeys(n for check in decision.checks for n in check.cites))
    id_ = decision.rule.rpartition("/")[2]
    return DecisionCheck(id_, decision.label, decision.outcome, shown, "", None, {}, (), cites)


def build_decision(finding: Finding, cite: Number) -> Decision:
    """The finding as data."""
    values = tuple(_build_value(amount) for amount in finding.amounts)
    return Decision(
        rule=finding.rule.key,
        label=finding.rule.label,
        outcome=finding.outcome,
        value=values[0] if len(values) == 1 else None,
        values=values if len(values) > 1 else (),
        checks=tuple(_build_check(step, cite) for step in finding.steps),
        ask=tuple(_build_ask(ask, cite) for ask in finding.asks),
        repairs=tuple(
            DecisionRepair(r.changes, r.note, r.is_certified, cite(r.cites)) for r in finding.repairs
        ),
        stable_until=finding.stable_until,
    )


def _build_ask(ask: Ask, cite: Number) -> DecisionAsk:
    data = ask.data
    return DecisionAsk(
        fact=ask.fact,
        label=data.label,
        question=data.ask,
        unit=data.unit,
        type=data.type,
        choices=tuple(data.choices),
        cites=cite(ask.cites),
    )


def _build_check(step: Step, cite: Number) -> DecisionCheck:
    parameters = tuple(
        DecisionParameter(
            id=used.parameter.id,
            value=used.dated.shown,
            unit=used.parameter.unit,
            cite=next(iter(cite(used.dated.cites)), None),
            since=used.dated.since,
        )
        for used in step.used
    )
    return DecisionCheck(
        id=step.id,
        label=step.label,
        outcome=step.outcome,
        shown=step.shown,
        when=step.when,
        margin=step.margin,
        facts=dict(step.facts),
        parameters=parameters,
        cites=cite(step.all_cites),
        force=step.force,
        reminder=step.is_reminder,
    )


def _build_value(amount: Amount) -> DecisionValue:
    """A figure as data: exact, a fraction where it has no finite decimal form."""
    value = amount.value
    if isinstance(value, Interval):
        low, high = _exact(value.low, amount), _exact(value.high, amount)
        return DecisionValue(None, amount.unit, amount.bound, low, high)
    return DecisionValue(_exact(value, amount), amount.unit, amount.bound)


def _exact(value: Bound, amount: Amount) -> str | None:
    if isinstance(value, float):
        return None
    if amount.kind == "date":
        return date.fromordinal(int(value)).isoformat()
    return show_number(value * 100 if amount.kind == "share" else value)
