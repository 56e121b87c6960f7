"""What a report adds up to: results by kind, how they ended, and rates.

Table, page and gate all read from here, so that they cannot tell different figures. A rate is the mean over
the cases it concerns; where it concerns none it has no value: 0 would read as a result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from types import MappingProxyType
from typing import NamedTuple

from evals.cases import CORE_KINDS
from evals.metrics import State
from evals.report import CaseResult

KIND_LABELS = {
    "lookup": "查条款",
    "colloquial": "口语",
    "number": "数字",
    "table": "表格",
    "compare": "对比",
    "multi_clause": "多条款",
    "contact_meta": "文件信息",
    "scope": "适用范围",
    "calc_quota": "任务计算",
    "class_check": "开班核对",
    "deadline": "期限",
    "refuse": "应拒答",
    "ambiguous": "含糊",
    "followup": "追问",
    "adversarial": "刁难",
}

Share = Callable[[CaseResult], float | None]
"""How much of a case is right, in [0, 1]; None where the rate does not concern the case."""


class Row(NamedTuple):
    """A kind of question, or a total over several, with its results."""

    label: str
    results: list[CaseResult]
    is_total: bool


class Tally(NamedTuple):
    """How the cases of a row ended; `n_wrong` is what is neither right nor abstained."""

    n_right: int
    n_wrong: int
    n_abstained: int

    @property
    def n_cases(self) -> int:
        return sum(self)


@dataclass(frozen=True, slots=True)
class RateKind:
    """How a rate is told and measured; of a ceiling less is better."""

    label: str
    share: Share
    is_ceiling: bool = False


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate of one report.

    Attributes:
        value: in [0, 1]; None where it concerns no case.
        n_cases: how many it concerns.
    """

    name: str
    label: str
    is_ceiling: bool
    value: float | None
    n_cases: int

    def meets(self, threshold: float) -> bool:
        """Whether the rate is on the right side of a threshold, or on it; without a value it is not."""
        if self.value is None:
            return False
        return self.value <= threshold if self.is_ceiling else self.value >= threshold


def state_of(result: CaseResult, metric: str) -> State:
    """A metric's state; `unscored` where the report does not have the metric."""
    score = result.scores.get(metric)
    return score.state if score else "unscored"


def share_of(metric: str) -> Share:
    """A metric's share; 0 where the system declined."""

    def read_share(result: CaseResult) -> float | None:
        return None if state_of(result, metric) == "unscored" else result.scores[metric].share or 0.0

    return read_share


def _is_correct(metric: str) -> Share:
    def read_state(result: CaseResult) -> float | None:
        state = state_of(result, metric)
        return None if state == "unscored" else float(state == "correct")

    return read_state


def _only(expected: tuple[str, ...], is_met: Callable[[CaseResult], bool]) -> Share:
    return lambda result: float(is_met(result)) if result.expect in expected else None


RATES: Mapping[str, RateKind] = MappingProxyType(
    {
        "correct": RateKind("全对", lambda result: float(result.is_right)),
        # Another outcome that the case accepts is no fault: neither here nor among the false refusals.
        "refusals": RateKind("应拒而拒", _only(("refuse",), lambda r: state_of(r, "status") == "correct")),
        "ask_backs": RateKind("追问得当", _only(("ask_back",), lambda r: r.is_right)),
        "false_refusals": RateKind(
            "误拒",
            _only(("answer", "verdict"), lambda r: state_of(r, "status") == "abstained"),
            is_ceiling=True,
        ),
        "citation_recall": RateKind("引用召回", share_of("gold_cited")),
        "citation_precision": RateKind("引用精确", share_of("citation_precision")),
        "numbers_grounded": RateKind("数字有据", _is_correct("numbers_grounded")),
        "quotes_exact": RateKind("引文逐字", _is_correct("quotes_exact")),
    }
)
"""By the name that `thresholds.yaml` uses, in the order they are shown."""


def mean_share(results: Sequence[CaseResult], share: Share) -> tuple[float | None, int]:
    """Mean over the cases that a share concerns, None where there are none, and how many there are."""
    shares = [value for result in results if (value := share(result)) is not None]
    return (fmean(shares) if shares else None), len(shares)


def measure_rates(results: Sequence[CaseResult]) -> tuple[Rate, ...]:
    """Every rate, in the order of `RATES`."""
    return tuple(
        Rate(name, kind.label, kind.is_ceiling, *mean_share(results, kind.share))
        for name, kind in RATES.items()
    )


def tally_results(results: Sequence[CaseResult]) -> Tally:
    """Count how the cases ended."""
    n_right = sum(r.is_right for r in results)
    n_abstained = sum(state_of(r, "status") == "abstained" for r in results)
    return Tally(n_right, len(results) - n_right - n_abstained, n_abstained)


def group_results(results: Sequence[CaseResult]) -> list[Row]:
    """The kinds in the order of `KIND_LABELS`, then the totals 核心, 拒答 and 全部; no empty ones."""
    kinds = dict.fromkeys([*KIND_LABELS, *(r.kind for r in results)])
    rows = [Row(KIND_LABELS.get(kind, kind), [r for r in results if r.kind == kind], False) for kind in kinds]
    rows.append(Row("核心", [r for r in results if r.kind in CORE_KINDS], True))
    rows.append(Row("拒答", [r for r in results if r.expect == "refuse"], True))
    rows.append(Row("全部", list(results), True))
    return [row for row in rows if row.results]
