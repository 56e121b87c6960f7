"""Messengers: what came in, what goes out, and what each chat has chosen.

A message is kept before its messenger is told that it has come, and what is to be said about it is kept in the same
transaction that ends it. So a process may be killed anywhere: what had come is dealt with after it, and once. A message
that was being sent when its process ended may have arrived or not; that is never guessed (`doubt`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Update,
    and_,
    case,
    delete,
    func,
    insert,
    select,
    union,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from assistant.store.database import Database
from assistant.store.schema import channel_chats, channel_inbox, channel_outbox
from assistant.store.wording import clean_text

SendState = Literal["waiting", "sending", "sent", "unsure", "dropped"]
"""`unsure`: it may have arrived; `dropped`: the messenger refused it."""


class Received(NamedTuple):
    """A message that came in; `reply` is what was answered at once, where its messenger asks for that."""

    id: int
    chat: str
    body: str
    reply: str
    is_done: bool


class Outgoing(NamedTuple):
    """A message to send."""

    id: int
    chat: str
    body: str


class Incoming(NamedTuple):
    """A message as it is to be kept; `key` is the messenger's own name for it."""

    key: str
    chat: str
    body: str


class Queue(NamedTuple):
    """How many messages of a messenger wait: `inbox` to be dealt with, `outbox` to be sent, `unsure` for somebody's word."""

    channel: str
    name: str
    n_messages: int


class Outcome(NamedTuple):
    """What a message led to: the chat's new state, what to send, what was answered at once."""

    state: str
    messages: Sequence[str]
    reply: str = ""


_RECEIVED = (
    channel_inbox.c.id,
    channel_inbox.c.chat,
    channel_inbox.c.body,
    channel_inbox.c.reply,
    channel_inbox.c.done_at.is_not(None),
)
_OUTGOING = (channel_outbox.c.id, channel_outbox.c.chat, channel_outbox.c.body)


class ChannelStore:
    """The messages of all messengers in a database; safe to share between threads and processes.

    Every method raises StoreError where the database fails.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- what comes in ---------------------------------------------------------------------------------

    def receive(self, channel: str, messages: Sequence[Incoming], at: datetime) -> list[str]:
        """Keep messages; those that are kept already are left as they are.

        Returns:
            The keys of those that are new, in their order.
        """

        def keep(connection: Connection) -> list[str]:
            return [message.key for message in messages if _keep(connection, channel, message, at)]

        return self._database.write(keep) if messages else []

    def find_received(self, channel: str, key: str) -> Received | None:
        """The message of a key."""
        found = select(*_RECEIVED).where(channel_inbox.c.channel == channel, channel_inbox.c.key == key)
        row = self._database.read(lambda connection: connection.execute(found).one_or_none())
        return Received(*row) if row else None

    def next_received(self, channel: str, chat: str) -> Received | None:
        """The first message of a chat that is not dealt with."""
        first = (
            select(*_RECEIVED)
            .where(_is_open(channel), channel_inbox.c.chat == chat)
            .order_by(channel_inbox.c.id)
            .limit(1)
        )
        row = self._database.read(lambda connection: connection.execute(first).one_or_none())
        return Received(*row) if row else None

    def finish(self, channel: str, received: Received, outcome: Outcome, at: datetime) -> bool:
        """End a message: its outcome is kept with it, or nothing is.

        Returns:
            False where another process has ended it; then nothing is kept.
        """
        row = channel_inbox.c
        end = (
            update(channel_inbox)
            .where(row.id == received.id, row.done_at.is_(None))
            .values(done_at=at, body="", reply=clean_text(outcome.reply))
        )

        def keep(connection: Connection) -> bool:
            if connection.execute(end).rowcount != 1:
                return False
            _keep_state(connection, channel, received.chat, outcome.state, at)
            for body in outcome.messages:
                connection.execute(
                    insert(channel_outbox).values(**_waiting(channel, received.chat, body, at))
                )
            return True

        return self._database.write(keep)

    def find_state(self, channel: str, chat: str) -> str:
        """What is kept of a chat; empty where nothing is."""
        table = channel_chats.c
        found = select(table.state).where(table.channel == channel, table.chat == chat)
        return self._database.read(lambda connection: connection.execute(found).scalar()) or ""

    # -- what goes out ---------------------------------------------------------------------------------

    def take_outgoing(self, channel: str, chat: str, at: datetime) -> Outgoing | None:
        """The next message to send to a chat; from now on it is being sent."""
        table = channel_outbox.c
        first = (
            select(*_OUTGOING)
            .where(table.channel == channel, table.chat == chat, table.state == "waiting")
            .order_by(table.id)
            .limit(1)
        )

        def take(connection: Connection) -> Outgoing | None:
            row = connection.execute(first).one_or_none()
            if row is None:
                return None
            taken = _change(row.id, "waiting", "sending", at)
            return Outgoing(*row) if connection.execute(taken).rowcount == 1 else None

        return self._database.write(take)

    def settle(self, outgoing: Outgoing, state: SendState, at: datetime, receipt: str = "") -> None:
        """Say what became of a message that was being sent; the body of one that arrived is not kept."""
        values = {"receipt": receipt} | ({"body": ""} if state in ("sent", "dropped") else {})
        settled = _change(outgoing.id, "sending", state, at).values(**values)
        self._database.write(lambda connection: connection.execute(settled))

    def doubt(self, channel: str, outgoing: Outgoing, notice: str, at: datetime) -> None:
        """A message may have arrived or not: it is not sent again, but a notice is that offers to do so."""

        def keep(connection: Connection) -> None:
            if connection.execute(_change(outgoing.id, "sending", "unsure", at)).rowcount == 1:
                waiting = _waiting(channel, outgoing.chat, notice, at)
                connection.execute(insert(channel_outbox).values(**waiting))

        self._database.write(keep)

    def send_again(self, channel: str, chat: str, outgoing_id: int | None, at: datetime) -> bool:
        """Let a doubtful message of a chat be sent after all; None takes all of them.

        Returns:
            False where there is none, or it was let already.
        """
        table = channel_outbox.c
        again = update(channel_outbox).where(
            table.channel == channel, table.chat == chat, table.state == "unsure"
        )
        if outgoing_id is not None:
            again = again.where(table.id == outgoing_id)
        again = again.values(state="waiting", changed_at=at)
        return self._database.write(lambda connection: connection.execute(again).rowcount > 0)

    def list_interrupted(self, channel: str, before: datetime) -> list[Outgoing]:
        """Messages that have been on their way since `before`: whoever sent them is gone."""
        table = channel_outbox.c
        stuck = (
            select(*_OUTGOING)
            .where(table.channel == channel, table.state == "sending", table.changed_at <= before)
            .order_by(table.id)
        )
        rows = self._database.read(lambda connection: connection.execute(stuck).all())
        return [Outgoing(*row) for row in rows]

    # -- both ------------------------------------------------------------------------------------------

    def list_busy_chats(self, channel: str, before: datetime) -> list[str]:
        """Chats with messages that have waited since `before`, to be dealt with or to be sent."""
        out = channel_outbox.c
        waiting = select(out.chat).where(
            out.channel == channel, out.state == "waiting", out.changed_at <= before
        )
        unread = select(channel_inbox.c.chat).where(_is_open(channel), channel_inbox.c.received_at <= before)
        both = union(waiting, unread)
        return sorted(self._database.read(lambda connection: connection.execute(both).scalars().all()))

    def count_waiting(self) -> list[Queue]:
        """How many messages wait, by messenger and queue; one of which none waits is not named."""
        inbox, out = channel_inbox.c, channel_outbox.c
        came = select(inbox.channel, func.count()).where(inbox.done_at.is_(None)).group_by(inbox.channel)
        name = case((out.state == "unsure", "unsure"), else_="outbox").label("name")
        waiting = select(out.channel, name, func.count()).where(
            out.state.in_(["waiting", "sending", "unsure"])
        )

        def count(connection: Connection) -> list[Queue]:
            received = [Queue(row[0], "inbox", row[1]) for row in connection.execute(came)]
            sent = [Queue(*row) for row in connection.execute(waiting.group_by(out.channel, name))]
            return sorted(received + sent)

        return self._database.read(count)

    def prune(self, channel: str, before: datetime) -> None:
        """Forget messages that were dealt with before a moment; no messenger delivers them again by then."""
        came = delete(channel_inbox).where(
            channel_inbox.c.channel == channel, channel_inbox.c.done_at < before
        )
        out = channel_outbox.c
        went = delete(channel_outbox).where(
            out.channel == channel, out.state.in_(["sent", "unsure", "dropped"]), out.changed_at < before
        )

        def forget(connection: Connection) -> None:
            connection.execute(came)
            connection.execute(went)

        self._database.write(forget)


def _is_open(channel: str) -> ColumnElement[bool]:
    return and_(channel_inbox.c.channel == channel, channel_inbox.c.done_at.is_(None))


def _keep(connection: Connection, channel: str, message: Incoming, at: datetime) -> bool:
    insert_or_leave = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values = {
        "channel": channel,
        "key": message.key,
        "chat": message.chat,
        "body": clean_text(message.body),
        "reply": "",
        "received_at": at,
    }
    statement = insert_or_leave(channel_inbox).values(**values).on_conflict_do_nothing()
    # Not counted but read: PostgreSQL's driver does not count rows of a statement that returns some.
    return connection.execute(statement.returning(channel_inbox.c.id)).scalar() is not None


def _keep_state(connection: Connection, channel: str, chat: str, state: str, at: datetime) -> None:
    insert_or_update = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    kept = {"state": clean_text(state), "changed_at": at}
    table = channel_chats.c
    connection.execute(
        insert_or_update(channel_chats)
        .values(channel=channel, chat=chat, **kept)
        .on_conflict_do_update(index_elements=[table.channel, table.chat], set_=kept)
    )


def _waiting(channel: str, chat: str, body: str, at: datetime) -> dict[str, object]:
    return {
        "channel": channel,
        "chat": chat,
        "body": clean_text(body),
        "state": "waiting",
        "receipt": "",
        "changed_at": at,
    }


def _change(outgoing_id: int, before: SendState, after: SendState, at: datetime) -> Update:
    table = channel_outbox.c
    statement = update(channel_outbox).where(table.id == outgoing_id, table.state == before)
    return statement.values(state=after, changed_at=at)
