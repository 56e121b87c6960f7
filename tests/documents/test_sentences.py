"""Sentences and fragments of a source text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.documents.sentences import list_heads, split_fragments, split_sentences

PAIRS = ("（）", "()", "“”", "《》")
TEXTS = st.text(alphabet=st.sampled_from("甲乙丙1，,。！？；!?;（）(“”《》〔〕【】 \n\t　"), max_size=60)


def texts(spans, source):
    return [source[start:end] for start, end in spans]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("甲。乙！丙？丁；戊", ["甲。", "乙！", "丙？", "丁；", "戊"], id="each mark"),
        pytest.param("甲!乙?丙;丁", ["甲!", "乙?", "丙;", "丁"], id="half width"),
        pytest.param("甲，乙、丙：丁", ["甲，乙、丙：丁"], id="no mark"),
        pytest.param("甲（一；二。）乙。丙", ["甲（一；二。）乙。", "丙"], id="brackets"),
        pytest.param("甲(一；二)乙。丙", ["甲(一；二)乙。", "丙"], id="half-width brackets"),
        pytest.param("甲“一。二！”乙。丙", ["甲“一。二！”乙。", "丙"], id="quotation marks"),
        pytest.param("《甲。乙》丙。丁", ["《甲。乙》丙。", "丁"], id="title"),
        pytest.param("甲（一“二；三”四；五）。六", ["甲（一“二；三”四；五）。", "六"], id="nested"),
        pytest.param(
            "甲（没有关上。\n乙。丙", ["甲（没有关上。", "乙。", "丙"], id="lost bracket at a line's end"
        ),
        pytest.param("甲（没有关上。乙。", ["甲（没有关上。乙。"], id="lost bracket at the end"),
        pytest.param("甲）乙。丙", ["甲）乙。", "丙"], id="bracket that was not opened"),
        pytest.param("  甲。 \n 乙。  ", ["甲。", "乙。"], id="outer blanks"),
        pytest.param("甲\n乙。", ["甲\n乙。"], id="a broken line is one sentence"),
        pytest.param("甲。。乙", ["甲。", "。", "乙"], id="two marks"),
        pytest.param("", [], id="empty"),
        pytest.param(" \n　", [], id="blank"),
    ],
)
def test_sentences(source, expected):
    assert texts(split_sentences(source, 0, len(source)), source) == expected


def test_only_the_given_span_is_split():
    source = "前。甲（乙。丙）丁。后。"
    assert texts(split_sentences(source, 2, 10), source) == ["甲（乙。丙）丁。"]
    assert texts(split_sentences(source, 3, 7), source) == ["（乙。丙"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("甲，乙,丙", ["甲", "乙", "丙"]),
        ("培训1,000人，补贴2，3类", ["培训1,000人", "补贴2，3类"]),
        ("甲、乙；丙", ["甲、乙；丙"]),
        ("，甲，，乙，", ["甲", "乙"]),
        ("", []),
    ],
)
def test_fragments(source, expected):
    assert texts(split_fragments(source, 0, len(source)), source) == expected


@pytest.mark.parametrize(
    ("sentences", "heads"),
    [
        (
            ["补贴按证书确定：甲证，1元；", "乙证，2元；", "丙证，3元。", "丁。"],
            ["", "补贴按证书确定", "补贴按证书确定", ""],
        ),
        (["甲；", "乙。"], ["", ""]),
        (["甲：乙。", "丙；", "丁。"], ["", "", ""]),
        (["：乙；", "丙。"], ["", ""]),
        ([], []),
    ],
)
def test_a_further_part_of_a_series_stands_under_its_opening(sentences, heads):
    assert list_heads(sentences) == heads


@pytest.mark.parametrize("split", [split_sentences, split_fragments])
@given(source=TEXTS, data=st.data())
def test_spans_are_in_order_inside_and_without_outer_blanks(split, source, data):
    start = data.draw(st.integers(0, len(source)))
    end = data.draw(st.integers(start, len(source)))
    spans = split(source, start, end)
    edges = [start, *(edge for span in spans for edge in span), end]
    assert edges == sorted(edges)
    assert all(text and text == text.strip() for text in texts(spans, source))


@given(source=TEXTS)
def test_sentences_hold_every_character_but_blanks(source):
    spans = split_sentences(source, 0, len(source))
    assert "".join("".join(texts(spans, source)).split()) == "".join(source.split())


@given(source=TEXTS)
def test_fragments_leave_out_commas_and_blanks_only(source):
    spans = split_fragments(source, 0, len(source))
    left_out = set(range(len(source))) - {i for start, end in spans for i in range(start, end)}
    assert all(source[i].isspace() or source[i] in "，," for i in left_out)


@given(source=TEXTS)
def test_a_sentence_splits_no_further(source):
    for start, end in split_sentences(source, 0, len(source)):
        assert split_sentences(source, start, end) == [(start, end)]


def test_a_balanced_bracket_is_never_split(real_assistant):
    for document in real_assistant.corpus.documents:
        for clause in document.clauses:
            text = document.source[clause.start : clause.end]
            if any(text.count(a) != text.count(b) for a, b in PAIRS):
                continue
            for sentence in texts(
                split_sentences(document.source, clause.start, clause.end), document.source
            ):
                assert all(sentence.count(a) == sentence.count(b) for a, b in PAIRS)
