"""The last sheet of a checked table: how the rows came out, which checks fail most, what it was checked against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from assistant.surfaces.schema import FOOTER
from assistant.surfaces.workbook_charts import SheetChart
from assistant.surfaces.workbook_read import CellValue
from assistant.surfaces.workbook_write import SheetRows

OUTCOME_WORDS: dict[str, str] = {
    "pass": "符合",
    "fail": "不符合",
    "unknown": "待定",
    "not_applicable": "不适用",
    "conflict": "有分歧",
    "no_basis": "无依据",
    "invalid": "有误",
}
_COLOURS = {
    "pass": "2C6A46",
    "fail": "A3301F",
    "unknown": "B8860B",
    "not_applicable": "8B867C",
    "conflict": "8A4B9E",
    "no_basis": "5E6066",
    "invalid": "1F2226",
}
_MOST_BARS = 12
_ROW_CM = 0.53
"""Height of a row as spreadsheets draw it; the second chart stands below the first."""


class About(NamedTuple):
    """What a table was checked against."""

    label: str
    rule: str
    region: str
    as_of: date
    corpus_version: str


def summary_sheet(
    counts: Mapping[str, int], failing: Sequence[tuple[str, int]], about: About, notices: Sequence[str]
) -> SheetRows:
    """Counts by outcome and by failing check, each as rows and as a chart beside them.

    Args:
        counts: by outcome; see `OUTCOME_WORDS`.
        failing: labels of checks and how many rows fail them, the commonest first.
    """
    present = [outcome for outcome in OUTCOME_WORDS if counts.get(outcome)]
    rows: list[Sequence[CellValue]] = [("全部", sum(counts.values()))]
    rows += [(OUTCOME_WORDS[outcome], counts[outcome]) for outcome in present]
    rows += [(f"不符合：{label}", n) for label, n in failing]
    rows += [(), ("规则", about.label), ("规则标识", about.rule), ("地区", about.region)]
    rows += [("按哪一天的规定", about.as_of.isoformat())]
    rows += [("提示", notice) for notice in notices]
    rows += [("文件库版本", about.corpus_version), ("", FOOTER)]
    return SheetRows(
        "汇总", ("项目", "行数"), rows, (40, 60), _charts(present, len(failing)), is_wrapped=True
    )


def _charts(present: Sequence[str], n_failing: int) -> list[SheetChart]:
    """Row 1 has the headers and row 2 the total."""
    charts = []
    row = 2
    if present:
        colours = [_COLOURS[outcome] for outcome in present]
        charts.append(SheetChart("各种结论的行数", 3, 2 + len(present), f"D{row}", colours=colours))
        row += int(charts[0].height / _ROW_CM) + 2
    if n_failing:
        first = 3 + len(present)
        last = first + min(n_failing, _MOST_BARS) - 1
        charts.append(SheetChart("最常见的不符合项", first, last, f"D{row}"))
    return charts
