"""What a follow-up takes over from the question before it, and what it puts in place of what."""

from __future__ import annotations

import pytest

from assistant.dialogue.inherit import go_back, say_change, split_request
from assistant.dialogue.memory import Memory

HEBEI = ("hebei-2021-20#3.10",)
YEARLY = "院校每年就业技能培训不低于多少人次?"


@pytest.mark.parametrize(
    ("earlier", "said", "whole"),
    [
        (YEARLY, "创业的呢", "院校每年创业培训不低于多少人次?"),
        (YEARLY, "高技能的呢", "院校每年高技能培训不低于多少人次?"),
        (YEARLY, "创业培训那块呢", "院校每年创业培训不低于多少人次?"),
        ("到2025年创业培训总共要多少", "那高技能人才呢", "到2025年高技能人才要多少"),
        ("最少几个老师", "那工位呢", "最少几个工位"),
        # What only narrows is said behind.
        ("中职每年要完成多少人次培训?", "省里直属的呢", "中职每年要完成多少人次培训,省里直属的?"),
    ],
)
def test_the_subject_alone_changes(read_turn, earlier, said, whole):
    assert read_turn(said, Memory(question=earlier, clauses=HEBEI)).text == whole


@pytest.mark.parametrize(
    ("earlier", "said", "whole"),
    [
        ("职业学校一年要训多少人次", "河南的高职", "河南高职一年要训多少人次"),
        ("老师和学员的比例是多少", "潢川", "潢川老师和学员的比例是多少"),
        ("河南全省职校今年要训多少人次", "那全国的目标呢", "全国职校今年要训多少人次"),
        ("河南中职一年最少训多少人次", "那我们省最少是多少", "中职一年最少训多少人次"),
        ("105号文中职补贴性培训要多少", "那全省加一块,补贴性的是多少", "105号文全省补贴性培训要多少"),
        ("职业培训在河南找谁问", "那河北的呢,电话也给我", "职业培训在河北找谁问,电话也给我?"),
    ],
)
def test_places_and_kinds_stand_for_each_other(read_turn, earlier, said, whole):
    assert read_turn(said, Memory(question=earlier)).text == whole


@pytest.mark.parametrize("said", ["全省有几个产业学院", "河南的高职扩招政策有啥", "我们省公示要几天"])
def test_a_question_of_its_own_inherits_nothing(read_turn, said):
    assert "补贴性" not in read_turn(said, Memory(question="105号文中职补贴性培训要多少")).text


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("精品课呢,建几门", ("精品课", "建几门")),
        ("那河北的呢电话也给我", ("河北", "电话也给我")),
        ("那中职呢?", ("", "")),
        ("录像要保存多久呢", ("", "")),
    ],
)
def test_a_subject_and_what_is_wanted_of_it(said, expected):
    assert split_request(said) == expected


def test_a_conversation_goes_back_to_its_first_question():
    back = go_back("每年就业技能培训要多少人次?", "再说回第一个,到2025年总共要多少")
    assert back == "就业技能培训要,到2025年总共要多少"
    assert not go_back("公示几天?", "第一个班有60人")
    assert not go_back("公示几天?", "回头再说")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("实操砍到50课时", "实操减到50课时"),
        ("老师提到5个", "老师加到5个"),
        # No figure is changed to.
        ("这条提到3个部门", "这条加到3个部门"),
        ("降成本有啥办法", "降成本有啥办法"),
    ],
)
def test_verbs_of_change_are_said_in_one_way(text, said):
    assert say_change(text) == said


def test_a_figure_that_changes_is_the_one_named(talk):
    talk("总共80课时，实操56，够不够", "change", "潢川县")
    assert talk("实操压到48课时呢", "change", "潢川县").decision.outcome == "fail"


def test_a_change_of_what_the_rule_does_not_read_is_judged_by_the_rule_that_does(talk):
    talk("70人的班4个老师4个工位合规不", "reads", "潢川县")
    assert talk("老师减到3个呢", "reads", "潢川县").decision.outcome == "fail"


def test_an_office_is_not_told_the_task_of_another(talk):
    talk("工信局牵头的任务多少人次", "office", "潢川县")
    assert "交通运输局" in talk("交通运输局的呢", "office", "潢川县").text


def test_what_the_country_says_is_not_told_from_a_province(talk):
    talk("双师型教师得占几成", "country", "河北")
    answer = talk("换成全国的口径呢", "country", "河北")
    assert {c.document for c in answer.citations} == {"moe-2019-5"}


def test_the_asker_is_told_where_their_place_has_no_such_figure(talk):
    talk("河南公办高职的生均拨款最低多少钱？", "none", "石家庄市")
    answer = talk("那我们省最低是多少", "none", "石家庄市")
    assert (answer.status, "12000" in answer.text) == ("refused", False)
