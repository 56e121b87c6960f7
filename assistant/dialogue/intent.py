"""What kind of result a question wants, and how well a rule gives it.

In: an understood question and a rule. Out: an `Intent`, and how far the rule's kind and name meet it. The name of a figure
tells apart what words alone do not: a gap, a share and a monthly rate of one target share all their words.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from assistant.dialogue.understand import Understanding
from assistant.rules.law import Check, Deadline, Quantity, Rule, Timeline, Verdict

Intent = Literal["whether", "figure", "day", ""]

_WHETHER = re.compile(
    r"[吗么嘛吧](?=[?？,，。!！]|$)|([\u4e00-\u9fff])不\1|[行成中可][不没否](?=[?？,，。!！]|$)|行不行|能不能|可不可以|是不是|是否|合规|合格|符合|达标|够不够|[能可][不否]?[能可]?开|中不中|可否|能否|算不算|超没超|超(?:标|员|编|额|过)?了?[没不]|要不要|有没有(?:问题|超|违|过关|达标|达到|合格)|超标|超员|过关|违规|了没有?(?=[?？,，。]|$)"
    r"|(?:咋样|怎么样|怎样|如何)(?=[?？]|$)"
    r"|哪(?:里|儿|一?[点项条处些])(?:不合[适规格]|不行|有问题|不对|不符|不达标|没达标|卡住)|有(?:什么|啥)问题|问题(?:出)?在哪"
    r"|(?:能|可以|会|用|该|得|轮得上)[^,，。?？]{0,14}[不没](?=[?？]|$)"
    r"|看看|判断|核对|审(?:一下|核)"
)
_FIGURE = re.compile(
    r"多少|(?<![哪的])几(?![年月天]?以内)|几[倍成]|还差(?!什么|啥|哪)|差几|缺口|多大|还剩|至少要|最少要|最多能|(?:合计|加起来)(?![是为有共:]?[\d一二两三四五六七八九十百])|总共要|算(?:一下|算)|怎么算|折合|折算"
)
_DAY = re.compile(
    r"哪一?[天日]|几[号日]|死线|什么时候|最[晚迟早](?:到)?(?:哪|几|什么)|何时|截止到?(?:哪|几)|到期|多久能|啥时候"
)

_YEAR = re.compile(r"(?=.*(?:19|20)\d\d年).*(?:哪一?年|什么年份|几几年)")
"""从2021年算,最晚到哪一年: a year counted on from another.   near miss: 文件是哪年发的"""


_NOT_KNOWN = re.compile(
    r"没(?:有)?(?:问|搞|弄|统计|数|算|想|商量|谈|敲|说|合计|讨论)?(?:清楚?|明白|准|定|好|告诉[我咱俺]们?|报上?来|收完|收齐|出来)|(?:得|还要|需要?|等)(?:先|再|回头|回去|去)?[^,，。;；]{0,6}(?:问|查|核实|数一?[下数])(?=[,，。;；]|一?下|$)|(?:统计|定|算|说|报)不(?:出来|下来|准|好)|不确定|不清楚|记不清|说不准|说不好|(?:不知道|不晓得)(?:呢|啊|呀|哦|了)?[,，。;；!！]?$"
)
_CLAUSE_END = re.compile(r"(?<=[,，。;；])")


def drop_unknown(text: str) -> str:
    """Without what somebody says they do not know: 老师有几个我还没问清楚, 实操多少不知道."""
    return "".join(piece for piece in _CLAUSE_END.split(text) if not _NOT_KNOWN.search(piece))


def _keep_asked(text: str) -> str:
    """Without what is not known, where something else is asked."""
    rest = drop_unknown(text)
    return rest if any(p.search(rest) for p in (_FIGURE, _DAY, _WHETHER)) else text


def asks_figure(text: str) -> bool:
    """Whether somebody asks how many, and not by what day."""
    text = _keep_asked(text)
    return bool(_FIGURE.search(text)) and not _DAY.search(text)


def read_intent(asked: Understanding) -> Intent:
    """What kind of result the asker wants; empty where nothing is asked."""
    return _read_intent(asked.text)


@lru_cache(maxsize=256)
def _read_intent(message: str) -> Intent:
    """The same by the words; kept, for every rule of a book asks it of the same words."""
    text = _keep_asked(message)
    if _YEAR.search(text):
        return "figure"
    if _DAY.search(text):
        return "day"
    if _FIGURE.search(text):
        return "figure"
    return "whether" if _WHETHER.search(text) else ""


def meet_intent(rule: Rule, intent: Intent, only_one: bool) -> float:
    """How well a rule gives the kind of result that is wanted, in [-1, 1]."""
    match rule:
        case Verdict():
            return {
                "whether": 0.2 if only_one else 1.0,
                "figure": -0.3,
                "day": -0.3,
                "": 0.0 if only_one else 0.6,
            }[intent]
        case Check():
            return {"whether": 0.2 if not only_one else 1.0, "figure": -0.3, "day": -0.2, "": 0.0}[intent]
        case Quantity():
            return {"whether": -0.4, "figure": 1.0, "day": -0.5, "": 0.0}[intent]
        case Deadline() | Timeline():
            return {"whether": -0.2, "figure": -0.2, "day": 1.0, "": 0.0}[intent]
    return 0.0


GAP = (
    re.compile(
        r"还差|(?<![最至])少(?:拨|给|发|提|做|训|配|交|缴)了?(?:多少|几)|差多少|差几|欠几|缺(?:多少|几)|缺口|还(?:要|得|需|缺|欠)|还剩|剩(?:下)?(?:多少|几)|才够|补(?:多少|几)|(?<!能)(?<!可以)再(?:培养|招|配|补|加)"
    ),
    re.compile(r"还差|(?<!紧)缺|还要|还需|要补|要加|要增"),
)
"""What is missing: how it is asked for, and how a figure of it is called."""
_SORTS = (
    # 还差多少 is a gap, 占百分之几 a share, 平均每月多少 a rate: what a figure is called tells which.
    GAP,
    (
        re.compile(r"百分之|百分比|占比|占多少(?![个名人位所项])|几成|完成率|比例是|进度"),
        re.compile(r"占比|比例|完成率|百分|进度|率$"),
    ),
    (re.compile(r"还能|还可以?(?:再)?|余量"), re.compile(r"还能|还可|余量")),
    (re.compile(r"每个?月|每个?季|平均每|月均|每年"), re.compile(r"每个?月|每个?季|平均每|每年")),
    (re.compile(r"增加|增量|要加|加(?:多少|几)|多(?:加|训|培训|做)"), re.compile(r"增加的|增量")),
    # A total of the country or the province is asked for as one.
    (re.compile(r"全[国省]|国家|省里"), re.compile(r"^全[国省]")),
    (re.compile(r"几年(?!级)|多少年"), re.compile(r"几年(?!合计)|年数|年份")),
    # 离县里的要求还差多少 is asked for a school.
    (
        re.compile(r"全县|县[里上](?!的?(?:要求|规定|标准|定|给|下达))|[我咱俺]们?县(?![里上]的?要求)"),
        re.compile(r"^全县"),
    ),
)
_ENDS = (
    (re.compile(r"最多|顶多|至多"), re.compile(r"最多|上限|还能"), "<="),
    (re.compile(r"最少|至少|起码|下限"), re.compile(r"最少|至少|最低"), ">="),
)
_REMARK = re.compile(r"（[^（）]*）")
"""What a name adds in brackets: how the figure is taken, not what it is."""
_OBJECT = re.compile(r"(?:多少|几)(?:个|名|位|台|套|间)?(人次|钱|[\u4e00-\u9fff]{2})")
"""What is counted: 几个老师, 多少课时."""
_BEFORE = re.compile(r"([^,，。;；]{0,8})(?:多少|几)")
_ANYTHING = {"个人", "人能", "人次", "才行", "学员", "多少"}
"""Words that say little of what is counted."""
_N_TEXTS, _N_NAMES = 256, 2048
"""Texts and names whose reading is kept."""


def agree_in_name(rule: Rule, text: str) -> float:
    """How well the name of a figure goes with what is asked: one up or down for each sort that one of them names."""
    if not isinstance(rule, Quantity):
        return 0.0
    asked, named = _read_asked(text), _read_name(rule.label)
    score = sum(
        (1.0 if a else 0.0) if a == n else -1.0 for a, n in zip(asked.sorts, named.sorts, strict=True)
    )
    # A limit need not be asked for as one.
    ends = (
        is_named or rule.bound == bound
        for is_asked, is_named, (_, _, bound) in zip(asked.ends, named.ends, _ENDS, strict=True)
        if is_asked
    )
    return score + sum(1.0 if is_named else -1.0 for is_named in ends) + _counts(rule, asked)


class _Asked(NamedTuple):
    """What a text asks of a figure: sorts and ends as listed above, what it counts, and what stands before that."""

    sorts: tuple[bool, ...]
    ends: tuple[bool, ...]
    objects: frozenset[str]
    before: str


class _Named(NamedTuple):
    """The sorts and ends that the name of a figure names."""

    sorts: tuple[bool, ...]
    ends: tuple[bool, ...]


@lru_cache(maxsize=_N_TEXTS)
def _read_asked(text: str) -> _Asked:
    """Kept, for every figure of a book is held against the same words."""
    return _Asked(
        tuple(bool(asked.search(text)) for asked, _ in _SORTS),
        tuple(bool(asked.search(text)) for asked, _, _ in _ENDS),
        frozenset(_OBJECT.findall(text)),
        " ".join(_BEFORE.findall(text)),
    )


@lru_cache(maxsize=_N_NAMES)
def _read_name(label: str) -> _Named:
    name = _REMARK.sub("", label)
    return _Named(
        tuple(bool(named.search(name)) for _, named in _SORTS),
        tuple(bool(named.search(name)) for _, named, _ in _ENDS),
    )


@lru_cache(maxsize=_N_NAMES)
def _find_objects(questions: tuple[str, ...]) -> frozenset[str]:
    return frozenset(o for q in questions for o in _OBJECT.findall(q))


def _counts(rule: Quantity, asked: _Asked) -> float:
    """Up where a sample question counts what the question counts, down where they count other things."""
    own = _find_objects(rule.questions)
    if not asked.objects or not own:
        return 0.0
    # 老师得有几个: what is counted may be said before.
    return 1.0 if asked.objects & own or any(o in asked.before for o in own - _ANYTHING) else -1.0
