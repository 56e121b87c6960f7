"""True sentences made false: one figure, unit, bound, negation or force changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
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


_TAILS = (
    "，特殊情况除外",
    "，并缴纳保证金",
    "，经批准的可以放宽",
    "，违者罚款",
    "，不受此限",
    "，优先享受补贴",
    "，上不封顶",
    "，每年复核",
)
_HEADS = ("原则上", "经批准，", "一般情况下，", "未经备案的，", "除特殊情况外，", "仅限民办学校，")
_WORDS = (
    ("民办", "公办"),
    ("公办", "民办"),
    ("高等", "中等"),
    ("中等", "高等"),
    ("线上", "线下"),
    ("线下", "线上"),
    ("理论", "实操"),
    ("省级", "国家级"),
    ("补贴性", "市场化"),
    ("企业", "院校"),
    ("院校", "企业"),
    ("教师", "学员"),
    ("学员", "教师"),
    ("退役军人", "残疾人"),
    ("一线教师", "管理人员"),
    ("停止", "暂停"),
    ("下一年度", "本年度"),
    ("增加", "减少"),
    ("提高", "降低"),
    ("扩大", "压缩"),
    ("高于", "低于"),
    ("免修", "加修"),
)


def distort(sentence: str) -> Iterator[Mutation]:
    """Additions and replacements, exchanged figures and other years, that a model might make up."""
    body = sentence.rstrip("。；")
    at = sentence.rfind("：") + 1
    for tail in _TAILS:
        yield Mutation("appended", f"{body}{tail}。", tail)
    for head in _HEADS:
        yield Mutation("prefixed", sentence[:at] + head + sentence[at:], head)
    for old, new in _WORDS:
        for match in re.finditer(old, sentence[at:]):
            start, end = at + match.start(), at + match.end()
            yield Mutation("replaced", sentence[:start] + new + sentence[end:], f"{old}→{new}")
    for match in re.finditer(r"(?<!\d)20[12]\d(?=年)", sentence):
        year = str(int(match[0]) + 1)
        yield Mutation("year", sentence[: match.start()] + year + sentence[match.end() :], year)
    yield from _exchange(sentence)


def _exchange(sentence: str) -> Iterator[Mutation]:
    """Two figures of one unit in each other's place."""
    figures = [f for f in find_figures(sentence) if f.unit not in ("", "月", "年")]
    for one, other in combinations(figures, 2):
        if one.unit == other.unit and one.value != other.value:
            first, second = sentence[one.start : one.end], sentence[other.start : other.end]
            parts = (sentence[: one.start], sentence[one.end : other.start], sentence[other.end :])
            yield Mutation("exchanged", parts[0] + second + parts[1] + first + parts[2], f"{first}↔{second}")
