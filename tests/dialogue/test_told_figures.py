"""Figures that the last answers told, added and compared."""

from __future__ import annotations

import pytest

from assistant.dialogue.memory import ToldFigure
from assistant.dialogue.told_figures import read_operation


def _figure(amount: str, unit: str = "人次") -> ToldFigure:
    return ToldFigure(amount=amount, unit=unit, spans=((f"plan#{amount}", 0, 4),))


THREE = (_figure("300"), _figure("50"), _figure("200"))


@pytest.mark.parametrize(
    ("said", "operation", "amounts"),
    [
        ("这俩加一块", "sum", ("50", "200")),
        ("一共多少?", "sum", ("300", "50", "200")),
        ("三个加起来呢", "sum", ("300", "50", "200")),
        ("两个差多少", "difference", ("50", "200")),
        ("那哪个更多", "order", ("300", "50", "200")),
        ("后者是前者的几倍", "ratio", ("50", "200")),
        # More than were told: nothing is added in their place.
        ("五个合计多少", "sum", ()),
        # Something else is asked.
        ("全县一共多少个任务", "", ()),
        ("司法局和残联一共多少", "", ()),
        ("总共要学几个课时", "", ()),
    ],
)
def test_what_is_asked_of_the_figures_told(said, operation, amounts):
    found = read_operation(said, THREE)
    assert (found[0], tuple(f.amount for f in found[1])) == (operation, amounts)


def test_figures_of_different_units_are_not_put_together():
    assert read_operation("加起来多少", (_figure("3", "天"), _figure("200"))) == ("", ())


@pytest.mark.parametrize(
    ("said", "value"), [("加一块多少", "250"), ("差多少", "150"), ("哪个多", "150"), ("几倍", "4")]
)
def test_rows_told_one_after_the_other(talk, said, value):
    session = f"rows-{said}"
    talk("司法局今年的培训任务是多少", session, "潢川县")
    talk("残联的呢", session, "潢川县")
    answer = talk(said, session, "潢川县")
    assert answer.decision.value.amount == value
    assert len(answer.citations) == 2


def test_sentences_with_several_figures_give_the_one_beside_the_topic(talk):
    talk("到2025年企业新型学徒要培训多少人", "beside", "河北")
    talk("高技能人才呢", "beside", "河北")
    answer = talk("俩加起来", "beside", "河北")
    assert answer.decision.value.amount == "250000"
    assert "下限" in answer.text


def test_a_figure_that_was_put_right_is_not_counted_twice(talk):
    for text in ("中职一年最少训多少人次", "不对，是高职", "两个一共多少"):
        answer = talk(text, "right", "河南")
    assert "7000" not in answer.text


def test_what_is_reckoned_leaves_the_conversation_where_it_was(talk):
    for text in ("司法局今年的培训任务是多少", "残联的呢", "加一块多少"):
        talk(text, "where", "潢川县")
    assert "退役军人" in talk("退役军人事务局的呢", "where", "潢川县").text
