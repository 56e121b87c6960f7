"""Bad documents among good ones, new indexes under load, and a clock that is set: answers stay right and are kept."""

from __future__ import annotations

import os
import re
import threading
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from assistant.app import Assistant
from assistant.config import LimitSettings
from assistant.models import Question
from assistant.surfaces.refusals import TooManyRequests
from assistant.surfaces.startup import RELOAD_SECONDS
from assistant.surfaces.throttle import Throttle
from tests.faults.conftest import IS_FULL

TAKEN_UP_SECONDS = 60
AMOUNTS = tuple(range(2, 12)) if IS_FULL else (2,)
BAD = {
    "not-text": {"source.txt": b"\xff\xfe\x00\x01\xff"},
    "no-text": {"source.txt": b""},
    "bad-metadata": {"source.txt": "第一条　内容。\n".encode(), "document.yaml": b"title: [unclosed"},
    "unknown-key": {"source.txt": "第一条　内容。\n".encode(), "document.yaml": "题目: 某\n".encode()},
    "bad-rules": {"source.txt": "第一条　内容。\n".encode(), "rules.yaml": b"rules: {x: 1}"},
    "no-docx": {"source.docx": b"PK\x03\x04 not a zip"},
}


def test_bad_documents_do_not_take_the_good_ones_with_them(place, serve):
    for name, files in BAD.items():
        folder = place.corpus / "documents" / name
        folder.mkdir()
        for file, content in files.items():
            (folder / file).write_bytes(content)
    place.write_amount(7)
    done = place.build()
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    told = done.stderr.replace("\n", "")
    assert [name for name in BAD if name not in told] == []
    server = serve(place)
    assert "每人每天7元" in server.ask().json()["text"]
    assert server.client.get("/readyz").status_code == 200


def test_each_answer_under_load_is_of_one_corpus(place, serve, load):
    """Indexes change while it answers: no request fails, no answer mixes two versions."""
    server = serve(place)
    server.open()
    seen: Counter[tuple[str, str]] = Counter()
    lock = threading.Lock()

    def ask(number: int) -> None:
        reply = server.ask(session_id=f"load-{number}")
        assert reply.status_code == 200, reply.text
        answer = reply.json()
        (amount,) = re.findall(r"每人每天(\d+)元", answer["text"])
        assert f"每人每天{amount}元" in "".join(c["quote"] for c in answer["citations"]).replace("\n", "")
        with lock:
            seen[answer["corpus_version"], amount] += 1

    with load(ask, 3):
        for amount in AMOUNTS:
            place.write_amount(amount)
            assert place.build().returncode == 0
        wanted, deadline = f"每人每天{AMOUNTS[-1]}元", time.monotonic() + TAKEN_UP_SECONDS
        while wanted not in server.ask().json()["text"]:
            assert time.monotonic() < deadline, "the new index is not taken up"
            time.sleep(RELOAD_SECONDS)
    versions = [version for version, _ in seen]
    assert len(versions) == len(set(versions)) >= 2
    assert server.process.poll() is None


@pytest.mark.parametrize("shift", [timedelta(days=-400), timedelta(days=400), timedelta(seconds=-1)], ids=str)
def test_conversations_go_on_when_the_clock_is_set(place, shift):
    """Turns keep their order, whatever time they are stamped with."""
    now = [datetime(2026, 11, 21, tzinfo=UTC)]
    opened = Assistant(place.settings, now=lambda: now[0])

    def ask(text: str):
        return opened.ask(Question(text, as_of=date(2021, 12, 31), region="河南省", session_id="clock"))

    ask("高职院校一年要培训多少人次？")
    now[0] += shift
    assert "1000人次" in ask("那中职呢？").text
    kept = [turn.question for turn in opened.store.conversations.turns("clock")]
    assert kept == ["高职院校一年要培训多少人次？", "那中职呢？"]


@pytest.mark.parametrize("shift", [-86_400, 86_400 * 400], ids=["a day back", "a year on"])
def test_limits_stay_sane_when_the_clock_is_set(monkeypatch, shift):
    """Nobody is shut out for longer than one period, nor let in without limit."""
    real = time.time
    offset = [0.0]
    monkeypatch.setattr(time, "time", lambda: real() + offset[0])
    throttle = Throttle(LimitSettings(ask="3/minute"))

    waits: list[int] = []

    def count_passed(n: int) -> int:
        passed = 0
        for _ in range(n):
            try:
                throttle.check("ask", "203.0.113.9")
                passed += 1
            except TooManyRequests as exc:
                waits.append(int(exc.headers["retry-after"]))
        return passed

    assert count_passed(5) == 3
    offset[0] = float(shift)
    assert count_passed(10) <= 3
    offset[0] += 61.0
    assert 1 <= count_passed(10) <= 3
    assert all(1 <= wait <= 60 for wait in waits)


def test_the_index_folder_of_another_time_is_served(place, serve):
    """The age of files means nothing: CURRENT says which generation is the newest."""
    for path in place.index.rglob("*"):
        os.utime(path, (4_000_000_000, 4_000_000_000))
    place.write_amount(5)
    assert place.build().returncode == 0
    server = serve(place)
    assert "每人每天5元" in server.ask().json()["text"]
