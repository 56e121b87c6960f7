from __future__ import annotations

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag

from evals.page import Bar, render_page
from evals.rates import Tally
from evals.report import Report, compare_reports

EVIL = "<script>alert('x')</script>&amp;\"quoted\""
FAILED = {"status": "correct", "value": "incorrect"}


def read_page(report: Report, old: Report | None = None, thresholds: Any = None) -> BeautifulSoup:
    comparison = compare_reports(old, report) if old else None
    return BeautifulSoup(render_page(report, comparison, thresholds or {}), "html.parser")


def squeeze(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def test_page_needs_nothing_else(build: Any) -> None:
    page = read_page(build.report(build.result(states=FAILED)), build.report(build.result()))
    assert not page.find_all(["script", "link", "img", "iframe", "object", "base"])
    assert not [tag for tag in page.find_all(True) if {"src", "href", "style", "onclick"} & set(tag.attrs)]
    assert not re.search(r"https?:|url\(|@import", str(page))
    assert page.select("html[lang=zh-CN]")
    assert page.find("meta", attrs={"name": "viewport"})
    assert "prefers-color-scheme: dark" in str(page.style)


def test_everything_from_outside_is_escaped(build: Any) -> None:
    fields = dict.fromkeys(("kind", "expected", "region", "question", "text"), EVIL)
    fields |= {"history": (EVIL,), "citations": (EVIL,)}
    old = build.report(build.result(EVIL, **fields | {"text": f"旧{EVIL}"}))
    new = build.report(
        build.result(EVIL, states={"status": "incorrect"}, **fields), case_file=EVIL, commit=EVIL
    )
    page = read_page(new, old)
    assert page.script is None
    # Parsed again it is what went in: nothing was dropped, nothing escaped twice.
    for tag in page.find_all("details"):
        assert EVIL in tag.get_text()
    assert f"旧{EVIL}" in page.get_text()
    texts = [tag.get_text() for tag in page.find_all(["dd", "text"])]
    assert sum(EVIL in text for text in texts) >= len(fields) + len(("commit", "case_file"))


def test_head_says_what_was_measured(build: Any) -> None:
    page = read_page(build.report(build.result(), commit="abc-dirty", corpus_version="v7", kind="lookup"))
    assert page.header
    shown = squeeze(page.header)
    for part in ("dev.jsonl", "只测 lookup", "1 题", "2026-11-21", "v7", "abc-dirty", "2026-11-21 12:00 UTC"):
        assert part in shown


def test_tiles_show_rates_with_their_thresholds(build: Any) -> None:
    results = [
        build.result("a"),
        build.result("b"),
        build.result("c", status="refused", states={"status": "abstained"}),
    ]
    thresholds = {"correct": 0.95, "false_refusals": 0.34, "ask_backs": 0.07}
    page = read_page(build.report(*results), thresholds=thresholds)
    tiles = {squeeze(tile): tile["class"] for tile in page.select(".tiles .card")}
    assert tiles == {
        "全对 66.67% 3 题，门槛 ≥ 95%，未达到": ["card", "missed"],
        "应拒而拒 – 0 题": ["card"],
        "追问得当 – 0 题，门槛 ≥ 7%，未达到": ["card", "missed"],
        "误拒 33.33% 3 题，门槛 ≤ 34%，达到": ["card", "met"],
        "引用召回 – 0 题": ["card"],
        "引用精确 – 0 题": ["card"],
        "数字有据 – 0 题": ["card"],
        "引文逐字 – 0 题": ["card"],
    }


@pytest.mark.parametrize(
    ("tally", "segments"),
    [
        (Tally(1, 2, 1), [("right", 0, 25), ("wrong", 25, 50), ("abstained", 75, 25)]),
        (Tally(3, 0, 0), [("right", 0, 100)]),
        (Tally(0, 1, 1), [("wrong", 0, 50), ("abstained", 50, 50)]),
    ],
)
def test_bar(tally: Tally, segments: list[tuple[str, float, float]]) -> None:
    assert [tuple(segment) for segment in Bar("口语", False, tally).segments()] == segments


def test_chart_has_a_bar_for_every_kind(build: Any) -> None:
    results = [build.result("a"), build.result("b", kind="number", states={"status": "incorrect"})]
    chart = read_page(build.report(*results)).svg
    assert chart
    texts = [squeeze(text) for text in chart.find_all("text")]
    assert texts[:4] == ["查条款", "对 1 错 0 弃答 0", "数字", "对 0 错 1 弃答 0"]
    bars = [(rect["class"], rect["x"], rect["width"]) for rect in chart.find_all("rect")]
    assert bars[:2] == [(["right"], "0.000%", "100.000%"), (["wrong"], "0.000%", "100.000%")]
    lowest = max(float(rect["y"]) + float(rect["height"]) for rect in chart.find_all("rect"))
    assert lowest <= float(chart["height"])


def test_gains_and_losses_show_both_answers(build: Any) -> None:
    right, wrong = {"value": "correct"}, {"value": "incorrect"}
    old = build.report(
        build.result("a", states=right, text="旧甲"),
        build.result("b", states=wrong, text="旧乙", status="refused"),
    )
    new = build.report(
        build.result("a", states=wrong, text="新甲"), build.result("b", states=right, text="新乙")
    )
    page = read_page(new, old)
    shown = [squeeze(tag) for tag in page.select(".loss, .gain")]
    assert shown == [
        "退步 a：数值 问？ 上次 回答 旧甲 这次 回答 新甲",
        "进步 b：数值 问？ 上次 拒答 旧乙 这次 回答 新乙",
    ]
    assert "同题 2 道：进步 1 题，退步 1 题" in squeeze(page)


def test_first_report_has_nothing_to_compare_with(build: Any) -> None:
    assert "没有同一题目文件的上次报告可比" in squeeze(read_page(build.report(build.result())))


def test_failed_cases_are_told_whole(build: Any) -> None:
    failed = build.result(
        "bad", states=FAILED, history=("前问？",), region="某县", citations=("[1] 甲", "[2] 乙")
    )
    page = read_page(build.report(failed, build.result("good")))
    (details,) = page.find_all("details")
    assert squeeze(details) == (
        "bad 问？ 数值 地区 某县 前文 前问？ 应为 回答 实为 回答 答。[1] 引文 [1] 甲 [2] 乙 数值 value 的理由"
    )


def test_page_without_failures_says_so(build: Any) -> None:
    page = read_page(build.report(build.result()))
    assert not page.find_all("details")
    assert "没有答错的题" in squeeze(page)


def test_page_of_held_out_cases_has_totals_and_kinds_only(build: Any) -> None:
    secret = {"question": "秘密问", "text": "秘密答", "history": ("秘密前文",), "citations": ("秘密条",)}
    old = build.report(build.result(**secret), case_file="validation.jsonl")
    new = build.report(
        build.result("c-1", **secret, states=FAILED | {"status": "incorrect"}), case_file="validation.jsonl"
    )
    page = read_page(new, old)
    shown = squeeze(page)
    assert "不显示题目和回答" in shown
    assert "退步 1 题" in shown
    assert "查条款" in shown
    assert not page.find_all("details")
    assert not any(word in str(page) for word in ("秘密", "c-1", "的理由"))
