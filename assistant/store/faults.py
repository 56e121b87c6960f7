"""Turns what SQLAlchemy and the database drivers raise into a `StoreError`: what, where, how to repair."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from assistant.errors import StoreError


class _Fault(NamedTuple):
    message: str  # {place}: file or address; {detail}: the driver's words
    hint: str


_LOCKED = _Fault(
    "数据库一直被占用：{place}",
    "稍后再试；总是这样就找出占用它的程序（备份、sqlite3 命令行等）并关闭",
)
_UNREADABLE = _Fault(
    "打不开或写不了数据库 {place}：{detail}", "检查文件和所在目录是否存在、运行本程序的用户能否读写"
)
_DAMAGED = _Fault(
    "数据库文件已损坏：{place}（{detail}）",
    "停止服务，先备份该文件和同名的 -wal、-shm；再用 sqlite3 的 .recover 恢复，或移走文件，程序会新建一个空库",
)
_DISK = _Fault("读写磁盘时出错：{place}（{detail}）", "检查磁盘空间和磁盘状态后重试；已经记下的对话不受影响")
_AWAY = _Fault(
    "连不上数据库 {place}：{detail}",
    "检查数据库是否在运行，TIAOWEN_STORE__URL 里的地址、用户和密码是否正确",
)
_OTHER = _Fault(
    "数据库出错：{place}（{detail}）", "检查 TIAOWEN_STORE__URL 指向的是不是条问的数据库；仍有问题请报告"
)

# Primary result codes of SQLite, https://www.sqlite.org/rescode.html
_BY_SQLITE_CODE = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_PERM: _UNREADABLE,
    sqlite3.SQLITE_READONLY: _UNREADABLE,
    sqlite3.SQLITE_CANTOPEN: _UNREADABLE,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_IOERR: _DISK,
    sqlite3.SQLITE_FULL: _DISK,
}

# SQLSTATEs of PostgreSQL by their beginnings, https://www.postgresql.org/docs/current/errcodes-appendix.html
_BY_SQLSTATE = {
    "55P03": _LOCKED,
    "40P01": _LOCKED,
    "08": _AWAY,
    "28": _AWAY,
    "3D": _AWAY,
    "57P": _AWAY,
    "53": _DISK,
    "58": _DISK,
}


def is_locked(fault: DBAPIError) -> bool:
    """Whether another transaction stood in the way, so that the same work may succeed later."""
    return _explain(fault) is _LOCKED


@contextmanager
def map_faults(place: str) -> Iterator[None]:
    """Turn foreign exceptions into ours.

    Args:
        place: the file or address, without a password.

    Raises:
        StoreError: the database failed.
    """
    try:
        yield
    except OSError as exc:
        raise _tell(_UNREADABLE, place, exc.strerror or str(exc)) from exc
    except SQLAlchemyError as exc:
        original = exc.orig if isinstance(exc, DBAPIError) else None
        raise _tell(_explain(exc), place, str(original or exc)) from exc


def _explain(fault: SQLAlchemyError) -> _Fault:
    if isinstance(fault, PoolTimeout):
        return _LOCKED
    if not isinstance(fault, DBAPIError):
        return _OTHER
    code = getattr(fault.orig, "sqlite_errorcode", None)
    if code is not None:
        return _BY_SQLITE_CODE.get(code & 0xFF, _OTHER)
    if isinstance(fault.orig, sqlite3.Error):
        return _OTHER
    state = getattr(fault.orig, "sqlstate", None)
    if state is None:  # the driver itself speaks: there was no server to give a state
        return _AWAY
    return next((told for start, told in _BY_SQLSTATE.items() if state.startswith(start)), _OTHER)


def _tell(fault: _Fault, place: str, detail: str) -> StoreError:
    return StoreError(fault.message.format(place=place, detail=" ".join(detail.split())), hint=fault.hint)
