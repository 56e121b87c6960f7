"""Looks at a database without making or upgrading anything."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import create_engine, func, inspect, select, text

from assistant.store.database import TIMEOUT_SECONDS, is_sqlite, open_postgresql, read_url
from assistant.store.faults import map_faults
from assistant.store.schema import VERSION, store_schema


@dataclass(frozen=True, slots=True)
class Glance:
    """What can be seen from outside.

    Attributes:
        place: file or address, without a password.
        version: of the tables; None where there are none.
        is_there: whether there is a file, or a server that answers.
        can_write: whether the file, or the folder it would be made in, may be written; True for a server.
        seconds_ahead: by how much the server's clock is ahead of this computer's; None for a file.
    """

    place: str
    version: int | None
    is_there: bool
    can_write: bool
    seconds_ahead: float | None = None

    @property
    def is_current(self) -> bool:
        """Whether the tables are those of this program."""
        return self.version == VERSION


def peek_store(url: str, clock: Callable[[], float], *, timeout: float = TIMEOUT_SECONDS) -> Glance:
    """Look at the database of an address.

    Args:
        clock: seconds since the epoch, which the server's clock is compared with.

    Raises:
        ConfigError: the address is of no use.
        StoreError: there is a database that cannot be read, or a server that does not answer.
    """
    address = read_url(url)
    if is_sqlite(address):
        return _peek_file(Path(str(address.database)), timeout)
    place = address.render_as_string(hide_password=True)
    with map_faults(place):
        engine = open_postgresql(address, timeout)
        try:
            with engine.connect() as connection:
                now = float(connection.execute(text("SELECT extract(epoch FROM now())")).scalar_one())
                ahead = now - clock()
                names = inspect(connection).get_table_names()
                newest = select(func.max(store_schema.c.version))
                version = connection.execute(newest).scalar() if store_schema.name in names else None
        finally:
            engine.dispose()
    return Glance(place, version, is_there=True, can_write=True, seconds_ahead=ahead)


def _peek_file(path: Path, timeout: float) -> Glance:
    folder = next(parent for parent in path.parents if parent.exists())
    if not path.exists():
        return Glance(str(path), None, is_there=False, can_write=os.access(folder, os.W_OK))
    can_write = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    with map_faults(str(path)):
        engine = create_engine(
            f"sqlite:///file:{quote(str(path))}?mode=ro&uri=true", connect_args={"timeout": timeout}
        )
        try:
            with engine.connect() as connection:
                names = inspect(connection).get_table_names()
                newest = select(func.max(store_schema.c.version))
                version = connection.execute(newest).scalar() if store_schema.name in names else None
        finally:
            engine.dispose()
    return Glance(str(path), version, is_there=True, can_write=can_write)
