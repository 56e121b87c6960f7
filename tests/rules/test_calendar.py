from __future__ import annotations

import copy
import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import chinese_calendar
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import RequestInvalid, RuleError
from assistant.rules.calendar import WINDOW, Calendar, DayRange, corresponding_day, load_calendar

FILE = Path(__file__).parents[2] / "corpus" / "calendar.yaml"
DATA: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
CALENDAR = load_calendar(DATA, "calendar.yaml")
FIRST, LAST = date(2021, 1, 1), date(2026, 12, 31)
PUBLISHED = [FIRST + timedelta(i) for i in range((LAST - FIRST).days + 1)]
WEEKDAYS_OFF = [d for d in PUBLISHED if d.weekday() < 5 and not CALENDAR.is_working_day(d)]
WEEKENDS_WORKED = [d for d in PUBLISHED if d.weekday() >= 5 and CALENDAR.is_working_day(d)]


def certain(text: str) -> DayRange:
    day = date.fromisoformat(text)
    return DayRange(day, day, "")


# -- the data ----------------------------------------------------------------------------------------


def test_every_published_day_agrees_with_chinesecalendar():
    wrong = [d for d in PUBLISHED if CALENDAR.is_working_day(d) != chinese_calendar.is_workday(d)]
    assert wrong == []


def test_notices_are_those_of_the_year_before():
    for year, notice in CALENDAR.notice_by_year.items():
        assert re.fullmatch(rf"国办发明电〔{year - 1}〕\d+号", notice)


def most_in_window(days: list[date]) -> int:
    return max(sum(first <= d < first + timedelta(WINDOW) for d in days) for first in days)


def test_bounds_of_unpublished_years_are_the_most_that_published_ones_had():
    assert CALENDAR.most_days_off == most_in_window(WEEKDAYS_OFF)
    assert CALENDAR.most_make_up_days == most_in_window(WEEKENDS_WORKED)
    assert CALENDAR.longest_break == 6  # 春节 2025 and 2026: weekdays of one break


def test_data_survives_json():
    assert load_calendar(json.loads(json.dumps(DATA, default=str)), "calendar.yaml") == CALENDAR


# -- counting ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "n", "expected"),
    [
        pytest.param("2021-05-10", 10, "2021-05-24", id="two plain weeks"),
        pytest.param("2021-05-10", 0, "2021-05-10", id="none"),
        pytest.param("2021-05-10", 1, "2021-05-11", id="first day does not count"),
        pytest.param("2021-05-07", 1, "2021-05-08", id="make-up Saturday"),
        pytest.param("2021-04-30", 3, "2021-05-08", id="over Labour Day and its make-up day"),
        pytest.param("2021-09-30", 1, "2021-10-08", id="over National Day"),
        pytest.param("2021-10-03", 1, "2021-10-08", id="from a holiday"),
        pytest.param("2021-12-31", 1, "2022-01-04", id="over New Year"),
        pytest.param("2021-05-24", -10, "2021-05-10", id="back"),
        pytest.param("2021-10-08", -1, "2021-09-30", id="back over National Day"),
        pytest.param("2021-05-10", -1, "2021-05-08", id="back to a make-up Saturday"),
        pytest.param("2026-12-30", 1, "2026-12-31", id="last published day"),
    ],
)
def test_add_working_days(start: str, n: int, expected: str):
    assert CALENDAR.add_working_days(date.fromisoformat(start), n) == certain(expected)


@pytest.mark.parametrize(
    ("start", "n", "expected"),
    [
        pytest.param("2021-05-10", 1, "2021-05-11", id="next day"),
        pytest.param("2021-05-10", 30, "2021-06-09", id="30 days"),
        pytest.param("2021-05-10", 5, "2021-05-17", id="Saturday moves to Monday"),
        pytest.param("2021-04-23", 2, "2021-04-25", id="a Sunday that is worked stays"),
        pytest.param("2021-09-30", 1, "2021-10-08", id="National Day moves past it"),
        pytest.param("2021-09-30", 10, "2021-10-11", id="past a make-up Saturday"),
        pytest.param("2021-05-10", -2, "2021-05-08", id="back"),
        pytest.param("2021-05-10", -1, "2021-05-09", id="back to a Sunday, not moved"),
        pytest.param("2030-05-10", -1, "2030-05-09", id="back needs no holidays"),
        pytest.param("2022-01-01", 0, "2022-01-04", id="none, but on a holiday"),
    ],
)
def test_add_days(start: str, n: int, expected: str):
    assert CALENDAR.add_days(date.fromisoformat(start), n) == certain(expected)


@pytest.mark.parametrize(
    ("start", "n", "plain", "moved"),
    [
        pytest.param("2021-05-10", 1, "2021-06-10", "2021-06-10", id="corresponding day"),
        pytest.param("2022-01-31", 1, "2022-02-28", "2022-02-28", id="no 31 February"),
        pytest.param("2024-01-31", 1, "2024-02-29", "2024-02-29", id="leap year"),
        pytest.param("2024-02-29", 12, "2025-02-28", "2025-02-28", id="a year from a leap day"),
        pytest.param("2021-09-01", 1, "2021-10-01", "2021-10-08", id="moves past National Day"),
        pytest.param("2021-11-15", 14, "2023-01-15", "2023-01-16", id="over two years"),
        pytest.param("2021-03-31", -1, "2021-02-28", "2021-02-28", id="back, a Sunday, not moved"),
        pytest.param("2021-01-15", -1, "2020-12-15", "2020-12-15", id="back into the year before"),
    ],
)
def test_add_months(start: str, n: int, plain: str, moved: str):
    day = date.fromisoformat(start)
    assert corresponding_day(day, n) == date.fromisoformat(plain)
    assert CALENDAR.add_months(day, n) == certain(moved)


# -- unpublished years -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "n", "earliest", "latest", "reason"),
    [
        pytest.param("2027-03-01", 3, "2027-03-04", "2027-03-16", "2027年放假安排尚未公布", id="inside"),
        pytest.param("2026-12-30", 3, "2027-01-02", "2027-01-14", "2027年放假安排尚未公布", id="into"),
        pytest.param("2027-01-04", -2, "2026-12-21", "2027-01-02", "2027年放假安排尚未公布", id="back"),
        pytest.param("2020-03-02", 1, "2020-03-03", "2020-03-13", "2020年放假安排未收录", id="before"),
    ],
)
def test_unpublished_working_days(start: str, n: int, earliest: str, latest: str, reason: str):
    found = CALENDAR.add_working_days(date.fromisoformat(start), n)
    assert found == DayRange(date.fromisoformat(earliest), date.fromisoformat(latest), reason)


def test_unpublished_last_day_may_move():
    found = CALENDAR.add_days(date(2027, 3, 1), 1)
    assert found == DayRange(date(2027, 3, 2), date(2027, 3, 10), "2027年放假安排尚未公布")


def without(year: int) -> Calendar:
    """The calendar as if one of its years had not been published."""
    data = {**DATA, "years": {y: d for y, d in DATA["years"].items() if y != year}}
    return load_calendar(data, "calendar.yaml")


BLIND = {year: without(year) for year in range(2021, 2027)}


@given(st.sampled_from(PUBLISHED[200:-200]), st.integers(-60, 60))
def test_a_range_holds_the_day_that_is_published_later(day: date, n: int):
    blind = BLIND[day.year]
    for method in (Calendar.add_working_days, Calendar.add_days):
        known, guess = method(CALENDAR, day, n), method(blind, day, n)
        assert guess.earliest <= known.earliest <= guess.latest
        assert (guess.reason == "") == (guess.earliest == guess.latest)


@given(st.sampled_from(PUBLISHED[300:-300]), st.integers(1, 100))
def test_working_days_there_and_back(day: date, n: int):
    there = CALENDAR.add_working_days(day, n).earliest
    assert CALENDAR.is_working_day(there)
    between = (day + timedelta(i) for i in range(1, (there - day).days + 1))
    assert sum(CALENDAR.is_working_day(d) for d in between) == n
    if CALENDAR.is_working_day(day):
        assert CALENDAR.add_working_days(there, -n).earliest == day


# -- edges -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "day", "n"),
    [
        pytest.param(Calendar.add_working_days, date.max, 1, id="working days"),
        pytest.param(Calendar.add_working_days, date(2021, 1, 4), 10**12, id="very many working days"),
        pytest.param(Calendar.add_working_days, date(9999, 12, 20), 5, id="bound beyond the end"),
        pytest.param(Calendar.add_working_days, date.min, -1, id="before the first day"),
        pytest.param(Calendar.add_days, date.max, 1, id="days"),
        pytest.param(Calendar.add_days, date.max, 0, id="last day that may move"),
        pytest.param(Calendar.add_days, date.min, -1, id="days back"),
        pytest.param(Calendar.add_days, date(2021, 1, 4), 10**20, id="very many days"),
        pytest.param(Calendar.add_months, date.max, 1, id="months"),
        pytest.param(Calendar.add_months, date.min, -1, id="months back"),
        pytest.param(Calendar.add_months, date.min, 10**30, id="very many months"),
    ],
)
def test_days_beyond_the_calendar(method: Any, day: date, n: int):
    with pytest.raises(RequestInvalid, match="日期超出"):
        method(CALENDAR, day, n)


def test_is_working_day_knows_published_years_only():
    assert CALENDAR.is_published(2026)
    assert not CALENDAR.is_published(2027)
    with pytest.raises(ValueError, match="2027"):
        CALENDAR.is_working_day(date(2027, 1, 4))


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        pytest.param("2021-05-10", "2021-05-24", ("国办发明电〔2020〕27号",), id="one year"),
        pytest.param(
            "2022-01-05", "2021-12-31", ("国办发明电〔2020〕27号", "国办发明电〔2021〕11号"), id="back"
        ),
        pytest.param("2026-12-30", "2027-01-05", ("国办发明电〔2025〕7号",), id="half published"),
        pytest.param("2027-01-04", "2027-01-05", (), id="not published"),
    ],
)
def test_notices(first: str, last: str, expected: tuple[str, ...]):
    assert CALENDAR.notices(date.fromisoformat(first), date.fromisoformat(last)) == expected


# -- bad data ----------------------------------------------------------------------------------------

HOLIDAY = {"name": "某节", "days": [date(2021, 3, 1), date(2021, 3, 2)]}


@pytest.mark.parametrize(
    ("year", "message"),
    [
        pytest.param({"holidays": [HOLIDAY, HOLIDAY]}, "holidays：某节与某节的日期重叠", id="overlap"),
        pytest.param(
            {"make_up_days": ["2021-03-03"]}, "make_up_days：2021-03-03 不是周六或周日", id="weekday"
        ),
        pytest.param(
            {
                "holidays": [{"name": "某节", "days": ["2021-03-05", "2021-03-07"]}],
                "make_up_days": ["2021-03-06"],
            },
            "make_up_days：2021-03-06 在假期里",
            id="make-up day in a holiday",
        ),
        pytest.param({"make_up_days": ["2022-03-05"]}, "2022-03-05 不在 2021 年内", id="other year"),
        pytest.param({"make_up_days": ["2021-03-06"] * 2}, "写了两次", id="twice"),
        pytest.param(
            {"holidays": [{"name": "某节", "days": ["2020-12-31", "2021-01-01"]}]},
            "holidays（某节）：日期不在 2021 年内",
            id="holiday begins the year before",
        ),
        pytest.param(
            {"holidays": [{"name": "某节", "days": ["2021-01-02", "2021-01-01"]}]},
            "首日和末日",
            id="reversed",
        ),
        pytest.param(
            {"holidays": [{"name": "某节", "days": ["2021-01-02"]}]}, "首日和末日", id="one day only"
        ),
        pytest.param({"notice": " "}, "notice：不能为空", id="no notice"),
        pytest.param({"make_up_days": ["三月六日"]}, "应为日期", id="no date"),
        pytest.param({"makeup": []}, "years.2021.makeup：没有这个键", id="unknown key"),
    ],
)
def test_a_bad_year_is_named(year: dict[str, Any], message: str):
    data = {**DATA, "years": {2021: {"notice": "某号", "holidays": [], "make_up_days": [], **year}}}
    with pytest.raises(RuleError, match=re.escape(message)) as caught:
        load_calendar(data, "calendar.yaml")
    assert caught.value.message.startswith("calendar.yaml：years.2021.")


@pytest.mark.parametrize(
    ("unpublished", "message"),
    [
        pytest.param({"most_days_off": 31}, "unpublished.most_days_off：应在 0 到 30 之间", id="too many"),
        pytest.param({"most_make_up_days": -1}, "unpublished.most_make_up_days：不能小于 0", id="negative"),
        pytest.param({"most_days_off": "几天"}, "unpublished.most_days_off：应为整数", id="no number"),
    ],
)
def test_bad_bounds_are_named(unpublished: dict[str, Any], message: str):
    data = copy.deepcopy(DATA)
    data["unpublished"].update(unpublished)
    with pytest.raises(RuleError, match=message):
        load_calendar(data, "calendar.yaml")


def test_no_data_is_an_error():
    with pytest.raises(RuleError, match=r"calendar\.yaml：years：缺少这个键"):
        load_calendar({}, "calendar.yaml")
