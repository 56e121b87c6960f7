"""The database locked or damaged under a server: every question is answered, and says that it was not kept."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing

NOT_KEPT = "没有保存"


def _is_kept(reply) -> bool:
    assert reply.status_code == 200, reply.text
    return not any(NOT_KEPT in notice for notice in reply.json()["notices"])


def test_a_lock_that_another_process_holds(place, serve):
    server = serve(place)
    first = server.ask(session_id="locked")
    assert _is_kept(first)
    with closing(sqlite3.connect(place.database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        started = time.monotonic()
        reply = server.ask(session_id="locked")
        assert time.monotonic() - started < 20
        assert not _is_kept(reply)
        assert reply.json()["text"] == first.json()["text"]
        vote = {"answer_id": first.json()["id"], "session_id": "locked", "vote": "up"}
        refused = server.client.post("/v1/feedback", json=vote)
        assert refused.status_code == 503
        assert "占用" in refused.json()["detail"]
        other.execute("ROLLBACK")
    assert _is_kept(server.ask(session_id="locked"))
    assert server.client.post("/v1/feedback", json=vote).status_code == 200


def test_questions_wait_for_a_short_lock(place, serve):
    server = serve(place)
    assert _is_kept(server.ask(session_id="short"))
    with closing(sqlite3.connect(place.database, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.3, lambda: other.execute("COMMIT"))
        timer.start()
        assert _is_kept(server.ask(session_id="short"))
        timer.join()


def test_a_damaged_database(place, serve):
    """The server starts and answers; the damaged file is left as it is for whoever repairs it."""
    server = serve(place)
    assert _is_kept(server.ask(session_id="damaged"))
    server.stop()
    damaged = b"not a database" * 1000
    place.database.write_bytes(damaged)
    for companion in place.folder.glob("tiaowen.db-*"):
        companion.unlink()
    server = serve(place)
    reply = server.ask(session_id="damaged")
    assert not _is_kept(reply)
    assert server.client.get("/staff/review").status_code in (401, 503)
    vote = {"answer_id": reply.json()["id"], "session_id": "damaged", "vote": "up"}
    refused = server.client.post("/v1/feedback", json=vote)
    assert refused.status_code == 503
    assert "损坏" in refused.json()["detail"]
    assert place.database.read_bytes() == damaged
