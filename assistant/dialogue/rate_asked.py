"""A question → the quantities it states and the figure it asks for, where one may come of the other by a rate.

In: a question's text. Out: `AskedRate`; None where it asks for the rate itself (每人每天补多少), for what is left or beyond,
or for several figures that are to be added.
"""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from assistant.dialogue.quantities import TOKENS, Lexed, Quantity, lex_quantities
from assistant.dialogue.rate_texts import plain_unit
from assistant.documents.normalize import squeeze

_TOKEN = re.compile(f"[{chr(TOKENS['NUM'][0])}-{chr(TOKENS['NUM'][1])}]")
_ANY_TOKEN = f"[{chr(TOKENS['NUM'][0])}-{chr(TOKENS['DATE'][1])}]"
_UNIT = re.compile(
    r"(?:个)?(课时|学时|天(?![前后内之以])|晚(?![前后内])|人次|人(?!民|一班)|名(?!次)|位|(?:个)?月(?![前后内])|元|块)"
    # 10个脱贫学员   near miss: 2个班
    r"|个?(?=学员|学生|徒弟)|个(?=[^,;:。?\d]{1,6}(?:学员|学生|劳动力|[人户者]))|(?P<things>[个家期])"
)
THINGS = "个"
"""Unit of what is none of the things that rates are of: 2个班, 3个工位."""
_MANY = r"(?:多少|几(?![乎年月]|天前|天里))"
_MANY_SAID = re.compile(_MANY)
# 每人每天补多少, 补贴标准是多少, 比例多少   near miss: 每班最多几个
_ASKS_RATE = re.compile(
    rf"每(?!班|期|个?班)[^,;:。?]{{0,10}}{_MANY}|(?:比例|占比|比率|标准|单价|价格?|一天|一课时|一学时|一节课?|一晚|一个月)[^,;:。?]{{0,3}}{_MANY}"
    rf"|百分之(?:几|多少)|几成|{_MANY}(?:比例|个?百分)|{_MANY}[^,;。?]{{0,3}}(?:/|[一每](?:天|课时|学时|晚|人))"
)
# 还能补几天, 超了多少, 两样加起来   near miss: 还不取消
_ASKS_OTHER = re.compile(
    rf"还[能可差要剩有得]|超[了过出]?{_MANY}|[差少多剩退扣罚][发领拿补给拨]?了?{_MANY}|[差剩扣]|只[上学来]|没[上学]完|中途|加起来|加在一起|两[样项笔]|[各几]项|相差|分别|之前|另外?再|上浮|下浮"
)
_MONEY = re.compile(
    rf"{_MANY}个?(?:钱|元|块|万)|{_MANY}[^,;。?\d]{{0,4}}(?:补贴|补助|津贴|奖励|资金|费用?)"
    rf"|[补领拿给拨报返发付奖贴支][^,;。?\d]{{0,6}}{_MANY}(?=[,;。?呢啊呀]|$)"
)
_HOURS = re.compile(
    rf"{_MANY}个?[^,;。?\d]{{0,5}}(?:课时|学时)|(?:课时|学时)[^,;。?\d]{{0,6}}{_MANY}(?=[,;。?呢啊呀]|$)"
)
_PEOPLE = re.compile(rf"{_MANY}(?:个|名|位)?[^,;。?\d]{{0,3}}(?:人(?!次)|学员|学生)")
_FRAGMENT = re.compile(r"[,;:。?!]")
_ASKING = re.compile(rf"最[多少高低]|至[多少]|{_MANY}|可以|能|应|得|该")
_ALL = re.compile(r"(?:一?共|总共?|合计|总计|全班|全部|加一?起)")
_ONE = re.compile(r"(?:每|一)个?(?:人|名|位|学员)|我(?!们)|本人|自己|他|她")
_PERSON = re.compile(
    r"(?:我|他|她|本人|俺|咱)(?:们)?(?:家)?(?:是|属于|算)(?:个|一个|一名|名)?([^,;:。?]{2,10})"
)


class StatedQuantity(NamedTuple):
    """A quantity that a question states.

    Attributes:
        unit: as `plain_unit`.
        around: the words about it, up to what is asked.
        before: those of them before it.
    """

    value: Fraction
    unit: str
    around: str
    before: str


class AskedRate(NamedTuple):
    """What a question asks a figure of.

    Attributes:
        text: squeezed.
        units: units in which the figure may be told.
        fragments: those that ask.
        is_for_all, is_for_one: whether it is asked of all persons together, or of one.
        person: who the asker is, where they say so.
    """

    text: str
    quantities: tuple[StatedQuantity, ...]
    units: frozenset[str]
    fragments: tuple[str, ...]
    is_for_all: bool
    is_for_one: bool
    person: str

    def only(self, unit: str) -> StatedQuantity | None:
        """The one quantity in a unit; None where there is none, or several."""
        found = [q for q in self.quantities if q.unit == unit]
        return found[0] if len(found) == 1 else None


def read_asked_rate(text: str, as_of: date) -> AskedRate | None:
    """Read a question; None where nothing is to be computed of what it states."""
    text = squeeze(text)
    if not _MANY_SAID.search(text) or _ASKS_RATE.search(text) or _ASKS_OTHER.search(text):
        return None
    lexed = lex_quantities(text, as_of)
    quantities = _read_quantities(lexed)
    # 只上了一半, 两个班共80人: what is stated is not the quantity that the rate is of.
    is_parted = any(q.kind in ("SHARE", "RATIO") for q in lexed.quantities.values())
    if not quantities or is_parted or any(q.unit == THINGS for q in quantities):
        return None
    asked = tuple(f for f in _FRAGMENT.split(text) if _MANY_SAID.search(f))
    patterns = {"元": _MONEY, "课时": _HOURS, "人": _PEOPLE}
    person = _PERSON.search(text)
    return AskedRate(
        text,
        quantities,
        frozenset(u for u, pattern in patterns.items() if pattern.search(text)),
        asked,
        bool(_ALL.search(text)),
        bool(_ONE.search(text)),
        person[1] if person else "",
    )


def _read_quantities(lexed: Lexed) -> tuple[StatedQuantity, ...]:
    found = []
    for at in _TOKEN.finditer(lexed.text):
        quantity = lexed.quantities[at[0]]
        unit = _read_unit(quantity, lexed.text[at.end() :])
        if not unit:
            continue
        # A figure that is not one point (不到100课时) stays one of two, and is no number of its own.
        before = _FRAGMENT.split(lexed.text[: at.start()])[-1]
        after = _FRAGMENT.split(lexed.text[at.end() :])[0]
        before = _after_asking(before)
        after = _ASKING.split(after)[0]
        value = quantity.low if quantity.is_point and quantity.low is not None else Fraction(-1)
        clean = re.compile(_ANY_TOKEN)
        found.append(StatedQuantity(value, unit, clean.sub("", before + after), clean.sub("", before)))
    return tuple(found)


def _read_unit(quantity: Quantity, rest: str) -> str:
    m = _UNIT.match(rest)
    if m and m["things"]:
        return THINGS
    if m:
        return plain_unit((m[1] or "人").removeprefix("个") if m[1] != "个月" else "个月")
    return "元" if quantity.scale in ("万", "亿") else ""


def _after_asking(before: str) -> str:
    """What stands before a quantity, behind another thing that is asked."""
    return re.split(_MANY, before)[-1]
