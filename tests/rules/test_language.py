from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.rules.language import (
    LONGEST,
    Among,
    Arithmetic,
    Call,
    Compare,
    Constant,
    Kind,
    LanguageError,
    Logic,
    Node,
    Not,
    Ref,
    check_choices,
    find_refs,
    parse_expression,
    walk,
)

KINDS: dict[str, Kind] = {
    "class_size": "number",
    "teachers": "number",
    "max_class_size": "number",
    "practical_share": "share",
    "min_share": "share",
    "exam_date": "date",
    "plan_due": "date",
    "has_rule": "truth",
    "is_public": "truth",
    "certificate": "choice",
    "occupation": "name",
    "listed": "names",
    "months": "names",
    "row.task": "name",
    "row.target": "number",
}


def resolve(name: str) -> Ref | None:
    return Ref(name, KINDS[name]) if name in KINDS else None


def parse(text: str) -> Node:
    return parse_expression(text, resolve)


@pytest.mark.parametrize(
    ("text", "node", "kind"),
    [
        pytest.param("class_size", Ref, "number", id="name"),
        pytest.param("class_size <= max_class_size", Compare, "truth", id="numbers compared"),
        pytest.param("practical_share >= min_share", Compare, "truth", id="shares compared"),
        pytest.param("class_size >= min_share", Compare, "truth", id="number with share"),
        pytest.param("exam_date < plan_due", Compare, "truth", id="dates compared"),
        pytest.param("certificate == 培训合格证书", Compare, "truth", id="choice"),
        pytest.param("certificate != '1+X证书'", Compare, "truth", id="quoted choice"),
        pytest.param("occupation == 焊工", Compare, "truth", id="name with choice"),
        pytest.param("has_rule == is_public", Compare, "truth", id="truths compared"),
        pytest.param("has_rule == false", Compare, "truth", id="truth with false"),
        pytest.param("has_rule and is_public", Logic, "truth", id="and"),
        pytest.param("has_rule or not is_public", Logic, "truth", id="or not"),
        pytest.param("not has_rule", Not, "truth", id="not"),
        pytest.param("certificate in [甲, 乙]", Among, "truth", id="in list"),
        pytest.param("certificate not in [甲, 乙]", Not, "truth", id="not in list"),
        pytest.param("occupation in listed", Among, "truth", id="in names"),
        pytest.param("month(exam_date) in months", Among, "truth", id="month in list"),
        pytest.param("row.task in listed", Among, "truth", id="row"),
        pytest.param("class_size + teachers", Arithmetic, "number", id="sum"),
        pytest.param("practical_share - min_share", Arithmetic, "share", id="difference of shares"),
        pytest.param("practical_share * class_size", Arithmetic, "number", id="share of a number"),
        pytest.param("practical_share / min_share", Arithmetic, "number", id="ratio of shares"),
        pytest.param("max(0, class_size - teachers)", Call, "number", id="max"),
        pytest.param("min(class_size, practical_share)", Call, "number", id="min"),
        pytest.param("ceil(class_size / teachers)", Call, "number", id="ceil"),
        pytest.param("floor(class_size)", Call, "number", id="floor"),
        pytest.param("add_months(exam_date, teachers)", Call, "date", id="add_months"),
        pytest.param("add_days(exam_date, 1)", Call, "date", id="add_days"),
        pytest.param("days_between(exam_date, exam_date)", Call, "number", id="days_between"),
        pytest.param("true", Constant, "truth", id="true"),
        pytest.param("0", Constant, "number", id="zero"),
        pytest.param("1", Constant, "number", id="one"),
        pytest.param("  class_size  ", Ref, "number", id="blanks around"),
    ],
)
def test_what_parses_to_what(text: str, node: type, kind: str):
    tree = parse(text)
    assert isinstance(tree, node)
    assert tree.kind == kind


REFUSED = [
    pytest.param("class_size <= 80", "不能直接写数字 80", id="figure"),
    pytest.param("class_size * 2", "不能直接写数字 2", id="factor"),
    pytest.param("class_size <= 0.65", "不能直接写数字 0.65", id="decimal"),
    pytest.param("class_size <= 1.0", "不能直接写数字 1.0", id="one as a float"),
    pytest.param("class_size <= 1e9", "不能直接写数字", id="power of ten"),
    pytest.param("class_size <= 1j", "不能直接写数字 1j", id="complex"),
    pytest.param("class_size <= -1", "不能这样写：-1", id="negative"),
    pytest.param("has_rule == True", "不能直接写数字 True", id="Python's True"),
    pytest.param("has_rule == None", "不能直接写数字 None", id="None"),
    pytest.param("...", "不能直接写数字 Ellipsis", id="ellipsis"),
    pytest.param("b'x' == certificate", "不能直接写数字", id="bytes"),
    pytest.param("class_size.real", "没有名为 class_size.real 的", id="attribute"),
    pytest.param("class_size.__class__", "没有名为 class_size.__class__ 的", id="dunder attribute"),
    pytest.param("class_size.real.imag", "不能这样写", id="attribute of an attribute"),
    pytest.param("row.lead", "没有名为 row.lead 的", id="unknown column"),
    pytest.param("__import__", "没有名为 __import__ 的", id="builtin name"),
    pytest.param("__import__('os').system('ls')", "不能这样写", id="method call"),
    pytest.param("__import__('os')", "没有名为 __import__ 的函数", id="builtin call"),
    pytest.param("open('/etc/passwd')", "没有名为 open 的函数", id="open"),
    pytest.param("class_size('__class__')", "没有名为 class_size 的函数", id="fact called"),
    pytest.param("max(class_size)", "max 的参数个数或类型不对", id="too few arguments"),
    pytest.param("max(0, 1, class_size)", "max 的参数个数或类型不对", id="too many arguments"),
    pytest.param("ceil(exam_date)", "ceil 的参数个数或类型不对", id="wrong argument"),
    pytest.param("month(class_size)", "month 的参数个数或类型不对", id="month of a number"),
    pytest.param("max(*listed)", "不能这样写", id="starred"),
    pytest.param("max(a=class_size)", "不能这样写", id="keyword"),
    pytest.param("lambda: class_size", "不能这样写", id="lambda"),
    pytest.param("[x for x in listed]", "不能这样写", id="comprehension"),
    pytest.param("{class_size}", "不能这样写", id="set"),
    pytest.param("{'a': class_size}", "不能这样写", id="dict"),
    pytest.param("listed[0]", "不能这样写", id="subscript"),
    pytest.param("(has_rule := is_public)", "不能这样写", id="walrus"),
    pytest.param("f'{class_size}'", "不能这样写", id="f-string"),
    pytest.param("has_rule if is_public else has_rule", "不能这样写", id="conditional"),
    pytest.param("class_size ** teachers", "不能这样写", id="power"),
    pytest.param("class_size // teachers", "不能这样写", id="floor division"),
    pytest.param("class_size % teachers", "不能这样写", id="modulo"),
    pytest.param("class_size @ teachers", "不能这样写", id="matrix product"),
    pytest.param("class_size & teachers", "不能这样写", id="bit and"),
    pytest.param("~class_size", "不能这样写", id="bit not"),
    pytest.param("0 <= class_size <= max_class_size", "不能这样写", id="chained comparison"),
    pytest.param("class_size is teachers", "不能用这种比较", id="is"),
    pytest.param("class_sise <= max_class_size", "没有名为 class_sise 的", id="unknown name"),
    pytest.param("class_size <= 每班人数", "两边不能比较", id="number with choice"),
    pytest.param("exam_date <= class_size", "两边不能比较", id="date with number"),
    pytest.param("certificate <= 培训合格证书", "两边不能比较", id="choices ordered"),
    pytest.param("certificate == has_rule", "两边不能比较", id="choice with truth"),
    pytest.param("occupation == listed", "两边不能比较", id="name with names"),
    pytest.param("exam_date + teachers", "日期用 add_days", id="date plus number"),
    pytest.param("has_rule + class_size", "只有数字能加减乘除", id="truth plus number"),
    pytest.param("certificate + certificate", "只有数字能加减乘除", id="choice plus choice"),
    pytest.param("class_size and has_rule", "应是能判断真假的条件：class_size", id="number as truth"),
    pytest.param("not class_size", "应是能判断真假的条件：class_size", id="not a number"),
    pytest.param("has_rule and '__class__'", "应是能判断真假的条件", id="text as truth"),
    pytest.param("certificate in certificate", "in 的右边应是一组名称", id="in a choice"),
    pytest.param("has_rule in listed", "in 的右边应是一组名称", id="truth in names"),
    pytest.param("certificate in [甲, class_size]", "方括号里只能列选项", id="fact in list"),
    pytest.param("certificate in [0, 1]", "方括号里只能列选项", id="numbers in list"),
    pytest.param("class_size <=", "读不懂", id="half an expression"),
    pytest.param("", "读不懂", id="empty"),
    pytest.param("class_size = teachers", "读不懂", id="assignment"),
    pytest.param("import os", "读不懂", id="statement"),
    pytest.param("class_size\x00", "读不懂", id="null byte"),
    pytest.param("(" * 240 + "has_rule" + ")" * 240, "读不懂", id="deeply nested"),
    pytest.param("has_rule and " * 50 + "has_rule", f"上限 {LONGEST}", id="too long"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_is_refused(text: str, message: str):
    with pytest.raises(LanguageError, match=r"[\u4e00-\u9fff]") as caught:
        parse(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("opening", "core", "closing", "depth"),
    [
        pytest.param("not ", "has_rule", "", 120, id="not"),
        pytest.param("ceil(", "class_size", ")", 80, id="ceil"),
        pytest.param("max(0,", "class_size", ")", 65, id="max"),
    ],
)
def test_what_is_short_enough_may_be_nested(opening: str, core: str, closing: str, depth: int):
    tree = parse(opening * depth + core + closing * depth)
    inner = [node for node in walk(tree) if isinstance(node, Call | Not)]
    assert len(inner) == depth


@given(st.text(max_size=40) | st.text("abcxyz_ ()[]<>=!+-*/.'\"01:,甲", max_size=40))
def test_no_text_does_anything_but_parse_or_be_refused(text: str):
    try:
        tree = parse(text)
    except LanguageError:
        return
    assert set(find_refs(tree)) <= set(KINDS)


def test_a_quoted_dunder_is_only_a_choice():
    assert parse("certificate == '__class__'") == Compare(
        "==", Ref("certificate", "choice"), Constant("__class__", "choice")
    )


def test_refs_stand_once_and_in_reading_order():
    tree = parse("teachers + class_size <= max_class_size * teachers and has_rule")
    assert find_refs(tree) == ("teachers", "class_size", "max_class_size", "has_rule")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("certificate == 甲", "", id="known"),
        pytest.param("certificate in [甲, 乙]", "", id="all known"),
        pytest.param("occupation == 丙", "", id="a name may be anything"),
        pytest.param("certificate == 丙", "certificate 没有选项 丙；可选：甲、乙", id="unknown"),
        pytest.param("not (certificate in [甲, 丙, 丁])", "没有选项 丁、丙", id="unknown in a list"),
    ],
)
def test_choices_a_fact_does_not_have(text: str, message: str):
    choices = {"certificate": ("甲", "乙")}
    if not message:
        check_choices(parse(text), choices)
        return
    with pytest.raises(LanguageError) as caught:
        check_choices(parse(text), choices)
    assert message in str(caught.value)
