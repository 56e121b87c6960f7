"""Figures that a message tells by way of others (两节连着上一共70分钟, 上5天每天8课时) → the figure that they come to.

In: normalised text without blanks. Out: the same with such stretches put as the one figure (每课时35分钟, 总共40课时), so that
the wordings of `facts.yaml` read them. Exact or not at all: what comes out as no finite figure stays as it was said. These
are ways of speaking about lessons, days and groups; nothing here knows what a document asks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from assistant.rules.numerals import read_number
from assistant.rules.show import show_number

_N = r"(?:\d+(?:\.\d+)?|[一二两三四五六七八九十百]+)"
_LESSON = r"个?(?:课时|学时|节课?|堂课?)"
_UP = r"[成作为]?(?:作为)?"

_JOINED = re.compile(
    # 两节连着上,一共70分钟,按两个课时记   near miss: 两节课之间休息10分钟
    rf"(?<![第每])(?P<n>{_N}){_LESSON}(?:连着|连堂|连在一起|合着|合在一起|合成一节|连)(?:着|上|讲|排)*[^,。;?\d]{{0,4}},?"
    rf"(?:一共|总共|共|合计|加起来|前后)(?:只|才|就)?(?:有|是|上)?(?P<m>{_N})分钟"
    rf"(?:,?(?:却|就|还|都)?(?:按|算|当|记|计){_UP}(?P<k>{_N}){_LESSON}(?:来)?(?:记|算|计|报)?)?"
)
_CLOCK = re.compile(
    # 从上午8点到11点不休息连着上5节课   near miss: 上午8点到11点上课
    rf"从?(?:每天)?(?:上午|早上|早晨|下午|晚上)?(?P<h1>{_N})点(?P<m1>半|整)?(?:到|至|[-~—])(?:上午|中午|下午|晚上)?"
    rf"(?P<h2>{_N})点(?P<m2>半|整)?,?(?:中间|课间|中途)?(?:都|也)?(?:不休息|不歇|不下课|一口气|连着|没有?休息|连轴)[^,。;?\d]{{0,8}}?"
    rf"(?P<n>{_N})(?:节|堂|个?课时|个?学时)课?"
)
_HALVES = re.compile(
    rf"(?P<day>每天|天天|一天)?上午(?:上|排|安排|各)?(?P<a>{_N}){_LESSON}[、,和]?下午(?:上|排|安排)?(?P<b>{_N}){_LESSON}"
)
_HALF_DAYS = re.compile(
    # 实操占13个半天   near miss: 实操课停了半天
    rf"(?P<what>实操|实训|理论)课?(?:时|部分)?(?:占|是|有|排|安排|上)*了?(?P<n>{_N})个半天"
)
_PER_DAY = (
    r"(?:每天|一天|天天)(?:都)?(?:上|学|讲|排|安排)*(?P<h>"
    + _N
    + r")个?(?:课时|学时|节课?)(?!以[上内下]|左右)"
)
_DAYS = (
    r"(?<![\d第每一二两三四五六七八九十百号月])(?:一共|总共|共|连着|连续|连|我们|培训|学|上|办|开|排|教|讲)*了?(?P<d>"
    + _N
    + r")天(?P<half>半)?"
)
_DAYS_FIRST = re.compile(rf"(?:^|(?<=[,。;:、（(们班期要咱俺])){_DAYS},{_PER_DAY}")
_DAYS_LAST = re.compile(rf"{_PER_DAY},{_DAYS}(?=[,。;?!]|$)")
_OVER_HALF = re.compile(
    # 实操比总课时的一半还多十五节   near miss: 实操比理论多10课时
    rf"(?P<what>实操|实训|理论)课?(?:时)?(?:比|较)总?(?:课时|学时)?的?一半(?:还|再)?(?:要)?(?P<way>多|少)(?:出|了)?(?P<n>{_N})(?:个?课时|个?学时|节课?|堂课?)"
)
_WHOLE = re.compile(rf"(?:总课时|总学时|总共|一共|总)(?:是|有|为|:)?(?P<n>{_N})(?!个?[人名分位天])")
_TIMES = re.compile(
    rf"(?P<of>实操|实训|理论)课?时?(?:正好|刚好|恰好|就|正)?是(?P<than>理论|实操|实训)课?时?的?(?P<n>{_N})倍"
)
_PEOPLE = rf"[\u4e00-\u9fff]{{1,4}}?(?:来|有|报|报了|来了)?{_N}[个名]?人?"
_MERGED = re.compile(
    # 东村45个、西村40个,想合到一个班   near miss: 老师2个、工位3个,合到一个班
    rf"(?P<all>{_PEOPLE}(?:[、,和]{_PEOPLE})+),?(?:想|要|打算|准备|都|一起|能不能|可以|全)*(?:合|并|凑|编|塞|拼)(?:到|在|成|进|为|起来)*(?:一个|同一个?|一)大?班(?:里面?|上)?(?:上课?|学)?"
)
_NO_PEOPLE = re.compile(r"师|工位|课时|学时|节|分钟|机|台|兼职|专职|其中|里")
_LACKING = re.compile(
    # 该配四个老师,眼下缺一个老师   near miss: 缺几个老师
    rf"(?:应该?|该|要|需要?|得)配(?P<n>{_N})[个名位](?P<who>老师|教师|师傅),?(?:眼下|目前|现在|如今|还|但|可|实际)*(?:缺|差|少)了?(?P<m>{_N})[个名位](?:老师|教师|师傅)?(?!.{{0,3}}(?:几|多少))"
)
_IN_PIECES = re.compile(
    # 每学时拍前8分钟、再拍后8分钟,加起来16分钟   near miss: 前8分钟录像
    rf"(?:每(?:个|一)?(?:课时|学时|节课?))?(?:只|就|各)?(?:拍|录)(?:了|像)?(?:前|开头|头)(?P<a>{_N})分钟[、,]?(?:再|又|和|加上?|然后)*(?:拍|录)?(?:了|像)?(?:后|末尾|结尾|最后|末)(?P<b>{_N})分钟"
    rf"(?:,?(?:加起来|合起来|一共|总共|共|合计)(?:有|是)?{_N}分钟)?"
)
_YEARLY = re.compile(
    # 做了900、1200、1500人次,年均   near miss: 900人次,年均要求多少
    rf"(?P<all>{_N}(?:人次?|名)?(?:[、,和]{_N}(?:人次?|名)?)+)[,的]?(?:下来)?(?:年均|平均每年|平均一年|每年平均)"
)
_DIGITS = "零一二三四五六七八九十"
_MOST_MINUTES, _MOST_HOURS, _HALF_DAY = 240, 12, 12


def reckon(text: str) -> str:
    """`text` with figures that are told by way of others put as what they come to; unchanged where none are."""
    for pattern, put in _WAYS:
        text = pattern.sub(put, text)
    return _reckon_days(text)


def _read(words: str | None) -> Fraction:
    number = read_number(words) if words else None
    return Fraction(0) if number is None else number


def _show(number: Fraction) -> str:
    """A figure that can be written out; empty for one that cannot, or that is none."""
    shown = show_number(number) if number > 0 else ""
    return shown if re.fullmatch(r"\d+(?:\.\d+)?", shown) else ""


def _of_lessons(minutes: Fraction, lessons: Fraction, said: str) -> str:
    """The minutes of one lesson; what cannot be a lesson stays as it was said."""
    each = _show(minutes / lessons) if lessons else ""
    return f"每课时{each}分钟" if each and minutes / lessons <= _MOST_MINUTES else said


def _put_joined(match: re.Match[str]) -> str:
    return _of_lessons(_read(match["m"]), _read(match["k"] or match["n"]), match[0])


def _put_clock(match: re.Match[str]) -> str:
    first, last = (
        _read(match[h]) + (Fraction(1, 2) if match[m] == "半" else 0) for h, m in (("h1", "m1"), ("h2", "m2"))
    )
    hours = last - first if last > first else last + _MOST_HOURS - first
    return _of_lessons(hours * 60, _read(match["n"]), match[0]) if hours <= _MOST_HOURS else match[0]


def _put_over_half(match: re.Match[str]) -> str:
    whole = {m["n"] for m in _WHOLE.finditer(match.string)}
    if len(whole) != 1:
        return match[0]
    more = _read(match["n"]) if match["way"] == "多" else -_read(match["n"])
    hours = _show(_read(whole.pop()) / 2 + more)
    return f"{match['what']}{hours}课时" if hours else match[0]


def _put_times(match: re.Match[str]) -> str:
    if (match["of"] == "理论") == (match["than"] == "理论"):
        return match[0]
    times = _read(match["n"])
    parts = times.numerator + times.denominator
    if not 0 < parts < len(_DIGITS):
        return match[0]
    return f"{match['of']}占总课时的{_DIGITS[parts]}分之{_DIGITS[times.numerator]}"


def _put_merged(match: re.Match[str]) -> str:
    if _NO_PEOPLE.search(match["all"]):
        return match[0]
    people = _show(sum((_read(n) for n in re.findall(_N, match["all"])), Fraction(0)))
    return f"一个班{people}人" if people else match[0]


def _put_yearly(match: re.Match[str]) -> str:
    figures = [_read(n) for n in re.findall(_N, match["all"])]
    mean = _show(sum(figures, Fraction(0)) / len(figures))
    return f"年均{mean}人次," if mean else match[0]


def _put_lacking(match: re.Match[str]) -> str:
    left = _show(_read(match["n"]) - _read(match["m"]))
    return f"{match['who']}{left}名" if left else match[0]


def _put_pieces(match: re.Match[str]) -> str:
    # What is taken in pieces runs on for no longer than its longest piece.
    return f"每学时连续录像{_show(max(_read(match['a']), _read(match['b'])))}分钟"


def _reckon_days(text: str) -> str:
    """Lessons by days: 上5天,每天上午4课时、下午4课时 are 40 in all; and 13 half days of four are 52."""
    halves = _HALVES.search(text)
    if halves and (day := _show(_read(halves["a"]) + _read(halves["b"]))):
        if _read(halves["a"]) == _read(halves["b"]) <= _HALF_DAY:
            each = _read(halves["a"])
            text = _HALF_DAYS.sub(lambda m: f"{m['what']}{_show(each * _read(m['n']))}课时", text)
        text = _HALVES.sub(f"每天{day}课时", text, count=1)
    return _DAYS_LAST.sub(_put_days, _DAYS_FIRST.sub(_put_days, text))


def _put_days(match: re.Match[str]) -> str:
    days = _read(match["d"]) + (Fraction(1, 2) if match["half"] else 0)
    hours = _show(days * _read(match["h"]))
    return f"总共{hours}课时" if hours else match[0]


_WAYS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_JOINED, _put_joined),
    (_CLOCK, _put_clock),
    (_OVER_HALF, _put_over_half),
    (_TIMES, _put_times),
    (_MERGED, _put_merged),
    (_YEARLY, _put_yearly),
    (_LACKING, _put_lacking),
    (_IN_PIECES, _put_pieces),
)
