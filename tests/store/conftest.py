"""A store in a folder of its own, and programs that append to it from other processes."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.store.conversations import Turn, open_store

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
