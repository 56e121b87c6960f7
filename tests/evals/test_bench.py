from __future__ import annotations

import http.server
import itertools
import json
import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from rich.console import Console

from assistant.errors import TiaowenError
from assistant.models import Question
from evals.bench.baseline import CHUNK, OVERLAP, cut_chunks, measure_retrieval
from evals.bench.commands import index_env, time_python
from evals.bench.figures import (
    BenchReport,
    build_figure,
    divide,
    interleave,
    percentile,
    render_bench,
    save_bench,
)
from evals.bench.server import Client, find_free_port, measure_server, read_rss, start_server
from evals.bench.stages import COMPOSE, READ, SEARCH, STAGES, WEIGH, StageClock, measure_stages
from evals.cases import DEFAULT_CASES, load_cases
from evals.metrics.ranking import Place
from evals.runner import DEFAULT_AS_OF


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([3.0, 1.0, 2.0], 0.5, 2.0),
        ([1.0, 2.0, 3.0, 4.0], 0.5, 2.0),
        ([5.0], 0.99, 5.0),
        ([float(i) for i in range(1, 101)], 0.99, 99.0),
        ([float(i) for i in range(1, 101)], 1.0, 100.0),
    ],
    ids=["odd", "even", "single", "p99", "all"],
)
def test_percentile(values: list[float], share: float, expected: float) -> None:
    assert percentile(values, share) == expected


def test_interleave_warms_up_and_rotates() -> None:
    order: list[str] = []

    def task(name: str, value: float) -> Any:
        def run() -> float:
            order.append(name)
            return value

        return run

    values = interleave({"a": task("a", 1.0), "b": task("b", 2.0)}, 3)
    assert values == {"a": [1.0] * 3, "b": [2.0] * 3}
    assert "".join(order) == "ab" + "ab" + "ba" + "ab"


def test_ratio_is_taken_within_each_round() -> None:
    figure = build_figure("冷启动", "a ÷ b", "倍", divide([2.0, 30.0, 4.0], [1.0, 10.0, 1.0]))
    assert (figure.median, figure.low, figure.high, figure.n_runs) == (3.0, 2.0, 4.0, 3)


def test_report_is_stored_and_shown(tmp_path: Path) -> None:
    report = BenchReport(
        created=datetime(2026, 11, 21, tzinfo=UTC),
        commit="abc",
        python="3.11.7",
        n_cpus=2,
        figures=(
            build_figure("服务", "p50", "毫秒", [1.234, 12.3]),
            build_figure("检索", "召回@1", "", [0.0]),
        ),
        skipped=("服务内存：没有",),
    )
    path = save_bench(report, tmp_path)
    assert BenchReport.model_validate_json(path.read_text(encoding="utf-8")) == report
    console = Console(width=100)
    with console.capture() as captured:
        console.print(render_bench(report))
    shown = captured.get()
    for part in ("6.77 毫秒", "1.23–12.3", "略过：服务内存：没有", "abc"):
        assert part in shown


def test_command_gets_the_index_folder(tmp_path: Path) -> None:
    code = "import os, pathlib; pathlib.Path(os.environ['TIAOWEN_INDEX_DIR'], 'x').touch()"
    assert time_python(("-c", code), index_env(tmp_path)) > 0
    assert (tmp_path / "x").exists()


def test_failing_command_shows_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(TiaowenError, match=r"以 3 退出.*broken"):
        time_python(("-c", "import sys; sys.stderr.write('broken'); sys.exit(3)"), index_env(tmp_path))


def test_stages_of_a_question_add_up(real_assistant: Any) -> None:
    case = load_cases(DEFAULT_CASES)[0]
    figures = {f.label: f for f in measure_stages(real_assistant, [case], DEFAULT_AS_OF)}
    shares = [figures[f"{stage}占全程"].median for stage in STAGES]
    assert sum(shares) == pytest.approx(1.0)
    assert all(figures[stage].median > 0 for stage in (READ, SEARCH, WEIGH, COMPOSE))
    assert figures["一句对照条款"].median > 0


def test_time_inside_another_step_counts_once(real_assistant: Any) -> None:
    question = Question("一个班最多能坐多少人？", DEFAULT_AS_OF, "潢川县")
    started = time.perf_counter()
    with StageClock().running() as clock:
        real_assistant.ask(question)
    assert 0 < sum(clock.seconds.values()) <= time.perf_counter() - started
    kept = dict(clock.seconds)
    real_assistant.ask(question)
    assert clock.seconds == kept, "what runs behind the block is not timed"


def test_chunks_cover_the_text_and_overlap() -> None:
    sources = {"long": "字" * 1234, "short": "短", "exact": "字" * CHUNK}
    chunks = cut_chunks(sources)
    spans = [(c.start, c.end) for c in chunks if c.document == "long"]
    assert spans[0] == (0, CHUNK)
    assert spans[-1][1] == 1234
    assert all(b[0] == a[1] - OVERLAP for a, b in itertools.pairwise(spans))
    assert [c for c in chunks if c.document == "short"] == [Place("short", 0, 1)]
    assert len([c for c in chunks if c.document == "exact"]) == 1


def test_retrieval_beside_the_naive_recipe(build: Any) -> None:
    sources = {
        "plan": "甲乙丙丁。" * 200 + "种地的人可以免费参加培训。",
        "other": "无关的话。" * 50,
    }
    quote = "种地的人可以 免费参加培训"
    case = build.case(question="种地免费培训吗", gold=[{"doc": "plan", "quote": quote}])
    end = len(sources["plan"])
    figures = measure_retrieval(
        [case, build.case(id="no-gold")],
        sources,
        lambda _, top_k: [Place("other", 0, 9), Place("plan", end - 13, end)][:top_k],
    )
    shares = {figure.label: figure.median for figure in figures}
    assert (shares["召回@1　条问"], shares["召回@3　条问"]) == (0.0, 1.0)
    assert shares["命中@1　500 字块 BM25"] == 1.0


class FakeServer(http.server.BaseHTTPRequestHandler):
    """Answers like the API and keeps what it was asked."""

    protocol_version = "HTTP/1.1"
    history: ClassVar[list[tuple[str, Any]]] = []

    def do_GET(self) -> None:
        self.history.append((self.path.split("?")[0], None))
        self._reply(200, {"status": "ok", "passages": [{"document": "plan"}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.history.append((self.path, body))
        self._reply(500 if body["question"] == "坏" else 200, {"status": "answered"})

    def _reply(self, status: int, value: dict[str, Any]) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def client() -> Iterator[Client]:
    FakeServer.history.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), FakeServer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    connected = Client(server.server_port)
    yield connected
    connected.close()
    server.shutdown()
    thread.join()
    server.server_close()


def test_server_is_measured_beside_its_health_check(client: Client, build: Any) -> None:
    cases = [build.case(), build.case(id="c-2", question="再问？", region="某县")]
    figures = measure_server(client, cases, build.as_of, n_runs=2)
    assert [(f.label, f.unit, f.n_runs) for f in figures[:3]] == [
        ("/v1/ask p50", "毫秒", 2),
        ("/healthz p50", "毫秒", 2),
        ("/v1/ask ÷ /healthz，p50", "倍", 2),
    ]
    assert all(f.median > 0 for f in figures)
    paths = [path for path, _ in FakeServer.history]
    assert paths == ["/v1/ask", "/healthz"] * 6  # two cases, two rounds and one to warm up
    assert FakeServer.history[0][1] == {"question": "问？", "as_of": "2026-11-21"}
    assert FakeServer.history[2][1]["region"] == "某县"


def test_search_returns_the_passages(client: Client, build: Any) -> None:
    assert client.search(build.case(), 5) == [{"document": "plan"}]


def test_error_of_the_server_ends_the_measurement(client: Client, build: Any) -> None:
    with pytest.raises(TiaowenError, match="/v1/ask 返回 500"):
        client.ask(build.case(question="坏"), build.as_of)


def test_nobody_listening(build: Any) -> None:
    with pytest.raises(TiaowenError, match="/healthz 失败"):
        Client(find_free_port()).check_health()


def test_server_that_ends_is_reported_with_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "assistant"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text("raise SystemExit('cannot serve')", encoding="utf-8")
    monkeypatch.setattr("evals.bench.server.ROOT", tmp_path)
    with pytest.raises(TiaowenError, match="cannot serve"), start_server(tmp_path):
        pass


def test_rss_of_this_process_or_none() -> None:
    rss = read_rss(os.getpid())
    assert rss is None or 1 < rss < 100_000
    assert read_rss(2**30) is None


SERVING = """
import http.server, os, pathlib, sys
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("content-length", "2"); self.end_headers()
        self.wfile.write(b"{}")
    def log_message(self, *args): pass
port = int(sys.argv[sys.argv.index("--port") + 1])
pathlib.Path(os.environ["TIAOWEN_INDEX_DIR"], "argv").write_text(" ".join(sys.argv[1:]))
http.server.HTTPServer(("127.0.0.1", port), Health).serve_forever()
"""


def test_server_is_started_on_a_free_port_and_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "assistant"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(SERVING, encoding="utf-8")
    monkeypatch.setattr("evals.bench.server.ROOT", tmp_path)
    with start_server(tmp_path) as (client, pid):
        client.check_health()
        assert (tmp_path / "argv").read_text(encoding="utf-8").startswith("serve --port ")
    with pytest.raises(TiaowenError):
        client.check_health()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
