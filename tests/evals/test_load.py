"""The load command: what it counts against a server that answers, fails and stalls."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from assistant.errors import TiaowenError
from evals.bench.load import Running, describe, read_bodies, run_load, soak
from evals.cases import DEFAULT_CASES, load_cases


@pytest.fixture
def serve():
    """Serves with a script: the status of each request in turn, the last for ever after; seconds each takes."""
    servers = []

    def start(statuses, seconds=0.0):
        left = list(statuses)
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.rfile.read(int(self.headers["content-length"]))
                time.sleep(seconds)
                with lock:
                    status = left.pop(0) if len(left) > 1 else left[0]
                self.send_response(status)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                return

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server.server_port

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_answers_and_failures_are_counted_apart(serve):
    tally = run_load(serve([503, 503, 200]), [b"{}"], 2, 0.3)
    assert tally.n_failed == 2
    assert len(tally.waits_ms) > 2
    figures = {f.label.rpartition("，")[2]: f.median for f in describe("x", tally, 0.3)}
    assert figures["失败"] == 2
    assert figures["p50"] <= figures["p95"] <= figures["p99"]


def test_a_server_that_never_answers_is_an_error(serve):
    with pytest.raises(TiaowenError, match="一个问题也没有答上"):
        run_load(serve([500]), [b"{}"], 1, 0.1)


def test_waiting_for_a_slow_server_counts(serve):
    port = serve([200], seconds=0.5)  # 32 connections manage 64 a second, 200 are due
    figures = {f.label.rpartition("，")[2]: f.median for f in soak(Running(port, ()), [b"{}"], 200, 1.0)}
    assert figures["p99"] > 1000


def test_bodies_are_the_questions():
    cases = [case for case in load_cases(DEFAULT_CASES) if not case.history]
    assert [json.loads(body)["question"] for body in read_bodies(cases)] == [c.question for c in cases]
