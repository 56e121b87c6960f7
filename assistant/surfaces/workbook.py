"""Checks every row of a table: a workbook in, a workbook with conclusions out.

In: an xlsx or csv, the rule or the subject, place and day. Out: the same columns with 结论, 不合要求的项, 待补充, 改法,
依据 and 错误 behind, the clauses on a second sheet, the counts on a third. Outcomes come from the batch; only rows
that are no plain pass are put into words, once for each combination of facts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from assistant.dialogue.calculate import choose_verdict
from assistant.errors import RequestInvalid
from assistant.models import Outcome
from assistant.rules.batch import BatchResult, check_many
from assistant.rules.columns import make_column
from assistant.rules.law import Check, Verdict
from assistant.rules.masks import FAIL
from assistant.rules.schema import OUTCOMES
from assistant.rules.statements import Stated
from assistant.surfaces.schema import FOOTER
from assistant.surfaces.workbook_columns import (
    RESULT_HEADERS,
    RowRead,
    RowReader,
    Table,
    expected_headers,
    find_missing_facts,
    match_columns,
    tell_missing,
)
from assistant.surfaces.workbook_read import CellValue, Progress, read_grid
from assistant.surfaces.workbook_texts import RowTeller, RowTexts
from assistant.surfaces.workbook_write import SheetRows, find_widths, write_template, write_workbook

if TYPE_CHECKING:
    from assistant.app import Assistant
    from assistant.rules.decide import Lineage

OUTCOME_WORDS: dict[str, str] = {
    "pass": "符合",
    "fail": "不符合",
    "unknown": "待定",
    "not_applicable": "不适用",
    "conflict": "有分歧",
    "no_basis": "无依据",
    "invalid": "有误",
}
_REPORT_EVERY = 2_000
_RESULT_WIDTHS = (10, 50, 40, 50, 50, 50)


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """What a table is checked against.

    Attributes:
        rule: key of a verdict or check; empty takes the verdict about `subject` that fits the columns best.
    """

    rule: str
    subject: str
    region: str | None
    as_of: date


class CheckedTable(NamedTuple):
    """A checked table: the xlsx, how many rows came out how (see `OUTCOME_WORDS`), what must be told once."""

    data: bytes
    counts: dict[str, int]
    notices: tuple[str, ...]


class _Decided(NamedTuple):
    """The rows, and what was decided about those without faults (`None` where no rule applies at all)."""

    reads: list[RowRead]
    good: list[int]
    result: BatchResult | None


def check_workbook(
    assistant: Assistant, data: bytes, wanted: BatchRequest, progress: Progress | None = None
) -> CheckedTable:
    """Check a table.

    Args:
        progress: called with (stage, n done, n in all).

    Raises:
        RequestInvalid: the file cannot be read, no column fits, or the rule is none that a row can pass or fail.
    """
    report = progress or _ignore
    lineage = assistant.lineage(wanted.region)
    fallback = choose_rule(assistant, wanted, (), lineage)
    expected = expected_headers(find_missing_facts(assistant.calculator.book, fallback.key, ()))
    table = match_columns(read_grid(data, report), assistant.calculator.book, expected)
    given = [column.fact.id for column in table.fact_columns if column.fact]
    rule = choose_rule(assistant, wanted, given, lineage)
    notices = [*table.notices, *tell_missing(find_missing_facts(assistant.calculator.book, rule.key, given))]
    if not table.rows:
        notices.append("表头下面没有数据")
    decided = _decide(assistant, rule, table, wanted.as_of, lineage, report)
    teller = RowTeller(assistant.calculator, rule, wanted.as_of, lineage)
    texts = list(_tell_rows(teller, decided, report))
    counts = Counter(text.outcome for text in texts)
    about = [rule.label, rule.key, wanted.region or "未指定", wanted.as_of.isoformat()]
    summary = _summary(decided, counts, [*about, *notices], assistant)
    written = write_workbook([_result_sheet(table, texts, report), teller.clause_sheet(), summary])
    return CheckedTable(written, {o: counts[o] for o in OUTCOME_WORDS if counts[o]}, tuple(notices))


def choose_rule(
    assistant: Assistant, wanted: BatchRequest, facts: Sequence[str], lineage: Lineage
) -> Verdict | Check:
    """The rule that rows are checked against.

    Raises:
        RequestInvalid: it is none that a row can pass or fail, or there is none about the subject.
    """
    calculator = assistant.calculator
    book = calculator.book
    if wanted.rule:
        rule = book.verdicts.get(wanted.rule) or book.checks.get(wanted.rule)
        if rule is None:
            raise RequestInvalid(
                f"{wanted.rule} 不是能判断符合与否的规则",
                hint="批量检查用 tiaowen rules list --kind verdict 或 --kind check 所列的规则",
            )
        return rule
    stated = dict.fromkeys(facts, Stated(None, ""))
    verdict = choose_verdict(calculator, wanted.subject, stated, lineage)
    verdict = verdict or choose_verdict(calculator, wanted.subject, stated, None)
    if verdict is None:
        subjects = "、".join(sorted({v.subject for v in book.verdicts.values()}))
        raise RequestInvalid(f"不认识的检查对象：{wanted.subject}", hint=f"可选：{subjects}")
    return verdict


def template_workbook(assistant: Assistant, wanted: BatchRequest) -> bytes:
    """An empty table with the right headers for a rule or a subject.

    Raises:
        RequestInvalid: see `choose_rule`.
    """
    rule = choose_rule(assistant, wanted, (), assistant.lineage(wanted.region))
    return write_template(rule.label, find_missing_facts(assistant.calculator.book, rule.key, ()))


def _decide(
    assistant: Assistant, rule: Verdict | Check, table: Table, as_of: date, lineage: Lineage, report: Progress
) -> _Decided:
    calculator = assistant.calculator
    reader = RowReader(calculator.book, table)
    reads: list[RowRead] = []
    for n, row in enumerate(table.rows, 1):
        reads.append(reader.read(row))
        if n % _REPORT_EVERY == 0:
            report("核对数据", n, len(table.rows))
    good = [i for i, read in enumerate(reads) if not read.faults]
    if not good or calculator.find(rule.key, {}, as_of, lineage).reason in ("region", "not_in_force"):
        return _Decided(reads, good, None)
    columns = {
        column.fact.id: make_column(column.fact, [reads[i].stated.get(column.fact.id) for i in good])
        for column in table.fact_columns
        if column.fact
    }
    result = check_many(calculator, rule.key, columns, as_of, lambda done, n_all: report("计算", done, n_all))
    return _Decided(reads, good, result)


def _tell_rows(teller: RowTeller, decided: _Decided, report: Progress) -> Iterator[RowTexts]:
    """The texts of every row, in order."""
    outcomes: dict[int, Outcome] = {}
    if decided.result is not None:
        outcomes = {
            i: OUTCOMES[code] for i, code in zip(decided.good, decided.result.codes.tolist(), strict=True)
        }
    passing = teller.passing_cites(decided.result)
    at_good = dict(zip(decided.good, range(len(decided.good)), strict=True))
    for n, read in enumerate(decided.reads):
        if n % _REPORT_EVERY == 0:
            report("说明结果", n, len(decided.reads))
        if read.faults:
            yield RowTexts("invalid", error="；".join(read.faults))
        elif (outcome := outcomes.get(n, "no_basis")) == "pass":
            yield RowTexts("pass", basis=passing(at_good[n]))
        else:
            yield teller.tell(outcome, read.stated)


# -- sheets --------------------------------------------------------------------------------------------


def _result_sheet(table: Table, texts: Sequence[RowTexts], report: Progress) -> SheetRows:
    headers = [column.header for column in table.columns]
    places = [column.place for column in table.columns]

    def rows() -> Iterator[list[CellValue]]:
        for n, (row, text) in enumerate(zip(table.rows, texts, strict=True)):
            if n % _REPORT_EVERY == 0:
                report("写出表格", n, len(texts))
            own = [row[i] if i < len(row) else None for i in places]
            yield [*own, OUTCOME_WORDS[text.outcome], *(cell or None for cell in text[1:])]

    widths = [*find_widths(headers, table.rows), *_RESULT_WIDTHS]
    return SheetRows("结果", [*headers, *RESULT_HEADERS], rows(), widths)


def _summary(
    decided: _Decided,
    counts: Counter[str],
    about: Sequence[str],
    assistant: Assistant,
) -> SheetRows:
    """Counts by outcome and by failing check, and what the table was checked against."""
    rows: list[Sequence[CellValue]] = [("全部", sum(counts.values()))]
    rows += [(word, counts[outcome]) for outcome, word in OUTCOME_WORDS.items() if counts[outcome]]
    if decided.result is not None:
        failing = {key: int((decided.result.check_codes(key) == FAIL).sum()) for key in decided.result.blocks}
        checks = assistant.calculator.book.checks
        ranked = sorted(failing, key=lambda key: -failing[key])
        rows += [(f"不符合：{checks[key].label}", failing[key]) for key in ranked if failing[key]]
    names = ("规则", "规则标识", "地区", "按哪一天的规定")
    rows += [(), *zip(names, about[: len(names)], strict=True)]
    rows += [("提示", notice) for notice in about[len(names) :]]
    rows += [("文件库版本", assistant.corpus_version), ("", FOOTER)]
    return SheetRows("汇总", ("项目", "行数"), rows, (40, 60))


def _ignore(_stage: str, _done: int, _all: int) -> None:
    """No progress wanted."""
