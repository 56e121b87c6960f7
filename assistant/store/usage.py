"""What the language model was asked for on each day: calls and tokens, of all processes together.

In: a day and its limits. Out: whether one call more may be made; it is counted in the same statement, so that two
processes never both take the last one.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from assistant.store.database import Database
from assistant.store.schema import model_usage

_MOST_CALLS = 2**31 - 1
_MOST_TOKENS = 2**62


class Limits(NamedTuple):
    """What one day allows; None for no limit."""

    calls: int | None
    tokens: int | None


class UsageStore:
    """The use of the model in one database; safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take_call(self, day: date, limits: Limits) -> bool:
        """Count a call of a day; False, and nothing counted, where its limits are reached.

        Raises:
            StoreError: the database failed.
        """
        most = _MOST_CALLS if limits.calls is None else min(limits.calls, _MOST_CALLS)
        most_tokens = _MOST_TOKENS if limits.tokens is None else min(limits.tokens, _MOST_TOKENS)
        if most < 1 or most_tokens < 1:
            return False
        table = model_usage.c

        def take(connection: Connection) -> bool:
            statement = (
                _insert(connection)(model_usage)
                .values(day=day, calls=1, tokens=0)
                .on_conflict_do_update(
                    index_elements=[table.day],
                    set_={"calls": table.calls + 1},
                    where=(table.calls < most) & (table.tokens < most_tokens),
                )
                .returning(table.calls)
            )
            return connection.execute(statement).scalar() is not None

        return self._database.write(take)

    def add_tokens(self, day: date, n_tokens: int) -> None:
        """Count tokens of a day.

        Raises:
            StoreError: the database failed.
        """
        table = model_usage.c

        def add(connection: Connection) -> None:
            connection.execute(
                _insert(connection)(model_usage)
                .values(day=day, calls=0, tokens=n_tokens)
                .on_conflict_do_update(index_elements=[table.day], set_={"tokens": table.tokens + n_tokens})
            )

        self._database.write(add)

    def read(self, day: date) -> tuple[int, int]:
        """Calls and tokens of a day.

        Raises:
            StoreError: the database failed.
        """
        wanted = select(model_usage.c.calls, model_usage.c.tokens).where(model_usage.c.day == day)
        row = self._database.read(lambda connection: connection.execute(wanted).one_or_none())
        return (row[0], row[1]) if row else (0, 0)


def _insert(connection: Connection) -> type[postgresql.Insert] | type[sqlite.Insert]:
    return postgresql.Insert if connection.dialect.name == "postgresql" else sqlite.Insert
