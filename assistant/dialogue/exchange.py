"""Two questions → one: the earlier with the topic of the later, or the later behind the earlier.

In: the words of both, the later without what leads it in. Out: the words of a question that stands on its own.
"""

from __future__ import annotations

import re

from assistant.dialogue import wording
from assistant.dialogue.intent import drop_unknown

_ASKS = re.compile(
    r"多少|多[久长大高]|几|谁|什么|啥|哪|怎么|咋|为什么|[吗么][?？]?$|吧[?？]|是否|能不能|可不可以|行不行|够不够"
    # 录像的事有规定没   near miss: 有4个老师，工位没有; 河南有这个规定没
    r"|(?:有|能|要|得|会|给|让|可以)(?![这那])[^,，。;；?？\d]{1,8}(?<![还也都])(?:没有?|不)[?？]?$"
)
_ASK = re.compile(
    r"(?:每[年月期周天]|一年|最[多少长短高低晚早]|至少|应该?|必须|需要?|要|得|能|可以|是|有|归|由|多少|几|什么|谁|怎么|哪)"
)
"""Where the topic of a question ends and what it asks begins."""
_WAITS = re.compile(
    r"[,，]?(?:[是对]吧|没错吧|(?:是吗|对吗|对不对|是不是)(?=[?？]|$))[?？。!！]*$|[?？。!！]+$"
)
"""The end of a question: its mark, and what waits for a yes."""
_FAILS = re.compile(r"(?:不(?![是对用要该能])|没(?!有吗)|未|超|低于|高于|达不|少于|多于|过了|晚了|逾期|违反)")
"""How words begin that say what is not as it should be: 不够, 没达到, 超了."""
_SPAN = re.compile(r"(?:到|截至|截止)?\d{4}年(?:底|前)?|(?:每|全|今|本)年(?:度)?|一年")
"""The time at the head of a question, which another topic keeps: 到2025年创业培训总共要多少."""
_HOW_MANY_OF = re.compile(r"(?P<head>[^,，]{0,8}?(?:几|多少)[个名位台套])[\u4e00-\u9fff]{2,6}[?？]?")
_LONGEST_TOPIC = 10
_LEAST_ALIKE = 3
_BOUNDARY = "年月日的,，、。和与及是在对要需每个条项?？"


def asks(text: str) -> bool:
    """Whether a message asks something: what somebody does not know (实操多少不知道) is not asked."""
    return bool(_ASKS.search(drop_unknown(text)))


def fails(core: str) -> bool:
    """Whether words only say that something is not as it should be."""
    return bool(_FAILS.match(core)) and len(core) <= _LONGEST_TOPIC and not wording.ASKS.search(core)


def exchange_topic(earlier: str, core: str) -> str:
    """The earlier question about something else: 公示要几天 and 审核 make 审核要几天.

    What only narrows it (承担试点的), or is a question itself, is said behind it.
    """
    ask = _ASK.search(earlier)
    if fails(core):
        # 满意度要多少, 那要是不够: what follows from it, not how much 不够 is.
        return f"{earlier[: ask.start()] if ask else find_topic(earlier)}{core}会怎样?"
    if alike := find_alike(earlier, core):
        return earlier.replace(alike, core)
    is_noun = len(core) <= _LONGEST_TOPIC and not core.endswith("的") and not _ASKS.search(core)
    if ask and ask.start() >= 2 and is_noun:
        # 理论课,录像有啥要求 and 实操 make 实操,录像有啥要求.
        head, comma, rest = earlier[: ask.start()].partition(",")
        span = _SPAN.match(head)
        return (
            (span[0] if span else "")
            + core
            + (comma + rest if len(rest) > 1 else "")
            + earlier[ask.start() :]
        )
    if is_noun and (match := _HOW_MANY_OF.fullmatch(earlier)):
        # 最少几个老师 and 工位 make 最少几个工位.
        return f"{match['head']}{core}"
    if ask and ask.start() >= 2 and _ASKS.search(core):
        # What the earlier question asked is not asked again.
        return f"{earlier[: ask.start()]},{core}?"
    return f"{drop_mark(earlier)},{core}?"


def find_alike(earlier: str, core: str) -> str:
    """The words of the earlier question that end as the new ones do: 高技能人才培训 for 创业培训; empty where none do."""
    if not _LEAST_ALIKE <= len(core) <= _LONGEST_TOPIC or _ASKS.search(core):
        return ""
    match = re.search(rf"[^{_BOUNDARY}]{{1,12}}{re.escape(core[-2:])}(?!\w*{re.escape(core[-2:])})", earlier)
    return match[0] if match and match[0] != core else ""


def find_topic(question: str) -> str:
    """What a question is about, without what it asks."""
    ask = _ASKS.search(question)
    head = question[: ask.start()] if ask else question
    return re.sub(r"(?:又|各|都)?(?:是|有|要|得|定了?|安排了?|为)?$", "", head) or drop_mark(question)


def drop_mark(question: str) -> str:
    """A question without its mark, and without 是吧, to be said before another."""
    return _WAITS.sub("", question)


def pairs(text: str) -> list[str]:
    """Every two characters that stand side by side."""
    return [text[i : i + 2] for i in range(len(text) - 1)]
