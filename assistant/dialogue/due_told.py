"""A day that was counted from a clause → sentences and a decision, worded as a rule's are.

In: what was found for a question. Out: whether the day asked about is past the last one, then that day with the steps of the
count, its clause and how days are counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.dialogue.draft import Draft
from assistant.dialogue.due import Counted, Due, find_day, find_due
from assistant.dialogue.found import Found
from assistant.dialogue.refuse import OF_OTHER_YEAR, THIN
from assistant.dialogue.ruling import RulingTeller
from assistant.dialogue.understand import Understanding
from assistant.documents.normalize import squeeze
from assistant.models import Clause, Document, Question
from assistant.rules.calendar import DayRange
from assistant.rules.decide import Calculator
from assistant.rules.explain import show_computed
from assistant.rules.pins import find_quote
from assistant.rules.validity import read_validity

_N_READ = 8
"""Clauses, best first, one of which may set the period that is asked about."""
_VALIDITY = "有效期最后一日"
_JUDGED = {
    "late": "due_late",
    "in_time": "due_in_time",
    "early": "due_early",
    "enough": "due_enough",
    "open": "due_open",
}
"""Names of the sentences that say whether a day is past the last."""


class DueTeller:
    """Finds days by the clauses of one corpus, and tells them."""

    def __init__(
        self, calculator: Calculator, rulings: RulingTeller, documents: Mapping[str, Document]
    ) -> None:
        self._book = calculator.book
        self._rulings = rulings
        self._documents = documents

    def find(self, asked: Understanding, clauses: Sequence[Clause], question: Question) -> Due | None:
        """The day that a question asks for, by clauses that are named."""
        return find_due(asked, clauses, self._documents, self._book, question.as_of)

    def look(self, asked: Understanding, found: Found, question: Question) -> Found:
        """What was found, with the day that it comes to; what has a day is not refused for want of one."""
        due = self.find(asked, [r.evidence.clause for r in found.ranked[:_N_READ]], question)
        refused = found.refusal.template if found.refusal else ""
        # 2025年9月份的进展: the year is that of the day, and the text need not name it.
        is_due = due is not None and (due.finding is not None or refused != OF_OTHER_YEAR)
        if due is None or not is_due or (refused and refused not in (*THIN, OF_OTHER_YEAR)):
            return found
        # 开班前5个工作日提交 has no day in it, and tells one all the same.
        is_thin = found.refusal is not None and not found.parts
        return found._replace(due=due, refusal=None) if due.finding or is_thin else found

    def tell(self, draft: Draft, due: Due, question: Question) -> None:
        """Put the day down, behind the answer to whether another one is past it; the sentences where it is not clear."""
        if due.finding is None:
            draft.tell(due.clause, due.sentences)
            return
        if due.late and due.day:
            amount, day = due.finding.amounts[0], due.day.isoformat()
            last = show_computed(amount.value, amount.kind)
            cites = tuple(draft.cite(due.clause, span).n for span in due.sentences)
            draft.tell_computed(draft.messages.say(_JUDGED[due.late], day=day, last=last), cites, (day, last))
        self._rulings.tell(draft, due.finding, question, is_brief=True)

    def tell_validity(self, draft: Draft, clauses: Sequence[Clause], question: Question) -> None:
        """Put down until when the text of a clause holds, where it only says for how long: 有效期3年."""
        for clause in clauses:
            document = self._documents[clause.document]
            validity = read_validity(squeeze(clause.text), document.issued)
            span = find_quote(document.source, clause.start, clause.end, validity.words) if validity else None
            if validity and validity.since and span:
                shown = f"{validity.since.isoformat()} 起 {validity.length}"
                counted = Counted(DayRange(validity.until, validity.until, ""), shown)
                finding = find_day(clause, span, _VALIDITY, counted)
                self._rulings.tell(draft, finding, question, is_brief=True)
