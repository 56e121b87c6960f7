"""Just under, at and just over every limit, generated from the rules themselves.

What the bound of a figure says decides what is expected, never the rule that is tested: `<=` allows the limit and
what is under it, `>` only what is over it, and where the text names what is not allowed (低于85%的停止), the check
is the negation of the bound.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from assistant.documents.catalog import load_corpus
from assistant.documents.regions import load_regions
from assistant.rules import interval
from assistant.rules.book import Book
from assistant.rules.build import build_book
from assistant.rules.decide import Calculator
from assistant.rules.language import Arithmetic, Compare, Logic, Node, Not, Ref
from assistant.rules.law import Check, Parameter
from assistant.rules.load import read_source
from assistant.rules.statements import Stated

CORPUS = Path(__file__).parents[2] / "corpus"
AS_OF = date(2021, 12, 31)
ALLOWS = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}
GRAIN = {"integer": Fraction(1), "decimal": Fraction(1, 10), "share": Fraction(1, 100), "date": Fraction(1)}


class Limit(NamedTuple):
    """A check that compares one fact with one figure; `is_breach` where the figure says what is not allowed."""

    check: Check
    fact: str
    parameter: Parameter
    is_breach: bool


def _load_book() -> Book:
    """Tests are made before there are fixtures."""
    corpus = load_corpus(CORPUS, load_regions(CORPUS / "regions.yaml"))
    source = read_source(CORPUS, lambda id_: id_ in corpus.document_by_id)
    return build_book(source, corpus.documents, lint=False)


def _compares(node: Node, is_negated: bool = False) -> Iterator[tuple[Compare, bool]]:
    """The comparisons of a condition, and whether an odd number of `not` stands above each."""
    if isinstance(node, Not):
        yield from _compares(node.item, not is_negated)
    elif isinstance(node, Logic):
        for item in node.items:
            yield from _compares(item, is_negated)
    elif isinstance(node, Compare):
        yield node, is_negated


def _find_limits(book: Book) -> list[Limit]:
    found = []
    for check in book.checks.values():
        for reading in check.readings:
            for compare, is_negated in _compares(reading.require.node):
                match compare:
                    case Compare(left=Ref(key=fact), right=Ref(key=figure)) if fact in book.facts:
                        parameter = book.parameters.get(figure)
                        if parameter and parameter.bound in ALLOWS:
                            found.append(Limit(check, fact, parameter, is_negated))
    return found


BOOK = _load_book()
LIMITS = _find_limits(BOOK)


def _supplement(limit: Limit, value: Any) -> dict[str, Any]:
    """What else must hold so that only this limit decides: the condition of the check, its other parts."""
    others: dict[str, Any] = {
        "has_popup_control": True,
        "can_work": True,
        "wants_training": True,
        "has_difficulty_finding_work": True,
        "has_own_hours_rule": False,
        "certificate": frozenset(["培训合格证书"]),
        "trainee_kind": frozenset(["在押服刑人员"]),
        "provider_kind": frozenset(["职业学校"]),
        "school_level": frozenset(["中小学" if "labour" in limit.fact else "职业院校"]),
        "school_kind": frozenset(["高等职业院校"]),
        "is_public": True,
        "occupation": "电子商务师",
    }
    needed = BOOK.needs(limit.check.key).facts
    found = {fact: other for fact, other in others.items() if fact in needed}
    if limit.check.id == "special-topic-hours":
        # Two readings, of which each has a limit of its own.
        found |= {"special_topic_hours": value, "special_topic_hours_per_term": value}
    return found


def _decide(limit: Limit, facts: dict[str, Any]) -> str:
    stated = {fact: Stated(value, str(value)) for fact, value in facts.items()}
    return Calculator(BOOK).find(limit.check.key, stated, AS_OF).outcome


def _threshold(parameter: Parameter) -> Any:
    dated = parameter.value_at(AS_OF)
    assert dated is not None
    return dated.value


def _expected(limit: Limit, value: Any, threshold: Any) -> str:
    holds = ALLOWS[limit.parameter.bound](value, threshold)
    is_open = limit.check.id == "offline-practice" and not holds
    return "conflict" if is_open else "pass" if holds != limit.is_breach else "fail"


def _name(limit: Limit) -> str:
    return f"{limit.check.key}: {limit.fact} {limit.parameter.bound} {limit.parameter.id}"


@pytest.mark.parametrize("step", [-1, 0, 1], ids=["just under", "at", "just over"])
@pytest.mark.parametrize("limit", LIMITS, ids=_name)
def test_a_fact_at_its_limit(limit: Limit, step: int):
    fact, threshold = BOOK.facts[limit.fact], _threshold(limit.parameter)
    value = interval.simplify(Fraction(threshold + step * GRAIN[fact.type]))
    facts = {**_supplement(limit, value), limit.fact: value}
    assert _decide(limit, facts) == _expected(limit, value, threshold)


@pytest.mark.parametrize("limit", LIMITS, ids=_name)
def test_a_range_at_its_limit(limit: Limit):
    """A range that ends at the limit is decided; one that reaches over it by the smallest step is not."""
    fact, threshold = BOOK.facts[limit.fact], _threshold(limit.parameter)
    grain = GRAIN[fact.type]
    allows_less = ALLOWS[limit.parameter.bound](threshold - 1, threshold)
    ends = [threshold - 2 * grain, threshold - grain, threshold, threshold + grain, threshold + 2 * grain]
    low = max(ends[0], interval.as_interval(fact.unknown).low)
    outcomes = set()
    for first, last in ((low, ends[1]), (low, ends[2]), (ends[2], ends[4]), (ends[3], ends[4])):
        value = interval.make_interval(first, last)
        found = _decide(limit, {**_supplement(limit, value), limit.fact: value})
        both = {_expected(limit, end, threshold) for end in (first, last)}
        assert found == (both.pop() if len(both) == 1 else "unknown"), (first, last)
        outcomes.add(found)
    assert {"unknown", "fail" if allows_less == limit.is_breach else "pass"} & outcomes


def _divides(fact: str) -> bool:
    formula = BOOK.facts[fact].formula
    return isinstance(formula, Arithmetic) and formula.op == "/"


RATIOS = [limit for limit in LIMITS if _divides(limit.fact)]


@pytest.mark.parametrize("under", [1, 2, 3, 7, 20, 60, 100, 999], ids=str)
@pytest.mark.parametrize("limit", RATIOS, ids=_name)
def test_a_ratio_at_its_limit(limit: Limit, under: int):
    """The greatest whole number over each divisor on either side of the limit, compared without rounding."""
    formula = BOOK.facts[limit.fact].formula
    assert isinstance(formula, Arithmetic)
    assert isinstance(formula.left, Ref)
    assert isinstance(formula.right, Ref)
    threshold = _threshold(limit.parameter)
    near = int(threshold * under)
    for over in (near - 1, near, near + 1):
        if not over >= 0:
            continue
        found = _decide(limit, {formula.left.key: over, formula.right.key: under})
        assert found == _expected(limit, Fraction(over, under), threshold), (over, under)


MULTIPLES = [
    (check, compare.left.key, compare.right)
    for check in BOOK.checks.values()
    for reading in check.readings
    for compare, _ in _compares(reading.require.node)
    if isinstance(compare.left, Ref)
    and compare.left.key in BOOK.facts
    and isinstance(compare.right, Arithmetic)
    and compare.right.op == "*"
]


@pytest.mark.parametrize("n", [0, 1, 2, 5])
@pytest.mark.parametrize(("check", "fact", "product"), MULTIPLES, ids=lambda value: getattr(value, "key", ""))
def test_a_multiple_at_its_limit(check: Check, fact: str, product: Arithmetic, n: int):
    assert isinstance(product.left, Ref)
    assert isinstance(product.right, Ref)
    parameter = BOOK.parameters[product.left.key]
    limit = Limit(check, fact, parameter, is_breach=False)
    threshold = _threshold(parameter) * n
    for value in (threshold - 1, threshold, threshold + 1):
        if value >= 0:
            found = _decide(limit, {fact: value, product.right.key: n})
            assert found == _expected(limit, value, threshold), value


def test_how_many_limits_there_are():
    assert len(LIMITS) >= 28
    assert len(RATIOS) >= 5
    assert len(MULTIPLES) >= 1
    assert len([limit for limit in LIMITS if BOOK.facts[limit.fact].type == "date"]) >= 1
    by_subject: dict[str, int] = {}
    for limit in LIMITS:
        by_subject[limit.check.subject] = by_subject.get(limit.check.subject, 0) + 1
    assert set(by_subject) >= {"class", "online", "person", "institution", "finance", "government"}


# -- days ----------------------------------------------------------------------------------------------

EDGES = [
    (key, day, is_first)
    for key, parameter in BOOK.parameters.items()
    for dated in parameter.values
    for day, is_first in ((dated.since, True), (dated.until, False))
    if day is not None
]


@pytest.mark.parametrize(("key", "day", "is_first"), EDGES, ids=str)
def test_a_figure_on_the_days_around_its_first(key: str, day: date, is_first: bool):
    calculator = Calculator(BOOK)
    found = [
        calculator.find(key, {}, date.fromordinal(day.toordinal() + step)).outcome for step in (-1, 0, 1)
    ]
    assert found == (["no_basis", "pass", "pass"] if is_first else ["pass", "pass", "no_basis"])


def test_how_many_days_there_are():
    assert len(EDGES) >= 100
