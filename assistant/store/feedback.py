"""What askers thought of their answers: one vote for each answer of a conversation, the newest counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, delete, func, insert, select

from assistant.store.database import Database
from assistant.store.schema import answers, conversations, feedback
from assistant.store.wording import mask_text

Vote = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """A vote on an answer, by whoever holds the conversation it was given in."""

    session_id: str
    answer_id: str
    vote: Vote
    reason: str
    comment: str
    created_at: datetime


class FeedbackStore:
    """The votes in a database; safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, given: Feedback) -> bool:
        """Keep a vote in place of an earlier one on the same answer; personal numbers are masked.

        Returns:
            False where that conversation was never given such an answer; then nothing is kept.

        Raises:
            StoreError: the database failed.
        """
        same = (
            select(answers.c.conversation_id, answers.c.number)
            .join(conversations, answers.c.conversation_id == conversations.c.id)
            .where(conversations.c.session_id == given.session_id, answers.c.answer_id == given.answer_id)
        )

        def replace(connection: Connection) -> bool:
            rows = connection.execute(same.order_by(answers.c.number)).all()
            if not rows:
                return False
            conversation, newest = rows[-1]
            _lock(connection, conversation)
            numbers = [row.number for row in rows]
            mine = (feedback.c.conversation_id == conversation) & feedback.c.number.in_(numbers)
            connection.execute(delete(feedback).where(mine))
            connection.execute(
                insert(feedback).values(
                    conversation_id=conversation,
                    number=newest,
                    vote=given.vote,
                    reason=mask_text(given.reason),
                    comment=mask_text(given.comment),
                    created_at=given.created_at,
                )
            )
            return True

        return self._database.write(replace)

    def count(self) -> dict[str, int]:
        """How many votes there are of each kind.

        Raises:
            StoreError: the database failed.
        """
        counted = select(feedback.c.vote, func.count()).group_by(feedback.c.vote)
        rows = self._database.read(lambda connection: connection.execute(counted).all())
        return {row[0]: row[1] for row in rows}


def _lock(connection: Connection, conversation: int) -> None:
    """Votes of one conversation follow each other; SQLite has one writer anyhow, and knows no such lock."""
    connection.execute(select(conversations.c.id).where(conversations.c.id == conversation).with_for_update())
