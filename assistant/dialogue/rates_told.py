"""A figure that was computed from a clause's rate → sentences and a decision, worded as a rule's are.

In: what was found for a question. Out: the figure with its formula, in front of the clause. Documents whose figures rules
compute are left to these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.dialogue.decision import join_decisions
from assistant.dialogue.draft import Draft
from assistant.dialogue.rates import Figured, find_by_rate
from assistant.dialogue.ruling import RulingTeller
from assistant.dialogue.select import Ranked
from assistant.dialogue.understand import Understanding
from assistant.models import Document, Question
from assistant.rules.decide import Calculator

_N_READ = 3
"""Clauses, best first, one of which may have the rate."""
_SURE = 0.5
"""Probability from which a clause is surely of what is asked."""


class RateTeller:
    """Computes figures by the clauses of one corpus, and tells them."""

    def __init__(
        self, calculator: Calculator, rulings: RulingTeller, documents: Mapping[str, Document]
    ) -> None:
        self._ruled = {rule.document for rule in calculator.book.rules.values()}
        self._rulings = rulings
        self._documents = documents

    def find(self, asked: Understanding, ranked: Sequence[Ranked], question: Question) -> list[Figured]:
        """The figures that a question asks for; none of a document with rules, nor of any place."""
        if not ranked or not (asked.home or asked.places or asked.references.documents):
            return []
        best = ranked[0].evidence.clause.document
        clauses = [
            r.evidence.clause
            for r in ranked[:_N_READ]
            if r.evidence.probability >= _SURE and r.evidence.clause.document == best
        ]
        if best in self._ruled:
            return []
        return find_by_rate(asked.text, clauses, self._documents, question.as_of)

    def tell(self, draft: Draft, figures: Sequence[Figured], question: Question) -> None:
        """Put the figures down."""
        decided = []
        for figured in figures:
            self._rulings.tell(draft, figured.finding, question, is_brief=True)
            decided += [draft.decision] if draft.decision else []
        draft.decision = join_decisions(decided)
