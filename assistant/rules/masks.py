"""How checks come out over a block of rows: masks first, outcome codes only where somebody reads them.

In: a check as vectors and a block of columns. Out: `CheckMasks`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from assistant.models import Outcome
from assistant.rules.schema import OUTCOMES
from assistant.rules.vector import Columns, Mask, Truths, Vector

CODES: dict[Outcome, int] = {outcome: code for code, outcome in enumerate(OUTCOMES)}
PASS, FAIL, UNKNOWN, NOT_APPLICABLE, CONFLICT, NO_BASIS = range(len(OUTCOMES))
Codes = npt.NDArray[np.int8]


class CheckMasks(NamedTuple):
    """How a check came out over a block of rows; see `checks._run`.

    Attributes:
        stands: where it stands in nobody's way, and where it blocks.
        outcome: where its requirement holds and where it fails.
        applies: None where it always applies; `conflict`: where its readings differ, None where it has one.
        code: the outcome of every row where there is but one.
    """

    stands: Truths
    outcome: Truths
    applies: Truths | None = None
    conflict: Mask | None = None
    code: int | None = None

    def codes(self) -> Codes:
        """Outcome codes, row by row."""
        true, false = self.outcome
        if self.code is not None:
            return np.full(len(true), self.code, np.int8)
        codes = np.full(len(true), UNKNOWN, np.int8)
        codes[true], codes[false] = PASS, FAIL
        if self.conflict is not None:
            codes[self.conflict] = CONFLICT
        if self.applies is not None:
            codes[~self.applies.true] = UNKNOWN
            codes[self.applies.false] = NOT_APPLICABLE
        return codes


def repeat_run(run: tuple[Outcome, bool | None], n_rows: int) -> CheckMasks:
    """One outcome for all rows."""
    everywhere, nowhere = np.ones(n_rows, np.bool_), np.zeros(n_rows, np.bool_)
    holds = run[1]
    stands = Truths(everywhere if holds else nowhere, everywhere if holds is False else nowhere)
    return CheckMasks(stands, stands, code=CODES[run[0]])


def run_vectors(when: Vector | None, readings: tuple[Vector, ...], block: Columns) -> CheckMasks:
    """Run a check over a block of rows; see `checks._run`."""
    truths: list[Truths] = [reading(block) for reading in readings]
    holds, conflict = (truths[0], None) if len(truths) == 1 else _join_readings(truths)
    stands = holds if conflict is None else Truths(holds.true | conflict, holds.false)
    if when is None:
        return CheckMasks(stands, holds, None, conflict)
    applies: Truths = when(block)
    # A requirement that holds whether or not it applies stands in nobody's way; a conflict must apply to count.
    true = applies.false | holds.true
    if conflict is not None:
        true |= conflict & applies.true
        conflict &= applies.true
    return CheckMasks(Truths(true, applies.true & holds.false), holds, applies, conflict)


def _join_readings(truths: list[Truths]) -> tuple[Truths, Mask]:
    """Where all readings agree, and where they are all decided and differ."""
    all_true = np.logical_and.reduce([t.true for t in truths])
    all_false = np.logical_and.reduce([t.false for t in truths])
    is_decided = np.logical_and.reduce([t.true | t.false for t in truths])
    return Truths(all_true, all_false), is_decided & ~all_true & ~all_false
