"""Facts that a language model points out in a message → those that may be used, and those to ask about.

In: what the model gives, the message, the facts that matter to the answer. Out: `Heard`. The model only points: the words
must stand in the message, and the value is read from them by our own numerals; where that is not the model's value, or the
words are taken by another fact, it was wrong. What the deterministic reading has found is never overwritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field

from assistant.dialogue.extract import Extracted, FactExtractor
from assistant.dialogue.understand import prepare_text
from assistant.models import Answer, Question
from assistant.rules.book import Book
from assistant.rules.facts import Fact
from assistant.rules.statements import Stated

MOST_FACTS = 150
"""Facts that a model is told of at once, and gives at once."""


class PointedFact(BaseModel):
    """One fact as the model gives it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fact: str = Field(description="事实表里的标识")
    value: str = Field(description="值")
    words: str = Field(description="问题里的原话")


class PointedFacts(BaseModel):
    """What the model gives."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    facts: list[PointedFact] = Field(max_length=MOST_FACTS)


@dataclass(frozen=True, slots=True)
class Heard:
    """What may be used of it.

    Attributes:
        facts: new ones, as stated; `words` are those they stand in, by fact.
        at_odds: facts that our reading has otherwise, with the words of both.
    """

    facts: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    at_odds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FactGate:
    """Reads again what a model points out."""

    extractor: FactExtractor
    book: Book

    def offer(self, question: Question, answer: Answer) -> tuple[Fact, ...]:
        """The facts that a model may point out: those that a decision rests on or asks for.

        Where nothing was decided and the message has figures that state no known fact, those that are figures; none where
        there is nothing to find.
        """
        facts = self.book.facts
        if decision := answer.decision:
            ids = [a.fact for a in decision.ask] + [f for c in decision.checks for f in c.facts]
            return tuple(facts[f] for f in dict.fromkeys(ids) if f in facts)[:MOST_FACTS]
        if (
            answer.status == "refused"
            or not self.extractor.extract(prepare_text(question.text), question.as_of).loose
        ):
            return ()
        return tuple(f for f in facts.values() if f.type in ("integer", "decimal", "share"))[:MOST_FACTS]

    def hear(
        self, pointed: Iterable[PointedFact], question: Question, facts_offered: Iterable[Fact]
    ) -> Heard:
        """What may be used of what the model gives; facts that it was not told of are not."""
        text = prepare_text(question.text)
        read = self.extractor.extract(text, question.as_of)
        own = {**read.given, **question.facts}
        offered = {fact.id for fact in facts_offered}
        facts: dict[str, str] = {}
        words: dict[str, str] = {}
        at_odds: dict[str, tuple[str, ...]] = {}
        for one in pointed:
            if one.fact not in offered or one.fact in facts or one.fact in at_odds:
                continue
            told = prepare_text(one.words)
            given, stated = self._read(one, told, question)
            if not told or told not in text or stated is None:
                continue
            if one.fact in own:
                if self._state(one.fact, own[one.fact]) != stated:
                    before = next((s.words for s in read.statements if s.fact == one.fact), own[one.fact])
                    at_odds[one.fact] = (before, told)
            elif not _is_taken(text, told, read):
                facts[one.fact], words[one.fact] = given, told
        if facts and self.book.read_facts({**own, **facts})[1]:
            # Together they cannot be true: then the model has misread at least one.
            return Heard(at_odds=at_odds)
        return Heard(facts, words, at_odds)

    def _read(self, one: PointedFact, told: str, question: Question) -> tuple[str, Stated | None]:
        """The value in the words, and as stated; None where they have none, or another than the model's."""
        reply = self.extractor.extract(told, question.as_of).given
        given = reply.get(one.fact) or self.extractor.read_reply(told, question.as_of, [one.fact]).get(
            one.fact, ""
        )
        stated = self._state(one.fact, given) if given else None
        return given, stated if stated is not None and self._state(one.fact, one.value) == stated else None

    def _state(self, fact: str, given: str) -> Stated | None:
        stated, faults = self.book.read_facts({fact: given})
        return None if faults else stated.get(fact)

    def tell(self, heard: Heard) -> list[tuple[str, str, str]]:
        """For each new fact: its words, its label, its value."""
        facts = self.book.facts
        return [(heard.words[f], facts[f].label, f"{v}{_unit(facts[f], v)}") for f, v in heard.facts.items()]


def _unit(fact: Fact, value: str) -> str:
    return fact.unit if value[-1:].isdigit() else ""


def describe_fact(fact: Fact) -> str:
    """A fact as a model is told of it: id, label, what it may be."""
    kinds = {"integer": "整数", "decimal": "数", "share": "百分比", "boolean": "是或否", "date": "日期"}
    kind = kinds.get(fact.type, "、".join(fact.data.choices) if fact.type == "choice" else "名称")
    unit = f"，单位{fact.unit}" if fact.unit else ""
    return f"{fact.id}：{fact.label}（{kind}{unit}）"


def _is_taken(text: str, told: str, read: Extracted) -> bool:
    """Whether words are part of what another fact was read from."""
    start = text.index(told)
    return any(s.start < start + len(told) and start < s.end for s in read.statements)
