from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.rules.book import Book
from assistant.rules.facts import ANY_DAY
from assistant.rules.interval import Interval, Value
from assistant.rules.statements import LARGEST, LONGEST

DAY = date(2021, 5, 10).toordinal()


@pytest.mark.parametrize(
    ("fact", "given", "value", "shown"),
    [
        pytest.param("class_size", 85, 85, "85", id="int"),
        pytest.param("class_size", "85", 85, "85", id="text"),
        pytest.param("class_size", " 85 人 ", 85, "85", id="unit and blanks"),
        pytest.param("class_size", "85名", 85, "85", id="other word for the unit"),
        pytest.param("class_size", "８５人", 85, "85", id="full width"),
        pytest.param("class_size", "1,000", 1000, "1000", id="grouped"),
        pytest.param("class_size", "1，000人", 1000, "1000", id="grouped in full width"),
        pytest.param("class_size", "0.1万人", 1000, "1000", id="ten thousands"),
        pytest.param("class_size", 85.0, 85, "85", id="whole float"),
        pytest.param("class_size", Decimal("85"), 85, "85", id="decimal type"),
        pytest.param("class_size", "85.0", 85, "85", id="whole decimal"),
        pytest.param("teachers", 0, 0, "0", id="zero"),
        pytest.param("class_size", 100_000, 100_000, "100000", id="largest of the domain"),
        pytest.param("class_hours", "37.5课时", Fraction(75, 2), "37.5", id="half an hour"),
        pytest.param("class_hours", "60学时", 60, "60", id="学时 for 课时"),
        pytest.param("minutes_per_hour", "1.5小时", 90, "90", id="hours as minutes"),
        pytest.param("minutes_per_hour", 39.9, Fraction(399, 10), "39.9", id="float as printed"),
        pytest.param("minutes_per_hour", ".5", Fraction(1, 2), "0.5", id="no leading zero"),
        pytest.param("practical_share", "65%", Fraction(13, 20), "65%", id="percent"),
        pytest.param("practical_share", "６５％", Fraction(13, 20), "65%", id="percent in full width"),
        pytest.param("practical_share", "0.65", Fraction(13, 20), "65%", id="share as decimal"),
        pytest.param("practical_share", 0.65, Fraction(13, 20), "65%", id="share as float"),
        pytest.param("practical_share", "100%", 1, "100%", id="all"),
        pytest.param("training_income", "100万元", 1_000_000, "1000000", id="money in 万元"),
        pytest.param("training_income", "1.5万", 15_000, "15000", id="money in 万"),
        pytest.param("training_income", "0.2亿元", 20_000_000, "20000000", id="money in 亿元"),
        pytest.param("training_income", "12.34元", Fraction(617, 50), "12.34", id="money to the fen"),
        pytest.param("net_training_income", "-5万元", -50_000, "-50000", id="a loss"),
        pytest.param("completed_training", "6千", None, "", id="千 is no unit of 人次"),
        pytest.param("completed_training", "0.6万人次", 6000, "6000", id="万人次"),
        pytest.param("in_system", True, True, "是", id="true"),
        pytest.param("in_system", "true", True, "是", id="word true"),
        pytest.param("in_system", "TRUE", True, "是", id="upper case"),
        pytest.param("in_system", "是", True, "是", id="是"),
        pytest.param("in_system", "没有", False, "否", id="没有"),
        pytest.param("in_system", "否", False, "否", id="否"),
        pytest.param("in_system", 0, False, "否", id="0 is no"),
        pytest.param("certificate", "培训合格证书", frozenset(["培训合格证书"]), "培训合格证书", id="choice"),
        pytest.param("certificate", "合格证", frozenset(["培训合格证书"]), "培训合格证书", id="part of one"),
        pytest.param("exam_date", "2021-05-10", DAY, "2021-05-10", id="ISO day"),
        pytest.param("exam_date", "2021年5月10日", DAY, "2021-05-10", id="Chinese day"),
        pytest.param("exam_date", "2021/5/10", DAY, "2021-05-10", id="slashes"),
        pytest.param("exam_date", "2021.05.10", DAY, "2021-05-10", id="dots"),
        pytest.param("exam_date", date(2021, 5, 10), DAY, "2021-05-10", id="date"),
        pytest.param("exam_date", datetime(2021, 5, 10, 9, 30), DAY, "2021-05-10", id="cell of a workbook"),
        pytest.param("exam_date", "2024-02-29", date(2024, 2, 29).toordinal(), "2024-02-29", id="leap day"),
        pytest.param("occupation", "电子商务师", "电子商务师", "电子商务师", id="name"),
        pytest.param(
            "task_names",
            "农民培训、创业培训",
            frozenset(["农民培训", "创业培训"]),
            "农民培训、创业培训",
            id="names",
        ),
        pytest.param("lead_unit", "商务局", "商务局", "商务局", id="name of a table"),
    ],
)
def test_what_is_read(book: Book, fact: str, given: object, value: Any, shown: str):
    stated, faults = book.read_facts({fact: given})
    if value is None:
        assert [fault.fact for fault in faults] == [fact]
        assert not stated
        return
    assert faults == []
    assert stated[fact].value == value
    assert type(stated[fact].value) is type(value)
    assert stated[fact].shown == shown


@pytest.mark.parametrize(
    ("fact", "given", "value"),
    [
        pytest.param("class_size", "<80", Interval(0, 79), id="under"),
        pytest.param("class_size", "＜80人", Interval(0, 79), id="under, full width"),
        pytest.param("class_size", "<=80", Interval(0, 80), id="at most"),
        pytest.param("class_size", "≤80", Interval(0, 80), id="at most, sign"),
        pytest.param("class_size", ">80", Interval(81, 100_000), id="over"),
        pytest.param("class_size", "≥40", Interval(40, 100_000), id="at least"),
        pytest.param("class_size", "40..49", Interval(40, 49), id="range"),
        pytest.param("class_size", "40~49人", Interval(40, 49), id="range with unit behind"),
        pytest.param("class_size", "40人至49人", Interval(40, 49), id="range with two units"),
        pytest.param("class_size", "40～49", Interval(40, 49), id="range, full width"),
        pytest.param("class_size", "40—49", Interval(40, 49), id="range with a dash"),
        pytest.param("class_size", "40..40", 40, id="range of one"),
        pytest.param("class_size", "-5..40", Interval(0, 40), id="cut to what is possible"),
        pytest.param("teachers", "<1", 0, id="only zero is left"),
        pytest.param("class_hours", "40~49课时", Interval(40, 49), id="hours"),
        pytest.param("class_hours", "<60", Interval(0, 60, False, True), id="open bound of a decimal"),
        pytest.param(
            "class_hours", ">37.5", Interval(Fraction(75, 2), 100_000, True), id="open below, not whole"
        ),
        pytest.param("practical_share", "<65%", Interval(0, Fraction(13, 20), False, True), id="share under"),
        pytest.param("practical_share", "≥65%", Interval(Fraction(13, 20), 1), id="share at least"),
        pytest.param(
            "practical_share", "60%~65%", Interval(Fraction(3, 5), Fraction(13, 20)), id="share range"
        ),
        pytest.param("training_income", ">100万元", Interval(1_000_000, math.inf, True), id="endless money"),
        pytest.param("exam_date", "2021-05-10..2021-05-20", Interval(DAY, DAY + 10), id="days"),
        pytest.param("exam_date", "2021年5月10日至2021年5月20日", Interval(DAY, DAY + 10), id="Chinese days"),
        pytest.param("exam_date", "<2021-05-10", Interval(ANY_DAY.low, DAY - 1), id="before a day"),
        pytest.param("exam_date", ">2021-05-10", Interval(DAY + 1, ANY_DAY.high), id="after a day"),
    ],
)
def test_ranges(book: Book, fact: str, given: object, value: Value):
    stated, faults = book.read_facts({fact: given})
    assert faults == []
    assert stated[fact].value == value


@pytest.mark.parametrize("given", [None, "", "  ", "?", "？", "未知", "不知道", "待定", "Unknown"])
@pytest.mark.parametrize("fact", ["class_size", "practical_share", "in_system", "certificate", "exam_date"])
def test_unknown_is_no_fact_and_no_fault(book: Book, fact: str, given: object):
    assert book.read_facts({fact: given}) == ({}, [])


@pytest.mark.parametrize(
    ("fact", "given", "message"),
    [
        pytest.param("class_size", -5, "班级人数：不可能是 -5，应不小于 0", id="negative people"),
        pytest.param("class_size", "-5人", "不可能是 -5", id="negative people as text"),
        pytest.param("class_size", "<0", "不可能是 <0", id="range without a possible value"),
        pytest.param("class_size", "100001", "不大于 100000", id="over the domain"),
        pytest.param("class_size", "1.5人", "应为整数，不能是 1.5人", id="one and a half people"),
        pytest.param("class_size", 84.5, "应为整数", id="one and a half as float"),
        pytest.param("class_size", "八十", "“八十”不是数字", id="text"),
        pytest.param("class_size", "85 or 1=1", "不是数字", id="text behind a number"),
        pytest.param("class_size", "8 5 0 人 左右", "单位不对", id="a word behind the unit"),
        pytest.param("class_size", "85个月", "单位不对：85个月，应为人", id="wrong unit"),
        pytest.param("class_size", "85%", "单位不对：85%，应为人", id="percent of people"),
        pytest.param("class_size", "1,00", "不是数字", id="wrong grouping"),
        pytest.param("class_size", "40-49", "不是数字", id="a hyphen may be a minus"),
        pytest.param("class_size", "80..70", "范围写反了：80..70", id="reversed range"),
        pytest.param("class_size", "40..", "不是数字", id="half a range"),
        pytest.param("class_size", "<", "不是数字", id="a bound without a number"),
        pytest.param("class_size", "<<80", "不是数字", id="two signs"),
        pytest.param("class_size", math.nan, "“nan”不是数字", id="nan"),
        pytest.param("class_size", math.inf, "不是数字", id="infinity"),
        pytest.param("class_size", 10**20, "数字太大", id="huge int"),
        pytest.param("class_size", "1" + "0" * 20, "数字太大", id="huge text"),
        pytest.param("class_size", "9" * 5000, "数字太大", id="more digits than Python reads"),
        pytest.param("class_size", 10**5000, "数字太大", id="more digits than Python prints"),
        pytest.param("class_size", "1e5", "不是数字", id="power of ten"),
        pytest.param("class_size", True, "“是”不是数字", id="truth as number"),
        pytest.param("class_size", [85], "读不懂这个值", id="list"),
        pytest.param("class_size", {"n": 85}, "读不懂这个值", id="mapping"),
        pytest.param("class_size", "=A1+B1", "不是数字", id="formula"),
        pytest.param("class_hours", "60分钟", "单位不对：60分钟，应为课时", id="minutes as hours"),
        pytest.param("minutes_per_hour", "1441", "不大于 1440", id="more minutes than a day has"),
        pytest.param("practical_share", "130%", "不可能是 130%，应不小于 0%，不大于 100%", id="130 percent"),
        pytest.param("practical_share", "65", "不可能是 6500%", id="65 without percent"),
        pytest.param("practical_share", "65人", "单位不对：65人，应为百分数", id="share in people"),
        pytest.param("practical_share", "-1%", "不可能是 -1%", id="negative share"),
        pytest.param("training_income", "-1万元", "不可能是", id="negative income"),
        pytest.param("training_income", "100美元", "单位不对：100美元，应为元", id="other money"),
        pytest.param("in_system", "也许", "“也许”看不出是或否", id="maybe"),
        pytest.param("in_system", 2, "看不出是或否", id="two as truth"),
        pytest.param("certificate", "驾驶证", "没有选项“驾驶证”，可选：职业资格证书、", id="no such choice"),
        pytest.param("certificate", "证书", "没有选项“证书”", id="part of several"),
        pytest.param("certificate", "证", "没有选项“证”", id="one character"),
        pytest.param("exam_date", "2021-02-30", "没有 2021-02-30 这一天", id="no such day"),
        pytest.param("exam_date", "2023-02-29", "没有 2023-02-29 这一天", id="no leap day"),
        pytest.param("exam_date", "2021-13-01", "没有 2021-13-01 这一天", id="no such month"),
        pytest.param("exam_date", "0000-01-01", "没有 0000-01-01 这一天", id="year zero"),
        pytest.param("exam_date", "5月10日", "“5月10日”不是日期", id="no year"),
        pytest.param(
            "exam_date", "1949-09-30", "不可能是 1949-09-30，应不小于 1949-10-01", id="day before all"
        ),
        pytest.param("exam_date", "2201-01-01", "不大于 2200-12-31", id="day behind all"),
        pytest.param("exam_date", 44326, "不是日期", id="serial number of a workbook"),
        pytest.param("exam_date", "2021-05-20..2021-05-10", "范围写反了", id="reversed days"),
        pytest.param("lead_unit", "环保局", "表里没有“环保局”", id="name that is in no table"),
        pytest.param("task_names", "培训", "表里没有“培训”；相近的有：", id="name that fits several rows"),
        pytest.param("task_names", "农民培训、不存在", "表里没有“不存在”", id="one name of several"),
        pytest.param("task_names", "、", "没有写名称", id="no names"),
        pytest.param("class_sise", 85, "不认识的事实：class_sise", id="unknown id"),
        pytest.param("班级人熟", 85, "不认识的事实：班级人熟", id="unknown label"),
        pytest.param("x" * 100, 85, f"不认识的事实：{'x' * 29}…", id="long unknown id is cut"),
    ],
)
def test_bad_input(book: Book, fact: str, given: object, message: str):
    stated, faults = book.read_facts({fact: given})
    assert stated == {}
    assert [fault.fact for fault in faults] == [fact]
    assert message in faults[0].message
    assert len(faults[0].message) < 250


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        pytest.param("class_sise", "班级人数（class_size）", id="mistyped id"),
        pytest.param("教师人数", "教师数（teachers）", id="label said otherwise"),
    ],
)
def test_what_was_probably_meant(book: Book, name: str, meant: str):
    (fault,) = book.read_facts({name: 85})[1]
    assert meant in fault.hint
    (nothing,) = book.read_facts({"zzz": 85})[1]
    assert nothing.hint == "用 tiaowen rules facts 查看全部事实"


def test_what_is_wrong_never_hides_the_rest(book: Book):
    stated, faults = book.read_facts(
        {"class_size": -1, "teachers": 4, "practical_share": "130%", "wrong": 1, "certificate": None}
    )
    assert {fact: s.value for fact, s in stated.items()} == {"teachers": 4}
    assert [fault.fact for fault in faults] == ["class_size", "practical_share", "wrong"]


def test_bounds_that_are_still_read(book: Book):
    digits = "0" * (LONGEST - 2) + "85"
    assert book.read_facts({"class_size": digits})[0]["class_size"].value == 85
    assert book.read_facts({"training_income": LARGEST})[0]["training_income"].value == LARGEST
    _, faults = book.read_facts({"class_size": "0" + digits})
    assert "数字太大" in faults[0].message


def test_a_fact_may_be_named_by_its_label(book: Book):
    stated, faults = book.read_facts({"班级人数": 85, "教 师 数": "4"})
    assert faults == []
    assert {fact: s.value for fact, s in stated.items()} == {"class_size": 85, "teachers": 4}


@pytest.mark.parametrize(
    ("second", "n_faults"), [pytest.param("85人", 0, id="same"), pytest.param(86, 1, id="different")]
)
def test_one_fact_under_id_and_label(book: Book, second: object, n_faults: int):
    stated, faults = book.read_facts({"class_size": 85, "班级人数": second})
    assert len(faults) == n_faults
    assert all("班级人数：说了两个不同的值" in fault.message for fault in faults)
    if not faults:
        assert stated["class_size"].value == 85


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        pytest.param(
            {"practical_hours": 61, "class_hours": 60}, "实操课时不能多于总课时", id="practical over total"
        ),
        pytest.param(
            {"practical_hours": "≥61", "class_hours": "<61"}, "实操课时不能多于总课时", id="ranges apart"
        ),
        pytest.param(
            {"practical_hours": 40, "theory_hours": 30, "class_hours": 60},
            "理论和实操课时加起来不能多于总课时",
            id="parts over total",
        ),
        pytest.param(
            {"practical_hours": 40, "theory_hours": 10, "class_hours": 60},
            "总课时 60 与理论课时、实操课时对不上",
            id="parts under total",
        ),
        pytest.param(
            {"practical_hours": 36, "class_hours": 60, "practical_share": "65%"},
            "实操课时占比 65% 与实操课时、总课时对不上",
            id="share against hours",
        ),
        pytest.param(
            {"practical_hours": 36, "theory_hours": 24, "practical_share": "65%"},
            "实操课时占比 65% 与",
            id="share against both parts",
        ),
        pytest.param(
            {"class_size": 85, "teachers": 4, "trainees_per_teacher": 20},
            "每名教师对应的学员数 20 与班级人数、教师数对不上",
            id="ratio against its terms",
        ),
        pytest.param({"class_size": 0}, "班级人数应大于 0", id="a class of nobody"),
        pytest.param({"practical_hours": 0, "class_hours": 0}, "总课时应大于 0", id="no hours"),
        pytest.param({"practical_hours": 0, "theory_hours": 0}, "总课时应大于 0", id="no hours, by parts"),
        pytest.param(
            {"dual_teachers": 12, "major_teachers": 10}, "不能多于专业课教师", id="more than there are"
        ),
        pytest.param(
            {"subsidised_training": 1001, "completed_training": 1000}, "不能比它多", id="part over the whole"
        ),
        pytest.param(
            {"recorded_minutes_per_practical_hour": 41, "minutes_per_hour": 40},
            "不能多于每课时的分钟数",
            id="recorded longer than it lasts",
        ),
        pytest.param(
            {"exam_notice_date": "2021-08-21", "exam_date": "2021-08-20"},
            "不能晚于考核日期",
            id="notice after the exam",
        ),
        pytest.param(
            {"publicity_start": "2021-05-09", "acceptance_date": "2021-05-10"},
            "公示不能早于受理",
            id="publicity before acceptance",
        ),
    ],
)
def test_contradictions(book: Book, facts: dict[str, object], message: str):
    stated, faults = book.read_facts(facts)
    assert set(stated) == set(facts)
    assert any(message in fault.message for fault in faults)
    assert all(fault.fact in facts for fault in faults)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"practical_hours": 60, "class_hours": 60}, id="all practical"),
        pytest.param({"practical_hours": "30~70", "class_hours": 60}, id="may still fit"),
        pytest.param(
            {"practical_hours": 39, "theory_hours": 21, "class_hours": 60}, id="parts make the whole"
        ),
        pytest.param({"practical_hours": 39, "class_hours": 60, "practical_share": "65%"}, id="exact share"),
        pytest.param({"class_size": 85, "teachers": 4, "trainees_per_teacher": "21.25"}, id="exact ratio"),
        pytest.param({"class_size": 85, "teachers": 0}, id="no teachers"),
        pytest.param({"practical_hours": 0, "class_hours": 1}, id="no practical hours"),
        pytest.param({"training_income": 1, "direct_costs": 2}, id="a loss"),
    ],
)
def test_what_fits_together(book: Book, facts: dict[str, object]):
    assert book.read_facts(facts)[1] == []


@given(given=st.text(max_size=25) | st.integers() | st.floats() | st.booleans() | st.none() | st.dates())
def test_nothing_stated_ever_breaks_reading(bench: Any, given: object):
    for fact in ("teachers", "practical_share", "training_income", "in_system", "certificate", "exam_date"):
        stated, faults = bench.book.read_facts({fact: given})
        assert len(stated) + len(faults) <= 1
        assert all(fault.message.startswith(bench.book.facts[fact].label) for fault in faults)


@given(st.integers(0, 100_000), st.sampled_from(["{}", "{}人", " {} 名", "{}.0", "{:,}", "{}..{}"]))
def test_a_whole_number_reads_back_however_it_is_written(bench: Any, number: int, form: str):
    stated, faults = bench.book.read_facts({"teachers": form.format(number, number)})
    assert faults == []
    assert stated["teachers"].value == number


@given(st.fractions(0, 1, max_denominator=1000))
def test_a_percentage_is_exact(bench: Any, share: Fraction):
    percent = Fraction(round(share * 10_000), 100)
    text = f"{float(percent):.2f}%"
    assert bench.book.read_facts({"practical_share": text})[0]["practical_share"].value == percent / 100
