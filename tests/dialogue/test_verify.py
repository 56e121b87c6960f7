"""The gate: quotes, marks and numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.dialogue.verify import (
    MARK,
    Claim,
    find_numbers,
    guard_brackets,
    is_exact,
    verify_claims,
)
from assistant.documents.normalize import squeeze

QUOTE = "每班人数不得超过 80 人"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, True, id="right"),
        pytest.param({"start": 21}, False, id="start shifted"),
        pytest.param({"end": 40}, False, id="end shifted"),
        pytest.param({"quote": "每班人数不得超过 90 人"}, False, id="another figure"),
        pytest.param({"quote": "每班人数不得超过80人"}, False, id="blanks taken out"),
        pytest.param({"clause_end": 30}, False, id="runs out of its clause"),
        pytest.param({"clause_start": 25}, False, id="begins before its clause"),
        pytest.param({"document": "other"}, False, id="unknown document"),
        pytest.param({"start": -5}, False, id="counted from the end"),
        pytest.param({"start": 5, "end": 5, "quote": "", "clause_start": 0}, False, id="empty quote"),
    ],
)
def test_a_quote_is_the_very_span_of_its_clause(sample, changes, expected):
    assert is_exact(replace(sample.cite(QUOTE), **changes), sample.documents) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("每班 80 人", ["80"], id="plain"),
        pytest.param("１，０００人次", ["1000"], id="full width"),
        pytest.param("1,000 与 12,345,678 人", ["1000", "12345678"], id="thousands"),
        pytest.param("1,2级", ["1", "2"], id="an enumeration is no thousand"),
        pytest.param("1,0000", ["1", "0000"], id="four digits after the comma"),
        pytest.param("12.5%、1:20", ["12.5", "1", "20"], id="decimal and ratio"),
        pytest.param("0371-69691788", ["0371", "69691788"], id="telephone"),
        pytest.param("1,000.50元", ["1000.50"], id="thousands with decimals"),
        pytest.param("不超过80人。[1][12]", ["80"], id="marks are no numbers"),
        pytest.param("第①项", ["1"], id="circled"),
        pytest.param("八十人", [], id="numerals in words stand in quotes only"),
    ],
)
def test_numbers_have_one_form(text, expected):
    assert find_numbers(text) == expected


@pytest.mark.parametrize(
    ("text", "quoted", "said", "expected"),
    [
        pytest.param("每班人数不得超过80人。[1]", (QUOTE,), "", True, id="the quote's number"),
        pytest.param("每班人数不得超过８０人。[1]", (QUOTE,), "", True, id="full width"),
        pytest.param("每班人数不得超过81人。[1]", (), "", False, id="a number of nobody"),
        pytest.param("每班人数不得超过8人。[1]", (), "", False, id="part of a number"),
        pytest.param("您说的85人超过80人。[1]", (), "我班85人", True, id="the asker's number"),
        pytest.param("您说的85人超过80人。[1]", (), "我班８５人", True, id="the asker's, full width"),
        pytest.param("试发〔2021〕7号：80人。[1]", (), "", True, id="the document's number"),
        pytest.param("一、（1）：80人。[1]", (), "", True, id="the clause's label"),
        pytest.param("一、（9）：80人。[1]", (), "", False, id="another clause's label"),
        pytest.param("每班人数不得低于80人。[1]", ("每班人数不得低于80人",), "", False, id="changed words"),
        pytest.param("每班人数不得超过80人。", (), "", False, id="mark missing"),
        pytest.param("每班人数不得超过80人。[2]", (), "", False, id="another mark"),
        pytest.param("每班人数不得超过80人。[1][2]", (), "", False, id="one mark too many"),
    ],
)
def test_a_claim_needs_its_quote_marks_and_numbers(sample, text, quoted, said, expected):
    claim = Claim(text, (1,), quoted)
    kept = verify_claims([claim], [sample.cite(QUOTE)], sample.documents, said)
    assert kept == ([claim] if expected else [])


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        pytest.param(Claim("没有规定。"), True, id="no figure"),
        pytest.param(Claim("没有2023年的规定。"), False, id="a figure from nowhere"),
        pytest.param(
            Claim("没有2023年的规定。", filled=("2023",)), True, id="what a template was filled with"
        ),
        pytest.param(Claim("没有规定。[1]"), False, id="a mark without a citation"),
    ],
)
def test_a_sentence_without_citation_brings_no_figure_of_its_own(sample, claim, expected):
    assert bool(verify_claims([claim], [], sample.documents, "")) is expected


def test_one_bad_citation_fails_the_whole_claim(sample):
    good, bad = sample.cite(QUOTE), sample.cite("年培训 1,000 人次", n=2, start=30)
    claims = [Claim("超过80人。[1]", (1,)), Claim("超过80人。[1]年培训1000人次。[2]", (1, 2))]
    assert verify_claims(claims, [good, bad], sample.documents, "") == claims[:1]


def test_thousands_in_a_claim_match_thousands_in_a_quote(sample):
    claim = Claim("年培训1000人次。[1]", (1,))
    assert verify_claims([claim], [sample.cite("年培训 1,000 人次")], sample.documents, "") == [claim]


@pytest.mark.parametrize("text", ["试发[2021]7号", "见[3]和[1]", "[１]"])
def test_guarded_words_hold_no_mark_and_read_the_same(text):
    guarded = guard_brackets(text)
    assert MARK.search(guarded) is None
    assert squeeze(guarded) == squeeze(text)
