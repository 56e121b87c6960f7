"""Long answers become several messages, each within the limit and with the citations of its marks."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from assistant.surfaces.channels.pack import pack_answer
from assistant.surfaces.channels.plain import LIMIT as LIMIT_BYTES
from assistant.surfaces.channels.plain import PlainForm
from assistant.surfaces.messages import LIMIT, TelegramForm, answer_messages, n_units


def visible(html: str) -> str:
    parts: list[str] = []
    parser = HTMLParser()
    parser.handle_data = parts.append  # type: ignore[method-assign]
    parser.feed(html)
    parser.close()
    return "".join(parts)


def test_short_answer_is_one_message(answer_builder):
    assert len(answer_messages(answer_builder())) == 1


def test_every_sentence_keeps_its_citation(answer_builder, citation_builder):
    citations = tuple(citation_builder(n) for n in range(1, 41))
    text = "".join(f"第{n}条规定，{'培训' * 60}。[{n}]" for n in range(1, 41))
    messages = answer_messages(answer_builder(text, citations=citations))
    assert len(messages) > 2
    for message in messages[:-1]:
        body = visible(message).split("\n\n[", 1)[0]
        for n in re.findall(r"\[(\d+)\]", body):
            assert f"<b>[{n}] 二、" in message
        assert re.search(r"。\[\d+\]$", body)
    shown = "".join(visible(message) for message in messages)
    for n in range(1, 41):
        assert shown.count(f"第{n}条规定") == 1


@pytest.mark.parametrize(
    ("status", "title"),
    [("refused", "没有找到依据"), ("needs_info", "还需要补充"), ("answered", "")],
)
def test_what_is_no_answer_is_told_first(answer_builder, status, title):
    (message,) = answer_messages(answer_builder("1. 教师有几名？", status=status, citations=()))
    assert visible(message).startswith(f"{title}\n\n1. 教师有几名？" if title else "1. 教师有几名？")
    assert "blockquote" not in message


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("长" * 9000, id="no sentence end"),
        pytest.param("&<>" * 3000, id="all escaped"),
        pytest.param("😀" * 5000, id="two units each"),
        pytest.param("第一，" * 2000 + "。[1]", id="commas only"),
        pytest.param("字。[1][2][3][4][5][6][7][8]", id="many citations for one sentence"),
        pytest.param("一\n\n二。[1]\n" * 600, id="many lines"),
    ],
)
def test_messages_stay_within_the_limit_and_lose_nothing(answer_builder, citation_builder, text):
    citations = tuple(citation_builder(n, QUOTES[n % 2]) for n in range(1, 9))
    answer = answer_builder(text, citations=citations)
    messages = answer_messages(answer)
    assert all(0 < n_units(message) <= LIMIT for message in messages)
    shown = "".join(visible(message) for message in messages)
    for sign in set(text) - {"\n"}:
        assert shown.count(sign) >= text.count(sign)


QUOTES = ("每班人数不得\n超过 80 人", "严格班级管理")


@pytest.mark.parametrize(
    "text", ["长" * 3000, "😀" * 3000, "第一，" * 900 + "。[1]", "字。[1][2][3][4][5][6][7][8]"]
)
def test_plain_messages_stay_within_their_bytes_and_lose_nothing(answer_builder, citation_builder, text):
    citations = tuple(citation_builder(n, QUOTES[n % 2]) for n in range(1, 9))
    clippings = pack_answer(answer_builder(text, citations=citations), PlainForm())
    assert all(0 < len(clipping.text.encode()) <= LIMIT_BYTES for clipping in clippings)
    shown = "".join(clipping.text for clipping in clippings)
    for sign in set(text) - {"\n"}:
        assert shown.count(sign) >= text.count(sign)


def test_text_that_a_model_has_worded_is_labelled(answer_builder):
    assert "AI 辅助生成" in answer_messages(answer_builder(generated=True))[-1]
    assert "AI 辅助生成" not in answer_messages(answer_builder())[-1]


@pytest.mark.parametrize("form", [TelegramForm(), PlainForm()], ids=["telegram", "plain"])
@pytest.mark.parametrize("n_characters", range(20, 33))
def test_a_title_never_stands_alone(answer_builder, citation_builder, form, n_characters):
    citations = tuple(citation_builder(n) for n in range(1, 41))
    text = "".join(f"{'字' * n_characters}。[{n}]" for n in range(1, 41))
    answer = answer_builder(text, citations=citations, status="refused")
    assert "字" in pack_answer(answer, form)[0].text
