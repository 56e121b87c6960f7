"""How likely the first clause answers, by how it stands among the others."""

import pytest

from assistant.dialogue.answerable import DOUBTFUL, SURE, rate_answerable
from assistant.dialogue.select import Ranked


@pytest.fixture
def huangchuan(real_assistant):
    return real_assistant.corpus.document_by_id["huangchuan-2021-1"]


def rank(new_evidence, clauses, scores, **given):
    return [
        Ranked(new_evidence(clause, **given), score) for clause, score in zip(clauses, scores, strict=False)
    ]


def test_nothing_found_answers_nothing(understand):
    assert rate_answerable(understand("每班多少人"), []) == 0.0


def test_rivals_make_an_answer_less_likely(understand, new_evidence, huangchuan):
    asked = understand("培训期间家里有事请假，后来补了课算不算")
    clauses = [c for c in huangchuan.clauses if c.kind != "row"][:6]
    alone = rate_answerable(asked, rank(new_evidence, clauses, (0.9, 0.2, 0.2, 0.2, 0.2, 0.2)))
    among = rate_answerable(asked, rank(new_evidence, clauses, (0.9, 0.88, 0.87, 0.86, 0.85, 0.84)))
    assert 0 < among < alone < 1


def test_rows_of_one_table_are_no_rivals(understand, new_evidence, huangchuan):
    asked = understand("创业培训的任务是多少人次")
    rows = [c for c in huangchuan.clauses if c.kind == "row" and "#a1." in c.clause_id][:4]
    alone = rate_answerable(asked, rank(new_evidence, rows[:1], (0.9,)))
    assert rate_answerable(asked, rank(new_evidence, rows, (0.9, 0.88, 0.86, 0.84))) == pytest.approx(alone)


def test_a_weighty_word_unsaid_counts_where_a_figure_is_asked_for(understand, new_evidence, huangchuan):
    clause = huangchuan.clauses[-1]
    ranked = rank(new_evidence, [clause], (0.9,))
    assert rate_answerable(understand("丙级每人多少元"), ranked) < rate_answerable(
        understand("丙级是什么意思"), ranked
    )


@pytest.mark.parametrize("text", ["讲个故事听听", "附近哪家火锅好吃，推荐两家"])
def test_what_no_text_speaks_of_is_not_answered(ask, text):
    assert ask(text, "潢川县").status == "refused"


def test_lay_words_far_from_the_text_are_answered(ask):
    answer = ask("上课偷懒把视频快进着看完的，这课还能作数不", "潢川县")
    assert answer.status == "answered"
    assert "快进" in answer.text


def test_the_bounds_leave_room_between_them():
    assert 0 < DOUBTFUL < SURE < 1
