"""Answers that were given, each with all it was made from, so that it can be made again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select

from assistant.store.database import Database
from assistant.store.schema import answers, conversations, feedback, turns

MOST = 20
"""Times that the same answer was given which are looked at; the id is a hash of what was asked and said."""


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """One answer as it was given.

    Attributes:
        number: of the turn, from 1.
        question: as it was asked.
        asked: what the dialogue layer wrote down about how it was asked; empty where a former version did not.
        memory_before: of the turn before, where that is still kept; else empty.
        body: the answer as `store.answers.dump_answer` writes it, with personal numbers masked.
        vote: empty where nobody voted.
    """

    session_id: str
    number: int
    answer_id: str
    question: str
    asked: str
    memory_before: str
    body: str
    corpus_version: str
    asked_at: datetime
    vote: str


class PastStore:
    """The answers in a database; safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, answer_id: str) -> list[PastAnswer]:
        """Every time this answer was given, up to `MOST`, the newest first; empty where it is not known.

        Raises:
            StoreError: the database failed.
        """
        before = turns.alias("before")
        this_turn = and_(
            turns.c.conversation_id == answers.c.conversation_id, turns.c.number == answers.c.number
        )
        turn_before = and_(
            before.c.conversation_id == answers.c.conversation_id, before.c.number == answers.c.number - 1
        )
        voted = and_(
            feedback.c.conversation_id == answers.c.conversation_id, feedback.c.number == answers.c.number
        )
        found = (
            select(
                conversations.c.session_id,
                answers.c.number,
                answers.c.answer_id,
                turns.c.question,
                turns.c.asked,
                before.c.memory,
                answers.c.body,
                answers.c.corpus_version,
                answers.c.asked_at,
                feedback.c.vote,
            )
            .select_from(answers)
            .join(conversations, conversations.c.id == answers.c.conversation_id)
            .join(turns, this_turn)
            .outerjoin(before, turn_before)
            .outerjoin(feedback, voted)
            .where(answers.c.answer_id == answer_id)
            .order_by(answers.c.asked_at.desc(), answers.c.conversation_id, answers.c.number.desc())
            .limit(MOST)
        )
        rows = self._database.read(lambda connection: connection.execute(found).all())
        return [
            PastAnswer(*row[:5], row.memory or "", row.body, row.corpus_version, row.asked_at, row.vote or "")
            for row in rows
        ]
