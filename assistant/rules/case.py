"""Stated facts under the law of one day: an environment that computes what rules read, once when first read.

In: a `Book`, its `Law` at a day, stated facts. Out: a `Case`, a mapping from keys to values, and the figures of
the law that each computed one rests on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from assistant.rules import interval
from assistant.rules.compute import Computed, compute_deadline, compute_quantity
from assistant.rules.facts import ANY_DAY
from assistant.rules.finding import Used
from assistant.rules.law import Cite, Deadline, Expression, Quantity
from assistant.rules.statements import Stated

if TYPE_CHECKING:
    from assistant.rules.book import Book, Law


class Case(dict[str, Any]):
    """One asker's facts under the rules of one day.

    A fact that is computed from others stays out of the mapping until it is read, even where it is stated:
    then it is what the statement and the computation both allow.
    """

    __slots__ = ("book", "computed", "law", "stated")

    def __init__(self, book: Book, law: Law, stated: Mapping[str, Stated]) -> None:
        super().__init__(law.base)
        self.book = book
        self.law = law
        self.stated = stated
        self.computed: dict[str, Computed] = {}
        derived = book.derived
        for id_, fact in stated.items():
            if id_ not in derived:
                self[id_] = fact.value

    def __missing__(self, key: str) -> Any:
        if (expression := self.book.derived.get(key)) is not None:
            fact = self.stated.get(key)
            known = fact.value if fact else self.book.facts[key].unknown
            value: Any = interval.intersect(expression.evaluate(self), known)
            value = known if value is None else value
        elif key in self.book.quantities or key in self.book.deadlines:
            value = self.compute(key).value
        else:
            raise KeyError(key)
        self[key] = value
        return value

    def compute(self, key: str) -> Computed:
        """Compute a quantity or deadline; one that rests on a quantity applies only where that does."""
        if key in self.computed:
            return self.computed[key]
        rule = self.book.quantities.get(key) or self.book.deadlines[key]
        if any(ref in self.book.quantities and self[ref] is None for ref in self.book.refs_of(key)):
            result = Computed(None, False)
        elif isinstance(rule, Quantity):
            table = self.book.tables.get(rule.rows.table) if rule.rows else None
            result = compute_quantity(rule, self, table)
        else:
            assert self.book.calendar is not None
            result = compute_deadline(rule, self, self.book.calendar, ANY_DAY)
        if result.applies and any(
            ref in self.book.quantities and self.compute(ref).applies is None
            for ref in self.book.refs_of(key)
        ):
            result = result._replace(applies=None)
        self.computed[key] = result
        return result

    def is_dead(self, parameters: Iterable[str]) -> bool:
        """True where a figure has no value in force."""
        return not self.law.dead.isdisjoint(parameters)

    def read(self, keys: Iterable[str]) -> tuple[Used, ...]:
        """Figures of the law with their values of the day."""
        pairs = ((self.book.parameters[k], self.book.parameters[k].value_at(self.law.as_of)) for k in keys)
        return tuple(Used(parameter, dated) for parameter, dated in pairs if dated)

    def used_by(self, key: str) -> tuple[Used, ...]:
        """Figures that a computed one read; those of terms that do not apply are left out."""
        rule = self.book.rules.get(key)
        if isinstance(rule, Deadline):
            return self.read(rule.counts)
        if not isinstance(rule, Quantity):
            return ()
        expressions = [rule.when] if rule.when else []
        for term in self.compute(key).terms:
            if term.term and term.outcome != "not_applicable":
                expressions += [e for e in (term.term.when, term.term.value) if e]
        return self.used_in(expressions)

    def used_in(self, expressions: Iterable[Expression]) -> tuple[Used, ...]:
        """Figures that expressions read, directly or through what they compute."""
        refs = dict.fromkeys(ref for expression in expressions for ref in expression.refs)
        used = self.read(r for r in refs if r in self.book.parameters)
        for ref in refs:
            if ref in self.book.quantities or ref in self.book.deadlines:
                used += self.used_by(ref)
        return tuple(dict.fromkeys(used))

    def rows_in(self, expressions: Iterable[Expression]) -> tuple[Cite, ...]:
        """Rows of tables that expressions read through what they compute."""
        refs = dict.fromkeys(ref for expression in expressions for ref in expression.refs)
        cites: list[Cite] = []
        for ref in refs:
            quantity = self.book.quantities.get(ref)
            if quantity is None:
                continue
            terms = self.compute(ref).terms
            cites += [t.row.cite for t in terms if t.row and t.outcome != "not_applicable"]
            cites += self.rows_in([t.term.value for t in terms if t.term and t.outcome != "not_applicable"])
        return tuple(dict.fromkeys(cites))
