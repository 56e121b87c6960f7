"""One rule → the statements of its page: what it requires or computes, when it applies, what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.models import Span
from assistant.rules.book import Book
from assistant.rules.law import (
    Check,
    Cite,
    Deadline,
    Expression,
    Parameter,
    Quantity,
    Rule,
    Table,
    Term,
    Timeline,
    Verdict,
)
from assistant.surfaces.schema_rules import AnyRule
from assistant.surfaces.web.places import clause_address, rule_address
from assistant.surfaces.web.reader_words import Wording
from assistant.surfaces.web.texts import load_texts

_TERM_GROUPS = ("cases", "sum", "product", "readings", "at_least", "at_most")


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that a rule says.

    Attributes:
        name: what it is about; may be empty.
        when: the condition under which it holds; empty where it always does.
        address: of the rule or place it speaks of; empty for none.
    """

    text: str
    name: str = ""
    when: str = ""
    address: str = ""
    force: str = "must"


@dataclass(frozen=True, slots=True)
class Statements:
    """Statements of one sort under a title."""

    title: str
    lines: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """Quoted words; `is_gone` where they no longer stand in the text, and the clause is given instead."""

    text: str
    address: str
    is_gone: bool


@dataclass(frozen=True, slots=True)
class QuotedClause:
    """A clause with what is quoted from it, in reading order."""

    document: str
    label: str
    address: str
    quotes: tuple[Quote, ...]


def quote_cites(book: Book, cites: Iterable[Cite]) -> list[QuotedClause]:
    """The words that cites stand for, by clause, in the order in which the clauses are first cited."""
    by_clause: dict[str, list[Cite]] = {}
    for cite in cites:
        if cite.clause_id in book.clauses:
            by_clause.setdefault(cite.clause_id, []).append(cite)
    return [
        QuotedClause(
            found[0].document,
            book.clauses[clause_id].label,
            clause_address(clause_id),
            tuple(_quote(book, cite) for cite in sorted(found, key=lambda cite: (cite.start, cite.end))),
        )
        for clause_id, found in by_clause.items()
    ]


def _quote(book: Book, cite: Cite) -> Quote:
    text = book.documents[cite.document].source[cite.start : cite.end]
    return Quote(text, clause_address(cite.clause_id, Span(cite.start, cite.end)), cite.drift == "stale")


class RuleTeller:
    """Tells the rules of one book."""

    def __init__(self, book: Book, wording: Wording) -> None:
        self._book = book
        self._wording = wording
        self._texts: dict[str, Any] = load_texts()["reader"]["rule"]

    def tell(self, rule: AnyRule) -> list[Statements]:
        """What a rule says, sort by sort; nothing for a figure or a conflict, which say it themselves."""
        groups: list[tuple[str, Sequence[Statement]]] = []
        when = getattr(rule, "when", None)
        match rule:
            case Verdict():
                groups = [("checks", self._checks(rule.checks)), ("reminders", self._checks(rule.reminders))]
            case Check():
                said = [Statement(self._wording.say(r.require), r.label) for r in rule.readings]
                groups = [("require" if len(said) == 1 else "requires", said)]
            case Quantity():
                groups = self._quantity(rule)
            case Deadline():
                groups = self._deadline(rule)
            case Timeline():
                groups = [("steps", self._links(self._book.deadlines[key] for key in rule.steps))]
            case Table():
                groups = self._table(rule)
        groups.insert(0, ("when", self._condition(when)))
        if isinstance(rule, Rule):
            computed = self._book.needs(rule.key).computed
            groups.append(("computed", self._computed(computed)))
        return [Statements(self._texts[name], tuple(lines)) for name, lines in groups if lines]

    def _condition(self, when: Expression | None) -> list[Statement]:
        return [Statement(self._wording.say(when))] if when else []

    def _checks(self, keys: Iterable[str]) -> list[Statement]:
        lines = []
        for check in (self._book.checks[key] for key in keys):
            said = "；".join(
                f"{r.label}：{self._wording.say(r.require)}" if r.label else self._wording.say(r.require)
                for r in check.readings
            )
            when = self._wording.say(check.when)
            lines.append(Statement(said, check.label, when, rule_address(check.key), check.force))
        return lines

    def _quantity(self, quantity: Quantity) -> list[tuple[str, Sequence[Statement]]]:
        groups: list[tuple[str, Sequence[Statement]]] = []
        for name in _TERM_GROUPS:
            terms: tuple[Term, ...] = getattr(quantity, name)
            title = "computation" if name == "sum" and len(terms) == 1 else name
            groups.append((title, [self._term(term) for term in terms]))
        if rows := quantity.rows:
            table = self._book.tables[rows.table]
            column = next(c.header for c in table.columns if c.id == rows.column)
            text = self._texts["ops"][rows.op].format(table=table.label, column=column)
            when = self._wording.say(rows.where)
            groups.append(("rows", [Statement(text, when=when, address=rule_address(table.key))]))
        if quantity.round_to:
            text = self._texts["rounds"][quantity.round_to]
            groups.append(("round", [Statement(quantity.round_why, text)]))
        return groups

    def _term(self, term: Term) -> Statement:
        return Statement(self._wording.say(term.value), term.label, self._wording.say(term.when))

    def _deadline(self, deadline: Deadline) -> list[tuple[str, Sequence[Statement]]]:
        start = self._texts["back" if deadline.back else "onward"].format(self._wording.say(deadline.start))
        parameters = [self._book.parameters[key] for key in deadline.counts]
        counts = [
            Statement(self._wording.say_figure(p), p.label, address=rule_address(p.key)) for p in parameters
        ]
        after = [self._book.deadlines[deadline.after]] if deadline.after else []
        how = [self._counting(deadline.count_unit, self._texts["units"][deadline.count_unit])]
        if deadline.moved and not deadline.back and deadline.count_unit != "working_days":
            how.append(self._counting("last_day", self._texts["moved"]))
        return [
            ("start", [Statement(start)]),
            ("counts" if len(counts) > 1 else "count", counts),
            ("how", how),
            ("after", self._links(after)),
        ]

    def _counting(self, unit: str, text: str) -> Statement:
        """How days are counted, with where that is laid down."""
        cites = self._book.counting.get(unit, ())
        return Statement(text, address=_quote(self._book, cites[0]).address if cites else "")

    def _table(self, table: Table) -> list[tuple[str, Sequence[Statement]]]:
        columns = [Statement(c.unit, c.header) for c in table.columns]
        annex = table.rows[0].clause.parent or table.rows[0].clause.clause_id
        text = self._texts["n_rows"].format(len(table.rows))
        return [("annex", [Statement(text, address=clause_address(annex))]), ("columns", columns)]

    def _computed(self, keys: Iterable[str]) -> list[Statement]:
        """The computed values a rule reads; of a computed fact its formula."""
        lines = []
        for key in keys:
            if key in self._book.derived:
                label = self._book.facts[key].label
                lines.append(Statement(self._wording.say(self._book.derived[key]), label))
            else:
                lines += self._links([self._book.rules[key]])
        return lines

    def _links(self, rules: Iterable[AnyRule]) -> list[Statement]:
        return [Statement("", rule.label, address=rule_address(rule.key)) for rule in rules]


def tell_days(parameter: Parameter, wording: Wording) -> list[tuple[str, str, str]]:
    """The values of a figure, each with its first and last day as written; empty where open."""
    return [
        (wording.say_value(parameter, dated), _write(dated.since), _write(dated.until))
        for dated in parameter.values
    ]


def _write(day: Any) -> str:
    return day.isoformat() if day else ""
