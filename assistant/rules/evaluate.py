"""Typed tree → a function over the environment, built once when rules load.

The environment maps keys to values: numbers and dates (ordinals) are `interval.Value`, truths are Kleene, a
choice is the set of what it may still be, a name is a string and several names a set, None where unknown. It
computes what is not stated when it is first read (`case.Case`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any, Protocol

from assistant.rules import interval
from assistant.rules.calendar import corresponding_day
from assistant.rules.interval import Interval, Truth, Value
from assistant.rules.language import Among, Arithmetic, Call, Compare, Constant, Logic, Node, Not, Ref


class Environment(Protocol):
    """Values by key, and the facts as they were stated."""

    @property
    def stated(self) -> Mapping[str, Any]:
        """Stated facts by id."""

    def __getitem__(self, key: str, /) -> Any:
        """The value of a key, computed when first read."""


Evaluate = Callable[[Environment], Any]

_ARITHMETIC: dict[str, Callable[[Value, Value], Value]] = {
    "+": interval.add,
    "-": interval.subtract,
    "*": interval.multiply,
    "/": interval.divide,
}
_UNARY: dict[str, Callable[[Value], Value]] = {"ceil": interval.round_up, "floor": interval.round_down}
_BINARY: dict[str, Callable[[Value, Value], Value]] = {"min": interval.lesser, "max": interval.greater}


def compile_node(node: Node) -> Evaluate:
    """The function that evaluates a tree; it never fails on values of the declared kinds."""
    match node:
        case Ref(key=key):
            return lambda env: env[key]
        case Constant(value=value, kind=kind):
            held = frozenset([value]) if kind == "choice" else value
            return lambda _env: held
        case Arithmetic(op=op, left=left, right=right):
            return _apply(_ARITHMETIC[op], compile_node(left), compile_node(right))
        case Compare(left=Ref(formula=Arithmetic(op="/", left=Ref(key=a), right=Ref(key=b))) as ratio):
            return _compare_ratio(node.op, ratio, (a, b), node.right)
        case Compare(left=Ref(key=a), right=Ref(key=b)) if node.left.kind in ("number", "share", "date"):
            return _compare_names(node.op, a, b)
        case Compare(op=op, left=left, right=right):
            return _apply(_comparer(op, left), compile_node(left), compile_node(right))
        case Among(left=left, right=right):
            return _apply(_is_among, compile_node(left), compile_node(right))
        case Not(item=item):
            inner = compile_node(item)
            return lambda env: interval.negate(inner(env))
        case Logic(op=op, items=items):
            return _combine(tuple(compile_node(item) for item in items), decisive=op == "or")
        case Call(name=name, args=args):
            return _compile_call(name, tuple(compile_node(arg) for arg in args))
    raise AssertionError(node)


def _apply(function: Callable[[Any, Any], Any], left: Evaluate, right: Evaluate) -> Evaluate:
    return lambda env: function(left(env), right(env))


def _combine(parts: tuple[Evaluate, ...], *, decisive: bool) -> Evaluate:
    """Kleene's `or` (one true part decides) or `and` (one false part does)."""

    def combine(env: Environment) -> Truth:
        result: Truth = not decisive
        for part in parts:
            truth: Truth = part(env)
            if truth is decisive:
                return decisive
            if truth is None:
                result = None
        return result

    return combine


_PLAIN: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def _compare_ratio(op: str, ratio: Ref, terms: tuple[str, str], right: Node) -> Evaluate:
    """A ÷ b compared with a limit, as a compared with limit × b: exact, and without a division.

    The divisor is never negative (`book.py` sees to it). Where the ratio itself is stated, that is compared.
    """
    key, (over, under), limit, plain = ratio.key, terms, compile_node(right), _PLAIN[op]
    stated, crossed = _apply(interval.COMPARE[op], compile_node(ratio), limit), interval.COMPARE[op]

    def compare(env: Environment) -> Truth:
        if key in env.stated:
            truth: Truth = stated(env)
            return truth
        a, b, bound = env[over], env[under], limit(env)
        if a.__class__ is int and b.__class__ is int:
            if bound.__class__ is int:
                return plain(a, bound * b)
            if bound.__class__ is Fraction:
                return plain(a * bound.denominator, bound.numerator * b)
        return crossed(a, interval.multiply(bound, b))

    return compare


def _compare_names(op: str, left: str, right: str) -> Evaluate:
    """Two numbers by name, which is what most conditions are."""
    plain, general = _PLAIN[op], interval.COMPARE[op]

    def compare(env: Environment) -> Truth:
        a, b = env[left], env[right]
        if a.__class__ is int and b.__class__ is int:
            return plain(a, b)
        return general(a, b)

    return compare


def _comparer(op: str, left: Node) -> Callable[[Any, Any], Truth]:
    if left.kind in ("choice", "name"):
        return _same if op == "==" else lambda a, b: interval.negate(_same(a, b))
    if left.kind == "truth":
        return _agree if op == "==" else lambda a, b: interval.negate(_agree(a, b))
    return interval.COMPARE[op]


def _same(a: Any, b: Any) -> Truth:
    """Whether two choices or names are the same; a choice is the set of what it may be."""
    if a is None or b is None:
        return None
    first = a if isinstance(a, frozenset) else frozenset([a])
    second = b if isinstance(b, frozenset) else frozenset([b])
    if first.isdisjoint(second):
        return False
    return True if len(first) == len(second) == 1 else None


def _agree(a: Truth, b: Truth) -> Truth:
    return None if a is None or b is None else a is b


def _is_among(value: Any, members: frozenset[Any] | None) -> Truth:
    if value is None or members is None:
        return None
    if isinstance(value, Interval):
        possible: frozenset[Any] = _whole_numbers(value)
    else:
        possible = value if isinstance(value, frozenset) else frozenset([value])
    if possible.isdisjoint(members):
        return False
    return True if possible <= members else None


def _whole_numbers(value: Interval) -> frozenset[int]:
    """The whole numbers of a short interval, such as the months of a stretch of days."""
    return frozenset(range(int(max(value.low, 0)), int(min(value.high, 366)) + 1))


def _compile_call(name: str, args: tuple[Evaluate, ...]) -> Evaluate:
    if name in _UNARY:
        unary, inner = _UNARY[name], args[0]
        return lambda env: unary(inner(env))
    if name in _BINARY:
        return _apply(_BINARY[name], *args)
    if name == "month":
        inner = args[0]
        return lambda env: _month(inner(env))
    return _apply(_OF_DAYS[name], *args)


def _month(day: Value) -> Value:
    if not isinstance(day, Interval):
        return date.fromordinal(int(day)).month
    first, last = _ordinal(day.low), _ordinal(day.high)
    if last - first > 366:
        return Interval(1, 12)
    months = {date.fromordinal(o).month for o in range(first, last + 1)}
    return interval.make_interval(min(months), max(months))


def _add_months(day: Value, months: Value) -> Value:
    """The corresponding day; it never falls as either operand grows."""
    a, b = interval.as_interval(day), interval.as_interval(months)
    return interval.make_interval(_shift(a.low, b.low), _shift(a.high, b.high))


def _shift(ordinal: interval.Bound, months: interval.Bound) -> int:
    day = date.fromordinal(_ordinal(ordinal))
    most = (date.max.year - day.year) * 12 - 12
    least = -(day.year - date.min.year) * 12 + 12
    return corresponding_day(day, int(min(max(months, least), most))).toordinal()


def _full_months(first: Value, last: Value) -> Value:
    """Whole months from one day to another; more the later the last and the earlier the first."""
    a, b = interval.as_interval(first), interval.as_interval(last)
    return interval.make_interval(_count_months(a.high, b.low), _count_months(a.low, b.high))


def _days_between(first: Value, last: Value) -> Value:
    """Days from one day to another; below zero where the other is the earlier one."""
    a, b = interval.as_interval(first), interval.as_interval(last)
    return interval.make_interval(_ordinal(b.low) - _ordinal(a.high), _ordinal(b.high) - _ordinal(a.low))


def _count_months(first: interval.Bound, last: interval.Bound) -> int:
    start, end = date.fromordinal(_ordinal(first)), date.fromordinal(_ordinal(last))
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if _shift(start.toordinal(), months) <= end.toordinal() else months - 1


_OF_DAYS: dict[str, Callable[[Value, Value], Value]] = {
    "add_months": _add_months,
    "add_days": interval.add,
    "full_months": _full_months,
    "days_between": _days_between,
}


def _ordinal(bound: interval.Bound) -> int:
    """A bound as the ordinal of a day, inside the calendar."""
    return int(min(max(bound, date.min.toordinal()), date.max.toordinal()))
