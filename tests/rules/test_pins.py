from __future__ import annotations

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import RuleError
from assistant.rules.pins import (
    count_quote,
    find_drift,
    find_quote,
    fold,
    fold_with_offsets,
    make_pin,
    write_pins,
)

CLAUSE = "（1）每班人数\n不得超过 80 人，每课时不低于 40 分钟。每课时录像。"
QUOTE = "每班人数不得超过80人"
MIXED = st.text(
    st.one_of(st.characters(), st.sampled_from('每班80 \n\t，,（(“"—-８①㎡ﬁ\u200b\u3000\u0301')), max_size=30
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        pytest.param("每 班\n８０\u3000人", "每班80人", id="blanks and width"),
        pytest.param("，；：（）！？", ",;:()!?", id="punctuation"),
        pytest.param("“甲”「乙」‘丙’", '"甲""乙"\'丙\'', id="quotation marks"),
        pytest.param("3—5、3–5、3－5、3～5", "3-5、3-5、3-5、3~5", id="dashes"),
        pytest.param("〔2021〕1号", "[2021]1号", id="brackets"),
        pytest.param("1∶20", "1:20", id="ratio"),
        pytest.param("学\u200b校\ufeff", "学校", id="invisible"),
        pytest.param("80。", "80。", id="full stop stays"),
    ],
)
def test_fold(text: str, folded: str):
    assert fold(text) == folded


@given(MIXED)
def test_folding_leads_back_to_the_text(text: str):
    folded = fold_with_offsets(text)
    assert folded.text == fold(text) == fold(fold(text))
    assert all(char in fold(text[at]) for char, at in zip(folded.text, folded.offsets, strict=True))


@pytest.mark.parametrize(
    ("quote", "expected", "n"),
    [
        pytest.param("每班人数不得超过80人", "每班人数\n不得超过 80 人", 1, id="blanks and a line break"),
        pytest.param("（１）每班", "（1）每班", 1, id="width"),
        pytest.param("每课时", "每课时", 2, id="twice"),
        pytest.param("每班人数不得超过81人", None, 0, id="another figure"),
        pytest.param("序", None, 0, id="before the range"),
        pytest.param(" ", None, 0, id="empty"),
    ],
)
def test_find_and_count_quote(quote: str, expected: str | None, n: int):
    source = f"序言{CLAUSE}"
    span = find_quote(source, 2, len(source), quote)
    assert (source[span.start : span.end] if span else None) == expected
    assert count_quote(source, 2, len(source), quote) == n


@given(MIXED, MIXED, MIXED)
def test_what_stands_in_a_source_is_found(before: str, quote: str, after: str):
    source = before + quote + after
    span = find_quote(source, 0, len(source), quote)
    assert (span is None) == (fold(quote) == "")
    assert span is None or fold(quote) in fold(source[span.start : span.end])


PIN = make_pin(QUOTE, CLAUSE)


def test_pin_sees_words_only():
    assert re.fullmatch(r"[0-9a-f]{16}-[0-9a-f]{8}", PIN)
    assert make_pin("每班人数 不得超过 ８０ 人", CLAUSE.replace("\n", "")) == PIN
    assert make_pin("每班人数不得超过81人", CLAUSE) != PIN


@pytest.mark.parametrize(
    ("pin", "quote", "clause", "in_clause", "in_document", "drift"),
    [
        pytest.param(PIN, QUOTE, CLAUSE, True, True, "fresh", id="nothing changed"),
        pytest.param(PIN, QUOTE, CLAUSE.replace("\n", " "), True, True, "fresh", id="set anew"),
        pytest.param(PIN, QUOTE, CLAUSE + "另有规定的除外。", True, True, "moved", id="clause changed"),
        pytest.param(PIN, QUOTE, "", False, True, "moved", id="in another clause"),
        pytest.param(PIN, QUOTE, CLAUSE, False, False, "stale", id="gone"),
        pytest.param(PIN, QUOTE[:-1], CLAUSE, True, True, "stale", id="quote edited by hand"),
        pytest.param("", QUOTE, CLAUSE, True, True, "stale", id="no pin"),
        pytest.param(PIN[:16], QUOTE, CLAUSE, True, True, "moved", id="half a pin"),
    ],
)
def test_find_drift(pin: str, quote: str, clause: str, in_clause: bool, in_document: bool, drift: str):
    assert find_drift(pin, quote, clause, in_clause, in_document) == drift


# -- writing -------------------------------------------------------------------------------------------


def name_pin(cite: dict[str, str]) -> str:
    return f"<{cite['clause']} {cite['quote']}>".replace(" ", "_")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "cite: {clause: 2.4, quote: 80 人}  # why\n",
            "cite: {clause: 2.4, quote: 80 人, pin: <2.4_80_人>}  # why\n",
            id="flow",
        ),
        pytest.param(
            "cite: {clause: 2.4, pin: old, quote: 80 人 }\n",
            "cite: {clause: 2.4, pin: <2.4_80_人>, quote: 80 人 }\n",
            id="replaced",
        ),
        pytest.param(
            "cite: {clause: a, quote: 'b', pin: 'x'}",
            "cite: {clause: a, quote: 'b', pin: <a_b>}",
            id="quoted pin",
        ),
        pytest.param(
            "cite: {clause: a, quote: b, pin:}", "cite: {clause: a, quote: b, pin: <a_b>}", id="empty pin"
        ),
        pytest.param(
            "cite: {clause: a, quote: b,}", "cite: {clause: a, quote: b, pin: <a_b>,}", id="trailing comma"
        ),
        pytest.param(
            "cite:\n  clause: a\n  quote: b  # why\nlabel: c\n",
            "cite:\n  clause: a\n  quote: b  # why\n  pin: <a_b>\nlabel: c\n",
            id="block",
        ),
        pytest.param(
            "cite:\n  - clause: a\n    quote: b\n  - {clause: c, quote: d}",
            "cite:\n  - clause: a\n    quote: b\n    pin: <a_b>\n  - {clause: c, quote: d, pin: <c_d>}",
            id="list",
        ),
        pytest.param(
            "cite:\n  quote: b\n  clause: a",
            "cite:\n  quote: b\n  pin: <a_b>\n  clause: a",
            id="no line at the end",
        ),
        pytest.param(
            "cite:\r\n  clause: a\r\n  quote: b\r\n",
            "cite:\r\n  clause: a\r\n  quote: b\r\n  pin: <a_b>\r\n",
            id="CRLF",
        ),
        pytest.param(
            "cite:\n  clause: a\n  quote: >-\n    b\nlabel: c\n",
            "cite:\n  pin: <a_b>\n  clause: a\n  quote: >-\n    b\nlabel: c\n",
            id="folded",
        ),
        pytest.param(
            'cite:\n  clause: a\n  quote: "b\n    c"\n',
            'cite:\n  clause: a\n  quote: "b\n    c"\n  pin: <a_b_c>\n',
            id="over two lines",
        ),
        pytest.param(
            "x: &q b\ncite: {clause: a, quote: *q}\n",
            "x: &q b\ncite: {pin: <a_b>, clause: a, quote: *q}\n",
            id="alias",
        ),
        pytest.param(
            "tables: {t: {total: {clause: a, column: c, quote: b}}}",
            "tables: {t: {total: {clause: a, column: c, quote: b, pin: <a_b>}}}",
            id="total",
        ),
        pytest.param(
            "waived:\n  - {clause: a, quote: b, why: c}\n",
            "waived:\n  - {clause: a, quote: b, why: c}\n",
            id="waived stays",
        ),
        pytest.param(
            "cite: {clause: a}\nx: [1, 2]  # 注\n",
            "cite: {clause: a}\nx: [1, 2]  # 注\n",
            id="nothing to pin",
        ),
        pytest.param("", "", id="empty"),
    ],
)
def test_write_pins(text: str, expected: str):
    written = write_pins(text, name_pin)
    assert written == expected
    assert write_pins(written, name_pin) == written


QUOTES = st.text("每班人80 ：，'\"#{}[]&*!|>%@-\n", min_size=1, max_size=12)


@given(st.lists(QUOTES, min_size=1, max_size=3), st.booleans(), st.sampled_from([20, 1000]))
def test_writing_changes_pins_only(quotes: list[str], flow: bool, width: int):
    data = {"parameters": {"x": {"cite": [{"clause": "2.4", "quote": q, "document": "d"} for q in quotes]}}}
    text = yaml.safe_dump(data, allow_unicode=True, default_flow_style=flow, width=width)
    written = yaml.safe_load(write_pins(text, lambda cite: make_pin(cite["quote"], CLAUSE)))
    for cite, quote in zip(written["parameters"]["x"]["cite"], quotes, strict=True):
        assert cite.pop("pin") == make_pin(quote, CLAUSE)
    assert written == data


def test_text_that_is_no_yaml():
    with pytest.raises(RuleError, match="不是有效的 YAML"):
        write_pins("cite: {clause", name_pin)
