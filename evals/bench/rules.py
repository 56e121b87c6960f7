"""`python -m evals.bench.rules`: the calculator against OpenFisca and zen-engine on one class check.

All contestants take their turn in every round of one process, and a ratio is taken within a round. The peers are
no dependencies: one that is not installed is named with the command that installs it.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console

from assistant.errors import TiaowenError
from evals.bench.figures import (
    BenchReport,
    Figure,
    build_figure,
    build_report,
    divide,
    interleave,
    render_bench,
    save_bench,
)
from evals.bench.peers import UNKNOWN, Columns, Contestant, Facts, draw_columns, judge_plainly, list_facts

INSTALL = "python -m pip install -e '.[bench]'"
OURS = "条问"
CLASSES = (
    (OURS, "tiaowen_class", "TiaowenClass"),
    ("OpenFisca", "openfisca_class", "OpenFiscaClass"),
    ("zen-engine", "zen_class", "ZenClass"),
    ("zen-engine create_decision", "zen_class", "ZenDecisionClass"),
)
GOALS = {"OpenFisca": 20, "zen-engine": 3}
"""How many times our time a peer's verdict should take, both with trace."""
RIVALS = ("OpenFisca", "zen-engine")
BATCH_GOAL = 1
LOAD_GOAL_MS = 100
N_CHECKED = 1_000
N_FACTS = 200
LEAST_S = 0.1
"""Seconds that a contestant decides in each round, at least."""
UNKNOWN_SHARE = 0.1


@dataclass(slots=True)
class Field:
    """Who takes part.

    Attributes:
        plain: by name, without trace; `traced` likewise, with trace.
        skipped: who does not, and why.
        load_rules: ours; None where our adapter is missing.
    """

    plain: dict[str, Contestant] = field(default_factory=dict)
    traced: dict[str, Contestant] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    load_rules: Callable[[], int] | None = None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark.

    Args:
        arguments: command line without the program's name; None takes that of the process.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(prog="python -m evals.bench.rules", description="计算器与同类引擎比速度")
    parser.add_argument("--runs", type=int, default=7, help="轮数（默认 7）")
    parser.add_argument("--rows", type=int, default=100_000, help="批量的行数（默认 100000）")
    options = parser.parse_args(arguments)
    if options.runs < 1 or options.rows < 1:
        parser.error("--runs 和 --rows 至少为 1")
    console = Console(highlight=False)
    try:
        report = run_bench(options.runs, options.rows)
    except TiaowenError as exc:
        Console(stderr=True).print(f"{exc.message}\n{exc.hint}".strip(), markup=False)
        return exc.exit_code
    if not report.figures:
        console.print("\n".join(report.skipped), markup=False, soft_wrap=True)
        return 0
    path = save_bench(report)
    console.print(render_bench(report))
    console.print(f"报告：{path}", markup=False, soft_wrap=True)
    return 0


def run_bench(n_runs: int, n_rows: int) -> BenchReport:
    """Hold every contestant against the reference, then measure them in turn."""
    entered = enter_contestants()
    figures = check_contestants(entered) + measure_contestants(entered, n_runs, n_rows)
    return build_report(figures, entered.skipped)


def enter_contestants() -> Field:
    """Build those whose engine is there."""
    entered = Field()
    for name, module, class_ in CLASSES:
        try:
            build: Any = getattr(importlib.import_module(f"evals.bench.peers.{module}"), class_)
        except ImportError as exc:
            if name == OURS:
                entered.skipped.append(f"{name}：{exc}")
            elif name in RIVALS:
                entered.skipped.append(f"{name}：没有安装（{exc}）；安装：{INSTALL}")
            continue
        entered.plain[name], entered.traced[name] = build(), build(trace=True)
        if name == OURS:
            entered.load_rules = build.load_rules
    return entered


def check_contestants(entered: Field) -> list[Figure]:
    """The share of random cases in which each agrees with the reference, one by one and as a batch."""
    columns = draw_columns(N_CHECKED, seed=1)
    rows = list_facts(columns)
    expected = [judge_plainly(row) for row in rows]
    figures = []
    for name, contestant in entered.plain.items():
        traced = [entered.traced[name].decide(row) for row in rows]
        single = [contestant.decide(row) for row in rows]
        batch = [bool(verdict) for verdict in contestant.decide_many(columns)]
        agreed = [len({a, b, c, d}) == 1 for a, b, c, d in zip(expected, single, traced, batch, strict=True)]
        label = f"{name} 与参照一致（{N_CHECKED} 例）"
        figures.append(build_figure("核对", label, "", [sum(agreed) / len(agreed)]))
    if OURS in entered.plain:
        figures.append(_check_unknown(entered.plain[OURS]))
    return figures


def _check_unknown(ours: Contestant) -> Figure:
    """Agreement where cells are unknown; where the reference is undecided, knowing the domains may decide."""
    columns = draw_columns(N_CHECKED, seed=2, unknown_share=UNKNOWN_SHARE)
    expected = [judge_plainly(row) for row in list_facts(columns)]
    verdicts = ours.decide_many(columns).tolist()
    decided = [(a, b) for a, b in zip(expected, verdicts, strict=True) if a is not None]
    agreed = sum(b != UNKNOWN and bool(b) is a for a, b in decided)
    label = f"{OURS} 有未知时与参照一致（{len(decided)} 例有定论）"
    return build_figure("核对", label, "", [agreed / len(decided)])


def measure_contestants(entered: Field, n_runs: int, n_rows: int) -> list[Figure]:
    """Verdicts, batches and loading, all in the same rounds."""
    facts: list[Facts] = [*list_facts(draw_columns(N_FACTS, seed=3))]
    known = draw_columns(n_rows, seed=4)
    tasks: dict[str, Callable[[], float]] = {}
    for name, contestant in entered.plain.items():
        tasks[f"plain {name}"] = _verdict_task(contestant, facts)
        tasks[f"traced {name}"] = _verdict_task(entered.traced[name], facts)
        if name in (OURS, *RIVALS):
            tasks[f"batch {name}"] = _batch_task(contestant, known)
    if OURS in entered.plain:
        partly = draw_columns(n_rows, seed=4, unknown_share=UNKNOWN_SHARE)
        tasks["partly"] = _batch_task(entered.plain[OURS], partly)
    n_rules = 0
    if entered.load_rules is not None:
        n_rules = entered.load_rules()
        tasks["load"] = _load_task(entered.load_rules)
    times = interleave(tasks, n_runs) if tasks else {}
    figures = _show_verdicts(list(entered.plain), times) + _show_batches(list(entered.plain), times, n_rows)
    if "load" in times:
        label = f"全部 {n_rules} 条规则（目标 ≤ {LOAD_GOAL_MS}）"
        figures.append(build_figure("载入", label, "毫秒", times["load"]))
    return figures


def _verdict_task(contestant: Contestant, facts: Sequence[Facts]) -> Callable[[], float]:
    """Microseconds a verdict, over whole passes of the facts."""

    def run_passes() -> float:
        gc.collect()
        n_passes, elapsed = 0, 0.0
        decide = contestant.decide
        started = time.perf_counter()
        while elapsed < LEAST_S:
            for one in facts:
                decide(one)
            n_passes += 1
            elapsed = time.perf_counter() - started
        return elapsed / (n_passes * len(facts)) * 1e6

    return run_passes


def _batch_task(contestant: Contestant, columns: Columns) -> Callable[[], float]:
    """Milliseconds a batch, preparation left out."""

    def run_batch() -> float:
        run = contestant.prepare_many(columns)
        gc.collect()
        started = time.perf_counter()
        run()
        return (time.perf_counter() - started) * 1e3

    return run_batch


def _load_task(load_rules: Callable[[], int]) -> Callable[[], float]:
    """Milliseconds to load all rules."""

    def run_load() -> float:
        gc.collect()
        started = time.perf_counter()
        load_rules()
        return (time.perf_counter() - started) * 1e3

    return run_load


def _show_verdicts(names: Sequence[str], times: Mapping[str, Sequence[float]]) -> list[Figure]:
    part = "单次判定"
    figures = []
    for kind, word in (("traced", "有追踪"), ("plain", "无追踪")):
        figures += [build_figure(part, f"{name}，{word}", "微秒", times[f"{kind} {name}"]) for name in names]
    for kind, word in (("traced", "都有追踪"), ("plain", "都无追踪")):
        for name in names:
            if name == OURS or OURS not in names:
                continue
            goal = f"（目标 ≥ {GOALS[name]}）" if kind == "traced" and name in GOALS else ""
            ratios = divide(times[f"{kind} {name}"], times[f"{kind} {OURS}"])
            figures.append(build_figure(part, f"{name} ÷ {OURS}，{word}{goal}", "倍", ratios))
    return figures


def _show_batches(names: Sequence[str], times: Mapping[str, Sequence[float]], n_rows: int) -> list[Figure]:
    part = f"{n_rows} 行"
    ours = {"partly": "三值，一成未知", f"batch {OURS}": "三值，全部已知"}
    how = {"OpenFisca": "二值，只计 calculate", "zen-engine": "二值，逐行"}
    rivals = [name for name in RIVALS if name in names]
    figures = [
        build_figure(part, f"{OURS}，{word}", "毫秒", times[k]) for k, word in ours.items() if k in times
    ]
    figures += [build_figure(part, f"{name}，{how[name]}", "毫秒", times[f"batch {name}"]) for name in rivals]
    for name in rivals:
        for key, word in ours.items():
            if key not in times:
                continue
            goal = f"（目标 ≥ {BATCH_GOAL}）" if name == "OpenFisca" and key == "partly" else ""
            ratios = divide(times[f"batch {name}"], times[key])
            figures.append(build_figure(part, f"{name} ÷ {OURS}（{word}）{goal}", "倍", ratios))
    return figures


if __name__ == "__main__":
    sys.exit(main())
