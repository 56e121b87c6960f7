"""True sentences made false: one figure, unit, bound, negation or force changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from assistant.rules.numerals import find_figures

_SWAPS = {
    "unit": [
        ("人次", "人"),
        ("课时", "学时"),
        ("学时", "课时"),
        ("分钟", "小时"),
        ("工作日", "天"),
        ("个月", "年"),
        ("%", "人"),
        ("元", "万元"),
        ("倍", "人"),
    ],
    "comparator": [
        ("不得超过", "不得少于"),
        ("不超过", "不少于"),
        ("不得少于", "不得超过"),
        ("不少于", "不超过"),
        ("不低于", "不高于"),
        ("以上", "以下"),
        ("以内", "以上"),
        ("左右", "以上"),
        ("低于", "高于"),
        ("不足", "超过"),
    ],
    "negation": [
        ("不得", "可以"),
        ("不予", "应予"),
        ("不受", "受"),
        ("不作为", "作为"),
        ("不接受", "接受"),
        ("无需", "需"),
        ("无法", "能够"),
        ("未", "已"),
        ("无", "有"),
        ("应", "不应"),
        ("可", "不可"),
        ("必须", "不必"),
        ("允许", "不允许"),
        ("须", "无须"),
    ],
    "force": [
        ("鼓励", "禁止"),
        ("鼓励", "要求"),
        ("支持", "必须"),
        ("可", "应"),
        ("允许", "必须"),
        ("必须", "可以"),
        ("应", "可"),
        ("须", "可"),
        ("原则上", "必须"),
        ("或", "和"),
        ("部分", "全部"),
        ("优先", "不"),
    ],
}
# Words in which a short word of the table means nothing: 应用, 可靠.
_BESIDE = {
    "应": re.compile(r"(?<![相适对供响])应(?=在|当|于|不|按|达)"),
    "可": re.compile(r"(?<![许认])可(?=在|按|将|对|跨|开|以|通|适|直)"),
    "须": re.compile(r"(?<![必无])须(?=全|开|持|与)"),
    "未": re.compile(r"未(?=考|履|按)"),
    "无": re.compile(r"无(?=随|弹|就|法|空)"),
    "或": re.compile(r"(?<=[\u4e00-\u9fff]{2})或(?=[\u4e00-\u9fff]{2})"),
    "元": re.compile(r"(?<=\d)元"),
    "%": re.compile(r"(?<=\d)%"),
    "倍": re.compile(r"(?<=\d)倍"),
    "优先": re.compile(r"优先(?=使|组|推)"),
    "部分": re.compile(r"部分(?=职业|人员)"),
    "以上": re.compile(r"(?<=[\d人次倍元万])以上"),
}


class Mutation(NamedTuple):
    """A changed sentence and what was changed."""

    kind: str
    text: str
    change: str


def mutate(sentence: str) -> Iterator[Mutation]:
    """Every single change of a sentence without marks that makes it say something else."""
    for figure in find_figures(sentence):
        shown = sentence[figure.start : figure.end]
        digits = re.match(r"\d+", shown)
        if digits is None or sentence[figure.end : figure.end + 1] in ".．":
            continue
        changed = str(int(digits[0]) + 1)
        at = figure.start
        yield Mutation(
            "number", sentence[:at] + changed + sentence[at + len(digits[0]) :], f"{shown}→{changed}"
        )
    for kind, swaps in _SWAPS.items():
        for old, new in swaps:
            pattern = _BESIDE.get(old) or re.compile(re.escape(old))
            for match in pattern.finditer(sentence):
                text = sentence[: match.start()] + new + sentence[match.end() :]
                yield Mutation(kind, text, f"{old}→{new}")
