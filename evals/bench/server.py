"""The server under one client: answer times against `/healthz`, which does nothing, and memory."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from assistant.errors import TiaowenError
from evals.bench.commands import ROOT, index_env
from evals.bench.figures import Figure, build_figure, divide, percentile
from evals.cases import Case

HOST = "127.0.0.1"
START_S = 60.0
"""Seconds a server may take until it answers."""


class Client:
    """One connection that is kept open, as a program that asks often keeps it."""

    def __init__(self, port: int) -> None:
        self.address = f"http://{HOST}:{port}"
        self._connection = http.client.HTTPConnection(HOST, port, timeout=30)

    def close(self) -> None:
        self._connection.close()

    def check_health(self) -> None:
        """`GET /healthz`."""
        self._send("GET", "/healthz")

    def ask(self, case: Case, as_of: date, session_id: str | None = None) -> dict[str, Any]:
        """`POST /v1/ask` with the case's last turn; with a session it is kept."""
        body = {
            "question": case.question,
            "region": case.region,
            "as_of": as_of.isoformat(),
            "session_id": session_id,
        }
        kept = {name: value for name, value in body.items() if value is not None}
        return self._send("POST", "/v1/ask", json.dumps(kept).encode())

    def search(self, case: Case, top_k: int) -> list[dict[str, Any]]:
        """The passages of `GET /v1/search`, best first."""
        wanted = {"q": case.question, "region": case.region, "k": top_k}
        query = urlencode({name: value for name, value in wanted.items() if value is not None})
        passages: list[dict[str, Any]] = self._send("GET", f"/v1/search?{query}")["passages"]
        return passages

    def _send(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        """One exchange; raises TiaowenError for anything but 200 with a JSON object."""
        headers = {"content-type": "application/json"} if body else {}
        try:
            self._connection.request(method, path, body=body, headers=headers)
            response = self._connection.getresponse()
            content = response.read()
            if response.status != 200:
                said = content.decode("utf-8", errors="replace")[:300]
                raise TiaowenError(f"{method} {path} 返回 {response.status}：{said}")
            value: dict[str, Any] = json.loads(content)
        except (OSError, http.client.HTTPException, json.JSONDecodeError) as exc:
            self._connection.close()
            raise TiaowenError(f"{method} {path} 失败：{exc}", hint="看服务的日志") from exc
        return value


def find_free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def start_server(index_dir: Path) -> Iterator[tuple[Client, int]]:
    """A server over a built index, with the process id; it is stopped at the end.

    Raises:
        TiaowenError: it ends or stays silent; the message has the end of its log.
    """
    port = find_free_port()
    command = [sys.executable, "-m", "assistant", "serve", "--port", str(port)]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=index_env(index_dir), stdout=log, stderr=subprocess.STDOUT
        )
        client = Client(port)
        try:
            if not _await_health(client, process):
                log.seek(0)
                said = log.read().decode("utf-8", errors="replace").strip()[-500:]
                raise TiaowenError(f"服务没有起来：{said}", hint="单独运行 tiaowen serve 看看")
            yield client, process.pid
        finally:
            client.close()
            _stop(process)


def _await_health(client: Client, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            client.check_health()
        except TiaowenError:
            time.sleep(0.1)
        else:
            return True
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def measure_server(client: Client, cases: Sequence[Case], as_of: date, n_runs: int) -> list[Figure]:
    """Milliseconds to answer the cases one after another; a round is one pass over all of them."""
    asked, idle = [], []
    _time_round(client, cases, as_of)
    for _ in range(n_runs):
        ask_ms, health_ms = _time_round(client, cases, as_of)
        asked.append((percentile(ask_ms, 0.5), percentile(ask_ms, 0.99)))
        idle.append((percentile(health_ms, 0.5), percentile(health_ms, 0.99)))
    figures = []
    for column, name in enumerate(("p50", "p99")):
        ask_values = [round_[column] for round_ in asked]
        health_values = [round_[column] for round_ in idle]
        ratios = divide(ask_values, health_values)
        figures += [
            build_figure("服务", f"/v1/ask {name}", "毫秒", ask_values),
            build_figure("服务", f"/healthz {name}", "毫秒", health_values),
            build_figure("服务", f"/v1/ask ÷ /healthz，{name}", "倍", ratios),
        ]
    return figures


def _time_round(client: Client, cases: Sequence[Case], as_of: date) -> tuple[list[float], list[float]]:
    """Milliseconds of each question and of the health check beside it."""
    ask_ms, health_ms = [], []
    for case in cases:
        started = time.perf_counter()
        client.ask(case, as_of)
        between = time.perf_counter()
        client.check_health()
        ended = time.perf_counter()
        ask_ms.append((between - started) * 1000)
        health_ms.append((ended - between) * 1000)
    return ask_ms, health_ms


def read_rss(pid: int | str) -> float | None:
    """Resident memory of a process (`self` for this one) in MiB; None where the system has no `/proc`."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    kib = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(kib[0]) / 1024 if kib else None
