"""Brings the tables of a database up to this version, by the steps in `migrations/`.

Imported only where something is missing, so that an ordinary start loads no Alembic. It runs in the transaction of
whoever calls: an upgrade happens whole or not at all, and one process at a time does it.
"""

from __future__ import annotations

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, insert, inspect

from assistant.store.schema import VERSION, store_schema

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_FIRST = "0001"
_ONE_AT_A_TIME = threading.Lock()  # Alembic keeps what it is doing in a global


def upgrade_tables(connection: Connection, version: int | None) -> None:
    """Run the steps that are missing.

    Args:
        connection: in a transaction that nobody else can write beside.
        version: of the tables that are there; None where there are none.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    with _ONE_AT_A_TIME:
        if version is not None and not inspect(connection).has_table("alembic_version"):
            command.stamp(config, _FIRST)  # made before there were steps
        command.upgrade(config, "head")
    # Programs of older versions look here, and leave a newer database alone.
    connection.execute(insert(store_schema).values(version=VERSION))
