"""Which clauses and sentences are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from assistant.dialogue.evidence import Sentence
from assistant.dialogue.select import (
    MOST_CLAUSES,
    MOST_CLAUSES_OF_LIST,
    Ranked,
    Side,
    choose_sentences,
    select_evidence,
)
from assistant.models import Clause, Document, Span

LINES = {
    "1": "每班人数不得超过80人。",
    "2": "学员请假后可以补课。",
    "3": "考核一律在线下进行。",
    "4": "资金优先从专账支出。",
    "5": "宣传要进企业进农村。",
    "6": "竞赛由各成员单位组织。",
    "7": "师资实行报备的制度。",
    "8": "每班人数不得超过60人。",
    "a1.r1": "每班人数，不得超过80人。",
    "a1.r2": "农民培训三百人。",
    "a1.r3": "电商培训二百人。",
}
LONG = "首句" + "说" * 100 + "。次句" + "讲" * 100 + "。（责任单位：县人社局）"


def _documents() -> tuple[dict[str, Document], dict[str, Clause]]:
    source, clauses = "", {}
    for path, text in [*LINES.items(), ("9", LONG)]:
        kind, parent = ("row", "d#a1") if path.startswith("a") else ("clause", None)
        start, source = len(source), source + text + "\n"
        clauses[path] = Clause(
            f"d#{path}", "d", path, path, kind, start, start + len(text), text, parent=parent
        )
    return {"d": Document("d", "标题", "", "", "000000", source, tuple(clauses.values()))}, clauses


DOCUMENTS, CLAUSES = _documents()


@pytest.fixture
def select(asked, new_evidence) -> Callable[..., list[str]]:
    def run(*given, sides=(), **changes) -> list[str]:
        ranked = [
            Ranked(new_evidence(CLAUSES[path], covered=covered, score=score), score)
            for path, covered, score in given
        ]
        chosen = select_evidence(replace(asked, **changes), ranked, sides, DOCUMENTS)
        return [selection.clause.path for selection in chosen]

    return run


def test_the_best_clause_alone_where_others_add_nothing(select):
    assert select(("1", "甲", 0.9), ("2", "甲", 0.7), ("3", "", 0.7)) == ["1"]


def test_a_clause_that_bears_out_further_words_is_told_too(select):
    assert select(("1", "甲", 0.9), ("2", "甲", 0.88), ("3", "乙", 0.87)) == ["1", "3"]


def test_a_far_weaker_clause_is_not_told_whatever_it_adds(select):
    assert select(("1", "甲", 0.9), ("3", "乙", 0.2)) == ["1"]


def test_the_same_words_in_body_and_annex_are_told_once(select):
    assert select(("1", "甲", 0.9), ("a1.r1", "甲乙", 0.89)) == ["1"]


def test_a_figure_at_odds_is_told_beside_the_other(select):
    assert select(("1", "甲", 0.9), ("8", "甲", 0.89), measure="count") == ["1", "8"]
    assert select(("1", "甲", 0.9), ("8", "甲", 0.89)) == ["1"]


def test_rows_that_say_as_much_are_told_together(select):
    assert select(("a1.r2", "甲", 0.9), ("a1.r3", "甲", 0.8)) == ["a1.r2", "a1.r3"]
    assert select(("a1.r2", "甲", 0.9), ("a1.r3", "", 0.8)) == ["a1.r2"]


def test_both_sides_of_a_comparison_are_told(select):
    body = Side(frozenset("d"), ("d#a1.",), inside=False)
    annex = Side(frozenset("d"), ("d#a1.",))
    told = select(
        ("1", "甲", 0.9), ("2", "甲", 0.8), ("a1.r1", "甲", 0.3), sides=(body, annex), asks_sameness=True
    )
    assert told == ["1", "a1.r1"]


def test_each_part_of_a_question_gets_its_clause(select):
    assert select(("1", "甲", 0.9), ("3", "乙", 0.4), aspects=("甲", "乙")) == ["1", "3"]
    assert select(("1", "甲乙", 0.9), ("3", "乙", 0.4), aspects=("甲", "乙")) == ["1"]


def test_the_best_clause_stands_whatever_its_parts_find(select):
    assert select(("1", "甲", 0.9), ("3", "乙", 0.8), aspects=("乙", "丙"))[0] == "1"
    assert select(("1", "甲", 0.9), ("3", "甲乙", 0.8), aspects=("甲乙", "丙"))[0] == "1"


@pytest.mark.parametrize(
    ("is_list", "most"), [(False, MOST_CLAUSES), (True, MOST_CLAUSES_OF_LIST)], ids=["plain", "list"]
)
def test_no_more_than_can_be_read(select, is_list, most):
    given = [(path, "甲乙"[i % 2], 0.9 - i / 1000) for i, path in enumerate("1234567")]
    assert len(select(*given, is_list=is_list, measure="count")) <= most


def test_clauses_are_told_best_first(select):
    assert select(("3", "甲", 0.9), ("1", "乙", 0.85)) == ["3", "1"]


@pytest.mark.parametrize(
    ("path", "sides"),
    [
        ("1", (True, False, False)),
        ("a1.r1", (False, True, False)),
    ],
)
def test_side_of_a_clause(path, sides):
    body = Side(frozenset("d"), ("d#a1.",), inside=False)
    annex = Side(frozenset("d"), ("d#a1.",))
    other = Side(frozenset(["other"]))
    assert tuple(side.holds(CLAUSES[path]) for side in (body, annex, other)) == sides


@pytest.fixture
def sentences() -> Callable[..., list[Sentence]]:
    """The three sentences of the long clause with given scores, words and figures."""

    def build(*given) -> list[Sentence]:
        start = CLAUSES["9"].start
        cuts = [0, LONG.index("次"), LONG.index("（"), len(LONG)]
        return [
            Sentence(Span(start + a, start + b), score, frozenset(words), has_figure, False)
            for (a, b), (score, words, has_figure) in zip(pairwise(cuts), given, strict=True)
        ]

    return build


@pytest.mark.parametrize(
    ("given", "measure", "told"),
    [
        pytest.param([(0.9, "甲", True), (0.1, "", True), (0.1, "", True)], None, [0], id="the best"),
        pytest.param([(0.9, "甲", True), (0.8, "甲", True), (0.1, "", True)], None, [0, 1], id="as good"),
        pytest.param(
            [(0.1, "", True), (0.9, "甲", True), (0.1, "乙", True)], None, [1, 2], id="further words"
        ),
        pytest.param(
            [(0.9, "甲", False), (0.4, "甲", True), (0.1, "", True)], "count", [0, 1], id="with the figure"
        ),
        pytest.param(
            [(0.9, "甲", False), (0.1, "甲", True), (0.1, "", False)], "count", [0], id="a figure far off"
        ),
    ],
)
def test_sentences_of_a_long_clause(asked, new_evidence, sentences, given, measure, told):
    parts = sentences(*given)
    evidence = new_evidence(CLAUSES["9"], sentences=parts)
    spans = choose_sentences(replace(asked, measure=measure), evidence)
    assert spans == [parts[i].span for i in told]


def test_a_short_clause_is_quoted_whole(asked, new_evidence):
    clause = CLAUSES["1"]
    part = Sentence(Span(clause.start, clause.start + 3), 0.9, frozenset("甲"), True, False)
    spans = choose_sentences(asked, new_evidence(clause, sentences=[part]))
    assert spans == [Span(clause.start, clause.end)]
