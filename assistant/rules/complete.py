"""Parts that follow from a whole: 总课时 60 and 理论 21 leave 实操 39.

In: stated facts. Out: the same with those parts that a formula leaves no choice about. Only sums, differences and
quotients of two are turned round, only where the others are exact, and only for a part that something else reads: the
理论课时 left by 总课时 and 实操课时 would bind a repair and decide nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from assistant.rules import interval
from assistant.rules.language import Arithmetic, Constant, Node, Ref
from assistant.rules.statements import Stated

if TYPE_CHECKING:
    from assistant.rules.book import Book


def complete_facts(book: Book, stated: Mapping[str, Stated]) -> dict[str, Stated]:
    """Stated facts and those that follow from them by the formulas of computed facts."""
    known = dict(stated)
    n_before = -1
    while len(known) != n_before:
        # A part may be the whole of others: 理论占三成 gives 实操占七成, which with 总课时 gives 实操课时.
        n_before = len(known)
        for whole, expression in book.derived.items():
            node = expression.node
            if isinstance(node, Arithmetic) and node.op in _INVERSES and whole in known:
                _complete_parts(book, known, whole, node)
    return known


def _complete_parts(book: Book, known: dict[str, Stated], whole: str, node: Arithmetic) -> None:
    """State the part of a computed fact that its value and the other part leave no choice about."""
    ends = [n.key if isinstance(n, Ref) else "" for n in (node.left, node.right)]
    values = [
        _exact(known.get(n.key)) if isinstance(n, Ref) else _constant(n) for n in (node.left, node.right)
    ]
    result = _exact(known[whole])
    for at, other in ((0, 1), (1, 0)):
        part, value = ends[at], values[other]
        if not part or part in known or result is None or value is None or not book.is_read(part, whole):
            continue
        _state(book, known, part, _INVERSES[node.op][at](result, value))
        return


Exact = int | Fraction
Inverse = Callable[[Exact, Exact], Exact | None]

_INVERSES: dict[str, tuple[Inverse, Inverse]] = {
    "+": (lambda whole, right: whole - right, lambda whole, left: whole - left),
    "-": (lambda whole, right: whole + right, lambda whole, left: left - whole),
    "/": (lambda whole, right: whole * right, lambda whole, left: Fraction(left) / whole if whole else None),
}
"""For each sign: the left part from the result and the right one, and the right from the result and the left."""


def _exact(stated: Stated | None) -> Exact | None:
    """A number that is known exactly; None for ranges, words and what is not stated."""
    value = stated.value if stated else None
    return value if isinstance(value, int | Fraction) and not isinstance(value, bool) else None


def _constant(node: Node) -> Exact | None:
    value = node.value if isinstance(node, Constant) else None
    return value if isinstance(value, int | Fraction) and not isinstance(value, bool) else None


def _state(book: Book, known: dict[str, Stated], fact_id: str, value: Exact | None) -> None:
    """State a part that is possible; an impossible one is left to the contradictions."""
    fact = book.facts[fact_id]
    if value is None or interval.intersect(value, fact.unknown) is None:
        return
    if fact.type == "integer" and Fraction(value).denominator != 1:
        return
    known[fact_id] = Stated(value, fact.show_point(value), fact.unit)
