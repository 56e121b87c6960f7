"""A report for the terminal: tables by kind, rates, changes since the last report, failed cases.

Texts go in as `rich.text.Text`, never as markup: `[1]` is a citation mark here, not a style.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from evals.gate import Thresholds
from evals.metrics import ANSWER_METRICS, METRIC_LABELS, RETRIEVAL_METRICS
from evals.metrics.status import STATUS_LABELS
from evals.rates import (
    RATES,
    Rate,
    Row,
    group_results,
    mean_share,
    measure_rates,
    share_of,
    state_of,
    tally_results,
)
from evals.report import CaseResult, Change, Comparison, Report

_NOTHING = "–"
_MEANS = {
    name: (RATES[name].label, RATES[name].share) for name in ("citation_recall", "citation_precision")
} | {name: (METRIC_LABELS[name], share_of(name)) for name in RETRIEVAL_METRICS}
"""The columns of the table of means."""


def render_table(report: Report, thresholds: Thresholds) -> RenderableType:
    """Answers, citations and retrieval by kind, with totals, then the rates with what they have to reach."""
    rows = group_results(report.results)
    head = Text(
        f"评测 {report.case_file or '（未存盘的题目）'}　{len(report.results)} 题"
        f"　按 {report.as_of} 读法　语料 {report.corpus_version}　提交 {report.commit or '无'}"
    )
    rates = _rate_table(measure_rates(report.results), thresholds)
    return Group(head, _answer_table(rows), _mean_table(rows), rates)


def _fill_table(title: str, headings: Iterable[str], lines: list[tuple[Row, list[str]]]) -> Table:
    """A table with one line a row; a rule separates the totals from the kinds."""
    table = Table(
        title=title,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        collapse_padding=True,
    )
    table.add_column("题型", no_wrap=True)
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    last_kind = max((i for i, (row, _) in enumerate(lines) if not row.is_total), default=None)
    for position, (row, cells) in enumerate(lines):
        style = "bold" if row.is_total else ""
        is_last_kind = position == last_kind
        table.add_row(Text(row.label), *map(Text, cells), style=style, end_section=is_last_kind)
    return table


def _answer_table(rows: list[Row]) -> Table:
    lines = []
    for row in rows:
        tally = tally_results(row.results)
        counts = [_count_correct(row.results, metric) for metric in ANSWER_METRICS]
        n_cases = str(tally.n_cases)
        lines.append((row, [n_cases, f"{tally.n_right}/{n_cases}", *counts, str(tally.n_abstained)]))
    names = [METRIC_LABELS[metric] for metric in ANSWER_METRICS]
    return _fill_table("回答（对／评分数）", ["题数", "全对", *names, "弃答"], lines)


def _mean_table(rows: list[Row]) -> Table:
    lines = []
    for row in rows:
        n_scored = sum(state_of(r, "mrr") != "unscored" for r in row.results)
        if n_scored:
            means = [_show(mean_share(row.results, share)[0]) for _, share in _MEANS.values()]
            lines.append((row, [str(n_scored), *means]))
    return _fill_table("引用和检索（平均）", ["题数", *(label for label, _ in _MEANS.values())], lines)


def _rate_table(rates: Sequence[Rate], thresholds: Thresholds) -> Table:
    table = Table(
        title="比率和门槛", title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False
    )
    table.add_column("比率", no_wrap=True)
    for heading in ("值", "题数", "门槛", ""):
        table.add_column(heading, justify="right", no_wrap=True)
    for rate in rates:
        threshold = thresholds.get(rate.name)
        wanted = verdict = Text()
        if threshold is not None:
            wanted = Text(f"{'≤' if rate.is_ceiling else '≥'} {threshold:g}")
            verdict = Text("达到", "green") if rate.meets(threshold) else Text("未达到", "red")
        name = Text(f"{rate.label}（{rate.name}）")
        table.add_row(name, _show(rate.value, 4), str(rate.n_cases), wanted, verdict)
    return table


def _show(value: float | None, n_digits: int = 3) -> str:
    return _NOTHING if value is None else f"{value:.{n_digits}f}"


def _count_correct(results: Sequence[CaseResult], metric: str) -> str:
    states = [state for r in results if (state := state_of(r, metric)) != "unscored"]
    return f"{states.count('correct')}/{len(states)}" if states else _NOTHING


def render_comparison(
    comparison: Comparison | None, *, is_held_out: bool = False, against: str = "上次"
) -> RenderableType:
    """Gains and losses against the last report; None: there was none to compare with.

    Args:
        is_held_out: tell how many there are, not which.
        against: what the other report is called.
    """
    if comparison is None:
        return Text("没有同一题目文件的上次报告可比。")
    head = (
        f"与{against}（{comparison.old_created:%Y-%m-%d %H:%M} UTC）相比，"
        f"同题 {comparison.n_common} 道：进步 {len(comparison.gains)} 题，"
        f"退步 {len(comparison.losses)} 题"
    )
    lines = [Text(head, style="bold")]
    if is_held_out:
        return Group(*lines)
    lines += [_change_line("退步", change, "red") for change in comparison.losses]
    lines += [_change_line("进步", change, "green") for change in comparison.gains]
    return Group(*lines)


def _change_line(word: str, change: Change, style: str) -> Text:
    names = "、".join(METRIC_LABELS.get(metric, metric) for metric in change.metrics)
    return Text(f"  {word} {change.after.id}：{names}", style=style)


def render_failures(report: Report) -> RenderableType:
    """Each case that is not right: question, expectation, answer, citations and the reasons."""
    failed = [result for result in report.results if not result.is_right]
    if not failed:
        return Text("没有答错的题。")
    return Group(*(_failure(result) for result in failed))


def _failure(result: CaseResult) -> RenderableType:
    region = result.region or "地区未知"
    parts = [Text(f"✗ {result.id}（{region}）{result.question}", style="bold")]
    if result.history:
        parts.append(Text(f"前文：{' → '.join(result.history)}"))
    parts.append(Text(f"应为：{result.expected}"))
    parts.append(Text(f"实为：{STATUS_LABELS[result.status]}　{result.text}"))
    parts.append(Text(f"引文：{'；'.join(result.citations) or '无'}"))
    parts += [
        Text(f"  {METRIC_LABELS[name]}：{result.scores[name].explanation}", style="red")
        for name in result.failed_metrics
    ]
    return Group(*parts, Text(""))
