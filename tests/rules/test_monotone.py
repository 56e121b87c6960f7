"""What is decided stays decided when more is known, whatever the rule and the facts."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.models import Outcome
from assistant.rules import interval
from assistant.rules.book import Book
from assistant.rules.contradictions import find_contradictions
from assistant.rules.decide import Calculator
from assistant.rules.facts import Fact
from assistant.rules.finding import Finding
from assistant.rules.language import Arithmetic
from assistant.rules.statements import Stated

AS_OF = date(2021, 12, 31)
DECIDED: tuple[Outcome, ...] = ("pass", "fail", "not_applicable", "conflict", "no_basis")
EXAMPLES = settings(max_examples=25)
SEEDS = st.integers(0, 10**9)
Facts = dict[str, Stated]


def facts_of(book: Book, key: str) -> list[str]:
    needs = book.needs(key)
    return [f for f in (*needs.facts, *needs.computed) if f in book.facts]


def narrow(fact: Fact, stated: Stated, rng: random.Random) -> Stated:
    """A point of what was stated, or a part of it."""
    value = stated.value
    if isinstance(value, frozenset) and fact.type == "choice" and len(value) > 1:
        return Stated(frozenset([rng.choice(sorted(value))]), "其中之一")
    if not isinstance(value, interval.Interval):
        return stated
    low, high = value.low, value.high
    if isinstance(high, float):
        high = low + 100
    if rng.random() < 0.5:
        middle = (low + high) // 2
        inside = interval.intersect(interval.make_interval(low, middle), value)
        return Stated(inside if inside is not None else value, "一部分")
    picks = [p for p in (low, low + 1, (low + high) // 2, high) if interval.intersect(p, value) == p]
    return Stated(rng.choice(picks), "一点") if picks else stated


def draw_two(book: Book, facts: list[str], rng: random.Random, draw: Any) -> tuple[Facts, Facts] | None:
    """Facts, and the same facts with more known; None where they contradict each other."""
    some = {f: draw(book.facts[f], rng) for f in facts if rng.random() < 0.6}
    more = {f: narrow(book.facts[f], s, rng) if rng.random() < 0.7 else s for f, s in some.items()}
    more |= {f: draw(book.facts[f], rng) for f in facts if f not in some and rng.random() < 0.5}
    for id_, formula in book.derived.items():
        over = (
            formula.node.left.key if isinstance(formula.node, Arithmetic) and formula.node.op == "/" else ""
        )
        if any(interval.intersect(known[over].value, 0) == 0 for known in (some, more) if over in known):
            # Nothing over nothing is any ratio, so none is stated where there may be nothing.
            some.pop(id_, None)
            more.pop(id_, None)
    if find_contradictions(book, some) or find_contradictions(book, more):
        return None
    return some, more


def shown(facts: Facts) -> dict[str, Any]:
    return {fact: stated.value for fact, stated in facts.items()}


def outcomes(finding: Finding) -> dict[str, Outcome]:
    return {step.id: step.outcome for step in finding.steps}


@EXAMPLES
@given(seed=SEEDS)
def test_checks_stay_decided(bench: Any, seed: int):
    book, calculator, draw_stated = bench.book, bench.calculator, bench.draw_stated
    rng, n_decided = random.Random(seed), 0
    for key in book.checks:
        pair = draw_two(book, facts_of(book, key), rng, draw_stated)
        if pair is None:
            continue
        before, after = (calculator.find(key, facts, AS_OF).outcome for facts in pair)
        n_decided += before != "unknown"
        assert before in ("unknown", after), (key, shown(pair[0]), shown(pair[1]))
    assert n_decided > 0


@EXAMPLES
@given(seed=SEEDS)
def test_verdicts_stay_decided(bench: Any, seed: int):
    """A breach of a reminder may still turn a pass into a failure: it never blocks while it is unknown."""
    book, calculator, draw_stated = bench.book, bench.calculator, bench.draw_stated
    rng = random.Random(seed)
    for key, verdict in book.verdicts.items():
        pair = draw_two(book, facts_of(book, key), rng, draw_stated)
        if pair is None:
            continue
        before, after = (calculator.find(key, facts, AS_OF) for facts in pair)
        reminders = {book.checks[check].id for check in verdict.reminders}
        broken = {id_ for id_, outcome in outcomes(after).items() if outcome == "fail"}
        if before.outcome not in ("unknown", after.outcome):
            assert before.outcome in ("pass", "conflict", "no_basis"), (key, shown(pair[0]), shown(pair[1]))
            assert after.outcome == "fail", (key, shown(pair[0]), shown(pair[1]))
            assert broken, key
            assert broken <= reminders, (key, shown(pair[0]), shown(pair[1]))
        for id_, outcome in outcomes(before).items():
            if outcome != "unknown" and after.steps:
                assert outcomes(after)[id_] == outcome, (key, id_, shown(pair[0]), shown(pair[1]))


@EXAMPLES
@given(seed=SEEDS)
def test_quantities_lie_in_what_was_said_before(bench: Any, seed: int):
    book, calculator, draw_stated = bench.book, bench.calculator, bench.draw_stated
    rng = random.Random(seed)
    for key in book.quantities:
        pair = draw_two(book, facts_of(book, key), rng, draw_stated)
        if pair is None:
            continue
        before, after = (calculator.find(key, facts, AS_OF) for facts in pair)
        where = (key, shown(pair[0]), shown(pair[1]))
        assert before.outcome in ("unknown", after.outcome), where
        if not before.amounts or not after.amounts:
            assert "not_applicable" in (before.outcome, after.outcome), where
            continue
        outer = interval.as_interval(_whole(before))
        inner = interval.as_interval(_whole(after))
        assert outer.low <= inner.low, where
        assert inner.high <= outer.high, where


def _whole(finding: Finding) -> interval.Value:
    value = finding.amounts[0].value
    for amount in finding.amounts[1:]:
        value = interval.join(value, amount.value)
    return value


@EXAMPLES
@given(seed=SEEDS)
def test_days_lie_in_what_was_said_before(bench: Any, seed: int):
    book, calculator, draw_stated = bench.book, bench.calculator, bench.draw_stated
    rng = random.Random(seed)
    for key in book.deadlines:
        facts = facts_of(book, key)
        pair = draw_two(book, facts, rng, draw_stated) if facts else None
        if pair is None:
            continue
        before, after = (calculator.find(key, facts, AS_OF) for facts in pair)
        where = (key, shown(pair[0]), shown(pair[1]))
        for one, other in zip(before.amounts, after.amounts, strict=False):
            outer, inner = interval.as_interval(one.value), interval.as_interval(other.value)
            if len(before.amounts) == len(after.amounts):
                assert outer.low <= inner.low, where
                assert inner.high <= outer.high, where
        assert before.outcome in ("unknown", after.outcome), where


@EXAMPLES
@given(seed=SEEDS)
def test_the_order_of_facts_does_not_matter(bench: Any, seed: int):
    book, calculator, draw_stated = bench.book, bench.calculator, bench.draw_stated
    rng = random.Random(seed)
    for key in rng.sample([*book.rules], 25):
        facts = {f: draw_stated(book.facts[f], rng) for f in facts_of(book, key) if rng.random() < 0.8}
        turned = dict(rng.sample([*facts.items()], len(facts)))
        one, other = (calculator.find(key, given, AS_OF) for given in (facts, turned))
        assert one.outcome == other.outcome
        assert one.amounts == other.amounts
        assert one.asks == other.asks
        assert [(s.id, s.outcome, s.shown, s.margin) for s in one.steps] == [
            (s.id, s.outcome, s.shown, s.margin) for s in other.steps
        ]


@pytest.mark.parametrize("fraction", [0.0, 0.5, 1.0])
def test_facts_a_rule_does_not_read_change_nothing(
    book: Book, calculator: Calculator, draw_point: Any, fraction: float
):
    rng = random.Random(9)
    for key in [*book.checks, *book.verdicts]:
        own = facts_of(book, key)
        facts = {f: draw_point(book.facts[f], rng) for f in own if rng.random() < fraction}
        others = {
            f: draw_point(book.facts[f], rng) for f in rng.sample(sorted(set(book.facts) - set(own)), 8)
        }
        one, other = calculator.find(key, facts, AS_OF), calculator.find(key, {**facts, **others}, AS_OF)
        assert outcomes(one) == outcomes(other), key
        assert one.outcome == other.outcome


def test_every_outcome_is_met(book: Book, calculator: Calculator, draw_stated: Any):
    """The draws of this file are not idle: they decide rules in every way there is."""
    rng, met = random.Random(1), set()
    for _ in range(15):
        for key in [*book.checks, *book.verdicts]:
            facts = {f: draw_stated(book.facts[f], rng) for f in facts_of(book, key) if rng.random() < 0.9}
            met.add(calculator.find(key, facts, AS_OF).outcome)
    assert met == {"pass", "fail", "unknown", "not_applicable", "conflict"}
