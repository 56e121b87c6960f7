"""Figures that put right, or change, one that was stated before."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from assistant.dialogue.amend import find_put_right, read_change, read_slip, read_swap
from assistant.dialogue.followup import Turn
from assistant.dialogue.memory import Memory

CASE = "78个人,老师4个,工位4个,一课时40分钟,总共60课时实操40,考等级证书,能开吗?"
KNOWN = {"class_size": "78", "teachers": "4", "workstations": "4"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("班里85人，哦写错了，是75人，4个老师4个工位", {"class_size": "75", "teachers": "4"}),
        ("有90个学员，不对，78，老师4个", {"class_size": "78", "teachers": "4"}),
        ("学员60人，老师4个，说错了，3个", {"class_size": "60", "teachers": "3"}),
        # Nothing is put right: the first figure stands.
        ("班里75人，4个老师", {"class_size": "75", "teachers": "4"}),
    ],
)
def test_a_figure_is_put_right_in_the_message_itself(read_facts, text, expected):
    stated = read_facts(text)
    assert {fact: stated.get(fact) for fact in expected} == read_facts.values(expected)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("\ue000人,写错了,是\ue001人", [("\ue000", "\ue001")]),
        ("\ue000人,写错了,是\ue001课时", []),  # another unit
        ("\ue000人,写错了,是\ue400", []),  # a share puts no number right
        ("\ue000人,\ue001个老师", []),
    ],
)
def test_only_its_like_puts_a_figure_right(text, pairs):
    assert [(old, new) for old, new, _ in find_put_right(text)] == pairs


@pytest.mark.parametrize(
    ("said", "fact", "value"),
    [
        ("有个老师走了,现在只剩3个,还行不?", "teachers", "3"),
        ("老师走了一个,还行吗?", "teachers", "3"),
        ("工位坏了俩,只有2个能用了", "workstations", "2"),
        ("学员退了8个", "class_size", "70"),
    ],
)
def test_a_change_is_of_what_stands_before_it(read_turn: Callable[..., Turn], said, fact, value):
    memory = Memory(question=CASE, facts=KNOWN, rule="huangchuan-2021-1/class-qualifies", read=tuple(KNOWN))
    turn = read_turn(said, memory)
    assert turn.facts == {**KNOWN, fact: value}
    assert (turn.text, turn.rule, turn.is_followup) == (CASE, memory.rule, True)


def test_where_words_do_not_tell_which_nothing_changes():
    def read(text: str) -> dict[str, str]:
        return {fact: "3" for fact in KNOWN if "现在" in text}

    assert read_change("现在只剩3个", ["3个"], KNOWN, read) == {}
    assert read_change("老师走了一个", [], KNOWN, read) == {}


@pytest.mark.parametrize(
    ("text", "fact", "value"),
    [
        ("学籍系统里原有1.1万人,要是再登记500名新生,任务是多少?", "enrolment", "11500"),
        (
            "本工种原有4名专职教师,其中1名下月转去教车工,计划收78名学徒,可不可以?",
            "full_time_teachers_of_trade",
            "3",
        ),
        # Who are of them is no change.
        ("本工种有4名专职教师,其中1名是高级工,能收78名学徒吗?", "full_time_teachers_of_trade", "4"),
    ],
)
def test_a_later_figure_of_one_message_changes_an_earlier_one(read_turn, text, fact, value):
    assert read_turn(text, Memory()).facts[fact] == value


@pytest.mark.parametrize(
    ("loose", "expected"),
    [
        (("52个",), {"class_size": "52"}),
        (("26个",), {"class_size": "26"}),
        # Too far from any, or from both alike.
        (("95个",), {}),
        (("3个",), {}),
        (("52个", "4个"), {}),
    ],
)
def test_a_mistyped_figure_is_the_one_it_differs_least_from(loose, expected):
    assert read_slip(loose, {"class_size": "62", "teachers": "4"}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4个写错了,3个", {"teachers": "3"}),
        ("不是62个,是52个", {"class_size": "52"}),
        ("是52个,不是62个", {"class_size": "52"}),
        ("62个,4个", {}),
        ("不是70个,是52个", {}),
    ],
)
def test_of_two_figures_the_one_that_was_known_is_put_right(text, expected):
    loose = tuple(re.findall(r"\d+个", text))
    assert read_swap(text, loose, {"class_size": "62", "teachers": "4"}) == expected
