"""An operator looks at the store and copies it while others write."""

from __future__ import annotations

import re
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime

import pytest

from assistant.errors import RequestInvalid, StoreError
from assistant.store.schema import VERSION
from assistant.store.store import Store

EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)


def test_what_there_is_is_counted(opened, keep, any_url):
    keep("s", 1, asked_at=LATE)
    keep("s", 2, asked_at=EARLY)
    opened.registry.create_key("科室", "test")
    info = opened.upkeep.describe()
    assert info.kind == ("sqlite" if any_url.startswith("sqlite") else "postgresql")
    assert info.counts.items() >= {"conversations": 1, "turns": 2, "answers": 2, "staff_keys": 1}.items()
    assert (info.oldest, info.newest, info.version) == (EARLY, LATE, VERSION)
    assert info.n_bytes > 10_000
    assert info.journal == ("wal" if info.kind == "sqlite" else "")
    assert (info.free_bytes is None) is (info.kind == "postgresql")


def test_a_try_to_write_leaves_nothing(opened):
    opened.upkeep.check_writable()
    assert opened.upkeep.describe().version == VERSION
    opened.upkeep.check_writable()


def test_a_store_that_is_read_only_is_found_out(url, path):
    with closing(Store(url)) as store:
        store.upkeep.check_writable()
        with closing(sqlite3.connect(path)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match="占用"):
                store.upkeep.check_writable()


def test_a_copy_taken_while_others_write_is_one_state(url, tmp_path, make_turn, make_answer):
    target = tmp_path / "copy.db"
    with closing(Store(url)) as store:
        stop = threading.Event()

        def write():
            i = 0
            while not stop.is_set():
                store.conversations.append(f"s{i % 7}", make_turn(i), make_answer(f"a{i}"))
                i += 1

        writing = threading.Thread(target=write)
        writing.start()
        try:
            sizes = [store.upkeep.backup(target, is_replaced=True) for _ in range(8)]
        finally:
            stop.set()
            writing.join()
        assert sizes[-1] == target.stat().st_size
    assert target.stat().st_mode & 0o077 == 0
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith((".copy", "copy.db-"))] == []
    with closing(Store(f"sqlite:///{target}")) as copy:
        info = copy.upkeep.describe()
        assert info.counts["turns"] == info.counts["answers"] > 0
        numbers = [copy.conversations.count(f"s{i}") for i in range(7)]
        assert sum(numbers) == info.counts["turns"]


@pytest.mark.parametrize(
    ("name", "message"),
    [("taken.db", "已存在"), ("data/tiaowen.db", "数据库本身"), ("data/../data/tiaowen.db", "数据库本身")],
)
def test_a_copy_replaces_nothing_unasked(url, tmp_path, name, message):
    (tmp_path / "taken.db").write_bytes(b"mine")
    with closing(Store(url)) as store, pytest.raises(RequestInvalid, match=message):
        store.upkeep.backup(tmp_path / name)
    assert (tmp_path / "taken.db").read_bytes() == b"mine"


def test_a_copy_that_cannot_be_written_leaves_nothing(url, tmp_path):
    with closing(Store(url)) as store, pytest.raises(StoreError):
        store.upkeep.backup(tmp_path / "nowhere" / "copy.db")


def test_a_server_is_copied_with_its_own_tools(postgresql_url, tmp_path):
    with closing(Store(postgresql_url)) as store, pytest.raises(RequestInvalid) as told:
        store.upkeep.backup(tmp_path / "copy.dump")
    assert "pg_dump" in told.value.hint
    assert str(tmp_path / "copy.dump") in told.value.hint
    name = postgresql_url.rpartition("/")[2]
    assert re.search(rf" 'postgresql://[^'+*]*/{name}'", told.value.hint)
