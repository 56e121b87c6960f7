"""Messages with several questions."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.dialogue.split import join_answers, split_questions
from assistant.models import Answer, Citation

CITATION = Citation(1, "plan", "1号", "方案", "某局", "某县", "一、", "plan#1", "八十人", 0, 3, 0, 10)


def answer(text: str, status: str = "answered", citations: tuple[Citation, ...] = (CITATION,)) -> Answer:
    return Answer("id", "", status, text, date(2026, 11, 21), citations, None, (), "v")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一个班最多多少人?", ["一个班最多多少人?"]),
        ("一个班最多多少人?公示要几个工作日?", ["一个班最多多少人?", "公示要几个工作日?"]),
        ("创业培训多少人次?责任单位是谁?", ["创业培训多少人次?责任单位是谁?"]),
        ("我们班85人,4个老师。能开吗?", ["我们班85人,4个老师。能开吗?"]),
        ("1.一个班最多多少人?2.公示要几个工作日?", ["一个班最多多少人?", "公示要几个工作日?"]),
        ("满意度低于多少停班?差多少?", ["满意度低于多少停班?差多少?"]),
        ("能开吗?文件没有另外规定学时。", ["能开吗?文件没有另外规定学时。"]),
    ],
)
def test_each_question_that_stands_alone_is_one(text, expected):
    assert split_questions(text) == expected


def test_answers_are_told_in_turn_and_equal_citations_are_one():
    other = Citation(1, "plan", "1号", "方案", "某局", "某县", "二、", "plan#2", "三天", 4, 6, 4, 9)
    joined = join_answers(
        ["甲?", "乙?", "丙?"],
        [answer("八十[1]"), answer("三天[1]", citations=(other,)), answer("又是[1]")],
        "问：",
        "",
    )
    assert joined.text.splitlines() == ["问：甲?", "八十[1]", "问：乙?", "三天[2]", "问：丙?", "又是[1]"]
    assert [(c.n, c.clause_id) for c in joined.citations] == [(1, "plan#1"), (2, "plan#2")]


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (("answered", "refused"), "answered"),
        (("refused", "refused"), "refused"),
        (("answered", "needs_info"), "needs_info"),
    ],
)
def test_the_status_of_the_whole(statuses, expected):
    answers = [answer("无", status, ()) for status in statuses]
    assert join_answers(["甲", "乙"], answers, "问：", "").status == expected


def test_what_was_left_off_is_named():
    joined = join_answers(["甲?"], [answer("八十[1]")], "问：", "其余请分开问：乙?")
    assert joined.text.endswith("其余请分开问：乙?")
