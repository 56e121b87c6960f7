"""How clauses and cells are quoted and shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.dialogue.cite import Citer, find_part, join_spans
from assistant.models import Cell, Clause, Document, Part, Span

SENTENCES = "农民学技术，" + "很" * 130 + "多。妇女学家政，" + "也" * 130 + "多。"


@pytest.mark.parametrize(
    ("source", "spans", "expected"),
    [
        pytest.param("字" * 50, [(0, 5), (5, 9)], [(0, 9)], id="together"),
        pytest.param("字" * 50, [(5, 9), (0, 5)], [(0, 9)], id="put in order"),
        pytest.param("字" * 50, [(0, 5), (10, 12)], [(0, 12)], id="little between"),
        pytest.param("字" * 50, [(0, 5), (45, 50)], [(0, 5), (45, 50)], id="much between"),
        pytest.param("字" + " \n" * 40 + "字", [(0, 1), (81, 82)], [(0, 82)], id="only blanks between"),
        pytest.param("字" * 50, [(0, 40), (10, 20)], [(0, 40)], id="one inside the other"),
        pytest.param("字", [], [], id="none"),
    ],
)
def test_joined_spans(source, spans, expected):
    assert join_spans([Span(*s) for s in spans], source) == [Span(*s) for s in expected]


def test_a_citation_names_the_part_its_clause_stands_in(sample, regions):
    part = Part("notice", "转发通知", "冀教〔2021〕20号", "教育厅", None, 0, 50)
    document = replace(sample.document, parts=(part,))
    clause = replace(sample.class_size, part="notice")
    citation = Citer({"plan": document}, regions).cite(clause, Span(clause.start, clause.end))
    assert (citation.title, citation.number, citation.issuer) == ("转发通知", "冀教〔2021〕20号", "教育厅")
    assert find_part(document, clause) == part
    assert find_part(document, sample.class_size) is None


def test_citations_count_in_order_of_first_use(sample, regions):
    citer = Citer(sample.documents, regions)
    first = citer.cite(sample.money, Span(sample.money.start, sample.money.end))
    second = citer.cite(sample.class_size, Span(sample.class_size.start, sample.class_size.end))
    again = citer.cite(sample.money, Span(sample.money.start, sample.money.end))
    assert (first.n, second.n, again.n) == (1, 2, 1)
    assert citer.citations == [first, second]


def test_the_place_of_an_unknown_region_is_left_empty(sample, regions):
    documents = {"plan": replace(sample.document, region="999999")}
    citation = Citer(documents, regions).cite(sample.money, Span(sample.money.start, sample.money.end))
    assert citation.region == ""


def _row(text: str, regions) -> tuple[Citer, Clause]:
    source = f"1\t{text}\n"
    cells = (Cell("序号", "1", 0, 1), Cell("内容", text, 2, 2 + len(text)))
    clause = Clause("d#a1.r1", "d", "a1.r1", "附件1 第1行", "row", 0, len(source) - 1, source, cells=cells)
    return Citer({"d": Document("d", "表", "", "", "000000", source, (clause,))}, regions), clause


def test_a_short_cell_is_shown_whole(regions):
    citer, clause = _row("农民学技术。妇女学家政。", regions)
    claim = citer.claim(clause, [Span(2, 8)])
    assert claim.text == "序号：1；内容：农民学技术。妇女学家政。[1]"
    assert citer.citations[0].quote == "1\t农民学技术。妇女学家政。"


def test_a_long_cell_is_cut_to_its_chosen_sentence(regions):
    citer, clause = _row(SENTENCES, regions)
    second = 2 + SENTENCES.index("妇女")
    claim = citer.claim(clause, [Span(second, 2 + len(SENTENCES))])
    assert "妇女" in claim.text
    assert "农民" not in claim.text
    assert claim.cites == (1,)


def test_a_long_cell_without_chosen_sentence_is_shown_whole(regions):
    citer, clause = _row(SENTENCES, regions)
    assert "农民" in citer.claim(clause, [Span(0, 1)]).text


def test_sentences_far_apart_are_quotes_of_their_own(sample, regions):
    source = "甲。" + "丙" * 40 + "。乙。"
    clause = Clause("d#1", "d", "1", "1.", "clause", 0, len(source), source)
    citer = Citer({"d": Document("d", "文", "", "", "000000", source, (clause,))}, regions)
    claim = citer.claim(clause, [Span(0, 2), Span(43, 45)])
    assert claim.text == "甲。[1]……乙。[2]"
    assert claim.cites == (1, 2)
    assert [c.quote for c in citer.citations] == ["甲。", "乙。"]


def test_line_breaks_and_emphasis_of_the_source_are_not_shown(regions):
    source = "**印发方案，\n请认真执行；**"
    clause = Clause("d#1", "d", "1", "1.", "clause", 0, len(source), source)
    citer = Citer({"d": Document("d", "文", "", "", "000000", source, (clause,))}, regions)
    assert citer.claim(clause, [Span(0, len(source))]).text == "印发方案，请认真执行。[1]"
    assert citer.citations[0].quote == source
