"""Searching the shipped corpus: what comes first, and what each score is made of."""

from __future__ import annotations

import pytest

PLAN = "huangchuan-2021-1"


def _ids(assistant, query, **where):
    return [p.clause.clause_id for p in assistant.search(query, **where)]


@pytest.mark.parametrize(
    ("query", "clause"),
    [
        pytest.param(
            "30人的班，2个老师，能不能开？", "2.4.21.1", id="bare figures share no word with the clause"
        ),
        pytest.param(
            "实操只能安排26课时，总课时最多排到多少还不违规？", "2.4.21.1", id="a figure to be computed"
        ),
        pytest.param("培训方案是哪天印发的？", "notice.date", id="about the document itself"),
        pytest.param("方案正文第21条第3项说的是什么", "2.4.21.3", id="by its number"),
    ],
)
def test_what_an_answer_would_rest_on_comes_first(real_assistant, query, clause):
    best = real_assistant.search(query, region="潢川县")[0]
    assert best.clause.clause_id == f"{PLAN}#{clause}"
    assert best.legs.keys() & {"named", "rule"}


def test_legs_tell_how_a_clause_was_found_and_weighed(real_assistant):
    passages = real_assistant.search("职业院校怎样加强实训基地建设", top_k=30)
    weighed = [p for p in passages if "coverage" in p.legs]
    assert {"bm25", "dense", "fused", "coverage", "sentence"} == passages[0].legs.keys()
    assert passages[: len(weighed)] == weighed, "what was weighed stands before what was only found"
    assert len(weighed) < len(passages) == 30


def test_scores_fall_and_ranks_count(real_assistant):
    passages = real_assistant.search("学徒制每人带几个徒弟", top_k=25)
    scores = [p.score for p in passages]
    assert scores == sorted(scores, reverse=True)
    assert [p.rank for p in passages] == list(range(1, 26))
    assert len({p.clause.clause_id for p in passages}) == 25
    assert passages == real_assistant.search("学徒制每人带几个徒弟", top_k=25)


def test_one_document_alone_answers_where_it_is_given(real_assistant):
    ids = _ids(real_assistant, "30人的班，2个老师，能不能开？", document="hebei-2021-20")
    assert ids
    assert all(clause_id.startswith("hebei-2021-20#") for clause_id in ids)


def test_a_rule_of_another_place_is_not_lifted(real_assistant):
    passages = real_assistant.search("每班人数最多多少人", region="河北省")
    assert all(p.clause.document in ("hebei-2021-20", "moe-2019-5") for p in passages)
    assert not any("rule" in p.legs for p in passages)


def test_a_question_about_rows_is_not_answered_by_a_rule(real_assistant):
    passages = real_assistant.search("分解表里任务数最多的是哪一项", region="潢川县")
    assert not any("rule" in p.legs for p in passages)


def test_the_reading_tells_words_official_words_and_rules(real_assistant):
    reading = real_assistant.read_search("种地的50人3个老师，单看师生比行吗", region="潢川县")
    assert "高素质农民" in reading.official
    assert "50" in dict(reading.words)
    assert all(rarity > 0 for _, rarity in reading.words)
    assert PLAN in reading.documents
    assert "hebei-2021-20" not in reading.documents
    assert (f"{PLAN}/teacher-ratio", "师生比") in reading.rules


@pytest.mark.parametrize(
    "query", ["的了吗", "9999年12月31日受理最晚哪天办完", "明天、下个月、明年4月底", "x" * 300]
)
def test_odd_queries_give_a_list(real_assistant, query):
    assert isinstance(real_assistant.search(query), list)
