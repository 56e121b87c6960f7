"""`kill -9` of a server under load: what it acknowledged is in the store, and conversations go on where they were."""

from __future__ import annotations

import json
import logging
import random
import signal
import sqlite3
import time
from collections import defaultdict
from contextlib import closing
from typing import Any

import httpx

from assistant.store.store import Store
from tests.faults.conftest import Load, Place, Server

logger = logging.getLogger(__name__)

N_ASKERS = 4
KEPT = """SELECT session_id, answer_id, body, comment FROM conversations
    JOIN answers ON conversations.id = conversation_id LEFT JOIN feedback USING (conversation_id, number)"""
QUESTIONS = (
    "高职院校一年要培训多少人次？",
    "那中职呢？",
    "我们班85个学员，能开吗？",
    "教师5名",
    "换成78人呢？",
)


class Asker:
    """Asks in sessions of its own and votes on what it got; keeps what was acknowledged."""

    def __init__(self, server: Server, name: str) -> None:
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=30)
        self._name = name
        self._n_asked = 0
        self.answers: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.votes: set[tuple[str, str]] = set()

    def work(self) -> None:
        """One question and one vote."""
        session = f"{self._name}-{self._n_asked // len(QUESTIONS)}"
        text = QUESTIONS[self._n_asked % len(QUESTIONS)]
        self._n_asked += 1
        body = {"question": text, "region": "河南省", "session_id": session, "as_of": "2021-12-31"}
        reply = self._client.post("/v1/ask", json=body)
        assert reply.status_code == 200, reply.text
        answer = reply.json()
        assert not any("没有保存" in notice for notice in answer["notices"])
        self.answers[session].append(answer)
        vote = {"answer_id": answer["id"], "session_id": session, "vote": "up", "comment": answer["id"]}
        reply = self._client.post("/v1/feedback", json=vote)
        assert reply.status_code == 200, reply.text
        self.votes.add((session, answer["id"]))


def _check_kept(place: Place, askers: list[Asker]) -> tuple[int, int]:
    """Every acknowledged answer and vote is in the store, in its order; at most one turn more than acknowledged."""
    with closing(sqlite3.connect(place.database)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = database.execute(KEPT).fetchall()
    texts = {(session, id_): json.loads(body)["text"] for session, id_, body, _ in rows}
    voted = {(session, id_) for session, id_, _, comment in rows if comment == id_}
    n_answers = n_votes = 0
    with closing(Store(f"sqlite:///{place.database}")) as store:
        for asker in askers:
            for session, answers in asker.answers.items():
                kept = [turn.answer_id for turn in store.conversations.turns(session)]
                known = [answer["id"] for answer in answers]
                assert kept[: len(known)] == known
                assert len(kept) <= len(known) + 1
                assert all(texts[session, a["id"]] == a["text"] for a in answers)
                n_answers += len(answers)
            assert asker.votes <= voted
            n_votes += len(asker.votes)
    return n_answers, n_votes


def _wait_for_answers(askers: list[Asker], running: Load) -> None:
    """Wait until everybody has got an answer, so that the kill comes amid others."""
    deadline = time.monotonic() + 60
    while not all(asker.votes for asker in askers):
        assert not running.failures
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_a_killed_server_acknowledged_is_kept(place, serve, load, n_kills):
    chance = random.Random(n_kills)
    everyone: list[Asker] = []
    for i in range(n_kills):
        server = serve(place)
        server.open()
        askers = [Asker(server, f"kill{i}-{j}") for j in range(N_ASKERS)]
        everyone += askers
        with load(lambda j, askers=askers: askers[j].work(), N_ASKERS) as running:
            _wait_for_answers(askers, running)
            time.sleep(chance.uniform(0, 1.5))
            server.kill()
        _check_kept(place, askers)
    n_answers, n_votes = _check_kept(place, everyone)
    assert n_answers >= N_ASKERS * n_kills
    logger.info("%d servers killed; %d answers and %d votes kept, 0 lost", n_kills, n_answers, n_votes)


def test_a_conversation_goes_on_after_a_kill(place, serve):
    server = serve(place)
    fields = {"session_id": "goes-on", "region": "河南省"}
    server.ask("高职院校一年要培训多少人次？", **fields)
    server.kill()
    server = serve(place)
    after = server.ask("那中职呢？", **fields).json()
    server.ask("高职院校一年要培训多少人次？", session_id="unbroken", region="河南省")
    unbroken = server.ask("那中职呢？", session_id="unbroken", region="河南省").json()
    assert after["text"] == unbroken["text"]
    assert "1000人次" in after["text"]
    assert server.stop() in (0, -signal.SIGTERM)
