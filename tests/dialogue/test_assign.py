"""A figure without a name is taken for the one number that a rule lacks, or for none."""

from __future__ import annotations

import pytest

HC, HB, HN = "huangchuan-2021-1/", "hebei-2021-20/", "henan-jiaoyuting-2021-105/"


@pytest.mark.parametrize(
    ("text", "region", "rule", "amount"),
    [
        pytest.param("创业培训已经办了590人次，还差多少？", "潢川县", HC + "selected-tasks-gap", "260", id="other name"),
        pytest.param("电子商务培训做了133，离任务还差多少？", "潢川县", HC + "selected-tasks-gap", "67", id="short row name"),
        pytest.param(
            "要带125个学徒，专职教师还差几个？现在有4个", "潢川县", HC + "apprentice-teacher-gap", "3", id="said behind"
        ),
        pytest.param("今年训了3200人次，能折成多少在校生？", "河北", HB + "converted-students", "960", id="other unit's fact"),
        pytest.param("原先急需紧缺工种补2000块，上浮后是多少？", "河北", HB + "urgent-trade-subsidy", "2200", id="money"),
        pytest.param(
            "中职，学徒制试点，不是高水平校，今年做了850，还差多少？", "河南", HN + "remaining-training", "350", id="bare figure"
        ),
    ],
)  # fmt: skip
def test_figure_gets_its_name(ask, text, region, rule, amount):
    decision = ask(text, region).decision
    assert decision is not None
    assert (decision.rule, decision.outcome) == (rule, "pass")
    assert decision.value is not None
    assert decision.value.amount == amount


@pytest.mark.parametrize(
    ("text", "region"),
    [
        pytest.param("河北双师型和编制兼职这两个百分比分别是多少？", "河北", id="counts what is asked for"),
        pytest.param("焊工有5名专职教师，最多带多少学徒？", "潢川县", id="read by its own name"),
    ],
)
def test_no_figure_is_renamed(ask, text, region):
    answer = ask(text, region)
    facts = {f for c in (answer.decision.checks if answer.decision else ()) for f in c.facts}
    assert facts <= {"full_time_teachers_of_trade"}


def test_of_two_figures_none_is_guessed(ask):
    answer = ask("创业培训一个点办了300，一个点办了410，还差多少？", "潢川县")
    assert answer.decision is None or answer.decision.outcome != "pass"


def test_money_keeps_its_amount_under_another_name(ask):
    answer = ask("附加一年收了2600万，职教最少分多少", "河南")
    assert "2600000000" not in answer.text
    assert "26000000" in answer.text


def test_a_rule_that_lacks_no_figure_is_meant_by_what_it_reads(ask):
    decision = ask("当年应缴附加一共200万，想全抵掉得投多少钱办职教", "河南").decision
    assert decision is not None
    assert decision.rule == "henan-moe-2021-2/full-offset-investment"


def test_a_figure_of_a_class_is_no_other_figure_of_it(ask):
    answer = ask("报名的有八十上下，具体没数，老师5个，光看每班人数超没超？", "潢川县")
    assert answer.status == "needs_info"
    assert answer.decision is not None
    assert (answer.decision.rule, answer.decision.outcome) == (HC + "class-size", "unknown")


def test_a_figure_of_one_unit_is_no_figure_of_another(ask):
    answer = ask("48人3师3工位，每节45分钟，考等级证，实操七成，总共多少课时领导没定，能批吗？", "潢川县")
    assert answer.decision is not None
    assert answer.decision.outcome == "unknown"
    assert "3课时" not in answer.text


def test_a_range_without_a_name_stays_a_range(ask):
    answer = ask(
        "人没招齐，估计60到70，老师3位，工位4个，每课时40分钟，90课时实操60，发等级证，可以批吗？", "潢川县"
    )
    assert answer.decision is not None
    assert answer.decision.outcome == "unknown"
    assert "60～70" in answer.text
