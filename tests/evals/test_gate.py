"""The gate, and the answers of the real assistant held to it: one run for every file of `thresholds.yaml`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import assistant.app
import evals.runner
from assistant.app import BuildReport
from assistant.config import Settings
from assistant.errors import ConfigError
from assistant.surfaces.cli import main
from evals.cases import CASES_DIR, HELD_OUT
from evals.gate import find_misses, load_thresholds
from evals.rates import Rate

HalfRight = Callable[..., int]


@pytest.fixture
def run_eval(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    """Runs `tiaowen eval` with reports in a folder of the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(evals.runner, "REPORTS_DIR", tmp_path / "reports")
    return lambda *arguments: main(["eval", *arguments])


@pytest.fixture
def half_right(
    build: Any, run_eval: Callable[..., int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> HalfRight:
    """Runs the command with given thresholds over two cases that want an answer, one of which is refused."""
    cases = tmp_path / "few.jsonl"
    both = [build.case(), build.case(id="c-2", question="再问？")]
    cases.write_text("\n".join(case.model_dump_json() for case in both), encoding="utf-8")
    system = build.system({"问？": build.answer("至多80人[1]", build.citation("每班人数不得超过 80 人"))})
    monkeypatch.setattr(assistant.app, "open_assistant", lambda settings: system)

    def run(thresholds: dict[str, float], *arguments: str) -> int:
        monkeypatch.setattr(evals.runner, "load_thresholds", lambda: {cases.name: thresholds})
        return run_eval("--cases", str(cases), *arguments)

    return run


@pytest.mark.parametrize("case_file", load_thresholds())
def test_answers_reach_the_thresholds(
    run_eval: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    build_report: BuildReport,
    case_file: str,
) -> None:
    # What the command prints is shown where it fails. The command lets no traceback out, which would show
    # questions, and of cases that are held out it prints totals only.
    monkeypatch.setenv("TIAOWEN_INDEX_DIR", str(settings.index_dir))
    failures = () if case_file in HELD_OUT else ("--failures",)
    assert run_eval("--gate", "--cases", str(CASES_DIR / case_file), *failures) == 0


@pytest.mark.parametrize(
    ("thresholds", "code", "error"),
    [
        ({"correct": 0.5, "false_refusals": 0.5}, 0, ""),
        ({"correct": 0.51}, 1, "没有达到门槛：全对（correct）为 0.5000，应不低于 0.51"),
        ({"false_refusals": 0.4}, 1, "没有达到门槛：误拒（false_refusals）为 0.5000，应不高于 0.4"),
        ({"ask_backs": 0.9}, 1, "没有达到门槛：追问得当（ask_backs）没有可以评分的题，门槛为 0.9"),
    ],
    ids=["reached", "below a minimum", "above a maximum", "nothing to judge"],
)
def test_exit_code_and_message(
    half_right: HalfRight,
    capsys: pytest.CaptureFixture[str],
    thresholds: dict[str, float],
    code: int,
    error: str,
) -> None:
    assert half_right(thresholds, "--gate") == code
    assert capsys.readouterr().err == (f"错误：{error}\n" if error else "")


def test_without_a_gate_nothing_has_to_be_reached(half_right: HalfRight) -> None:
    assert half_right({"correct": 1.0}) == 0


def test_misses_are_those_with_a_threshold_in_order_of_the_rates() -> None:
    rates = [
        Rate("correct", "全对", False, 0.5, 10),
        Rate("refusals", "应拒而拒", False, 0.5, 10),
        Rate("quotes_exact", "引文逐字", False, 0.5, 10),
    ]
    misses = find_misses(rates, {"quotes_exact": 1.0, "correct": 0.6})
    assert [(miss.rate.name, miss.threshold) for miss in misses] == [("correct", 0.6), ("quotes_exact", 1.0)]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("dev.jsonl: {correkt: 0.9}", "dev.jsonl.correkt：.*没有这个比率，比率有：correct、"),
        ("dev.jsonl: {correct: 1.1}", r"dev.jsonl.correct："),
        ("dev.jsonl: {correct: -0.1}", r"dev.jsonl.correct："),
        ("dev.jsonl: {correct: high}", r"dev.jsonl.correct："),
        ("dev.jsonl: {correct: '0.9'}", r"dev.jsonl.correct："),
        ("dev.jsonl: {correct: true}", r"dev.jsonl.correct："),
        ("dev.jsonl: {correct: }", r"dev.jsonl.correct："),
        ("dev.jsonl: 0.9", r"dev.jsonl："),
        ("", "整个文件："),
        ("dev.jsonl: {", "读不出来"),
        (None, "读不出来"),
    ],
    ids=str,
)
def test_wrong_thresholds_are_named(tmp_path: Path, content: str | None, fault: str) -> None:
    path = tmp_path / "thresholds.yaml"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=fault) as caught:
        load_thresholds(path)
    assert str(path) in caught.value.message
    assert caught.value.hint


def test_thresholds_are_read(tmp_path: Path) -> None:
    path = tmp_path / "thresholds.yaml"
    path.write_text(
        "a.jsonl: {correct: 0.9, false_refusals: 0, quotes_exact: 1}\nb.jsonl: {}\n", encoding="utf-8"
    )
    assert load_thresholds(path) == {
        "a.jsonl": {"correct": 0.9, "false_refusals": 0.0, "quotes_exact": 1.0},
        "b.jsonl": {},
    }
