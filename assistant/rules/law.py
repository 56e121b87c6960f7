"""The words of the calculator: parameters, checks, verdicts, quantities, deadlines, tables, bound to clauses.

Built by `bind.py` from the files of one document and never changed afterwards. A key is
`<document>/<id>` and is unique over all kinds; facts alone have bare ids, since all documents share them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from assistant.models import Cell, Clause
from assistant.rules.evaluate import Evaluate
from assistant.rules.interval import Value
from assistant.rules.language import Kind, Node
from assistant.rules.pins import Drift
from assistant.rules.schema import Bound, Force, Relation

CountUnit = Literal["working_days", "days", "months"]


@dataclass(frozen=True, slots=True)
class Cite:
    """Words of a clause that a rule rests on; `drift` says whether they still stand as pinned."""

    document: str
    clause_id: str
    start: int
    end: int
    drift: Drift


@dataclass(frozen=True, slots=True)
class Dated:
    """One value of a parameter, how it is shown, and the days it holds (None: open, both inclusive)."""

    value: Any
    shown: str
    since: date | None
    until: date | None
    cites: tuple[Cite, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A figure of the law; `values` are ordered by their first day."""

    key: str
    id: str
    document: str
    label: str
    unit: str
    bound: Bound
    force: Force
    kind: Kind
    values: tuple[Dated, ...]

    def value_at(self, as_of: date) -> Dated | None:
        """The value in force on a day; None where there is none or its clause is stale."""
        for dated in reversed(self.values):
            if (dated.since is None or dated.since <= as_of) and (
                dated.until is None or as_of <= dated.until
            ):
                return None if any(cite.drift == "stale" for cite in dated.cites) else dated
        return None


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression; `refs` are the keys it names, in reading order."""

    text: str
    node: Node
    evaluate: Evaluate
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What all kinds of rules have."""

    key: str
    id: str
    document: str
    subject: str
    label: str
    questions: tuple[str, ...] = ()
    cites: tuple[Cite, ...] = ()
    force: Force = "must"


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a text."""

    label: str
    require: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Rule):
    """One condition: one reading, or several where the text is open."""

    when: Expression | None
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict(Rule):
    """Checks that must all hold; `reminders` block only where they are broken.

    Its `cites` are the words that say what follows where it fails.

    Attributes:
        facts: what must be known before it passes.
    """

    when: Expression | None
    checks: tuple[str, ...]
    reminders: tuple[str, ...]
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a quantity."""

    label: str
    value: Expression
    when: Expression | None


@dataclass(frozen=True, slots=True)
class RowSum:
    """A figure over the rows of a table."""

    table: str
    op: Literal["sum", "count", "max", "min"]
    column: str
    where: Expression | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity(Rule):
    """A computed figure; exactly one of the first mechanisms is set."""

    unit: str
    bound: Bound
    when: Expression | None
    cases: tuple[Term, ...]
    sum: tuple[Term, ...]
    product: tuple[Term, ...]
    rows: RowSum | None
    readings: tuple[Term, ...]
    at_least: tuple[Term, ...]
    at_most: tuple[Term, ...]
    round_to: Literal["", "up", "down"]
    round_why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline(Rule):
    """A day counted from another; several `counts` are readings of the texts."""

    start: Expression
    count_unit: CountUnit
    counts: tuple[str, ...]
    back: bool
    moved: bool
    after: str
    when: Expression | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline(Rule):
    """Deadlines one after the other."""

    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of an annex: its clause and its cells as values by column, with where each stands."""

    clause: Clause
    values: dict[str, Any]
    cells: dict[str, Cell]
    cite: Cite


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    id: str
    header: str
    kind: Kind
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Rule):
    """Typed rows of an annex."""

    key_column: str
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a conflict; `parameter` is its key, empty where a clause alone speaks."""

    parameter: str
    cites: tuple[Cite, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A disagreement that is stated, not resolved."""

    key: str
    document: str
    label: str
    sides: tuple[Side, ...]
    statement: str
    relation: Relation
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A test beside the rules; see `schema.ExampleData`."""

    name: str
    rule: str
    facts: dict[str, object]
    as_of: date | None
    region: str
    outcome: str
    value: Value | None
    unit: str
    day: date | None
    fails: tuple[str, ...] | None
