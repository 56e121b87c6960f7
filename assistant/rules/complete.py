"""Parts that follow from a whole: 总课时 60 and 理论 21 leave 实操 39.

In: stated facts. Out: the same with those parts that a formula leaves no choice about. Only sums and differences of
two facts are turned round, only where the others are exact, and only for a part that something else reads: the 理论课时
left by 总课时 and 实操课时 would bind a repair and decide nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from assistant.rules import interval
from assistant.rules.interval import Interval
from assistant.rules.language import Arithmetic, Ref
from assistant.rules.statements import Stated

if TYPE_CHECKING:
    from assistant.rules.book import Book


def complete_facts(book: Book, stated: Mapping[str, Stated]) -> dict[str, Stated]:
    """Stated facts and those that follow from them by the formulas of computed facts."""
    known = dict(stated)
    for whole, expression in book.derived.items():
        node = expression.node
        if not isinstance(node, Arithmetic) or node.op not in ("+", "-") or whole not in stated:
            continue
        if not (isinstance(node.left, Ref) and isinstance(node.right, Ref)):
            continue
        left, right = node.left.key, node.right.key
        if left in known and right not in known and book.is_read(right, whole):
            _state(book, known, right, _rest(known[whole], known[left], is_left=False, op=node.op))
        elif right in known and left not in known and book.is_read(left, whole):
            _state(book, known, left, _rest(known[whole], known[right], is_left=True, op=node.op))
    return known


def _rest(whole: Stated, part: Stated, *, is_left: bool, op: str) -> interval.Value | None:
    """The other part; None where one of them is a range."""
    if isinstance(whole.value, Interval) or isinstance(part.value, Interval):
        return None
    if op == "+":
        return interval.subtract(whole.value, part.value)
    return interval.add(whole.value, part.value) if is_left else interval.subtract(part.value, whole.value)


def _state(book: Book, known: dict[str, Stated], fact_id: str, value: interval.Value | None) -> None:
    """State a part that is possible; an impossible one is left to the contradictions."""
    fact = book.facts[fact_id]
    if value is None or isinstance(value, Interval) or interval.intersect(value, fact.unknown) is None:
        return
    known[fact_id] = Stated(value, fact.show_point(value), fact.unit)
