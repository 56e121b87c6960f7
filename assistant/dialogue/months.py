"""Months that are told in days: 考核完二十天 is less than a month, 考核完四十天 is more.

In: a quantity that counts days, for a fact that counts months. Out: the range of months that so many days may be, for a
month has 28 to 31 of them; nothing is rounded, so that 30 days stay open against one month.
"""

from __future__ import annotations

from fractions import Fraction

from assistant.dialogue.quantities import Quantity

_DAYS = "天"
_MONTHS = ("个月", "月")
_LONGEST, _SHORTEST = 31, 28
_PLACES = 100
"""Hundredths of a month, outwards, so that the range still holds every month that it may be."""


def write_months(quantity: Quantity, counter: str, unit: str) -> str:
    """A quantity of days in months, as facts are stated; empty where it counts something else.

    Args:
        counter: what stands behind the quantity; `unit` is that of the fact.
    """
    if unit not in _MONTHS or not counter.startswith(_DAYS) or quantity.low is None or quantity.high is None:
        return ""
    low = int(quantity.low * _PLACES / _LONGEST)
    high = -int(-quantity.high * _PLACES // _SHORTEST)
    return f"{_write(low)}..{_write(high)}"


def _write(hundredths: int) -> str:
    whole = Fraction(hundredths, _PLACES)
    return f"{float(whole):.2f}"
