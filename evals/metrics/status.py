"""Whether the system did the right kind of thing: answer, refuse, ask back or give a verdict."""

from __future__ import annotations

from evals.cases import Expectation
from evals.metrics.evidence import Evidence
from evals.metrics.score import Score, abstained, score_if

STATUS_LABELS = {"answered": "回答", "refused": "拒答", "needs_info": "追问"}
EXPECT_LABELS = {"answer": "回答", "refuse": "拒答", "ask_back": "追问", "verdict": "判定"}
VERDICT_LABELS = {"qualifies": "符合", "does_not_qualify": "不符合", "needs_info": "材料不足"}

_STATUS = {"answer": "answered", "refuse": "refused", "ask_back": "needs_info"}
# A verdict expected beside something else carries no verdict of its own: nothing is settled then.
_OUTCOME = {
    "qualifies": "pass",
    "does_not_qualify": "fail",
    "needs_info": "unknown",
    None: "unknown",
}


def score_status(evidence: Evidence) -> Score:
    """Correct where the status (and, for a verdict, the outcome) is one of the accepted ones."""
    wanted = " 或 ".join(describe_expectation(evidence, e) for e in evidence.case.accepted)
    shown = STATUS_LABELS[evidence.answer.status]
    if evidence.answer.decision:
        shown += f"（{evidence.answer.decision.outcome}）"
    explanation = f"应为 {wanted}，实为 {shown}"
    if evidence.has_abstained:
        return abstained(explanation)
    return score_if(any(_is_met(evidence, e) for e in evidence.case.accepted), explanation)


def describe_expectation(evidence: Evidence, expectation: Expectation) -> str:
    """Such as `拒答` or `判定 不符合（fail）`."""
    if expectation != "verdict":
        return EXPECT_LABELS[expectation]
    verdict = evidence.case.verdict or "needs_info"
    return f"判定 {VERDICT_LABELS[verdict]}（{_OUTCOME[verdict]}）"


def _is_met(evidence: Evidence, expectation: Expectation) -> bool:
    answer, verdict = evidence.answer, evidence.case.verdict
    if expectation != "verdict":
        return answer.status == _STATUS[expectation]
    if answer.decision is None or answer.decision.outcome != _OUTCOME[verdict]:
        return False
    if verdict is None:
        return answer.status != "refused"
    return answer.status == ("needs_info" if verdict == "needs_info" else "answered")
