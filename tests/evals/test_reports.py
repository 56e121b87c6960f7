from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from evals.metrics import ALL_METRICS, RETRIEVAL_METRICS, SIDE_METRICS, Score
from evals.rates import RATES
from evals.render import render_comparison, render_failures, render_table
from evals.report import compare_reports, load_last_report, save_report, seal_report


def show(renderable: Any, width: int = 120) -> str:
    console = Console(width=width)
    with console.capture() as captured:
        console.print(renderable)
    return captured.get()


def test_round_trip(build: Any, tmp_path: Path) -> None:
    stored = build.report(
        build.result(outcome="fail", history=("前问？",)), commit="abc-dirty", kind="lookup"
    )
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
    build: Any, tmp_path: Path, case_file: str, kind: str | None, version: str | None
) -> None:
    save_report(build.report(corpus_version="old"), tmp_path)
    save_report(build.report(corpus_version="full", created=build.noon + timedelta(hours=1)), tmp_path)
    late = build.noon + timedelta(hours=2)
    save_report(build.report(corpus_version="lookup", kind="lookup", created=late), tmp_path)
    found = load_last_report(tmp_path, case_file=case_file, kind=kind)
    assert (found.corpus_version if found else None) == version


def test_unreadable_report_is_skipped_with_a_warning(
    build: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    save_report(build.report(), tmp_path)
    (tmp_path / "eval-20991231T000000000000Z.json").write_text("{}", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        assert load_last_report(tmp_path, case_file="dev.jsonl") == build.report()
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
def test_gains_and_losses(build: Any, before: str, after: str, gain: bool, loss: bool) -> None:
    old = build.report(build.result(states={"value": before, "status": "correct"}))
    new = build.report(build.result(states={"value": after, "status": "correct"}))
    compared = compare_reports(old, new)
    assert [c.metrics for c in compared.gains] == ([("value",)] if gain else [])
    assert [c.metrics for c in compared.losses] == ([("value",)] if loss else [])
    assert compared.n_common == 1


@pytest.mark.parametrize(
    "changed",
    [{"case_id": "c-2"}, {"question": "另一问？"}, {"expected": "拒答"}, {"region": "某县"}],
    ids=lambda c: next(iter(c)),
)
def test_a_changed_case_is_not_compared(build: Any, changed: dict[str, str]) -> None:
    old = build.report(build.result(states={"status": "correct"}))
    new = build.report(build.result(states={"status": "incorrect"}, **changed))
    compared = compare_reports(old, new)
    assert (compared.n_common, compared.gains, compared.losses) == (0, (), ())


def test_table_counts_scored_cases_only_and_totals_the_core(build: Any) -> None:
    shown = show(
        render_table(
            build.report(
                build.result("a", states={"status": "correct", "value": "unscored"}),
                build.result("b", kind="number", states={"status": "abstained", "mrr": "correct"}),
                build.result("c", kind="refuse", expect="refuse", states={"status": "incorrect"}),
                build.result("d", kind="brand_new", states={"status": "correct"}),
            ),
            {"correct": 0.5, "false_refusals": 0.3, "ask_backs": 0.1},
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
    assert rows["核心"][-1] == "0.500"  # the last table with kinds is that of the means
    assert rows["全对（correct）"] == ["0.5000", "4", "≥", "0.5", "达到"]
    assert rows["误拒（false_refusals）"] == ["0.3333", "3", "≤", "0.3", "未达到"]
    assert rows["追问得当（ask_backs）"] == ["–", "0", "≥", "0.1", "未达到"]
    assert rows["应拒而拒（refusals）"] == ["0.0000", "1"]


def test_table_fits_eighty_columns(build: Any) -> None:
    states = dict.fromkeys(ALL_METRICS, "correct")
    results = (build.result(f"c{i}", kind="scope", states=states) for i in range(87))
    shown = show(render_table(build.report(*results), dict.fromkeys(RATES, 1.0)), 80)
    assert shown.count("87/87") == 2 * 8
    assert "…" not in shown


def test_failures_show_marks_and_reasons(build: Any) -> None:
    failed = build.result("bad", states={"status": "correct", "value": "incorrect"}, history=("前问？",))
    shown = show(render_failures(build.report(failed, build.result("good"))))
    for part in ("bad", "前问？", "答。[1]", "[1] 试发（2021）7号", "数值：value 的理由"):
        assert part in shown
    assert "good" not in shown


@pytest.mark.parametrize("metric", [*SIDE_METRICS, *RETRIEVAL_METRICS])
def test_what_is_told_beside_the_answer_does_not_fail_a_case(build: Any, metric: str) -> None:
    assert build.result(states={"status": "correct", metric: "incorrect"}).is_right


def test_no_failures(build: Any) -> None:
    assert show(render_failures(build.report(build.result()))).strip() == "没有答错的题。"


def test_comparison_names_case_and_metric(build: Any) -> None:
    old = build.report(
        build.result("a", states={"value": "correct"}), build.result("b", states={"value": "abstained"})
    )
    new = build.report(
        build.result("a", states={"value": "incorrect"}), build.result("b", states={"value": "correct"})
    )
    shown = show(render_comparison(compare_reports(old, new)))
    assert "进步 1 题，退步 1 题" in shown
    assert "退步 a：数值" in shown
    assert "进步 b：数值" in shown
    assert "没有" in show(render_comparison(None))
    held_out = show(render_comparison(compare_reports(old, new), is_held_out=True))
    assert "进步 1 题，退步 1 题" in held_out
    assert "数值" not in held_out


def test_sealed_report_keeps_nothing_but_scores(build: Any) -> None:
    secret = {"question": "秘密问", "history": ("秘密前文",), "text": "秘密答", "citations": ("秘密条",)}
    report = build.report(build.result(**secret, states={"value": "incorrect"}))
    sealed = seal_report(report)
    assert not any(word in sealed.model_dump_json() for word in ("秘密", "的理由"))
    assert sealed.results[0].scores["value"] == Score("incorrect", "", 0.5)
    assert sealed.results[0].failed_metrics == ("value",)


@pytest.mark.parametrize(
    ("change", "n_common"),
    [({}, 1), ({"text": "另一答"}, 1), ({"question": "另一问？"}, 0), ({"history": ("前问？",)}, 0)],
    ids=["same", "other answer", "other question", "other history"],
)
def test_sealed_reports_are_compared_where_the_same_was_asked(
    build: Any, change: dict[str, Any], n_common: int
) -> None:
    old, new = (seal_report(build.report(build.result(**fields))) for fields in ({}, change))
    assert compare_reports(old, new).n_common == n_common
