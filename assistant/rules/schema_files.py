"""What `rules.yaml` and `facts.yaml` hold as a whole: tables, conflicts, waivers, examples, facts.

In: parsed YAML. Out: frozen models; see `schema.py` for the rules themselves.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from assistant.rules.schema import (
    CheckData,
    CiteData,
    ClausePath,
    CountingData,
    DeadlineData,
    Expression,
    FactType,
    FigureText,
    Label,
    Model,
    Name,
    ParameterData,
    QuantityData,
    Questions,
    Relation,
    RuleId,
    TimelineData,
    VerdictData,
)


class ColumnData(Model):
    """A typed column of an annex table; `names` is split at 、."""

    header: str = Field(min_length=1)
    type: Literal["text", "names", "integer", "decimal"]
    unit: str = ""

    @model_validator(mode="after")
    def _has_unit(self) -> ColumnData:
        if self.type in ("integer", "decimal") and not self.unit:
            raise PydanticCustomError("unit", "a figure has a unit")
        return self


class TotalData(Model):
    """The total that a table states itself."""

    clause: ClausePath
    column: Name
    quote: str = Field(min_length=1)
    pin: str = ""


class TableData(Model):
    """The rows of an annex, read from the parsed text."""

    label: Label
    annex: str = Field(min_length=1)
    key: Name
    columns: dict[Name, ColumnData] = Field(min_length=1)
    total: TotalData | None = None
    questions: Questions = ()


class SideData(Model):
    """One side of a conflict: a parameter (of another document as `document/name`) or a clause."""

    parameter: str = ""
    cite: CiteData | None = None
    document: str = ""

    @model_validator(mode="after")
    def _one_side(self) -> SideData:
        if bool(self.parameter) == (self.cite is not None):
            raise PydanticCustomError("one_side", "parameter or cite")
        return self


class ConflictData(Model):
    """A disagreement that is stated, not resolved."""

    label: Label
    sides: tuple[SideData, ...] = Field(min_length=2)
    statement: str = Field(min_length=1)
    relation: Relation = "none"
    questions: Questions = ()


class WaivedData(Model):
    """A figure of the text that is deliberately not encoded."""

    clause: ClausePath
    quote: str = Field(min_length=1)
    why: str = Field(min_length=1)


class Expected(Model):
    """What an example must give; only what is named is compared."""

    outcome: str = ""
    value: int | FigureText | None = None
    unit: str = ""
    day: date | None = Field(None, alias="date")
    fails: tuple[str, ...] | None = None


def _read_expected(value: object) -> object:
    return {"outcome": value} if isinstance(value, str) else value


class ExampleData(Model):
    """A test beside the rules."""

    name: str = Field(min_length=1)
    rule: str = Field(min_length=1)
    facts: dict[str, object] = Field(default_factory=dict)
    as_of: date | None = None
    region: str = ""
    expect: Annotated[Expected, BeforeValidator(_read_expected)]


class RuleFile(Model):
    """`rules.yaml` of one document."""

    counting: tuple[CountingData, ...] = ()
    parameters: dict[Name, ParameterData] = Field(default_factory=dict)
    checks: dict[RuleId, CheckData] = Field(default_factory=dict)
    verdicts: dict[RuleId, VerdictData] = Field(default_factory=dict)
    quantities: dict[RuleId, QuantityData] = Field(default_factory=dict)
    deadlines: dict[RuleId, DeadlineData] = Field(default_factory=dict)
    timelines: dict[RuleId, TimelineData] = Field(default_factory=dict)
    tables: dict[RuleId, TableData] = Field(default_factory=dict)
    conflicts: dict[RuleId, ConflictData] = Field(default_factory=dict)
    waived: tuple[WaivedData, ...] = ()
    examples: tuple[ExampleData, ...] = ()


class FactData(Model):
    """A fact that rules may ask for.

    Attributes:
        aliases: other words for a choice.
        derive: expression over other facts, used where the fact itself is not stated.
        adjustable: whether a repair may change it; `split` is what too much of it is divided into.
        cost: 1 known at once, 2 to look up, 3 to find out.
    """

    label: Label
    type: FactType
    unit: str = ""
    min: int | FigureText | None = None
    max: int | FigureText | None = None
    choices: tuple[str, ...] = ()
    aliases: dict[str, str] = Field(default_factory=dict)
    table: str = ""
    column: Name | None = None
    derive: Expression = ""
    ask: str = Field(min_length=2)
    wording: tuple[str, ...] = ()
    adjustable: bool = False
    split: str = ""
    cost: int = Field(1, ge=1, le=9)

    @model_validator(mode="after")
    def _is_complete(self) -> FactData:
        if self.type in ("integer", "decimal") and not self.unit:
            raise PydanticCustomError("unit", "a figure has a unit")
        if (self.type == "choice") != bool(self.choices) or set(self.aliases.values()) - set(self.choices):
            raise PydanticCustomError("choices", "a choice has choices")
        return self


class ConstraintData(Model):
    """Facts that contradict each other where `require` is false."""

    require: Expression
    message: str = Field(min_length=1)


class FactFile(Model):
    """`corpus/facts.yaml`."""

    facts: dict[Name, FactData] = Field(default_factory=dict)
    constraints: tuple[ConstraintData, ...] = ()
