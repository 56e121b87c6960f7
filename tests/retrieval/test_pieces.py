"""The pieces of short texts: the same as the tokenizers library finds, or left to it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from assistant.app import read_corpus
from assistant.config import load_settings
from assistant.documents.chunk import chunk_document
from assistant.retrieval.embed import SHIPPED, TOKENIZER_FILE, StaticEmbedder
from assistant.retrieval.pieces import PieceTable
from evals.cases import DEFAULT_CASES, load_cases

RAW = (SHIPPED / TOKENIZER_FILE).read_bytes()
LIBRARY = Tokenizer.from_buffer(RAW)
TABLE = PieceTable.read(RAW)
WORDS = [piece for piece, _ in json.loads(RAW)["model"]["vocab"]]


def cut_by_library(text: str) -> list[int]:
    return [i for i in LIBRARY.encode(text, add_special_tokens=False).ids if i]


def agree(text: str) -> bool:
    found = TABLE.encode(text)
    return found is None or found == cut_by_library(text)


def test_every_character_between_words() -> None:
    characters = [chr(n) for n in range(0x110000) if not 0xD800 <= n <= 0xDFFF]
    texts = [f"教{c}师a" for c in characters if TABLE.encode(c) is not None]
    assert len(texts) > 100_000  # most of the rest is not assigned, or for private use
    encodings = LIBRARY.encode_batch(texts, add_special_tokens=False)
    wrong = [
        text
        for text, encoding in zip(texts, encodings, strict=True)
        if TABLE.encode(text) != [i for i in encoding.ids if i]
    ]
    assert wrong == []


def test_the_corpus_and_the_questions() -> None:
    documents = read_corpus(load_settings()).documents
    texts = [chunk.text for document in documents for chunk in chunk_document(document)]
    texts += [text for case in load_cases(DEFAULT_CASES) for text in (*case.history, case.question)]
    assert [text for text in texts if TABLE.encode(text) != cut_by_library(text)] == []


@settings(max_examples=500)
@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=3), max_size=12).map("".join))
def test_any_text(text: str) -> None:
    assert agree(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("职业\n技能 培训　补贴", id="white-space"),
        pytest.param("a\x1cb", id="separator-of-ascii"),
        pytest.param("\u039f\u0394\u039f\u03a3 \u03a3", id="final-sigma"),
        pytest.param("İSTANBUL ﬁ ①②㈱ ４５", id="forms"),
        pytest.param("e\u0301ducation n\u0303", id="combining"),
        pytest.param("师资[UNK]教材", id="name-of-the-unknown"),
        pytest.param("龘龘龘教师龘", id="unknown-between"),
        pytest.param("教师😀好", id="emoji"),
        pytest.param("", id="empty"),
    ],
)
def test_hard_text(text: str) -> None:
    assert TABLE.encode(text) == cut_by_library(text)


@pytest.mark.parametrize("character", ["㋿", "ꟲ", "𐞃"], ids=ascii)
def test_a_character_of_a_later_unicode_is_left_to_the_library(character: str) -> None:
    assert TABLE.encode(f"教师{character}") is None
    vector = StaticEmbedder(SHIPPED).embed_query(f"教师{character}")
    assert vector.any()


@pytest.mark.parametrize("steps", ["normalizer", "pre_tokenizer", "added_tokens", "unk_id"])
def test_other_steps_are_left_to_the_library(steps: str) -> None:
    told = json.loads(RAW)
    if steps == "unk_id":
        told["model"]["unk_id"] = 1
    elif steps == "added_tokens":
        told[steps] = [{"id": 0, "content": "[UNK]"}]
    else:
        told[steps] = None
    assert PieceTable.read(json.dumps(told).encode()) is None


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"\xff", b'{"model": {"vocab": []}}'], ids=repr)
def test_what_is_no_tokenizer(raw: bytes) -> None:
    assert PieceTable.read(raw) is None
