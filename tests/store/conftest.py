"""A store in a folder of its own, and programs that append to it from other processes."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from assistant.models import Answer
from assistant.store.conversations import Turn, open_store
from assistant.store.store import Store

ROOT = Path(__file__).resolve().parents[2]
ASKED_AT = datetime(2026, 11, 21, 9, 30, 15, 250000, tzinfo=UTC)

# Opens the store when told to, and says which turn it has just been given.
APPENDER = """
import sys
from datetime import UTC, datetime
from assistant.store.conversations import Turn, open_store

url, name, n_turns = sys.argv[1], sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
store = open_store(url)
for i in range(n_turns):
    turn = Turn(f"{name} {i}", f"{name}-{i}", "answered", "m" * 2000, datetime(2026, 11, 21, tzinfo=UTC))
    print(store.append("shared", turn), flush=True)
store.close()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "tiaowen.db"


@pytest.fixture
def url(path):
    return f"sqlite:///{path}"


@pytest.fixture
def store(url):
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def make_turn():
    def make(i=1, **changes):
        fields = {
            "question": f"第{i}问",
            "answer_id": f"a{i}",
            "status": "answered",
            "memory": f'{{"n":{i}}}',
            "asked_at": ASKED_AT,
        }
        return Turn(**fields | changes)

    return make


@pytest.fixture
def start_appender(url):
    """Start processes that wait for a line before they open the store; those left over are ended."""
    started = []

    def start(name, n_turns):
        command = [sys.executable, "-c", APPENDER, url, name, str(n_turns)]
        child = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        started.append(child)
        assert child.stdout.readline() == "ready\n"
        return child

    yield start
    for child in started:
        child.kill()
        child.communicate()


# ---- a server, where there is one ---------------------------------------------------------------------

POSTGRESQL = os.environ.get("TEST_POSTGRESQL_URL", "postgresql://postgres@127.0.0.1:5432/postgres")


@pytest.fixture(scope="session")
def postgresql():
    """Runs statements on a PostgreSQL server; skips where no driver or no server is there."""
    psycopg = pytest.importorskip("psycopg", reason="needs psycopg")
    try:
        connection = psycopg.connect(POSTGRESQL, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as exc:
        pytest.skip(f"needs a PostgreSQL server: {exc}")
    with connection:
        yield connection.execute


@pytest.fixture
def postgresql_url(postgresql):
    """A new database on the server, dropped afterwards."""
    name = f"tiaowen_{secrets.token_hex(6)}"
    postgresql(f"CREATE DATABASE {name}")
    yield f"{POSTGRESQL.rpartition('/')[0]}/{name}"
    postgresql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def any_url(request):
    """A database of either kind."""
    return request.getfixturevalue("url" if request.param == "sqlite" else "postgresql_url")


@pytest.fixture
def opened(any_url):
    """Everything that is kept, in a database of either kind."""
    with closing(Store(any_url)) as store:
        yield store


@pytest.fixture
def make_answer():
    def make(id_="a1", **changes):
        fields = {
            "session_id": "s",
            "status": "answered",
            "text": "每班不超过80人。[1]",
            "as_of": date(2026, 11, 21),
            "citations": (),
            "decision": None,
            "notices": (),
            "corpus_version": "c0ffee",
        }
        return Answer(id_, **fields | changes)

    return make


@pytest.fixture
def keep(opened, make_turn, make_answer):
    """Keep a turn with its answer; gives the answer's id."""

    def keep_one(session="s", i=1, **changes):
        answer = make_answer(
            f"a{i}", session_id=session, **{k: v for k, v in changes.items() if k != "asked_at"}
        )
        times = {k: v for k, v in changes.items() if k == "asked_at"}
        opened.conversations.append(session, make_turn(i, status=answer.status, **times), answer)
        return answer.id

    return keep_one
