"""How checks come out over a block of rows: masks first, outcome codes only where somebody reads them.

In: a check as vectors and a block of columns. Out: `CheckMasks`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from assistant.models import Outcome
from assistant.rules.numbers import Mask, Truths, both_sides
from assistant.rules.schema import OUTCOMES
from assistant.rules.vector import Columns, Vector

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
        true, false = self.outcome.true, self.outcome.false
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
    stands = both_sides(everywhere if holds else nowhere, everywhere if holds is False else nowhere)
    return CheckMasks(stands, stands, code=CODES[run[0]])


def run_vectors(when: Vector | None, readings: tuple[Vector, ...], block: Columns) -> CheckMasks:
    """Run a check over a block of rows; see `checks._run`."""
    truths: list[Truths] = [reading(block) for reading in readings]
    holds, conflict = (truths[0], None) if len(truths) == 1 else _join_readings(truths)
    stands = holds if conflict is None else both_sides(holds.true | conflict, holds.false)
    if when is None:
        return CheckMasks(stands, holds, None, conflict)
    applies: Truths = when(block)
    # A requirement that holds whether or not it applies stands in nobody's way; a conflict must apply to count.
    true = applies.false | holds.true
    if conflict is not None:
        true |= conflict & applies.true
        conflict &= applies.true
    return CheckMasks(both_sides(true, applies.true & holds.false), holds, applies, conflict)


def _join_readings(truths: list[Truths]) -> tuple[Truths, Mask]:
    """Where all readings agree, and where they are all decided and differ."""
    all_true = np.logical_and.reduce([t.true for t in truths])
    all_false = np.logical_and.reduce([t.false for t in truths])
    is_decided = np.logical_and.reduce([t.true | t.false for t in truths])
    return both_sides(all_true, all_false), is_decided & ~all_true & ~all_false


class Tally:
    """A verdict from its checks, one after the other; see `decide.join_outcomes`.

    Attributes:
        stands: where no check so far is open or fails; `failed`: where one fails.
    """

    def __init__(self, n_rows: int) -> None:
        self.failed, self.stands = np.zeros(n_rows, np.bool_), np.ones(n_rows, np.bool_)
        self._conflict: Mask | None = None
        self._is_baseless = False

    def add(self, found: CheckMasks, *, is_reminder: bool) -> None:
        """Count a check in; of a reminder only a breach counts."""
        if found.code is None or found.code == FAIL:
            self.failed |= found.stands.false
        if is_reminder:
            return
        self.stands &= found.stands.true
        self._is_baseless |= found.code == NO_BASIS
        conflict = found.stands.true if found.code == CONFLICT else found.conflict
        if conflict is not None:
            self._conflict = conflict if self._conflict is None else self._conflict | conflict

    def codes(self) -> Codes:
        """Outcome codes, row by row."""
        is_open = ~(self.stands | self.failed)
        # Sums of masks: a masked assignment takes ten times as long.
        codes: Codes = self.failed.view(np.int8) * np.int8(FAIL) + is_open.view(np.int8) * np.int8(UNKNOWN)
        if self._conflict is not None:
            codes[self._conflict & (codes == PASS)] = CONFLICT
        if self._is_baseless:
            codes[(codes == PASS) | (codes == CONFLICT)] = NO_BASIS
        return codes
