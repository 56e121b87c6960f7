"""Comparisons of which one side has nothing to say."""

from __future__ import annotations

import pytest

NOT_FOUND = "现有文件里没有找到{}的对应规定。"


@pytest.mark.parametrize(
    ("question", "region", "place", "document"),
    [
        ("公示几天，河北和潢川有区别吗？", "河北", "河北省", "hebei-2021-20"),
        ("急需紧缺工种补贴上浮，河北和河南各是多少？", None, "河南省", "henan-moe-2021-2"),
        (
            "每班人数上限，潢川跟省里105号文写的一样吗？",
            "河南",
            "教办职成〔2021〕105号",
            "henan-jiaoyuting-2021-105",
        ),
    ],
)
def test_the_side_without_a_rule_is_named_and_not_quoted(ask, question, region, place, document):
    answer = ask(question, region)
    assert answer.status == "answered"
    assert NOT_FOUND.format(place) in answer.text
    assert document not in {c.document for c in answer.citations}


@pytest.mark.parametrize(
    "question",
    [
        "一节课多少分钟，105号文和潢川方案的说法有什么不同？",
        "拿编制聘兼职教师，河北和河南允许的比例各是多少？",
    ],
)
def test_two_sides_that_answer_are_both_told(ask, question):
    answer = ask(question, None)
    assert len({c.document for c in answer.citations}) == 2
    assert "没有找到" not in answer.text
    assert "没有写" not in answer.text


def test_body_and_annex_are_no_sides_without_a_rule(ask):
    answer = ask("建筑业那项，正文写的责任单位跟分解表的牵头单位对得上不？", "潢川县")
    assert "没有找到" not in answer.text
    assert {c.clause_id.partition("#")[2] for c in answer.citations} >= {"a1.r6", "2.1.5"}


def test_a_figure_of_one_side_is_not_granted_to_the_other(ask):
    text = ask("双师型教师60%是河北的说法，河南也定了60%吗？", None).text
    assert text.count("以上河南省的条款里没有写“60%”。") == 1
    assert "以上河北省" not in text


def test_a_place_without_documents_is_named_beside_one_that_has_some(ask):
    answer = ask("山东和河北，请兼职老师能用多少编制，哪个高？", None)
    assert "15%" in answer.text
    assert "没有收录山东省的规定" in answer.text


def test_a_place_without_documents_alone_is_refused(ask):
    assert ask("山东请兼职老师能用多少编制？", None).status == "refused"
