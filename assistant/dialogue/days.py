"""Days and stretches of days as people name them: 2021年5月6日, 5月6号, 4月底, 上个月, 昨天.

In: the words, and the day they are said on. Out: the first and last day meant. A day without a year is one of the
year it is said in, or where its weekday is told (9月10日周五) of the last year in which it falls on that; which year that
is stands in the answer, so that nobody has to guess.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

from assistant.rules.numerals import read_number

_HAN = "零〇一二三四五六七八九十"
_YEAR = rf"(?P<year>(?:19|20)\d{{2}}|[一二][{_HAN}]{{3}}|去|今|明|前)年"
_MONTH = r"(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月份?"
_DAY = r"(?P<day>[12]\d|3[01]|0?[1-9]|二?十[一二三四五六七八九]?|三十一?|[一二三四五六七八九])(?:日|号)"
_PART = r"(?P<part>上旬|中旬|下旬|月?底|末|初)"
_ISO = r"(?P<iso>(?:19|20)\d{2}[-/.]\d{1,2}[-/.]\d{1,2})(?!\d)"
# 今天4月20号 is one day, not two.
_RELATIVE = r"(?P<relative>大前天|前天|昨天|今天(?![是都就已经才]{0,3}(?:\d{4}年)?\d{1,2}月)|明天|后天|大后天|上个?月|这个?月|本月|下个?月)"
_YEAR_END = r"(?P<end_year>(?:19|20)\d{2})年年?[底末]"
_WEEKDAY = r"(?:[(（,，、]?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])(?:[)）]|(?![至到\-~])))?"
_NO_YEAR = r"(?:[03-9]\d|1[0-8]|2[1-9])\d\d年"
"""A year that is none of ours: 9999年12月31日 is no day of this year."""
_OF_NO_YEAR = rf"(?<!{_NO_YEAR})(?<!{_NO_YEAR}1)"
DATE_PATTERN = rf"{_ISO}|(?:{_YEAR})?{_OF_NO_YEAR}{_MONTH}(?:{_DAY}(?!\d){_WEEKDAY}|{_PART}|(?![\d人个名次课学]))|{_RELATIVE}|{_YEAR_END}"
_DATE = re.compile(DATE_PATTERN)
_DAYS = {"大前天": -3, "前天": -2, "昨天": -1, "今天": 0, "明天": 1, "后天": 2, "大后天": 3}
_YEARS = {"前": -2, "去": -1, "今": 0, "明": 1}
_WEEKDAYS = "一二三四五六日天"
_MOST_YEARS_AWAY = 7
_PARTS = {
    "上旬": (1, 10),
    "初": (1, 10),
    "中旬": (11, 20),
    "下旬": (21, 31),
    "底": (21, 31),
    "末": (21, 31),
    "月底": (21, 31),
}


def read_days(words: str, as_of: date, year: int | None = None) -> tuple[date, date] | None:
    """The first and the last day that `words` mean; None where there is no such day.

    Args:
        year: of a day that is named without one; None for that of `as_of`.
    """
    match = _DATE.fullmatch(words)
    if match is None:
        return None
    try:
        return _read(match, as_of, year)
    except (ValueError, OverflowError):
        return None


def _read(match: re.Match[str], as_of: date, said: int | None) -> tuple[date, date]:
    if match["iso"]:
        day = date(*(int(piece) for piece in re.split(r"[-/.]", match["iso"])))
        return day, day
    if match["end_year"]:
        day = date(int(match["end_year"]), 12, 31)
        return day, day
    if relative := match["relative"]:
        return _read_relative(relative, as_of)
    year = _read_year(match["year"], as_of) if match["year"] else said or as_of.year
    month = int(read_number(match["month"]) or 0)
    if match["day"]:
        n_day = int(read_number(match["day"]) or 0)
        if match["weekday"] and not match["year"] and said is None:
            year = _find_year(year, month, n_day, min(_WEEKDAYS.index(match["weekday"]), 6))
        day = date(year, month, n_day)
        return day, day
    last = monthrange(year, month)[1]
    first_day, last_day = _PARTS.get(match["part"] or "", (1, last))
    return date(year, month, first_day), date(year, month, min(last_day, last))


def _find_year(year: int, month: int, day: int, weekday: int) -> int:
    """The year in which a day falls on a weekday (0 is Monday): this one, else the last one past, else the next one."""
    for other in (
        year,
        *range(year - 1, year - _MOST_YEARS_AWAY, -1),
        *range(year + 1, year + _MOST_YEARS_AWAY),
    ):
        if monthrange(other, month)[1] >= day and date(other, month, day).weekday() == weekday:
            return int(other)
    return year


def _read_relative(words: str, as_of: date) -> tuple[date, date]:
    if words in _DAYS:
        day = as_of + timedelta(_DAYS[words])
        return day, day
    shift = {"上": -1, "下": 1}.get(words[0], 0)
    months = as_of.year * 12 + as_of.month - 1 + shift
    year, month = divmod(months, 12)
    return date(year, month + 1, 1), date(year, month + 1, monthrange(year, month + 1)[1])


def _read_year(words: str, as_of: date) -> int:
    if words in _YEARS:
        return as_of.year + _YEARS[words]
    return int(read_number(words) or 0)
