"""Conversations that the asker keeps are read again, and no further than they have grown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assistant.dialogue import replay
from assistant.dialogue.memory import Memory
from assistant.dialogue.replay import Replayer
from assistant.errors import RequestInvalid
from assistant.models import Question

QUESTION = Question("d", as_of=date(2026, 11, 21), region="411526", facts={"x": "1"}, earlier=("a", "b"))


class Reader:
    """Remembers all that was said; refuses what is marked so, and keeps what it was given."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def __call__(self, question: Question, before: Memory) -> Memory:
        self.read.append(question.text)
        if question.text == "refused":
            raise RequestInvalid("no")
        return Memory(question=before.question + question.text, region=question.region or "")


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def replayer(reader: Reader) -> Replayer:
    return Replayer(reader)


def test_a_conversation_is_read_in_its_order(replayer, reader):
    assert replayer.recall(QUESTION).question == "ab"
    assert reader.read == ["a", "b"]


@pytest.mark.parametrize("earlier", [None, ()])
def test_nothing_said_before_leaves_nothing(replayer, reader, earlier):
    assert replayer.recall(replace(QUESTION, earlier=earlier)) == Memory()
    assert reader.read == []


def test_only_what_was_added_is_read(replayer, reader):
    replayer.recall(QUESTION)
    grown = replace(QUESTION, text="e", earlier=("a", "b", "c"))
    assert replayer.recall(grown).question == replayer.recall(grown).question == "abc"
    assert reader.read == ["a", "b", "c"]


def test_an_answered_question_is_not_read_again(replayer, reader):
    replayer.recall(QUESTION)
    replayer.remember(QUESTION, Memory(question="answered"))
    grown = replace(QUESTION, text="e", earlier=("a", "b", "d"))
    assert replayer.recall(grown).question == "answered"
    assert reader.read == ["a", "b"]
    assert replayer.recall(replace(grown, region=None)).question == "abd"


@pytest.mark.parametrize(
    "changes",
    [
        {"region": None},
        {"as_of": date(2021, 11, 21)},
        {"facts": {}},
        {"facts": {"x1": ""}},
        {"earlier": ("ab",)},
        {"earlier": ("b", "a")},
    ],
    ids=["region", "day", "facts", "fact", "joined", "order"],
)
def test_what_differs_is_read_anew(replayer, reader, changes):
    replayer.recall(QUESTION)
    other = replace(QUESTION, **changes)
    assert replayer.recall(other) == Replayer(Reader()).recall(other)
    assert reader.read == ["a", "b", *other.earlier]


def test_what_was_refused_leaves_nothing(replayer):
    assert replayer.recall(replace(QUESTION, earlier=("a", "refused", "b"))).question == "ab"


def test_the_longest_unused_is_forgotten_first(replayer, reader, monkeypatch):
    monkeypatch.setattr(replay, "MOST_REMEMBERED", 2)
    for text in ("a", "b", "a", "c"):
        replayer.recall(replace(QUESTION, earlier=(text,)))
    assert reader.read == ["a", "b", "c"]
    for text in ("a", "b"):
        replayer.recall(replace(QUESTION, earlier=(text,)))
    assert reader.read == ["a", "b", "c", "b"]
