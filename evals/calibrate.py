"""Fits the probability that a clause answers: `python -m evals.calibrate`.

In: `calibration.jsonl`, questions labelled answerable or not, and an opened index. Out: intercept and
weights for `assistant.dialogue.evidence`, and for several thresholds the share of answerable, near-miss and
off-topic questions that would be answered. Questions that are refused for another reason (place, year, a
figure that no sentence has) are left out of the fit: the probability has to tell the rest apart.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.table import Table

from assistant.app import Assistant, open_assistant
from assistant.config import load_settings
from assistant.models import Question

CASES = Path(__file__).parent / "calibration.jsonl"
AS_OF = date(2026, 11, 21)
RIDGE = 1e-2
N_STEPS = 50
THRESHOLDS = (0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)

Floats = NDArray[np.float64]


class LabelledQuestion(BaseModel):
    """One line of the file; the id's prefix names the group: c-yes, c-near, c-off."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    region: str | None
    question: str
    is_answerable: bool

    @property
    def group(self) -> str:
        return self.id.rpartition("-")[0]


def fit_logistic(features: Floats, labels: Floats) -> Floats:
    """Ridge logistic regression by Newton's method.

    Args:
        features: (n, k).
        labels: (n,) of 0 and 1.

    Returns:
        (k + 1,) intercept and weights.
    """
    inputs = np.column_stack([np.ones(len(features)), features])
    weights = np.zeros(inputs.shape[1])
    for _ in range(N_STEPS):
        p = 1 / (1 + np.exp(-inputs @ weights))
        gradient = inputs.T @ (p - labels) + RIDGE * weights
        curvature = (inputs * (p * (1 - p))[:, None]).T @ inputs + RIDGE * np.eye(len(weights))
        weights -= np.linalg.solve(curvature, gradient)
    return weights


def read_questions(path: Path) -> list[LabelledQuestion]:
    """Read the labelled questions."""
    return [
        LabelledQuestion.model_validate_json(line) for line in path.read_text(encoding="utf-8").splitlines()
    ]


def collect_features(
    assistant: Assistant, questions: Sequence[LabelledQuestion]
) -> list[tuple[float, ...] | None]:
    """Features of each question's best clause; None where something else already refuses it."""
    return [assistant.explain_evidence(Question(q.question, AS_OF, q.region)) for q in questions]


def main() -> None:
    """Fit and print."""
    questions = read_questions(CASES)
    found = collect_features(open_assistant(load_settings()), questions)
    kept = [(q, f) for q, f in zip(questions, found, strict=True) if f is not None]
    features = np.array([f for _, f in kept])
    labels = np.array([q.is_answerable for q, _ in kept], dtype=np.float64)
    weights = fit_logistic(features, labels)
    probability = 1 / (1 + np.exp(-(np.column_stack([np.ones(len(features)), features]) @ weights)))
    console = Console(file=sys.stdout)
    console.print(
        f"INTERCEPT = {weights[0]:.2f}; PROBABILITY_WEIGHTS = {tuple(weights[1:].round(2).tolist())}"
    )
    groups = sorted({q.group for q in questions})
    table = Table("阈值", *groups, title="会作答的比例")
    for threshold in THRESHOLDS:
        answered = {q.id for (q, _), p in zip(kept, probability, strict=True) if p >= threshold}
        shares = [np.mean([q.id in answered for q in questions if q.group == group]) for group in groups]
        table.add_row(f"{threshold}", *(f"{share:.2f}" for share in shares))
    console.print(table)


if __name__ == "__main__":
    main()
