"""Rule files → one `Book`: facts compiled, bundles joined, references checked.

In: a `RuleSource` and the documents. Out: a `Book`, or one `RuleError` for everything that is wrong. A book is
whole or it is not built, so a faulty file never replaces rules that work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from assistant.errors import RuleError
from assistant.models import Document
from assistant.rules import interval
from assistant.rules.bind import bind_rules
from assistant.rules.book import Book
from assistant.rules.calendar import load_calendar
from assistant.rules.evaluate import Evaluate, compile_node
from assistant.rules.explain import Named
from assistant.rules.expressions import compile_expression, fact_ref
from assistant.rules.facts import Fact, domain_of
from assistant.rules.language import (
    Arithmetic,
    Call,
    Compare,
    Constant,
    LanguageError,
    Node,
    Ref,
    parse_expression,
    walk,
)
from assistant.rules.law import Expression
from assistant.rules.load import RuleSource, raise_faults, validate_facts, validate_rules
from assistant.rules.schema_files import FactFile


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
    book.changes = _find_changes(book)
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
        derived[id_] = compile_expression(fact.data.derive, node)
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
    # A quotient is compared crosswise; anything else as it is computed, before it is cut to the domain.
    is_quotient = isinstance(fact.formula, Arithmetic) and fact.formula.op == "/"
    side = ref if is_quotient or fact.formula is None else fact.formula
    # Nothing that is computed from what is never negative is negative, unless something is taken away.
    is_plain = low == 0 and not any(
        isinstance(n, Call) or (isinstance(n, Arithmetic) and n.op == "-") for n in walk(fact.formula or ref)
    )
    return tuple(
        compile_node(Compare(op, side, Constant(bound, ref.kind)))
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
            # Where a document's rules are out of use, no rule reads its table, and the fact just has no names.
            owner = data.table.partition("/")[0]
            if names is None and (owner in book.bundles or owner not in book.documents):
                faults.append(f"facts.{id_}.table：没有这张表或这一列：{data.table}")
            book.facts[id_] = replace(book.facts[id_], names=names)
    constraints: list[tuple[Expression, str]] = []
    for i, rule in enumerate(file.constraints):
        try:
            node = parse_expression(
                rule.require, lambda n: fact_ref(book.facts[n]) if n in book.facts else None
            )
            expression = compile_expression(rule.require, node)
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
