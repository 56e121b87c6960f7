"""Whether the computed value is right, and whether every number of the text has a ground."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from evals.metrics.evidence import Evidence
from evals.metrics.numerals import (
    Numeral,
    find_arabic,
    find_chinese,
    find_chinese_figures,
    scale_of,
)
from evals.metrics.score import Score, abstained, score_if, unscored
from evals.metrics.text import fold

# Wording and pointers of a decision; a figure that stands only there has no trace.
_UNTRACED = frozenset({"rule", "id", "label", "question", "cite", "cites", "n", "certified"})


def score_value(evidence: Evidence) -> Score:
    """Correct where the decision's value or, failing that, a number of the text is as expected.

    `50 万元` and `500000 元` are the same.
    """
    case = evidence.case
    if case.value is None:
        return unscored("本题没有计算值")
    if evidence.has_abstained:
        return abstained("拒答")
    wanted = case.value * scale_of(case.unit)
    shown = f"{case.value}{case.unit or ''}"
    decided = _decided_value(evidence.decision(), default_unit=case.unit)
    if decided == wanted:
        return score_if(True, f"计算结果为 {shown}")
    in_text = [*find_arabic(evidence.text), *find_chinese(evidence.text)]
    if any(numeral.value == wanted for numeral in in_text):
        return score_if(True, f"正文写有 {shown}")
    beside = "没有计算结果" if decided is None else f"计算结果为 {decided}"
    return score_if(False, f"应为 {shown}，{beside}，正文也没有")


def _decided_value(decision: dict[str, Any], *, default_unit: str | None) -> Decimal | None:
    """The decision's value with 万 and 亿 multiplied out; None where it has none."""
    value = decision.get("value")
    unit = default_unit
    if isinstance(value, dict):
        unit = value.get("unit") or default_unit
        value = value.get("amount")
    try:
        return None if value is None else Decimal(str(value)) * scale_of(unit)
    except InvalidOperation:
        return None


def score_numbers_grounded(evidence: Evidence) -> Score:
    """Correct where each number of the text stands in one of its grounds.

    Grounds are the cited quotes, the citations' number, title and clause, the question and its
    history, the decision's values and facts, and the notices. The day the law is read at may be
    named. A Chinese numeral below ten is not held to be a figure.
    """
    answer = evidence.answer
    day = answer.as_of
    text = unicodedata.normalize("NFKC", evidence.text)
    for shown in (day.isoformat(), f"{day.year}年{day.month}月{day.day}日"):
        text = text.replace(shown, "")
    numerals = find_arabic(text)
    figures = find_chinese_figures(text)
    if not numerals and not figures:
        return unscored("回答里没有数字")
    wordings = _wording_grounds(evidence)
    fields = [f for c in answer.citations for f in (c.number, c.title, c.clause)]
    fields += answer.notices
    traced = list(_leaves(evidence.decision()))
    grounds = {v for w in wordings for v in _values([*find_arabic(w), *find_chinese(w)])}
    grounds |= {v for f in (*fields, *traced) for v in _values(find_arabic(f))}
    # A share is computed as 0.65 and shown as 65%.
    grounds |= {n.bare * 100 for t in traced for n in find_arabic(t) if n.bare < 1}
    every_wording = "\n".join(fold(w) for w in (*wordings, *fields, *traced))
    loose = [n.shown for n in numerals if not grounds & _values([n])]
    loose += [n.shown for n in figures if n.shown not in every_wording and n.value not in grounds]
    n_all = len(numerals) + len(figures)
    if loose:
        return score_if(False, f"没有出处的数字：{'、'.join(dict.fromkeys(loose))}")
    return score_if(True, f"{n_all} 个数字都有出处")


def _wording_grounds(evidence: Evidence) -> list[str]:
    """Running text in which a Chinese numeral is a ground for an Arabic one: 六千 for 6000."""
    case = evidence.case
    return [*(c.quote for c in evidence.answer.citations), case.question, *case.history]


def _values(numerals: list[Numeral]) -> set[Decimal]:
    return {value for numeral in numerals for value in (numeral.bare, numeral.value)}


def _leaves(value: Any, key: str = "") -> Iterator[str]:
    """Every traced value of a decision, as text."""
    if key in _UNTRACED or value is None or isinstance(value, bool):
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, str(name))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner, key)
    else:
        yield str(value)
