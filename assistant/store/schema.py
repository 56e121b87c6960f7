"""The tables of the store, the same on SQLite and PostgreSQL.

What is made of a database is said by `migrations/`; these are the tables as the newest of them leaves them.
A conversation carries the number of its newest turn: a new turn takes its number by raising it, which also
locks the row, and the newest turn is found by the primary key however long the conversation is.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

VERSION = 5
"""Version of these tables; a database of a lower one is brought up to it, one of a higher one is left alone."""

LONGEST_SESSION_ID = 200
"""Longest session id, characters."""

LONGEST_NAME = 64
"""Longest name of a key or token, characters."""


class UtcTime(TypeDecorator[datetime]):
    """A moment, with its time zone: SQLite knows none, so what it keeps is UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """To UTC; `value` carries a time zone."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """From UTC, where the database gives no time zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# Constraints get names that do not depend on the database, so that a later version can change them.
metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

# SQLite numbers rows by itself only in a column declared INTEGER.
_row_id = BigInteger().with_variant(Integer, "sqlite")

store_schema = Table(
    "store_schema",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", _row_id, primary_key=True),
    Column("session_id", String(LONGEST_SESSION_ID), nullable=False, unique=True),
    Column("n_turns", Integer, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("conversation_id", _row_id, ForeignKey(conversations.c.id, ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("question", Text, nullable=False),
    Column("answer_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("memory", Text, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("asked", Text, nullable=False, server_default=""),
    Index("ix_turns_asked_at", "asked_at"),
)

# The answer of each turn, with personal numbers masked. `answer_id` recurs: it is a hash of what was asked and said.
answers = Table(
    "answers",
    metadata,
    Column("conversation_id", _row_id, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("answer_id", String(64), nullable=False),
    Column("question", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("body", Text, nullable=False),
    Column("corpus_version", Text, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column(
        "made_with", Text, nullable=False, server_default=""
    ),  # the model and its prompts, empty without one
    ForeignKeyConstraint(
        ["conversation_id", "number"], [turns.c.conversation_id, turns.c.number], ondelete="CASCADE"
    ),
    Index("ix_answers_answer_id", "answer_id"),
    Index("ix_answers_asked_at", "asked_at"),
    Index("ix_answers_status", "status", "asked_at"),
)

# What the asker thought of an answer: one vote for each answer of a conversation, the newest.
feedback = Table(
    "feedback",
    metadata,
    Column("conversation_id", _row_id, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("vote", String(4), nullable=False),
    Column("reason", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    ForeignKeyConstraint(
        ["conversation_id", "number"], [answers.c.conversation_id, answers.c.number], ondelete="CASCADE"
    ),
    Index("ix_feedback_vote", "vote"),
)

# What a page of another site shows to be let in; kept as a hash. A name is never given twice.
publish_tokens = Table(
    "publish_tokens",
    metadata,
    Column("id", _row_id, primary_key=True),
    Column("name", String(LONGEST_NAME), nullable=False, unique=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("origins", Text, nullable=False),  # one a line
    Column("created_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
)

# What somebody of the staff signs in with; kept as a hash. A name is never given twice.
staff_keys = Table(
    "staff_keys",
    metadata,
    Column("id", _row_id, primary_key=True),
    Column("name", String(LONGEST_NAME), nullable=False, unique=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("created_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
)

# What cookies and sessions are signed with, so that all processes know those of each other.
secrets = Table(
    "secrets",
    metadata,
    Column("name", String(LONGEST_NAME), primary_key=True),
    Column("value", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

# What the staff did.
audit = Table(
    "audit",
    metadata,
    Column("id", _row_id, primary_key=True),
    Column("who", Text, nullable=False),
    Column("action", String(LONGEST_NAME), nullable=False),
    Column("detail", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)

# What a messenger's chat has chosen and where it stands; opaque here.
channel_chats = Table(
    "channel_chats",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("chat", String(128), primary_key=True),
    Column("state", Text, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
)

# Messages as they came; `key` is the messenger's own and comes in once. The body is emptied when it has been dealt with.
channel_inbox = Table(
    "channel_inbox",
    metadata,
    Column("id", _row_id, primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("key", String(200), nullable=False),
    Column("chat", String(128), nullable=False),
    Column("body", Text, nullable=False),
    Column("reply", Text, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("done_at", UtcTime),
    UniqueConstraint("channel", "key"),
    Index("ix_channel_inbox_open", "channel", "chat", "done_at"),
)

# Messages to send, in their order; the body is emptied when it has been sent.
channel_outbox = Table(
    "channel_outbox",
    metadata,
    Column("id", _row_id, primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("chat", String(128), nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("receipt", Text, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Index("ix_channel_outbox_state", "channel", "state", "chat"),
)

# What the language model was asked for on each day, by all processes together.
model_usage = Table(
    "model_usage",
    metadata,
    Column("day", Date, primary_key=True),
    Column("calls", Integer, nullable=False),
    Column("tokens", BigInteger, nullable=False),
)
