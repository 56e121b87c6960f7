"""Turns of a conversation over the shipped corpus."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assistant.dialogue.followup import Turn
from assistant.dialogue.memory import MOST_FACTS, Memory, read_memory


@pytest.mark.parametrize(
    ("earlier", "said", "whole"),
    [
        pytest.param(
            "高职院校每年要完成多少人次培训?",
            "那中职呢?",
            "中职每年要完成多少人次培训?",
            id="a kind of school",
        ),
        pytest.param(
            "附件1里残联牵头的任务是多少人次?",
            "那退役军人事务局呢?",
            "附件1里退役军人事务局牵头的任务是多少人次?",
            id="an office",
        ),
        pytest.param(
            "河北聘兼职教师最多用多少编制?", "如果是河南呢?", "河南聘兼职教师最多用多少编制?", id="a place"
        ),
        pytest.param(
            "一个班最多多少人?", "河北呢?", "河北一个班最多多少人?", id="a place where none was named"
        ),
        pytest.param(
            "冀办字21号第十四条的责任单位是谁?",
            "第十六条的责任单位呢?",
            "冀办字21号第十六条的责任单位是谁?",
            id="a clause",
        ),
        pytest.param("公示要几天?", "审核呢?", "审核要几天?", id="another topic"),
        pytest.param(
            "中职每年要完成多少人次培训?",
            "省里直属的呢?",
            "中职每年要完成多少人次培训,省里直属的?",
            id="what narrows it",
        ),
    ],
)
def test_what_is_named_takes_the_place_of_its_like(read_turn: Callable[..., Turn], earlier, said, whole):
    turn = read_turn(said, Memory(question=earlier))
    assert (turn.text, turn.is_followup) == (whole, True)


@pytest.mark.parametrize(
    "said",
    [
        "培训合格证书的班最少要上多少个学时?",
        "高技能人才培训每年要多少人次?",
        "潢川县的理论课要不要全程录像?",
    ],
)
def test_a_question_of_its_own_stands_alone(read_turn, said):
    turn = read_turn(said, Memory(question="一个班最多多少人?", rule="x", clauses=("a",)))
    assert (turn.text, turn.is_followup, turn.rule) == (said, False, "")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("那下一条讲什么?", "henan-moe-2021-2#3.8"),
        ("上一条呢?", "henan-moe-2021-2#3.6"),
        ("依据是哪一条?", "henan-moe-2021-2#3.7"),
        ("原文怎么写的?", "henan-moe-2021-2#3.7"),
    ],
)
def test_clauses_beside_the_last_one(read_turn, said, expected):
    memory = Memory(question="豫政2号文第(七)条讲什么?", clauses=("henan-moe-2021-2#3.7",))
    assert [c.clause_id for c in read_turn(said, memory).named] == [expected]


@pytest.mark.parametrize(
    ("text", "memory"),
    [
        (None, Memory()),
        ("", Memory()),
        ("{", Memory()),
        ('{"question": 3}', Memory()),
        ('{"unknown": 1}', Memory()),
        (
            Memory(question="甲", facts={"class_size": "85"}).write(),
            Memory(question="甲", facts={"class_size": "85"}),
        ),
    ],
)
def test_a_memory_that_cannot_be_read_is_an_empty_one(text, memory):
    assert read_memory(text) == memory


def test_the_first_turn_hangs_on_nothing(read_turn):
    assert not read_turn("那中职呢?", Memory()).is_followup


def test_an_endless_conversation_does_not_grow(talk):
    session = "endless"
    for n in range(MOST_FACTS):
        talk(f"我们班{n + 20}个学员，能开吗？", session)
    assert len(talk.memory(session).write()) < 4096


def test_a_class_is_put_together_over_turns(talk):
    region = "潢川县"
    assert talk("我们班85个学员，配了4个老师", "class", region).decision.outcome == "fail"
    assert talk("总课时60，理论24，能开吗？", "class", region).decision.outcome == "fail"
    corrected = talk("不对，是5个老师", "class", region)
    assert {c.id for c in corrected.decision.checks if c.outcome == "fail"} == {
        "class-size",
        "practical-share",
    }
    talk("工位5个，每课时40分钟，考技能等级证", "class", region)
    changed = talk("那把人数减到80，实操加到39呢？", "class", region)
    assert changed.decision.outcome == "pass"
    assert "理论课时" in changed.text
    assert talk("换个班：30人，1名老师，行吗？", "class", region).decision.outcome == "fail"


def test_a_question_about_something_else_leaves_the_rule_of_the_turn_before(talk):
    assert talk("学校编制150人，兼职老师能请几个", "else", "河北省").decision is not None
    other = talk("那双师型要占多少", "else", "河北省")
    assert other.decision is None
    assert "60%" in other.text
    assert talk("我们班78人，4个老师，行不行", "length", "潢川县").decision is not None
    assert "还差教师数" in talk("那还差几个老师", "length", "潢川县").text
    assert "每课时不低于40分钟" in talk("那每节课最少多长", "length", "潢川县").text


def test_a_question_that_ends_in_a_denial_is_one_of_its_own(talk):
    assert talk("那实操要占多少", "denial", "潢川县").status == "answered"
    assert "全程录像" in talk("录像的事有规定没", "denial", "潢川县").text
    assert talk.memory("denial").question == "录像的事有规定没"


def test_whether_a_place_has_this_rule_hangs_on_the_question_before(talk):
    assert "60%" in talk("双师型老师要占多少", "this", "河北").text
    assert "双师型" in talk("河南有这个规定没", "this").text


@pytest.mark.parametrize("text", ["火星基地怎么走", "退休金几号发"])
def test_what_answered_before_answers_nothing_else(talk, text):
    session = f"else-{text}"
    assert talk("一个班最多多少人", session, "潢川县").status == "answered"
    assert talk(text, session, "潢川县").status == "refused"
    assert talk.memory(session).question == text


def test_a_bare_figure_replaces_the_one_that_was_decided_on(talk):
    assert talk("满意度86%还能开班吗？", "figure").decision.outcome == "pass"
    assert talk("84呢", "figure").decision.outcome == "fail"
    assert talk("85%呢？", "figure").decision.outcome == "pass"


def test_a_figure_that_may_mean_several_things_is_asked_about(talk):
    talk("我们班60人，3个老师，行不行？", "several")
    answer = talk("换成5名呢？", "several")
    assert (answer.status, answer.decision) == ("needs_info", None)
    assert talk("5名老师", "several").decision.rule.endswith("class-qualifies")


def test_quick_replies_answer_what_was_asked(talk):
    talk("60人的班，3个老师，行不行？", "replies")
    for reply in ("3个工位", "45分钟", "总共60课时，实操40"):
        talk(reply, "replies")
    assert talk("技能等级证", "replies").decision.outcome == "pass"


def test_places_and_kinds_change_in_one_conversation(talk):
    assert "6000人次" in talk("高职院校每年要完成多少人次培训？", "kinds", "河南").text
    assert "1000人次" in talk("那中职呢？", "kinds", "河南").text
    hebei = talk("如果是河北呢？", "kinds", "河南")
    assert {c.document for c in hebei.citations} <= {"hebei-2021-20", "moe-2019-5"}


def test_conversations_do_not_mix(talk):
    talk("我们班85个学员，配了4个老师", "one")
    assert talk("那中职呢？", "other").decision is None


def test_a_case_with_a_question_of_its_own_leaves_the_one_before(read_turn: Callable[..., Turn]):
    turn = read_turn("那要是来50个学员，要配几个老师？", Memory(question="一个班人数上限是多少?"))
    assert "上限" not in turn.text
    assert turn.facts == {"class_size": "50"}


def test_the_shortest_question_is_one_about_what_came_before(read_turn: Callable[..., Turn]):
    turn = read_turn("谁牵头？", Memory(question="附件1里农民培训是多少人次?"))
    assert "农民培训" in turn.text


def test_one_more_is_added_to_what_was_said(read_turn: Callable[..., Turn]):
    memory = Memory(question="42个人2个老师，师生比够不够?", facts={"class_size": "42", "teachers": "2"})
    assert read_turn("再添一个老师呢？", memory).facts["teachers"] == "3"


@pytest.mark.parametrize("said", ["谢谢啊", "好的,知道了", "明白了，辛苦"])
def test_a_word_of_thanks_leaves_the_conversation_where_it_was(talk, said):
    talk("理论课录像咋要求", said, "潢川县")
    before = talk.memory(said)
    assert talk(said, said, "潢川县").citations == ()
    assert talk.memory(said) == before


@pytest.mark.parametrize("said", ["出自哪个文件第几条", "原文是啥", "在第几页", "你确定吗", "为啥"])
def test_the_answer_before_is_shown_again_where_it_is_asked_about(read_turn, said):
    memory = Memory(question="补贴能涨多少?", clauses=("hebei-2021-20#4.16",))
    assert [c.clause_id for c in read_turn(said, memory).named] == ["hebei-2021-20#4.16"]


def test_the_rest_of_a_clause_is_told_in_full(read_turn):
    memory = Memory(question="每班最多多少人?", clauses=("hebei-2021-20#4.16",))
    assert read_turn("还有别的要求没", memory).in_full
    assert not read_turn("还有多少", memory).in_full


def test_a_figure_of_another_thing_replaces_none(talk):
    talk("企业投职业教育能抵多少附加费", "offset", "河南")
    assert "120" in talk("投了400万", "offset", "河南").text
    assert "27万元" not in talk("税一年就90万", "offset", "河南").text


def test_a_case_put_to_two_places_is_decided_for_each(talk):
    answer = talk("编制500个，河南和河北分别能招多少兼职老师", "two")
    assert {c.document for c in answer.citations} == {"henan-moe-2021-2", "hebei-2021-20"}
    assert "100人" in answer.text
    assert "75人" in answer.text


def test_what_is_asked_without_a_topic_is_asked_of_what_came_before(talk):
    talk("分解表里创业培训由谁牵头？", "topic", "潢川县")
    answer = talk("要完成多少人次？", "topic", "潢川县")
    assert "850" in answer.text
    assert len(answer.citations) == 1


def test_whose_the_clause_told_last_is(talk):
    talk("河北要培树哪几个技能培训特色品牌？", "last", "河北省")
    answer = talk("这一条归哪些部门负责？", "last", "河北省")
    assert "责任单位：省人力资源社会保障厅、省教育厅" in answer.text


def test_a_case_is_judged_again_with_what_was_missing(talk):
    talk("我们这个班60个人，配了3名老师、3个工位。", "again", "潢川县")
    talk("每课时45分钟，总共80课时，其中实操56课时。", "again", "潢川县")
    answer = talk("结业考的是职业技能等级证书，这下能开班了吧？", "again", "潢川县")
    assert (answer.decision.rule.rpartition("/")[2], answer.decision.outcome) == ("class-qualifies", "pass")
