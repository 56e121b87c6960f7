"""Claims and citations in, a verified answer out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.dialogue.verify import MARK, Claim, find_numbers, is_exact, verify_claims
from assistant.models import Answer, Question, Span

QUOTE = "每班人数不得超过 80 人"


@pytest.fixture(scope="session")
def finish(as_of) -> Callable[..., Answer]:
    return lambda draft, text="问": draft.finish(Question(text, as_of), "v1")


def assert_sound(answer: Answer, documents) -> None:
    """Every mark resolves, every citation is used, each quote is exact, numbered in order of first use."""
    marks = [int(n) for n in MARK.findall(answer.text)]
    assert list(dict.fromkeys(marks)) == [c.n for c in answer.citations]
    assert [c.n for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    assert all(is_exact(c, documents) for c in answer.citations)


def test_what_is_told_is_quoted_with_place_number_and_label(sample, new_draft, finish, whole):
    draft = new_draft()
    draft.tell(sample.class_size, whole(sample.class_size))
    answer = finish(draft)
    assert answer.status == "answered"
    assert answer.text == ("潢川县（试发［2021］7号）：一、（1）每班人数不得超过80人，年培训1,000人次。[1]")
    assert answer.citations[0].quote == "（1）每班人数不得超过 80 人，年培训 1,000 人次。"
    assert_sound(answer, sample.documents)


def test_brackets_of_the_document_are_no_marks(sample, new_draft, finish, whole):
    draft = new_draft()
    draft.tell(sample.money, whole(sample.money))
    answer = finish(draft)
    assert "见［3］" in answer.text
    assert_sound(answer, sample.documents)


def test_a_row_is_read_out_and_a_header_with_figures_is_cited(sample, new_draft, finish, whole):
    draft = new_draft()
    draft.tell(sample.row, whole(sample.row))
    answer = finish(draft)
    assert answer.text.endswith("附件1 第1行：任务：农民培训；2021年：300。[1][2]")
    assert [c.clause_id for c in answer.citations] == ["plan#a1.r1", "plan#a1.r0"]
    assert_sound(answer, sample.documents)


def test_a_withheld_claim_takes_its_citation_and_the_rest_is_renumbered(sample, new_draft, finish, whole):
    draft = new_draft()
    draft.put([Claim("每班90人。[1]", (1,))], [sample.cite(QUOTE)])
    draft.tell(sample.money, whole(sample.money))
    answer = finish(draft)
    assert "90" not in answer.text
    assert [c.clause_id for c in answer.citations] == ["plan#1.2"]
    assert_sound(answer, sample.documents)


def test_nothing_left_is_a_refusal(sample, new_draft, finish):
    draft = new_draft()
    draft.put([Claim("每班90人。[1]", (1,))], [sample.cite(QUOTE)])
    answer = finish(draft)
    assert (answer.status, answer.citations) == ("refused", ())
    assert "90" not in answer.text
    assert answer.text


def test_a_refusal_shows_the_nearest_clauses_below(sample, new_draft, finish, whole):
    draft = new_draft()
    draft.refuse("refused_year", {"year": 2023})
    draft.tell(sample.class_size, whole(sample.class_size))
    answer = finish(draft)
    first, nearest, quoted = answer.text.split("\n")
    assert answer.status == "refused"
    assert "2023" in first
    assert nearest == "最接近的条款："
    assert "80" in quoted
    assert_sound(answer, sample.documents)


def test_the_same_span_is_cited_once(sample, new_draft, finish, whole):
    draft = new_draft()
    draft.tell(sample.class_size, whole(sample.class_size))
    draft.tell(sample.class_size, whole(sample.class_size))
    assert len(finish(draft).citations) == 1


def test_sentences_apart_are_quotes_apart(sample, new_draft, finish):
    clause, text = sample.class_size, sample.document.source
    spans = [Span(clause.start, clause.start + 3), Span(text.index("年培训"), clause.end)]
    draft = new_draft()
    draft.tell(clause, spans)
    answer = finish(draft)
    assert len(answer.citations) == 1  # so little stands between them that they are one quote
    assert answer.citations[0].quote == text[clause.start : clause.end]


def test_id_depends_on_question_place_and_answer(sample, new_draft, finish, whole):
    def told(text):
        draft = new_draft()
        draft.tell(sample.class_size, whole(sample.class_size))
        return finish(draft, text)

    assert told("问") == told("问")
    assert told("问").id != told("另问").id


CLAIMS = st.tuples(
    st.sampled_from(["每班80人", "每班８０人", "每班90人", "每班[2]人", "一、（1）", "（", "1,2", "问"]),
    st.lists(st.integers(0, 4), max_size=3),
    st.booleans(),
)
SHIFTS = st.sampled_from([(0, 0), (0, 0), (0, 0), (1, 0), (-4, 0), (0, -1), (0, 20), (3, 3)])


@given(texts=st.lists(CLAIMS, max_size=6), shifts=st.lists(SHIFTS, max_size=4))
def test_whatever_is_thrown_in_only_what_holds_comes_out(sample, new_draft, finish, texts, shifts):
    true = sample.cite(QUOTE)
    citations = [
        replace(true, n=n, start=true.start + left, end=true.end + right)
        for n, (left, right) in enumerate(shifts, start=1)
    ]
    claims = [
        Claim(text + ("".join(f"[{n}]" for n in cites) if is_marked else ""), tuple(cites))
        for text, cites, is_marked in texts
    ]
    draft = new_draft()
    draft.put(claims, citations)
    answer = finish(draft)
    assert_sound(answer, sample.documents)
    held = verify_claims(claims, citations, sample.documents, "问")
    assert (answer.status == "answered") is bool(held)
    shown = set(find_numbers(answer.text))
    assert shown <= ({"80", "1", "2021", "7"} if answer.citations else set())
    assert {c.start for c in answer.citations} <= {true.start}
