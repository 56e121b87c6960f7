"""Typed tree → a function over columns: the same three-valued logic as `evaluate.py`, for thousands of rows.

A number is an interval a row, its bounds whole numbers over one denominator; a truth is two masks. Whole numbers
are held in float32 while every product stays below 2**24, in float64 below 2**53: there both are exact. What
does not fit, or has no place here (names, days counted on the calendar), raises `Unsupported`, and the rows are
decided one by one instead.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from assistant.rules.interval import ANY, Interval
from assistant.rules.language import Among, Arithmetic, Compare, Constant, Logic, Node, Not, Ref

Floats = npt.NDArray[np.floating[Any]]
Number = Floats | float
Mask = npt.NDArray[np.bool_]
EXACT_SINGLE, EXACT_DOUBLE = float(2**24), float(2**53)


class Unsupported(Exception):
    """The expression has to be decided row by row."""


class Numbers(NamedTuple):
    """An interval a row: `low / den` to `high / den`, both ends among it.

    Attributes:
        high: `low` itself where every row is a point.
        least, most: bounds of all finite numerators; `most` is one of the denominator too.
        is_endless: whether some bound is infinite.
    """

    low: Number
    high: Number
    den: int
    least: float
    most: float
    is_endless: bool = False


class Truths(NamedTuple):
    """Where a condition is true and where it is false; unknown where neither."""

    true: Mask
    false: Mask


class Options(NamedTuple):
    """What a choice may still be, a row: bit i for the i-th of `choices`."""

    bits: npt.NDArray[np.int64]
    choices: tuple[str, ...]


Columns = Mapping[str, Any]
Vector = Callable[[Columns], Any]


def compile_vector(node: Node) -> Vector:
    """The function over columns.

    Raises:
        Unsupported: the tree has a part that is decided row by row only.
    """
    match node:
        case Ref(key=key, formula=None) if node.kind in ("number", "share", "truth", "choice", "date"):
            return lambda columns: columns[key]
        case Ref(key=key, formula=formula) if formula is not None:
            return _compile_derived(key, formula)
        case Constant(value=value) if node.kind == "number":
            point = point_numbers(Fraction(str(value)))
            return lambda _columns: point
        case Arithmetic(op=op, left=left, right=right) if op in _ARITHMETIC:
            return _apply(_ARITHMETIC[op], compile_vector(left), compile_vector(right))
        case Compare():
            return _compile_compare(node)
        case Among(left=left, right=Constant(value=frozenset() as members)) if left.kind == "choice":
            inner, wanted = compile_vector(left), frozenset(str(m) for m in members)
            return lambda columns: _among(inner(columns), wanted)
        case Not(item=item):
            negated = compile_vector(item)
            return lambda columns: negate(negated(columns))
        case Logic(op=op, items=items):
            parts = tuple(compile_vector(item) for item in items)
            combine = all_true if op == "and" else any_true
            return lambda columns: combine([part(columns) for part in parts])
    raise Unsupported


def _compile_derived(key: str, formula: Node) -> Vector:
    """A fact that is computed; where rows state it too, it is what both allow."""
    compute = compile_vector(formula)

    def read(columns: Columns) -> Any:
        stated: Numbers | None = columns.get(key)
        if stated is None:
            return compute(columns)
        if stated.high is stated.low:
            return stated
        a, b = _aligned(stated, compute(columns))
        low, high = np.maximum(a.low, b.low), np.minimum(a.high, b.high)
        return Numbers(low, high, a.den, max(a.least, b.least), max(a.most, b.most), a.is_endless)

    return read


def point_numbers(value: Fraction | int) -> Numbers:
    """One figure for all rows."""
    exact = Fraction(value)
    most = float(max(abs(exact.numerator), exact.denominator))
    if most >= EXACT_DOUBLE:
        raise Unsupported
    num = float(exact.numerator)
    return Numbers(num, num, exact.denominator, num, most)


def value_numbers(value: Any) -> Numbers:
    """A figure of the law, for all rows."""
    if value == ANY:
        return Numbers(-math.inf, math.inf, 1, -math.inf, 1.0, True)
    if isinstance(value, Interval) or not isinstance(value, int | Fraction):
        raise Unsupported
    return point_numbers(value)


# -- comparison ----------------------------------------------------------------------------------------


def _compile_compare(node: Compare) -> Vector:
    op, left, right = node.op, node.left, node.right
    if left.kind == "choice" and isinstance(right, Constant):
        inner, wanted = compile_vector(left), frozenset([str(right.value)])
        if op == "==":
            return lambda columns: _among(inner(columns), wanted)
        return lambda columns: negate(_among(inner(columns), wanted))
    if left.kind not in ("number", "share", "date") or op not in _COMPARE:
        raise Unsupported
    compare = _COMPARE[op]
    if isinstance(left, Ref) and isinstance(left.formula, Arithmetic) and left.formula.op == "/":
        return _compile_ratio(left.key, left.formula, right, compare)
    return _apply(compare, compile_vector(left), compile_vector(right))


def _compile_ratio(
    key: str, formula: Arithmetic, right: Node, compare: Callable[[Numbers, Numbers], Truths]
) -> Vector:
    """A ÷ b against a limit as a against limit × b; see `evaluate._compare_ratio`."""
    over, under, limit = compile_vector(formula.left), compile_vector(formula.right), compile_vector(right)

    def run(columns: Columns) -> Truths:
        bound = limit(columns)
        stated: Numbers | None = columns.get(key)
        if stated is not None and stated.high is stated.low:
            return compare(stated, bound)
        crossed = compare(over(columns), _multiply(bound, under(columns)))
        if stated is None:
            return crossed
        is_stated, by_itself = np.asarray(stated.low == stated.high), compare(stated, bound)
        return Truths(*(np.where(is_stated, s, c) for s, c in zip(by_itself, crossed, strict=True)))

    return run


def _aligned(a: Numbers, b: Numbers) -> tuple[Numbers, Numbers]:
    """Both over one denominator."""
    if a.den == b.den:
        return a, b
    common = math.lcm(a.den, b.den)
    return _scale(a, common // a.den, common), _scale(b, common // b.den, common)


def _scale(numbers: Numbers, factor: int, den: int) -> Numbers:
    if factor == 1:
        return numbers._replace(den=den)
    most = max(numbers.most * factor, float(den))
    numbers = _widen(numbers, most)
    low = numbers.low * factor
    high = low if numbers.high is numbers.low else numbers.high * factor
    return Numbers(low, high, den, numbers.least * factor, most, numbers.is_endless)


def _widen(numbers: Numbers, most: float) -> Numbers:
    """Numbers that can be as large as `most` and stay exact."""
    if most >= EXACT_DOUBLE:
        raise Unsupported
    if most < EXACT_SINGLE or isinstance(numbers.low, float) or numbers.low.dtype == np.float64:
        return numbers
    low = numbers.low.astype(np.float64)
    is_point = numbers.high is numbers.low
    return numbers._replace(low=low, high=low if is_point else np.asarray(numbers.high, np.float64))


def _is_points(a: Numbers, b: Numbers) -> bool:
    return a.high is a.low and b.high is b.low


def _less(a: Numbers, b: Numbers) -> Truths:
    a, b = _aligned(a, b)
    true = np.asarray(a.high < b.low)
    return Truths(true, ~true if _is_points(a, b) else np.asarray(b.high <= a.low))


def _at_most(a: Numbers, b: Numbers) -> Truths:
    a, b = _aligned(a, b)
    true = np.asarray(a.high <= b.low)
    return Truths(true, ~true if _is_points(a, b) else np.asarray(b.high < a.low))


_COMPARE: dict[str, Callable[[Numbers, Numbers], Truths]] = {
    "<": _less,
    "<=": _at_most,
    ">": lambda a, b: _less(b, a),
    ">=": lambda a, b: _at_most(b, a),
}


def _among(options: Options, wanted: frozenset[str]) -> Truths:
    mask = np.int64(sum(1 << i for i, choice in enumerate(options.choices) if choice in wanted))
    inside = options.bits & mask
    return Truths(inside == options.bits, inside == 0)


# -- logic ---------------------------------------------------------------------------------------------


def negate(truths: Truths) -> Truths:
    """Not; unknown stays unknown."""
    return Truths(truths.false, truths.true)


def all_true(items: list[Truths]) -> Truths:
    """False where one is false, true where all are."""
    true, false = items[0]
    for item in items[1:]:
        true, false = true & item.true, false | item.false
    return Truths(true, false)


def any_true(items: list[Truths]) -> Truths:
    """True where one is true, false where all are."""
    return negate(all_true([negate(item) for item in items]))


# -- arithmetic ----------------------------------------------------------------------------------------


def _add(a: Numbers, b: Numbers) -> Numbers:
    a, b = _aligned(a, b)
    most = a.most + b.most
    a, b = _widen(a, most), _widen(b, most)
    low = a.low + b.low
    high = low if _is_points(a, b) else a.high + b.high
    return Numbers(low, high, a.den, a.least + b.least, most, a.is_endless or b.is_endless)


def _subtract(a: Numbers, b: Numbers) -> Numbers:
    low = -b.high
    return _add(a, b._replace(low=low, high=low if b.high is b.low else -b.low, least=-b.most))


def _multiply(a: Numbers, b: Numbers) -> Numbers:
    """A × b for numbers that are not negative."""
    most = max(a.most * b.most, float(a.den * b.den))
    if min(a.least, b.least) < 0 or (a.is_endless and b.least == 0) or (b.is_endless and a.least == 0):
        # A product with a negative factor turns round, one of nothing and everything may be anything.
        raise Unsupported
    a, b = _widen(a, most), _widen(b, most)
    low = a.low * b.low
    high = low if _is_points(a, b) else a.high * b.high
    return Numbers(low, high, a.den * b.den, a.least * b.least, most, a.is_endless or b.is_endless)


def _apply(function: Callable[[Any, Any], Any], left: Vector, right: Vector) -> Vector:
    return lambda columns: function(left(columns), right(columns))


_ARITHMETIC: dict[str, Callable[[Numbers, Numbers], Numbers]] = {"+": _add, "-": _subtract, "*": _multiply}
