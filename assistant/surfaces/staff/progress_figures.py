"""Entries → shares, gaps, what the days that have passed would make, totals; the worst first. Exact throughout.

A share is shown with one decimal and cut off there, never rounded up: what is not reached never shows 100 %. Whether
a target is reached is decided by the numbers themselves.
"""

from __future__ import annotations

import math
from calendar import isleap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal, NamedTuple

from assistant.surfaces.staff.progress_read import Entry

State = Literal["done", "behind", "on_track", "open", "unfilled", "unknown", "not_applicable", "invalid"]
_DECIMALS = 1000


class Elapsed(NamedTuple):
    """How far a year has gone: `day` of `days`, the day itself included."""

    year: int
    day: int
    days: int

    @property
    def share(self) -> Fraction:
        """As a share of the year."""
        return Fraction(self.day, self.days)


def measure_year(year: int | None, as_of: date) -> Elapsed | None:
    """How far the year of a document has gone; None where it has none or the day is not of it."""
    if year != as_of.year:
        return None
    return Elapsed(as_of.year, as_of.timetuple().tm_yday, 366 if isleap(as_of.year) else 365)


@dataclass(frozen=True, slots=True)
class Measured:
    """An entry with its figures; None where a number is missing.

    Attributes:
        expected: the target in proportion to the days that have passed: arithmetic, no demand of the text.
    """

    entry: Entry
    state: State
    share: Fraction | None
    gap: Fraction | None
    expected: Fraction | None


class Totals(NamedTuple):
    """Sums over the rows that have both numbers.

    Attributes:
        n_left_out: rows that lack one.
    """

    goal: Fraction
    done: Fraction
    n_rows: int
    n_reached: int
    n_left_out: int

    @property
    def share(self) -> Fraction | None:
        """None where nothing is to be reached."""
        return self.done / self.goal if self.goal else None


def measure(entries: Sequence[Entry], elapsed: Elapsed | None) -> list[Measured]:
    """The figures of every entry, the smallest share first; those without one behind, in the order of the sheet."""
    measured = [_measure(entry, elapsed) for entry in entries]
    known = [m for m in measured if m.share is not None]
    rest = [m for m in measured if m.share is None]
    return sorted(known, key=lambda m: (m.share, -(m.gap or 0), m.entry.number)) + rest


def _measure(entry: Entry, elapsed: Elapsed | None) -> Measured:
    goal, done = entry.goal.amount, entry.done
    state: State
    expected = None if goal is None or elapsed is None else goal * elapsed.share
    if entry.faults:
        return Measured(entry, "invalid", None, None, None)
    if goal is None:
        state = "unknown" if entry.goal.applies else "not_applicable"
        return Measured(entry, state, None, None, None)
    if done is None:
        return Measured(entry, "unfilled", None, None, expected)
    gap = max(goal - done, Fraction(0))
    share = done / goal if goal else Fraction(1)
    state = "open"
    if done >= goal:
        state = "done"
    elif expected is not None:
        state = "behind" if done < expected else "on_track"
    return Measured(entry, state, share, gap, expected)


def sum_up(measured: Sequence[Measured]) -> Totals:
    """The totals."""
    known = [m for m in measured if m.share is not None]
    return Totals(
        goal=sum((m.entry.goal.amount or Fraction(0) for m in known), Fraction(0)),
        done=sum((m.entry.done or Fraction(0) for m in known), Fraction(0)),
        n_rows=len(known),
        n_reached=sum(m.state == "done" for m in known),
        n_left_out=len(measured) - len(known),
    )


def cut_share(share: Fraction) -> Fraction:
    """A share cut off after one decimal of its percentage."""
    return Fraction(math.floor(share * _DECIMALS), _DECIMALS)


def show_share(share: Fraction | None) -> str:
    """`87.5%`; empty for none."""
    return "" if share is None else f"{float(cut_share(share) * 100):.1f}%"


def show_amount(amount: Fraction | None) -> str:
    """A number with at most one decimal, cut off; a whole one as it is; empty for none."""
    if amount is None:
        return ""
    if amount.denominator == 1:
        return f"{amount.numerator:,}"
    return f"{math.floor(amount * 10) / 10:,.1f}"
