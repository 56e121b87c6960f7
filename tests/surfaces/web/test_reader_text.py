"""Text for reading: blanks collapsed as everywhere, marks where their code points lie, names of clauses strong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.models import Clause, Document, Span
from assistant.surfaces.schema import flow
from assistant.surfaces.web.reader_text import find_lead_end, flow_pieces, mark_words, parse_mark

TEXTS = st.text(alphabet="甲乙 \n\t\u3000ab1，", max_size=30)
SOURCE = "（1）每班人数不得\n超过 80 人，over  80 fails。"


def document_of(source: str) -> Document:
    return Document("d", "题", "", "", "000000", source, ())


def clause_of(source: str, label: str, heading: str = "", kind="clause") -> Clause:
    return Clause("d#1", "d", "1", label, kind, 0, len(source), source, heading)


@given(TEXTS, st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_pieces_put_together_read_as_the_whole(text, start, end, strong_end):
    mark = Span(start, end) if start < end else None
    pieces = flow_pieces(text, Span(0, len(text)), mark, strong_end)
    assert "".join(piece.text for piece in pieces) == flow(text)


@given(TEXTS, st.integers(0, 30), st.integers(0, 30))
def test_what_is_marked_is_what_stands_there(text, start, end):
    if start >= end:
        return
    pieces = flow_pieces(text, Span(0, len(text)), Span(start, end))
    marked = "".join(piece.text for piece in pieces if piece.is_marked)
    assert "".join(marked.split()) == "".join(text[start:end].split())


@pytest.mark.parametrize(
    ("quote", "shown"),
    [
        ("每班人数不得\n超过 80 人", "每班人数不得超过80人"),  # over a line break of the scan
        ("\n超过 80", "超过80"),  # from the middle of a gap
        ("over  80", "over 80"),  # words of Latin letters keep one blank
        (SOURCE, flow(SOURCE)),
    ],
)
def test_marked_words(quote, shown):
    start = SOURCE.index(quote)
    mark = Span(start, start + len(quote))
    pieces = flow_pieces(SOURCE, Span(0, len(SOURCE)), mark)
    assert "".join(piece.text for piece in pieces if piece.is_marked) == shown
    assert len({piece.anchor for piece in pieces if piece.is_marked}) == sum(p.is_marked for p in pieces)


@pytest.mark.parametrize(
    ("given_mark", "span"),
    [
        ("0-3", Span(0, 3)),
        (f"0-{len(SOURCE)}", Span(0, len(SOURCE))),
        (f"0-{len(SOURCE) + 1}", None),  # beyond the end
        ("3-3", None),
        ("5-3", None),
        ("-1-3", None),
        ("", None),
        ("3", None),
        ("1-2-3", None),
        ("一-三", None),
        ("１-３", None),
        ("9999999999-99999999999", None),
        ("<script>", None),
    ],
)
def test_marks_from_an_address(given_mark, span):
    assert parse_mark(given_mark, document_of(SOURCE)) == span


@pytest.mark.parametrize(
    ("source", "label", "heading", "lead"),
    [
        ("(1)严格师资\n管理。民办机构", "二、（1）", "严格师资管理", "(1)严格师资\n管理"),
        ("第二百条　民法所称", "第二百条", "", "第二百条"),
        ("（3）考核", "二、（四）21.（3）", "", "（3）"),  # only its own number is printed
        ("1．有下列情形", "三、1.", "", "1．"),
        ("没有编号的话", "第1段", "", ""),
        ("说到很后面很后面很后面很后面很后面才是标题", "一、", "标题", ""),
    ],
)
def test_the_words_that_name_a_clause(source, label, heading, lead):
    assert source[: find_lead_end(source, clause_of(source, label, heading))] == lead


def test_only_clauses_begin_with_a_number():
    assert find_lead_end("附件的话", clause_of("附件的话", "附件", kind="paragraph")) == 0


def test_words_of_a_query_are_marked():
    pieces = mark_words("每班人数不得超过80人", ["人数", "每班人数", "班"], 50)
    assert [(p.text, p.is_marked) for p in pieces] == [("每班人数", True), ("不得超过80人", False)]
    assert mark_words("甲乙", [], 50)[0].text == "甲乙"
    assert [p.text for p in mark_words("甲（乙", ["（"], 50) if p.is_marked] == ["（"]


def test_an_excerpt_shows_the_first_word_found():
    text = "甲" * 300 + "公示" + "乙" * 300
    pieces = mark_words(text, ["公示"], 100)
    shown = "".join(piece.text for piece in pieces)
    assert shown.startswith("…甲")
    assert shown.endswith("乙…")
    assert len(shown) == 102
    assert [p.text for p in pieces if p.is_marked] == ["公示"]
    assert "".join(p.text for p in mark_words(text, ["没有"], 100)) == "甲" * 100 + "…"
