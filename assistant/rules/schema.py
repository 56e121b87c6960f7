"""What the rules of a `rules.yaml` may hold, key by key; the rest of the files is in `schema_files.py`.

In: parsed YAML. Out: frozen models, nothing guessed: an unknown key, a wrong type or a missing unit is an
error. Figures stand here only as the files have them; `book.py` binds them to clauses and compiles them.
"""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from assistant.models import Outcome

Bound = Literal["<=", ">=", "<", ">", "==", "~"]
"""What the words beside a figure say; `~` is 左右."""
Force = Literal["must", "encouraged", "approximate", "target"]
FactType = Literal["integer", "decimal", "share", "boolean", "choice", "date", "name", "names"]
Relation = Literal["none", "细化", "加严", "放宽", "授权", "废止", "范围不同", "口径不同"]
OUTCOMES: tuple[Outcome, ...] = ("pass", "fail", "unknown", "not_applicable", "conflict", "no_basis")

_DECIMAL = re.compile(r"-?\d+(?:\.\d+)?%?")
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_SNAKE = r"^[a-z][a-z0-9_]*$"
_KEBAB = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"

Name = Annotated[str, Field(pattern=_SNAKE, max_length=64)]
RuleId = Annotated[str, Field(pattern=_KEBAB, max_length=64)]
Label = Annotated[str, Field(min_length=1, max_length=60)]
Expression = Annotated[str, BeforeValidator(lambda v: v if isinstance(v, str) else _spell(v))]
Questions = tuple[Annotated[str, Field(min_length=2, max_length=100)], ...]


def _spell(value: object) -> object:
    """YAML reads `true`, `0` and `1` as values; as an expression they are words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


def read_figure(text: str) -> Fraction:
    """An exact figure as the files write it: `80`, `1.5`, `65%`.

    Raises:
        ValueError: not such a figure.
    """
    if not _DECIMAL.fullmatch(text):
        raise ValueError(text)
    return Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)


def _check_figure(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticCustomError("figure", "a truth value is no figure")
    if isinstance(value, str):
        if _ISO_DAY.fullmatch(value):
            return date.fromisoformat(value)
        try:
            read_figure(value)
        except ValueError:
            raise PydanticCustomError("figure", "not a figure") from None
    return value


FigureText = Annotated[str, AfterValidator(_check_figure)]
Figure = Annotated[int | date | FigureText | tuple[int, ...], BeforeValidator(_check_figure)]


class Model(BaseModel):
    """Frozen, and refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


ClausePath = Annotated[
    str, BeforeValidator(lambda v: v if isinstance(v, bool) else str(v)), Field(min_length=1)
]
"""A clause of one number only reads as an integer."""


class CiteData(Model):
    """A clause and the words of it that say so; `pin` is written by a command."""

    clause: ClausePath
    quote: str = Field(min_length=1)
    document: str = ""
    pin: str = ""


def _as_list(value: object) -> object:
    return [value] if isinstance(value, dict) else value


Cites = Annotated[tuple[CiteData, ...], BeforeValidator(_as_list)]


class DatedData(Model):
    """One value of a parameter and when it holds (`until` inclusive); `names` reads the quote's own list."""

    value: Figure | None = None
    names: bool = False
    from_: date | None = Field(None, alias="from")
    until: date | None = None
    cite: Cites = Field(min_length=1)

    @model_validator(mode="after")
    def _one_value(self) -> DatedData:
        if (self.value is None) != self.names:
            raise PydanticCustomError("one_value", "exactly one of value and names")
        return self


class ParameterData(Model):
    """A figure of the law."""

    label: Label
    unit: str = ""
    bound: Bound = "=="
    force: Force = "must"
    values: tuple[DatedData, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_unit(self) -> ParameterData:
        if not self.unit and not all(value.names for value in self.values):
            raise PydanticCustomError("unit", "a figure has a unit")
        return self


class ReadingData(Model):
    """One way to read a text that can be read in several."""

    label: Label
    require: Expression


class CheckData(Model):
    """One condition; `when` false makes it not applicable."""

    subject: Name
    label: Label
    when: Expression = ""
    require: Expression = ""
    readings: tuple[ReadingData, ...] = ()
    cite: Cites = ()
    force: Force = "must"
    questions: Questions = ()

    @model_validator(mode="after")
    def _one_condition(self) -> CheckData:
        if bool(self.require) == bool(self.readings) or len(self.readings) == 1:
            raise PydanticCustomError("one_condition", "require, or at least two readings")
        return self


class VerdictData(Model):
    """Several checks; `remind` ones do not stand in the way while unknown.

    Attributes:
        needs: facts without which the verdict does not pass, even where no check hangs on them.
        cite: the words that say what follows where it fails.
    """

    subject: Name
    label: Label
    when: Expression = ""
    all: tuple[str, ...] = Field(min_length=1)
    remind: tuple[str, ...] = ()
    needs: tuple[Name, ...] = ()
    cite: Cites = ()
    questions: Questions = ()


class TermData(Model):
    """One term of a quantity."""

    label: str = ""
    value: Expression
    when: Expression = ""


class RowsData(Model):
    """A figure over the rows of a table."""

    table: RuleId
    op: Literal["sum", "count", "max", "min"]
    column: Name
    where: Expression = ""


class RoundData(Model):
    """To a whole number, and why."""

    to: Literal["up", "down"]
    why: str = Field(min_length=1)


MECHANISMS = ("value", "cases", "sum", "product", "rows", "readings")


class QuantityData(Model):
    """A computed figure: one mechanism, then floors, ceilings and rounding in that order."""

    subject: Name
    label: Label
    unit: str = Field(min_length=1)
    when: Expression = ""
    value: Expression = ""
    cases: tuple[TermData, ...] = ()
    sum: tuple[TermData, ...] = ()
    product: tuple[Expression, ...] = ()
    rows: RowsData | None = None
    readings: tuple[TermData, ...] = ()
    at_least: tuple[TermData, ...] = ()
    at_most: tuple[TermData, ...] = ()
    round: RoundData | None = None
    bound: Bound = "=="
    force: Force = "must"
    cite: Cites = ()
    questions: Questions = ()

    @model_validator(mode="after")
    def _one_mechanism(self) -> QuantityData:
        if sum(bool(getattr(self, name)) for name in MECHANISMS) != 1:
            raise PydanticCustomError("one_mechanism", "exactly one mechanism")
        return self


Counts = Annotated[
    tuple[Name, ...], BeforeValidator(lambda v: [v] if isinstance(v, str) else v), Field(max_length=4)
]


class DeadlineData(Model):
    """A day counted from another; several parameters are readings that may differ.

    Attributes:
        after: the deadline that this one follows: while its own start is not stated, it begins between the
            start and the last day of that one.
        moved: whether a last day on a holiday becomes the next working day; not so for a least wait.
    """

    subject: Name
    label: Label
    from_: Expression = Field(alias="from")
    working_days: Counts = ()
    days: Counts = ()
    months: Counts = ()
    back: bool = False
    moved: bool = True
    after: RuleId | None = None
    when: Expression = ""
    cite: Cites = ()
    questions: Questions = ()

    @model_validator(mode="after")
    def _one_count(self) -> DeadlineData:
        if sum(bool(c) for c in (self.working_days, self.days, self.months)) != 1:
            raise PydanticCustomError("one_count", "exactly one of working_days, days, months")
        return self


class CountingData(Model):
    """Where it is laid down how days or months are counted, or what a last day on a holiday becomes."""

    unit: Literal["days", "months", "last_day"]
    cite: Cites = Field(min_length=1)


class TimelineData(Model):
    """Deadlines that follow each other."""

    subject: Name
    label: Label
    steps: tuple[RuleId, ...] = Field(min_length=1)
    questions: Questions = ()
