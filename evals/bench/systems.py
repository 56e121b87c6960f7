"""What systems are called, what they did on a set of questions, and how that is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from evals.bench.figures import Figure, build_figure, percentile
from evals.bench.quality import CUT, Quality, compare_pairs, mean_quality

OURS, FIRST_STAGE, BM25, WORDS, VECTORS, LANGCHAIN = (
    "条问",
    "条问·只检索",
    "BM25（结巴分词）",
    "条问·词语",
    "条问·向量",
    "LangChain 混合",
)


@dataclass(slots=True)
class Run:
    """What the systems did on one set.

    Attributes:
        qualities: of each question, by system.
        taken: milliseconds of each question, by system.
    """

    qualities: dict[str, list[Quality]] = field(default_factory=dict)
    taken: dict[str, list[float]] = field(default_factory=dict)


def tell_quality(name: str, run: Run, rivals: Sequence[str]) -> list[Figure]:
    """Means by system, and our lead over each rival with its 95 % interval."""
    figures = []
    for system, qualities in run.qualities.items():
        for label, value in zip(
            (f"召回@{CUT}", f"MRR@{CUT}", f"nDCG@{CUT}"), mean_quality(qualities), strict=True
        ):
            figures.append(tell_one(f"质量 {name}", f"{label}　{system}", "", value))
    for rival in (rival for rival in rivals if rival in run.qualities):
        for n, label in enumerate((f"召回@{CUT}", f"MRR@{CUT}")):
            ours, theirs = ([q[n] for q in run.qualities[s]] for s in (OURS, rival))
            lead = compare_pairs(ours, theirs)
            figures.append(
                Figure(
                    part=f"质量 {name}",
                    label=f"{label}　条问 − {rival}（95% 区间）",
                    unit="",
                    median=lead.mean,
                    low=lead.low,
                    high=lead.high,
                    n_runs=len(ours),
                )
            )
    return figures


def tell_speed(name: str, run: Run) -> list[Figure]:
    """Medians and 95th percentiles by system, and how many times ours a rival takes."""
    figures = []
    for system, taken in run.taken.items():
        figures.append(build_figure(f"速度 {name}", f"每问 p50　{system}", "毫秒", taken))
        figures.append(tell_one(f"速度 {name}", f"每问 p95　{system}", "毫秒", percentile(taken, 0.95)))
    if LANGCHAIN in run.taken:
        ratio = percentile(run.taken[LANGCHAIN], 0.5) / percentile(run.taken[OURS], 0.5)
        figures.append(tell_one(f"速度 {name}", f"每问 p50　{LANGCHAIN} ÷ 条问", "倍", ratio))
    return figures


def tell_one(part: str, label: str, unit: str, value: float) -> Figure:
    return build_figure(part, label, unit, [value])
