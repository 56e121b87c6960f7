"""Retrieval by itself: recall at 1, 3, 5 and 10 and the reciprocal rank, over the gold clauses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from evals.cases import Case
from evals.metrics.evidence import Evidence, span_holds
from evals.metrics.score import Score, score_if, unscored

CUTS = (1, 3, 5, 10)
TOP_K = max(CUTS)


class Place(NamedTuple):
    """A span of a document that a search returned."""

    document: str
    start: int
    end: int


def rank_places(case: Case, places: Sequence[Place], read_source: Callable[[str], str]) -> list[int | None]:
    """For each gold group the 1-based rank of the first place that holds one of its quotes.

    Args:
        case: whose gold is looked for.
        places: best first.
        read_source: the text that the spans count; empty for an unknown document.

    Returns:
        In the order of `case.gold_groups`; None for a group that no place holds.
    """
    ranks: list[int | None] = []
    for group in case.gold_groups:
        found = (
            rank
            for rank, place in enumerate(places, start=1)
            for gold in group
            if place.document == gold.doc
            and span_holds(read_source(gold.doc), place.start, place.end, gold.quote)
        )
        ranks.append(next(found, None))
    return ranks


def recall_of(ranks: Sequence[int | None], cut: int) -> float:
    """Share of the ranks that are at most `cut`; there has to be one."""
    return sum(rank is not None and rank <= cut for rank in ranks) / len(ranks)


def _rank_gold(evidence: Evidence) -> list[int | None]:
    places = [Place(p.clause.document, p.clause.start, p.clause.end) for p in evidence.passages]
    return rank_places(evidence.case, places, evidence.source)


def recall_at(cut: int) -> Callable[[Evidence], Score]:
    """The metric: share of the gold groups among the first `cut` passages; correct where all are.

    A case with more groups than `cut` can only be right in part, so the mean share is the figure
    to read.
    """

    def score_recall(evidence: Evidence) -> Score:
        ranks = _rank_gold(evidence)
        if not ranks:
            return unscored("本题没有指定条款")
        share = recall_of(ranks, cut)
        shown = "、".join("未找到" if rank is None else f"第 {rank} 条" for rank in ranks)
        return score_if(share == 1, f"前 {cut} 条的召回 {share:.2f}；指定条款：{shown}", share=share)

    return score_recall


def score_mrr(evidence: Evidence) -> Score:
    """The reciprocal rank of the first gold clause; 0 where none is among the passages."""
    ranks = _rank_gold(evidence)
    if not ranks:
        return unscored("本题没有指定条款")
    first = min((rank for rank in ranks if rank is not None), default=None)
    if first is None:
        return score_if(False, f"前 {TOP_K} 条里没有指定条款", share=0.0)
    return score_if(first == 1, f"指定条款最先在第 {first} 条", share=1 / first)
