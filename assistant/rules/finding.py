"""What the calculator found: outcomes with their trace, what is worth asking, what would pass.

Values only; wording and numbering of citations are the dialogue's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import NamedTuple, Protocol

from assistant.models import Outcome
from assistant.rules.interval import Value
from assistant.rules.language import Kind
from assistant.rules.law import Cite, Conflict, Dated, Parameter, Rule
from assistant.rules.schema import Bound, Force
from assistant.rules.schema_files import FactData


class Used(NamedTuple):
    """A figure of the law that a step read."""

    parameter: Parameter
    dated: Dated


class Step(Protocol):
    """One executed condition or term.

    Attributes:
        shown: the expression with its values, as it turned out; `when` likewise says why it applies.
        margin: by how much a comparison holds (negative: fails), None where that has no meaning.
        facts: the stated facts it read, as they were stated.
        all_cites: the clauses behind it, those of its figures first.
        is_reminder: a process rule, which blocks only where it is broken.
    """

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def label(self) -> str: ...  # noqa: D102
    @property
    def outcome(self) -> Outcome: ...  # noqa: D102
    @property
    def shown(self) -> str: ...  # noqa: D102
    @property
    def when(self) -> str: ...  # noqa: D102
    @property
    def margin(self) -> str | None: ...  # noqa: D102
    @property
    def facts(self) -> Mapping[str, str]: ...  # noqa: D102
    @property
    def used(self) -> tuple[Used, ...]: ...  # noqa: D102
    @property
    def all_cites(self) -> tuple[Cite, ...]: ...  # noqa: D102
    @property
    def force(self) -> Force: ...  # noqa: D102
    @property
    def is_reminder(self) -> bool: ...  # noqa: D102


class TermStep(NamedTuple):
    """A step of a quantity, deadline or table, already put into words; see `Step`."""

    id: str
    label: str
    outcome: Outcome
    shown: str
    when: str = ""
    margin: str | None = None
    facts: Mapping[str, str] = MappingProxyType({})
    used: tuple[Used, ...] = ()
    cites: tuple[Cite, ...] = ()
    force: Force = "must"
    is_reminder: bool = False

    @property
    def all_cites(self) -> tuple[Cite, ...]:
        """The clauses behind the step: those of its figures first."""
        return join_cites(self.used, self.cites)


def join_cites(used: tuple[Used, ...], cites: tuple[Cite, ...]) -> tuple[Cite, ...]:
    """The clauses of figures, then further ones, each once."""
    return tuple(dict.fromkeys([*(cite for u in used for cite in u.dated.cites), *cites]))


class Amount(NamedTuple):
    """A computed figure; an interval where facts are missing. `kind` tells a share or a day from a number."""

    value: Value
    kind: Kind
    unit: str
    bound: Bound = "=="


class Ask(NamedTuple):
    """A fact still worth asking, and the clauses that make it so."""

    fact: str
    data: FactData
    cites: tuple[Cite, ...]


class Repair(NamedTuple):
    """A change that makes a failing verdict pass.

    Attributes:
        changes: new values by fact, as shown.
        note: what it amounts to where the values alone do not say it, such as 分成2个班.
        is_certified: the verdict was decided again with the change and passed.
    """

    changes: dict[str, str]
    note: str
    is_certified: bool
    cites: tuple[Cite, ...]


class Finding(NamedTuple):
    """What was decided about one rule.

    Attributes:
        amounts: the computed figure; two or more where texts disagree.
        reason: why there is no basis, or why a figure is a range; empty otherwise.
        conflicts: declared disagreements about figures that were used.
        stable_until: last day on which the same comes out, None where no change is known.
    """

    rule: Rule | Parameter
    outcome: Outcome
    steps: tuple[Step, ...] = ()
    amounts: tuple[Amount, ...] = ()
    asks: tuple[Ask, ...] = ()
    repairs: tuple[Repair, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    reason: str = ""
    stable_until: date | None = None
