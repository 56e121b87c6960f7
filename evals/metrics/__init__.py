"""The metrics by name, in the order a report shows them. A new metric is one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from evals.metrics.citation import score_citation_precision, score_gold_cited, score_quotes_exact
from evals.metrics.evidence import Evidence, label_citation
from evals.metrics.figures import score_numbers_grounded, score_value
from evals.metrics.ranking import CUTS, TOP_K, recall_at, score_mrr
from evals.metrics.score import Score, State
from evals.metrics.status import score_status
from evals.metrics.wording import score_must_contain, score_must_not_contain

Metric = Callable[[Evidence], Score]

ANSWER_METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "status": score_status,
        "gold_cited": score_gold_cited,
        "must_contain": score_must_contain,
        "must_not_contain": score_must_not_contain,
        "value": score_value,
        "quotes_exact": score_quotes_exact,
        "numbers_grounded": score_numbers_grounded,
    }
)
"""A case is answered right where none of these is incorrect or abstained."""

SIDE_METRICS: Mapping[str, Metric] = MappingProxyType({"citation_precision": score_citation_precision})
"""Told as means beside the answer metrics; no case is wrong because of them."""

RETRIEVAL_METRICS: Mapping[str, Metric] = MappingProxyType(
    {f"recall@{cut}": recall_at(cut) for cut in CUTS} | {"mrr": score_mrr}
)

ALL_METRICS: Mapping[str, Metric] = MappingProxyType({**ANSWER_METRICS, **SIDE_METRICS, **RETRIEVAL_METRICS})

METRIC_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "status": "结果",
        "gold_cited": "引用",
        "must_contain": "必含",
        "must_not_contain": "禁含",
        "value": "数值",
        "quotes_exact": "引文",
        "numbers_grounded": "数字",
        "citation_precision": "引用精确",
        **{f"recall@{cut}": f"召回@{cut}" for cut in CUTS},
        "mrr": "MRR",
    }
)


def score_case(evidence: Evidence) -> dict[str, Score]:
    """Every metric's score of one case, by metric name."""
    return {name: metric(evidence) for name, metric in ALL_METRICS.items()}


__all__ = [
    "ALL_METRICS",
    "ANSWER_METRICS",
    "METRIC_LABELS",
    "RETRIEVAL_METRICS",
    "SIDE_METRICS",
    "TOP_K",
    "Evidence",
    "Metric",
    "Score",
    "State",
    "label_citation",
    "score_case",
]
