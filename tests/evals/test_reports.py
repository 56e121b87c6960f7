from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from evals.metrics import ALL_METRICS, Score
from evals.render import render_comparison, render_failures, render_table
from evals.report import CaseResult, Report, compare_reports, load_last_report, save_report

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def result(case_id: str = "c-1", *, states: dict[str, Any] | None = None, **fields: Any) -> CaseResult:
    scores = {
        name: Score(state, f"{name} 的理由", 0.5) for name, state in (states or {"status": "correct"}).items()
    }
    given: dict[str, Any] = {
        "id": case_id,
        "kind": "lookup",
        "expect": "answer",
        "expected": "回答",
        "region": None,
        "history": (),
        "question": "问？",
        "status": "answered",
        "outcome": None,
        "text": "答。[1]",
        "citations": ("[1] 试发（2021）7号 一、",),
        "scores": scores,
        **fields,
    }
    return CaseResult(**given)


def report(*results: CaseResult, **fields: Any) -> Report:
    given: dict[str, Any] = {
        "case_file": "dev.jsonl",
        "created": NOON,
        "as_of": date(2026, 11, 21),
        "corpus_version": "v1",
        "commit": None,
        "settings": {"retrieval": {"bm25_weight": 0.55}},
        "results": results,
        **fields,
    }
    return Report(**given)


def show(renderable: Any, width: int = 120) -> str:
    console = Console(width=width)
    with console.capture() as captured:
        console.print(renderable)
    return captured.get()


def test_round_trip(tmp_path: Path) -> None:
    stored = report(result(outcome="fail", history=("前问？",)), commit="abc-dirty", kind="lookup")
    path = save_report(stored, tmp_path / "new")
    assert path.name == "eval-20261121T120000000000Z.json"
    assert "答。" in path.read_text(encoding="utf-8")
    loaded = load_last_report(tmp_path / "new", case_file="dev.jsonl", kind="lookup")
    assert loaded == stored


@pytest.mark.parametrize(
    ("case_file", "kind", "version"),
    [
        ("dev.jsonl", None, "full"),
        ("dev.jsonl", "lookup", "lookup"),
        ("dev.jsonl", "refuse", "full"),
        ("extra.jsonl", None, None),
    ],
)
def test_last_report_fits_the_run(
    tmp_path: Path, case_file: str, kind: str | None, version: str | None
) -> None:
    save_report(report(corpus_version="old"), tmp_path)
    save_report(report(corpus_version="full", created=NOON + timedelta(hours=1)), tmp_path)
    late = NOON + timedelta(hours=2)
    save_report(report(corpus_version="lookup", kind="lookup", created=late), tmp_path)
    found = load_last_report(tmp_path, case_file=case_file, kind=kind)
    assert (found.corpus_version if found else None) == version


def test_unreadable_report_is_skipped_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    save_report(report(), tmp_path)
    (tmp_path / "eval-20991231T000000000000Z.json").write_text("{}", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        assert load_last_report(tmp_path, case_file="dev.jsonl") == report()
    assert "eval-2099" in caplog.text


@pytest.mark.parametrize(
    ("before", "after", "gain", "loss"),
    [
        ("incorrect", "correct", True, False),
        ("abstained", "correct", True, False),
        ("correct", "incorrect", False, True),
        ("correct", "abstained", False, True),
        ("correct", "correct", False, False),
        ("incorrect", "abstained", False, False),
        ("unscored", "correct", False, False),
        ("correct", "unscored", False, False),
    ],
)
def test_gains_and_losses(before: str, after: str, gain: bool, loss: bool) -> None:
    old = report(result(states={"value": before, "status": "correct"}))
    new = report(result(states={"value": after, "status": "correct"}))
    compared = compare_reports(old, new)
    assert [c.metrics for c in compared.gains] == ([("value",)] if gain else [])
    assert [c.metrics for c in compared.losses] == ([("value",)] if loss else [])
    assert compared.n_common == 1


@pytest.mark.parametrize(
    "changed",
    [{"case_id": "c-2"}, {"question": "另一问？"}, {"expected": "拒答"}, {"region": "某县"}],
    ids=lambda c: next(iter(c)),
)
def test_a_changed_case_is_not_compared(changed: dict[str, str]) -> None:
    old = report(result(states={"status": "correct"}))
    new = report(result(states={"status": "incorrect"}, **changed))
    compared = compare_reports(old, new)
    assert (compared.n_common, compared.gains, compared.losses) == (0, (), ())


def test_table_counts_scored_cases_only_and_totals_the_core() -> None:
    shown = show(
        render_table(
            report(
                result("a", states={"status": "correct", "value": "unscored"}),
                result("b", kind="number", states={"status": "abstained", "mrr": "correct"}),
                result("c", kind="refuse", expect="refuse", states={"status": "incorrect"}),
                result("d", kind="brand_new", states={"status": "correct"}),
            )
        )
    )
    rows = {line.split()[0]: line.split()[1:] for line in shown.splitlines() if line.split()}
    answers = shown.split("检索")[0]
    by_kind = {line.split()[0]: line.split()[1:4] for line in answers.splitlines() if line.split()}
    assert by_kind["查条款"] == ["1", "1/1", "1/1"]
    assert by_kind["数字"] == ["1", "0/1", "0/1"]
    assert by_kind["核心"] == ["2", "1/2", "1/2"]
    assert by_kind["拒答"] == ["1", "0/1", "0/1"]
    assert by_kind["brand_new"] == ["1", "1/1", "1/1"]
    assert by_kind["全部"] == ["4", "2/4", "2/4"]
    assert "漏拒 1/1" in shown
    assert "误拒 1/3" in shown
    assert rows["核心"][-1] == "0.500"  # the last table is that of retrieval


def test_table_fits_eighty_columns() -> None:
    states = dict.fromkeys(ALL_METRICS, "correct")
    shown = show(render_table(report(*(result(f"c{i}", kind="scope", states=states) for i in range(87)))), 80)
    assert shown.count("87/87") == 2 * 8
    assert "…" not in shown


def test_failures_show_marks_and_reasons() -> None:
    failed = result("bad", states={"status": "correct", "value": "incorrect"}, history=("前问？",))
    shown = show(render_failures(report(failed, result("good"))))
    for part in ("bad", "前问？", "答。[1]", "[1] 试发（2021）7号", "数值：value 的理由"):
        assert part in shown
    assert "good" not in shown


def test_retrieval_alone_does_not_fail_a_case() -> None:
    assert result(states={"status": "correct", "recall@1": "incorrect"}).is_right
    assert show(render_failures(report(result()))).strip() == "没有答错的题。"


def test_comparison_names_case_and_metric() -> None:
    old = report(result("a", states={"value": "correct"}), result("b", states={"value": "abstained"}))
    new = report(result("a", states={"value": "incorrect"}), result("b", states={"value": "correct"}))
    shown = show(render_comparison(compare_reports(old, new)))
    assert "进步 1 题，退步 1 题" in shown
    assert "退步 a：数值" in shown
    assert "进步 b：数值" in shown
    assert "没有" in show(render_comparison(None))
