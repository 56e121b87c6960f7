"""A question that found nothing → the same question in a model's words, where these say no more than the asker did.

In: the question and its proposal. Out: the proposal, or nothing. A proposal that brings in a figure, a place, a year, a
document, a fact or a negation is another question, and answering it would be guessing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from assistant.dialogue import wording, wording_declined
from assistant.dialogue.extract import FactExtractor
from assistant.dialogue.references import ReferenceFinder
from assistant.dialogue.understand import prepare_text
from assistant.dialogue.verify import find_numbers
from assistant.documents.regions import RegionTree
from assistant.models import Question
from assistant.rules.numerals import find_figures

LONGEST = 200
"""Characters of a proposal; what is longer is an answer, not a question."""
REFUSED = frozenset({"refused_evidence", "refused_nothing"})
"""Refusals that other words may help; of all others the reason is not the words."""
_LEAST_SHARED = 2
"""Characters, other than those of `_FRAME`, that a question has in common with the same one in other words."""
_FRAME = frozenset("的了吗呢么是在有我你他它这那什怎如何一个为和与及问题说法")
_NEGATION = re.compile(r"[不没非无未勿莫禁否]|除外")
_LEVELS = (wording.OF_COUNTRY, wording.OF_PROVINCE, wording.OF_HOME, wording.BELOW_COUNTY)
_BOUNDS = (wording.MOST, wording.LEAST)
_KINDS = (
    wording.MONEY,
    wording_declined.PRIVATE,
    wording_declined.MISUSE,
    wording_declined.INSTRUCTION,
    wording_declined.GREETING,
    wording_declined.ADVICE,
    wording_declined.RESULT,
)


class Proposal(BaseModel):
    """What the model gives."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str = Field(description="换了说法的问题")


@dataclass(frozen=True, slots=True)
class RephraseGate:
    """Says what a proposal adds."""

    finder: ReferenceFinder
    regions: RegionTree
    extractor: FactExtractor

    def accept(self, proposed: str, question: Question) -> str:
        """The proposal as it is asked; empty where it says more than the asker, or nothing else."""
        text, said = prepare_text(proposed.strip()), prepare_text(question.text)
        if not 1 < len(text) <= LONGEST or text == said or "\n" in proposed.strip():
            return ""
        if len({c for c in text if c.isalpha()} & set(said) - _FRAME) < _LEAST_SHARED:
            return ""
        return "" if self.find_added(text, said, question) else text

    def find_added(self, text: str, said: str, question: Question) -> str:
        """What a proposal adds, as a word for it; empty where it adds nothing."""
        for name, read in (
            ("number", lambda t: {*find_numbers(t), *(f.value for f in find_figures(t))}),
            ("region", lambda t: {m.region.code for m in self.regions.find(t)}),
            ("year", lambda t: set(wording.YEAR.findall(t))),
            ("document", lambda t: {*self.finder.find_documents(t).documents, *re.findall(r"《[^》]*》", t)}),
            ("fact", lambda t: set(self.extractor.extract(t, question.as_of).given.items())),
        ):
            if read(text) - read(said):
                return name
        if len(_NEGATION.findall(text)) > len(_NEGATION.findall(said)):
            return "negation"
        if any(level.search(text) and not level.search(said) for level in _LEVELS):
            return "region"
        if any(bool(bound.search(text)) != bool(bound.search(said)) for bound in _BOUNDS):
            return "bound"
        return "kind" if any(kind.search(text) and not kind.search(said) for kind in _KINDS) else ""
