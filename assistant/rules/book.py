"""All rules of a corpus: bundles joined, dependencies ordered, values at a day.

In: a `RuleSource` and the documents. Out: a `Book`, or one `RuleError` for everything that is wrong. A book is
whole or it is not opened, so a faulty file never replaces rules that work.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from assistant.documents.catalog import is_in_force
from assistant.errors import RuleError
from assistant.models import Document
from assistant.rules import interval
from assistant.rules.bind import Bundle, bind_rules
from assistant.rules.calendar import Calendar, load_calendar
from assistant.rules.evaluate import Evaluate, compile_node
from assistant.rules.explain import Named
from assistant.rules.expressions import fact_ref
from assistant.rules.facts import Fact, Fault, Stated, domain_of, read_facts
from assistant.rules.interval import ANY
from assistant.rules.language import (
    Arithmetic,
    Compare,
    Constant,
    LanguageError,
    Node,
    Ref,
    find_refs,
    parse_expression,
    walk,
)
from assistant.rules.law import (
    Check,
    Cite,
    Conflict,
    Deadline,
    Example,
    Expression,
    Parameter,
    Quantity,
    Rule,
    Table,
    Timeline,
    Verdict,
)
from assistant.rules.load import RuleSource, raise_faults, validate_facts, validate_rules
from assistant.rules.schema import FactFile

_COMPARE_THEM = "核对这几个数，改正其中写错的"


@dataclass(frozen=True, slots=True)
class Needs:
    """What a rule rests on, directly or through what it computes, each once and in order.

    Attributes:
        facts: ids of facts that are asked, not computed.
        computed: keys of derived facts, quantities and deadlines, those first that others need.
    """

    facts: tuple[str, ...]
    parameters: tuple[str, ...]
    computed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Law:
    """The rules on one day.

    Attributes:
        base: environment in which nothing is stated.
        dead: parameters without a value in force, and documents not in force, by key.
        frames: checks made ready for this day, by key; filled as they are first run.
    """

    as_of: date
    base: dict[str, Any]
    dead: frozenset[str]
    frames: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Book:
    """The rules of a corpus; never changed once built.

    Attributes:
        counting: where it is laid down how days and months are counted, by unit.
        rules: all that can be decided, by key: verdicts and checks first.
        derived: formulas of computed facts, in order of dependence; `guards`: what keeps each in its domain.
    """

    documents: dict[str, Document]
    facts: dict[str, Fact]
    calendar: Calendar | None
    parameters: dict[str, Parameter] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    quantities: dict[str, Quantity] = field(default_factory=dict)
    deadlines: dict[str, Deadline] = field(default_factory=dict)
    timelines: dict[str, Timeline] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    conflicts: dict[str, Conflict] = field(default_factory=dict)
    counting: dict[str, tuple[Cite, ...]] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)
    bundles: dict[str, Bundle] = field(default_factory=dict)
    derived: dict[str, Expression] = field(default_factory=dict)
    guards: dict[str, tuple[Evaluate, ...]] = field(default_factory=dict)
    constraints: tuple[tuple[Expression, str], ...] = ()
    names: dict[str, Named] = field(default_factory=dict)
    _needs: dict[str, Needs] = field(default_factory=dict)
    _laws: dict[int, Law] = field(default_factory=dict)
    _changes: list[date] = field(default_factory=list)

    @property
    def examples(self) -> list[Example]:
        """The examples of all documents."""
        return [example for bundle in self.bundles.values() for example in bundle.examples]

    def needs(self, key: str) -> Needs:
        """What a rule rests on."""
        if key not in self._needs:
            self._needs[key] = self._find_needs(key)
        return self._needs[key]

    def at(self, as_of: date) -> Law:
        """The rules on a day; one object for all days between two changes."""
        era = bisect_right(self._changes, as_of)
        if era not in self._laws:
            self._laws[era] = self._read_law(as_of)
        return self._laws[era]

    def next_change(self, as_of: date) -> date | None:
        """The first later day on which some value or document begins or ends."""
        era = bisect_right(self._changes, as_of)
        return self._changes[era] if era < len(self._changes) else None

    def read_facts(self, given: Mapping[str, object]) -> tuple[dict[str, Stated], list[Fault]]:
        """Read stated facts; what is impossible or contradicts itself is told, the rest kept."""
        stated, faults = read_facts(given, self.facts)
        if stated:
            faults += self.find_contradictions(stated)
        return stated, faults

    def _parts(self, expression: Expression) -> str:
        return "、".join(self.facts[ref].label for ref in expression.refs)

    # -- building ----------------------------------------------------------------------------------

    def refs_of(self, key: str) -> tuple[str, ...]:
        """Keys that a fact, rule or quantity names directly."""
        if key in self.derived:
            return self.derived[key].refs
        rule = self.rules.get(key)
        return tuple(dict.fromkeys(ref for e in list_expressions(rule) for ref in e.refs)) + _linked(rule)

    def _find_needs(self, key: str) -> Needs:
        facts: dict[str, None] = {}
        parameters: dict[str, None] = {}
        computed: dict[str, None] = {}

        def visit(ref: str, path: tuple[str, ...]) -> None:
            if ref in path:
                raise LanguageError(f"循环引用：{' → '.join([*path, ref])}")
            if ref in self.parameters:
                parameters[ref] = None
                return
            if ref in self.facts and ref not in self.derived:
                facts[ref] = None
                return
            for child in self.refs_of(ref):
                if not child.startswith("row."):
                    visit(child, (*path, ref))
            if ref in self.derived or ref in self.quantities or ref in self.deadlines:
                computed[ref] = None

        visit(key, ())
        computed.pop(key, None)
        return Needs(tuple(facts), tuple(parameters), tuple(computed))

    def _read_law(self, as_of: date) -> Law:
        base: dict[str, Any] = {i: fact.unknown for i, fact in self.facts.items() if i not in self.derived}
        dead = {d.id for d in self.documents.values() if not is_in_force(d, as_of)}
        for key, parameter in self.parameters.items():
            dated = parameter.value_at(as_of)
            base[key] = dated.value if dated else (None if parameter.kind == "names" else ANY)
            if dated is None or parameter.document in dead:
                dead.add(key)
        return Law(as_of, base, frozenset(dead))

    def find_contradictions(self, stated: Mapping[str, Stated]) -> list[Fault]:
        """Facts that cannot all be true: a stated one that others rule out, or a broken constraint."""
        from assistant.rules.case import Case

        case, faults = Case(self, self.at(date.max), stated), []
        for id_, expression in self.derived.items():
            fact = self.facts[id_]
            if id_ in stated:
                if interval.intersect(expression.evaluate(case), stated[id_].value) is None:
                    message = f"{fact.label} {stated[id_].shown} 与{self._parts(expression)}对不上"
                    faults.append(Fault(id_, message, _COMPARE_THEM))
            elif any(guard(case) is False for guard in self.guards[id_]):
                shown = fact.show(expression.evaluate(case))
                message = f"按{self._parts(expression)}算出的{fact.label}是 {shown}，不可能"
                faults.append(Fault(_first_stated(expression, stated), message, _COMPARE_THEM))
        for expression, message in self.constraints:
            if expression.evaluate(case) is False:
                faults.append(Fault(_first_stated(expression, stated), message, _COMPARE_THEM))
        return faults


def build_book(source: RuleSource, documents: Iterable[Document], *, lint: bool = True) -> Book:
    """Join all rule files.

    Args:
        lint: read each figure back from its quote; False for data that was linted when it was sealed.

    Raises:
        RuleError: something in the files is wrong; each fault names file, key and clause.
    """
    by_id = {document.id: document for document in documents}
    file = validate_facts(source.facts, "facts.yaml")
    calendar = load_calendar(source.calendar, "calendar.yaml") if source.calendar else None
    facts, derived = _build_facts(file)
    guards = {id_: _guard(facts[id_]) for id_ in derived}
    book = Book(by_id, facts, calendar, derived=derived, guards=guards)
    for id_, data in source.documents.items():
        path = f"documents/{id_}/rules.yaml"
        bundle = bind_rules(validate_rules(data, path), by_id[id_], by_id, facts, lint=lint)
        raise_faults(bundle.faults, path)
        book.bundles[id_] = bundle
        for group in (
            "parameters",
            "checks",
            "verdicts",
            "quantities",
            "deadlines",
            "timelines",
            "tables",
            "conflicts",
            "counting",
        ):
            getattr(book, group).update(getattr(bundle, group))
    if book.deadlines and calendar is None:
        raise RuleError("规则里有期限，但没有 calendar.yaml", path="calendar.yaml", hint="补上工作日历")
    book.rules = {
        **book.verdicts,
        **book.checks,
        **book.quantities,
        **book.deadlines,
        **book.timelines,
        **book.tables,
    }
    _bind_facts(book, file)
    _name_all(book)
    _link(book)
    book._changes = _find_changes(book)
    return book


def _build_facts(file: FactFile) -> tuple[dict[str, Fact], dict[str, Expression]]:
    """The facts, and the formulas of those that are computed, in order of dependence.

    Raises:
        RuleError: a formula is wrong or runs in a circle.
    """
    facts = {id_: Fact(id_, data, domain_of(data)) for id_, data in file.facts.items()}
    derived: dict[str, Expression] = {}
    faults: list[str] = []

    def build(id_: str, path: tuple[str, ...]) -> Fact:
        fact = facts[id_]
        if not fact.data.derive or fact.formula is not None:
            return fact
        if id_ in path:
            raise LanguageError(f"循环引用：{' → '.join([*path, id_])}")
        node = parse_expression(
            fact.data.derive, lambda n: fact_ref(build(n, (*path, id_))) if n in facts else None
        )
        if node.kind not in ("number", "share"):
            raise LanguageError("只有数字可以由其他事实算出")
        for part in walk(node):
            if isinstance(part, Arithmetic) and part.op == "/" and not _is_never_negative(part.right, facts):
                raise LanguageError("除数应是一个不小于 0 的事实（写上 min）")
        facts[id_] = replace(fact, formula=node)
        derived[id_] = Expression(fact.data.derive, node, compile_node(node), find_refs(node))
        return facts[id_]

    for id_ in file.facts:
        try:
            build(id_, ())
        except LanguageError as exc:
            faults.append(f"facts.{id_}.derive：{exc}")
    raise_faults(faults, "facts.yaml")
    return facts, derived


def _guard(fact: Fact) -> tuple[Evaluate, ...]:
    """Conditions that a computed fact meets inside its domain; one without bounds has none."""
    low, high = interval.as_interval(fact.unknown)[:2]
    ref, bounds = fact_ref(fact), ((">=", low), ("<=", high))
    # Nothing that is computed from what is never negative is negative, unless something is taken away.
    is_plain = low == 0 and not any(
        isinstance(n, Arithmetic) and n.op == "-" for n in walk(fact.formula or ref)
    )
    return tuple(
        compile_node(Compare(op, ref, Constant(bound, ref.kind)))
        for op, bound in bounds
        if not isinstance(bound, float) and not (op == ">=" and is_plain)
    )


def _is_never_negative(node: Node, facts: Mapping[str, Fact]) -> bool:
    return isinstance(node, Ref) and interval.as_interval(facts[node.key].unknown).low >= 0


def _bind_facts(book: Book, file: FactFile) -> None:
    """Facts whose names come from a table, and the constraints between facts."""
    faults: list[str] = []
    for id_, data in file.facts.items():
        if data.table:
            names = _table_names(book, data.table, data.column)
            if names is None:
                faults.append(f"facts.{id_}.table：没有这张表或这一列：{data.table}")
            book.facts[id_] = replace(book.facts[id_], names=names)
    constraints: list[tuple[Expression, str]] = []
    for i, rule in enumerate(file.constraints):
        try:
            node = parse_expression(
                rule.require, lambda n: fact_ref(book.facts[n]) if n in book.facts else None
            )
            expression = Expression(rule.require, node, compile_node(node), find_refs(node))
            constraints.append((expression, rule.message))
        except LanguageError as exc:
            faults.append(f"constraints[{i}]：{exc}")
    book.constraints = tuple(constraints)
    raise_faults(faults, "facts.yaml")


def _table_names(book: Book, key: str, column: str | None) -> frozenset[str] | None:
    table = book.tables.get(key)
    if table is None:
        return None
    column = column or table.key_column
    values = [row.values[column] for row in table.rows if column in row.values]
    names = [v for value in values for v in (value if isinstance(value, frozenset) else [value])]
    return frozenset(str(name) for name in names) or None


def _name_all(book: Book) -> None:
    for id_, fact in book.facts.items():
        book.names[id_] = Named(fact.label, fact_ref(fact).kind)
    for key, parameter in book.parameters.items():
        book.names[key] = Named(parameter.label, parameter.kind)
    for key, quantity in book.quantities.items():
        book.names[key] = Named(quantity.label, "share" if quantity.unit == "%" else "number")
    for key, deadline in book.deadlines.items():
        book.names[key] = Named(deadline.label, "date")
    for table in book.tables.values():
        for column in table.columns:
            book.names[f"row.{column.id}"] = Named(column.header, column.kind)


def _link(book: Book) -> None:
    """Check that every reference between rules resolves, and that none runs in a circle."""
    faults: dict[str, list[str]] = {}

    def tell(rule_document: str, message: str) -> None:
        faults.setdefault(f"documents/{rule_document}/rules.yaml", []).append(message)

    for verdict in book.verdicts.values():
        for check in (*verdict.checks, *verdict.reminders):
            if check not in book.checks:
                tell(verdict.document, f"verdicts.{verdict.id}：没有名为 {check} 的检查")
    for conflict in book.conflicts.values():
        for side in conflict.sides:
            if side.parameter and side.parameter not in book.parameters:
                tell(conflict.document, f"conflicts：没有名为 {side.parameter} 的参数")
    for example in book.examples:
        if book.rules.get(example.rule) is None and example.rule not in book.parameters:
            tell(example.rule.partition("/")[0], f"examples.{example.name}：没有名为 {example.rule} 的规则")
    for path, listed in faults.items():
        raise_faults(listed, path)
    for key in [*book.derived, *book.rules]:
        try:
            book.needs(key)
        except LanguageError as exc:
            raise RuleError(f"{key}：{exc}", hint="去掉其中一处引用") from exc
        except (KeyError, AttributeError) as exc:
            raise RuleError(f"{key}：引用了不存在的规则 {exc}", hint="检查名字") from exc


def _find_changes(book: Book) -> list[date]:
    """All days on which some value or document begins, or has ended the day before."""
    days: set[date | None] = set()
    for parameter in book.parameters.values():
        for dated in parameter.values:
            days |= {dated.since, dated.until + timedelta(1) if dated.until else None}
    for document in book.documents.values():
        ended = document.expires + timedelta(1) if document.expires else None
        days |= {document.effective or document.issued, ended}
    return sorted(day for day in days if day)


def list_expressions(rule: Rule | None) -> list[Expression]:
    """All expressions of a rule, in the order of evaluation."""
    match rule:
        case Check(when=when, readings=readings):
            return [e for e in (when, *(r.require for r in readings)) if e]
        case Verdict(when=when):
            return [when] if when else []
        case Deadline(when=when, start=start):
            return [e for e in (when, start) if e]
        case Quantity():
            terms = (*rule.cases, *rule.sum, *rule.product, *rule.readings, *rule.at_least, *rule.at_most)
            where = [rule.rows.where] if rule.rows else []
            pairs = [e for term in terms for e in (term.when, term.value)]
            return [e for e in (rule.when, *where, *pairs) if e]
    return []


def _linked(rule: Rule | None) -> tuple[str, ...]:
    """What a rule rests on besides its expressions."""
    match rule:
        case Verdict(checks=checks, reminders=reminders):
            return (*checks, *reminders)
        case Deadline(counts=counts):
            return counts
        case Timeline(steps=steps):
            return steps
    return ()


def _first_stated(expression: Expression, stated: Mapping[str, Stated]) -> str:
    return next((ref for ref in expression.refs if ref in stated), expression.refs[0])
