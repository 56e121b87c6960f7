"""Opens the database and runs transactions on it.

In: an address, `sqlite:///` and a file or `postgresql://…`. Out: transactions that happen whole or not at all.
On SQLite a transaction that writes takes the write lock at its start (BEGIN IMMEDIATE): one that asks for it
halfway, after reading, fails at once where another process has written meanwhile, and no waiting helps it.
"""

from __future__ import annotations

import math
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError

from assistant.errors import ConfigError, StoreError
from assistant.store.faults import is_locked, map_faults
from assistant.store.schema import VERSION, store_schema

T = TypeVar("T")

SQLITE = "sqlite:///"
TIMEOUT_SECONDS = 5.0
"""How long to wait for a lock, or for a server to answer."""

_POSTGRESQL = {"postgres", "postgresql", "postgresql+psycopg"}
_PAUSES_SECONDS = (0.01, 0.05, 0.2)
_N_ATTEMPTS = len(_PAUSES_SECONDS) + 1
_CREATION_LOCK = 0x7469616F  # any number that every process of ours takes, and others hardly
_SMALLEST_PAGE = 512  # bytes
_BEGIN = "tiaowen_begin"  # execution option: the statement that a transaction starts with
_SQLITE_BEGINS = ("BEGIN", "BEGIN IMMEDIATE")  # to read, to write


class Database:
    """A database with the tables of this version; safe to share between threads."""

    def __init__(self, url: str, *, timeout: float = TIMEOUT_SECONDS) -> None:
        """Open the database; a file, its folder and the tables are made where they are missing, older ones upgraded.

        Args:
            url: `sqlite:///` and the path of a file, taken as it stands; or `postgresql://user@host/name`.
            timeout: longest wait for a lock, seconds.

        Raises:
            ConfigError: the address is of another kind, or cannot be read.
            StoreError: the database cannot be opened, is not ours or belongs to a newer version.
        """
        address = read_url(url)
        is_file = is_sqlite(address)
        self._place = str(address.database) if is_file else address.render_as_string(hide_password=True)
        with map_faults(self._place):
            if is_file:
                _create_file(Path(self._place))
            self._engine = _open_sqlite(address, timeout) if is_file else open_postgresql(address, timeout)
        event.listen(self._engine, "begin", _begin)
        begins = _SQLITE_BEGINS if is_file else _postgresql_begins(timeout)
        self._reader, self._writer = (self._engine.execution_options(**{_BEGIN: text}) for text in begins)
        try:
            self._prepare()
        except StoreError:
            self.close()
            raise

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction that sees one state of the database.

        Raises:
            StoreError: the database failed, or stayed locked for longer than the timeout.
        """
        return self._run(self._reader, work)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction; once this has returned, no end of the process undoes it. See `read`.

        Where a lock stands in the way, `work` is run again from the start.
        """
        return self._run(self._writer, work)

    @property
    def is_file(self) -> bool:
        """Whether it is a file of this computer, not a server."""
        return is_sqlite(self._engine.url)

    @property
    def place(self) -> str:
        """The file or address, without a password."""
        return self._place

    @property
    def plain_address(self) -> str:
        """The address of a server as its own programs take it, without a password."""
        address: URL = self._engine.url._replace(drivername="postgresql", password=None)
        return address.render_as_string()

    def checkpoint(self) -> None:
        """Merge what was written into the file, so that nothing that was ended stays beside it; a server does so itself."""
        if self.is_file:
            self._run(self._engine, lambda c: c.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _run(self, engine: Engine, work: Callable[[Connection], T]) -> T:
        with map_faults(self._place):
            for pause in _PAUSES_SECONDS:
                try:
                    with engine.begin() as connection:
                        return work(connection)
                except DBAPIError as exc:
                    if not is_locked(exc):
                        raise
                time.sleep(pause)
            with engine.begin() as connection:
                return work(connection)

    def _prepare(self) -> None:
        version = self.read(self._find_version)
        if version is None or version < VERSION:
            version = self.write(self._upgrade)
        if version > VERSION:
            raise StoreError(
                f"数据库由更新版本的程序建立：{self._place}（第 {version} 版，本程序只认到第 {VERSION} 版）",
                hint="升级条问；或把 TIAOWEN_STORE__URL 改成另一个数据库",
            )
        if is_sqlite(self._engine.url):
            # Kept in the file, so not before it is known to be ours; not possible inside a transaction.
            self._run(
                self._engine, lambda connection: connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            )

    def _find_version(self, connection: Connection) -> int | None:
        names = inspect(connection).get_table_names()
        if store_schema.name in names:
            version: int | None = connection.execute(select(func.max(store_schema.c.version))).scalar()
            return version
        if names and is_sqlite(connection.engine.url):
            raise StoreError(
                f"这个文件是别的程序的数据库：{self._place}",
                hint="把 TIAOWEN_STORE__URL 改成另一个文件；不存在的文件会自动新建",
            )
        return None

    def _upgrade(self, connection: Connection) -> int:
        # Two processes may come here at once: on SQLite the second has waited for the write lock.
        if not is_sqlite(connection.engine.url):
            connection.execute(select(func.pg_advisory_xact_lock(_CREATION_LOCK)))
        version = self._find_version(connection)
        if version is not None and version >= VERSION:
            return version
        from assistant.store.upgrade import upgrade_tables

        upgrade_tables(connection, version)
        return VERSION


def read_url(url: str) -> URL:
    """The address of a setting; see `Database`."""
    if url.startswith(SQLITE):
        name = url.removeprefix(SQLITE)
        if name and name != ":memory:":
            return URL.create("sqlite", database=str(Path(name).absolute()))
    elif url.partition("://")[0] in _POSTGRESQL:
        try:
            return make_url(url).set(drivername="postgresql+psycopg")
        except (ArgumentError, ValueError) as exc:
            raise ConfigError(
                "存储地址读不懂", hint="检查 TIAOWEN_STORE__URL，密码里的特殊字符要转义"
            ) from exc
    raise ConfigError(
        "存储地址无效：要用 sqlite:///文件 或 postgresql://用户@主机/库名",
        hint="检查 TIAOWEN_STORE__URL，例如 sqlite:////var/lib/tiaowen/tiaowen.db",
    )


def is_sqlite(address: URL) -> bool:
    """Whether a database is a file."""
    return address.get_backend_name() == "sqlite"


def _create_file(path: Path) -> None:
    """Make the file if need be, for its owner alone; SQLite gives its companions the same rights.

    Raises:
        StoreError: it is too short to be a database; SQLite would take it for an empty one and write over it.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if 0 < path.stat().st_size < _SMALLEST_PAGE:
        raise StoreError(
            f"这个文件不是数据库，或已被截断：{path}",
            hint="把 TIAOWEN_STORE__URL 改成另一个文件；不存在的文件会自动新建",
        )


def _open_sqlite(address: URL, timeout: float) -> Engine:
    # Without an isolation level the driver begins no transactions of its own; `_begin` does.
    connect_args = {"timeout": timeout / _N_ATTEMPTS, "isolation_level": None}
    engine = create_engine(address, connect_args=connect_args, pool_timeout=timeout)
    event.listen(engine, "connect", _set_up)
    return engine


def open_postgresql(address: URL, timeout: float) -> Engine:
    """Connect to a server, when the first connection is asked for."""
    connect_args = {"connect_timeout": math.ceil(timeout)}
    try:
        return create_engine(address, connect_args=connect_args, pool_timeout=timeout, pool_pre_ping=True)
    except ImportError as exc:
        hint = "运行 pip install 'psycopg[binary]>=3.1'"
        raise StoreError(f"没有安装 PostgreSQL 的驱动：{exc}", hint=hint) from exc


def _postgresql_begins(timeout: float) -> tuple[str, str]:
    return "", f"SET LOCAL lock_timeout = {math.ceil(timeout * 1000 / _N_ATTEMPTS)}"


def _begin(connection: Connection) -> None:
    if statement := connection.get_execution_options().get(_BEGIN):
        connection.exec_driver_sql(statement)


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    # In WAL, NORMAL may lose the last turns in a power cut, never the file, and nothing when a process is killed.
    # What is deleted is overwritten: somebody may have asked for it to be forgotten.
    for pragma in ("synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}").close()
