"""What people write for a value → the value: `85`, `85人`, `<80`, `40..49`, `65%`, `是`, `2021-05-10`.

In: text and how its points are read and shown. Out: `Stated`. What cannot be read is an `Unreadable` whose message
is Chinese; nothing is rounded and no unit is assumed but the fact's own.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from assistant.documents.normalize import squeeze
from assistant.rules import interval
from assistant.rules.interval import Interval, Value

LARGEST = 10**15
"""Beyond this a number is a slip of the hand."""
LONGEST = 100
"""Characters of a number; what is longer is no figure anybody stated, and slow to read."""
_TRUE = frozenset(["是", "有", "对", "true", "yes", "y", "1", "√", "已", "真"])
_FALSE = frozenset(["否", "没有", "无", "不是", "false", "no", "n", "0", "×", "x", "未", "假"])
UNKNOWN_WORDS = frozenset(["", "?", "未知", "不知道", "不清楚", "待定", "unknown"])
_NUMBER = r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-+]?\d+(?:\.\d+|/[1-9]\d*)?|[-+]?\.\d+"
QUANTITY = re.compile(rf"(?P<n>{_NUMBER})(?P<unit>[^\d.<>=~]*)")
_BOUNDED = re.compile(r"(?P<op><=|>=|<|>|≤|≥)(?P<rest>.+)")
_RANGE = re.compile(r"(?P<low>.+?)(?:\.\.|~|～|—|–|至|到)(?P<high>.+)")
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_OPS = {"≤": "<=", "≥": ">="}
# One unit is as many of another as stated; other units are refused.
SCALES: dict[str, dict[str, int]] = {
    "元": {"万元": 10_000, "万": 10_000, "亿元": 100_000_000, "千元": 1000},
    "分钟": {"小时": 60, "时": 60, "分": 1},
    "人": {"名": 1, "位": 1, "个": 1, "万人": 10_000, "万": 10_000, "个人": 1},
    "人次": {"万人次": 10_000, "次": 1, "人": 1, "万": 10_000},
    "课时": {"学时": 1, "节": 1, "个课时": 1, "个学时": 1},
    "学时": {"课时": 1, "节": 1, "个课时": 1, "个学时": 1},
    "个": {"台": 1, "套": 1, "位": 1},
    "所": {"个": 1, "家": 1},
    "岁": {"周岁": 1},
    "周岁": {"岁": 1},
}
MONEY = "万元"
MONEY_SCALE = SCALES["元"][MONEY]


class Stated(NamedTuple):
    """One fact as stated: its value and how it is shown; `unit` is the one it came in."""

    value: Any
    shown: str
    unit: str = ""


class Unreadable(ValueError):
    """What was said of a fact cannot be used; `spoken` says it to somebody in a conversation, where that differs."""

    def __init__(self, message: str, spoken: str = "") -> None:
        super().__init__(message)
        self.spoken = spoken


def as_text(given: object) -> str | None:
    """What was given, as text in plain width without blanks; None for a structure."""
    if isinstance(given, bool):
        return "是" if given else "否"
    if isinstance(given, date):
        return given.isoformat()[:10]
    if isinstance(given, float):
        return repr(given) if math.isfinite(given) else "nan"
    if given is None or isinstance(given, str | int | Fraction | Decimal):
        return squeeze(unicodedata.normalize("NFKC", "" if given is None else str(given)))
    return None


def read_truth(text: str) -> Stated:
    """Yes or no."""
    word = text.lower()
    if word in _TRUE or word in _FALSE:
        return Stated(word in _TRUE, "是" if word in _TRUE else "否")
    raise Unreadable(f"“{shorten_text(text)}”看不出是或否")


def read_range(text: str, read: Any, show: Any, unit: str) -> Stated:
    """`85`, `<80`, `40..49`."""
    if bounded := _BOUNDED.fullmatch(text):
        op, bound = _OPS.get(bounded["op"], bounded["op"]), read(bounded["rest"])
        low, high = (-math.inf, bound) if op[0] == "<" else (bound, math.inf)
        value = Interval(low, high, op == ">", op == "<")
        return Stated(value, text, unit)
    match = _RANGE.fullmatch(text) if not re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", text) else None
    if match and (ends := _range_ends(match["low"], match["high"], read)):
        low, high = ends
        if low > high:
            raise Unreadable(f"范围写反了：{shorten_text(text)}")
        return Stated(interval.make_interval(_plain(low), _plain(high)), text, unit)
    point = _plain(read(text))
    return Stated(point, show(point), unit)


def _range_ends(low: str, high: str, read: Any) -> tuple[Any, Any] | None:
    """Both ends; the first may leave its unit to the second: 40..49课时."""
    return read(low), read(high)


def _plain(value: Any) -> Any:
    return interval.simplify(value) if isinstance(value, Fraction) else value


def whole_numbers(value: Interval) -> Value:
    """The whole numbers of an interval: <80 is ≤79."""
    low = (
        value.low
        if math.isinf(value.low)
        else math.floor(value.low) + 1
        if value.low_open
        else math.ceil(value.low)
    )
    high = (
        value.high
        if math.isinf(value.high)
        else math.ceil(value.high) - 1
        if value.high_open
        else math.floor(value.high)
    )
    return interval.make_interval(low, high) if low <= high else value


def shorten_text(text: str) -> str:
    """The beginning of what was written, for messages."""
    return text if len(text) <= 30 else f"{text[:29]}…"
