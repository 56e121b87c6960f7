"""How good rankings are: recall, reciprocal rank and nDCG at 10, and whether two systems differ by more than chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean
from typing import NamedTuple

import numpy as np

CUT = 10
Ranks = Sequence[int | None]
"""The 1-based rank of each right passage of one question; None where it was not found."""


class Quality(NamedTuple):
    """Of one question, or the mean over several; all at `CUT`, in [0, 1]."""

    recall: float
    mrr: float
    ndcg: float


class Difference(NamedTuple):
    """Mean of paired differences with its interval."""

    mean: float
    low: float
    high: float


def rank_ids(found: Sequence[str], right: frozenset[str]) -> list[int | None]:
    """The rank of each right passage, by falling rank of those found; a passage found twice counts where it came first."""
    first: dict[str, int] = {}
    for rank, passage in enumerate(found, start=1):
        first.setdefault(passage, rank)
    return [first.get(passage) for passage in sorted(right)]


def score_ranks(ranks: Ranks) -> Quality:
    """Quality of one ranking; there is at least one right passage.

    Source: nDCG with binary gains, Järvelin and Kekäläinen 2002.
    """
    hits = sorted(rank for rank in ranks if rank is not None and rank <= CUT)
    gain = sum(1 / math.log2(rank + 1) for rank in hits)
    best = sum(1 / math.log2(rank + 1) for rank in range(1, min(len(ranks), CUT) + 1))
    return Quality(len(hits) / len(ranks), 1 / hits[0] if hits else 0.0, gain / best)


def mean_quality(qualities: Sequence[Quality]) -> Quality:
    """The mean over questions; there is at least one."""
    return Quality(*(fmean(values) for values in zip(*qualities, strict=True)))


def compare_pairs(
    ours: Sequence[float], theirs: Sequence[float], *, n_draws: int = 5000, seed: int = 0, share: float = 0.95
) -> Difference:
    """The mean of `ours − theirs` with its percentile interval over questions drawn again with replacement.

    Source: paired bootstrap, Koehn 2004.
    """
    differences = np.array(ours, dtype=np.float64) - np.array(theirs, dtype=np.float64)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(differences), size=(n_draws, len(differences)))
    means = differences[drawn].mean(axis=1)
    low, high = np.quantile(means, [(1 - share) / 2, (1 + share) / 2])
    return Difference(float(differences.mean()), float(low), float(high))
