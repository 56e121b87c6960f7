"""Two score lists → one: the normalised sum, in which a leg counts by how far its first place stands out.

A leg whose first few places are nearly alike does not know; one whose first stands alone does. So words decide where a
question names a thing, vectors where it is told in other words, and a vector model far from its training does no harm.

Measured against reciprocal ranks: RRF with k = 60 falls below BM25 alone on two of four sets, because it
throws away how much better the first place is. Against fixed weights: as good as the best of them on laws, and not below
BM25 alone where the vectors are weak (`evals/bench/README.md`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]

N_FIRST = 5
"""The place from which the first must stand out."""
SWAY = 0.5
"""Share of the smaller leg's weight that may pass from one leg to the other."""

COMPANY = 0.25
"""What a document full of candidates adds to each of them, beside the 1 of the best score."""
HALF_COMPANY = 4
"""So many candidates are worth half of that."""


def fuse_scores(lexical: Scores, dense: Scores, weight: float) -> Scores:
    """Fuse two score lists over the same chunks: w·lexical/max + (1 − w)·dense/max.

    `w` is `weight`, moved by at most `SWAY` of the smaller share towards the leg whose first place stands out further
    from its fifth.

    Args:
        lexical: (n,) BM25 scores, at least 0.
        dense: (n,) cosines; a negative one counts as 0.
        weight: share of the lexical leg where both stand out alike, in [0, 1].

    Returns:
        (n,) scores in [0, 1]; a leg without any positive score adds nothing.
    """
    words, vectors = _scale(lexical), _scale(dense)
    lead, other = _stand_out(words), _stand_out(vectors)
    if lead + other > 0:
        weight += SWAY * min(weight, 1 - weight) * (lead - other) / (lead + other)
    result: Scores = (weight * words + (1 - weight) * vectors).astype(np.float32)
    return result


def add_company(fused: Scores, owners: NDArray[np.int64]) -> Scores:
    """Raise the candidates whose document has other candidates: a law that speaks of the matter has more to say on it.

    A candidate gains `COMPANY · n / (n + HALF_COMPANY)`, `n` the candidates of its document. The share is saturated: of
    few documents each has many candidates, and their order stays; among thousands, one that a question hits once, by a
    word with another meaning, falls behind one that it hits ten times.

    Args:
        fused: (n,) scores in [0, 1].
        owners: (n,) number of each candidate's document.

    Returns:
        (n,) scores in [0, 1].
    """
    _, own, counts = np.unique(owners, return_inverse=True, return_counts=True)
    company = counts / (counts + HALF_COMPANY)
    result: Scores = ((fused + COMPANY * company[own]) / (1 + COMPANY)).astype(np.float32)
    return result


def _scale(scores: Scores) -> Scores:
    top = float(scores.max(initial=0.0))
    scaled: Scores = np.maximum(scores, 0).astype(np.float32)
    return (scaled / np.float32(top)).astype(np.float32) if top > 0 else np.zeros_like(scaled)


def _stand_out(scaled: Scores) -> float:
    """How far the first place stands before the fifth (or the last of fewer), in [0, 1]; 0 for no score at all."""
    if not len(scaled) or scaled.max() <= 0:
        return 0.0
    place = max(0, len(scaled) - N_FIRST)
    return float(1 - np.partition(scaled, place)[place])
