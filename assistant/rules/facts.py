"""What the asker states → values: exact points, intervals, choices; never a guess.

In: fact ids and what was said of them (`85`, `85人`, `<80`, `40..49`, `65%`, `是`). Out: values of the
environment and how each is shown. Whatever cannot be read is a `Fault` that names the fact in Chinese, so
that one bad cell never hides the others.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from fractions import Fraction
from typing import Any, NamedTuple

from assistant.documents.normalize import squeeze
from assistant.rules import interval
from assistant.rules.interval import Bound, Interval, Value
from assistant.rules.language import Node
from assistant.rules.schema import FactType, read_figure
from assistant.rules.schema_files import FactData
from assistant.rules.short_names import short_forms
from assistant.rules.show import show_value
from assistant.rules.statements import (
    DAY,
    LARGEST,
    LONGEST,
    MONEY,
    QUANTITY,
    SCALES,
    UNKNOWN_WORDS,
    Stated,
    Unreadable,
    as_text,
    read_range,
    read_truth,
    shorten_text,
    whole_numbers,
)

ANY_DAY = Interval(date(1949, 10, 1).toordinal(), date(2200, 12, 31).toordinal())
"""A day of which nothing is known."""
_YES, _NO = Stated(True, "是"), Stated(False, "否")


class Fault(NamedTuple):
    """What is wrong with one stated fact."""

    fact: str
    message: str
    hint: str = ""
    spoken: str = ""
    """The message for somebody in a conversation: without the bounds, which no text has."""


@dataclass(slots=True)
class Fact:
    """A fact that rules may ask for; never changed.

    Attributes:
        unknown: its value while nothing is stated: the whole domain.
        formula: what it is computed from where it is not stated; None for a fact that is only stated.
        names: what a name may be, squeezed; None for any.
        label, type, unit: as `data` has them.
        least, most: bounds of a whole number; empty for other types.
        exact: values that need no reading.
    """

    id: str
    data: FactData
    unknown: Any
    formula: Node | None = None
    names: frozenset[str] | None = None
    label: str = field(init=False)
    type: FactType = field(init=False)
    unit: str = field(init=False)
    least: Bound = field(init=False, default=1)
    most: Bound = field(init=False, default=0)
    exact: dict[object, Stated] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.label, self.type, self.unit = self.data.label, self.data.type, self.data.unit
        if self.type == "integer":
            self.least, self.most = interval.as_interval(self.unknown)[:2]
        elif self.type == "choice":
            words = {choice: choice for choice in self.data.choices} | self.data.aliases
            self.exact = {word: Stated(frozenset([choice]), choice) for word, choice in words.items()}

    def state(self, given: object) -> Stated | Fault | None:
        """Read what was said of this fact; None where it was said to be unknown."""
        if given.__class__ is int:
            if self.least <= given <= self.most:
                return Stated(given, str(given), self.unit)
        elif given.__class__ is bool:
            if self.type == "boolean":
                return _YES if given else _NO
        elif given.__class__ is str and given in self.exact:
            return self.exact[given]
        if isinstance(given, int) and abs(given) > LARGEST:
            return Fault(self.id, f"{self.label}：数字太大", _HINTS[self.type].format(unit=self.data.unit))
        text = as_text(given)
        if text is None:
            return Fault(self.id, f"{self.label}：读不懂这个值")
        if text.lower() in UNKNOWN_WORDS:
            return None
        try:
            return self._read(text)
        except Unreadable as exc:
            hint = _HINTS[self.type].format(unit=self.data.unit)
            return Fault(
                self.id, f"{self.label}：{exc}", hint, f"{self.label}{exc.spoken}" if exc.spoken else ""
            )

    def _read(self, text: str) -> Stated:
        if self.type == "boolean":
            return read_truth(text)
        if self.type == "choice":
            return self._read_choice(text)
        if self.type in ("name", "names"):
            return self._read_names(text)
        if self.type == "date":
            return self._within_domain(read_range(text, self._read_day, self.show_point, ""))
        stated = read_range(text, self._read_number, self.show_point, self._unit_of(text))
        return self._within_domain(stated)

    def _read_choice(self, text: str) -> Stated:
        wanted = squeeze(text)
        exact = [c for word, s in self.exact.items() if squeeze(str(word)) == wanted for c in s.value]
        near = exact or [c for c in self.data.choices if len(wanted) > 1 and wanted in squeeze(c)]
        if len(near) != 1:
            raise Unreadable(f"没有选项“{shorten_text(text)}”，可选：{'、'.join(self.data.choices)}")
        return Stated(frozenset(near), near[0])

    def _read_names(self, text: str) -> Stated:
        pieces = re.split(r"[,;、]", text) if self.type == "names" else [text]
        names = [self._find_name(squeeze(piece)) for piece in pieces if piece.strip()]
        if not names:
            raise Unreadable("没有写名称")
        shown = "、".join(dict.fromkeys(names))
        return Stated(frozenset(names) if self.type == "names" else names[0], shown)

    def _find_name(self, name: str) -> str:
        if self.names is None or name in self.names:
            return name
        if name in (short := short_forms(self.names)):
            return short[name]
        near = sorted(known for known in self.names if len(name) > 1 and name in known)
        if len(near) != 1:
            more = f"；相近的有：{'、'.join(near)}" if near else ""
            raise Unreadable(f"表里没有“{shorten_text(name)}”{more}")
        return near[0]

    def _read_day(self, text: str) -> int:
        match = DAY.fullmatch(text)
        if not match:
            raise Unreadable(f"“{shorten_text(text)}”不是日期")
        try:
            return date(*(int(part) for part in match.groups())).toordinal()
        except ValueError:
            raise Unreadable(f"没有 {text} 这一天") from None

    def _read_number(self, text: str) -> Fraction:
        match = QUANTITY.fullmatch(text)
        if not match:
            raise Unreadable(f"“{shorten_text(text)}”不是数字")
        if len(match["n"]) > LONGEST:
            raise Unreadable(f"数字太大：{shorten_text(text)}")
        number = Fraction(match["n"].replace(",", "")) * self._scale(match["unit"], text)
        if abs(number) > LARGEST:
            raise Unreadable(f"数字太大：{shorten_text(text)}")
        if self.type == "integer" and number.denominator != 1:
            raise Unreadable(f"应为整数，不能是 {shorten_text(text)}")
        return number

    def _scale(self, unit: str, text: str) -> Fraction:
        if self.type == "share":
            if unit == "%":
                return Fraction(1, 100)
            if unit:
                raise Unreadable(f"单位不对：{shorten_text(text)}，应为百分数")
            return Fraction(1)
        if unit in ("", self.data.unit):
            return Fraction(1)
        scale = SCALES.get(self.data.unit, {}).get(unit)
        if scale is None:
            raise Unreadable(f"单位不对：{shorten_text(text)}，应为{self.data.unit}")
        return Fraction(scale)

    def _unit_of(self, text: str) -> str:
        if self.data.unit == "元" and re.search(r"\d万", text):
            return MONEY
        return self.data.unit

    def _within_domain(self, stated: Stated) -> Stated:
        """Refuse what is impossible; a range is cut to what is possible."""
        value, domain = stated.value, self.unknown
        if self.type in ("integer", "date"):
            value = whole_numbers(interval.as_interval(value))
        possible = interval.intersect(value, domain)
        if possible is None or (not isinstance(value, Interval) and possible != value):
            raise Unreadable(
                f"不可能是 {stated.shown}，应{self._show_domain(domain)}", spoken=f"不像是 {stated.shown}"
            )
        return Stated(possible, stated.shown, stated.unit)

    def _show_domain(self, domain: Value) -> str:
        low, high = interval.as_interval(domain)[:2]
        pieces = [] if math.isinf(low) else [f"不小于 {self.show_point(low)}"]
        pieces += [] if math.isinf(high) else [f"不大于 {self.show_point(high)}"]
        return "，".join(pieces) or "为数字"

    def show(self, value: Any) -> str:
        """A value of this fact as a reader sees it, without its unit; 未知 where nothing is known."""
        if value is None or value == self.unknown:
            return "未知"
        if self.type == "boolean":
            return "是" if value else "否"
        if isinstance(value, frozenset):
            return "、".join(sorted(value))
        if self.type == "name":
            return str(value)
        return show_value(value, self.show_kind)

    @property
    def show_kind(self) -> str:
        """How its numbers are shown."""
        return self.type if self.type in ("share", "date") else "number"

    def show_point(self, point: Bound) -> str:
        """One number of this fact."""
        return show_value(point, self.show_kind)  # type: ignore[arg-type]


_HINTS: dict[FactType, str] = {
    "integer": "写整数，如 85、85{unit}；只知道范围写 <80 或 40..49；不知道就不填",
    "decimal": "写数字，如 60、60{unit}；只知道范围写 <80 或 40..49；不知道就不填",
    "share": "写百分数，如 85%；不知道就不填",
    "boolean": "写 是 或 否；不知道就不填",
    "choice": "从所列选项中选一个；不知道就不填",
    "date": "写成 2021-05-10；不知道就不填",
    "name": "写名称；不知道就不填",
    "names": "写名称，几个之间用顿号；不知道就不填",
}


def read_facts(
    given: Mapping[str, object], catalogue: Mapping[str, Fact]
) -> tuple[dict[str, Stated], list[Fault]]:
    """Read all that was stated; what cannot be read is told, the rest is kept."""
    stated: dict[str, Stated] = {}
    faults: list[Fault] = []
    for name, value in given.items():
        fact = catalogue.get(name) or _by_label(name, catalogue)
        if fact is None:
            faults.append(Fault(name, f"不认识的事实：{shorten_text(name)}", _suggest(name, catalogue)))
            continue
        read = fact.state(value)
        if read.__class__ is Stated and fact.id not in stated:
            stated[fact.id] = read
        elif isinstance(read, Fault):
            faults.append(read)
        elif read is not None and stated[fact.id].value != read.value:
            faults.append(Fault(fact.id, f"{fact.label}：说了两个不同的值"))
    return stated, faults


def _suggest(name: str, catalogue: Mapping[str, Fact]) -> str:
    """What was probably meant: the facts whose label or identifier is spelt most alike."""
    spelt = {squeeze(fact.label): fact.id for fact in catalogue.values()} | {key: key for key in catalogue}
    ids = dict.fromkeys(spelt[near] for near in get_close_matches(squeeze(name), spelt, n=3, cutoff=0.5))
    meant = "、".join(f"{catalogue[key].label}（{key}）" for key in ids)
    every = "用 tiaowen rules facts 查看全部事实"
    return f"是不是：{meant}？{every}" if meant else every


def _by_label(name: str, catalogue: Mapping[str, Fact]) -> Fact | None:
    wanted = squeeze(name)
    return next((fact for fact in catalogue.values() if squeeze(fact.label) == wanted), None)


def domain_of(data: FactData) -> Any:
    """The value of a fact of which nothing is known."""
    if data.type == "choice":
        return frozenset(data.choices)
    if data.type in ("boolean", "name", "names"):
        return None
    if data.type == "date":
        return ANY_DAY
    if data.type == "share" and data.min is None and data.max is None:
        return Interval(0, 1)
    low: Bound = -math.inf if data.min is None else interval.simplify(_figure(data.min))
    high: Bound = math.inf if data.max is None else interval.simplify(_figure(data.max))
    return Interval(low, high)


def _figure(value: int | str) -> Fraction:
    return read_figure(str(value))
