"""Figures in words: the amount, its unit and what the law's bound means for it."""

from __future__ import annotations

from collections.abc import Callable

from assistant.rules.explain import show_computed
from assistant.rules.finding import Amount
from assistant.rules.interval import Interval

Say = Callable[..., str]
"""Fills a template of the prompts by name."""
_BOUNDS = {
    ">=": "bound_floor",
    "<=": "bound_ceiling",
    "==": "bound_exact",
    "~": "bound_about",
    ">": "bound_over",
    "<": "bound_under",
}
_DAYS = {"latest": "day_latest", "earliest": "day_earliest", "exact": "bound_exact"}


def say_amount(amount: Amount, say: Say) -> str:
    """A figure with its bound in words: `至少5人`; a date, a share and a ratio carry no unit."""
    shown = show_computed(amount.value, amount.kind)
    if shown == "未知":
        return shown
    unit = "" if amount.kind in ("date", "share") or amount.unit == "比" else amount.unit
    if amount.unit == "比":
        shown = f"1:{shown}"
    text = f"{shown}{unit}"
    if amount.kind == "date":
        return say(_DAYS[side_of(amount.bound)], value=text)
    return say(_BOUNDS[amount.bound], value=text)


def say_known(amount: Amount, say: Say) -> str:
    """What is certain of a figure that is a range: of a floor its least, of a ceiling its most."""
    value = amount.value
    if isinstance(value, Interval) and amount.kind != "date" and amount.bound in (">=", "<="):
        end = value.low if amount.bound == ">=" else value.high
        value = end if not isinstance(end, float) else value
    shown = say_amount(amount._replace(value=value), say)
    return "" if shown == "未知" else shown


def side_of(bound: str) -> str:
    """Which end of a stretch of days a bound sets; 不足一个月的不得 sets the earliest day."""
    return "latest" if bound == "<=" else "earliest" if bound in (">=", "<") else "exact"
