"""Findings in words: each sentence with its clause, each figure from the trace, the same as data."""

from __future__ import annotations

import re
from datetime import date

import pytest

from assistant.dialogue.verify import MARK, find_numbers
from assistant.models import Question

DAY = date(2021, 6, 1)
HUANGCHUAN, HENAN, HEBEI = "huangchuan-2021-1", "henan-jiaoyuting-2021-105", "hebei-2021-20"
BAD_CLASS = {"class_size": "85", "teachers": "4", "class_hours": "60", "practical_hours": "36"}
GOOD_CLASS = {
    "class_size": "50",
    "teachers": "3",
    "workstations": "3",
    "minutes_per_hour": "40",
    "class_hours": "60",
    "practical_hours": "39",
    "certificate": "职业技能等级证书",
}


@pytest.fixture(scope="module")
def decide(real_assistant):
    def run(rule, facts, region="潢川县", as_of=DAY):
        return real_assistant.decide(rule, Question("", as_of, region, facts=facts))

    return run


RULINGS = [
    pytest.param(f"{HUANGCHUAN}/class-qualifies", BAD_CLASS, "潢川县", id="fails"),
    pytest.param(f"{HUANGCHUAN}/class-qualifies", GOOD_CLASS, "潢川县", id="passes"),
    pytest.param(f"{HUANGCHUAN}/class-qualifies", {"class_size": "<80"}, "潢川县", id="unknown"),
    pytest.param(f"{HUANGCHUAN}/class-size", {"class_size": "80"}, "潢川县", id="check"),
    pytest.param(
        f"{HUANGCHUAN}/application-timeline", {"acceptance_date": "2021-04-28"}, "潢川县", id="timeline"
    ),
    pytest.param(f"{HUANGCHUAN}/review", {"acceptance_date": "2021-04-28"}, "潢川县", id="conflict"),
    pytest.param(f"{HUANGCHUAN}/annual-tasks", {}, "潢川县", id="table"),
    pytest.param(f"{HUANGCHUAN}/max_class_size", {}, "潢川县", id="parameter"),
    pytest.param(f"{HENAN}/annual-training-target", {"school_kind": "高职"}, "河南", id="range"),
    pytest.param(f"{HENAN}/annual-training-target", {"school_kind": "技校"}, "河南", id="not applicable"),
    pytest.param(
        f"{HEBEI}/max-performance-pay", {"training_income": "50万", "direct_costs": "8万"}, "河北", id="money"
    ),
]


@pytest.mark.parametrize(("rule", "facts", "region"), RULINGS)
def test_marks_and_citations_agree(decide, real_assistant, rule, facts, region):
    answer = decide(rule, facts, region, date(2021, 7, 1))
    marked = {int(n) for n in MARK.findall(answer.text)}
    assert marked == {citation.n for citation in answer.citations}
    for citation in answer.citations:
        assert real_assistant.source(citation.document)[citation.start : citation.end] == citation.quote
    decision = answer.decision
    used = {n for check in decision.checks for n in check.cites} | {
        n for ask in decision.ask for n in ask.cites
    }
    used |= {p.cite for check in decision.checks for p in check.parameters if p.cite}
    assert used <= marked
    assert decision.rule == rule


@pytest.mark.parametrize(("rule", "facts", "region"), RULINGS)
def test_same_facts_give_the_same_bytes(decide, rule, facts, region):
    backwards = dict(reversed(facts.items()))
    assert decide(rule, facts, region) == decide(rule, backwards, region)


def test_each_failing_check_stands_with_its_clause_and_the_repairs(decide):
    answer = decide(f"{HUANGCHUAN}/class-qualifies", BAD_CLASS)
    assert answer.status == "answered"
    lines = answer.text.split("\n")
    failing = [
        line.removeprefix("不符合——").partition("：")[0] for line in lines if line.startswith("不符合——")
    ]
    assert len(failing) == 3
    assert f"：不符合（{'、'.join(failing)}）。" in lines[0]
    for shown in ("85 > 80", "85 ÷ 4 = 21.25 > 20", "36 ÷ 60 = 60% < 65%"):
        (line,) = [line for line in lines if shown in line]
        assert line.startswith("不符合——")
        assert re.search(r"原文：“.+”。\[\d+\]$", line)
    assert answer.decision.repairs[0].changes == {"class_size": "80", "practical_hours": "39"}
    assert all(r.certified and r.cites for r in answer.decision.repairs)


def test_what_is_missing_is_asked_and_what_is_decided_is_said(decide):
    answer = decide(f"{HUANGCHUAN}/class-qualifies", {"class_size": "30", "teachers": "2"})
    assert answer.status == "needs_info"
    assert "已知的都符合" in answer.text
    asked = [ask.fact for ask in answer.decision.ask]
    assert set(asked) == set(GOOD_CLASS) - {"class_size", "teachers"}
    assert all(ask.question in answer.text for ask in answer.decision.ask)


def test_another_region_is_told_whose_rule_it_is_and_nothing_is_decided(decide):
    answer = decide(f"{HUANGCHUAN}/class-size", {"class_size": "85"}, "河北")
    assert (answer.status, answer.decision.outcome) == ("refused", "no_basis")
    assert "潢川县" in answer.text
    assert "85" not in answer.text


def test_before_its_day_a_rule_is_no_basis(decide):
    answer = decide(f"{HUANGCHUAN}/class-size", {"class_size": "85"}, as_of=date(2021, 1, 1))
    assert (answer.status, answer.decision.outcome) == ("refused", "no_basis")
    assert "2021-01-01" in answer.text


def test_a_plan_of_another_year_says_so(decide):
    old = decide(f"{HUANGCHUAN}/class-size", {"class_size": "85"}, as_of=date(2026, 6, 1))
    assert any("2021年度" in notice for notice in old.notices)
    assert old.decision.stable_until is None
    now = decide(f"{HUANGCHUAN}/class-size", {"class_size": "85"})
    assert now.decision.stable_until == date(2021, 12, 31)


def test_both_readings_are_told(decide):
    answer = decide(f"{HUANGCHUAN}/review", {"acceptance_date": "2021-04-28"})
    assert answer.decision.outcome == "conflict"
    assert [value.amount for value in answer.decision.values] == ["2021-05-14", "2021-05-21"]
    assert "规定不一致" in answer.text


def test_money_comes_in_the_unit_it_was_stated_in(decide):
    facts = {"training_income": "50万元", "direct_costs": "8万元"}
    tens = decide(f"{HEBEI}/max-performance-pay", facts, "河北", date(2021, 7, 1)).decision.value
    assert (tens.amount, tens.unit, tens.bound) == ("25.2", "万元", "<=")
    facts = {"training_income": "500000", "direct_costs": "80000元"}
    plain = decide(f"{HEBEI}/max-performance-pay", facts, "河北", date(2021, 7, 1)).decision.value
    assert (plain.amount, plain.unit) == ("252000", "元")


def test_a_floor_that_is_not_yet_known_tells_its_least(decide):
    answer = decide(f"{HENAN}/annual-training-target", {"school_kind": "高职"}, "河南")
    assert answer.decision.value.amount is None
    assert answer.decision.value.low == "6000"
    assert "不低于6000人次" in answer.text
    assert "2000000" not in find_numbers(answer.text)


def test_encouraging_words_are_told_as_such(decide):
    answer = decide(
        "henan-moe-2021-2/encouraged-training-target", {"school_kind": "技校", "enrolment": "300"}, "河南"
    )
    assert answer.decision.value.amount == "600"
    assert "鼓励" in answer.text
