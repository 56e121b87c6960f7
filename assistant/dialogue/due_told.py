"""A day that was counted from a clause → sentences and a decision, worded as a rule's are.

In: what was found for a question. Out: whether the day asked about is past the last one, then that day with the steps of the
count, its clause and how days are counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.dialogue.draft import Draft
from assistant.dialogue.due import Due, find_due
from assistant.dialogue.evidence import Evidence
from assistant.dialogue.ruling import RulingTeller
from assistant.dialogue.understand import Understanding
from assistant.models import Document, Question
from assistant.rules.decide import Calculator
from assistant.rules.explain import show_computed

_N_READ = 5
"""Clauses, best first, one of which may set the period that is asked about."""


class DueTeller:
    """Finds days by the clauses of one corpus, and tells them."""

    def __init__(
        self, calculator: Calculator, rulings: RulingTeller, documents: Mapping[str, Document]
    ) -> None:
        self._book = calculator.book
        self._rulings = rulings
        self._documents = documents

    def find(self, asked: Understanding, evidence: Sequence[Evidence], question: Question) -> Due | None:
        """The day that a question asks for; None where its clauses do not tell it beyond doubt."""
        clauses = [e.clause for e in evidence[:_N_READ]]
        return find_due(asked, clauses, self._documents, self._book, question.as_of)

    def tell(self, draft: Draft, due: Due, question: Question) -> None:
        """Put the day down, behind the answer to whether another one is past it; the sentences where it is not clear."""
        if due.finding is None:
            draft.tell(due.clause, due.sentences)
            return
        if due.late and due.day:
            amount, day = due.finding.amounts[0], due.day.isoformat()
            last = show_computed(amount.value, amount.kind)
            cites = tuple(draft.cite(due.clause, span).n for span in due.sentences)
            draft.tell_computed(draft.messages.say(f"due_{due.late}", day=day, last=last), cites, (day, last))
        self._rulings.tell(draft, due.finding, question, is_brief=True)
