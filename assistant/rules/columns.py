"""Facts of thousands of rows → columns, as vectors and as the scalar path reads them.

In: what was read of each row. Out: a `FactColumn`. Figures are whole numbers over one denominator, in float32
while they are small enough to be exact there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.rules.facts import Fact
from assistant.rules.interval import as_interval
from assistant.rules.numbers import (
    EXACT,
    Mask,
    Numbers,
    Options,
    Points,
    Truths,
    Unsupported,
    both_sides,
    hold_integers,
)
from assistant.rules.statements import Stated

_SCALES = (1, 10, 100, 1000)


@dataclass(frozen=True, slots=True)
class FactColumn:
    """One fact for all rows.

    Attributes:
        stated: what the scalar path reads, row by row.
        values: the same as vectors; None where only the scalar path can read it.
    """

    fact: Fact
    stated: Sequence[Stated | None]
    values: Points | Numbers | Truths | Options | None


def make_column(fact: Fact, stated: Sequence[Stated | None]) -> FactColumn:
    """A column from what was read of each row; None where nothing is known."""
    try:
        return FactColumn(fact, stated, _hold(fact, stated))
    except Unsupported:
        return FactColumn(fact, stated, None)


def number_column(fact: Fact, values: npt.NDArray[np.float64]) -> FactColumn:
    """A column of whole numbers as they come, `(n_rows,) float64`; NaN where nothing is known.

    Raises:
        Unsupported: a number is too large to be held exactly.
    """
    is_unknown = np.isnan(values)
    return FactColumn(fact, _NumberRows(values), _hold_points(fact, values, is_unknown, 1))


class _NumberRows(Sequence[Stated | None]):
    """Rows of a number column as stated facts, made only where the scalar path asks."""

    def __init__(self, values: npt.NDArray[np.float64]) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, row: Any) -> Any:
        value = self._values[row]
        return None if np.isnan(value) else Stated(int(value), str(int(value)))


def _hold(fact: Fact, stated: Sequence[Stated | None]) -> Points | Numbers | Truths | Options:
    if fact.type == "boolean":
        truths = [s.value if s else None for s in stated]
        return both_sides(np.array([t is True for t in truths]), np.array([t is False for t in truths]))
    if fact.type == "choice":
        choices = fact.data.choices
        bit = {choice: 1 << i for i, choice in enumerate(choices)}
        every = (1 << len(choices)) - 1
        bits = [sum(bit[c] for c in s.value) if s else every for s in stated]
        return Options(np.array(bits, option_dtype(len(choices))), choices)
    if fact.type in ("name", "names"):
        raise Unsupported
    return _hold_numbers(fact, stated)


def _hold_numbers(fact: Fact, stated: Sequence[Stated | None]) -> Points | Numbers:
    intervals = [as_interval(s.value) if s else None for s in stated]
    if any(i and (i.low_open or i.high_open) for i in intervals):
        raise Unsupported
    parts = {end for i in intervals if i for end in i[:2] if isinstance(end, Fraction)}
    scale = next((s for s in _SCALES if all((p * s).denominator == 1 for p in parts)), None)
    if scale is None:
        raise Unsupported
    if fact.formula is not None and any(i and i.low != i.high for i in intervals):
        # A stated range of a computed fact: the scalar path intersects the two.
        raise Unsupported
    is_unknown = np.array([i is None for i in intervals])
    low = np.array([0.0 if i is None else float(i.low * scale) for i in intervals])
    if all(i is None or i.low == i.high for i in intervals):
        return _hold_points(fact, low, is_unknown, scale)
    high = np.array([0.0 if i is None else float(i.high * scale) for i in intervals])
    domain = as_interval(fact.unknown)
    low, high = (
        np.where(is_unknown, float(end * scale), ends)
        for end, ends in ((domain.low, low), (domain.high, high))
    )
    finite = np.concatenate([low[np.isfinite(low)], high[np.isfinite(high)]])
    if finite.size and np.abs(finite).max() >= EXACT:
        raise Unsupported
    return Numbers(low, high, scale, float(low.min()), float(high.max()))


def _hold_points(
    fact: Fact, values: npt.NDArray[np.float64], is_unknown: npt.NDArray[np.bool_], scale: int
) -> Points:
    """Figures that are points where they are known at all."""
    domain = as_interval(fact.unknown)
    known = values[~is_unknown]
    least, most = (int(known.min()), int(known.max())) if known.size else (0, 0)
    held = hold_integers(np.where(is_unknown, 0.0, values), max(abs(least), abs(most), scale))
    mask = ~is_unknown if is_unknown.any() else None
    return Points(held, mask, scale, least, most, float(domain.low * scale), float(domain.high * scale))


def cut_column(values: Any, start: int, stop: int) -> Any:
    """Some rows of a column's vectors."""
    if isinstance(values, Truths):
        return Truths(values.true[start:stop], None if values.decided is None else values.decided[start:stop])
    if isinstance(values, Options):
        return values._replace(bits=values.bits[start:stop])
    if isinstance(values, Points):
        known = None if values.known is None else values.known[start:stop]
        return values._replace(values=values.values[start:stop], known=known)
    return values._replace(low=values.low[start:stop], high=values.high[start:stop])


def unknown_column(fact: Fact, n_rows: int) -> Any:
    """A fact that no row states."""
    if fact.type == "boolean":
        nowhere = np.zeros(n_rows, np.bool_)
        return both_sides(nowhere, nowhere)
    if fact.type == "choice":
        every = (1 << len(fact.data.choices)) - 1
        return Options(np.full(n_rows, every, option_dtype(len(fact.data.choices))), fact.data.choices)
    return _hold_points(fact, np.zeros(n_rows), np.ones(n_rows, np.bool_), 1)


def option_dtype(n_choices: int) -> npt.DTypeLike:
    """The smallest integers with a bit for each choice.

    Raises:
        Unsupported: there are more choices than bits.
    """
    if n_choices >= 63:
        raise Unsupported
    return np.uint8 if n_choices <= 8 else np.int64


def find_points(values: Any, n_rows: int) -> Mask:
    """Where a column leaves nothing open; nowhere without a column."""
    if isinstance(values, Points):
        return np.ones(n_rows, np.bool_) if values.known is None else values.known
    if isinstance(values, Numbers):
        return np.broadcast_to(np.asarray(values.low == values.high), (n_rows,))
    if isinstance(values, Truths):
        return np.ones(n_rows, np.bool_) if values.decided is None else values.decided
    if isinstance(values, Options):
        one = values.bits.dtype.type(1)
        return np.asarray(values.bits & (values.bits - one) == 0)
    return np.zeros(n_rows, np.bool_)


def find_narrowed(fact: Fact, values: Any, n_rows: int) -> Mask:
    """Where a column leaves less open than the fact's whole domain; nowhere without a column."""
    if isinstance(values, Numbers):
        domain = as_interval(fact.unknown)
        low, high = float(domain.low * values.den), float(domain.high * values.den)
        return np.broadcast_to(np.asarray((values.low > low) | (values.high < high)), (n_rows,))
    if isinstance(values, Options):
        return np.asarray(values.bits != (1 << len(values.choices)) - 1)
    return find_points(values, n_rows)
