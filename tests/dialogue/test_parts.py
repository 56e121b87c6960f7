"""The parts of a question that asks several things."""

from __future__ import annotations

import pytest

from assistant.dialogue import wording
from assistant.dialogue.parts import split_parts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "一节课最短多久,动手的占多大比例", ["一节课最短多久", "动手的占多大比例"], id="each by itself"
        ),
        pytest.param("失业金能拿多少,拿几个月", ["失业金能拿多少", "失业金能拿多少,拿几个月"], id="hangs on"),
        pytest.param(
            "满意度低了停多久,骗补贴的咋处理", ["满意度低了停多久", "骗补贴的咋处理"], id="short with a topic"
        ),
        pytest.param("学费谁定", [], id="one question"),
    ],
)
def test_pieces_that_ask(text, expected):
    assert [part.text for part in split_parts(text)] == expected


@pytest.mark.parametrize(
    ("text", "second"),
    [
        pytest.param("高技能的一年要培训多少,创业的又是多少?", "创业的一年要培训多少", id="又是"),
        pytest.param("环卫工一年训多少人次,监狱里的人呢", "监狱里的人一年训多少人次", id="呢"),
        pytest.param("省里的补贴归谁管,县里的呢", "县里归谁管", id="another predicate"),
        pytest.param("双师占几成,编制多少", "双师占几成,编制多少", id="its own question"),
    ],
)
def test_what_is_left_out_is_what_was_asked_before(text, second):
    assert split_parts(text)[1].text == second


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("论坛和工坊分别由谁负责", ["论坛由谁负责", "工坊由谁负责"], id="two"),
        pytest.param(
            "院校每年在就业技能、创业、高技能人才三类培训上的底数分别是多少",
            [
                "院校每年在就业技能培训上的底数是多少",
                "院校每年在创业培训上的底数是多少",
                "院校每年在高技能人才培训上的底数是多少",
            ],
            id="said once for all",
        ),
        pytest.param("两个目标各是多少", [], id="not named"),
    ],
)
def test_topics_of_which_the_same_is_asked(text, expected):
    parts = split_parts(text)
    assert [part.text for part in parts] == expected
    assert all(part.is_topic for part in parts)


@pytest.mark.parametrize(
    ("text", "is_each"),
    [
        ("两个目标各差多少", True),
        ("分别差多少", True),
        ("4个工位区各一台,工位40个,能通过吗", False),
        ("各级财政给多少", False),
    ],
)
def test_each_is_asked_for_not_told(text, is_each):
    assert bool(wording.EACH.search(text)) is is_each


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "公示、审核、录像这三样,分别要多久", ["公示,要多久", "审核,要多久", "录像,要多久"], id="counted"
        ),
        pytest.param(
            "电商和餐饮两个计划,今年要训多少人",
            ["电商计划,今年要训多少人", "餐饮计划,今年要训多少人"],
            id="noun",
        ),
        pytest.param("电商和餐饮这两项,加起来多少", [], id="asked of both together"),
        pytest.param("电商和餐饮这两项,哪个训得多", [], id="one against the other"),
        pytest.param(
            "每年的就业技能、创业培训各不低于多少人次,学徒每年培养多少",
            ["每年的就业技能不低于多少人次", "每年的创业培训不低于多少人次", "学徒每年培养多少"],
            id="a list beside another question",
        ),
        pytest.param("上过几回培训班,学过的能少学点不", [], id="a number that is not asked for"),
    ],
)
def test_listed_topics_are_asked_one_by_one(text, expected):
    assert [part.text for part in split_parts(text)] == expected


def test_what_was_said_before_a_question_is_said_with_the_next():
    parts = split_parts("快递计划,今年要训多少人,补贴性的多少")
    assert parts[1].text == "快递计划,补贴性要训多少人"
