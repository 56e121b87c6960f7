"""Whether the answer says what it must and nothing that it must not."""

from __future__ import annotations

from evals.metrics.evidence import Evidence
from evals.metrics.score import Score, abstained, score_if, unscored
from evals.metrics.text import fold


def score_must_contain(evidence: Evidence) -> Score:
    """Correct where every wanted wording (of an inner tuple, any one) occurs in the text."""
    wanted = [(w,) if isinstance(w, str) else w for w in evidence.case.answer_must_contain]
    if not wanted:
        return unscored("本题没有必含词")
    if evidence.has_abstained:
        return abstained("拒答")
    text = fold(evidence.text)
    missing = [w for w in wanted if not any(fold(one) in text for one in w)]
    share = 1 - len(missing) / len(wanted)
    if missing:
        return score_if(False, f"缺：{'；'.join('|'.join(w) for w in missing)}", share=share)
    return score_if(True, f"{len(wanted)} 个必含词都有", share=share)


def score_must_not_contain(evidence: Evidence) -> Score:
    """Correct where none of the forbidden wordings occurs in the text."""
    forbidden = evidence.case.answer_must_not_contain
    if not forbidden:
        return unscored("本题没有禁含词")
    text = fold(evidence.text)
    found = [w for w in forbidden if fold(w) in text]
    return score_if(not found, f"不该有：{'；'.join(found)}" if found else "没有禁含词")
