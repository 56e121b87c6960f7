"""Counts over the rows of the shipped annexes."""

from __future__ import annotations

from fractions import Fraction

import pytest

from assistant.dialogue.table_names import find_shortened


@pytest.mark.parametrize(
    ("question", "operation", "value", "n_rows"),
    [
        ("分解表各行加起来多少人次？", "sum", 8000, 14),
        ("附件1里创业培训、农民培训加起来多少人次？", "sum", 1150, 2),
        ("分解表里人社局牵头几项任务？", "count", 4, 4),
        ("分解表里教体局牵头的任务合计多少人次？", "sum", 5100, 2),
        ("分解表里哪项任务最多？", "max", 4800, 1),
        ("分解表里哪几项任务最少？", "min", 50, 2),
        ("附件1里人次排最末的是哪几项？", "min", 50, 2),
        ("附件1第一行有几家单位牵头？", "offices", 9, 1),
        ("农村劳动力技能培训那行一共几家单位牵头？", "offices", 9, 1),
        ("分解表里超过300人次的任务有几项？", "count", 2, 2),
        ("分解表里不少于300人次的任务有几项？", "count", 5, 5),
        ("附件1里创业培训比农民培训多多少人次？", "difference", 550, 2),
        ("分解表里民政局牵头的有哪些？", "list", None, 2),
        ("分解表里农村劳动力那块占了全部任务的几成？", "share", 60, 1),
        ("附件1里创业培训占百分之几？", "share", Fraction("10.625"), 1),
        ("附件1里应急局和司法局的加起来多少人次？", "sum", 250, 2),
        ("创业培训比电商培训的任务多多少？", "difference", 650, 2),
        ("退役军人、残疾人、巧媳妇加一块比创业培训少多少人次？", "difference", 250, 4),
        ("农民培训比残疾人和高危行业加起来少多少？", "difference", 100, 3),
        ("残疾人和高危行业加起来跟创业培训差多少？", "difference", 450, 3),
        ("任务数不到150的有几项？", "count", 3, 3),
        ("任务数在250到300之间的一共几项？", "count", 4, 4),
        ("附件1前两行合计多少？", "sum", 5650, 2),
        ("第2行和第8行加起来是多少人次？", "sum", 1150, 2),
        ("除去农村劳动力和创业培训，其余多少人次？", "sum", 2350, 12),
        ("农民培训的任务是残疾人培训的几倍？", "ratio", Fraction("1.5"), 2),
        ("当兵回来的、残疾人、巧媳妇，这三拨人的培训加一起多少人次？", "sum", 600, 3),
        ("分解表里50人次的是哪几行？", "count", 2, 2),
        ("两百人次的任务都有哪些？", "list", None, 5),
        ("任务二百到三百之间的有哪些？", "list", None, 9),
        ("附件1前三名是哪几项？", "list", None, 5),
        ("任务数排第二的是哪项？", "rank", 850, 1),
        ("分解表里倒数第二少的任务是什么？", "rank", 75, 1),
        ("附件1最后一行是什么任务？", "list", None, 1),
        ("附件1倒数第二行是啥？", "list", None, 1),
        ("分解表里哪些任务不归人社局管？", "list", None, 10),
        ("残联、妇联、商务局各自牵头的任务加一块多少？", "sum", 600, 3),
        ("附件1里残联和妇联的任务谁多？", "difference", 4800, 3),
        ("养老托幼那块的任务比建筑业多几个人？", "difference", 25, 2),
        ("残疾人和退役军人的任务数是不是一样多？", "difference", 0, 2),
        ("创业培训占全部8000人次的百分之几？", "share", Fraction("10.625"), 1),
        ("附件1里300人次的涉及几个部门？", "offices", 5, 3),
        ("附件3里要8个学时线下的工种列了几个？", "items", 16, 1),
        ("附件1有没有超过5000人次的任务？", "none", None, 0),
        ("扣掉创业培训那850，表里剩下的一共多少？", "sum", 7150, 13),
        ("听说今年摊派下来了，分解表里人社局牵头几项任务？", "count", 4, 4),
        ("分解表里体育局牵头几项？", "none", None, 0),
        ("保育员在附件3里吗？", "none", None, 0),
        ("请把分解表中建筑业、交通运输、电子商务三行的任务数合计一下。", "sum", 525, 3),
        ("请把分解表中任务数等于200的各行找出来。", "list", None, 5),
        ("分解表里两家单位一起牵头的任务有几项？", "count", 3, 3),
        ("附件1里由三家单位一块儿牵头的有哪几行？", "none", None, 0),
        ("创业培训比企业新型学徒制和企业职工补贴性提升两行加起来多多少人次？", "difference", 475, 3),
        ("分解表里任务最少的三项是哪些？", "list", None, 3),
        ("分解表里任务最多的两项加起来多少？", "sum", 5650, 2),
    ],
)
def test_rows_are_chosen_and_computed(find_table, question, operation, value, n_rows):
    found = find_table(question, "潢川县")
    assert found is not None
    assert (found.operation, found.value, len(found.rows)) == (operation, value, n_rows)


def test_count_and_sum_are_both_told(ask):
    text = ask("民政局参与了几项，合计多少人次？", "潢川县").text
    assert "2项" in text
    assert "5100" in text
    assert text.count("附件1 第5行") == 1


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("分解表里体育局牵头几项？", ["表中14行", "没有“体育局”的"]),
        ("附件1有没有超过5000人次的任务？", ["没有“超过5000人次”的"]),
        ("任务数排第二的是哪项？", ["从大到小排第2的是850人次"]),
        ("附件1里残联和妇联的任务谁多？", ["妇联多于残联", "相差4800人次"]),
        ("残疾人和退役军人的任务数是不是一样多？", ["残疾人技能提升培训等于退役军人技能培训"]),
        ("分解表里除开农村劳动力那一行，其余合计多少人次？", ["3200", "总计8000人次，减去除开的4800人次"]),
        ("分解表里不少于200人次的任务有哪些？", ["建筑业从业人员技能提升培训，275人次"]),
        ("附件1里300人次的涉及几个部门？", ["工信局、人社局、民政局、教体局、农业农村局"]),
    ],
)
def test_findings_are_told(ask, question, words):
    answer = ask(question, "潢川县")
    assert answer.status == "answered"
    assert [w for w in words if w not in answer.text] == []


def test_an_office_and_its_short_form_are_one(find_table):
    found = find_table("附件1一共有几个单位牵头？", "潢川县")
    assert found.value == 15
    assert len({"人社局", "人力资源和社会保障局"} & set(found.filters)) == 1


@pytest.mark.parametrize(
    ("question", "region"),
    [
        pytest.param("创业培训的任务数是多少？", "潢川县", id="a cell, no count"),
        pytest.param("附件2里结业考核提前几天提出？", "潢川县", id="a form is no table"),
        pytest.param("一个班最多坐多少人？", "潢川县", id="no table named"),
        pytest.param("附件2里产教融合论坛由哪些单位负责？", "河南", id="a cell of a named row"),
        pytest.param("分解表里城区的线上任务有几项？", "潢川县", id="a condition that no column has"),
        pytest.param("分解表里教育局牵头几项？", "潢川县", id="a name that may be another's variant"),
        pytest.param("附件2一共有几个责任单位？", "河南", id="offices named as a group"),
        pytest.param(
            "现代服务业这项计划一年多少人次、补贴性的占多少？", "潢川县", id="a word that rows share"
        ),
        pytest.param(
            "分解表里建筑业、航空业、电子商务的任务合计多少？", "潢川县", id="one of those listed is no row"
        ),
    ],
)
def test_other_questions_are_left_alone(find_table, question, region):
    assert find_table(question, region) is None


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("人力资源和社会保障局", "人社局牵头几项", "人社局"),
        ("住房和城乡建设局", "住建局负责的", "住建局"),
        ("残联", "残联的任务", "残联"),
        ("商务局", "人社局牵头几项", ""),
        ("农业农村局", "农民的任务", ""),
    ],
)
def test_short_forms_of_names(name, text, expected):
    assert find_shortened(name, text) == expected


@pytest.mark.parametrize(
    "question",
    ["泥瓦匠师傅、残疾人、巧媳妇，这四拨人的任务加起来多少人次？", "残疾人、巧媳妇这三项任务一共多少人次？"],
)
def test_a_sum_of_fewer_rows_than_were_named_is_none(find_table, question):
    assert find_table(question, "潢川县") is None


@pytest.mark.parametrize(
    ("question", "operation", "rows"),
    [
        ("工作任务清单里省人力资源社会保障厅排在第一位的是哪几项？", "list", [16, 30, 33, 35]),
        ("教育部支持河南的政策一共列了几条？", "count", [1, 2, 3, 4, 5, 6]),
        ("教育部给河南开的那张支持清单，总共列了几条", "count", [1, 2, 3, 4, 5, 6]),
        ("2号文后面的工作任务清单一共排了多少项", "count", list(range(1, 36))),
    ],
)
def test_rows_of_a_table_without_figures(find_table, question, operation, rows):
    found = find_table(question, "河南")
    assert found.operation == operation
    assert [int(r.path.rpartition(".r")[2]) for r in found.rows] == rows


def test_a_place_stands_for_its_government(find_table):
    found = find_table("任务清单里让驻马店参加的是哪一件？", "河南")
    assert [row.clause_id for row in found.rows] == ["henan-moe-2021-2#a2.r12"]


def test_one_office_of_two_is_no_answer_for_both(find_table):
    assert find_table("分解表里住建口和商务局牵头的一共多少人次？", "潢川县") is None


@pytest.mark.parametrize(
    ("question", "operation", "value"),
    [
        ("附件1中任务最轻的是哪几家单位的活？", "min", 50),
        ("退伍兵、残疾人、巧媳妇三块加一起要培训多少人次", "sum", 600),
        ("线下实训8学时的工种有几个", "items", 16),
    ],
)
def test_what_is_asked_of_rows_is_computed_of_them(find_table, question, operation, value):
    found = find_table(question, "潢川县")
    assert (found.operation, found.value) == (operation, value)


@pytest.mark.parametrize(
    ("question", "value", "words"),
    [
        ("附件3里名称带“快递”两个字的工种有几个？", 1, ["快递业务员"]),
        ("附件3里含“邮政”字样的职业有哪些？", 2, ["邮政投递员、邮政营业员"]),
        ("附件3里以“师”字结尾的职业有几个？", None, ["物流服务师"]),
    ],
)
def test_names_with_a_word_in_them_are_counted(ask, question, value, words):
    answer = ask(question, "潢川县")
    assert [w for w in words if w not in answer.text] == []
    assert value is None or answer.decision.value.amount == str(value)


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("清单里责任单位只写了工会、团委、妇联的是哪项？", [34]),
        ("任务清单里省人力资源社会保障厅写在第一个的是哪几项？", [16, 30, 33, 35]),
        ("任务清单垫底那项归谁？", [35]),
        ("清单上带残联的任务有几项？", [6, 21]),
    ],
)
def test_rows_by_who_is_named_in_them(find_table, question, rows):
    found = find_table(question, "河南")
    assert [int(r.path.rpartition(".r")[2]) for r in found.rows] == rows


@pytest.mark.parametrize(
    ("question", "place", "words"),
    [
        ("附件1总共几行，最后一行归谁牵头？", "潢川县", ["共14行", "附件1 第14行：序号：14"]),
        ("附件1前三行合计多少，最后一行是啥？", "潢川县", ["5725人次", "高危行业安全技能提升培训"]),
        ("任务清单总共列了多少项？垫底那项谁来干？", "河南", ["共35项", "附件2 第35行：序号：35"]),
    ],
)
def test_a_count_and_a_row_of_one_message(ask, question, place, words):
    text = ask(question, place).text
    assert [w for w in words if w not in text] == []


def test_an_aside_widens_what_is_asked(ask):
    text = ask("人社局（写全称的也算）在附件1里参与牵头的有哪几行？", "潢川县").text
    assert "共4行" in text


def test_rows_of_a_figure_are_counted_and_added(ask):
    text = ask("分解表里任务数写着200的一共几行，加起来多少？", "潢川县").text
    assert "共5行" in text
    assert "1000人次" in text
