"""Facts of thousands of rows → columns, as vectors and as the scalar path reads them.

In: what was read of each row. Out: a `FactColumn`. Figures are whole numbers over one denominator, in float32
while they are small enough to be exact there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.rules.facts import Fact
from assistant.rules.interval import as_interval
from assistant.rules.statements import Stated
from assistant.rules.vector import (
    EXACT_DOUBLE,
    EXACT_SINGLE,
    Floats,
    Mask,
    Numbers,
    Options,
    Truths,
    Unsupported,
)

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
    values: Numbers | Truths | Options | None


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
    return FactColumn(fact, _NumberRows(values), _hold_whole(fact, values, values, is_unknown, 1))


class _NumberRows(Sequence[Stated | None]):
    """Rows of a number column as stated facts, made only where the scalar path asks."""

    def __init__(self, values: npt.NDArray[np.float64]) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, row: Any) -> Any:
        value = self._values[row]
        return None if np.isnan(value) else Stated(int(value), str(int(value)))


def _hold(fact: Fact, stated: Sequence[Stated | None]) -> Numbers | Truths | Options:
    if fact.type == "boolean":
        truths = [s.value if s else None for s in stated]
        return Truths(np.array([t is True for t in truths]), np.array([t is False for t in truths]))
    if fact.type == "choice":
        choices = fact.data.choices
        bit = {choice: 1 << i for i, choice in enumerate(choices)}
        every = (1 << len(choices)) - 1
        bits = [sum(bit[c] for c in s.value) if s else every for s in stated]
        return Options(np.array(bits, np.int64), choices)
    if fact.type in ("name", "names"):
        raise Unsupported
    return _hold_numbers(fact, stated)


def _hold_numbers(fact: Fact, stated: Sequence[Stated | None]) -> Numbers:
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
    high = np.array([0.0 if i is None else float(i.high * scale) for i in intervals])
    return _hold_whole(fact, low, high, is_unknown, scale)


def _hold_whole(
    fact: Fact,
    low: npt.NDArray[np.float64],
    high: npt.NDArray[np.float64],
    is_unknown: npt.NDArray[np.bool_],
    scale: int,
) -> Numbers:
    """Bounds as whole numbers, the whole domain where nothing is known."""
    domain = as_interval(fact.unknown)
    if is_unknown.any():
        low = np.where(is_unknown, float(domain.low * scale), low)
        high = np.where(is_unknown, float(domain.high * scale), high)
    is_finite = np.isfinite(low) & np.isfinite(high)
    ends = np.concatenate([low[np.isfinite(low)], high[np.isfinite(high)], [float(scale)]])
    most = float(np.abs(ends).max())
    if most >= EXACT_DOUBLE:
        raise Unsupported
    is_point = low is high or np.array_equal(low, high)
    first = _shrink(low, most)
    last = first if is_point else _shrink(high, most)
    return Numbers(first, last, scale, float(low.min(initial=math.inf)), most, not bool(is_finite.all()))


def _shrink(values: npt.NDArray[np.float64], most: float) -> Floats:
    """Half the size where that is exact."""
    return values.astype(np.float32) if most < EXACT_SINGLE else values


def cut_column(values: Any, start: int, stop: int) -> Any:
    """Some rows of a column's vectors."""
    if isinstance(values, Truths):
        return Truths(values.true[start:stop], values.false[start:stop])
    if isinstance(values, Options):
        return values._replace(bits=values.bits[start:stop])
    low = values.low[start:stop]
    return values._replace(low=low, high=low if values.high is values.low else values.high[start:stop])


def unknown_column(fact: Fact, n_rows: int) -> Any:
    """A fact that no row states."""
    if fact.type == "boolean":
        nowhere = np.zeros(n_rows, np.bool_)
        return Truths(nowhere, nowhere)
    if fact.type == "choice":
        return Options(np.full(n_rows, (1 << len(fact.data.choices)) - 1, np.int64), fact.data.choices)
    blank = np.full(n_rows, np.nan)
    return _hold_whole(fact, blank, blank, np.ones(n_rows, np.bool_), 1)


def find_points(values: Any, n_rows: int) -> Mask:
    """Where a column leaves nothing open; nowhere without a column."""
    if isinstance(values, Numbers):
        is_point = values.high is values.low
        return np.ones(n_rows, np.bool_) if is_point else np.asarray(values.low == values.high)
    if isinstance(values, Truths):
        return values.true | values.false
    if isinstance(values, Options):
        return np.asarray(values.bits & (values.bits - 1) == 0)
    return np.zeros(n_rows, np.bool_)
