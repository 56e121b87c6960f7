"""Figures of a benchmark: medians with their range, and the report that holds them."""

from __future__ import annotations

import math
import os
import platform
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from assistant.errors import TiaowenError
from evals.report import REPORTS_DIR, read_commit, stamp


class Figure(BaseModel):
    """One measured quantity.

    Attributes:
        part: what was measured, in Chinese: 冷启动, 服务, 索引, 检索.
        unit: `秒`, `毫秒`, `MiB`, `倍` for a ratio, or empty for a share in [0, 1].
        low: least value of the run; `high` the greatest.
        n_runs: how many values the median is of.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    part: str
    label: str
    unit: str
    median: float
    low: float
    high: float
    n_runs: int


class BenchReport(BaseModel):
    """One benchmark run.

    Attributes:
        skipped: parts that could not be measured here, with the reason.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    created: datetime
    commit: str | None
    python: str
    n_cpus: int
    figures: tuple[Figure, ...]
    skipped: tuple[str, ...] = ()


def build_figure(part: str, label: str, unit: str, values: Sequence[float]) -> Figure:
    """The median of at least one value, with the range."""
    return Figure(
        part=part,
        label=label,
        unit=unit,
        median=statistics.median(values),
        low=min(values),
        high=max(values),
        n_runs=len(values),
    )


def divide(numerators: Sequence[float], denominators: Sequence[float]) -> list[float]:
    """The ratio of each round; both have one value a round."""
    return [a / b for a, b in zip(numerators, denominators, strict=True)]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed (nearest rank).

    Args:
        values: at least one.
        share: in (0, 1].
    """
    return sorted(values)[math.ceil(share * len(values)) - 1]


def interleave(tasks: Mapping[str, Callable[[], float]], n_runs: int) -> dict[str, list[float]]:
    """Run every task once a round, each round beginning with the next one.

    A round that is thrown away comes first, so that files and byte code are warm for all alike.

    Returns:
        The values by task, one a round, in order of the rounds.
    """
    names = list(tasks)
    values: dict[str, list[float]] = {name: [] for name in names}
    for name in names:
        tasks[name]()
    for round_ in range(n_runs):
        first = round_ % len(names)
        for name in (*names[first:], *names[:first]):
            values[name].append(tasks[name]())
    return values


def report_figures(measure: Callable[[], Sequence[Figure]]) -> int:
    """Measure, show a table, store the report; what is in the way is told.

    Returns:
        The exit code.
    """
    try:
        figures = measure()
    except TiaowenError as exc:
        Console(stderr=True).print(f"{exc.message}\n{exc.hint}".strip(), markup=False)
        return exc.exit_code
    report = build_report(figures)
    Console(highlight=False).print(render_bench(report))
    sys.stdout.write(f"报告：{save_bench(report)}\n")
    return 0


def build_report(figures: Sequence[Figure], skipped: Sequence[str] = ()) -> BenchReport:
    """The report of what was measured here and now."""
    return BenchReport(
        created=datetime.now(UTC),
        commit=read_commit(),
        python=platform.python_version(),
        n_cpus=os.cpu_count() or 1,
        figures=tuple(figures),
        skipped=tuple(skipped),
    )


def save_bench(report: BenchReport, folder: Path = REPORTS_DIR) -> Path:
    """Write the report as `bench-<moment>.json` and return the path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"bench-{stamp(report.created)}.json"
    path.write_text(report.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return path


def render_bench(report: BenchReport) -> RenderableType:
    """The figures as a table, and what was skipped."""
    title = f"基准（提交 {report.commit or '无'}，Python {report.python}，{report.n_cpus} 核）"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1))
    for heading in ("部分", "项目"):
        table.add_column(heading)
    for heading in ("中位数", "最小–最大", "次数"):
        table.add_column(heading, justify="right", no_wrap=True)
    for position, figure in enumerate(report.figures):
        last = position + 1 == len(report.figures)
        ends = not last and report.figures[position + 1].part != figure.part
        table.add_row(
            Text(figure.part),
            Text(figure.label),
            Text(f"{_show(figure.median)} {figure.unit}".strip()),
            Text(f"{_show(figure.low)}–{_show(figure.high)}"),
            Text(str(figure.n_runs)),
            end_section=ends,
        )
    return Group(table, *(Text(f"略过：{reason}") for reason in report.skipped))


def _show(value: float) -> str:
    """Three significant digits, without an exponent."""
    if value == 0:
        return "0"
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{decimals}f}"
