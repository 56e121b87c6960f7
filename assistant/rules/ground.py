"""Whether a figure of a rule can be read in the words it is quoted from.

In: value, unit and bound as a rule file states them, and the quote. Out: an empty string, or what cannot be read
there and what the quote has instead, in Chinese.

One decision: the bound is what the words say, before the number (不得超过) or right behind its unit (以上), never what
would be sensible. `==` means that there is no such word, so a forgotten bound is found as well as a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from assistant.rules.numerals import Figure, FoundDate, find_dates, find_figures
from assistant.rules.pins import fold

_NOT = r"(?:不得?|不能|不应|不可|不宜|不要|不准|不许|不允许|未|没有|严禁|禁止)再?"
_BEFORE = re.compile(
    rf"(?P<ge>{_NOT}(?:低于|少于|小于|短于|早于)|至少|起码|(?:达到|等于)或者?超过|(?:最少|最低|最短)[为是]?$"
    r"|(?<![不未])(?:(?<!没有)达到|高?达$|(?<!圆)满$)|[≥]$|>=$)"
    rf"|(?P<le>{_NOT}(?:超过|多于|高于|大于|长于|晚于|迟于|超出|逾)|至多|(?:最多|最高|最长|最迟|最晚)[为是]?$|≤$|<=$)"
    r"|(?P<lt>低于|少于|小于|短于|(?:不足|不满|未满|不到)(?=.{0,8}$)|(?:没有|[不未])达到?|<$)"
    r"|(?P<gt>超过|多于|高于|大于|超出|逾$|突破$|>$)"
    r"|(?P<about>(?:大概|(?<![预节合条公契制])约)[为占是]?$)"
)
_BEHIND = re.compile(
    r"(?:\(含[^()]*\)|\))?[及或]?(?:(?P<ge>以上)|(?P<le>以下|以内|之内|内(?![地容部设外涵])|[以之]前|前(?![提款期沿景述往]))"
    r"|(?P<about>左右|上下))"
)
_BEHIND_DATE = re.compile(r"(?P<ge>起|以后|之后|后)")
_BOUNDS = {"ge": ">=", "le": "<=", "lt": "<", "gt": ">", "about": "~"}
_CLAUSE_END = re.compile(r"[,;。!?]")
_JOINED = re.compile(r"[和与及]")
_RANGE_MARKS = ("-", "~", "至", "到")
_FIRST_YEAR = 1900


class Mention(NamedTuple):
    """A figure or date of the quote with the words around it, folded.

    Attributes:
        value: the number, in the unit asked for where it is printed in another of the same kind; None for a date.
        before: back to the last ，；。 or the figure before.
        behind: from behind the unit on.
        bounds: what its words may be taken to say; the first is what they say plainly.
        word: the bound word, empty where there is none.
    """

    item: Figure | FoundDate
    value: Fraction | None
    unit: str
    before: str
    behind: str
    bounds: tuple[str, ...] = ("==",)
    word: str = ""


def find_fault(value: int | Fraction | date | tuple[int, ...], unit: str, bound: str, quote: str) -> str:
    """What of a figure cannot be read in its quote; empty where all of it can.

    Args:
        value: a share is below one (65% is 13/20), a ratio 1:20 is 20, a list is that of months.
        unit: as printed; `%` for a share, `比` for a ratio, `日期` for a date.
        bound: one of <= >= < > == ~.
    """
    mentions = find_mentions(quote, unit)
    if isinstance(value, tuple):
        near = [m for m in mentions if m.unit == unit]
        is_there = tuple(m.value for m in near) == value
        wrong = [m for m in near if bound not in m.bounds] if is_there else []
    else:
        near = [m for m in mentions if (_is_day(m, value) if isinstance(value, date) else m.value == value)]
        is_there = bool(near)
        measured = [m for m in near if m.unit == unit]
        if is_there and not measured:
            return _tell_unit(near[0], value, unit)
        wrong = measured if not any(bound in m.bounds for m in measured) else []
    if not is_there:
        return f"引文里没有 {_show(value, unit)}，{_show_all(mentions, quote)}"
    return _tell_bound(wrong[0], bound, quote) if wrong else ""


def _is_day(mention: Mention, day: date) -> bool:
    item = mention.item
    if isinstance(item, Figure):
        return False
    return (item.month, item.day) == (day.month, day.day) and item.year in (None, day.year)


# -- what stands in the quote --------------------------------------------------------------------------


def find_mentions(quote: str, unit: str) -> list[Mention]:
    """All figures and dates of a quote in order, each with its bounds; `unit` may be one not known otherwise."""
    items: list[Figure | FoundDate] = [*find_figures(quote), *find_dates(quote)]
    items.sort(key=lambda item: item.start)
    mentions: list[Mention] = []
    for item in items:
        ends = [other.end for other in items if other.end <= item.start and not _is_year(other)]
        between = fold(quote[max(ends, default=0) : item.start])
        before = _CLAUSE_END.split(between)[-1]
        mention = _measure(item, before, fold(quote[item.end :]), fold(unit))
        is_joined = bool(mentions) and before == between and bool(_JOINED.search(before))
        mentions.append(_read_bounds(mention, mentions[-1] if is_joined else None))
    return _add_ranges(mentions, quote)


def _measure(item: Figure | FoundDate, before: str, behind: str, unit: str) -> Mention:
    """Read value and unit of a figure, in the unit asked for where that is possible."""
    if isinstance(item, FoundDate):
        return Mention(item, None, "日期", before, behind)
    if (item.unit, unit) == ("万元", "元"):
        return Mention(item, item.value * 10_000, unit, before, behind)
    if not item.unit and unit and behind.startswith(unit):
        return Mention(item, item.value, unit, before, behind[len(unit) :])
    if not item.unit and unit == "人" and "人口" in before:
        return Mention(item, item.value, unit, before, behind)
    return Mention(item, item.value, item.unit, before, behind)


def _read_bounds(mention: Mention, joined: Mention | None) -> Mention:
    """Read the bound words: one behind the unit counts before one in front of the number."""
    found = _BEHIND.match(mention.behind)
    if not found and isinstance(mention.item, FoundDate):
        found = _BEHIND_DATE.match(mention.behind)
    if not found:
        found = next(reversed(list(_BEFORE.finditer(mention.before))), None)
    if found:
        kind = found.lastgroup or ""
        return mention._replace(bounds=(_BOUNDS[kind],), word=found[kind])
    return mention._replace(bounds=("==", *_find_other_bounds(mention, joined)))


def _find_other_bounds(mention: Mention, joined: Mention | None) -> list[str]:
    """Bounds that a bare figure may be given: 提前3天, 到2022年年底, 至少建设1所学院和1个中心."""
    others = []
    if mention.before.endswith("提前"):
        others.append(">=")
    if isinstance(mention.item, FoundDate) and mention.before.endswith(("到", "至")):
        others.append("<=")
    if joined and joined.word and not _BEHIND.match(joined.behind):
        others.append(joined.bounds[0])
    return others


def _add_ranges(mentions: list[Mention], quote: str) -> list[Mention]:
    """3—5年: the ends of a range are bounds of themselves."""
    for at, (low, high) in enumerate(pairwise(list(mentions))):
        if fold(quote[low.item.end : high.item.start]) in _RANGE_MARKS:
            mentions[at] = mentions[at]._replace(bounds=(*mentions[at].bounds, ">="))
            mentions[at + 1] = high._replace(bounds=(*high.bounds, "<="))
    return mentions


def _is_year(item: Figure | FoundDate) -> bool:
    """A year in passing parts no bound word from its number."""
    return isinstance(item, Figure) and item.unit == "年" and item.value > _FIRST_YEAR


# -- what is told --------------------------------------------------------------------------------------


def _tell_unit(mention: Mention, value: int | Fraction | date, unit: str) -> str:
    if not mention.unit:
        return f"引文里 {_show(value, '')} 后面没有单位“{unit}”"
    return f"引文里 {_show(value, '')} 的单位是“{mention.unit}”，不是“{unit}”"


def _tell_bound(mention: Mention, bound: str, quote: str) -> str:
    shown = fold(quote[mention.item.start : mention.item.end])
    wanted = "没有界限词（==）" if bound == "==" else f" {bound}"
    if not mention.word:
        return f"引文里 {shown} 没有界限词（==），不是{wanted}"
    return f"引文里 {shown} 的说法是“{mention.word}”（{mention.bounds[0]}），不是{wanted}"


def _show_all(mentions: Sequence[Mention], quote: str) -> str:
    shown = "、".join(fold(quote[m.item.start : m.item.end]) for m in mentions)
    return f"只有 {shown}" if shown else "也没有别的数字"


def _show(value: int | Fraction | date | tuple[int, ...], unit: str) -> str:
    if isinstance(value, date):
        return f"{value.month}月{value.day}日"
    if isinstance(value, tuple):
        return "、".join(f"{n}{unit}" for n in value)
    if unit == "比":
        return f"1:{_show_number(Fraction(value))}"
    return f"{_show_number(Fraction(value) * (100 if unit == '%' else 1))}{unit}"


def _show_number(number: Fraction) -> str:
    if number.denominator == 1:
        return str(number.numerator)
    exact = Decimal(number.numerator) / Decimal(number.denominator)
    return f"{exact:f}" if Fraction(exact) == number else f"{number.numerator}/{number.denominator}"
