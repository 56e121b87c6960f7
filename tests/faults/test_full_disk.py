"""A disk that takes no more: an index build leaves the former index, answers go on without being kept, and all recovers by itself."""

from __future__ import annotations

import resource
import subprocess
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from assistant.app import open_assistant
from assistant.config import RetrievalSettings
from assistant.models import Question
from assistant.retrieval import generation
from assistant.retrieval.embed import load_embedder
from assistant.retrieval.opened import open_stored
from tests.faults.conftest import QUESTION, REGION, Place

KIB = 1024


def _limit(n_bytes: int):
    """For a child: no file may grow beyond this."""

    def apply() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, resource.RLIM_INFINITY))

    return apply


def _read_answer(place: Place) -> str:
    """What the index at hand answers; it opens without a warning."""
    opened = open_assistant(place.settings)
    assert opened.warnings == ()
    answer = opened.ask(Question(QUESTION, as_of=date(2021, 12, 31), region=REGION))
    opened.retriever.index.close()
    return answer.text


def _check_told(code: int, errors: str, index: Path) -> None:
    """A build that failed for want of room says so in our words and leaves nothing behind."""
    assert code > 1, errors
    assert "Traceback" not in errors
    assert "磁盘" in errors
    assert not list(index.glob(".building-*"))


def test_a_build_without_room_leaves_the_former_index(place):
    place.write_amount(2)
    for n_bytes in (1, 10 * KIB, 200 * KIB, 2_000 * KIB):
        done = place.build(preexec_fn=_limit(n_bytes))
        _check_told(done.returncode, done.stderr, place.index)
        assert "每人每天1元" in _read_answer(place)
    assert place.build().returncode == 0
    assert "每人每天2元" in _read_answer(place)


@contextmanager
def _small_disk(folder: Path, n_bytes: int):
    """A file system of its own of this size; skips where none may be mounted."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={n_bytes}", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("needs the right to mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("n_kib", [300, 9_000])
def test_a_build_on_a_full_file_system_is_told(place, tmp_path, n_kib):
    with _small_disk(tmp_path / "small", n_kib * KIB) as small:
        moved = place.environment | {"TIAOWEN_INDEX_DIR": str(small / "indexes")}
        done = place.build(env=moved)
        _check_told(done.returncode, done.stderr, small / "indexes")


def test_answers_go_on_where_nothing_can_be_kept(place, serve):
    """With a notice; votes are refused as long, and kept again as soon as there is room."""
    server = serve(place)
    first = server.ask(session_id="full").json()
    size = max(path.stat().st_size for path in place.folder.glob("tiaowen.db*"))
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    vote = {"answer_id": first["id"], "session_id": "full", "vote": "up"}
    unkept = None
    for number in range(200):
        reply = server.ask(session_id=f"full-{number}")
        assert reply.status_code == 200, reply.text
        assert reply.json()["text"] == first["text"]
        if any("没有保存" in notice for notice in reply.json()["notices"]):
            unkept = reply.json()
            break
    assert unkept is not None
    refused = server.client.post("/v1/feedback", json=vote)
    assert refused.status_code in (200, 503)
    assert server.client.get("/readyz").status_code == 200
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    again = server.ask(session_id="room-again").json()
    assert not any("没有保存" in notice for notice in again["notices"])
    assert server.client.post("/v1/feedback", json=vote).status_code == 200


def test_vectors_are_in_memory_unless_they_are_many(place):
    stored, _ = open_stored(place.index, _embedder_name(place))
    assert stored.vectors.nbytes < generation.MAPPED_BYTES
    assert type(stored.vectors).__name__ == "ndarray"


def _embedder_name(place: Place) -> str:
    return load_embedder(RetrievalSettings().embedder).name
