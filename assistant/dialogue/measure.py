"""Whether a text has a figure of the kind, unit and bound that a question asks for.

In: an understood question and a text, squeezed and in lower case. Out: yes or no; a figure of the other of two kinds, or
one that bounds the other end of a range, is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from assistant.dialogue import wording
from assistant.dialogue.understand import Understanding

_FIGURE = {
    "size": re.compile(r"\d[\d.]*(?:平方米|平方|平米|㎡|米|公斤|亩)|人口规模"),
    "money": re.compile(r"\d[\d.,]*(?:万|亿|千)?元"),
    "share": re.compile(
        r"\d[\d.]*%|[百千万一二三四五六七八九十]分之|[一二三四五六七八九十\d]倍|\d+[:：]\d+|[一二三四五六七八九]成"
    ),
    # 3年, 10个工作日   near miss: 2019年以来
    "time": re.compile(
        r"(?:(?<!\d)\d{1,3}|[一二三四五六七八九十]+)(?:个)?(?:工作日|天|日|周|星期|个?月|年|小时|分钟|学时|课时)|周岁"
    ),
    "date": re.compile(
        r"\d+年|\d+月|\d+日|之日|次日|当[日天]|[\d一二三四五六七八九十]+[时点]|年底|月底|之前|同步|定期|每[年月周]|及时"
    ),
    # 按检查在位平均人数作为本次培训数 tells how a figure is found.
    "count": re.compile(
        r"\d|[一二两三四五六七八九十百千]+[个名位所家种门项批类]|、|按[^,，。;；]{2,14}(?:作为|计算|核定|折算)"
    ),
}
_NUMBER = r"(?<![下上这那本第])(?:\d[\d,.]*|[一二两三四五六七八九十百千万]+)"
# 要保存几年 is not answered by 15分钟, 最多招多少学员 not by 30%.
_OF_UNIT = [
    (re.compile(rf"{asked}"), re.compile(rf"{_NUMBER}(?:多|余)?(?:个)?(?:{units})|{besides}"))
    for asked, units, besides in (
        # 一年训几个人 is told in 人次 too: whoever is trained is counted each time.
        (
            r"(?:训|带|教)(?!班|机构|中心|基地|学校|点)[^,，。?？]{0,6}(?:多少|几[十百千万]*)(?:个|名|位|号)?(?:人(?!次|民)|学员|农民|$)",
            r"人|名|位|倍|万|个(?![\u4e00-\u9fff])",
            r"\d+[:：]\d+",
        ),
        (
            r"多少(?:个|名|位)?(?:人(?!次|民)|学员|学生|老师|教师)|几(?:个|名|位)(?:人|学员|学生|老师|教师)",
            r"人(?!次)|名|位|倍|万|个(?![\u4e00-\u9fff])",
            r"\d+[:：]\d+",
        ),
        # 一年考几回 is told by 4月、8月、12月; 能补考几回 is not.
        (
            r"(?:[一每全]年|年度)[^,，。?？]{0,8}(?<![过那这])(?:几|多少)(?:次|回|趟)(?!数)",
            r"次|回|趟|遍",
            r"每(?:\d+个?)?(?:半?年|月|季|周|学期)|\d月、\d",
        ),
        (
            r"(?<![过那这])(?:几|多少)(?:次|回(?!事)|趟)(?!数)",
            r"次|回|趟|遍",
            r"每(?:\d+个?)?(?:半?年|月|季|周|学期)",
        ),
        (r"(?:几|多少)(?:个)?年(?!级)", r"(?<!\d{4})年|月", r"长期|永久|当年|本年度|年底"),
        (r"(?:几|多少)(?:个)?月", r"月|年|季度", r"月底|每月|按月"),
        (
            r"多久(?!录)|多长时间",
            r"工作日|天|日|周|年|月|小时|分钟",
            r"之日|当[日天]|随时|每[年月季周]|同步|及时",
        ),
        # 得去几个小时 is said of what the texts count in 学时; 一天上几小时 is not.
        (r"^(?!.*[一每][天日周节堂]).*(?:几|多少)(?:个)?(?:小时|钟头)", r"小时|时|学时|课时", r"全程"),
        (r"(?:几|多少)(?:个)?(?:分钟|小时)", r"分钟|小时|时", r"全程"),
        (r"(?:几|多少)(?:个)?(?:学时|课时|节课)", r"学时|课时|节", r"全程"),
        (
            r"多少(?:个|名)?(?:学员|学生)|(?:招|收|坐|带|容)[^,，。?？]{0,3}(?:多少|几)(?:个|名)?人(?!次)",
            r"人(?!次)|名|倍|万",
            r"\d+[:：]\d+",
        ),
    )
]
"""What a figure that is asked for in a unit may be told in."""
_ASKED_IN = re.compile(r"(?:几|多少)(所|家|门|支|座|处|期|届|场|道)")
"""Measure words that are told as they are asked: 多少所 is not answered by 100万人次."""
_IN_TRAININGS = re.compile(r"(?:多少|几)[十百千万]*人次")
_SET_OFF = re.compile(
    r"抵|提取?|折|预[支拨付借]|(?:多[给补发拿领加]|上浮|涨|加|高)[^,，。?？]{0,3}(?:多少|几)"
)
"""What is set off, advanced, or comes on top may be told as a share: 补助能多给多少, 先预支多少. Near miss: 给多少, 上浮之前是多少元."""
_MOST = re.compile(
    r"不(?:得)?超过|以内|以下|不(?:得)?多于|不(?:得)?高于|最多|至多|内完成|上限|之内|最高|截止|前(?:完成|出台)?$|于\d+月\d+日前"
)
_LEAST = re.compile(r"不(?:得)?少于|不(?:得)?低于|以上|至少|达到|不(?:得)?短于|最低|低于|不足|不满|起$")
_GRADE = re.compile(r"(?:特级|首席|高级)?技师|[初中高]级工(?!程)")
_GRADES = {"五": "初级工", "四": "中级工", "三": "高级工", "二": "技师", "一": "高级技师"}
"""The grades of skill by their number, as every certificate has both."""
_LEVEL = re.compile(r"(?<![省市县区])(?<!、)([一二三四五])级(?!政府|联动|医院|安全|学校|以[上下])")
"""The grades of skill that certificates are of. Source: 《技能中国行动实施方案》, the eight-grade system of skilled workers."""
_PARTS = (
    # 补贴性培训多少人次   near miss: 补贴培训机构; who asks for all of it may be told the part
    (
        re.compile(r"补贴性?(?:职业)?(?:技能)?(?:提升)?(?:培训|任务)|带补贴"),
        re.compile(r"各类(?:职业)?(?:技能)?培训"),
    ),
)
"""Parts of a whole whose figure is not the whole's."""
_FRAGMENT = re.compile(r"[,，。;；:：]")
_COUNTED = re.compile(r"\d|[一二两三四五六七八九十][个名位所]")
ASKS_LIMIT = re.compile(
    r"(?:有|设)(?:没有?|无)?(?:个|什么)?(?:上限|下限|封顶|保底|最[高低](?:限|线)?)|封不封顶|(?:上限|封顶|下限)(?:吗|么|没有?|不)"
)
"""Asks whether a figure is bounded at an end: 占比有封顶吗."""
_LISTED = re.compile(
    r"[过那这]几|(?:多少|几)(?:个(?!人)|家|项|种|类|条|门|所|名|位|样|大|件|块|方面|部门|单位)|哪|数字|数量|名额"
)
"""Asks for a number of things that a text may list without counting them.   near miss: 砍掉多少, 多少人次"""
_NO_COUNT = re.compile(
    r"^[(（]?[\d一二三四五六七八九十]+[)）、.．]|序号\d+|附件\d+|第\d+|[〔\[(（]\d{4}[〕\])）]\d+号|\d+号"
    r"|(?<!\d)(?:19|20)\d\d(?:[-—~至](?:19|20)?\d\d)?年|\d+月(?:\d+日)?|\d\+[\dxX]"
)
"""Figures that count nothing: the number of an item, of a document, a year, a day."""
_BARE_COUNT = re.compile(
    r"\d|[一二两三四五六七八九十百千]+(?:[个名位所家门种项批类人倍成]|分之)|数以[十百千万亿]+计|一半|翻番|减半|全额|全部|免费|不限"
    r"|按[^,，。;；]{2,14}(?:作为|计算|核定|折算)"
)
"""What 多少 alone may be told in."""


def has_figure(asked: Understanding, text: str) -> bool:
    """True where the text has a figure of the kind asked for."""
    if asked.measure is None:
        return True
    if told := _of_unit(asked):
        return bool(told.search(text))
    if asked.measure == "count" and not _LISTED.search(asked.text):
        return bool(_BARE_COUNT.search(_NO_COUNT.sub("", text)))
    kinds = [asked.measure]
    if asked.measure == "money" and _SET_OFF.search(asked.text):
        kinds.append("share")
    return any(_FIGURE[kind].search(text) for kind in kinds)


def names_unit(asked: Understanding) -> bool:
    """Whether the unit asked for is one that few other figures are in: 几千万人次."""
    return bool(_IN_TRAININGS.search(asked.text))


def is_of_other(asked: Understanding, text: str) -> bool:
    """True where every figure is of another kind: what a 公办 school gets is not what a 民办 one does, nor a 技师's a 高级工's."""
    if is_of_other_grade(asked, text):
        return True
    kinds = _kinds_asked(asked.bare) if asked.measure else ()
    if not kinds:
        return False
    told = [fragment for fragment in _FRAGMENT.split(text) if has_figure(asked, fragment)]
    return bool(told) and any(all(b.search(f) and not a.search(f) for f in told) for a, b in kinds)


def is_of_other_grade(asked: Understanding, text: str) -> bool:
    """Whether a text speaks of grades of skill and of none that a figure is asked of."""
    if not asked.measure:
        return False
    told = set(_GRADE.findall(text))
    if not told:
        return False
    wanted = {*_GRADE.findall(asked.bare), *(_GRADES[n] for n in _LEVEL.findall(asked.bare))}
    return bool(wanted and told) and wanted.isdisjoint(told) and "以上" not in text


@lru_cache(maxsize=64)
def _kinds_asked(text: str) -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    """The kinds of which a question names one and not the other; kept, for each sentence asks it of the same words."""
    return tuple((a, b) for a, b in (*wording.CONTRASTS, *_PARTS) if a.search(text) and not b.search(text))


def _of_unit(asked: Understanding) -> re.Pattern[str] | None:
    """What a figure of the unit asked for looks like; None where no unit is asked for, or money first."""
    if asked.measure == "money":
        return None
    if told := next((told for wanted, told in _OF_UNIT if wanted.search(asked.text)), None):
        return told
    measure = _ASKED_IN.search(asked.text)
    return _in_measure(measure[1]) if measure else None


@cache
def _in_measure(word: str) -> re.Pattern[str]:
    """A figure told in a measure word."""
    return re.compile(rf"{_NUMBER}(?:多|余)?{word}")


def contradicts_bound(
    asked: Understanding, around: str, fragments: Sequence[str], by_fragment: Sequence[float]
) -> bool:
    """True where the figure that meets the question best has only the other end of the range.

    公示最长几天 is not answered by 不少于3个工作日.

    Args:
        around: what a cell is read with, which then counts as a whole; empty for a sentence.
        by_fragment: how far each fragment meets the question.
    """
    if asked.bound is None:
        return False
    told = _of_unit(asked) or _COUNTED
    scored = [(x, f) for x, f in zip(by_fragment, fragments, strict=True) if told.search(f)]
    # 挽回5万元以上的，按3%奖励，最高5000元: a condition bounds nothing that follows from it.
    scored = [(x, f) for x, f in scored if not f.endswith("的")] or scored
    most = max((x for x, _ in scored), default=0.0)
    best = [around] if around else [f for x, f in scored if x == most]
    wanted, other = (_MOST, _LEAST) if asked.bound == "most" else (_LEAST, _MOST)
    # Of fragments that meet the question alike any may be the one that is meant.
    return bool(best) and all(other.search(f) and not wanted.search(f) for f in best)
