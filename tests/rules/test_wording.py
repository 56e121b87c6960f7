"""The wording of facts: what the loader refuses, and that the shipped patterns and table are whole."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import RuleError
from assistant.rules.book import Book
from assistant.rules.facts import Fact
from assistant.rules.load import load_yaml, validate_facts
from assistant.rules.schema_files import TOKENS, FactData
from assistant.rules.statements import Stated

TABLE = Path(__file__).parents[1] / "dialogue" / "stated_facts.yaml"
CASES: list[dict[str, Any]] = load_yaml(TABLE.read_text(encoding="utf-8"), TABLE)
NUMBER = {"label": "人数", "type": "integer", "unit": "人", "ask": "多少人？"}
RATIO = {"label": "师生比", "type": "decimal", "unit": "人", "ask": "一比几？"}
SHARE = {"label": "占比", "type": "share", "ask": "百分之几？"}
DAY = {"label": "日期", "type": "date", "ask": "哪天？"}
NAME = {"label": "工种", "type": "name", "ask": "什么工种？"}
TRUTH = {"label": "有弹窗", "type": "boolean", "ask": "有弹窗吗？"}
CHOICE = {"label": "证书", "type": "choice", "choices": ["甲证", "乙证"], "ask": "什么证？"}


def validate(fact: dict[str, Any], wording: Any) -> FactData:
    return validate_facts({"facts": {"x": {**fact, "wording": wording}}}, "facts.yaml").facts["x"]


def patterns_of(fact: Fact) -> list[str]:
    wording = fact.data.wording
    return [p for ps in wording.values() for p in ps] if isinstance(wording, dict) else list(wording)


# -- the loader ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "wording"),
    [
        pytest.param(NUMBER, ["NUM[个名位]?学员", "班额NUM"], id="numbers"),
        pytest.param(RATIO, ["师生比RATIO", "一个老师带NUM人"], id="ratio or number"),
        pytest.param(SHARE, ["满意度SHARE"], id="share"),
        pytest.param(DAY, [r"DATE(?!\B)受理"], id="day, with a capital that is syntax"),
        pytest.param(NUMBER, ["(?P<lead>共|有)NUM人"], id="a named group is no token"),
        pytest.param(NAME, ["NAME"], id="name"),
        pytest.param({**NAME, "type": "names"}, ["NAME"], id="names"),
        pytest.param(TRUTH, {"yes": ["有弹窗"], "no": ["没有弹窗", "不弹窗?"]}, id="truth"),
        pytest.param(CHOICE, {"甲证": ["甲证", "(?<!乙)资格证"], "乙证": ["乙"]}, id="choice"),
        pytest.param(CHOICE, {"甲证": ["甲证"]}, id="not every choice needs words"),
        pytest.param(NUMBER, [], id="none"),
    ],
)
def test_what_wording_may_be(fact: dict[str, Any], wording: Any):
    assert validate(fact, wording).wording == (
        {key: tuple(ps) for key, ps in wording.items()} if isinstance(wording, dict) else tuple(wording)
    )


@pytest.mark.parametrize(
    ("fact", "wording", "message"),
    [
        pytest.param(NUMBER, ["NUM(人"], "NUM(人 不是正则式", id="open group"),
        pytest.param(NUMBER, ["(?<!有.*)NUM人"], "不是正则式", id="look-behind of any width"),
        pytest.param(NUMBER, ["班额"], "班额 应恰好有一个 NUM", id="no token"),
        pytest.param(NUMBER, ["NUM到NUM人"], "应恰好有一个 NUM", id="two tokens"),
        pytest.param(NUMBER, ["NUMBER人"], "应恰好有一个 NUM", id="no such token"),
        pytest.param(NUMBER, ["1:RATIO"], "应恰好有一个 NUM", id="ratio for whole number"),
        pytest.param(NUMBER, ["SHARE"], "应恰好有一个 NUM", id="share for number"),
        pytest.param(RATIO, ["师生比SHARE"], "应恰好有一个 NUM 或 NUMS 或 RATIO", id="share for decimal"),
        pytest.param(RATIO, ["YEAR起"], "应恰好有一个 NUM 或 NUMS 或 RATIO", id="year for decimal"),
        pytest.param(SHARE, ["占RATIO"], "应恰好有一个 NUM 或 SHARE", id="ratio for share"),
        pytest.param(DAY, ["NUM日受理"], "应恰好有一个 DATE", id="number for day"),
        pytest.param(NAME, ["工种"], "应恰好有一个 NAME", id="name without token"),
        pytest.param(NUMBER, {"yes": ["NUM人"], "no": ["NUM"]}, "wording 应为列表", id="mapping for number"),
        pytest.param(TRUTH, ["有弹窗"], "恰好写 yes 和 no", id="list for truth"),
        pytest.param(TRUTH, {"yes": ["有弹窗"]}, "恰好写 yes 和 no", id="no without words"),
        pytest.param(TRUTH, {"yes": ["有弹窗"], "no": []}, "恰好写 yes 和 no", id="empty no"),
        pytest.param(TRUTH, {"yes": ["有"], "no": ["没"], "?": ["嗯"]}, "恰好写 yes 和 no", id="third key"),
        pytest.param(TRUTH, {"yes": ["NUM分钟弹"], "no": ["没弹"]}, "没有大写的记号", id="token for truth"),
        pytest.param(CHOICE, ["甲证"], "按选项写", id="list for choice"),
        pytest.param(CHOICE, {"丙证": ["丙"]}, "只能是 choices 里的选项", id="no such choice"),
        pytest.param(CHOICE, {"甲证": ["NUM证"]}, "没有大写的记号", id="token for choice"),
    ],
)
def test_what_wording_may_not_be(fact: dict[str, Any], wording: Any, message: str):
    with pytest.raises(RuleError, match=re.escape(message)):
        validate(fact, wording)


@pytest.mark.parametrize("wording", [[""], [1], "NUM人", {"甲证": "甲"}])
def test_wording_is_patterns(wording: Any):
    with pytest.raises(RuleError):
        validate(NUMBER, wording)


# -- what is shipped -----------------------------------------------------------------------------------


def test_every_fact_has_wording(book: Book):
    assert [fact.id for fact in book.facts.values() if not patterns_of(fact)] == []


def test_every_choice_has_words(book: Book):
    choices = [fact for fact in book.facts.values() if fact.type == "choice"]
    assert [f.id for f in choices if set(f.data.wording) != set(f.data.choices)] == []


def test_every_alias_is_among_the_words(book: Book):
    for fact in book.facts.values():
        wording = fact.data.wording
        for word, choice in fact.data.aliases.items():
            assert isinstance(wording, dict)
            assert any(re.search(p, word) for p in wording[choice]), (fact.id, word)


def test_no_pattern_matches_nothing(book: Book):
    """A pattern that can be empty would state a fact everywhere."""
    empty = [
        (fact.id, pattern)
        for fact in book.facts.values()
        for pattern in patterns_of(fact)
        if fact.type not in TOKENS and re.search(pattern, "") is not None
    ]
    assert empty == []


# -- the table of sentences ----------------------------------------------------------------------------


def test_the_table_is_large_and_says_nothing_twice():
    said = [case["say"] for case in CASES]
    assert len(said) >= 320
    assert len(said) == len(set(said))


def test_the_table_covers_every_fact_twice(book: Book):
    counts = dict.fromkeys(book.facts, 0)
    for case in CASES:
        for fact in case["facts"]:
            counts[fact] += 1
    assert [fact for fact, n in counts.items() if n < 2] == []


def test_every_truth_is_stated_both_ways(book: Book):
    stated = {
        (fact, value) for case in CASES for fact, value in case["facts"].items() if value in (True, False)
    }
    truths = [fact.id for fact in book.facts.values() if fact.type == "boolean"]
    assert [fact for fact in truths if {(fact, True), (fact, False)} - stated] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["say"])
def test_the_table_can_be_read(case: dict[str, Any], book: Book):
    assert set(case) <= {"say", "facts", "not"}
    assert not set(case["facts"]) & set(case.get("not", []))
    assert set(case.get("not", [])) <= set(book.facts)
    for fact, value in case["facts"].items():
        assert isinstance(book.facts[fact].state(value), Stated), (fact, value)
