"""Exact intervals and three-valued truth: the arithmetic of what is known only in part.

A value is a point (`int` or `Fraction`) or an `Interval`; dates are their ordinals. A truth is True, False or
None for unknown (Kleene). Each operation gives every value that its operands allow, so what is decided for
an interval is decided for each point in it: narrowing a fact never flips a decided outcome.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

Point = int | Fraction
Bound = int | Fraction | float
"""A point, or an infinity of `math`."""
Truth = bool | None


class Interval(NamedTuple):
    """All numbers between two bounds; an open bound is not itself among them."""

    low: Bound
    high: Bound
    low_open: bool = False
    high_open: bool = False


Value = int | Fraction | Interval
ANY = Interval(-math.inf, math.inf)


def make_interval(low: Bound, high: Bound, low_open: bool = False, high_open: bool = False) -> Value:
    """The interval, or the point where only one number is left."""
    if low == high and not (low_open or high_open or isinstance(low, float)):
        return low
    return Interval(low, high, low_open, high_open)


def as_interval(value: Value) -> Interval:
    """A point as an interval of one."""
    return value if isinstance(value, Interval) else Interval(value, value)


def simplify(value: Fraction) -> Point:
    """A whole fraction as the integer it is, which compares faster."""
    return value.numerator if value.denominator == 1 else value


# -- truth ---------------------------------------------------------------------------------------------


def negate(truth: Truth) -> Truth:
    """Not; unknown stays unknown."""
    return None if truth is None else not truth


# -- comparison ----------------------------------------------------------------------------------------


def less(a: Value, b: Value) -> Truth:
    """Whether a < b."""
    if not isinstance(a, Interval) and not isinstance(b, Interval):
        return a < b
    first, second = as_interval(a), as_interval(b)
    if first.high < second.low or (first.high == second.low and (first.high_open or second.low_open)):
        return True
    return False if first.low >= second.high else None


def at_most(a: Value, b: Value) -> Truth:
    """Whether a ≤ b."""
    if not isinstance(a, Interval) and not isinstance(b, Interval):
        return a <= b
    return negate(less(b, a))


def equal(a: Value, b: Value) -> Truth:
    """Whether a = b."""
    if not isinstance(a, Interval) and not isinstance(b, Interval):
        return a == b
    return False if less(a, b) or less(b, a) else None


COMPARE: dict[str, Callable[[Value, Value], Truth]] = {
    "<": less,
    "<=": at_most,
    ">": lambda a, b: less(b, a),
    ">=": lambda a, b: at_most(b, a),
    "==": equal,
    "!=": lambda a, b: negate(equal(a, b)),
}
NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


# -- arithmetic ----------------------------------------------------------------------------------------


def add(a: Value, b: Value) -> Value:
    """A + b."""
    if not isinstance(a, Interval) and not isinstance(b, Interval):
        return a + b
    x, y = as_interval(a), as_interval(b)
    low, high = _plus(x.low, y.low, -math.inf), _plus(x.high, y.high, math.inf)
    return make_interval(low, high, x.low_open or y.low_open, x.high_open or y.high_open)


def subtract(a: Value, b: Value) -> Value:
    """A − b."""
    if not isinstance(a, Interval) and not isinstance(b, Interval):
        return a - b
    y = as_interval(b)
    return add(a, Interval(-y.high, -y.low, y.high_open, y.low_open))


def multiply(a: Value, b: Value) -> Value:
    """A × b."""
    if not isinstance(a, Interval) and not isinstance(b, Interval):
        product = a * b
        return simplify(product) if isinstance(product, Fraction) else product
    x, y = as_interval(a), as_interval(b)
    corners = [
        (_times(p, q), (p_open or q_open) and not _is_zero(p, p_open) and not _is_zero(q, q_open))
        for p, p_open in ((x.low, x.low_open), (x.high, x.high_open))
        for q, q_open in ((y.low, y.low_open), (y.high, y.high_open))
    ]
    return _hull(corners)


def divide(a: Value, b: Value) -> Value:
    """A ÷ b; a divisor that may be zero leaves no upper bound."""
    if not isinstance(a, Interval) and not isinstance(b, Interval) and b:
        return simplify(Fraction(a, b))
    x, y = as_interval(a), as_interval(b)
    if y.low > 0 or y.high < 0:
        inverse = Interval(_invert(y.high), _invert(y.low), y.high_open, y.low_open)
        return multiply(x, inverse)
    if y.low < 0 or x.low < 0:
        return ANY
    if y.high == 0:
        return Interval(math.inf, math.inf) if x.low > 0 else Interval(0, math.inf)
    low = _times(x.low, _invert(y.high))
    # Nothing divided is nothing, however open the divisor is.
    return Interval(low, math.inf, x.low_open or (y.high_open and x.low != 0))


def round_up(value: Value) -> Value:
    """The least whole number that is not below."""
    if not isinstance(value, Interval):
        return math.ceil(value)
    x = as_interval(value)
    low = _ceil(x.low)
    if x.low_open and low == x.low:
        low += 1
    return make_interval(low, _ceil(x.high))


def round_down(value: Value) -> Value:
    """The greatest whole number that is not above."""
    negative = round_up(subtract(0, value))
    return subtract(0, negative)


def lesser(a: Value, b: Value) -> Value:
    """The smaller of two."""
    if not isinstance(a, Interval) and not isinstance(b, Interval):
        return b if b < a else a
    x, y = as_interval(a), as_interval(b)
    low, low_open = min((x.low, x.low_open), (y.low, y.low_open))
    # Of two equal upper bounds the open one is the smaller.
    high, closed = min((x.high, not x.high_open), (y.high, not y.high_open))
    return make_interval(low, high, low_open, not closed)


def greater(a: Value, b: Value) -> Value:
    """The larger of two."""
    return subtract(0, lesser(subtract(0, a), subtract(0, b)))


def join(a: Value, b: Value) -> Value:
    """All that either allows, and what lies between."""
    x, y = as_interval(a), as_interval(b)
    return _hull([(x.low, x.low_open), (x.high, x.high_open), (y.low, y.low_open), (y.high, y.high_open)])


def intersect(a: Value, b: Value) -> Value | None:
    """What both allow; None where nothing is left."""
    if less(a, b) or less(b, a):
        return None
    x, y = as_interval(a), as_interval(b)
    low, low_open = max((x.low, x.low_open), (y.low, y.low_open))
    high, closed = min((x.high, not x.high_open), (y.high, not y.high_open))
    if low > high or (low == high and (low_open or not closed)):
        return None
    return make_interval(low, high, low_open, not closed)


def _plus(a: Bound, b: Bound, at_odds: float) -> Bound:
    """A + b; the sum of opposite infinities may be anything."""
    total = a + b
    return at_odds if math.isnan(total) else total


def _times(a: Bound, b: Bound) -> Bound:
    return 0 if a == 0 or b == 0 else a * b


def _is_zero(bound: Bound, is_open: bool) -> bool:
    """A zero that is reached makes a product zero, however open the other bound is."""
    return bound == 0 and not is_open


def _invert(a: Bound) -> Bound:
    return 0 if math.isinf(a) else simplify(1 / Fraction(a))


def _ceil(a: Bound) -> Bound:
    return a if math.isinf(a) else math.ceil(a)


def _hull(corners: list[tuple[Bound, bool]]) -> Value:
    """The narrowest interval around corners; a bound is open only where no closed corner reaches it."""
    low, high = min(c for c, _ in corners), max(c for c, _ in corners)
    low_open = all(is_open for c, is_open in corners if c == low)
    high_open = all(is_open for c, is_open in corners if c == high)
    return make_interval(low, high, low_open, high_open)
