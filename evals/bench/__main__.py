"""`python -m evals.bench`: measure everything, show a table, store the figures."""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from assistant.app import open_assistant
from assistant.config import load_settings
from assistant.errors import TiaowenError
from evals.bench.baseline import Search, measure_retrieval, read_sources
from evals.bench.cold import measure_cold
from evals.bench.figures import BenchReport, Figure, build_figure, build_report, render_bench, save_bench
from evals.bench.index import measure_index
from evals.bench.server import Client, measure_server, read_rss, start_server
from evals.bench.stages import measure_stages
from evals.cases import DEFAULT_CASES, Case, load_cases
from evals.metrics.ranking import Place
from evals.runner import DEFAULT_AS_OF


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark.

    Args:
        arguments: command line without the program's name; None takes that of the process.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(prog="python -m evals.bench", description="基准测试")
    parser.add_argument("--runs", type=int, default=5, help="每项重复几次（默认 5）")
    parser.add_argument("--cases", type=Path, default=DEFAULT_CASES, help="题目文件")
    options = parser.parse_args(arguments)
    if options.runs < 1:
        parser.error("--runs 至少为 1")
    try:
        report = run_bench(load_cases(options.cases), options.runs)
    except TiaowenError as exc:
        Console(stderr=True).print(f"{exc.message}\n{exc.hint}".strip(), markup=False)
        return exc.exit_code
    path = save_bench(report)
    console = Console(highlight=False)
    console.print(render_bench(report))
    console.print(f"报告：{path}", markup=False, soft_wrap=True)
    return 0


def run_bench(cases: Sequence[Case], n_runs: int) -> BenchReport:
    """Measure index, cold start, server and retrieval, in this order, on an index of its own.

    Raises:
        TiaowenError: a command or the server fails.
    """
    with tempfile.TemporaryDirectory(prefix="tiaowen-bench-") as folder:
        figures, index_dir = measure_index(Path(folder), n_runs)
        figures += measure_cold(index_dir, n_runs)
        figures += _measure_stages(cases, index_dir)
        served, skipped = _measure_served(cases, index_dir, n_runs)
    return build_report((*figures, *served), skipped)


def _measure_stages(cases: Sequence[Case], index_dir: Path) -> list[Figure]:
    """Where the time of a question goes, in this process."""
    settings = load_settings().model_copy(update={"index_dir": index_dir})
    single = [case for case in cases if not case.history]
    return measure_stages(open_assistant(settings), single, DEFAULT_AS_OF)


def _measure_served(
    cases: Sequence[Case], index_dir: Path, n_runs: int
) -> tuple[list[Figure], tuple[str, ...]]:
    """What needs a running server, and what could not be measured."""
    single = [case for case in cases if not case.history]
    skipped: tuple[str, ...] = ()
    with start_server(index_dir) as (client, pid):
        figures = measure_server(client, single, DEFAULT_AS_OF, n_runs)
        rss = read_rss(pid)
        if rss is None:
            skipped = (f"服务内存：{platform.system()} 没有 /proc/<pid>/status",)
        else:
            figures.append(build_figure("服务", "进程内存（RSS）", "MiB", [rss]))
        sources = read_sources(load_settings().corpus_dir)
        figures += measure_retrieval(cases, sources, _search_with(client))
    return figures, skipped


def _search_with(client: Client) -> Search:
    """Search through the server, as places of the source texts."""

    def search(case: Case, top_k: int) -> list[Place]:
        return [Place(p["document"], p["start"], p["end"]) for p in client.search(case, top_k)]

    return search


if __name__ == "__main__":
    sys.exit(main())
