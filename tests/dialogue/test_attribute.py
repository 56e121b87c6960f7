"""The clause is about the thing, and what is asked of it stands in no text."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "region"),
    [
        pytest.param("结业考试没考过，还能补考几回？", "潢川县", id="how often"),
        pytest.param("创业培训最大多少岁能报？", "潢川县", id="how old"),
        pytest.param("老年教育中心多大年纪能去上？", "河南", id="how old, without a figure"),
        pytest.param("8月份那场线下考核在哪一天？", "潢川县", id="the day of a month"),
        pytest.param("线上课每隔几分钟刷一次脸？", "潢川县", id="another item's interval"),
        pytest.param("企业新型学徒制要学多长时间？", "潢川县", id="how long, where a lesson's length stands"),
        pytest.param("学员出勤率低于多少不能考核？", "潢川县", id="a rate, where minutes stand"),
        pytest.param("职教高考的文化素质考哪几科？", "河南", id="which subjects"),
        pytest.param(
            "培训搞得差的高职，招生计划要减多少？", "河南", id="how much, where a number of things stands"
        ),
        pytest.param("全国职业院校补贴性培训一年要做多少人次？", "全国", id="a part, where the whole stands"),
        pytest.param("申报产教融合型企业，注册资本要达到多少？", "河南", id="a capital"),
        pytest.param("开班申请交上去人社局几天批下来？", "河北", id="days, where years stand"),
        pytest.param("开班最少得凑几个人？", "潢川县", id="the least of something else"),
    ],
)
def test_an_attribute_that_no_text_has(ask, text, region):
    answer = ask(text, region)
    assert answer.status == "refused", answer.text


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("钳工算不算急需紧缺工种？", "河北"),
        ("急需紧缺工种目录里有没有电工？", "河北"),
        ("急需紧缺工种目录里眼下列了哪些工种？", "河北"),
        ("河北有哪25所高职被列为优质校？", "河北"),
    ],
)
def test_a_list_that_is_only_announced(ask, text, region):
    assert ask(text, region).status == "refused"


def test_who_draws_up_a_list_is_no_question_for_its_members(understand):
    assert not understand("紧缺工种目录是哪几家一块儿编的？").asks_register
    assert understand("紧缺工种目录里如今收进了哪些工种？").asks_register


@pytest.mark.parametrize(
    ("text", "region", "told"),
    [
        ("服刑人员多大岁数还能参加培训？", "潢川县", "60周岁"),
        ("线上课几分钟没有弹窗就算无效？", "潢川县", "5分钟"),
        ("公示要几天？", "潢川县", "3个工作日"),
        ("一节课至少多少分钟？", "潢川县", "40分钟"),
        ("满意度低于多少要停班？", "潢川县", "85%"),
        ("职教高考里职业技能的成绩占多少？", "河南", "50%"),
        ("补贴性培训全年多少人次？", "潢川县", "8000"),
        ("国家一年要职校培训几千万人次？", "全国", "5000万"),
        ("全省职业院校一年补贴性培训要做多少万人次？", "河南", "12万"),
        ("厂里投钱办职教能抵多少税？", "河南", "30%"),
        ("中小学生一星期得上几节劳动课？", "河南", "1课时"),
        ("线上培训一年统一考几次，都在几月？", "潢川县", "4月、8月、12月"),
        ("专业教材几年修订一次？", "河南", "每3年"),
        ("有职业技能等级证书，念职业院校能少上几门课吗？", "河北", "免修"),
    ],
)
def test_an_attribute_that_a_text_has(ask, text, region, told):
    answer = ask(text, region)
    assert answer.status == "answered", answer.text
    assert told in answer.text


def test_a_telephone_is_no_other_way_to_reach_somebody(ask):
    answer = ask("省教育厅职成教处的传真是多少？", "河南")
    assert answer.status == "refused"
    assert "0371-69691788" in answer.text


def test_a_telephone_that_is_asked_for_beside_another_way_is_told(ask):
    assert ask("省教育厅职成教处的电话和邮箱是多少？", "河南").status == "answered"


@pytest.mark.parametrize(
    ("text", "status"), [("实操课占比有封顶吗？", "refused"), ("实操课占比有下限吗？", "answered")]
)
def test_whether_there_is_a_bound_at_an_end(ask, text, status):
    assert ask(text, "潢川县").status == status
