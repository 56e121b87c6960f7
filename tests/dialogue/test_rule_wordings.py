"""The wordings written beside a rule reach it: none of them is refused, whatever the clauses found look like."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.models import Question

AS_OF = date(2021, 12, 1)
KINDS = ("verdicts", "checks", "deadlines", "timelines")
MOST_REFUSED_FIGURES = 0.01
"""Share of the wordings of quantities: some name the figures of two rules at once."""


def wordings(assistant, kind: str):
    for key, rule in getattr(assistant.calculator.book, kind).items():
        region = assistant.corpus.document_by_id[key.partition("/")[0]].region
        yield from (Question(text, AS_OF, region) for text in rule.questions)


@pytest.mark.parametrize("kind", KINDS)
def test_no_wording_of_a_rule_is_refused(real_assistant, kind):
    asked = list(wordings(real_assistant, kind))
    assert asked
    refused = [q.text for q in asked if real_assistant.ask(q).status == "refused"]
    assert refused == []


def test_hardly_a_wording_of_a_figure_is_refused(real_assistant):
    asked = list(wordings(real_assistant, "quantities"))
    refused = [q.text for q in asked if real_assistant.ask(q).status == "refused"]
    assert len(refused) <= MOST_REFUSED_FIGURES * len(asked), refused


def test_the_facts_are_asked_for_and_the_conversation_goes_on(real_assistant):
    first = real_assistant.ask(Question("公示最早什么时候结束", AS_OF, "潢川县", "wording-1"))
    assert first.status == "needs_info"
    assert [ask.fact for ask in first.decision.ask] == ["publicity_start"]
    then = real_assistant.ask(Question("12月6日开始", AS_OF, None, "wording-1"))
    assert then.decision.rule == first.decision.rule


@pytest.mark.parametrize(
    "text", ["公示最长不能超过几天？", "理论课一天最多能排几节？", "实操课时占比最高不能超过百分之多少？"]
)
def test_what_no_rule_gives_stays_refused(real_assistant, text):
    assert real_assistant.ask(Question(text, AS_OF, "潢川县")).status == "refused"
