"""The periods that a sentence sets: 自受理之日起10个工作日内完成审核, 开班5个工作日前提交, 每月5日前报送上月进展.

In: a sentence of a document. Out: `Period`s: how long, from which event or before which, and for what. What is forbidden
for so long (3年内不得申报), what is only counted (近3个月内) and how long a text or a filing holds (有效期一年) are no periods
for anything; 90日内有效 of a voucher is one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from assistant.documents.normalize import squeeze
from assistant.rules.numerals import read_number

Unit = Literal["working_days", "days", "months"]
Way = Literal["within", "before", "lasting", "full", "monthly", "quarterly"]

_UNITS: dict[str, tuple[Unit, int]] = {
    "工作日": ("working_days", 1),
    "日": ("days", 1),
    "天": ("days", 1),
    "周": ("days", 7),
    "月": ("months", 1),
    "年": ("months", 12),
}
_N = r"(?P<n>\d{1,3}|[一二两三四五六七八九十]{1,3})"
_UNIT = r"(?:个)?(?P<unit>工作日|(?<=个)月|日|天|(?<!\d{4})年|周(?!岁))"
_LENGTH = rf"(?<![\d第月近每前满.〕］\]])(?:{_N}{_UNIT})"
_PERIODS = re.compile(
    # 每月5日前报送上月进展, 每季度首月10日前填报上季度进展   near miss: 8月31日前
    r"每(?:月|季度?(?P<which>首月|末月|第一个月|最后一个月))(?P<day>\d{1,2})[日号](?:之?前|以前)"
    # 提前10个工作日, 开班5个工作日前, 开班前5个工作日   near miss: 期满前2个月内
    rf"|(?P<ahead>提前(?:至少)?|(?<=[^之以])前){_LENGTH.replace('前满', '满')}(?!之?内|以内)"
    rf"|{_LENGTH.replace('?P<n>', '?P<n1>').replace('?P<unit>', '?P<unit1>')}(?:之?前|以前)"
    # 公示5个工作日, 公示期不少于5个工作日, 整改期为20日   near miss: 公示期内
    rf"|(?P<lasts>公示|整改)期?(?:限)?(?P<least>不少于|不得少于|不低于|至少)?(?:为|是)?"
    rf"{_LENGTH.replace('?P<n>', '?P<n2>').replace('?P<unit>', '?P<unit2>')}(?!之?[内前]|以内)"
    # 开班满30日   near miss: 累计接单满60天
    rf"|满(?:{_N.replace('?P<n>', '?P<n3>')}{_UNIT.replace('?P<unit>', '?P<unit3>')})(?!之?[内前]|[^,，;；。]*、)"
    # 之日起60日内, 之日起12个月, 受理后10个工作日内   near miss: 3年内不得申报
    rf"|{_LENGTH.replace('?P<n>', '?P<n4>').replace('?P<unit>', '?P<unit4>')}(?P<inside>之内|以内|内)?"
)
_SINCE = re.compile(r"(?:之日起?|之后|以后|后|起)(?:的)?$")
_OPENS = re.compile(
    r"(?:应当?|须|可以?|需要?|得|必须|要)?(?:自|从|在|于)(?![训职编校岗])|应当|应该?|必须|可以|(?:期限|时限|时间|期)为"
)
_LIMIT = re.compile(r"(?P<act>[^,，;；。]+?)的?(?:期限|时限|时间)[为是]$")
_NO_ACT = re.compile(
    r"^(?:的|未|累计|达|有(?!效(?:$|[,，;；。]))|被|无|不|均|就业|仅|只|免费享)|^[^,，;；。]{0,6}不(?:得|再|予|受|享|办)"
)
"""Behind a length that is no period for doing something: 3年内不得, 退役2年内的, 近6个月内累计."""
_LAPSES = re.compile(r"^(?:逾期|未按|未能|不)")
_MOVES = re.compile(r"遇(?:到)?(?:法定)?(?:节假日|休息日|假日|公休日)[^,，;；。]{0,6}顺延")
_FRAGMENT = re.compile(r"[^,，;；:：]+")
_PREVIOUS, _SAME = re.compile(r"上一?个?(?:月|季)"), re.compile(r"当月|本月")
_LAST_MONTH = ("末月", "最后一个月")


@dataclass(frozen=True, slots=True)
class Period:
    """One of them.

    Attributes:
        way: from when or until when it runs: so long after the event, so long before it, as long as the act lasts, not
            before so long after it, or a day of each month or quarter.
        count: of `unit`; of a day of each month that day.
        said: the length as written.
        event: words for what it is counted from; empty where the sentence does not say it.
        act: words for what is to be done in it; `actor` for who has to.
        is_least: it may last longer.
        is_implied: the event is only what stands before, as the condition or the step that the period follows.
        is_moved: the text itself moves a day off.
        months: of such a day: how many months it lies behind the month, or the quarter, that is told of; None where that is
            not said.
    """

    way: Way
    count: int
    unit: Unit
    said: str
    event: str
    act: str
    actor: str
    is_least: bool = False
    is_implied: bool = False
    is_moved: bool = False
    months: int | None = None


def find_periods(sentence: str) -> list[Period]:
    """The periods of a sentence, in reading order."""
    text = squeeze(sentence).rstrip("。;；")
    matches = [m for m in _PERIODS.finditer(text) if _is_period(m, text)]
    ends = [0, *(m.end() for m in matches)]
    starts = [*(m.start() for m in matches[1:]), len(text)]
    found = []
    for match, before, until in zip(matches, ends, starts, strict=False):
        if period := _read(match, text, before, until):
            found.append(period)
    return found


def _is_period(match: re.Match[str], text: str) -> bool:
    """Whether a length is more than that: 3年 alone, or 近3个月内, bounds nothing."""
    if match["n4"] is None:
        return True
    lead = text[: match.start()]
    return bool(match["inside"] or lead.endswith("起"))


def _read(match: re.Match[str], text: str, before: int, until: int) -> Period | None:
    """One period.

    Args:
        before: where the period before it ends.
        until: where the next one begins.
    """
    way: Way
    is_moved = bool(_MOVES.search(text))
    fragments = [(m.start(), m.end()) for m in _FRAGMENT.finditer(text)]
    own = next(i for i, (start, end) in enumerate(fragments) if start <= match.start() < end)
    lead = text[max(fragments[own][0], before) : match.start()]
    behind = text[match.end() : min(fragments[own][1], until)]
    if match["day"]:
        act = behind or _read_next(text, fragments, own, until)
        way = "quarterly" if match["which"] else "monthly"
        months = _count_months(match["which"], text)
        return Period(
            way, int(match["day"]), "days", match[0], "", act, lead, is_moved=is_moved, months=months
        )
    groups = next(
        (n, u) for n, u in (("n", "unit"), *((f"n{i}", f"unit{i}") for i in range(1, 5))) if match[n]
    )
    number, (unit, scale) = read_number(match[groups[0]]), _UNITS[match[groups[1]]]
    if number is None or _NO_ACT.search(behind):
        return None
    count = int(number) * scale
    said = match[groups[0]] + ("个" if "个" in match[0] else "") + match[groups[1]]
    earlier = text[before : fragments[own][0]].strip(",，:：")
    if match["lasts"]:
        return Period(
            "lasting", count, unit, said, match["lasts"], match["lasts"], lead, bool(match["least"])
        )
    way = "full" if match["n3"] else "within" if match["n4"] else "before"
    actor, event = _split_lead(lead, way)
    is_implied = False
    is_condition = way == "full" and behind.endswith("的")
    act = "" if is_condition else behind
    act = act or _read_next(text, fragments, own, until)
    if limit := _LIMIT.search(actor):
        act = limit["act"]
    elif match["ahead"] == "提前" and not event:
        event = earlier.rpartition(",")[2]
    elif way == "within" and not event:
        # 公示无异议的，15个工作日内拨付: from when it is so.
        event, is_implied = earlier.rpartition(",")[2], True
    return Period(
        way, count, unit, said, event, act, f"{earlier},{actor}", is_implied=is_implied, is_moved=is_moved
    )


def _count_months(which: str | None, text: str) -> int | None:
    """How many months after the month, or the quarter's last one, the day lies; None where the text does not say."""
    if which:
        return 0 if which in _LAST_MONTH else 1 if _PREVIOUS.search(text) else None
    return 1 if _PREVIOUS.search(text) else 0 if _SAME.search(text) else None


def _split_lead(lead: str, way: Way) -> tuple[str, str]:
    """Who has to act, and the event, of the words before a length: 培训机构应当在|证书核发之日起."""
    opens = list(_OPENS.finditer(lead))
    cut = opens[-1].end() if opens else 0
    actor, event = lead[:cut], lead[cut:]
    if way == "within" and not _SINCE.search(event):
        # 县财政局在8个工作日内: what stands before is no event.
        return lead, ""
    return actor, _SINCE.sub("", event).removeprefix("至少")


def _read_next(text: str, fragments: list[tuple[int, int]], own: int, until: int) -> str:
    """What is to be done where the fragment of the length ends with it: 培训结束之日起15日内，培训机构应当协助…."""
    for start, end in fragments[own + 1 :]:
        if start >= until or _LAPSES.search(text[start:end]):
            return ""
        return text[start : min(end, until)]
    return ""
