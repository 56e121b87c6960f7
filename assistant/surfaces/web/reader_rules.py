"""The rules of a book as the reader shows them: by the clause they are bound to, and in lists.

A rule is bound to the clauses it quotes itself and to those of the figures it reads. What is computed over the rows of
an annex is bound to the annex, not to every row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from assistant.rules.book import Book
from assistant.rules.law import Cite, Conflict, Parameter
from assistant.surfaces.schema_rules import KINDS, AnyRule, all_rules, collect_cites
from assistant.surfaces.web.places import conflict_anchor, rule_address
from assistant.surfaces.web.reader_words import Wording

_ORDER = list(KINDS.values())


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule in a list.

    Attributes:
        figure: the figure in words where the rule is one; else empty.
        force: `must`, `encouraged`, `approximate` or `target`.
    """

    key: str
    kind: str
    label: str
    address: str
    figure: str = ""
    force: str = "must"


@dataclass(frozen=True, slots=True)
class BoundRules:
    """What is bound to one clause: its figures, what follows from them by kind, disagreements about it."""

    figures: list[RuleLine] = field(default_factory=list)
    others: dict[str, list[RuleLine]] = field(default_factory=dict)
    conflicts: list[RuleLine] = field(default_factory=list)

    @property
    def n_others(self) -> int:
        """How many rules follow from the clause."""
        return sum(map(len, self.others.values()))

    def add(self, line: RuleLine) -> None:
        """Put a rule where its kind belongs."""
        if line.kind == "parameter":
            self.figures.append(line)
        elif line.kind == "conflict":
            self.conflicts.append(line)
        else:
            self.others.setdefault(line.kind, []).append(line)


def bind_rules(book: Book, document_id: str, as_of: date) -> dict[str, BoundRules]:
    """The rules bound to the clauses of a document, by clause id; a clause without any is not in it."""
    wording = Wording(book, as_of)
    annexes = _find_annexes(book)
    bound: dict[str, BoundRules] = {}
    for rule in all_rules(book).values():
        cites = collect_cites(book, rule)
        clauses = {annexes.get(c, c.clause_id) for c in cites if c.document == document_id}
        for clause_id in sorted(clauses):
            bound.setdefault(clause_id, BoundRules()).add(make_line(rule, wording))
    return bound


def _find_annexes(book: Book) -> dict[Cite, str]:
    """The annex that holds each row of the tables, by the words that stand for the whole row."""
    rows = (row for table in book.tables.values() for row in table.rows)
    return {row.cite: row.clause.parent or row.clause.clause_id for row in rows}


def make_line(rule: AnyRule, wording: Wording) -> RuleLine:
    """A rule as a line of a list."""
    is_conflict = isinstance(rule, Conflict)
    address = f"/conflicts#{conflict_anchor(rule.key)}" if is_conflict else rule_address(rule.key)
    figure = wording.say_figure(rule) if isinstance(rule, Parameter) else ""
    return RuleLine(rule.key, KINDS[type(rule)], rule.label, address, figure, getattr(rule, "force", "must"))


def group_lines(rules: Iterable[AnyRule], wording: Wording) -> dict[str, dict[str, list[RuleLine]]]:
    """Rules by document and kind, kinds in the order of the interface."""
    grouped: dict[str, dict[str, list[RuleLine]]] = {}
    for rule in sorted(rules, key=lambda rule: (rule.document, _ORDER.index(KINDS[type(rule)]))):
        line = make_line(rule, wording)
        grouped.setdefault(rule.document, {}).setdefault(line.kind, []).append(line)
    return grouped


def list_users(book: Book, parameter: Parameter) -> Iterator[AnyRule]:
    """The rules that read a figure."""
    for key, rule in book.rules.items():
        if parameter.key in book.needs(key).parameters:
            yield rule
