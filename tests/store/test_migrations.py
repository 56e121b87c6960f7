"""Tables are brought up to this version: from nothing, from the first version, by whoever comes first."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from assistant.errors import StoreError
from assistant.store import upgrade
from assistant.store.database import Database
from assistant.store.schema import VERSION, metadata
from assistant.store.store import Store

ROOT = Path(__file__).resolve().parents[2]

# What the first version made, word for word but for the types that PostgreSQL writes otherwise.
FIRST = """
CREATE TABLE store_schema (version INTEGER NOT NULL, CONSTRAINT pk_store_schema PRIMARY KEY (version));
CREATE TABLE conversations (
	id {row_id} NOT NULL,
	session_id VARCHAR(200) NOT NULL,
	n_turns INTEGER NOT NULL,
	CONSTRAINT pk_conversations PRIMARY KEY (id),
	CONSTRAINT uq_conversations_session_id UNIQUE (session_id)
);
CREATE TABLE turns (
	conversation_id {row} NOT NULL,
	number INTEGER NOT NULL,
	question TEXT NOT NULL,
	answer_id TEXT NOT NULL,
	status TEXT NOT NULL,
	memory TEXT NOT NULL,
	asked_at {time} NOT NULL,
	CONSTRAINT pk_turns PRIMARY KEY (conversation_id, number),
	CONSTRAINT fk_turns_conversation_id FOREIGN KEY(conversation_id) REFERENCES conversations (id)
		ON DELETE CASCADE
);
INSERT INTO store_schema VALUES (1);
INSERT INTO conversations (session_id, n_turns) VALUES ('old', 2);
INSERT INTO turns VALUES (1, 1, '一问', 'a1', 'answered', 'm1', '2026-11-20 08:00:00');
INSERT INTO turns VALUES (1, 2, '二问', 'a2', 'refused', 'm2', '2026-11-20 08:01:00');
"""
ON_SQLITE = FIRST.format(row_id="INTEGER", row="INTEGER", time="DATETIME")
ON_POSTGRESQL = FIRST.format(row_id="BIGSERIAL", row="BIGINT", time="TIMESTAMP WITH TIME ZONE")

# Opens the store when told to, and says what was imported for it.
OPENER = """
import sys
from assistant.store.store import Store
print("ready", flush=True)
sys.stdin.readline()
store = Store(sys.argv[1])
print("alembic" in sys.modules, store.conversations.count("old"), store.registry.signing_secret())
store.close()
"""


def differences(url):
    with closing(Database(url)) as database:
        return database.read(
            lambda c: compare_metadata(MigrationContext.configure(c, opts={"compare_type": True}), metadata)
        )


@pytest.fixture(params=["sqlite", "postgresql"])
def first(request):
    """Address of a database of the first version with one conversation."""
    if request.param == "sqlite":
        path = request.getfixturevalue("path")
        path.parent.mkdir()
        with closing(sqlite3.connect(path)) as database:
            database.executescript(ON_SQLITE)
        return request.getfixturevalue("url")
    psycopg = pytest.importorskip("psycopg", reason="needs psycopg")
    url = request.getfixturevalue("postgresql_url")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(ON_POSTGRESQL)
    return url


def test_the_steps_make_the_tables_that_the_program_knows(any_url):
    assert differences(any_url) == []


def test_a_database_of_the_first_version_is_adopted_with_its_conversations(first, make_turn, make_answer):
    with closing(Store(first)) as store:
        kept = store.conversations.turns("old")
        assert [(t.question, t.answer_id, t.memory) for t in kept] == [
            ("一问", "a1", "m1"),
            ("二问", "a2", "m2"),
        ]
        assert store.conversations.append("old", make_turn(3), make_answer("a3")) == 3
        assert store.review.count(_everything()) == {
            "all": 1,
            "any": 0,
            "refused": 0,
            "needs_info": 0,
            "down": 0,
        }
    assert differences(first) == []


def _everything():
    from assistant.store.review import ReviewFilter

    return ReviewFilter()


def open_at_once(url, n_processes):
    command = [sys.executable, "-c", OPENER, url]
    children = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(n_processes)
    ]
    for child in children:
        assert child.stdout.readline() == "ready\n"
    for child in children:
        child.stdin.write("\n")
        child.stdin.flush()
    told = [child.communicate(timeout=60)[0].split() for child in children]
    assert [child.returncode for child in children] == [0] * n_processes
    return told


def test_processes_upgrade_at_once_and_share_one_secret(first):
    told = open_at_once(first, 3)
    assert {(count, secret) for _, count, secret in told} == {("2", told[0][2])}
    assert "True" in {loaded for loaded, _, _ in told}
    assert differences(first) == []
    with closing(Database(first)) as database:
        versions = database.read(
            lambda c: c.execute(text("SELECT version FROM store_schema ORDER BY 1")).all()
        )
    assert [row[0] for row in versions] == [1, VERSION]


def test_an_ordinary_start_loads_no_alembic(any_url):
    Store(any_url).close()
    ((loaded, _, _),) = open_at_once(any_url, 1)
    assert loaded == "False"


def test_an_upgrade_that_fails_changes_nothing(first, monkeypatch):
    def fail(connection, version):
        real(connection, version)
        raise OSError(28, "No space left on device")

    real = upgrade.upgrade_tables
    monkeypatch.setattr(upgrade, "upgrade_tables", fail)
    with pytest.raises(StoreError, match="No space left"):
        Store(first)
    monkeypatch.undo()
    with closing(Store(first)) as store:
        assert store.conversations.count("old") == 2
    with closing(Database(first)) as database:
        assert "answers" in database.read(lambda c: inspect(c).get_table_names())
