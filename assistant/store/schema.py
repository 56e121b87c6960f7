"""The tables of the store, the same on SQLite and PostgreSQL.

A conversation carries the number of its newest turn: a new turn takes its number by raising it, which also
locks the row, and the newest turn is found by the primary key however long the conversation is.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

VERSION = 1
"""Version of these tables; a database of a higher one is left alone."""

LONGEST_SESSION_ID = 200
"""Longest session id, characters."""


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
)
