"""Columns of exact figures and of truths: how they are held, compared and computed, thousands of rows at a time.

A figure is `Points` where every row is a point or unknown, held as small integers and a mask; else `Numbers`, an
interval a row in float64. Both are whole numbers over one denominator, and exact: what does not fit raises
`Unsupported`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from assistant.rules.interval import ANY, Interval

Mask = npt.NDArray[np.bool_]
EXACT = 2**53
"""Whole numbers below this are exact in float64."""


class Unsupported(Exception):
    """The expression has to be decided row by row."""


class Points(NamedTuple):
    """Figures that are known exactly or not at all.

    Attributes:
        values: numerators, `(n_rows,)` of the smallest integers that hold them, or one int for all rows.
        known: where they mean something; None where all rows are known.
        floor, ceil: bounds of the numerators of unknown rows, infinite where the domain is.
        least, most: bounds of the known numerators.
    """

    values: Any
    known: Mask | None
    den: int
    least: int
    most: int
    floor: float = -math.inf
    ceil: float = math.inf


class Numbers(NamedTuple):
    """An interval a row, both ends among it: numerators `(n_rows,) float64`, or a float for all rows.

    Attributes:
        least, most: bounds of all finite numerators.
    """

    low: Any
    high: Any
    den: int
    least: float
    most: float


class Truths(NamedTuple):
    """Where a condition is true, and where it is decided; `decided` None: everywhere.

    What is false is worked out where somebody asks: most masks of a batch are never read.
    """

    true: Mask
    decided: Mask | None

    @property
    def false(self) -> Mask:
        """Where the condition is false."""
        return ~self.true if self.decided is None else self.decided ^ self.true


def both_sides(true: Mask, false: Mask) -> Truths:
    """A condition by where it is true and where it is false."""
    return Truths(true, true | false)


class Options(NamedTuple):
    """What a choice may still be, a row: bit i for the i-th of `choices`."""

    bits: npt.NDArray[np.integer[Any]]
    choices: tuple[str, ...]


def point_value(value: Fraction | int) -> Points:
    """One figure for all rows."""
    exact = Fraction(value)
    if max(abs(exact.numerator), exact.denominator) >= EXACT:
        raise Unsupported
    return Points(exact.numerator, None, exact.denominator, exact.numerator, exact.numerator)


def law_value(value: Any) -> Points | Numbers:
    """A figure of the law, for all rows."""
    if value == ANY:
        return Numbers(-math.inf, math.inf, 1, -math.inf, math.inf)
    if isinstance(value, Interval) or not isinstance(value, int | Fraction):
        raise Unsupported
    return point_value(value)


def spread(numbers: Points | Numbers) -> Numbers:
    """Points as intervals, those of unknown rows as wide as the domain."""
    if isinstance(numbers, Numbers):
        return numbers
    values, known = numbers.values, numbers.known
    if isinstance(values, int):
        return Numbers(float(values), float(values), numbers.den, values, values)
    exact = values.astype(np.float64)
    if known is None:
        return Numbers(exact, exact, numbers.den, numbers.least, numbers.most)
    low, high = np.where(known, exact, numbers.floor), np.where(known, exact, numbers.ceil)
    ends = [end for end in (numbers.floor, numbers.ceil) if math.isfinite(end)]
    return Numbers(low, high, numbers.den, min([numbers.least, numbers.floor]), max([numbers.most, *ends]))


# -- whole numbers of one size -------------------------------------------------------------------------


def hold_integers(values: npt.NDArray[Any], most: float) -> npt.NDArray[Any]:
    """The values in the smallest integers that can be as large as `most`.

    Raises:
        Unsupported: none are large enough to stay exact.
    """
    if most >= EXACT:
        raise Unsupported
    dtype = np.int16 if most < 2**15 else np.int32 if most < 2**31 else np.int64
    return values if values.dtype == dtype else values.astype(dtype)


def _scale_points(points: Points, factor: int, den: int) -> Points:
    """Points times a whole number, over another denominator."""
    if factor == 1:
        return points._replace(den=den)
    least, most = points.least * factor, points.most * factor
    values = points.values
    if isinstance(values, int):
        return Points(values * factor, None, den, least, most)
    size = max(abs(least), abs(most), abs(factor))
    return Points(
        _hold(values, size) * factor,
        points.known,
        den,
        least,
        most,
        points.floor * factor,
        points.ceil * factor,
    )


def _aligned_points(a: Points, b: Points) -> tuple[Points, Points]:
    """Both over one denominator."""
    if a.den == b.den:
        return a, b
    common = math.lcm(a.den, b.den)
    return _scale_points(a, common // a.den, common), _scale_points(b, common // b.den, common)


# -- comparison ---------------------------------------------------------------------------------------


def _order(a: Points | Numbers, b: Points | Numbers, *, strict: bool) -> Truths:
    """Where a < b (strict) or a ≤ b, and where not."""
    if isinstance(a, Points) and isinstance(b, Points):
        a, b = _aligned_points(a, b)
        if not _may_decide_unknown(a, b, strict=strict):
            return _order_points(a, b, strict=strict)
    first, second = align(spread(a), spread(b))
    if strict:
        return both_sides(np.asarray(first.high < second.low), np.asarray(second.high <= first.low))
    return both_sides(np.asarray(first.high <= second.low), np.asarray(second.high < first.low))


def _order_points(a: Points, b: Points, *, strict: bool) -> Truths:
    true = np.asarray(a.values < b.values if strict else a.values <= b.values)
    if a.known is None and b.known is None:
        return Truths(true, None)
    known = a.known if b.known is None else b.known if a.known is None else a.known & b.known
    assert known is not None
    true &= known
    return Truths(true, known)


def _may_decide_unknown(a: Points, b: Points, *, strict: bool) -> bool:
    """Whether some row that is not known could be decided by the domain alone."""

    def holds(x: float, y: float) -> bool:
        return x < y if strict else x <= y

    if a.known is not None and (holds(a.ceil, b.most) or not holds(a.floor, b.least)):
        return True
    if b.known is not None and (holds(a.least, b.floor) or not holds(a.most, b.ceil)):
        return True
    both = a.known is not None and b.known is not None
    return both and (holds(a.ceil, b.floor) or not holds(a.floor, b.ceil))


def align(a: Numbers, b: Numbers) -> tuple[Numbers, Numbers]:
    """Both over one denominator."""
    if a.den == b.den:
        return a, b
    common = math.lcm(a.den, b.den)
    return _scale(a, common // a.den, common), _scale(b, common // b.den, common)


def _scale(numbers: Numbers, factor: int, den: int) -> Numbers:
    _check_exact(numbers.least * factor, numbers.most * factor)
    low, high = numbers.low * factor, numbers.high * factor
    return Numbers(low, high, den, numbers.least * factor, numbers.most * factor)


def _check_exact(*bounds: float) -> None:
    if any(math.isfinite(bound) and abs(bound) >= EXACT for bound in bounds):
        raise Unsupported


Order = Callable[[Points | Numbers, Points | Numbers], Truths]
COMPARE: dict[str, Order] = {
    "<": lambda a, b: _order(a, b, strict=True),
    "<=": lambda a, b: _order(a, b, strict=False),
    ">": lambda a, b: _order(b, a, strict=True),
    ">=": lambda a, b: _order(b, a, strict=False),
}


# -- logic ---------------------------------------------------------------------------------------------


def negate(truths: Truths) -> Truths:
    """Not; unknown stays unknown."""
    return Truths(truths.false, truths.decided)


def all_true(items: list[Truths]) -> Truths:
    """False where one is false, true where all are."""
    true, false = items[0].true, items[0].false
    for item in items[1:]:
        true, false = true & item.true, false | item.false
    return both_sides(true, false)


def any_true(items: list[Truths]) -> Truths:
    """True where one is true, false where all are."""
    return negate(all_true([negate(item) for item in items]))


# -- arithmetic ----------------------------------------------------------------------------------------


def _add(a: Points | Numbers, b: Points | Numbers) -> Points | Numbers:
    if isinstance(a, Points) and isinstance(b, Points) and a.known is None and b.known is None:
        a, b = _aligned_points(a, b)
        least, most = a.least + b.least, a.most + b.most
        # Either operand by itself may be larger than the sum.
        size = max(abs(bound) for bound in (least, most, a.least, a.most, b.least, b.most))
        values = _hold(a.values, size) + _hold(b.values, size)
        return Points(values, None, a.den, least, most)
    first, second = align(spread(a), spread(b))
    _check_exact(first.least + second.least, first.most + second.most)
    return Numbers(
        first.low + second.low,
        first.high + second.high,
        first.den,
        first.least + second.least,
        first.most + second.most,
    )


def _subtract(a: Points | Numbers, b: Points | Numbers) -> Points | Numbers:
    if isinstance(b, Points) and b.known is None:
        return _add(a, Points(-b.values, None, b.den, -b.most, -b.least))
    second = spread(b)
    return _add(a, Numbers(-second.high, -second.low, second.den, -second.most, -second.least))


def multiply(a: Points | Numbers, b: Points | Numbers) -> Points | Numbers:
    """A × b for figures that are never negative."""
    if isinstance(a, Points) and isinstance(b, Points):
        if isinstance(a.values, int) and a.values > 0:
            return _scale_points(b, a.values, a.den * b.den)
        if a.known is None and b.known is None and min(a.least, b.least) >= 0:
            most = a.most * b.most
            return Points(
                _hold(a.values, most) * _hold(b.values, most), None, a.den * b.den, a.least * b.least, most
            )
    first, second = spread(a), spread(b)
    if min(first.least, second.least) < 0:
        raise Unsupported
    _check_exact(first.most * second.most)
    with np.errstate(invalid="ignore"):
        low, high = first.low * second.low, first.high * second.high
    if np.isnan(high).any():
        # Nothing is known of one factor, and the other is nothing.
        raise Unsupported
    return Numbers(low, high, first.den * second.den, first.least * second.least, first.most * second.most)


def _hold(values: Any, most: float) -> Any:
    """Values in integers that can be as large as `most`."""
    if most >= EXACT:
        raise Unsupported
    if isinstance(values, int) or np.iinfo(values.dtype).max > most:
        return values
    return hold_integers(values, most)


ARITHMETIC: dict[str, Callable[[Points | Numbers, Points | Numbers], Points | Numbers]] = {
    "+": _add,
    "-": _subtract,
    "*": multiply,
}
