"""Figures of a follow-up that mean something only with what was said before.

In: the facts of a message and those of earlier turns. Out: facts as they stand now. 再来12个学员 adds to the class that was
spoken of; 那我有76个 is a figure of what the question before asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

from assistant.dialogue.extract import Extracted
from assistant.rules.show import show_number

_MORE = re.compile(
    r"(?:再|又|还|另外?|额外|新|临时)(?:来|加|招|收|增加?|添|请|配|补|进|插|报)了?(?!到|成|为)[^,，。\d]{0,4}$|(?:增加|多出?|添|加)了?$"
)
_FEWER = re.compile(r"(?:少|减|退|走|缺|撤|砍|裁)(?:掉|去|少|了)*(?!到|成|为)$")
_ASKED = re.compile(
    r"(?:最[多少高低长短]|至少|不超过)?(?:能|可以|要|得|应该)?(?P<verb>收|坐|招|配|安排|有|是)?(?:多少|几)(?P<unit>个?[人名位台套]|个(?:工位|学员|老师|教师)|分钟|课时|学时|人次)"
)


def add_to_known(extracted: Extracted, text: str, known: Mapping[str, str]) -> dict[str, str]:
    """The facts of a message, those that are said to be more or fewer than before added up."""
    found = {}
    for statement in extracted.statements:
        before, now = _read(known.get(statement.fact, "")), _read(statement.given)
        lead = text[: statement.start] + re.split(r"[\d一二两三四五六七八九十百]", statement.words)[0]
        given = statement.given
        if before is not None and now is not None:
            if _MORE.search(lead):
                given = show_number(before + now)
            elif _FEWER.search(lead) and now <= before:
                given = show_number(before - now)
        found[statement.fact] = given
    return found


def state_figure(question: str, loose: Sequence[str]) -> str:
    """The question before with a figure in place of the one it asked for; empty where that is not one figure."""
    asked = list(_ASKED.finditer(question))
    number = re.match(r"\d+|[一二两三四五六七八九十百]+", loose[0]) if len(loose) == 1 else None
    if len(asked) != 1 or not number:
        return ""
    match = asked[0]
    unit = match["unit"] if len(match["unit"]) > 2 else match["unit"].removeprefix("个")
    return f"{question[: match.start()]}{match['verb'] or ''}{number[0]}{unit}"


def _read(given: str) -> Fraction | None:
    """A plain number; None for ranges, shares and words."""
    return Fraction(given) if re.fullmatch(r"\d+(?:\.\d+)?", given) else None
