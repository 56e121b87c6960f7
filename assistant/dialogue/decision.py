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
_DIFFERENCE = "相差"


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
    values = [d.value for d in decisions if d.value and d.value.amount is not None]
    if len(decisions) != _TWO or len(values) != _TWO or values[0].unit != values[1].unit:
        return None
    low, high = sorted(Fraction(v.amount or 0) for v in values)
    shown = f"{show_number(high)} - {show_number(low)} = {show_number(high - low)}{values[0].unit}"
    cites = tuple(dict.fromkeys(n for d in decisions for check in d.checks for n in check.cites))
    return DecisionCheck("difference", _DIFFERENCE, "pass", shown, "", None, {}, (), cites)


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
