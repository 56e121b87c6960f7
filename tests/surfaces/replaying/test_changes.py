"""Two answers compared: each kind of difference in words, in a fixed order; equal ones have none."""

from __future__ import annotations

import copy

import pytest

from assistant.surfaces.replaying.changes import list_changes

CITATION = {
    "number": "潢技领办〔2021〕1号",
    "title": "题",
    "clause": "二、（四）21.（1）",
    "clause_id": "huangchuan-2021-1#2.4.21.1",
    "quote": "每班人数\n不得超过 80 人",
}
DECISION = {
    "label": "能否开班",
    "outcome": "fail",
    "value": None,
    "checks": [{"id": "size", "label": "每班人数", "outcome": "fail", "shown": "85 > 80"}],
    "ask": [{"label": "总课时"}],
}
ANSWER = {
    "status": "answered",
    "text": "潢川县：每班人数不得超过80人。[1]\n理论课不超过40%；实操课不少于60%。[1]",
    "citations": [CITATION],
    "decision": DECISION,
    "notices": ["仅限2021年度"],
}


def changed(**members):
    return {**copy.deepcopy(ANSWER), **members}


@pytest.mark.parametrize(
    ("new", "told"),
    [
        pytest.param(changed(), [], id="nothing"),
        pytest.param(changed(status="refused"), ["~状态：已回答 → 没有回答"], id="status"),
        pytest.param(changed(decision=None), ["-不再计算：能否开班 不符合"], id="no decision"),
        pytest.param(
            changed(decision={**DECISION, "outcome": "pass"}),
            ["~结论：能否开班 不符合 → 能否开班 符合"],
            id="outcome",
        ),
        pytest.param(
            changed(decision={**DECISION, "value": {"amount": "16400", "unit": "人次"}}),
            ["~结论：能否开班 不符合 → 能否开班 不符合 16400人次"],
            id="figure of the decision",
        ),
        pytest.param(
            changed(decision={**DECISION, "value": {"amount": None, "low": "3", "high": "5", "unit": "人"}}),
            ["~结论：能否开班 不符合 → 能否开班 不符合 3–5人"],
            id="range",
        ),
        pytest.param(
            changed(decision={**DECISION, "checks": [{**DECISION["checks"][0], "shown": "85 > 60"}]}),
            ["~每班人数：不符合（85 > 80） → 不符合（85 > 60）"],
            id="check",
        ),
        pytest.param(
            changed(decision={**DECISION, "checks": [], "ask": []}),
            ["~每班人数：不符合（85 > 80） → 没有这一项", "-不再追问：总课时"],
            id="check and ask gone",
        ),
        pytest.param(
            changed(citations=[]),
            ["-不再引用 潢技领办〔2021〕1号 二、（四）21.（1）：“每班人数不得超过80人”"],
            id="citation gone",
        ),
        pytest.param(
            changed(notices=["新的"]), ["-提示不再出现：仅限2021年度", "+提示新出现：新的"], id="notice"
        ),
        pytest.param(
            changed(text=ANSWER["text"].replace("80人", "60人").replace("[1]", "[2]")),
            [
                "-数字不再出现：80",
                "+数字新出现：60",
                "-潢川县：每班人数不得超过80人。",
                "+潢川县：每班人数不得超过60人。",
            ],
            id="figure",
        ),
        pytest.param(
            changed(text="\n".join(reversed(ANSWER["text"].split("\n")))), [], id="sentences only moved"
        ),
    ],
)
def test_each_difference_is_told(new, told):
    assert [f"{c.sign}{c.told}" for c in list_changes(ANSWER, new)] == told


def test_a_comparison_reads_backwards_with_the_signs_turned():
    new = changed(status="needs_info", citations=[], text="没有数字。", notices=[])
    there = {(c.kind, c.sign) for c in list_changes(ANSWER, new)}
    back = {(c.kind, c.sign) for c in list_changes(new, ANSWER)}
    turned = {"-": "+", "+": "-", "~": "~"}
    assert back == {(kind, turned[sign]) for kind, sign in there}
