"""Which rule decides: by subject, by the facts it reads, by the words of a question."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.dialogue.calculate import FactsInvalid
from assistant.errors import RequestInvalid
from assistant.models import Question

DAY = date(2021, 6, 1)
FACTS = {"class_size": "50", "teachers": "3", "class_hours": "60", "practical_hours": "39"}


def ask(assistant, text, facts, region="潢川县"):
    return assistant.ask(Question(text, DAY, region, facts=facts))


@pytest.mark.parametrize(
    ("text", "facts", "rule"),
    [
        pytest.param("这样办班合规吗？", FACTS, "class-qualifies", id="whether"),
        pytest.param(
            "老师数够不够？", {"class_size": "30", "teachers": "1"}, "teacher-ratio", id="one check"
        ),
        pytest.param("最少配几名老师？", {"class_size": "65"}, "min-teachers", id="a quantity"),
        pytest.param(
            "这期满意度这么低还能开班吗", {"satisfaction": "80%"}, "class-may-continue", id="another verdict"
        ),
    ],
)
def test_a_question_with_facts_reaches_its_rule(real_assistant, text, facts, rule):
    decision = ask(real_assistant, text, facts).decision
    assert decision is not None
    assert decision.rule == f"huangchuan-2021-1/{rule}"


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        pytest.param("公示要几天？", FACTS, id="about something else"),
        pytest.param("职业学校一年补贴性培训最少多少人？", {"class_size": "30"}, id="facts of another rule"),
        pytest.param("一个班最多能坐多少人？", {}, id="no facts"),
    ],
)
def test_a_question_about_something_else_is_answered_from_the_clauses(real_assistant, text, facts):
    answer = ask(real_assistant, text, facts)
    assert answer.decision is None
    assert answer.status == "answered"


def test_a_place_without_the_rule_gets_no_verdict(real_assistant):
    answer = ask(real_assistant, "这样办班合规吗？", FACTS, "河北")
    assert answer.decision is None or answer.decision.outcome == "no_basis"


def test_all_unusable_facts_are_named_at_once(real_assistant):
    facts = {"class_size": "-3", "moon": "1", "satisfaction": "130%"}
    with pytest.raises(FactsInvalid) as caught:
        ask(real_assistant, "这样办班合规吗？", facts)
    assert {fault.fact for fault in caught.value.faults} == set(facts)
    assert caught.value.hint


def test_the_verdict_about_a_subject_is_the_one_its_facts_fit(real_assistant):
    question = Question("", DAY, "潢川县", facts={"satisfaction": "80%"})
    assert real_assistant.check(question).decision.rule.endswith("/class-may-continue")
    assert real_assistant.check(Question("", DAY, "潢川县")).decision.rule.endswith("/class-qualifies")


def test_an_unknown_subject_is_refused_with_those_there_are(real_assistant):
    with pytest.raises(RequestInvalid) as caught:
        real_assistant.check(Question("", DAY), subject="moon")
    assert "class" in caught.value.hint
