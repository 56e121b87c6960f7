"""Ranked evidence → how likely its first clause answers the question at all.

In: an understood question and its ranked evidence. Out: a probability. `Evidence.probability` reads one clause by itself and
takes lay words that it does not say for a want of evidence; here the whole ranking speaks: a clause far ahead of the others
answers a long lay question, one among rivals with a weighty word unsaid is a near miss of a figure. Fitted by logistic
regression on the questions of `evals/cases` and `evals/places` (gold clause first or not; `validation.jsonl` left out).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from assistant.dialogue.select import Ranked, are_rows_of_one
from assistant.dialogue.understand import Understanding

SURE, DOUBTFUL = 0.6, 0.15
"""Probability from which thin evidence answers all the same, and below which evidence that is not beyond doubt does not."""
_RIVAL = 0.8
"""Share of the first score from which another clause may be meant as well."""
_INTERCEPT = -7.10
_WORDS, _FIGURE, _RIVALS, _SCORE = 0.95, 2.40, -0.37, 3.81
_PARTS, _UNSAID, _ROW = 1.01, -2.82, -1.54


def rate_answerable(asked: Understanding, ranked: Sequence[Ranked]) -> float:
    """Probability that the first clause answers, in [0, 1]; 0 where there is none."""
    if not ranked:
        return 0.0
    first = ranked[0].evidence
    # Rows of one table do not dispute an answer among themselves.
    rivals = [r for r in ranked[1:] if r.score > _RIVAL * ranked[0].score]
    unsaid = max((w for word, w in first.weights.items() if word not in first.covered), default=0.0)
    terms = (
        (_WORDS, math.log(max(len(first.weights), 1))),
        (_FIGURE, any(s.has_figure for s in first.sentences)),
        (_RIVALS, sum(not are_rows_of_one(first.clause, r.evidence.clause) for r in rivals)),
        (_SCORE, ranked[0].score),
        (_PARTS, bool(asked.aspects)),
        (_UNSAID, unsaid if asked.measure else 0.0),
        (_ROW, first.clause.kind == "row"),
    )
    return 1 / (1 + math.exp(-_INTERCEPT - math.fsum(weight * value for weight, value in terms)))
