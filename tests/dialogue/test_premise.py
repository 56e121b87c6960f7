"""Figures that a question takes for granted."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.dialogue.premise import (
    Premise,
    check_premises,
    check_rule_said,
    find_rules_said,
    has_premise,
)
from assistant.models import Document, Span

SOURCE = "应在10个工作日内完成审核，进行不少于3个工作日的公示；师生比保持在 1:20 以内，每班人数不得超过 80 人，占比 65%。"
DOCUMENT = Document("plan", "方案", "1号", "某局", "411526", SOURCE, (), issued=date(2021, 4, 7))
WHOLE = [Span(0, len(SOURCE))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("公示是5个工作日,对吧?", [Premise("5个工作日", "3个工作日", False)]),
        ("公示是3个工作日,对吧?", [Premise("3个工作日", "3个工作日", True)]),
        ("审核期限是15个工作日吗?", [Premise("15个工作日", "10个工作日", False)]),
        ("师生比是1:30,对吧?", [Premise("1:30", "1:20", False)]),
        ("每班一百人,是吧?", [Premise("一百人", "80 人", False)]),
        ("占比一半对吗?", [Premise("一半", "65%", False)]),
        ("占比四成就够了对吗?", [Premise("四成", "65%", False)]),
        ("期限是20个工作日,对不", [Premise("20个工作日", "", False)]),
        ("每班人数一百,对吧", [Premise("一百", "80 人", False)]),
        ("一个班80人,对吧", [Premise("80人", "80 人", True)]),
        ("每班至少3个老师,对吧", []),
        ("公示和审核加起来是13个工作日,对不", []),
        ("附件3讲的是这个吧?", []),
        ("要交500元,对吗?", []),
    ],
)
def test_the_figure_of_the_same_unit_and_matter_is_compared(text, expected):
    assert check_premises(text, DOCUMENT, WHOLE) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("公示是5个工作日,对吧?", True),
        ("听说每班能收100人?", True),
        ("公示要几个工作日?", False),
        ("附件3规定了什么,对吧?", False),
    ],
)
def test_a_question_that_takes_something_for_granted_is_told(text, expected):
    assert has_premise(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("听说师生比是1:30,那60个人配2个老师就够了对吧", ["听说师生比是1:30"], id="heard"),
        pytest.param("线下要求18学时,我们做了10学时够不够", ["线下要求18学时"], id="required"),
        pytest.param("我们班60人,要求80学时起,我们安排了48学时", ["要求80学时起"], id="the case comes first"),
        pytest.param("一个班60人,我们5个老师行吧", [], id="a case alone"),
        pytest.param("听说师生比是1:30,对吧", [], id="a rule alone"),
    ],
)
def test_a_rule_said_before_a_case_is_no_fact_of_it(text, expected):
    assert [text[start:end] for start, end in find_rules_said(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("师生比规定是1:30,那60个人配2个老师够吧", [Premise("1:30", "1:20", False)]),
        ("班额不是100人封顶嘛,我招了90个", [Premise("100人", "80 人", False)]),
        ("班额最多80人,我招了90个", [Premise("80人", "80 人", True)]),
        ("我招了90个,能过吧", []),
        ("听说每班至少3个老师,我们班60人", []),
    ],
)
def test_a_rule_said_is_compared_with_the_words_that_decide_the_case(text, expected):
    assert check_rule_said(text, DOCUMENT, WHOLE) == expected


def test_a_rule_that_a_case_is_held_against_is_no_fact_of_it(read_facts):
    assert read_facts("一个班收90人，算不算违反每班80人的上限？")["class_size"] == 90
