"""The rates that one sentence of a clause states: 每人每天35元, 不得超过总课时的25%, 每20名学员配1名.

In: a sentence, squeezed. Out: `Rate`s in the order of the text, each with what it is a rate of and what it is capped at;
every figure that may be a rate, too, so that a sentence with two of them is known to have two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from typing import Literal, NamedTuple

from assistant.rules.numerals import read_number
from assistant.rules.schema import Bound

Kind = Literal["each", "share", "group"]
UNITS = {"学时": "课时", "日": "天", "名": "人", "位": "人", "块": "元", "月": "个月"}
"""Units that are counted as another one is."""
_SCALE = {"万": 10_000, "亿": 100_000_000}
_N = r"\d+(?:\.\d+)?"
_MONEY = rf"(?P<money>{_N})(?P<scale>[万亿])?元(?![—~至化]|以|左右)"
_PER = r"课时|学时|人次|人|天|日|晚|个月|月"
_EACH = re.compile(
    # 每人每天给予生活补助35元   near miss: 每人每天30元至50元, 每期每人500元
    rf"(?:每(?:名|个|位)?(?:学员|{_PER}))+(?P<gap>[^\d,;:。每]{{0,12}}){_MONEY}(?!/)"
    # 12元/人·天   near miss: 1800元/人/年
    rf"|{_MONEY.replace('<money>', '<money2>').replace('<scale>', '<scale2>')}/(?P<over>(?:{_PER})(?:[·/.](?:{_PER}))*)(?![·/.\w])"
)
_ONE_PER = re.compile(rf"每?(?:名|个|位)?(学员|{_PER})")
_ANY_MONEY = re.compile(rf"{_N}[万亿]?元")
_SHARE = re.compile(
    rf"(?P<percent>{_N})%|百分之(?P<han>[一二两三四五六七八九十]+)|(?P<half>一半)|(?P<whole>[二三四五六七八九十])分之(?P<part>[一二两三四五六七八九])"
)
_BASE = re.compile(
    r"(?:(?P<most>不[得能可]?超过|不[得能可]?高于|不[得能可]?多于|控制在)|(?P<least>不[得能可]?低于|不[得能可]?少于|至少达到)"
    r"|(?P<over>超过)|(?P<short>不足|不满|低于)|(?P<plain>按照?|补助|补贴|拨付|预拨))"
    r"(?P<base>(?:(?!超过|不足|低于|高于|少于|按)[^\d,;:。、]){2,12}?)(?:的|之)?$"
)
_LOSES = re.compile(r"取消|不予|不得|不再|停止|扣|视为|终止|清退")
_GIVES = re.compile(
    r"^(?:的?(?:比例|标准))?(?:给予|补助|补贴|拨付|预拨|奖励|发放|支付|领取|先行|享受|执行|$)"
)
_GROUP = re.compile(
    r"每(?P<size>\d+)(?:名|个|位)?(?:学员|学生|学徒|人)?(?P<mid>[^\d,;:。]{0,8}?)(?P<n>\d+|[一两二三])(?P<counter>[名个台位套])"
    r"(?P<noun>[^\d,;:。()、的]{0,8})"
)
_ANY_GROUP = re.compile(r"每\d+(?:名|个|位)?(?:学员|学生|学徒|人)")
_PROVIDES = re.compile(
    r"^(?:学员)?(?:应当?|须|可以)?(?:至少|不少于|不低于)?(?:配备?|设|设置|安排|有)?(?:至少|不少于|不低于)?(?:有)?$"
)
_LEAD = re.compile(r"(?:原则上|应当?|须|按照?|每班)+$")
CAP = re.compile(
    r"(?P<each>每(?:人|名)[^\d,;。]{0,4})?(?:最高|最多|至多|不[得能]?超过|不[得能]?高于|上限为?|封顶)[^\d,;:。]{0,6}?"
    rf"(?P<n>{_N})(?P<scale>[万亿])?(?P<unit>课时|学时|元|天|日|晚|人次|人|名|个?月)"
)


class Cap(NamedTuple):
    """An end that a text sets to a quantity, or to what comes of it.

    Attributes:
        is_each: it is said to hold for each person.
        start, end: where it stands in the sentence.
    """

    value: Fraction
    unit: str
    is_each: bool
    start: int
    end: int


class Rate(NamedTuple):
    """A rate of one sentence.

    Attributes:
        figure: yuan, the share, or how many are wanted; None for one that is not understood and only stands beside others.
        per: units of which there must be figures: ("人", "天") for 每人每天, ("人",) for a group.
        size: of a group.
        base: what a share is of; the thing that is wanted for a group.
        counter: how the things that are wanted are counted.
        own: what stands between the figure before and this one.
        before: all that stands before it in the sentence.
        after: what stands behind it.
    """

    kind: Kind
    figure: Fraction | None
    per: tuple[str, ...]
    size: int
    base: str
    bound: Bound
    own: str
    before: str
    after: str
    start: int
    end: int
    counter: str = ""


def plain_unit(unit: str) -> str:
    """A unit as it is counted: 学时 is 课时."""
    unit = "人" if unit == "学员" else unit
    return UNITS.get(unit, unit)


def find_caps(text: str) -> list[Cap]:
    """The ends that a text sets."""
    return [
        Cap(
            Fraction(m["n"]) * _SCALE.get(m["scale"] or "", 1),
            plain_unit(m["unit"]),
            bool(m["each"]),
            *m.span(),
        )
        for m in CAP.finditer(text)
    ]


def find_rates(text: str) -> list[Rate]:
    """The rates of a sentence, those not understood included."""
    return [*_find_each(text), *_find_shares(text), *_find_groups(text)]


def _find_each(text: str) -> Iterable[Rate]:
    caps = find_caps(text)
    read = {m.end(): m for m in _EACH.finditer(text)}
    last = 0
    for any_money in _ANY_MONEY.finditer(text):
        if any(c.start <= any_money.start() < c.end for c in caps):
            continue
        m = next((m for m in read.values() if m.start() <= any_money.start() < m.end()), None)
        start, end = (m or any_money).span()
        own, last = text[last : any_money.start()], any_money.end()
        figure, per = None, tuple[str, ...]()
        if m and not re.search(r"[—~至]$", text[:start]):
            said = m["over"] or text[start : m.start("money")].removesuffix(m["gap"] or "")
            per = tuple(plain_unit(u) for u in _ONE_PER.findall(said))
            scale = _SCALE.get(m["scale"] or m["scale2"] or "", 1)
            figure = Fraction(m["money"] or m["money2"]) * scale
        if m and re.search(r"[不最至低高]|[年期]", m["gap"] or ""):
            figure = None
        # 每期每人500元, 每人每年5500元: a period nothing is said of.
        if re.search(r"每(?:期|年|次|班|家|个[^人]|季)[^,;。]{0,4}$", text[:start]):
            figure = None
        yield Rate("each", figure, per, 1, "", "==", own, text[:start], text[end:], start, end)


def _find_shares(text: str) -> Iterable[Rate]:
    last = 0
    for m in _SHARE.finditer(text):
        own, before, after = text[last : m.start()], text[: m.start()], text[m.end() :]
        last = m.end()
        base = _BASE.search(before)
        figure, bound = (_read_share(m), _read_bound(base, after)) if base else (None, None)
        words = base["base"] if base else ""
        subject = before[: base.start()] if base else before
        yield Rate(
            "share", figure if bound else None, (), 1, words, bound or "==", own, subject, after, *m.span()
        )


def _read_bound(base: re.Match[str], after: str) -> Bound | None:
    """What a share bounds; None where that is not clear: 超过15%的, which alone says nothing."""
    if re.match(r"[—~至到以左]", after):
        return None
    if base["most"]:
        return "<="
    if base["least"]:
        return ">="
    if base["over"] or base["short"]:
        loses = _LOSES.search(after) and re.match(r"的|、", after)
        return ("<=" if base["over"] else ">=") if loses else None
    return "==" if _GIVES.match(after.partition(",")[0]) else None


def _read_share(m: re.Match[str]) -> Fraction | None:
    if m["half"]:
        return Fraction(1, 2)
    if m["percent"]:
        return Fraction(m["percent"]) / 100
    if m["han"]:
        number = read_number(m["han"])
        return None if number is None else number / 100
    whole, part = read_number(m["whole"]), read_number(m["part"])
    return part / whole if whole and part else None


def _find_groups(text: str) -> Iterable[Rate]:
    read = {m.start(): m for m in _GROUP.finditer(text)}
    last = 0
    for at in sorted({*read, *(m.start() for m in _ANY_GROUP.finditer(text))}):
        m = read.get(at)
        fragment = re.split(r"[,;:。]", text[:at])[-1]
        own, before = text[last:at], _LEAD.sub("", fragment)
        end = m.end() if m else at + 1
        last = end
        n = read_number(m["n"]) if m and _PROVIDES.match(m["mid"]) and int(m["size"]) else None
        size = int(m["size"]) if m else 1
        noun = m["noun"] if m else ""
        yield Rate(
            "group", n, ("人",), size, noun, ">=", own, before, text[end:], at, end, m["counter"] if m else ""
        )
