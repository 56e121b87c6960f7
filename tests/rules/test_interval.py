from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from assistant.rules import interval
from assistant.rules.interval import ANY, Interval, Value

EXAMPLES = settings(max_examples=50)
TRUTHS = (True, False, None)
BOUND = st.one_of(
    st.integers(-6, 6), st.fractions(-6, 6, max_denominator=4).map(interval.simplify), st.integers(-900, 900)
)


@st.composite
def values(draw: st.DrawFn) -> Value:
    """A point, or an interval of any kind: closed, open, endless."""
    low, high = sorted((draw(BOUND), draw(BOUND)))
    if draw(st.booleans()) and draw(st.booleans()):
        return low
    if low == high:
        return low
    low_open, high_open = draw(st.booleans()), draw(st.booleans())
    end = draw(st.integers(0, 8))
    first = -math.inf if end in (0, 2) else low
    last = math.inf if end in (1, 2) else high
    return interval.make_interval(
        first, last, low_open and first == low, high_open and not math.isinf(last) and last == high
    )


def contains(value: Value, point: Any) -> bool:
    box = interval.as_interval(value)
    above = point > box.low if box.low_open else point >= box.low
    below = point < box.high if box.high_open else point <= box.high
    return above and below


def points_of(value: Value) -> list[Any]:
    """Points of an interval: its closed ends, points just inside open ones, the whole numbers near them."""
    box = interval.as_interval(value)
    low = -1000 if math.isinf(box.low) else box.low
    high = 1000 if math.isinf(box.high) else box.high
    tiny = Fraction(1, 1000)
    wanted = [low, low + tiny, high - tiny, high, Fraction(low + high) / 2, 0, tiny, -tiny]
    wanted += [math.ceil(low), math.ceil(low) + 1, math.floor(high), math.floor(high) - 1]
    return [p for p in dict.fromkeys(wanted) if contains(value, p)]


ARITHMETIC: dict[str, tuple[Callable[[Value, Value], Value], Callable[[Any, Any], Any]]] = {
    "add": (interval.add, operator.add),
    "subtract": (interval.subtract, operator.sub),
    "multiply": (interval.multiply, operator.mul),
    "lesser": (interval.lesser, min),
    "greater": (interval.greater, max),
}
PLAIN = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


@pytest.mark.parametrize("name", ARITHMETIC)
@EXAMPLES
@given(a=values(), b=values())
def test_arithmetic_holds_every_result(name: str, a: Value, b: Value):
    compute, plain = ARITHMETIC[name]
    result = compute(a, b)
    for x, y in itertools.product(points_of(a), points_of(b)):
        assert contains(result, plain(x, y)), (x, y)


@EXAMPLES
@given(a=values(), b=values())
def test_division_holds_every_quotient(a: Value, b: Value):
    result = interval.divide(a, b)
    for x, y in itertools.product(points_of(a), points_of(b)):
        if y:
            assert contains(result, Fraction(x) / Fraction(y)), (x, y)


@EXAMPLES
@given(a=values(), low=st.integers(1, 9), width=st.integers(0, 9))
def test_division_by_a_positive_number_is_as_narrow_as_can_be(a: Value, low: int, width: int):
    b = interval.make_interval(low, low + width)
    box = interval.as_interval(b)
    quotient = interval.as_interval(interval.divide(a, b))
    ends = [e for e in interval.as_interval(a)[:2] if not math.isinf(e)]
    corners = [Fraction(e) / Fraction(d) for e in ends for d in (box.low, box.high)]
    for end in (quotient.low, quotient.high):
        assert math.isinf(end) or end in corners


@pytest.mark.parametrize("name", ["round_up", "round_down"])
@EXAMPLES
@given(a=values())
def test_rounding_holds_every_whole_number_and_no_more(name: str, a: Value):
    result = getattr(interval, name)(a)
    plain = math.ceil if name == "round_up" else math.floor
    rounded = [plain(x) for x in points_of(a)]
    assert all(contains(result, r) for r in rounded)
    box = interval.as_interval(result)
    assert math.isinf(box.low) or box.low == min(rounded)
    assert math.isinf(box.high) or box.high == max(rounded)


@pytest.mark.parametrize("op", PLAIN)
@EXAMPLES
@given(a=values(), b=values())
def test_a_decided_comparison_holds_for_every_point(op: str, a: Value, b: Value):
    truth = interval.COMPARE[op](a, b)
    found = {PLAIN[op](x, y) for x, y in itertools.product(points_of(a), points_of(b))}
    if truth is not None:
        assert found == {truth}


@pytest.mark.parametrize("op", ["<", "<=", ">", ">="])
@EXAMPLES
@given(a=values(), b=values())
def test_a_comparison_is_open_only_where_it_can_turn_out_both_ways(op: str, a: Value, b: Value):
    ends = [*interval.as_interval(a)[:2], *interval.as_interval(b)[:2]]
    assume(not any(math.isinf(end) for end in ends))
    assume(not any(0 < abs(x - y) < Fraction(1, 100) for x, y in itertools.combinations(ends, 2)))
    if interval.COMPARE[op](a, b) is None:
        found = {PLAIN[op](x, y) for x, y in itertools.product(points_of(a), points_of(b))}
        assert found == {True, False}


@pytest.mark.parametrize("op", PLAIN)
@EXAMPLES
@given(a=values(), b=values())
def test_negated_and_flipped_operators(op: str, a: Value, b: Value):
    truth = interval.COMPARE[op](a, b)
    assert interval.COMPARE[interval.NEGATED[op]](a, b) is interval.negate(truth)
    assert interval.COMPARE[interval.FLIPPED[op]](b, a) is truth


@EXAMPLES
@given(a=values(), b=values())
def test_joining_holds_both(a: Value, b: Value):
    joined = interval.join(a, b)
    assert all(contains(joined, p) for p in [*points_of(a), *points_of(b)])


@EXAMPLES
@given(a=values(), b=values())
def test_intersecting_holds_what_both_hold(a: Value, b: Value):
    common = interval.intersect(a, b)
    assert common == interval.intersect(b, a)
    for point in [*points_of(a), *points_of(b)]:
        is_inside = contains(a, point) and contains(b, point)
        assert is_inside == (common is not None and contains(common, point))


@EXAMPLES
@given(a=values(), b=values(), data=st.data())
def test_narrower_operands_never_widen_a_result(a: Value, b: Value, data: st.DataObject):
    x = data.draw(st.sampled_from(points_of(a)))
    for compute, _ in ARITHMETIC.values():
        narrow = compute(x, b)
        assert all(contains(compute(a, b), p) for p in points_of(narrow) if -500 < p < 500)
    for compare in interval.COMPARE.values():
        if (truth := compare(a, b)) is not None:
            assert compare(x, b) is truth


@pytest.mark.parametrize(
    ("a", "b", "quotient"),
    [
        pytest.param(85, 4, Fraction(85, 4), id="exact"),
        pytest.param(80, 4, 20, id="whole result is an int"),
        pytest.param(20, 0, Interval(math.inf, math.inf), id="something over nothing"),
        pytest.param(0, 0, Interval(0, math.inf), id="nothing over nothing is open"),
        pytest.param(-1, 0, ANY, id="negative over zero"),
        pytest.param(60, Interval(0, 3), Interval(20, math.inf), id="divisor touches zero"),
        pytest.param(Interval(0, 5), Interval(0, 60, False, True), Interval(0, math.inf), id="zero reached"),
        pytest.param(60, Interval(-1, 3), ANY, id="divisor on both sides of zero"),
        pytest.param(60, Interval(0, math.inf), Interval(0, math.inf), id="endless divisor"),
        pytest.param(Interval(40, 60), 2, Interval(20, 30), id="interval over a point"),
        pytest.param(6, Interval(2, 3, True, False), Interval(2, 3, False, True), id="open end turns round"),
    ],
)
def test_division(a: Value, b: Value, quotient: Value):
    assert interval.divide(a, b) == quotient


@pytest.mark.parametrize(
    ("value", "up", "down"),
    [
        pytest.param(3, 3, 3, id="whole"),
        pytest.param(Fraction(7, 2), 4, 3, id="half"),
        pytest.param(Fraction(-7, 2), -3, -4, id="negative half"),
        pytest.param(Interval(3, 4), Interval(3, 4), Interval(3, 4), id="whole ends"),
        pytest.param(Interval(3, 4, True, True), 4, 3, id="between two whole numbers"),
        pytest.param(Interval(3, 4, False, True), Interval(3, 4), 3, id="open above"),
        pytest.param(Interval(0, math.inf), Interval(0, math.inf), Interval(0, math.inf), id="endless"),
    ],
)
def test_rounding(value: Value, up: Value, down: Value):
    assert interval.round_up(value) == up
    assert interval.round_down(value) == down


def test_huge_and_tiny_numbers_stay_exact():
    third = Fraction(1, 3)
    assert interval.multiply(third, 3) == 1
    assert type(interval.multiply(third, 3)) is int
    assert interval.less(Fraction(10**18 - 1, 10**18), 1) is True
    assert interval.at_most(Fraction(65, 100), Fraction(33, 50)) is True


@pytest.mark.parametrize("a", TRUTHS)
def test_negation(a: bool | None):
    assert interval.negate(a) is {True: False, False: True, None: None}[a]
