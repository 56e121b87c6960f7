"""A score: one metric's judgement of one case, always with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["correct", "incorrect", "abstained", "unscored"]
"""`abstained`: declined where an answer was wanted. `unscored`: there is nothing to judge."""


@dataclass(frozen=True, slots=True)
class Score:
    """One judgement.

    Attributes:
        explanation: why, in Chinese, for whoever reads the report.
        share: how much was right, in [0, 1]; None where the metric knows right and wrong only.
    """

    state: State
    explanation: str
    share: float | None = None


def score_if(is_right: bool, explanation: str, *, share: float | None = None) -> Score:
    """`correct` or `incorrect`, with its explanation."""
    return Score("correct" if is_right else "incorrect", explanation, share)


def unscored(reason: str) -> Score:
    """The metric has nothing to judge in this case."""
    return Score("unscored", reason)


def abstained(reason: str) -> Score:
    """The system declined where an answer was wanted."""
    return Score("abstained", reason)
