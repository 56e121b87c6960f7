"""Messages about several cases."""

from __future__ import annotations

import pytest

from assistant.dialogue.cases import split_cases
from assistant.dialogue.decision import find_difference, find_total
from assistant.models import Decision, DecisionValue


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "甲班85人4个老师,乙班60人3个老师,哪个班师生比超了",
            [
                ("甲班", "这个班85人4个老师,这个班师生比超了吗?"),
                ("乙班", "这个班60人3个老师,这个班师生比超了吗?"),
            ],
        ),
        (
            "一共两个班,一个70人,一个75人,总共最少要几名老师",
            [("第1个", "这个班70人,最少要几名老师"), ("第2个", "这个班75人,最少要几名老师")],
        ),
        (
            "焊工班70人、电工班85人,每课时都是45分钟,能开吗",
            [
                ("焊工班", "焊工班70人,每课时都是45分钟,能开吗"),
                ("电工班", "电工班85人,每课时都是45分钟,能开吗"),
            ],
        ),
        (
            "甲校编制300,乙校编制500,分别能聘多少兼职",
            [("甲校", "甲校编制300,分别能聘多少兼职"), ("乙校", "乙校编制500,分别能聘多少兼职")],
        ),
        (
            "焊工有5名专职老师,电工有2名专职,两个工种合一块儿最多带多少学徒",
            [
                ("焊工", "焊工5名专职老师,这个工种最多带多少学徒"),
                ("电工", "电工2名专职,这个工种最多带多少学徒"),
            ],
        ),
        ("焊工有5名专职老师,最多带多少学徒", []),
        ("每班60人,一个老师带30个,行吗", []),
        ("我们有一个班82人,能开吗", []),
        ("叉车班人数最多多少", []),
        ("甲班和乙班都是85人,能开吗", []),
        ("两个班,70人和75人,要几个老师", []),
    ],
)
def test_each_case_is_read_by_itself(text, expected):
    assert [tuple(case) for case in split_cases(text)] == expected


def decided(amount: str, unit: str = "人", bound: str = ">=") -> Decision:
    return Decision("plan/teachers", "最少教师数", "pass", DecisionValue(amount, unit, bound))


def test_figures_of_cases_are_added():
    found = find_total([decided("4"), decided("7/2")])
    assert found is not None
    assert (found[0].shown, found[1].amount) == ("4 + 3.5 = 7.5人", "7.5")


@pytest.mark.parametrize(
    "decisions",
    [
        [decided("4"), decided("4", "%")],
        [decided("4"), decided("4", bound="<=")],
        [decided("2021-05-24", ""), decided("2021-05-25", "")],
    ],
)
def test_what_counts_differently_has_no_sum(decisions):
    assert find_total(decisions) is None


def test_days_have_no_difference_of_numbers():
    assert find_difference([decided("2021-05-24", ""), decided("2021-05-25", "")]) is None


def test_one_failing_case_fails_and_each_is_told(ask):
    answer = ask("甲班85人4个老师，乙班60人3个老师，哪个班师生比超了？", region="潢川县")
    assert answer.decision.outcome == "fail"
    assert [(c.label, c.outcome) for c in answer.decision.checks] == [
        ("甲班：师生比", "fail"),
        ("乙班：师生比", "pass"),
    ]
    assert "【甲班】" in answer.text
    assert "85 ÷ 4 = 21.25 > 20" in answer.text


def test_the_sum_is_told_where_it_is_asked_for(ask):
    answer = ask("两个班，甲班45人、乙班63人，加起来最少要几个老师？", region="潢川县")
    assert answer.decision.value.amount == "7"
    assert "合计：3 + 4 = 7人。" in answer.text


def test_cases_of_another_place_are_refused_as_one_is(ask):
    answer = ask("甲班85人4个老师，乙班60人3个老师，能开吗？", region="邯郸市")
    assert answer.status == "refused"
    assert answer.decision.outcome == "no_basis"


def test_cases_beyond_the_limit_are_named_and_not_added(ask):
    names = [f"{x}{y}班" for x in "焊电车铣钳" for y in "工艺师"]
    answer = ask("、".join(f"{name}60人" for name in names) + "，一共最少要几个老师？", region="潢川县")
    assert answer.text.count("【") == 12
    assert answer.decision.value is None
    assert answer.text.endswith("其余请分开再问：钳工班、钳艺班、钳师班")
