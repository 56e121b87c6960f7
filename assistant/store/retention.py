"""What is kept too long, or what somebody wants forgotten, goes: in small batches, beside the server that goes on.

A turn goes with its answer and its vote. A conversation of which nothing is left goes, too, unless it has been given a
new turn meanwhile: its number of turns, which every new one raises, must be what it was.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    delete,
    exists,
    func,
    select,
    tuple_,
)

from assistant.store.database import Database
from assistant.store.schema import (
    LONGEST_SESSION_ID,
    audit,
    channel_chats,
    channel_inbox,
    channel_outbox,
    conversations,
    turns,
)
from assistant.store.wording import is_storable

BATCH = 100
"""Rows that go in one transaction: others wait for it a few milliseconds."""
PAUSE_SECONDS = 0.02
"""Between two batches, so that whoever waits to write comes first."""


@dataclass(frozen=True, slots=True)
class Purged:
    """How much went, or would go."""

    n_turns: int = 0
    n_conversations: int = 0
    n_messages: int = 0
    n_deeds: int = 0


class RetentionStore:
    """Ends what is kept in a database; every method raises StoreError where that fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count_old(self, before: datetime | None, deeds_before: datetime | None = None) -> Purged:
        """How much `purge` would end; conversations are those that would be left without a turn."""
        n_turns = n_conversations = n_messages = n_deeds = 0
        if before is not None:
            newer = exists().where(turns.c.conversation_id == conversations.c.id, turns.c.asked_at >= before)
            n_turns = self._count(turns, turns.c.asked_at < before)
            n_conversations = self._count(conversations, ~newer)
            n_messages = sum(self._count(table, old) for table, old in _old_messages(before))
        if deeds_before is not None:
            n_deeds = self._count(audit, audit.c.at < deeds_before)
        return Purged(n_turns, n_conversations, n_messages, n_deeds)

    def purge(self, before: datetime | None, deeds_before: datetime | None = None) -> Purged:
        """End what is older.

        Args:
            before: turns asked before this moment with their answers and votes, conversations of which nothing is left,
                and what messengers left behind; None ends none.
            deeds_before: the same for the audit.
        """
        n_turns = n_conversations = n_messages = n_deeds = 0
        while before is not None:
            n_gone, n_empty = self._database.write(lambda c: _purge_turns(c, before))
            n_turns, n_conversations = n_turns + n_gone, n_conversations + n_empty
            if n_gone < BATCH:
                break
            time.sleep(PAUSE_SECONDS)
        if before is not None:
            for table, old in _old_messages(before):
                n_messages += self._purge_rows(table, old)
        if deeds_before is not None:
            n_deeds = self._purge_rows(audit, audit.c.at < deeds_before)
        if n_turns or n_messages or n_deeds:
            self._database.checkpoint()
        return Purged(n_turns, n_conversations, n_messages, n_deeds)

    def forget(self, session_id: str) -> int | None:
        """End a conversation whole, and what a messenger keeps of its chat.

        Returns:
            How many turns it had; None where it is not known.
        """
        if not is_storable(session_id) or len(session_id) > LONGEST_SESSION_ID:
            return None
        found = select(conversations.c.id).where(conversations.c.session_id == session_id).with_for_update()

        def end(connection: Connection) -> int | None:
            _forget_chat(connection, session_id)
            key = connection.execute(found).scalar()
            if key is None:
                return None
            kept = select(func.count()).select_from(turns).where(turns.c.conversation_id == key)
            n_turns = connection.execute(kept).scalar_one()
            connection.execute(delete(conversations).where(conversations.c.id == key))
            return int(n_turns)

        n_turns = self._database.write(end)
        if n_turns is not None:
            self._database.checkpoint()
        return n_turns

    def _count(self, table: Table, old: ColumnElement[bool]) -> int:
        counted = select(func.count()).select_from(table).where(old)
        return int(self._database.read(lambda connection: connection.execute(counted).scalar_one()))

    def _purge_rows(self, table: Table, old: ColumnElement[bool]) -> int:
        keys = list(table.primary_key.columns)
        some = select(*keys).where(old).order_by(*keys).limit(BATCH)

        def end(connection: Connection) -> int:
            rows = [tuple(row) for row in connection.execute(some)]
            if rows:
                connection.execute(delete(table).where(tuple_(*keys).in_(rows), old))
            return len(rows)

        n_gone = 0
        while True:
            n_batch = self._database.write(end)
            n_gone += n_batch
            if n_batch < BATCH:
                return n_gone
            time.sleep(PAUSE_SECONDS)


def name_session(session_id: str) -> str:
    """What the audit calls a conversation that is no more."""
    return hashlib.sha256(session_id.encode("utf-8", "replace")).hexdigest()[:12]


def _old_messages(before: datetime) -> Sequence[tuple[Table, ColumnElement[bool]]]:
    return (
        (channel_chats, channel_chats.c.changed_at < before),
        (channel_inbox, channel_inbox.c.received_at < before),
        (channel_outbox, channel_outbox.c.changed_at < before),
    )


def _purge_turns(connection: Connection, before: datetime) -> tuple[int, int]:
    """End one batch of turns and the conversations that have none left; how many of each."""
    table = turns.c
    some = select(table.conversation_id, table.number).where(table.asked_at < before)
    rows = connection.execute(some.order_by(table.asked_at).limit(BATCH)).all()
    if not rows:
        return 0, 0
    keys = [tuple(row) for row in rows]
    connection.execute(delete(turns).where(tuple_(table.conversation_id, table.number).in_(keys)))
    touched = sorted({row.conversation_id for row in rows})
    # Each of these statements sees what was committed before it; so the number is read first, then that there is no turn.
    counted = select(conversations.c.id, conversations.c.n_turns).where(conversations.c.id.in_(touched))
    numbers = connection.execute(counted).all()
    kept = select(table.conversation_id).where(table.conversation_id.in_(touched)).distinct()
    alive = set(connection.execute(kept).scalars())
    n_empty = 0
    for key, n_turns in numbers:
        if key not in alive:
            is_same = (conversations.c.id == key) & (conversations.c.n_turns == n_turns)
            n_empty += connection.execute(delete(conversations).where(is_same)).rowcount
    return len(rows), n_empty


def _forget_chat(connection: Connection, session_id: str) -> None:
    """End what is kept of the chat whose conversation it is: `<channel>.<chat>.<token>`, see `channels.desk`."""
    channel, _, rest = session_id.partition(".")
    token = rest.rpartition(".")[2]
    if len(token) < 16:
        return
    state = channel_chats.c.state
    mine = (channel_chats.c.channel == channel) & state.contains(token, autoescape=True)
    for chat in connection.execute(select(channel_chats.c.chat).where(mine)).scalars().all():
        for table in (channel_inbox, channel_outbox, channel_chats):
            of_chat = (table.c.channel == channel) & (table.c.chat == chat)
            connection.execute(delete(table).where(of_chat))
