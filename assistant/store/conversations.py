"""Conversations and their turns: what was asked, how it was answered, what later turns inherit.

In: a session id and a turn. Out: the memory of the newest turn, and the turns in their order. Turn numbers of a
conversation run from 1 without gaps, whichever threads and processes append to it. A turn that rests on another is
kept right after it or not at all: no lock is held while a question is answered, and none outlives a machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from assistant.errors import RequestInvalid, StoreError
from assistant.models import Answer
from assistant.stages import staged
from assistant.store.answers import answer_values, dump_answer
from assistant.store.database import TIMEOUT_SECONDS, Database
from assistant.store.schema import LONGEST_SESSION_ID, answers, conversations, turns
from assistant.store.wording import clean_text, is_storable

LARGEST_MEMORY = 65536
"""Largest memory of a turn, bytes of UTF-8: a memory is bounded where it is made, not here."""

_COLUMNS = (
    turns.c.question,
    turns.c.answer_id,
    turns.c.status,
    turns.c.memory,
    turns.c.asked_at,
    turns.c.asked,
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and what became of it.

    Attributes:
        question: as asked; NUL and lone surrogates, which cannot be stored, are kept as question marks.
        memory: text written by the dialogue layer, which later turns inherit; opaque here.
        asked_at: with a time zone; read back in UTC.
        asked: text written by the dialogue layer: what the answer was made from; opaque here.
    """

    question: str
    answer_id: str
    status: str
    memory: str
    asked_at: datetime
    asked: str = ""


class Newest(NamedTuple):
    """Where a conversation has come to: the number of its newest turn, 0 before the first, and that turn's memory."""

    number: int
    memory: str | None


class ConversationStore:
    """The conversations in a database; safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def last_memory(self, session_id: str) -> str | None:
        """Memory of the newest turn; None for a conversation that is not known. See `newest`."""
        return self.newest(session_id).memory

    @staged("recall")
    def newest(self, session_id: str) -> Newest:
        """Where a conversation has come to; (0, None) for one that is not known.

        Raises:
            RequestInvalid: the session id cannot be one.
            StoreError: the database failed.
        """
        _check_session(session_id)
        is_newest = and_(
            turns.c.conversation_id == conversations.c.id, turns.c.number == conversations.c.n_turns
        )
        newest = (
            select(conversations.c.n_turns, turns.c.memory)
            .outerjoin(turns, is_newest)
            .where(conversations.c.session_id == session_id)
        )
        row = self._database.read(lambda connection: connection.execute(newest).one_or_none())
        return Newest(row.n_turns, row.memory) if row else Newest(0, None)

    @staged("keep")
    def append(
        self, session_id: str, turn: Turn, answer: Answer | None = None, *, after: int | None = None
    ) -> int | None:
        """Add a turn to a conversation, which is made where it is not known.

        Args:
            answer: kept beside the turn, with personal numbers masked; None keeps none.
            after: number of the turn that this one rests on, as `newest` gave it; None where it rests on none.

        Returns:
            The turn's number, from 1. The turn is kept by then, even if this process is killed. None where another
            turn has come after `after` meanwhile, in this process or another: then nothing has been kept.

        Raises:
            RequestInvalid: the session id cannot be one.
            StoreError: the database failed, or the turn is not one to be kept (a fault of the program).
        """
        _check_session(session_id)
        _check_turn(turn)
        values = {
            "question": clean_text(turn.question),
            "answer_id": turn.answer_id,
            "status": turn.status,
            "memory": turn.memory,
            "asked_at": turn.asked_at,
            "asked": turn.asked,
        }

        def add(connection: Connection) -> int | None:
            taken = _take_number(connection, session_id, after)
            if taken is None:
                return None
            conversation, number = taken
            key = {"conversation_id": conversation, "number": number}
            connection.execute(insert(turns).values(**key, **values))
            if answer is not None:
                kept = answer_values(answer, turn.question, turn.asked_at)
                connection.execute(insert(answers).values(**key, **kept))
            return number

        return self._database.write(add)

    def reword(self, session_id: str, number: int, answer: Answer) -> None:
        """Put the worded answer of a turn in the place of the one that was kept; a turn that is not known stays so.

        Args:
            number: the turn's, as `append` gave it.

        Raises:
            RequestInvalid: the session id cannot be one.
            StoreError: the database failed.
        """
        _check_session(session_id)
        conversation = (
            select(conversations.c.id).where(conversations.c.session_id == session_id).scalar_subquery()
        )
        kept = {"answer_id": answer.id, "body": dump_answer(answer), "made_with": answer.made_with}

        def change(connection: Connection) -> None:
            for table, values in ((turns, {"answer_id": answer.id}), (answers, kept)):
                here = (table.c.conversation_id == conversation) & (table.c.number == number)
                connection.execute(update(table).where(here).values(**values))

        self._database.write(change)

    def turns(self, session_id: str, limit: int = 50) -> list[Turn]:
        """The last turns of a conversation, oldest first; empty where it is not known.

        Args:
            limit: how many at most.

        Raises:
            RequestInvalid: the session id cannot be one.
            StoreError: the database failed.
        """
        _check_session(session_id)
        last = (
            select(*_COLUMNS)
            .join(conversations, turns.c.conversation_id == conversations.c.id)
            .where(conversations.c.session_id == session_id)
            .order_by(turns.c.number.desc())
            .limit(max(limit, 0))
        )
        rows = self._database.read(lambda connection: connection.execute(last).all())
        return [Turn(*row) for row in reversed(rows)]

    def count(self, session_id: str) -> int:
        """How many turns a conversation has; 0 where it is not known.

        Raises:
            RequestInvalid: the session id cannot be one.
            StoreError: the database failed.
        """
        _check_session(session_id)
        counted = select(conversations.c.n_turns).where(conversations.c.session_id == session_id)
        return self._database.read(lambda connection: connection.execute(counted).scalar()) or 0

    def close(self) -> None:
        """Close the database."""
        self._database.close()


def open_store(url: str, *, timeout: float = TIMEOUT_SECONDS) -> ConversationStore:
    """Open the conversations of a database; see `Database` for the arguments and what is raised."""
    return ConversationStore(Database(url, timeout=timeout))


def _take_number(connection: Connection, session_id: str, after: int | None) -> tuple[int, int] | None:
    """The conversation's row id and the number of its next turn, taken in this transaction; None: not next to `after`."""
    insert_or_update = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    table = conversations.c
    statement = (
        insert_or_update(conversations)
        .values(session_id=session_id, n_turns=1)
        .on_conflict_do_update(
            index_elements=[table.session_id],
            set_={"n_turns": table.n_turns + 1},
            where=None if after is None else table.n_turns == after,
        )
        .returning(table.id, table.n_turns)
    )
    row = connection.execute(statement).one_or_none()
    return None if row is None else (row.id, row.n_turns)


def _check_session(session_id: str) -> None:
    if not 1 <= len(session_id) <= LONGEST_SESSION_ID or not is_storable(session_id):
        raise RequestInvalid(
            "会话编号不能用",
            hint=f"会话编号要有 1 到 {LONGEST_SESSION_ID} 个字符，不含控制字符；开始新会话会得到新的编号",
        )


def _check_turn(turn: Turn) -> None:
    fault = ""
    if not all(is_storable(text) for text in (turn.answer_id, turn.status, turn.memory, turn.asked)):
        fault = "对话记录里有存不了的字符"
    elif (n_bytes := len(turn.memory.encode())) > LARGEST_MEMORY:
        fault = f"对话记忆有 {n_bytes} 字节，超过上限 {LARGEST_MEMORY} 字节"
    elif turn.asked_at.tzinfo is None:
        fault = "对话的时间没有时区"
    if fault:
        raise StoreError(f"{fault}，没有保存", hint="这是程序的错误，请报告；可以先开始新会话")
