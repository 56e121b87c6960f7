"""A message about several cases (甲班85人4个老师，乙班60人3个老师) → one message for each.

In: a normalised message. Out: for each case what is said of it alone and what is said of all. A case is called by a letter,
a number or a name before its noun, always in the same way; figures of one case are never read as those of another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from assistant.dialogue.decision import join_cases
from assistant.dialogue.messages import Messages
from assistant.dialogue.split import join_answers
from assistant.models import Answer, AnswerStatus, Decision

_NOUN = r"(?:班|期|批|校|学校|院校|公司|企业|机构|单位|厂)"
_LABELS = (
    rf"(?P<name>[甲乙丙丁戊]{_NOUN}?)(?![级类方])",
    rf"(?P<name>(?<![A-Za-z])[A-Ea-e]{_NOUN})",
    r"(?P<name>第[一二三四五六1-6]个?(?:班|期|批|家))",
    r"(?P<name>(?<![\d一二三四五六七八九十每])[一二三四五六1-6](?:班|期|批))(?!次)",
    r"(?:另外?|还有|再有)?(?P<name>一个)班?(?:是|有)?(?=\d{2}|[二三四五六七八九]?十)",
    # 焊工有5名专职老师,电工有2名: each trade by its own teachers
    r"(?P<name>[\u4e00-\u9fff]{1,3}[工师员])(?=(?:这个?工种)?(?:有|配了?|是)?[\d一二两三四五六七八九十]+[个名位](?:专职|全职))",
    r"(?P<name>(?!每班|我们班|全班|这班|那班|[个一二两三四五六七八九十]+班)[\u4e00-\u9fff]{1,4}?班)(?:级)?",
)
"""The ways to call cases; those of one message are all called in one of them."""
_OPENS = r"(?:(?<=^)|(?<=[,，。;；、:：和跟与]))"
_FREE = re.compile(r"一个")
"""一个70人一个75人 needs no mark between its cases."""
_FIGURE = re.compile(
    r"\d|[一二两三四五六七八九十百半]+(?=个?(?:人|名|位|学员|学生|老师|教师|师傅|工位|设备|课时|学时|节|分钟))"
)
_OF_ALL = re.compile(
    r"[?？]|[都各均]|两个|[三四五六]个班|哪|多少|几|能不能|行不行|可以|能[开办]|[吗么]|合计|总共|一共|够不够|符合"
)
_COUNTED = re.compile(
    r"(?:一共|总共|共|有|开了?|办了?|要开|想开|打算开|同时)*(?:[二两三四五六2-6]个?班)(?:级)?[,，:：]?"
)
_TRADES = re.compile(r"[二两三四五六2-6]个工种|各工种")
_WHICH = re.compile(r"(?:哪一?个班?|哪几?个班?|[二两三四五六2-6]个?班|哪些班)(?:级)?")
_ASKS_WHICH = re.compile(r"哪一?个[^,，。?？]{1,14}(?<![吗么呢])[?？]?$")
TOTAL = re.compile(r"一共|总共|合计|加起来|加一起|合(?:到|在)?一[起块]儿?|共(?=需|要|配|得)|合起来|总的")
_SAYS_NOTHING = re.compile(r"[甲乙丙丁戊A-Ea-e一二三四五六1-6](?:班|期|批)?|第.个?(?:班|期|批)?")
_PIECE = re.compile(r"[^,，。;；]+[,，。;；]?")


class Case(NamedTuple):
    """One of several cases.

    Attributes:
        name: as the message calls it, else its number.
        text: what is said of it, with what is said of all.
    """

    name: str
    text: str


def split_cases(text: str) -> list[Case]:
    """The cases of a message, in order; empty where it has not at least two with figures of their own."""
    for label in _LABELS:
        free = bool(_FREE.search(label))
        heads = list(re.finditer(label if free else _OPENS + label, text))
        names = [head["name"] for head in heads]
        if len(heads) < 2 or (not free and len(set(names)) < len(names)):
            continue
        ends = [*(head.start() for head in heads[1:]), _find_end(text, heads[-1].end())]
        own = [text[head.end() : end] for head, end in zip(heads, ends, strict=True)]
        if all(_FIGURE.search(words) for words in own):
            before, after = _of_all(text[: heads[0].start()], text[ends[-1] :])
            names = [f"第{n}个" for n in range(1, len(heads) + 1)] if free else names
            told = [f"{_speak_of(name)}{_trim(words)}" for name, words in zip(names, own, strict=True)]
            return [Case(n, f"{before}{t},{after}".rstrip(",")) for n, t in zip(names, told, strict=True)]
    return []


def _find_end(text: str, start: int) -> int:
    """Where what is said of the last case ends: before the first piece that speaks of all or has no figure."""
    end = start
    for n, piece in enumerate(_PIECE.finditer(text, start)):
        if n and (_OF_ALL.search(piece[0]) or not _FIGURE.search(piece[0])):
            break
        end = piece.end()
    return end


def _of_all(before: str, after: str) -> tuple[str, str]:
    """What stands before and behind the cases, as it is said of one: 哪个班超了 asks of each whether it did."""
    of_one = _WHICH.sub("这个班", _TRADES.sub("这个工种", TOTAL.sub("", after)))
    if _ASKS_WHICH.search(after):
        of_one = re.sub(r"[?？。]*$", "吗?", of_one.rstrip())
    return _COUNTED.sub("", before), of_one


def _trim(words: str) -> str:
    return re.sub(r"^(?:级|有|是|来了|收了|报了|[:：,，])+|[,，。;；和、跟与]+$|另外?$|还有$", "", words)


def _speak_of(name: str) -> str:
    """How one case is spoken of by itself: a letter or number says nothing of it, 焊工班 does."""
    return "这个班" if _SAYS_NOTHING.fullmatch(name) else name


def asks_total(text: str) -> bool:
    """Whether the cases are asked for together."""
    return bool(TOTAL.search(text))


def tell_cases(
    cases: Sequence[Case],
    answers: Sequence[Answer],
    messages: Messages,
    *,
    total: bool,
    left_off: Sequence[Case] = (),
) -> Answer:
    """One answer made of those to several cases, each under its name; with the sum of their figures where it is asked for.

    Args:
        left_off: cases beyond the limit, which are named; without them there is no sum.
    """
    names = [case.name for case in cases]
    heads = [messages.say("case", label=name) for name in names]
    rest = "、".join(case.name for case in left_off)
    unsaid = messages.say("left_off", most=str(len(cases)), rest=rest) if rest else ""

    def join(decisions: Sequence[Decision]) -> Decision:
        return join_cases(names, decisions, total and not rest)

    answer = join_answers(heads, answers, "", unsaid, join)
    decision = answer.decision
    if decision is None:
        return answer
    if decision.value and (last := decision.checks[-1]):
        marks = "".join(f"[{n}]" for n in last.cites)
        line = messages.say("difference", label=last.label, shown=last.shown)
        answer = replace(answer, text=f"{answer.text}\n{line}{marks}")
    if all(a.status == "refused" for a in answers):
        # Rules of another place decide none of them.
        return answer
    status: AnswerStatus = "needs_info" if decision.outcome == "unknown" else "answered"
    return replace(answer, status=status)
