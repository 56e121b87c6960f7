from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import RuleError
from assistant.models import Document
from assistant.rules.book import Book
from assistant.rules.build import build_book
from assistant.rules.decide import Calculator
from assistant.rules.law import Parameter
from assistant.rules.load import MOST_FAULTS, RuleSource, dump_source, load_yaml, parse_source, read_source

HUANGCHUAN, HENAN = "huangchuan-2021-1", "henan-jiaoyuting-2021-105"
RULES_FILE = f"documents/{HUANGCHUAN}/rules.yaml"
Edit = Callable[[Any], None]


def load(text: str) -> Any:
    return load_yaml(text, Path("rules.yaml"))


# -- YAML ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("1.5", "1.5", id="float"),
        pytest.param("1e3", "1e3", id="power of ten"),
        pytest.param(".inf", ".inf", id="infinity"),
        pytest.param("1:20", "1:20", id="sexagesimal"),
        pytest.param("65%", "65%", id="percent"),
        pytest.param("010", "010", id="octal"),
        pytest.param("0x1F", "0x1F", id="hexadecimal"),
        pytest.param("1_000", "1_000", id="underscore"),
        pytest.param("no", "no", id="no"),
        pytest.param("yes", "yes", id="yes"),
        pytest.param("on", "on", id="on"),
        pytest.param("True", "True", id="upper-case true"),
        pytest.param("true", True, id="true"),
        pytest.param("false", False, id="false"),
        pytest.param("80", 80, id="int"),
        pytest.param("-5", -5, id="negative int"),
        pytest.param("0", 0, id="zero"),
        pytest.param("null", None, id="null"),
        pytest.param("~", None, id="tilde"),
        pytest.param("", None, id="nothing"),
        pytest.param("2021-04-07", date(2021, 4, 7), id="date"),
        pytest.param("2021-4-7", "2021-4-7", id="date without zeros"),
        pytest.param("2021-04-07 10:00:00", "2021-04-07 10:00:00", id="time"),
        pytest.param("'80'", "80", id="quoted"),
        pytest.param("2.4.21.1", "2.4.21.1", id="clause"),
    ],
)
def test_what_yaml_reads(text: str, value: object):
    found = load(f"key: {text}")["key"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("a: 1\nb: 2\na: 3", "键 a 写了两次", id="key twice"),
        pytest.param("x: {a: 1, a: 1}", "键 a 写了两次", id="key twice in flow style"),
        pytest.param("a: [1", "rules.yaml 不是有效的 YAML：第 ", id="open bracket"),
        pytest.param("a: b: c", "第 1 行第 5 列", id="colon"),
        pytest.param("a:\n\t- 1", "第 2 行", id="tab"),
        pytest.param("a: 2021-02-30", "rules.yaml 不是有效的 YAML", id="no such day"),
        pytest.param("!!python/object/apply:os.system [ls]", "不是有效的 YAML", id="code"),
        pytest.param("a: *b", "不是有效的 YAML", id="unknown alias"),
    ],
)
def test_what_yaml_refuses(text: str, message: str):
    with pytest.raises(RuleError) as caught:
        load(text)
    assert message in caught.value.message
    assert caught.value.path == "rules.yaml"


def test_an_empty_file_is_an_empty_mapping():
    assert load("") == load("# nothing\n") == {}


def test_a_file_that_is_not_utf8(tmp_path: Path):
    (tmp_path / "facts.yaml").write_bytes("事实".encode("gbk"))
    with pytest.raises(RuleError, match=r"读不到 facts\.yaml"):
        read_source(tmp_path, lambda _id: True)


def test_rules_of_documents_that_were_not_taken_in_are_left_out(corpus_dir: Path):
    source = read_source(corpus_dir, lambda id_: id_ == HENAN)
    assert set(source.documents) == {HENAN}


def test_without_files_there_is_nothing(tmp_path: Path):
    assert read_source(tmp_path, lambda _id: True) == RuleSource({}, {}, {})


# -- faults of rules.yaml --------------------------------------------------------------------------------


def put(path: str, value: object) -> Edit:
    """Set the value under a dotted path; ids hold no dots."""

    def edit(rules: Any) -> None:
        *parents, last = path.split(".")
        for key in parents:
            rules = rules[int(key) if isinstance(rules, list) else key]
        rules[int(last) if isinstance(rules, list) else last] = value

    return edit


def drop(path: str) -> Edit:
    def edit(rules: Any) -> None:
        *parents, last = path.split(".")
        for key in parents:
            rules = rules[int(key) if isinstance(rules, list) else key]
        del rules[last]

    return edit


def unpinned(parameter: str, **changes: object) -> Edit:
    """Change the cite of a figure and take its pin away."""

    def edit(rules: Any) -> None:
        cite = rules["parameters"][parameter]["values"][0]["cite"]
        cite.pop("pin")
        cite.update(changes)

    return edit


def both(*edits: Edit) -> Edit:
    def edit(rules: Any) -> None:
        for one in edits:
            one(rules)

    return edit


SIZE = "parameters.max_class_size"
CITE = {"clause": "2.4.21.1", "quote": "每班人数不得超过80人"}
CHECK = {"subject": "class", "label": "试验", "require": "class_size <= max_class_size"}
QUANTITY = {"subject": "class", "label": "试验", "unit": "人", "value": "class_size"}
TABLE = {
    "label": "试验表",
    "annex": "a1",
    "key": "task",
    "columns": {"task": {"header": "工作任务", "type": "text"}},
}

FAULTS = [
    # keys and types
    pytest.param(put("checkz", {}), "checkz：没有这个键", "", id="unknown group"),
    pytest.param(put(f"{SIZE}.bond", "<="), f"{SIZE}.bond：没有这个键", "", id="unknown key"),
    pytest.param(
        put(f"{SIZE}.values.0.cite.page", 3),
        f"{SIZE}.values.0.cite.0.page：没有这个键",
        "",
        id="key of a cite",
    ),
    pytest.param(drop(f"{SIZE}.label"), f"{SIZE}.label：缺少这个键", "", id="no label"),
    pytest.param(drop(f"{SIZE}.unit"), f"{SIZE}：缺少单位 unit", "", id="no unit"),
    pytest.param(drop(f"{SIZE}.values.0.cite"), f"{SIZE}.values.0.cite：缺少这个键", "", id="no cite"),
    pytest.param(put(f"{SIZE}.values.0.cite", []), f"{SIZE}.values.0.cite：不能为空", "", id="empty cite"),
    pytest.param(put(f"{SIZE}.values", []), f"{SIZE}.values：不能为空", "", id="no values"),
    pytest.param(put(f"{SIZE}.bound", "=<"), f"{SIZE}.bound：不在可选的写法里", "", id="no such bound"),
    pytest.param(put(f"{SIZE}.force", "may"), f"{SIZE}.force：不在可选的写法里", "", id="no such force"),
    pytest.param(put(f"{SIZE}.label", 80), f"{SIZE}.label：应为文字", "", id="number as label"),
    pytest.param(
        put(f"{SIZE}.values.0.value", "八十"), "应为整数、带引号的小数或百分数", "", id="text as figure"
    ),
    pytest.param(put(f"{SIZE}.values.0.value", True), f"{SIZE}.values.0.value", "", id="truth as figure"),
    pytest.param(put(f"{SIZE}.values.0.names", True), "value 和 names 恰好写一个", "", id="value and names"),
    pytest.param(put(f"{SIZE}.values.0.from", "4月7日"), "应为日期，如 2021-04-07", "", id="no date"),
    pytest.param(put("parameters.MaxSize", {}), "parameters.MaxSize", "", id="name in capitals"),
    pytest.param(put("checks", []), "checks：应为“键: 值”的形式", "", id="list for a mapping"),
    pytest.param(put("checks.Class_Size", CHECK), "名字的写法不对", "", id="snake case for a check"),
    pytest.param(put("checks.x", {**CHECK, "readings": []}), None, "", id="empty readings are none"),
    pytest.param(
        put("checks.x", {**CHECK, "readings": [{"label": "甲", "require": "true"}]}),
        "checks.x：写 require，或者写至少两个 readings",
        "",
        id="require and readings",
    ),
    pytest.param(
        put("quantities.x", {**QUANTITY, "sum": [{"value": "class_size"}]}),
        "quantities.x：value、cases、sum、product、rows、readings 恰好写一个",
        "",
        id="two mechanisms",
    ),
    pytest.param(
        put("deadlines.publicity.days", "publicity_days"),
        "deadlines.publicity：working_days、days、months 恰好写一个",
        "",
        id="two counts",
    ),
    pytest.param(
        put("conflicts.review-days.sides.0.cite", CITE),
        "conflicts.review-days.sides.0：parameter 和 cite 恰好写一个",
        "",
        id="both kinds of a side",
    ),
    pytest.param(
        put("tables.annual-tasks.columns.target", {"header": "职业技能培训（人次）", "type": "integer"}),
        "tables.annual-tasks.columns.target：缺少单位 unit",
        "",
        id="column without unit",
    ),
    # clauses and quotes
    pytest.param(
        unpinned("max_class_size", clause="2.4.99"),
        f"{SIZE}（条款 2.4.99）：没有这个条款",
        "2.4.99",
        id="no clause",
    ),
    pytest.param(
        unpinned("max_class_size", quote="每班人数不得超过90人"),
        f"{SIZE}（条款 2.4.21.1）：条款里没有这句话：每班人数不得超过90人",
        "2.4.21.1",
        id="quote in no clause",
    ),
    pytest.param(
        unpinned("max_class_size", clause="2.4.20"),
        f"{SIZE}（条款 2.4.20）：条款里没有这句话",
        "2.4.20",
        id="quote in another clause",
    ),
    pytest.param(
        unpinned("max_class_size", document="no-such-document"),
        "没有编号为 no-such-document 的文件",
        "2.4.21.1",
        id="no document",
    ),
    # figures against their words
    pytest.param(
        put(f"{SIZE}.values.0.value", 81),
        f"{SIZE}（条款 2.4.21.1）：引文里没有 81人，",
        "2.4.21.1",
        id="81 for 80",
    ),
    pytest.param(put(f"{SIZE}.values.0.value", 8), "引文里没有 8人，", "2.4.21.1", id="8 for 80"),
    pytest.param(
        put(f"{SIZE}.bound", ">="), f"{SIZE}（条款 2.4.21.1）：", "2.4.21.1", id="floor for ceiling"
    ),
    pytest.param(put(f"{SIZE}.bound", "<"), f"{SIZE}（条款 2.4.21.1）：", "2.4.21.1", id="under for at most"),
    pytest.param(drop(f"{SIZE}.bound"), f"{SIZE}（条款 2.4.21.1）：", "2.4.21.1", id="bound forgotten"),
    pytest.param(put(f"{SIZE}.unit", "人次"), "的单位是“人”，不是“人次”", "2.4.21.1", id="other unit"),
    pytest.param(
        put("parameters.min_practical_share.values.0.value", "66%"),
        "parameters.min_practical_share（条款 2.4.21.1）：引文里没有 66%",
        "2.4.21.1",
        id="66 % for 65 %",
    ),
    pytest.param(
        put("parameters.max_trainees_per_teacher.values.0.value", 21),
        "引文里没有 1:21",
        "2.4.21.1",
        id="1:21 for 1:20",
    ),
    pytest.param(
        put("parameters.exam_months.values.0.value", [4, 8, 11]),
        "parameters.exam_months（条款 2.4.21.2）：",
        "2.4.21.2",
        id="a month of a list",
    ),
    pytest.param(
        put("parameters.plan_due.values.0.value", date(2021, 4, 29)),
        "parameters.plan_due（条款 3.1）：",
        "3.1",
        id="the day before",
    ),
    # expressions
    pytest.param(
        put("checks.class-size.require", "class_size >= max_class_size"),
        "checks.class-size：与 max_class_size 比较用了 >=，原文写的是 <=",
        "",
        id="operator against the words",
    ),
    pytest.param(
        put("checks.class-size.require", "class_size < max_class_size"),
        "用了 <，原文写的是 <=",
        "",
        id="operator without the limit itself",
    ),
    pytest.param(
        put("checks.class-size.require", "max_class_size <= class_size"),
        "用了 >=，原文写的是 <=",
        "",
        id="operator turned round",
    ),
    pytest.param(
        put("checks.apprentices-per-teacher.require", "apprentices < max_apprentices_per_teacher * teachers"),
        "与 max_apprentices_per_teacher 比较用了 <",
        "",
        id="operator on a multiple",
    ),
    pytest.param(
        put("checks.satisfaction.require", "satisfaction >= stop_satisfaction"),
        "用了 >=，原文写的是 <",
        "",
        id="negation written out",
    ),
    pytest.param(
        put("checks.class-size.require", "class_sise <= max_class_size"),
        "checks.class-size：没有名为 class_sise 的事实、参数或计算量",
        "",
        id="unknown fact",
    ),
    pytest.param(
        put("checks.class-size.require", "class_size <= enrolment_multiple"),
        "没有名为 enrolment_multiple 的",
        "",
        id="figure of another document",
    ),
    pytest.param(
        put("checks.completion-only-hours.when", "certificate == 驾驶证"),
        "checks.completion-only-hours：certificate 没有选项 驾驶证；可选：",
        "",
        id="unknown choice",
    ),
    pytest.param(
        put("checks.class-size.require", "class_size <= 80"),
        "checks.class-size：表达式里不能直接写数字 80",
        "",
        id="figure in an expression",
    ),
    pytest.param(
        put("quantities.min-classes.value", "class_size / 80"),
        "quantities.min-classes：表达式里不能直接写数字 80",
        "",
        id="figure in a quantity",
    ),
    pytest.param(
        put("checks.class-size.require", "class_size"),
        "这里应是能判断真假的条件：class_size",
        "",
        id="number as check",
    ),
    pytest.param(
        put("quantities.min-classes.value", "in_system"),
        "这里应是数字：in_system",
        "",
        id="truth as quantity",
    ),
    pytest.param(
        put("deadlines.publicity.from", "class_size"),
        "deadlines.publicity：这里应是日期",
        "",
        id="number as start",
    ),
    pytest.param(
        put("checks.in-system.cite", []),
        "checks.in-system：没有条款：既没有参数，也没有 cite",
        "",
        id="no clause at all",
    ),
    # references
    pytest.param(
        put("verdicts.class-qualifies.all.0", "class-sise"),
        "verdicts.class-qualifies：没有名为 huangchuan-2021-1/class-sise 的检查",
        "",
        id="verdict of no check",
    ),
    pytest.param(
        put("verdicts.class-qualifies.remind.0", "other/theory"),
        "没有名为 other/theory 的检查",
        "",
        id="no reminder",
    ),
    pytest.param(
        put("verdicts.class-qualifies.needs.0", "class_sise"),
        "verdicts.class-qualifies：没有名为 class_sise 的事实",
        "",
        id="needs an unknown fact",
    ),
    pytest.param(
        put("deadlines.publicity.working_days", "publicity_dayz"),
        "deadlines.publicity：没有名为 publicity_dayz 的数字参数",
        "",
        id="deadline of no figure",
    ),
    pytest.param(
        put("deadlines.publicity.working_days", "plan_due"),
        "没有名为 plan_due 的数字参数",
        "",
        id="deadline of a date",
    ),
    pytest.param(
        put("timelines.application-timeline.steps.0", "revue"),
        "timelines.application-timeline：没有名为 revue 的期限",
        "",
        id="timeline of no deadline",
    ),
    pytest.param(
        put("conflicts.review-days.sides.0.parameter", "no_such"),
        "conflicts：没有名为 huangchuan-2021-1/no_such 的参数",
        "",
        id="conflict of no figure",
    ),
    pytest.param(
        put("examples.0.rule", "class-sise"),
        "没有名为 huangchuan-2021-1/class-sise 的规则",
        "",
        id="example of no rule",
    ),
    pytest.param(
        put("quantities.annual-tasks-sum.rows.table", "no-table"),
        "quantities.annual-tasks-sum：没有名为 no-table 的表",
        "",
        id="rows of no table",
    ),
    pytest.param(
        put("quantities.annual-tasks-sum.rows.column", "lead"),
        "表 annual-tasks 没有数字列 lead",
        "",
        id="sum of names",
    ),
    pytest.param(
        put("verdicts.class-size", {"subject": "class", "label": "试验", "all": ["teacher-ratio"]}),
        "verdicts.class-size：与 checks 里的规则同名",
        "",
        id="two rules of one id",
    ),
    pytest.param(
        put(
            "parameters.class_size",
            {"label": "同名", "unit": "人", "bound": "<=", "values": [{"value": 80, "cite": dict(CITE)}]},
        ),
        "parameters.class_size：与一个事实同名",
        "",
        id="figure named like a fact",
    ),
    pytest.param(
        both(
            put("quantities.one", {**QUANTITY, "value": "two + 1"}),
            put("quantities.two", {**QUANTITY, "value": "one + 1"}),
        ),
        "循环引用：huangchuan-2021-1/one → huangchuan-2021-1/two → huangchuan-2021-1/one",
        "",
        id="circle of quantities",
    ),
    pytest.param(
        put("quantities.one", {**QUANTITY, "value": "one"}), "循环引用：", "", id="quantity of itself"
    ),
    # tables
    pytest.param(
        put("tables.annual-tasks.annex", "a9"),
        "tables.annual-tasks（条款 a9）：附件 a9 里没有编号的行",
        "a9",
        id="no annex",
    ),
    pytest.param(
        put("tables.annual-tasks.key", "name"),
        "tables.annual-tasks：key 不是所列的列：name",
        "",
        id="key is no column",
    ),
    pytest.param(
        put("tables.annual-tasks.columns.lead.header", "负责单位"),
        "tables.annual-tasks（条款 a1.r1）：没有“负责单位”这一列",
        "a1.r1",
        id="no such column",
    ),
    pytest.param(
        put("tables.annual-tasks.columns.lead", {"header": "牵头单位", "type": "integer", "unit": "人次"}),
        "tables.annual-tasks（条款 a1.r1）：“牵头单位”不是数字：",
        "a1.r1",
        id="cell that is no number",
    ),
    pytest.param(
        put("tables.annual-tasks.total.quote", "总计"),
        "合计里应恰好有一个数字",
        "a1.r15",
        id="total without a figure",
    ),
    pytest.param(put("tables.extra", TABLE), None, "", id="another table of the same annex"),
]


@pytest.mark.parametrize(("edit", "message", "clause"), FAULTS)
def test_faults_of_a_rule_file(
    source: RuleSource, documents: list[Document], edit: Edit, message: str | None, clause: str
):
    rules = copy.deepcopy(source.documents[HUANGCHUAN])
    edit(rules)
    changed = RuleSource(source.facts, source.calendar, {**source.documents, HUANGCHUAN: rules})
    if message is None:
        build_book(changed, documents)
        return
    with pytest.raises(RuleError) as caught:
        build_book(changed, documents)
    assert message in caught.value.message
    assert f"（条款 {clause}）" in caught.value.message or not clause
    if "循环" not in message:
        assert caught.value.message.startswith(f"{RULES_FILE}：")
        assert caught.value.path == RULES_FILE
        assert caught.value.hint


def test_all_faults_of_a_file_are_told_at_once(source: RuleSource, documents: list[Document]):
    rules = copy.deepcopy(source.documents[HUANGCHUAN])
    for name in ("max_class_size", "min_minutes_per_hour", "priority_scale"):
        rules["parameters"][name]["values"][0]["value"] = 7
    with pytest.raises(RuleError) as caught:
        build_book(RuleSource(source.facts, source.calendar, {HUANGCHUAN: rules}), documents)
    for name in ("max_class_size", "min_minutes_per_hour", "priority_scale"):
        assert f"parameters.{name}" in caught.value.message


def test_more_faults_than_anybody_reads_are_counted(source: RuleSource, documents: list[Document]):
    rules = copy.deepcopy(source.documents[HUANGCHUAN])
    for check in rules["checks"].values():
        check["extra"] = 1
    with pytest.raises(RuleError) as caught:
        build_book(RuleSource(source.facts, source.calendar, {HUANGCHUAN: rules}), documents)
    assert caught.value.message.count("没有这个键") == MOST_FAULTS
    assert f"另有 {len(rules['checks']) - MOST_FAULTS} 处" in caught.value.message


def test_a_mistyped_number_passes_only_where_the_lint_is_off(source: RuleSource, documents: list[Document]):
    rules = copy.deepcopy(source.documents[HUANGCHUAN])
    rules["parameters"]["max_class_size"]["values"][0]["value"] = 81
    changed = RuleSource(source.facts, source.calendar, {**source.documents, HUANGCHUAN: rules})
    assert build_book(changed, documents, lint=False).parameters[f"{HUANGCHUAN}/max_class_size"]


def test_deadlines_need_a_calendar(source: RuleSource, documents: list[Document]):
    with pytest.raises(RuleError, match=r"没有 calendar\.yaml"):
        build_book(RuleSource(source.facts, {}, source.documents), documents)


def test_without_deadlines_no_calendar_is_needed(source: RuleSource, documents: list[Document]):
    rules = {HENAN: {**source.documents[HENAN], "conflicts": {}}}
    facts = copy.deepcopy(source.facts)
    for fact in facts["facts"].values():
        fact.pop("table", None)
    assert build_book(RuleSource(facts, {}, rules), documents).calendar is None


# -- faults of facts.yaml --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        pytest.param(drop("facts.class_size.unit"), "facts.class_size：缺少单位 unit", id="no unit"),
        pytest.param(drop("facts.class_size.ask"), "facts.class_size.ask：缺少这个键", id="no question"),
        pytest.param(drop("facts.certificate.choices"), "choice 类型要有 choices", id="choice of nothing"),
        pytest.param(put("facts.class_size.choices", ["甲"]), "其他类型不能有", id="choices of a number"),
        pytest.param(
            put("facts.class_size.kind", "x"), "facts.class_size.kind：没有这个键", id="unknown key"
        ),
        pytest.param(put("facts.class_size.type", "int"), "不在可选的写法里", id="unknown type"),
        pytest.param(put("facts.class_size.cost", 10), "facts.class_size.cost", id="cost out of range"),
        pytest.param(
            put("facts.class_size.min", "零"), "应为整数、带引号的小数或百分数", id="bound that is no figure"
        ),
        pytest.param(
            put("facts.class_size.derive", "teachers * class_size"),
            "facts.class_size.derive：循环引用：class_size → class_size",
            id="derived from itself",
        ),
        pytest.param(
            both(
                put("facts.teachers.derive", "workstations"),
                put("facts.workstations.derive", "teachers"),
            ),
            "循环引用：teachers → workstations → teachers",
            id="circle of facts",
        ),
        pytest.param(
            put("facts.class_size.derive", "no_such"), "没有名为 no_such 的", id="derived from nothing"
        ),
        pytest.param(
            put("facts.class_size.derive", "in_system"), "只有数字可以由其他事实算出", id="derived truth"
        ),
        pytest.param(
            put("facts.class_size.derive", "teachers / net_training_income"),
            "除数应是一个不小于 0 的事实",
            id="divisor that may be negative",
        ),
        pytest.param(
            put("facts.task_names.table", "huangchuan-2021-1/no-table"), "没有这张表或这一列", id="no table"
        ),
        pytest.param(put("facts.lead_unit.column", "nothing"), "没有这张表或这一列", id="no column"),
        pytest.param(
            put("constraints.0.require", "practical_hours <= nothing"),
            "constraints[0]：没有名为 nothing 的",
            id="constraint of an unknown fact",
        ),
        pytest.param(
            put("constraints.0.require", "practical_hours <= 60"),
            "不能直接写数字 60",
            id="figure in a constraint",
        ),
        pytest.param(put("constraints.0.message", ""), "constraints.0.message：不能为空", id="no message"),
    ],
)
def test_faults_of_the_facts(source: RuleSource, documents: list[Document], edit: Edit, message: str):
    facts = copy.deepcopy(source.facts)
    edit(facts)
    with pytest.raises(RuleError) as caught:
        build_book(RuleSource(facts, source.calendar, source.documents), documents)
    assert message in caught.value.message
    assert caught.value.path == "facts.yaml"


# -- the shipped files -------------------------------------------------------------------------------------


def test_the_shipped_rules_load(book: Book):
    assert len(book.rules) > 100
    assert len(book.parameters) > 100
    assert all(not bundle.unpinned and not bundle.faults for bundle in book.bundles.values())


def test_dumping_and_parsing_gives_the_same_book(source: RuleSource, documents: list[Document], book: Book):
    data = dump_source(source)
    again = parse_source(data)
    assert dump_source(again) == data
    other = build_book(again, documents)
    assert set(other.rules) == set(book.rules)
    for key, parameter in book.parameters.items():
        assert other.parameters[key] == parameter
    assert [e.text for e in other.derived.values()] == [e.text for e in book.derived.values()]
    assert [_plain(e) for e in other.examples] == [_plain(e) for e in book.examples]
    ours, theirs = Calculator(book), Calculator(other)
    for example in book.examples:
        as_of = example.as_of or date(2021, 12, 31)
        stated, _ = book.read_facts(example.facts)
        mine, yours = ours.find(example.rule, stated, as_of), theirs.find(example.rule, stated, as_of)
        assert (mine.outcome, mine.amounts) == (yours.outcome, yours.amounts)
        assert [s.shown for s in mine.steps] == [s.shown for s in yours.steps]


def _plain(example: Any) -> tuple[Any, ...]:
    """JSON has no dates: in the facts of an example they come back as text."""
    facts = {fact: str(value) for fact, value in example.facts.items()}
    return example.name, example.rule, facts, example.outcome, example.value, example.day, example.fails


def test_dated_values_follow_each_other(source: RuleSource, documents: list[Document]):
    rules = copy.deepcopy(source.documents[HUANGCHUAN])
    values = rules["parameters"]["max_class_size"]["values"]
    values.append({**values[0], "from": date(2021, 10, 1), "until": date(2021, 10, 31)})
    values[0]["until"] = date(2021, 8, 31)
    changed = RuleSource(source.facts, source.calendar, {**source.documents, HUANGCHUAN: rules})
    parameter = build_book(changed, documents).parameters[f"{HUANGCHUAN}/max_class_size"]
    assert isinstance(parameter, Parameter)
    in_force = {
        day: parameter.value_at(day) is not None
        for day in (
            date(2021, 4, 6),
            date(2021, 4, 7),
            date(2021, 8, 31),
            date(2021, 9, 1),
            date(2021, 9, 30),
            date(2021, 10, 1),
            date(2021, 10, 31),
            date(2021, 11, 1),
        )
    }
    assert list(in_force.values()) == [False, True, True, False, False, True, True, False]
