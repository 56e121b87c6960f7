"""Numerals written for show, and figures that are said by halves, hours and splits → what they are.

In: normalised text without blanks. Out: the same with plain numerals, character by character, and the values of the
forms that `quantities.py` finds. Properties of the language alone.
"""

from __future__ import annotations

import re
from fractions import Fraction

from assistant.rules.numerals import read_number

_PLAIN = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")
_FORMAL = re.compile(
    # 捌拾伍, 壹佰   near miss: 队伍, 大陆
    r"[壹贰叁肆伍陆柒捌玖][拾佰仟][壹贰叁肆伍陆柒捌玖拾佰仟零]*|拾[壹贰叁肆伍陆柒捌玖]"
    # 教师肆名   near miss: 退伍人员
    r"|(?<=[师员位数共有计为])[壹贰叁肆伍陆柒捌玖拾](?=[个名位台])"
)
SPLIT = "(?:一九|二八|三七|四六|五五|六四|七三|八二|九一)(?=开|分(?!钟|之))"
"""How two parts share a whole: 三七开. Its value is what the second has."""
MINUTES = re.compile(
    r"(?P<quarters>[一二两三])刻钟|(?<![个\d一二两三四五六七八九十])半个?(?:小时|钟头)"
    # 一节课一个小时   near miss: 讲了一个小时
    r"|(?:(?<=节课|堂课|课时|学时|每节|每堂)|(?<=(?:节课|堂课|课时|学时|每节|每堂)[是上有讲]))(?P<hours>[一1])个?(?:小时|钟头)"
)
HALF = re.compile(r"[个名位](?=半(?!天|年|学期|成品|[个边截路途数价工]))")
"""A counter with a half behind it: 两个半老师   near miss: 两个半天."""

IDIOM = (
    "三天两头|三番[五两]次|三番两回|一天到晚|七上八下|一来二去|三言两语|十有八九|八九不离十|丢三落四|一五一十|半斤八两|千方百计|七嘴八舌|四面八方"
    "|五花八门|一清二楚|三三两两|朝三暮四|乱七八糟|七零八落|七拼八凑|东一榔头西一棒|说一不二|一板一眼|一心二用|三心二意|五湖四海|接二连三|隔三[差岔]五"
    "|三下五除二|不三不四|低三下四|七手八脚|四平八稳|十全十美|一举两得|两全其美|三十而立|千家万户|千辛万苦|百里挑一|独一无二|数一数二|三长两短|五颜六色"
    "|十里八[村乡]|三亲六故|一碗水端平|一条龙|一窝蜂|一锅端|一刀切|一阵风|一个萝卜一个坑|二话|三教九流|四不像|八字没一撇|十天半[个]?月|三五成群"
)
"""Sayings with numerals that count nothing."""


def plain_numerals(text: str) -> str:
    """`text` with 捌拾伍 as 八十五; no character is added or lost."""
    return _FORMAL.sub(lambda m: m[0].translate(_PLAIN), text)


def read_minutes(match: re.Match[str]) -> Fraction | None:
    """The minutes of 三刻钟, 半小时 or 一个小时."""
    if match["hours"]:
        return Fraction(60)
    quarters = read_number(match["quarters"]) if match["quarters"] else Fraction(2)
    return None if quarters is None else 15 * quarters


def read_split(text: str) -> Fraction | None:
    """What the second part has of 三七; None where the text is no split."""
    second = read_number(text[1]) if re.fullmatch(SPLIT.partition("(?=")[0], text) else None
    return None if second is None else second / 10
