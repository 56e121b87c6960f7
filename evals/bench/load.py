"""`python -m evals.bench.load`: what one and two processes answer in a second, how long it takes, whether memory stays flat.

Each number of processes is driven at full load by a fixed number of connections, each of which asks the next question when
it has its answer. With `--minutes`, the last server is then asked at a fixed share of what it has just managed: questions
are due at fixed moments, and an answer's time counts from the moment its question was due, so a server that stalls is not
spared by a client that waits for it. The client runs on the same cores, which is said in the report. Where wrk is
installed, `--wrk` has it measure the full load as well.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from assistant.app import build_indexes
from assistant.config import load_settings
from assistant.errors import TiaowenError
from evals.bench.commands import ROOT, index_env
from evals.bench.figures import Figure, build_figure, percentile, report_figures
from evals.bench.server import HOST, find_free_port, read_rss
from evals.bench.wrk import PART, run_wrk
from evals.cases import DEFAULT_CASES, Case, load_cases
from evals.runner import DEFAULT_AS_OF

START_S = 120.0
SAMPLE_S = 5.0
"""Between two looks at the memory."""
WARM_S = 3.0
"""Asked for and thrown away before the clock runs."""
SETTLED = 5
"""Samples at each end of a soak whose medians are compared; a soak begins after the full load, so caches are full."""


@dataclass
class Tally:
    """What a load has had; threads add to it.

    Attributes:
        waits_ms: from when a question was due to its answer.
    """

    waits_ms: list[float] = field(default_factory=list)
    n_failed: int = 0

    def rate(self, seconds: float) -> float:
        """Answers a second."""
        return len(self.waits_ms) / seconds


@dataclass(frozen=True, slots=True)
class Running:
    """A server under load, with the process ids that answer."""

    port: int
    pids: tuple[int, ...]

    def memory(self) -> float:
        """Resident memory of all processes that answer, MiB; what they share counts for each."""
        return sum(read_rss(pid) or 0.0 for pid in self.pids)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, show a table, store the figures.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(
        prog="python -m evals.bench.load", description="吞吐量、延迟和长时间运行"
    )
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2], help="开几个进程（默认 1 和 2）")
    parser.add_argument("--connections", type=int, default=8, help="同时提问的连接数（默认 8）")
    parser.add_argument("--seconds", type=float, default=30, help="满负载测多久（默认 30 秒）")
    parser.add_argument("--minutes", type=float, default=0, help="随后按比例持续提问多久（默认不做）")
    parser.add_argument("--share", type=float, default=0.8, help="持续提问时占满负载的比例（默认 0.8）")
    parser.add_argument("--wrk", action="store_true", help="另用 wrk 测满负载")
    options = parser.parse_args(arguments)
    if min(*options.processes, options.connections) < 1 or options.seconds <= 0 or not 0 < options.share <= 1:
        parser.error("进程数、连接数和秒数要大于 0，比例在 0 到 1 之间")
    return report_figures(lambda: measure_load(options))


def measure_load(options: argparse.Namespace) -> list[Figure]:
    """Full load for each number of processes, then the soak on the last.

    Raises:
        TiaowenError: the server does not start, or fails a question.
    """
    bodies = read_bodies([case for case in load_cases(DEFAULT_CASES) if not case.history])
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="tiaowen-load-") as name:
        folder = Path(name)
        build_indexes(load_settings().model_copy(update={"index_dir": folder / "indexes"}))
        for number, n_processes in enumerate(options.processes):
            with start_workers(folder, n_processes) as running:
                label = f"{n_processes} 个进程，{options.connections} 个连接"
                run_load(running.port, bodies, options.connections, WARM_S)
                tally = run_load(running.port, bodies, options.connections, options.seconds)
                figures += describe(label, tally, options.seconds)
                figures.append(build_figure(PART, f"{label}，内存", "MiB", [running.memory()]))
                if options.wrk:
                    figures += run_wrk(running.port, bodies, options, folder)
                if options.minutes and number == len(options.processes) - 1:
                    rate = tally.rate(options.seconds) * options.share
                    figures += soak(running, bodies, rate, options.minutes * 60)
    return figures


def read_bodies(cases: Sequence[Case]) -> list[bytes]:
    """Bodies of `/v1/ask` for the questions of cases."""
    fields = ({"question": c.question, "region": c.region, "as_of": DEFAULT_AS_OF.isoformat()} for c in cases)
    return [json.dumps({k: v for k, v in one.items() if v is not None}).encode() for one in fields]


@contextmanager
def start_workers(folder: Path, n_processes: int) -> Iterator[Running]:
    """`tiaowen serve --workers N` over an index and a store of its own; drained at the end.

    Raises:
        TiaowenError: it does not start.
    """
    port = find_free_port()
    options = ["--no-build", "--port", str(port), "--workers", str(n_processes)]
    env = index_env(folder / "indexes") | {"TIAOWEN_STORE__URL": f"sqlite:///{folder / 'tiaowen.db'}"}
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant", "serve", *options],
        cwd=ROOT,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + START_S
        while not _is_up(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise TiaowenError("服务没有起来", hint="单独运行 tiaowen serve --workers 2 看看")
            time.sleep(0.2)
        yield Running(port, (process.pid,) if n_processes == 1 else tuple(_find_workers(process.pid)))
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _is_up(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _find_workers(pid: int) -> list[int]:
    """The processes that a supervisor has started, its own aids left out."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    children = listed.read_text(encoding="ascii").split() if listed.exists() else []
    return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def run_load(port: int, bodies: Sequence[bytes], n_connections: int, seconds: float) -> Tally:
    """Ask as fast as answers come, on several connections.

    Raises:
        TiaowenError: nothing was answered.
    """
    tally, until = Tally(), time.perf_counter() + seconds

    def ask_on(number: int) -> None:
        turn = itertools.islice(itertools.cycle(bodies), number, None)
        connection = http.client.HTTPConnection(HOST, port, timeout=30)
        while (due := time.perf_counter()) < until:
            _ask(connection, next(turn), due, tally)
        connection.close()

    _run_threads([threading.Thread(target=ask_on, args=(n * 7,)) for n in range(n_connections)])
    if not tally.waits_ms:
        raise TiaowenError("一个问题也没有答上", hint="单独运行 tiaowen serve 看看")
    return tally


def soak(running: Running, bodies: Sequence[bytes], rate: float, seconds: float) -> list[Figure]:
    """Ask at a fixed rate and look at the memory meanwhile."""
    tally, samples = Tally(), [running.memory()]
    begun = time.perf_counter()
    numbers = itertools.count()
    turn = threading.Lock()

    def ask_on() -> None:
        connection = http.client.HTTPConnection(HOST, running.port, timeout=30)
        while True:
            with turn:
                number = next(numbers)
            due = begun + number / rate
            if due > begun + seconds:
                break
            time.sleep(max(0.0, due - time.perf_counter()))
            _ask(connection, bodies[number % len(bodies)], due, tally)
        connection.close()

    threads = [threading.Thread(target=ask_on) for _ in range(32)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        time.sleep(min(SAMPLE_S, seconds / 10))
        samples.append(running.memory())
    label = f"{seconds / 60:g} 分钟，每秒 {rate:.1f} 问"
    first, last = (statistics.median(part) for part in (samples[:SETTLED], samples[-SETTLED:]))
    return [
        *describe(label, tally, seconds),
        build_figure(PART, f"{label}，内存", "MiB", samples),
        build_figure(PART, f"{label}，内存增长（末 − 初）", "MiB", [last - first]),
    ]


def _run_threads(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _ask(connection: http.client.HTTPConnection, body: bytes, due: float, tally: Tally) -> None:
    try:
        connection.request("POST", "/v1/ask", body, {"content-type": "application/json"})
        reply = connection.getresponse()
        reply.read()
        is_answered = reply.status == 200
    except (OSError, http.client.HTTPException):
        connection.close()
        is_answered = False
    if is_answered:
        tally.waits_ms.append((time.perf_counter() - due) * 1000)
    else:
        tally.n_failed += 1


def describe(label: str, tally: Tally, seconds: float) -> list[Figure]:
    """Answers a second, their times, and how many failed."""
    waits = tally.waits_ms
    return [
        build_figure(PART, f"{label}，每秒回答", "个", [tally.rate(seconds)]),
        *(
            build_figure(PART, f"{label}，p{share * 100:.0f}", "毫秒", [percentile(waits, share)])
            for share in (0.5, 0.95, 0.99)
        ),
        build_figure(PART, f"{label}，失败", "个", [float(tally.n_failed)]),
    ]


if __name__ == "__main__":
    sys.exit(main())
