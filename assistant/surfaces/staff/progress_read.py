"""A filled-in table → what each row is to reach and has done; what cannot be used is told by cell.

The law's figure is taken from the book, never from the table: a target that somebody has changed in his copy is told
and left out. A target that hangs on a fact nobody stated is unknown; it is never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from assistant.documents.normalize import squeeze
from assistant.errors import RequestInvalid
from assistant.rules.decide import Calculator
from assistant.rules.finding import Finding
from assistant.rules.interval import Interval
from assistant.rules.law import Cite, Quantity
from assistant.rules.show import show_number
from assistant.rules.statements import MONEY, MONEY_SCALE, Stated
from assistant.surfaces.staff.targets import DONE, GOAL, NAME, Target, list_columns, row_names
from assistant.surfaces.web.texts import load_texts
from assistant.surfaces.workbook_columns import (
    CellFault,
    RowReader,
    Table,
    expected_headers,
    match_columns,
    tell_missing,
)
from assistant.surfaces.workbook_mask import mask_text
from assistant.surfaces.workbook_read import Grid, Progress, show_cell

if TYPE_CHECKING:
    from assistant.rules.facts import Fact

_REPORT_EVERY = 200
_NEAR = 0.4


class Goal(NamedTuple):
    """What is to be reached.

    Attributes:
        amount: None where it is not known, or there is none (`applies` is False); then `reason` says why.
        trace: how it was computed; empty for a figure of the text.
    """

    amount: Fraction | None
    reason: str = ""
    trace: str = ""
    cites: tuple[Cite, ...] = ()
    applies: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the table.

    Attributes:
        number: of the row in the sheet.
        done: None where nothing was filled in.
        faults: what makes the row unusable.
        remarks: what is told of a row that is used.
    """

    number: int
    name: str
    goal: Goal
    done: Fraction | None
    faults: tuple[CellFault, ...] = ()
    remarks: tuple[str, ...] = ()


class Reading(NamedTuple):
    """A table as it was read."""

    entries: list[Entry]
    notices: tuple[str, ...]
    sheet: str


def read_progress(
    calculator: Calculator, target: Target, as_of: date, grid: Grid, progress: Progress
) -> Reading:
    """Read a filled-in table.

    Raises:
        RequestInvalid: it has not the columns that it must have.
    """
    columns = list_columns(calculator.book, target)
    facts = {fact.id: fact for fact in columns}
    if target.column is None:
        facts = {**calculator.book.facts, **facts}
    table = match_columns(grid, facts, expected_headers(columns))
    _require_columns(table, target, columns)
    goals = _RowGoals(target) if target.column else _ComputedGoals(calculator, target, as_of)
    reader, place = RowReader(calculator.book, table), place_of(table, NAME)
    entries = []
    for n, (number, row) in enumerate(zip(table.numbers, table.rows, strict=True)):
        if n % _REPORT_EVERY == 0:
            progress(load_texts()["progress"]["stage"], n, len(table.rows))
        read = reader.read(row)
        name = show_cell(row[place]) if place is not None and place < len(row) else ""
        found = read.faults or _find_inexact(read.stated, table)
        faults = tuple(fault._replace(text=mask_text(fault.text)) for fault in found)
        entry = Entry(number, mask_text(name), Goal(None), _number(read.stated.get(DONE)), faults)
        entries.append(entry if faults else goals.fill(entry, name, read.stated, place))
    entries = _flag_twice(entries, place)
    notices = (
        *table.notices,
        *goals.tell_missing(table, [fact.id for fact in columns]),
        *goals.tell_rest(entries),
    )
    return Reading(entries, notices, table.sheet)


def place_of(table: Table, fact: str) -> int | None:
    """The column of a fact."""
    return next((c.place for c in table.fact_columns if c.fact and c.fact.id == fact), None)


def _number(stated: Stated | None) -> Fraction | None:
    return (
        None if stated is None else Fraction(stated.value) if not isinstance(stated.value, Interval) else None
    )


def _find_inexact(stated: Mapping[str, Stated], table: Table) -> tuple[CellFault, ...]:
    """What is done is one number; a range of them measures nothing."""
    said = stated.get(DONE)
    if said is None or not isinstance(said.value, Interval):
        return ()
    told = load_texts()["progress"]["faults"]["inexact"].format(said.shown)
    return (CellFault(told, place_of(table, DONE)),)


def _require_columns(table: Table, target: Target, columns: Sequence[Fact]) -> None:
    texts = load_texts()["progress"]["faults"]
    needed = [fact for fact in columns if fact.id == DONE or (fact.id == NAME and target.column)]
    missing = [fact for fact in needed if place_of(table, fact.id) is None]
    if missing:
        raise RequestInvalid(
            texts["no_column"].format("、".join(expected_headers(missing))), hint=texts["no_column_hint"]
        )


def _flag_twice(entries: list[Entry], place: int | None) -> list[Entry]:
    """The entries, those of the same name flawed: nobody can tell which one counts."""
    texts = load_texts()["progress"]["faults"]
    rows: dict[str, list[int]] = {}
    for entry in entries:
        if entry.name:
            rows.setdefault(squeeze(entry.name), []).append(entry.number)
    flagged = []
    for entry in entries:
        others = [n for n in rows.get(squeeze(entry.name), ()) if n != entry.number]
        if others:
            fault = CellFault(texts["twice"].format(name=entry.name, row=others[0]), place)
            flagged.append(replace(entry, faults=(*entry.faults, fault)))
        else:
            flagged.append(entry)
    return flagged


# -- goals ---------------------------------------------------------------------------------------------


class _RowGoals:
    """Goals that stand in rows of an annex."""

    def __init__(self, target: Target) -> None:
        assert target.column
        self._column, self._table, self._unit = target.column.id, target.table, target.unit
        self._rows = row_names(target.table)
        self._by_name = {squeeze(name): name for name in self._rows}
        self._texts = load_texts()["progress"]

    def fill(self, entry: Entry, name: str, stated: Mapping[str, Stated], place: int | None) -> Entry:
        """An entry with its goal."""
        known = self._by_name.get(squeeze(name))
        if known is None:
            return replace(entry, faults=(CellFault(self._tell_unknown(name), place),))
        row = self._rows[known]
        amount = Fraction(row.values[self._column])
        said, remarks = _number(stated.get(GOAL)), entry.remarks
        if said is not None and said != amount:
            told = self._texts["faults"]["edited"]
            figures = {"said": show_number(said), "real": show_number(amount), "unit": self._unit}
            remarks = (*remarks, told.format(**figures))
        return replace(entry, name=known, goal=Goal(amount, cites=(row.cite,)), remarks=remarks)

    def _tell_unknown(self, name: str) -> str:
        texts = self._texts["faults"]
        if not name:
            return str(texts["no_name"])
        near = get_close_matches(squeeze(name), self._by_name, n=2, cutoff=_NEAR)
        found = [self._by_name[n] for n in near] or [k for k in self._rows if squeeze(name) in squeeze(k)]
        told = texts["unknown"].format(mask_text(name)[:40])
        return f"{told}{texts['near'].format('、'.join(found))}" if found else told

    def tell_missing(self, _table: Table, _columns: Sequence[str]) -> Iterator[str]:
        """A row needs nothing but its name."""
        return iter(())

    def tell_rest(self, entries: Sequence[Entry]) -> Iterator[str]:
        """The rows of the annex that the table has not, and the sum that the annex itself states."""
        there = {entry.name for entry in entries}
        if absent := [name for name in self._rows if name not in there]:
            yield self._texts["absent"].format("、".join(absent))


class _ComputedGoals:
    """Goals that the calculator finds for each row's facts."""

    def __init__(self, calculator: Calculator, target: Target, as_of: date) -> None:
        assert isinstance(target.rule, Quantity)
        self._calculator, self._rule, self._as_of = calculator, target.rule, as_of
        self._texts = load_texts()["progress"]
        self._known: dict[tuple[tuple[str, object], ...], Goal] = {}

    def fill(self, entry: Entry, _name: str, stated: Mapping[str, Stated], _place: int | None) -> Entry:
        """An entry with its goal."""
        facts = {f: s for f, s in stated.items() if f in self._calculator.book.facts}
        slot = tuple((f, s.value) for f, s in facts.items())
        if slot not in self._known:
            self._known[slot] = self._find(facts)
        return replace(entry, goal=self._known[slot])

    def _find(self, facts: dict[str, Stated]) -> Goal:
        finding = self._calculator.find(self._rule.key, facts, self._as_of)
        steps = [s for s in finding.steps if s.outcome != "not_applicable"]
        cites = tuple(dict.fromkeys(cite for step in steps for cite in step.all_cites))
        trace = "；".join(f"{s.label} {s.shown}".strip() for s in steps if s.shown and s.outcome == "pass")
        values = [amount.value for amount in finding.amounts]
        if finding.outcome != "pass" or len(values) != 1 or isinstance(values[0], Interval):
            applies = finding.outcome != "not_applicable"
            return Goal(None, self._tell_open(finding), "", cites, applies)
        scale = MONEY_SCALE if finding.amounts[0].unit == MONEY != self._rule.unit else 1
        return Goal(Fraction(values[0]) * scale, "", trace, cites)

    def _tell_open(self, finding: Finding) -> str:
        texts = self._texts["open"]
        if finding.outcome == "unknown":
            asked = [self._calculator.book.facts[ask.fact].label for ask in finding.asks]
            return str(texts["unknown"].format("、".join(asked)) if asked else texts["range"])
        if finding.outcome == "no_basis":
            return str(texts.get(finding.reason, texts["no_basis"]))
        return str(texts[finding.outcome])

    def tell_missing(self, table: Table, columns: Sequence[str]) -> Iterator[str]:
        """Facts that the table has no column for."""
        given = {column.fact.id for column in table.fact_columns if column.fact}
        facts = self._calculator.book.facts
        yield from tell_missing(facts[f] for f in columns if f in facts and f not in given)

    def tell_rest(self, _entries: Sequence[Entry]) -> Iterator[str]:
        """Nobody knows how many institutions there are."""
        return iter(())
