"""What goes wrong with a database is told in Chinese: what, where, how to repair; what was kept stays."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError, InvalidRequestError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from assistant.errors import ConfigError, StoreError
from assistant.store.conversations import open_store
from assistant.store.faults import is_locked, map_faults
from assistant.store.schema import VERSION

ROOT = Path(__file__).resolve().parents[2]
NEWER = f"由更新版本的程序建立：.*第 {VERSION + 1} 版，本程序只认到第 {VERSION} 版"


def check(caught, *, where):
    """A message says what and where, a hint how to repair; both in Chinese, without a driver's name."""
    message, hint = caught.value.message, caught.value.hint
    assert str(where) in message
    assert re.search("[一-鿿]{4}", message)
    assert re.search("[一-鿿]{4}", hint)
    assert "sqlite3." not in message
    assert "sqlalche.me" not in message  # SQLAlchemy adds links to its own messages
    assert (caught.value.exit_code, caught.value.http_status) == (7, 503)
    assert caught.value.__cause__ is not None


@pytest.fixture
def filled(url, path, make_turn):
    """A closed database of 200 turns in one conversation."""
    with closing(open_store(url)) as store:
        for i in range(200):
            store.append("s", make_turn(i, memory="m" * 1000))
    assert not path.with_name("tiaowen.db-wal").exists()
    return path


@pytest.mark.parametrize(
    "content",
    [b"x" * 512, b"not a database, but long enough to have a header of one" * 20, b"\xff" * 8192],
    ids=["512 bytes", "text", "bytes"],
)
def test_a_file_that_is_no_database(url, path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(StoreError, match="数据库文件已损坏") as caught:
        open_store(url)
    check(caught, where=path)
    assert ".recover" in caught.value.hint
    assert path.read_bytes() == content


@pytest.mark.parametrize("n_bytes", [1, 511])
def test_a_file_too_short_for_a_database_is_not_written_over(url, path, n_bytes):
    path.parent.mkdir()
    path.write_bytes(b"x" * n_bytes)
    with pytest.raises(StoreError, match="不是数据库，或已被截断") as caught:
        open_store(url)
    assert str(path) in caught.value.message
    assert path.read_bytes() == b"x" * n_bytes


def test_pages_that_are_damaged(url, filled, make_turn):
    size = filled.stat().st_size
    with filled.open("rb+") as file:
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))
    with pytest.raises(StoreError, match="数据库文件已损坏") as caught, closing(open_store(url)) as store:
        store.last_memory("s")
    check(caught, where=filled)


def test_a_file_that_is_cut_short(url, filled, make_turn):
    with filled.open("rb+") as file:
        file.truncate(3 * 4096)
    with pytest.raises(StoreError, match="数据库文件已损坏") as caught, closing(open_store(url)) as store:
        store.turns("s")
    check(caught, where=filled)


def test_a_parent_that_is_a_file(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="打不开或写不了数据库") as caught:
        open_store(f"sqlite:///{tmp_path}/file/tiaowen.db")
    check(caught, where=tmp_path / "file" / "tiaowen.db")


def test_a_folder_in_place_of_the_file(tmp_path):
    with pytest.raises(StoreError, match="打不开或写不了数据库") as caught:
        open_store(f"sqlite:///{tmp_path}")
    check(caught, where=tmp_path)


AS_NOBODY = """
import os, sys
from datetime import UTC, datetime
from assistant.errors import StoreError
from assistant.store.conversations import Turn, open_store

if os.geteuid() == 0:
    os.setuid(65534)  # to root nothing is read-only
try:
    open_store(sys.argv[1]).append("s", Turn("q", "a", "answered", "{}", datetime(2026, 11, 21, tzinfo=UTC)))
except StoreError as exc:
    print(exc.message, exc.hint)
"""


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
@pytest.mark.parametrize("file_mode", [None, 0o444, 0o666], ids=["new", "read-only file", "read-only folder"])
def test_a_folder_that_is_read_only(file_mode):
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to other users
        folder, path = Path(name), Path(name, "tiaowen.db")
        if file_mode is not None:
            open_store(f"sqlite:///{path}").close()
            path.chmod(file_mode)
        folder.chmod(0o555)
        command = [sys.executable, "-c", AS_NOBODY, f"sqlite:///{path}"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
        assert f"打不开或写不了数据库 {path}：" in done.stdout
        assert "能否读写" in done.stdout
        folder.chmod(0o755)


FULL_DISK = """
import resource, sys
from datetime import UTC, datetime
from assistant.errors import StoreError
from assistant.store.conversations import Turn, open_store

store = open_store(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
try:
    while True:
        turn = Turn("q", "a", "answered", "m" * 5000, datetime(2026, 11, 21, tzinfo=UTC))
        print(store.append("s", turn), flush=True)
except StoreError as exc:
    print(exc.message, exc.hint)
assert store.last_memory("s") == "m" * 5000
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(store.append("s", turn))
"""


@pytest.mark.skipif(os.name != "posix", reason="needs a limit of POSIX")
def test_a_disk_that_takes_no_more(url, path):
    command = [sys.executable, "-c", FULL_DISK, url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    *numbers, told, last = done.stdout.splitlines()
    assert f"读写磁盘时出错：{path}" in told
    assert "检查磁盘空间" in told
    assert len(numbers) > 5
    assert [int(number) for number in (*numbers, last)] == list(range(1, len(numbers) + 2))
    with closing(open_store(url)) as store:
        assert store.count("s") == len(numbers) + 1
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_lock_that_lasts_too_long(url, path, make_turn):
    with closing(open_store(url, timeout=0.1)) as store, closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="数据库一直被占用") as caught:
            store.append("s", make_turn())
        check(caught, where=path)
        other.rollback()
        assert store.append("s", make_turn()) == 1


def test_a_database_of_a_newer_version(url, filled):
    with closing(sqlite3.connect(filled)) as database, database:
        database.execute(f"UPDATE store_schema SET version = {VERSION + 1}")
    before = filled.read_bytes()
    with pytest.raises(StoreError, match=NEWER) as caught:
        open_store(url)
    assert str(filled) in caught.value.message
    assert "升级条问" in caught.value.hint
    assert filled.read_bytes() == before


def test_a_database_of_another_program_is_left_alone(url, path):
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE other (id INTEGER)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="别的程序的数据库") as caught:
        open_store(url)
    assert str(path) in caught.value.message
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "tiaowen.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "mysql://user:secret@host/name",
        "postgresql://user:secret@host:port/name",
    ],
)
def test_an_address_of_no_use(url):
    with pytest.raises(ConfigError) as caught:
        open_store(url)
    assert "TIAOWEN_STORE__URL" in caught.value.hint
    assert "secret" not in caught.value.message + caught.value.hint


def test_a_driver_that_is_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match="没有安装 PostgreSQL 的驱动") as caught:
        open_store("postgresql://user:secret@host/name")
    assert "pip install" in caught.value.hint
    assert "secret" not in caught.value.message


class ServerError(Exception):
    """Stands for an exception of psycopg, which carries the server's SQLSTATE."""

    def __init__(self, sqlstate):
        super().__init__("the driver's\n\twords")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        pytest.param(ServerError("55P03"), "数据库一直被占用：here", id="lock_not_available"),
        pytest.param(ServerError("40P01"), "数据库一直被占用：here", id="deadlock_detected"),
        pytest.param(ServerError(None), "连不上数据库 here：the driver's words", id="no server"),
        pytest.param(ServerError("57P03"), "连不上数据库 here", id="cannot_connect_now"),
        pytest.param(ServerError("28P01"), "连不上数据库 here", id="invalid_password"),
        pytest.param(ServerError("53100"), "读写磁盘时出错：here", id="disk_full"),
        pytest.param(ServerError("42P01"), "数据库出错：here", id="undefined_table"),
        pytest.param(sqlite3.ProgrammingError("closed"), "数据库出错：here", id="the driver of SQLite"),
    ],
)
def test_faults_of_a_server(fault, message):
    wrapped = DBAPIError("SELECT secret", {}, fault)
    with pytest.raises(StoreError, match=re.escape(message)) as caught, map_faults("here"):
        raise wrapped
    check(caught, where="here")
    assert "secret" not in caught.value.message
    assert is_locked(wrapped) == ("占用" in message)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (PoolTimeout("no connection"), "数据库一直被占用"),
        (InvalidRequestError("no row"), "数据库出错：here（no row）"),
        (PermissionError(13, "Permission denied"), "打不开或写不了数据库 here：Permission denied"),
    ],
    ids=["pool", "SQLAlchemy", "system"],
)
def test_other_faults(fault, message):
    with pytest.raises(StoreError, match=re.escape(message)) as caught, map_faults("here"):
        raise fault
    check(caught, where="here")
