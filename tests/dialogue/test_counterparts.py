"""A clause named by its number beside an annex, and what one of two sides lacks."""

from __future__ import annotations

import pytest


def _paths(answer):
    return {c.clause_id.partition("#")[2] for c in answer.citations}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("方案第9条和附件1第9行分别写了什么？", {"2.1.9", "a1.r9"}),
        ("残疾人培训，方案第2条的人次和附件1那行对得上吗？", {"2.1.2", "a1.r11"}),
        ("附件1第5行和方案第4条写的单位比，少了谁？", {"2.1.4", "a1.r5"}),
    ],
)
def test_a_clause_and_its_row_are_both_told(ask, question, expected):
    assert _paths(ask(question, "潢川县")) >= expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("附件1第9行是什么任务？", {"a1.r9"}),
        ("附件1第3条讲的是什么？", {"a1.r3"}),
        ("方案第9条讲什么？", {"2.1.9"}),
    ],
)
def test_one_of_them_alone_stays_alone(ask, question, expected):
    assert _paths(ask(question, "潢川县")) == expected


def test_a_word_that_only_the_body_has(ask):
    text = ask("豫政2号文正文写了郑州建产教融合试点城市，任务清单里那项写了郑州没有？", "郑州市").text
    assert "以上附件2的条款里没有写“郑州”。" in text


def test_a_side_without_the_figure_is_told_to_have_none(ask):
    text = ask("“双岗”教师占专业课教师多大比例，国家行动计划和105号文都给了数吗？", "河南").text
    assert "60%" in text
    assert "以上教办职成〔2021〕105号的条款里没有写数字。" in text


def test_the_askers_own_rule_is_told_beside_the_one_they_would_go_by(ask):
    text = ask("河北职校可以用15%的编制聘兼职教师，咱县的职校也能照这个数办吗？", "潢川县").text
    assert "15%" in text
    assert "20%" in text
    assert "不对" not in text


def test_a_clause_that_gives_names_is_told_where_a_name_is_asked(ask):
    assert "冀菜大厨" in ask("河北打造的技能培训特色品牌都叫什么？", "河北").text


def test_a_telephone_beside_another_question(ask):
    text = ask("培训档案一学时最短几分钟，省教研室培训部的电话是多少？", "河南").text
    assert "45分钟" in text
    assert "0371-65900927" in text
