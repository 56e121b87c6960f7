"""Typed tree → a function over columns: the same three-valued logic as `evaluate.py`, for thousands of rows.

What has no place here (names, days counted on the calendar), or is not exact in `numbers.py`, raises
`Unsupported`, and the rows are decided one by one instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from assistant.rules.language import Among, Arithmetic, Compare, Constant, Logic, Node, Not, Ref
from assistant.rules.numbers import (
    ARITHMETIC,
    COMPARE,
    Numbers,
    Options,
    Order,
    Points,
    Truths,
    Unsupported,
    align,
    all_true,
    any_true,
    both_sides,
    multiply,
    negate,
    point_value,
    spread,
)

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
            point = point_value(Fraction(str(value)))
            return lambda _columns: point
        case Arithmetic(op=op, left=left, right=right) if op in ARITHMETIC:
            return _apply(ARITHMETIC[op], compile_vector(left), compile_vector(right))
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
        stated: Points | Numbers | None = columns.get(key)
        if stated is None:
            return compute(columns)
        if isinstance(stated, Points) and stated.known is None:
            return stated
        a, b = align(spread(stated), spread(compute(columns)))
        low, high = np.maximum(a.low, b.low), np.minimum(a.high, b.high)
        return Numbers(low, high, a.den, max(a.least, b.least), max(a.most, b.most))

    return read


# -- comparison ----------------------------------------------------------------------------------------


def _compile_compare(node: Compare) -> Vector:
    op, left, right = node.op, node.left, node.right
    if left.kind == "choice" and isinstance(right, Constant):
        inner, wanted = compile_vector(left), frozenset([str(right.value)])
        if op == "==":
            return lambda columns: _among(inner(columns), wanted)
        return lambda columns: negate(_among(inner(columns), wanted))
    if left.kind not in ("number", "share", "date") or op not in COMPARE:
        raise Unsupported
    compare = COMPARE[op]
    if isinstance(left, Ref) and isinstance(left.formula, Arithmetic) and left.formula.op == "/":
        return _compile_ratio(left.key, left.formula, right, compare)
    return _apply(compare, compile_vector(left), compile_vector(right))


def _compile_ratio(key: str, formula: Arithmetic, right: Node, compare: Order) -> Vector:
    """A ÷ b against a limit as a against limit × b; see `evaluate._compare_ratio`."""
    over, under, limit = compile_vector(formula.left), compile_vector(formula.right), compile_vector(right)

    def run(columns: Columns) -> Truths:
        bound = limit(columns)
        stated: Points | Numbers | None = columns.get(key)
        if isinstance(stated, Points) and stated.known is None:
            return compare(stated, bound)
        crossed = compare(over(columns), multiply(bound, under(columns)))
        if stated is None:
            return crossed
        if not isinstance(stated, Points) or stated.known is None:
            raise Unsupported
        by_itself = compare(stated, bound)
        known = stated.known
        sides = ((by_itself.true, crossed.true), (by_itself.false, crossed.false))
        return both_sides(*(np.where(known, s, c) for s, c in sides))

    return run


def _among(options: Options, wanted: frozenset[str]) -> Truths:
    mask = options.bits.dtype.type(
        sum(1 << i for i, choice in enumerate(options.choices) if choice in wanted)
    )
    inside = options.bits & mask
    return both_sides(inside == options.bits, inside == 0)


def _apply(function: Callable[[Any, Any], Any], left: Vector, right: Vector) -> Vector:
    return lambda columns: function(left(columns), right(columns))
