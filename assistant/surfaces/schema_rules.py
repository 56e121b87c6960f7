"""Rules → the JSON objects of `/v1/rules`: what a rule asks, what it requires, and the clauses it stands on.

Written out by hand like `schema`, for the same reason. Expressions are given as the rule files have them, in the
language of `corpus/README.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.rules.book import Book
from assistant.rules.decide import Calculator
from assistant.rules.facts import Fact
from assistant.rules.law import (
    Check,
    Cite,
    Conflict,
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
from assistant.rules.missing import list_asked
from assistant.surfaces.schema import JsonObject, iso_day, region_name

if TYPE_CHECKING:
    from assistant.documents.regions import RegionTree

KINDS: dict[type, str] = {
    Verdict: "verdict",
    Check: "check",
    Quantity: "quantity",
    Deadline: "deadline",
    Timeline: "timeline",
    Table: "table",
    Parameter: "parameter",
    Conflict: "conflict",
}
"""The kinds of rules as the interface names them, in the order of a list."""
AnyRule = Rule | Parameter | Conflict


@dataclass(frozen=True, slots=True)
class RuleFilter:
    """Which rules a list shows; empty shows all. `lineage` are the codes a document's region may have."""

    document: str = ""
    subject: str = ""
    kind: str = ""
    lineage: frozenset[str] | None = None


def all_rules(book: Book) -> Mapping[str, AnyRule]:
    """Every rule, parameter and conflict by key: verdicts first."""
    return {**book.rules, **book.parameters, **book.conflicts}


def rules_object(book: Book, regions: RegionTree, wanted: RuleFilter, version: str) -> JsonObject:
    """The list of rules."""
    rows = [
        rule_row(book, rule, regions) for rule in all_rules(book).values() if _is_wanted(book, rule, wanted)
    ]
    return {"corpus_version": version, "rules": rows}


def _is_wanted(book: Book, rule: AnyRule, wanted: RuleFilter) -> bool:
    region = book.documents[rule.document].region
    return (
        wanted.document in ("", rule.document)
        and wanted.subject in ("", getattr(rule, "subject", ""))
        and wanted.kind in ("", KINDS[type(rule)])
        and (wanted.lineage is None or region in wanted.lineage)
    )


def rule_row(book: Book, rule: AnyRule, regions: RegionTree) -> JsonObject:
    """A rule in a list: what it is about and what it asks; unit, bound and force where it has them."""
    document = book.documents[rule.document]
    own = {name: getattr(rule, name) for name in ("unit", "bound", "force") if getattr(rule, name, "")}
    return {
        "id": rule.key,
        "kind": KINDS[type(rule)],
        "document": rule.document,
        "number": document.number,
        "region": region_name(regions, document.region),
        "subject": getattr(rule, "subject", ""),
        "label": rule.label,
        **own,
        "facts": [fact_row(book.facts[fact]) for fact in _asked_facts(book, rule)],
        "questions": list(getattr(rule, "questions", ())),
    }


def fact_row(fact: Fact) -> JsonObject:
    """A fact that a rule asks for."""
    return {
        "id": fact.id,
        "label": fact.label,
        "type": fact.type,
        "unit": fact.data.unit,
        "choices": list(fact.data.choices),
        "ask": fact.data.ask,
    }


def facts_object(book: Book, subject: str = "") -> JsonObject:
    """All facts, or those about one subject."""
    subjects = book.list_subjects()
    facts = [f for f in book.facts.values() if not subject or subject in subjects.get(f.id, ())]
    return {"facts": [{**fact_row(fact), "subjects": list(subjects.get(fact.id, ()))} for fact in facts]}


def _asked_facts(book: Book, rule: AnyRule) -> tuple[str, ...]:
    return () if isinstance(rule, Parameter | Conflict) else list_asked(rule.key, book)


def rule_object(book: Book, rule: AnyRule, regions: RegionTree) -> JsonObject:
    """One rule whole: expressions as text, the figures it rests on, and its clauses with their quotes."""
    figures = [] if isinstance(rule, Parameter | Conflict) else book.needs(rule.key).parameters
    return {
        **rule_row(book, rule, regions),
        **_body(book, rule),
        "parameters": [parameter_object(book, book.parameters[key]) for key in figures],
        "clauses": cites_list(book, collect_cites(book, rule)),
    }


def _body(book: Book, rule: AnyRule) -> JsonObject:
    """What only this kind of rule has."""
    match rule:
        case Verdict():
            return _verdict_body(book, rule)
        case Check():
            readings = [{"label": r.label, "require": r.require.text} for r in rule.readings]
            return {"when": _text(rule.when), "readings": readings}
        case Quantity():
            return _quantity_body(rule)
        case Deadline():
            return {
                "from": rule.start.text,
                "when": _text(rule.when),
                "count_unit": rule.count_unit,
                "counts": list(rule.counts),
                "back": rule.back,
                "after": rule.after,
            }
        case Timeline():
            return {"steps": list(rule.steps)}
        case Table():
            return _table_body(rule)
        case Parameter():
            return {"values": _values(book, rule)}
        case Conflict():
            return {"statement": rule.statement, "relation": rule.relation}
    raise AssertionError(rule)


def _verdict_body(book: Book, verdict: Verdict) -> JsonObject:
    def rows(keys: Iterable[str]) -> list[JsonObject]:
        checks = [book.checks[key] for key in keys]
        return [
            {"id": c.key, "label": c.label, "when": _text(c.when), "require": _require(c), "force": c.force}
            for c in checks
        ]

    return {
        "when": _text(verdict.when),
        "checks": rows(verdict.checks),
        "reminders": rows(verdict.reminders),
        "needs": list(verdict.facts),
    }


def _require(check: Check) -> str:
    return "；".join(f"{r.label}：{r.require.text}" if r.label else r.require.text for r in check.readings)


def _quantity_body(quantity: Quantity) -> JsonObject:
    groups = ("cases", "sum", "product", "readings", "at_least", "at_most")
    terms = {name: [_term(term) for term in getattr(quantity, name)] for name in groups}
    rows = quantity.rows
    summed = (
        {"table": rows.table, "op": rows.op, "column": rows.column, "where": _text(rows.where)}
        if rows
        else None
    )
    return {
        "when": _text(quantity.when),
        **{name: listed for name, listed in terms.items() if listed},
        **({"rows": summed} if summed else {}),
        **({"round": quantity.round_to, "round_why": quantity.round_why} if quantity.round_to else {}),
    }


def _term(term: Term) -> JsonObject:
    return {"label": term.label, "value": term.value.text, "when": _text(term.when)}


def _table_body(table: Table) -> JsonObject:
    columns = [{"id": c.id, "header": c.header, "unit": c.unit} for c in table.columns]
    rows = [
        {"clause_id": row.clause.clause_id, "values": {name: _plain(v) for name, v in row.values.items()}}
        for row in table.rows
    ]
    return {"key": table.key_column, "columns": columns, "rows": rows}


def _plain(value: Any) -> str | list[str]:
    return sorted(map(str, value)) if isinstance(value, frozenset) else str(value)


def parameter_object(book: Book, parameter: Parameter) -> JsonObject:
    """A figure of the law with its dated values."""
    return {
        "id": parameter.key,
        "label": parameter.label,
        "unit": parameter.unit,
        "bound": parameter.bound,
        "force": parameter.force,
        "values": _values(book, parameter),
    }


def _values(book: Book, parameter: Parameter) -> list[JsonObject]:
    return [
        {
            "value": dated.shown,
            "from": iso_day(dated.since),
            "until": iso_day(dated.until),
            "clauses": cites_list(book, dated.cites),
        }
        for dated in parameter.values
    ]


def _text(expression: Expression | None) -> str:
    return expression.text if expression else ""


# -- clauses -------------------------------------------------------------------------------------------


def collect_cites(book: Book, rule: AnyRule) -> tuple[Cite, ...]:
    """The clauses a rule stands on, directly and through what it rests on, each once."""
    if isinstance(rule, Conflict):
        return tuple(dict.fromkeys(c for side in Calculator(book).sides(rule) for c in side))
    if isinstance(rule, Parameter):
        return tuple(dict.fromkeys(c for dated in rule.values for c in dated.cites))
    needs = book.needs(rule.key)
    parts = [rule, *_parts(book, rule), *(book.rules.get(key) for key in needs.computed)]
    cites = [c for part in parts if part for c in part.cites]
    cites += [c for key in needs.parameters for dated in book.parameters[key].values for c in dated.cites]
    summed = [book.tables[part.rows.table] for part in parts if isinstance(part, Quantity) and part.rows]
    for table in [*summed, *([rule] if isinstance(rule, Table) else [])]:
        cites += [row.cite for row in table.rows]
    return tuple(dict.fromkeys(cites))


def _parts(book: Book, rule: Rule) -> list[Rule]:
    """The checks of a verdict, the deadlines of a timeline."""
    if isinstance(rule, Verdict):
        return [book.checks[key] for key in (*rule.checks, *rule.reminders)]
    return [book.deadlines[key] for key in rule.steps] if isinstance(rule, Timeline) else []


def cites_list(book: Book, cites: Iterable[Cite]) -> list[JsonObject]:
    """Clauses with the words quoted; of a stale one the words are gone, and the clause is given instead."""
    return [
        {
            "clause": book.clauses[cite.clause_id].label if cite.clause_id in book.clauses else "",
            "clause_id": cite.clause_id,
            "quote": book.documents[cite.document].source[cite.start : cite.end],
            "start": cite.start,
            "end": cite.end,
            "drift": cite.drift,
        }
        for cite in cites
    ]
