"""Which days are worked, and the day that lies so many days after another.

In: the data of `calendar.yaml`. Out: a `Calendar`. Days are counted as 《民法典》第二百零一至二百零三条 say: the
first day does not count, a month ends on its corresponding day, a last day off moves to the next day worked.

One decision: a year whose holidays are not published yet is no error. The day is then a range, bounded by the
most that any stretch of published days took off or added.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, pairwise
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from assistant.errors import RequestInvalid
from assistant.rules.load import raise_faults, validate

WINDOW = 60
"""Days of the stretch that the bounds of unpublished years are stated for."""
_SATURDAY = 5
_MOST_DAYS_OFF = 30


class DayRange(NamedTuple):
    """A day, or the days it may be (both inclusive); `reason` is empty where the day is certain."""

    earliest: date
    latest: date
    reason: str


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _HolidayData(_Model):
    """A holiday; `days` are its first and last day."""

    name: str
    days: tuple[date, ...]


class _YearData(_Model):
    """One year's arrangement and the notice that makes it."""

    notice: str
    holidays: tuple[_HolidayData, ...]
    make_up_days: tuple[date, ...] = ()


class _UnpublishedData(_Model):
    """The most weekdays off, and the most weekend days worked, in any `WINDOW` days."""

    most_days_off: int
    most_make_up_days: int


class _CalendarFile(_Model):
    years: dict[int, _YearData]
    unpublished: _UnpublishedData


@dataclass(frozen=True, slots=True)
class Calendar:
    """The published working days and what bounds the others.

    Attributes:
        notice_by_year: the notice of each published year, in order of years.
        days_off: holidays of the published years, weekend days among them.
        make_up_days: weekend days that are worked.
        most_days_off: the most weekdays off in `WINDOW` days of an unpublished year.
        most_make_up_days: the most weekend days worked in them.
        longest_break: the most weekdays that one unbroken stretch of days off takes.
    """

    notice_by_year: dict[int, str]
    days_off: frozenset[date]
    make_up_days: frozenset[date]
    most_days_off: int
    most_make_up_days: int
    longest_break: int

    def is_published(self, year: int) -> bool:
        """Whether the holidays of a year are known."""
        return year in self.notice_by_year

    def is_working_day(self, day: date) -> bool:
        """Whether a day of a published year is worked.

        Raises:
            ValueError: its year is not published.
        """
        if not self.is_published(day.year):
            raise ValueError(f"the holidays of {day.year} are not published")
        return day in self.make_up_days or (_is_weekday(day) and day not in self.days_off)

    def notices(self, first: date, last: date) -> tuple[str, ...]:
        """The notices of the published years that two days and those between them touch, in order."""
        low, high = sorted((first.year, last.year))
        return tuple(notice for year, notice in self.notice_by_year.items() if low <= year <= high)

    def add_working_days(self, day: date, n: int) -> DayRange:
        """The n-th day worked after `day`, which itself does not count.

        Args:
            n: negative counts back; 0 is the day itself.

        Raises:
            RequestInvalid: the day lies beyond the calendar.
        """
        step, left = (1, n) if n >= 0 else (-1, -n)
        _shift(day, n)
        while left:
            following = _shift(day, step)
            if not self.is_published(following.year):
                return self._bound_working_days(day, left, step)
            day = following
            left -= self.is_working_day(day)
        return _certain(day)

    def add_days(self, day: date, n: int) -> DayRange:
        """The day n days after `day`; one that is a day off moves to the next day worked.

        Args:
            n: negative counts back, and then nothing moves.

        Raises:
            RequestInvalid: the day lies beyond the calendar.
        """
        last = _shift(day, n)
        return self._move(last) if n >= 0 else _certain(last)

    def add_months(self, day: date, n: int) -> DayRange:
        """The corresponding day n months later, moved like that of `add_days`.

        Raises:
            RequestInvalid: the day lies beyond the calendar.
        """
        last = corresponding_day(day, n)
        return self._move(last) if n >= 0 else _certain(last)

    def _move(self, day: date) -> DayRange:
        """The first day worked from `day` on."""
        while self.is_published(day.year):
            if self.is_working_day(day):
                return _certain(day)
            day = _shift(day, 1)
        latest, weekdays = day, int(_is_weekday(day))
        while weekdays <= self.longest_break:
            latest = _shift(latest, 1)
            weekdays += _is_weekday(latest)
        return self._make_range(day, latest, day.year)

    def _bound_working_days(self, start: date, n: int, step: int) -> DayRange:
        """The days that the n-th day worked after `start` may be, by the bounds alone."""
        weekdays = weekends = 0
        first: date | None = None
        for elapsed in count(1):
            day = _shift(start, step * elapsed)
            weekdays += _is_weekday(day)
            weekends = elapsed - weekdays
            windows = -(-elapsed // WINDOW)
            if first is None and weekdays + min(weekends, windows * self.most_make_up_days) >= n:
                first = day
            if first is not None and weekdays - windows * self.most_days_off >= n:
                earliest, latest = sorted((first, day))
                return self._make_range(earliest, latest, _shift(start, step).year)
        raise AssertionError

    def _make_range(self, earliest: date, latest: date, year: int) -> DayRange:
        if earliest == latest:
            return _certain(earliest)
        is_past = bool(self.notice_by_year) and year < max(self.notice_by_year)
        return DayRange(earliest, latest, f"{year}年放假安排{'未收录' if is_past else '尚未公布'}")


def corresponding_day(day: date, n_months: int) -> date:
    """The same day of another month, or that month's last day where it has none; nothing moves.

    Raises:
        RequestInvalid: the month lies beyond the calendar.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + n_months, 12)
    if not date.min.year <= year <= date.max.year:
        raise _beyond()
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def load_calendar(data: object, name: str) -> Calendar:
    """Check the parsed data of a calendar file and build the calendar.

    Args:
        data: as YAML or JSON has it; days may be ISO strings.
        name: the file's name, for messages.

    Raises:
        RuleError: keys, types or days are wrong; each is named.
    """
    file = validate(_CalendarFile, data, name)
    raise_faults(list(_find_faults(file)), name)
    years = dict(sorted(file.years.items()))
    off = frozenset(day for year in years.values() for holiday in year.holidays for day in _days(holiday))
    worked = frozenset(day for year in years.values() for day in year.make_up_days)
    return Calendar(
        notice_by_year={number: year.notice for number, year in years.items()},
        days_off=off,
        make_up_days=worked,
        most_days_off=file.unpublished.most_days_off,
        most_make_up_days=file.unpublished.most_make_up_days,
        longest_break=_longest_break(off, worked),
    )


def _find_faults(file: _CalendarFile) -> Iterator[str]:
    if not 0 <= file.unpublished.most_days_off <= _MOST_DAYS_OFF:
        yield f"unpublished.most_days_off：应在 0 到 {_MOST_DAYS_OFF} 之间"
    if file.unpublished.most_make_up_days < 0:
        yield "unpublished.most_make_up_days：不能小于 0"
    for number, year in file.years.items():
        for fault in (*_find_holiday_faults(number, year), *_find_make_up_faults(number, year)):
            yield f"years.{number}.{fault}"


def _find_holiday_faults(number: int, year: _YearData) -> Iterator[str]:
    if not year.notice.strip():
        yield "notice：不能为空"
    for holiday in year.holidays:
        key = f"holidays（{holiday.name}）"
        if len(holiday.days) != 2 or holiday.days[0] > holiday.days[1]:
            yield f"{key}：days 应为首日和末日"
        elif {day.year for day in holiday.days} != {number}:
            yield f"{key}：日期不在 {number} 年内"
    whole = sorted((h for h in year.holidays if len(h.days) == 2), key=lambda h: h.days)
    for one, other in pairwise(whole):
        if other.days[0] <= one.days[1]:
            yield f"holidays：{one.name}与{other.name}的日期重叠"


def _find_make_up_faults(number: int, year: _YearData) -> Iterator[str]:
    spans = [holiday.days for holiday in year.holidays if len(holiday.days) == 2]
    for day in year.make_up_days:
        if day.year != number:
            yield f"make_up_days：{day} 不在 {number} 年内"
        if _is_weekday(day):
            yield f"make_up_days：{day} 不是周六或周日"
        if any(first <= day <= last for first, last in spans):
            yield f"make_up_days：{day} 在假期里"
    if len(set(year.make_up_days)) < len(year.make_up_days):
        yield "make_up_days：有的日期写了两次"


def _days(holiday: _HolidayData) -> Iterator[date]:
    first, last = holiday.days
    return (first + timedelta(i) for i in range((last - first).days + 1))


def _longest_break(off: frozenset[date], worked: frozenset[date]) -> int:
    """The most weekdays in one unbroken stretch of holidays and weekend days."""
    longest = 0
    for first in off:
        day, weekdays = first, 0
        while day in off or (not _is_weekday(day) and day not in worked):
            weekdays += _is_weekday(day)
            day += timedelta(1)
        longest = max(longest, weekdays)
    return longest


def _is_weekday(day: date) -> bool:
    return day.weekday() < _SATURDAY


def _certain(day: date) -> DayRange:
    return DayRange(day, day, "")


def _shift(day: date, n: int) -> date:
    try:
        return day + timedelta(n)
    except OverflowError:
        raise _beyond() from None


def _beyond() -> RequestInvalid:
    return RequestInvalid(
        f"日期超出可以计算的范围（{date.min.year} 年至 {date.max.year} 年）", hint="检查日期和天数"
    )
