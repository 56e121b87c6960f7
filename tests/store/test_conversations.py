"""Turns come back as they were kept: in order, under any number of writers, after any end of the process."""

from __future__ import annotations

import itertools
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Engine, event

from assistant.errors import RequestInvalid, StoreError
from assistant.store.conversations import LARGEST_MEMORY, open_store
from assistant.store.schema import LONGEST_SESSION_ID


def select_all(path, statement, *values):
    with closing(sqlite3.connect(path)) as database:
        return database.execute(statement, *values).fetchall()


def test_a_conversation_that_is_not_known_is_empty(store):
    assert store.last_memory("nobody") is None
    assert store.turns("nobody") == []
    assert store.count("nobody") == 0


def test_turns_are_numbered_from_1_and_come_back_in_order(store, make_turn):
    turns = [make_turn(i) for i in range(1, 6)]
    assert [store.append("s", turn) for turn in turns] == [1, 2, 3, 4, 5]
    assert store.turns("s") == turns
    assert store.last_memory("s") == turns[-1].memory
    assert store.count("s") == 5


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(1, [5]), (4, [2, 3, 4, 5]), (5, [1, 2, 3, 4, 5]), (6, [1, 2, 3, 4, 5]), (0, []), (-1, [])],
)
def test_a_limit_keeps_the_last(store, make_turn, limit, expected):
    for i in range(1, 6):
        store.append("s", make_turn(i))
    assert [turn.answer_id for turn in store.turns("s", limit)] == [f"a{i}" for i in expected]


def test_conversations_do_not_mix(store, make_turn):
    assert [store.append(name, make_turn(i)) for i, name in enumerate("abab")] == [1, 1, 2, 2]
    assert [turn.answer_id for turn in store.turns("a")] == ["a0", "a2"]
    assert [store.last_memory(name) for name in "ab"] == ['{"n":2}', '{"n":3}']


def test_a_time_is_kept_to_the_microsecond_and_read_in_utc(store, make_turn):
    moment = datetime(2026, 1, 1, 7, 59, 59, 123456, tzinfo=timezone(timedelta(hours=8)))
    store.append("s", make_turn(asked_at=moment))
    (turn,) = store.turns("s")
    assert (turn.asked_at, turn.asked_at.tzinfo) == (moment, UTC)


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        pytest.param("培训费能报多少？🙂\n𠮷", "培训费能报多少？🙂\n𠮷", id="any character"),
        pytest.param("'; DROP TABLE turns; --", "'; DROP TABLE turns; --", id="SQL"),
        pytest.param("", "", id="empty"),
        pytest.param("问\0题\ud83d", "问?题?", id="NUL and half a pair"),
    ],
)
def test_a_question_is_kept_as_asked(store, make_turn, question, kept):
    store.append("s", make_turn(question=question))
    assert [turn.question for turn in store.turns("s")] == [kept]


@pytest.mark.parametrize("session_id", ["s", "会话 1", "x" * LONGEST_SESSION_ID])
def test_a_session_id_is_any_text(store, make_turn, session_id):
    assert store.append(session_id, make_turn()) == 1
    assert store.count(session_id) == 1


@pytest.mark.parametrize("session_id", ["", "x" * (LONGEST_SESSION_ID + 1), "a\0b", "a\ud800"])
def test_a_session_id_that_cannot_be_one_is_refused(store, make_turn, session_id):
    calls = (store.last_memory, store.turns, store.count, lambda name: store.append(name, make_turn()))
    for call in calls:
        with pytest.raises(RequestInvalid, match="会话编号不能用"):
            call(session_id)


@pytest.mark.parametrize("memory", ["m" * LARGEST_MEMORY, "记" * (LARGEST_MEMORY // 3)])
def test_the_largest_memory_is_kept(store, make_turn, memory):
    store.append("s", make_turn(memory=memory))
    assert store.last_memory("s") == memory


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"memory": "m" * (LARGEST_MEMORY + 1)}, "65537 字节，超过上限 65536 字节"),
        ({"memory": "记" * (LARGEST_MEMORY // 3 + 1)}, "65538 字节"),
        ({"memory": "\ud800"}, "存不了的字符"),
        ({"answer_id": "a\0"}, "存不了的字符"),
        ({"asked_at": datetime(2026, 11, 21)}, "没有时区"),
    ],
    ids=["memory", "memory in Chinese", "half a pair", "NUL", "no time zone"],
)
def test_a_turn_that_is_a_fault_of_the_program_is_not_kept(store, make_turn, changes, message):
    with pytest.raises(StoreError, match=message) as caught:
        store.append("s", make_turn(**changes))
    assert "请报告" in caught.value.hint
    assert store.count("s") == 0


def test_a_turn_is_frozen(make_turn):
    with pytest.raises(AttributeError):
        make_turn().question = "other"
    assert replace(make_turn(), question="other").question == "other"


def test_a_restart_loses_nothing(url, make_turn):
    for i in range(1, 4):
        with closing(open_store(url)) as store:
            assert store.append("s", make_turn(i)) == i
    with closing(open_store(url)) as store:
        assert store.turns("s") == [make_turn(i) for i in range(1, 4)]


def test_files_and_folder_are_for_their_owner_alone(store, path, make_turn):
    store.append("s", make_turn())
    names = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert names == dict.fromkeys(("tiaowen.db", "tiaowen.db-wal", "tiaowen.db-shm"), 0o600)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_rights_of_a_file_that_exists_are_left_alone(url, path):
    path.parent.mkdir()
    path.touch(mode=0o640)
    path.chmod(0o640)
    open_store(url).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_path_is_taken_as_it_stands(tmp_path, make_turn):
    path = tmp_path / "条问 数据?a=b%41#c" / "库.db"
    with closing(open_store(f"sqlite:///{path}")) as store:
        store.append("s", make_turn())
    assert path.is_file()


def test_a_relative_path_is_that_of_the_start(tmp_path, monkeypatch, make_turn):
    monkeypatch.chdir(tmp_path)
    with closing(open_store("sqlite:///data/t.db")) as store:
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        store.append("s", make_turn())
    assert select_all(tmp_path / "data" / "t.db", "SELECT n_turns FROM conversations") == [(1,)]


def test_settings_of_the_database(store, path):
    assert select_all(path, "PRAGMA journal_mode") == [("wal",)]
    pragmas = ("foreign_keys", "synchronous", "busy_timeout")
    found = store._database.read(lambda c: [c.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas])
    assert found == [1, 1, 1250]  # four attempts of a quarter of 5 s


def test_an_endless_conversation_is_read_by_its_index(store, path, make_turn):
    store.append("long", make_turn())
    with closing(sqlite3.connect(path)) as database, database:
        rows = [(1, i, "q", "a", "answered", f"m{i}", "2026-11-21 09:30:00.000000") for i in range(2, 5001)]
        database.executemany("INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?, ?, '')", rows)
        database.execute("UPDATE conversations SET n_turns = 5000")
    asked = []

    def keep(connection, cursor, statement, parameters, context, executemany):
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", keep)
    try:
        assert store.last_memory("long") == "m5000"
        assert [turn.memory for turn in store.turns("long", 2)] == ["m4999", "m5000"]
        assert store.count("long") == 5000
    finally:
        event.remove(Engine, "before_cursor_execute", keep)
    newest, last, count = (
        [re.sub("USING .*?INDEX", "BY", row[3]) for row in select_all(path, f"EXPLAIN QUERY PLAN {s}", p)]
        for s, p in asked
    )
    conversation = "SEARCH conversations BY sqlite_autoindex_conversations_1 (session_id=?)"
    assert newest == [
        conversation,
        "SEARCH turns BY sqlite_autoindex_turns_1 (conversation_id=? AND number=?)",
    ]
    # In the order of the index, so that the limit ends the search: nothing is sorted.
    assert last == [conversation, "SEARCH turns BY sqlite_autoindex_turns_1 (conversation_id=?)"]
    assert count == [conversation]
    assert store.append("long", make_turn()) == 5001


def test_threads_append_to_one_conversation(store, make_turn):
    n_threads, n_turns = 20, 10  # more than the pool has connections

    def append(thread):
        numbers = []
        for i in range(n_turns):
            numbers.append(store.append("s", make_turn(answer_id=f"{thread}-{i}")))
            assert store.last_memory("s") is not None
        return numbers

    with ThreadPoolExecutor(n_threads) as pool:
        numbers = list(itertools.chain(*pool.map(append, range(n_threads))))
    assert sorted(numbers) == list(range(1, n_threads * n_turns + 1))
    ids = [turn.answer_id for turn in store.turns("s", n_threads * n_turns)]
    assert set(ids) == {f"{thread}-{i}" for thread in range(n_threads) for i in range(n_turns)}
    for thread in range(n_threads):  # each thread's turns keep their order
        own = [id_ for id_ in ids if id_.startswith(f"{thread}-")]
        assert own == [f"{thread}-{i}" for i in range(n_turns)]


def test_processes_make_one_database_and_append_to_one_conversation(url, start_appender):
    n_turns = 100
    children = [start_appender(name, n_turns) for name in ("a", "b")]
    for child in children:
        child.stdin.write("\n")
    told = [[int(line) for line in child.communicate(timeout=60)[0].split()] for child in children]
    assert [child.returncode for child in children] == [0, 0]
    assert [len(numbers) for numbers in told] == [n_turns, n_turns]
    assert sorted(itertools.chain(*told)) == list(range(1, 2 * n_turns + 1))
    with closing(open_store(url)) as store:
        kept = [turn.answer_id for turn in store.turns("shared", 1000)]
    for name, numbers in zip(("a", "b"), told, strict=True):
        assert [kept[number - 1] for number in numbers] == [f"{name}-{i}" for i in range(n_turns)]


def test_a_killed_process_loses_no_turn_it_was_told_of(url, path, start_appender):
    n_kept = 0
    for life, n_acknowledged in enumerate((1, 20, 60)):
        child = start_appender(f"life{life}", 100_000)
        child.stdin.write("\n")
        told = [int(child.stdout.readline()) for _ in range(n_acknowledged)]
        child.send_signal(signal.SIGKILL)
        # Not `communicate`, which would pass over the lines that `readline` has read ahead.
        rest = child.stdout.read()
        told += [int(line) for line in rest.splitlines(keepends=True) if line.endswith("\n")]
        assert child.wait() == -signal.SIGKILL
        assert told == list(range(n_kept + 1, n_kept + 1 + len(told)))
        with closing(open_store(url)) as store:
            n_found = store.count("shared")
            turns = store.turns("shared", n_found + 1)
        # The one turn that was kept but not yet told of may be there, or not.
        assert n_found - n_kept - len(told) in (0, 1)
        assert [turn.answer_id for turn in turns[n_kept:]] == [
            f"life{life}-{i}" for i in range(n_found - n_kept)
        ]
        assert select_all(path, "PRAGMA integrity_check") == [("ok",)]
        assert select_all(path, "PRAGMA foreign_key_check") == []
        n_kept = n_found


def test_a_reader_does_not_wait_for_a_writer(url, path, make_turn):
    with closing(open_store(url, timeout=0.05)) as store, closing(sqlite3.connect(path)) as other:
        store.append("s", make_turn())
        other.execute("BEGIN IMMEDIATE")
        assert store.last_memory("s") == make_turn().memory


def test_a_lock_that_goes_away_is_waited_for(url, path, make_turn):
    with closing(open_store(url)) as store:
        other = sqlite3.connect(path, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.3, other.close)
        timer.start()
        assert store.append("s", make_turn()) == 1
        timer.join()


def test_what_needs_no_store_loads_no_database_library():
    script = "import sys, assistant.app, assistant.store, assistant.surfaces.cli; print('sqlalchemy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "False\n"
