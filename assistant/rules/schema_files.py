"""What `rules.yaml` and `facts.yaml` hold as a whole: tables, conflicts, waivers, examples, facts.

In: parsed YAML. Out: frozen models; see `schema.py` for the rules themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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


Patterns = tuple[Annotated[str, Field(min_length=1)], ...]

TOKENS: dict[FactType, frozenset[str]] = {
    "integer": frozenset(["NUM", "YEAR"]),
    "decimal": frozenset(["NUM", "NUMS", "RATIO"]),
    "share": frozenset(["SHARE", "NUM"]),
    "date": frozenset(["DATE"]),
    "name": frozenset(["NAME"]),
    "names": frozenset(["NAME"]),
}
"""The tokens by which a pattern may give the value of a fact; yes or no and choices have none."""

# Normalised text has no capitals, so every word in capitals is meant as a token; \\B and (?P<n>) are syntax.
_CAPITALS = re.compile(r"(?<![A-Za-z\\])[A-Z]+(?![A-Za-z])")
_GROUP_NAME = re.compile(r"\(\?P[<=]\w+|\(\?[a-zA-Z]+(?=[):-])")


class FactData(Model):
    """A fact that rules may ask for.

    Attributes:
        aliases: other words for a choice.
        derive: expression over other facts, used where the fact itself is not stated.
        adjustable: whether a repair may change it; `split` is what too much of it is divided into.
        each: the thing, with its counter, that it is a figure of, where people may give that of several together.
        cost: 1 known at once, 2 to look up, 3 to find out.
        wording: regular expressions by which people state it, over normalised text in which each quantity is a
            token; a list for figures, days and names, by `yes` and `no` or by choice for what has no token.
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
    wording: Patterns | dict[str, Patterns] = ()
    adjustable: bool = False
    split: str = ""
    each: str = ""
    cost: int = Field(1, ge=1, le=9)

    @model_validator(mode="after")
    def _is_complete(self) -> FactData:
        if self.type in ("integer", "decimal") and not self.unit:
            raise PydanticCustomError("unit", "a figure has a unit")
        if (self.type == "choice") != bool(self.choices) or set(self.aliases.values()) - set(self.choices):
            raise PydanticCustomError("choices", "a choice has choices")
        return self

    @model_validator(mode="after")
    def _wording_is_readable(self) -> FactData:
        if self.wording:
            self._check_shape()
        for pattern in self._patterns():
            self._check_pattern(pattern)
        return self

    def _check_shape(self) -> None:
        """A mapping by yes and no, a mapping by choice, or a list."""
        is_mapping, keys = isinstance(self.wording, dict), list(self.wording)
        if self.type == "boolean":
            if not is_mapping or sorted(keys) != ["no", "yes"] or not all(self._by_key().values()):
                raise PydanticCustomError(
                    "wording_truth", "boolean 的 wording 恰好写 yes 和 no，各至少一个说法"
                )
        elif self.type == "choice":
            if not is_mapping or set(keys) - set(self.choices):
                raise PydanticCustomError(
                    "wording_choice", "choice 的 wording 按选项写，键只能是 choices 里的选项"
                )
        elif is_mapping:
            raise PydanticCustomError(
                "wording_list", "wording 应为列表；只有 boolean 和 choice 写成“键: 列表”"
            )

    def _by_key(self) -> dict[str, Patterns]:
        return self.wording if isinstance(self.wording, dict) else {"": self.wording}

    def _patterns(self) -> Iterator[str]:
        for patterns in self._by_key().values():
            yield from patterns

    def _check_pattern(self, pattern: str) -> None:
        """It compiles and has exactly one token of the right kind, or none where the words are the value."""
        try:
            re.compile(pattern)
        except (re.error, OverflowError) as exc:
            raise PydanticCustomError(
                "wording_pattern",
                "wording 里的 {pattern} 不是正则式：{why}",
                {"pattern": pattern, "why": str(exc)},
            ) from None
        found = _CAPITALS.findall(_GROUP_NAME.sub("", pattern))
        wanted = TOKENS.get(self.type, frozenset())
        if len(found) != bool(wanted) or set(found) - wanted:
            raise PydanticCustomError(
                "wording_token",
                "wording 里的 {pattern} 应{wanted}",
                {
                    "pattern": pattern,
                    "wanted": f"恰好有一个 {' 或 '.join(sorted(wanted))}" if wanted else "没有大写的记号",
                },
            )


class ConstraintData(Model):
    """Facts that contradict each other where `require` is false."""

    require: Expression
    message: str = Field(min_length=1)


class FactFile(Model):
    """`corpus/facts.yaml`."""

    facts: dict[Name, FactData] = Field(default_factory=dict)
    constraints: tuple[ConstraintData, ...] = ()
