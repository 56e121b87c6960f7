"""Figures that a question takes for granted."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.dialogue.premise import Premise, check_premises, has_premise
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
