"""Figures and words that patterns claim: which of several claims stands, and how a figure is cut out of its words.

In: the `Match`es of one message. Out: those that remain. Nothing here knows a fact by name.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Match(NamedTuple):
    """What one pattern claims: a fact, its value as stated, the stretch of text, and the sign of its quantity."""

    fact: str
    given: str
    start: int
    end: int
    token: str


FURTHER = re.compile(r"(?:又|再|另外?)[^,，。;；]{0,3}$")


_LEADS_IN = re.compile(r"^[^\W\d]*?(?=\d)|^了")
"""What stands before a figure and belongs to it: 现在有5个."""


def cut_word(figure: str, rest: str, *, is_point: bool) -> str:
    """A figure with its unit, as it is asked about: without what leads it in or comes behind.

    A range and a bound stay whole: 不到80 is not 80, and 60到70 not 60.
    """
    unit = _UNIT_BEHIND.match(rest)
    shown = (_LEADS_IN.sub("", figure) if is_point else figure) + (unit[0] if unit else "")
    return re.sub(r"[呢吧吗的]$", "", shown)


COMES_ON_TOP = re.compile(r"(?:又|再|另外?)[来加塞进招报收添请]")
_OF_WHICH = re.compile(r"其中[^,，。;；]{0,8}$")


def drop_shares(found: list[Match], text: str) -> list[Match]:
    """Without the figures of a part, where another figure stands for the whole: 共60课时，其中上灶练的33课时."""
    wholes = [m for m in found if not _OF_WHICH.search(text[: m.start])]
    return wholes or found


COUNTER = re.compile(
    r"人次|部门|倍|个月|个?小时|个?钟头?|分钟|课时|学时|[人名位台套所节堂天日月年岁次项门家条类种样期批%元万块分]"
)
_UNIT_BEHIND = re.compile(rf"{COUNTER.pattern}|[^\W\d]{{1,2}}")
COUNTERS: dict[str, tuple[str, ...]] = {
    "元": ("元", "万", "块"),
    "人": ("人", "名", "位", "万"),
    "人次": ("人次", "人", "名", "次", "万"),
    "课时": ("课时", "学时", "节", "堂"),
    "学时": ("课时", "学时", "节", "堂"),
    "分钟": ("分钟", "分"),
}
"""What may stand behind a number of a unit; of other units nothing is said."""
ALIKE: dict[str, tuple[str, ...]] = {
    "人": ("名", "位"),
    "人次": ("人",),
    "课时": ("学时", "节"),
    "学时": ("课时", "节"),
    "个": ("台", "套", "所"),
    "所": ("个",),
    "元": ("万元",),
    "周岁": ("岁",),
    "个月": ("月",),
}


def share_out(best: dict[str, dict[str, Match]]) -> list[Match]:
    """Of facts that claim one quantity alike, those give way that have another: 总共60课时有40课时是实操."""
    found: list[Match] = []
    for token, by_fact in best.items():
        elsewhere = {f for other, facts in best.items() if other != token for f in facts}
        kept = {f: m for f, m in by_fact.items() if f not in elsewhere} or by_fact
        found += kept.values()
    return found


def untangle(claims: dict[str, list[Match]]) -> None:
    """Of one word between two quantities, as in 60课时实操39, the second has it where the first may mean another fact."""
    for token, claimed in claims.items():
        for match in list(claimed):
            is_shared = any(
                other.fact == match.fact and other.token != token and match.start < other.start < match.end
                for others in claims.values()
                for other in others
            )
            if is_shared and any(m.fact != match.fact for m in claimed):
                claimed.remove(match)


PAID = re.compile(r"(?:拨款|拨付?|补贴|补助|资金|经费|投资|投入|费用?|奖励|金额)(?:了|是|为|有|共|约)*$")
"""Behind these a bare number is a sum of money: 拨款5000万.   near miss: 补贴性培训5000人次"""


def covers(longer: Match, match: Match) -> bool:
    """Whether another match of words takes these words into a longer stretch."""
    return (
        longer.start <= match.start
        and match.end <= longer.end
        and longer.end - longer.start > match.end - match.start
    )


_YES = re.compile(
    r"(?:是的?|有的?|对的?|嗯|已经?(?:做|办|报)?了?|能的?|可以的?|会的?|做了|报了|办了)[。!！,，]?"
)
_NO = re.compile(r"(?:不是的?|没有?|无|不能|不可以|不会|还没有?|没做|没报|没办|否)[。!！,，]?")


def read_yes_no(text: str) -> str:
    """是 or 否 where that is all a text says; empty otherwise."""
    if _NO.fullmatch(text):
        return "否"
    return "是" if _YES.fullmatch(text) else ""
