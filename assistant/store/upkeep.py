"""What an operator does with a database: look at it, copy it while it is in use."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Table, func, select, text

from assistant.errors import RequestInvalid, StoreError
from assistant.store.database import Database
from assistant.store.faults import map_faults
from assistant.store.schema import (
    answers,
    audit,
    channel_inbox,
    channel_outbox,
    conversations,
    feedback,
    publish_tokens,
    staff_keys,
    store_schema,
    turns,
)

_COUNTED: dict[str, Table] = {
    "conversations": conversations,
    "turns": turns,
    "answers": answers,
    "feedback": feedback,
    "audit": audit,
    "staff_keys": staff_keys,
    "publish_tokens": publish_tokens,
    "channel_inbox": channel_inbox,
    "channel_outbox": channel_outbox,
}


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """What a database holds.

    Attributes:
        kind: `sqlite` or `postgresql`.
        place: file or address, without a password.
        version: of the tables.
        journal: how SQLite writes, `wal` as it should be; empty for a server.
        n_bytes: size, with what has not been merged into the file yet.
        free_bytes: room left on the disk; None for a server.
        counts: rows by table.
        oldest, newest: when the first and the last turn was asked; None where there is none.
    """

    kind: str
    place: str
    version: int
    journal: str
    n_bytes: int
    free_bytes: int | None
    counts: dict[str, int]
    oldest: datetime | None
    newest: datetime | None


class Upkeep:
    """Looks after a database; every method raises StoreError where that fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> StoreInfo:
        """Say what there is."""
        return self._database.read(self._describe)

    def _describe(self, connection: Connection) -> StoreInfo:
        database = self._database
        counts = {
            name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
            for name, table in _COUNTED.items()
        }
        oldest, newest = (
            connection.execute(select(turns.c.asked_at).order_by(order).limit(1)).scalar()
            for order in (turns.c.asked_at, turns.c.asked_at.desc())
        )
        free_bytes, journal = None, ""
        if database.is_file:
            path = Path(database.place)
            files = [path.with_name(path.name + end) for end in ("", "-wal")]
            n_bytes = sum(file.stat().st_size for file in files if file.exists())
            free_bytes = shutil.disk_usage(path.parent).free
            journal = str(connection.execute(text("PRAGMA journal_mode")).scalar())
        else:
            n_bytes = int(
                connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
            )
        return StoreInfo(
            kind="sqlite" if database.is_file else "postgresql",
            place=database.place,
            version=int(connection.execute(select(func.max(store_schema.c.version))).scalar_one()),
            journal=journal,
            n_bytes=n_bytes,
            free_bytes=free_bytes,
            counts=counts,
            oldest=oldest,
            newest=newest,
        )

    def check_writable(self) -> None:
        """Write something and take it back."""

        def attempt(connection: Connection) -> None:
            with connection.begin_nested() as nested:
                connection.execute(store_schema.insert().values(version=-1))
                nested.rollback()

        self._database.write(attempt)

    def find_damage(self) -> str:
        """What SQLite finds wrong with the pages of its file; empty where nothing, and for a server."""
        if not self._database.is_file:
            return ""
        found = self._database.read(lambda c: c.execute(text("PRAGMA quick_check(1)")).scalar())
        return "" if found == "ok" else str(found)

    def backup(self, target: Path, *, is_replaced: bool = False) -> int:
        """Copy a database file as it is at one moment, while others go on reading and writing.

        Args:
            is_replaced: whether a file that is there already may be replaced.

        Returns:
            Size of the copy, bytes; it has been checked and is on disk.

        Raises:
            RequestInvalid: the database is on a server, the file is there, or it is the database itself.
        """
        database = self._database
        if not database.is_file:
            raise RequestInvalid(
                "PostgreSQL 数据库用它自己的工具备份",
                hint=f"pg_dump --format=custom --file={target} '{database.plain_address}'（密码放在 ~/.pgpass）；"
                "恢复用 pg_restore",
            )
        source = Path(database.place)
        if target.resolve() == source.resolve():
            raise RequestInvalid("备份文件就是数据库本身", hint="换一个文件名")
        if target.exists() and not is_replaced:
            raise RequestInvalid(f"文件已存在：{target}", hint="换一个文件名，或加 --force 覆盖")
        with map_faults(str(target)):
            return _copy(source, target)


def _copy(source: Path, target: Path) -> int:
    building = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        os.close(os.open(building, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600))
        with closing(sqlite3.connect(building)) as copy:
            with closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as original:
                original.backup(copy)  # one step: one state, and in WAL nobody waits for it
            copy.execute("PRAGMA journal_mode = DELETE").close()  # one file, without companions
            if (found := copy.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                raise StoreError(f"备份没有通过检查：{found}", hint="检查数据库：tiaowen doctor")
        with building.open("rb+") as file:
            os.fsync(file.fileno())
        building.replace(target)
    except sqlite3.Error as exc:
        raise StoreError(f"备份没有完成：{exc}", hint="检查目标目录能否写入、磁盘空间是否足够") from exc
    finally:
        building.unlink(missing_ok=True)
    return target.stat().st_size
