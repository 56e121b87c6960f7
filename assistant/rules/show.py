"""Exact values as a reader sees them: `85`, `21.25`, `65%`, `0～79`, `2021-05-24`."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from fractions import Fraction

from assistant.rules.interval import Bound, Interval, Value


def show_value(value: Value, kind: str) -> str:
    """A number, share or date as a reader sees it; a range is 0～79, an open one <80."""
    if not isinstance(value, Interval):
        return _show_point(value, kind)
    low, high, low_open, high_open = value
    if math.isinf(low) and math.isinf(high):
        return "未知"
    if math.isinf(high):
        return f"{'>' if low_open else '≥'}{_show_point(low, kind)}"
    if math.isinf(low):
        return f"{'<' if high_open else '≤'}{_show_point(high, kind)}"
    shown_high = f"{'不到' if high_open else ''}{_show_point(high, kind)}"
    return f"{_show_point(low, kind)}～{shown_high}"


def _show_point(point: Bound, kind: str) -> str:
    if kind == "date":
        return date.fromordinal(int(point)).isoformat()
    if kind == "share":
        return f"{show_number(Fraction(point) * 100)}%"
    return show_number(point)


def show_number(number: Bound) -> str:
    """An exact number: `85`, `21.25`; one without a finite decimal form as a fraction, `85/3`."""
    if isinstance(number, int):
        return str(number)
    if isinstance(number, float):
        return "∞" if number > 0 else "-∞"
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return f"{number.numerator}/{number.denominator}"
    exact = Decimal(number.numerator) / Decimal(number.denominator)
    return f"{exact.normalize():f}" if exact * number.denominator == number.numerator else str(number)
