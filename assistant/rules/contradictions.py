"""Facts that cannot all be true: a broken constraint, or a computed fact outside its domain.

In: stated facts. Out: `Fault`s, one for each group of facts at odds, so that a slip is told once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from assistant.rules import interval
from assistant.rules.case import Case
from assistant.rules.facts import Fault
from assistant.rules.law import Expression
from assistant.rules.statements import Stated

if TYPE_CHECKING:
    from assistant.rules.book import Book

_COMPARE_THEM = "核对这几个数，改正其中写错的"


def find_contradictions(book: Book, stated: Mapping[str, Stated]) -> list[Fault]:
    """What is wrong with facts that each by itself could be true."""
    case = Case(book, book.at(date.max), stated)
    faults: dict[frozenset[str], Fault] = {}
    for expression, message in book.constraints:
        if expression.evaluate(case) is False:
            named = frozenset(ref for ref in _parts(book, expression) if ref in stated)
            faults.setdefault(named, Fault(_first_stated(book, expression, stated), message, _COMPARE_THEM))
    # A computed fact that is out of its domain would only say the same once more.
    return list(faults.values()) if faults else _find_impossible(book, case)


def _find_impossible(book: Book, case: Case) -> list[Fault]:
    """Computed facts that are out of their domain, or not what was stated of them."""
    stated, faults = case.stated, []
    for id_, expression in book.derived.items():
        fact, needs = book.facts[id_], book.needs(id_)
        if stated.keys().isdisjoint((id_, *needs.facts, *needs.computed)):
            continue
        if id_ in stated:
            if interval.intersect(expression.evaluate(case), stated[id_].value) is None:
                message = f"{fact.label} {stated[id_].shown} 与{_label_parts(book, expression)}对不上"
                faults.append(Fault(id_, message, _COMPARE_THEM))
        elif any(guard(case) is False for guard in book.guards[id_]):
            shown = fact.show(expression.evaluate(case))
            message = f"按{_label_parts(book, expression)}算出的{fact.label}是 {shown}，不可能"
            faults.append(Fault(_first_stated(book, expression, stated), message, _COMPARE_THEM))
    return faults


def _parts(book: Book, expression: Expression) -> tuple[str, ...]:
    """The facts of an expression and those they are computed from."""
    parts = (part for ref in expression.refs if ref in book.derived for part in book.derived[ref].refs)
    return (*expression.refs, *parts)


def _label_parts(book: Book, expression: Expression) -> str:
    return "、".join(book.facts[ref].label for ref in expression.refs)


def _first_stated(book: Book, expression: Expression, stated: Mapping[str, Stated]) -> str:
    return next((ref for ref in _parts(book, expression) if ref in stated), expression.refs[0])
