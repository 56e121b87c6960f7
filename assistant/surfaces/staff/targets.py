"""What progress can be measured against: figures of an annex, row by row, and quantities that each institution must reach.

In: a book. Out: `Target`s. Nothing is listed here by name: a table is a target where a column of it holds numbers, a
quantity where a check demands that a fact reaches it, or where it is a floor about the same kinds of subjects.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.rules.book import Book
from assistant.rules.facts import Fact, domain_of
from assistant.rules.language import Compare, Ref
from assistant.rules.law import Check, Column, Quantity, Rule, Table, TableRow
from assistant.rules.schema import FactType
from assistant.rules.schema_files import FactData
from assistant.surfaces.staff.sources import find_source
from assistant.surfaces.web.texts import load_texts
from assistant.surfaces.workbook_columns import find_missing_facts

if TYPE_CHECKING:
    from assistant.app import Assistant

NAME, DONE, GOAL = ":name", ":done", ":goal"
"""Ids of the columns that are no facts of the book; no fact has a colon in its id."""
_LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True)
class Target:
    """Figures to be reached.

    Attributes:
        key: of the quantity, or of the table with the id of its column behind a dot.
        column: of the table; None for a quantity.
        is_demanded: a check of the document demands that it is reached.
    """

    key: str
    label: str
    unit: str
    rule: Quantity | Table
    column: Column | None
    is_demanded: bool

    @property
    def table(self) -> Table:
        """The table, of a target that has a column."""
        assert isinstance(self.rule, Table)
        return self.rule


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """The targets of one document."""

    name: str
    targets: tuple[Target, ...]


def list_targets(book: Book) -> list[Target]:
    """All targets: figures of annexes and quantities that are demanded, then other floors."""
    demanded = dict(_find_demands(book))
    found = [target for table in book.tables.values() for target in _read_table(table)]
    found += [_make_target(book.quantities[key], is_demanded=True) for key in demanded]
    subjects = {book.quantities[key].subject for key in demanded}
    done = set(demanded.values())
    floors = (
        quantity
        for key, quantity in book.quantities.items()
        if key not in demanded
        and quantity.bound == ">="
        and quantity.subject in subjects
        and quantity.unit not in _RATIOS
        # What is still missing of a target is computed from what is done, and is none itself.
        and done.isdisjoint(book.needs(key).facts)
    )
    return found + [_make_target(quantity, is_demanded=False) for quantity in floors]


_RATIOS = ("%", "比")


def _make_target(quantity: Quantity, *, is_demanded: bool) -> Target:
    return Target(quantity.key, quantity.label, quantity.unit, quantity, None, is_demanded)


def _read_table(table: Table) -> Iterator[Target]:
    for column in table.columns:
        if column.kind == "number":
            label = f"{table.label}：{column.header}"
            yield Target(f"{table.key}.{column.id}", label, column.unit, table, column, is_demanded=True)


def _find_demands(book: Book) -> Iterator[tuple[str, str]]:
    """Quantities that a fact must reach, each with that fact."""
    for check in book.checks.values():
        for done, wanted in _read_demand(check):
            quantity = book.quantities.get(wanted)
            if quantity and done in book.facts and quantity.unit not in _RATIOS:
                yield wanted, done


def _read_demand(check: Check) -> Iterator[tuple[str, str]]:
    """Where a check says that one value is at least another: both."""
    for reading in check.readings:
        node = reading.require.node
        if isinstance(node, Compare) and isinstance(node.left, Ref) and isinstance(node.right, Ref):
            if node.op == ">=":
                yield node.left.key, node.right.key
            if node.op == "<=":
                yield node.right.key, node.left.key


def group_targets(assistant: Assistant) -> list[TargetGroup]:
    """The targets by document, those that are demanded first."""
    grouped: dict[tuple[str, bool], list[Target]] = {}
    for target in list_targets(assistant.calculator.book):
        grouped.setdefault((target.rule.document, target.is_demanded), []).append(target)
    others = load_texts()["progress"]["others"]
    groups = []
    for is_demanded in (True, False):
        for (_, demanded), targets in grouped.items():
            if demanded == is_demanded:
                rule: Rule = targets[0].rule
                source = find_source(assistant, rule)
                name = f"{source.region} {source.number or source.title}"
                groups.append(TargetGroup(name if is_demanded else others.format(name), tuple(targets)))
    return groups


# -- columns -------------------------------------------------------------------------------------------


def list_columns(book: Book, target: Target) -> list[Fact]:
    """The columns of the table that is filled in for a target, the name first and what is done last."""
    texts = load_texts()["progress"]["columns"]
    if target.column is None:
        facts = find_missing_facts(book, target.key, ())
        return [_pseudo(NAME, texts["name"]), *facts, _done(target, texts["done"], is_whole=False)]
    table = target.table
    others = [
        _pseudo(f":{column.id}", column.header)
        for column in table.columns
        if column.kind != "number" and column.id != table.key_column
    ]
    key = next(column for column in table.columns if column.id == table.key_column)
    figures = [row.values[target.column.id] for row in table.rows if target.column.id in row.values]
    label = target.column.header.removesuffix(f"（{target.unit}）").removesuffix(f"({target.unit})")
    return [
        _pseudo(NAME, key.header),
        *others,
        _pseudo(GOAL, label or target.column.header, "decimal", target.unit),
        _done(target, texts["done"], is_whole=all(isinstance(figure, int) for figure in figures)),
    ]


def row_names(table: Table) -> dict[str, TableRow]:
    """The rows by name; rows that have the same name are told apart by their clause."""
    names = [str(row.values[table.key_column]) for row in table.rows]
    return {
        name if names.count(name) == 1 else f"{name}（{row.clause.label}）": row
        for name, row in zip(names, table.rows, strict=True)
    }


def _done(target: Target, label: str, *, is_whole: bool) -> Fact:
    return _pseudo(DONE, label, "integer" if is_whole else "decimal", target.unit)


def _pseudo(id_: str, label: str, type_: FactType = "name", unit: str = "") -> Fact:
    """A column as a fact, so that its cells are read and told of like any other."""
    texts = load_texts()["progress"]["ask"]
    least = 0 if type_ in ("integer", "decimal") else None
    data = FactData(
        label=label[:_LONGEST_LABEL],
        type=type_,
        unit=unit,
        min=least,
        ask=texts[id_ if id_ in texts else "other"],
    )
    return Fact(id_, data, domain_of(data))
