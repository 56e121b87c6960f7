"""A report for the terminal: tables by kind, changes since the last report, failed cases.

Texts go in as `rich.text.Text`, never as markup: `[1]` is a citation mark here, not a style.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from evals.cases import CORE_KINDS
from evals.metrics import ANSWER_METRICS, METRIC_LABELS, RETRIEVAL_METRICS
from evals.metrics.status import STATUS_LABELS
from evals.report import CaseResult, Change, Comparison, Report

KIND_LABELS = {
    "lookup": "查条款",
    "colloquial": "口语",
    "number": "数字",
    "table": "表格",
    "compare": "对比",
    "multi_clause": "多条款",
    "contact_meta": "文件信息",
    "scope": "适用范围",
    "calc_quota": "任务计算",
    "class_check": "开班核对",
    "deadline": "期限",
    "refuse": "应拒答",
    "ambiguous": "含糊",
    "followup": "追问",
    "adversarial": "刁难",
}
_NOTHING = "–"


class Row(NamedTuple):
    """One line of a table: a kind of question, or a total over several."""

    label: str
    results: list[CaseResult]
    is_total: bool


def render_table(report: Report) -> RenderableType:
    """Answers and retrieval by kind, with totals: 核心, 拒答 and 全部."""
    rows = _group_results(report.results)
    head = Text(
        f"评测 {report.case_file or '（未存盘的题目）'}　{len(report.results)} 题"
        f"　按 {report.as_of} 读法　语料 {report.corpus_version}　提交 {report.commit or '无'}"
    )
    return Group(head, _answer_table(rows), _retrieval_table(rows), Text(_refusals(report.results)))


def _group_results(results: Sequence[CaseResult]) -> list[Row]:
    """The rows of the answer table in order, without empty ones."""
    kinds = dict.fromkeys([*KIND_LABELS, *(r.kind for r in results)])
    rows = [Row(KIND_LABELS.get(kind, kind), [r for r in results if r.kind == kind], False) for kind in kinds]
    rows.append(Row("核心", [r for r in results if r.kind in CORE_KINDS], True))
    rows.append(Row("拒答", [r for r in results if r.expect == "refuse"], True))
    rows.append(Row("全部", list(results), True))
    return [row for row in rows if row.results]


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
        n_cases = len(row.results)
        n_right = sum(r.is_right for r in row.results)
        n_abstained = sum(_state(r, "status") == "abstained" for r in row.results)
        counts = [_count_correct(row.results, metric) for metric in ANSWER_METRICS]
        lines.append((row, [str(n_cases), f"{n_right}/{n_cases}", *counts, str(n_abstained)]))
    names = [METRIC_LABELS[metric] for metric in ANSWER_METRICS]
    return _fill_table("回答（对／评分数）", ["题数", "全对", *names, "弃答"], lines)


def _retrieval_table(rows: list[Row]) -> Table:
    lines = []
    for row in rows:
        scored = [r for r in row.results if _state(r, "mrr") != "unscored"]
        if scored:
            shares = [_mean_share(scored, metric) for metric in RETRIEVAL_METRICS]
            lines.append((row, [str(len(scored)), *shares]))
    names = [METRIC_LABELS[metric] for metric in RETRIEVAL_METRICS]
    return _fill_table("检索（平均）", ["题数", *names], lines)


def _state(result: CaseResult, metric: str) -> str:
    score = result.scores.get(metric)
    return score.state if score else "unscored"


def _count_correct(results: Sequence[CaseResult], metric: str) -> str:
    states = [state for r in results if (state := _state(r, metric)) != "unscored"]
    return f"{states.count('correct')}/{len(states)}" if states else _NOTHING


def _mean_share(results: Sequence[CaseResult], metric: str) -> str:
    shares = [r.scores[metric].share or 0.0 for r in results if _state(r, metric) != "unscored"]
    return f"{sum(shares) / len(shares):.3f}" if shares else _NOTHING


def _refusals(results: Sequence[CaseResult]) -> str:
    """How often it refused what it should answer, and answered what it should refuse."""
    to_refuse = [r for r in results if r.expect == "refuse"]
    to_answer = [r for r in results if r.expect != "refuse"]
    n_missed = sum(_state(r, "status") == "incorrect" for r in to_refuse)
    n_over = sum(_state(r, "status") == "abstained" for r in to_answer)
    return f"漏拒 {n_missed}/{len(to_refuse)}（应拒未拒）　误拒 {n_over}/{len(to_answer)}（应答而拒）"


def render_comparison(comparison: Comparison | None) -> RenderableType:
    """Gains and losses against the last report; None: there was none to compare with."""
    if comparison is None:
        return Text("没有同一题目文件的上次报告可比。")
    head = (
        f"与上次（{comparison.old_created:%Y-%m-%d %H:%M} UTC）相比，"
        f"同题 {comparison.n_common} 道：进步 {len(comparison.gains)} 题，"
        f"退步 {len(comparison.losses)} 题"
    )
    lines = [Text(head, style="bold")]
    lines += [_change_line("退步", change, "red") for change in comparison.losses]
    lines += [_change_line("进步", change, "green") for change in comparison.gains]
    return Group(*lines)


def _change_line(word: str, change: Change, style: str) -> Text:
    names = "、".join(METRIC_LABELS.get(metric, metric) for metric in change.metrics)
    return Text(f"  {word} {change.case_id}：{names}", style=style)


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
