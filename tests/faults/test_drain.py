"""SIGTERM: what has begun is ended properly, nothing new is taken, and the exit status is 0; a dead worker is replaced."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from typing import Any

import httpx
import psutil
import pytest

from tests.faults.conftest import QUESTION, REGION, Place, Server, free_port

BODY = {"question": QUESTION, "region": REGION, "as_of": "2021-12-31"}


@pytest.fixture(params=[1, 2], ids=["one process", "two processes"])
def server(request, place: Place, tmp_path):
    """A server that has opened its index."""
    port = free_port()
    command = ("serve", "--port", str(port), "--no-build", "--workers", str(request.param))
    with (tmp_path / "errors.txt").open("a", encoding="utf-8") as errors:
        process = place.start(*command, stdout=subprocess.DEVNULL, stderr=errors)
        started = Server(place, port, process)
        try:
            started.wait()
            for _ in range(2 * request.param):
                assert httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=60).status_code == 200
            yield started
        finally:
            for child in _workers(process) if process.poll() is None else []:
                with suppress(psutil.NoSuchProcess):
                    child.kill()
            process.kill()
            process.wait()
            started.client.close()


def _workers(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The workers that are alive; one that has ended but not been collected yet is none."""
    found = []
    for child in psutil.Process(process.pid).children():
        with suppress(psutil.NoSuchProcess):
            if "spawn_main" in " ".join(child.cmdline()):
                found.append(child)
    return found


def test_sigterm_ends_what_has_begun(server, tmp_path):
    outcomes: list[str] = []

    def stream(started: threading.Semaphore) -> None:
        """One stream after another until no connection is taken."""
        while True:
            events: list[str] = []
            last: dict[str, Any] = {}
            try:
                with httpx.stream(
                    "POST", f"http://127.0.0.1:{server.port}/v1/ask/stream", json=BODY, timeout=30
                ) as reply:
                    for line in reply.iter_lines():
                        if line.startswith("event: "):
                            events.append(line.removeprefix("event: "))
                            if len(events) == 1:
                                started.release()
                        elif line.startswith("data: "):
                            last = json.loads(line.removeprefix("data: "))
            except httpx.TransportError as exc:
                # Not taken, or closed before a byte of it was answered: nothing that had begun is lost.
                outcomes.append("refused" if not events else f"cut: {exc!r}")
                return
            whole = events[-1:] == ["done"] and last.get("status") == "answered"
            outcomes.append("whole" if whole else f"half: {events}")

    started = threading.Semaphore(0)
    threads = [threading.Thread(target=stream, args=(started,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(6):
        assert started.acquire(timeout=60)
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(timeout=40) == 0
    assert time.monotonic() - began < 30
    for thread in threads:
        thread.join(30)
    assert set(outcomes) == {"whole", "refused"}, outcomes
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{server.port}/healthz")
    assert "Traceback" not in (tmp_path / "errors.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("server", [2], indirect=True, ids=["two processes"])
def test_a_dead_worker_is_replaced_and_none_outlives_its_supervisor(server):
    first = _workers(server.process)
    assert len(first) == 2
    first[0].kill()
    deadline = time.monotonic() + 60
    n_cut = 0
    while len(alive := _workers(server.process)) < 2 or first[0] in alive:
        assert time.monotonic() < deadline
        try:
            assert server.ask().status_code == 200
        except httpx.TransportError:
            n_cut += 1  # the dead one had held the connection
        time.sleep(0.1)
    assert n_cut <= 1
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    gone, left = psutil.wait_procs(alive, timeout=40)
    assert (len(gone), left) == (2, [])
