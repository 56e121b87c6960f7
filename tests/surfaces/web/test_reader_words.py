"""Expressions and figures in plain words, for every form of the language of the rule files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from assistant.rules.language import Among, Arithmetic, Call, Compare, Constant, Logic, Not, Ref
from assistant.rules.law import Cite, Dated, Expression, Parameter
from assistant.surfaces.web.reader_words import Wording

PLAN = "huangchuan-2021-1"
SIZE = Ref("class_size", "number")
TEACHERS = Ref("teachers", "number")
MOST = Ref(f"{PLAN}/max_class_size", "number")
OFFLINE = Ref("exam_is_offline", "truth")
SHARE = Ref("practical_share", "share", Arithmetic("/", Ref("practical_hours", "number"), SIZE))
DAY = Ref("exam_date", "date")
KIND = Ref("certificate", "choice")
ONE = Constant(1, "number")


@pytest.fixture(scope="module")
def wording(real_assistant) -> Wording:
    return Wording(real_assistant.calculator.book, date(2026, 11, 21))


def expression(node) -> Expression:
    return Expression("", node, lambda env: None, ())


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (Compare("<=", SIZE, MOST), "班级人数 不超过 每班人数上限（80人）"),
        (Not(Compare("<=", SIZE, MOST)), "班级人数 超过 每班人数上限（80人）"),
        (Not(Not(Compare("<", SIZE, ONE))), "班级人数 低于 1"),
        (Compare("==", KIND, Constant("甲证", "choice")), "证书类型 是 甲证"),
        (Not(Compare("==", KIND, Constant("甲证", "choice"))), "证书类型 不是 甲证"),
        (Compare(">=", DAY, Ref("exam_notice_date", "date")), "考核日期 不早于 提出考核时间的日期"),
        (Among(KIND, Constant(frozenset({"乙", "甲"}), "names")), "证书类型 属于 乙、甲"),
        (Not(Among(KIND, Constant(frozenset({"甲"}), "names"))), "证书类型 不属于 甲"),
        (OFFLINE, "线下考核：是"),
        (Not(OFFLINE), "线下考核：否"),
        (Logic("and", (OFFLINE, Compare(">", SIZE, ONE))), "线下考核：是，并且班级人数 超过 1"),
        (Logic("or", (OFFLINE, Logic("and", (OFFLINE, OFFLINE)))), "线下考核：是，或者（线下考核：是，并且线下考核：是）"),
        (Not(Logic("or", (OFFLINE, OFFLINE))), "并非（线下考核：是，或者线下考核：是）"),
        (SHARE, "实操课时占比（实操课时 ÷ 班级人数）"),
        (Arithmetic("*", Arithmetic("+", SIZE, ONE), TEACHERS), "（班级人数 ＋ 1） × 教师数"),
        (Call("max", (Arithmetic("-", SIZE, MOST), ONE), "number"), "班级人数 － 每班人数上限（80人）、1 中较大的"),
        (Call("month", (DAY,), "number"), "考核日期 的月份"),
        (Call("add_days", (DAY, ONE), "date"), "考核日期 之后 1"),
        (Constant(True, "truth"), "是"),
        (Constant(Fraction(1, 2), "number"), "1/2"),
    ],
)  # fmt: skip
def test_words_of_an_expression(wording, node, words):
    assert wording.say(expression(node)) == words


def test_a_formula_inside_a_formula_is_not_told(wording):
    half = Ref("theory_share", "share", Arithmetic("*", SHARE, ONE))
    assert wording.say(expression(half)) == "理论课时占比（实操课时占比 × 1）"
    assert wording.say(None) == ""


def parameter(unit: str, bound: str, kind: str, *values: Dated) -> Parameter:
    return Parameter("d/p", "p", "d", "名", unit, bound, "must", kind, values)


def dated(shown: str, since: date | None = None, until: date | None = None, value: object = 0) -> Dated:
    return Dated(value, shown, since, until, ())


@pytest.mark.parametrize(
    ("unit", "bound", "kind", "shown", "words"),
    [
        ("人", "<=", "number", "80", "不超过80人"),
        ("比", "<=", "number", "1:20", "不超过1:20"),
        ("%", ">=", "share", "65%", "不低于65%"),
        ("%", "<", "share", "85%", "低于85%"),
        ("个", "~", "number", "20", "20个左右"),
        ("元", ">", "number", "100", "超过100元"),
        ("个月", "==", "number", "1", "1个月"),
        ("日期", "<=", "date", "2021-04-30", "不晚于 2021-04-30"),
    ],
)
def test_words_of_a_figure(wording, unit, bound, kind, shown, words):
    assert wording.say_figure(parameter(unit, bound, kind, dated(shown))) == words


def test_a_long_list_is_counted(wording):
    names = frozenset(f"第{i}种职业" for i in range(32))
    figure = parameter("", "==", "names", dated("、".join(sorted(names)), value=names))
    assert wording.say_figure(figure) == "所列 32 项"
    short = parameter("月", "==", "names", dated("4、8、12", value=frozenset((4, 8, 12))))
    assert wording.say_figure(short) == "4、8、12月"


@pytest.mark.parametrize(
    ("as_of", "words"),
    [
        (date(2020, 12, 31), "不超过80人（自 2021-01-01 起）"),
        (date(2021, 1, 1), "不超过80人"),
        (date(2021, 12, 31), "不超过80人"),
        (date(2022, 1, 1), "不超过60人"),
        (date(2022, 12, 31), "不超过60人"),
        (date(2023, 1, 1), "不超过60人（到 2022-12-31 为止）"),
    ],
)
def test_the_figure_of_the_day_is_told(real_assistant, as_of, words):
    values = (
        dated("80", date(2021, 1, 1), date(2021, 12, 31)),
        dated("60", date(2022, 1, 1), date(2022, 12, 31)),
    )
    wording = Wording(real_assistant.calculator.book, as_of)
    assert wording.say_figure(parameter("人", "<=", "number", *values)) == words


def test_a_figure_whose_words_have_gone_is_told(wording):
    gone = replace(dated("80"), cites=(Cite("d", "d#1", 0, 1, "stale"),))
    assert wording.say_figure(parameter("人", "<=", "number", gone)) == "不超过80人（原文已改动，待核对）"
