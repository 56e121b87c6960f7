"""Counts over the rows of the shipped annexes."""

from __future__ import annotations

from fractions import Fraction

import pytest

from assistant.dialogue.table_grid import find_shortened


@pytest.mark.parametrize(
    ("question", "operation", "value", "n_rows"),
    [
        ("分解表各行加起来多少人次？", "sum", 8000, 14),
        ("附件1里创业培训、农民培训加起来多少人次？", "sum", 1150, 2),
        ("分解表里人社局牵头几项任务？", "count", 4, 4),
        ("分解表里教体局牵头的任务合计多少人次？", "sum", 5100, 2),
        ("分解表里哪项任务最多？", "max", 4800, 1),
        ("分解表里哪几项任务最少？", "min", 50, 2),
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


@pytest.mark.parametrize(
    ("question", "region"),
    [
        pytest.param("创业培训的任务数是多少？", "潢川县", id="a cell, no count"),
        pytest.param("附件2里结业考核提前几天提出？", "潢川县", id="a form is no table"),
        pytest.param("一个班最多坐多少人？", "潢川县", id="no table named"),
        pytest.param("附件2里产教融合论坛由哪些单位负责？", "河南", id="a cell of a named row"),
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


def test_a_place_stands_for_its_government(find_table):
    found = find_table("任务清单里让驻马店参加的是哪一件？", "河南")
    assert [row.clause_id for row in found.rows] == ["henan-moe-2021-2#a2.r12"]
