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
from assistant.surfaces.schema import JsonObject
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
from assistant.surfaces.workbook_mask import mask_cell, mask_text
from assistant.surfaces.workbook_preview import RowError, RowShown, list_errors, list_preview, mask_own
from assistant.surfaces.workbook_read import CellValue, Limit, Progress, read_grid
from assistant.surfaces.workbook_summary import OUTCOME_WORDS, About, summary_sheet
from assistant.surfaces.workbook_texts import RowTeller, RowTexts
from assistant.surfaces.workbook_write import SheetRows, find_widths, write_template, write_workbook

if TYPE_CHECKING:
    from assistant.app import Assistant
    from assistant.rules.decide import Lineage

_REPORT_EVERY = 200
_RESULT_WIDTHS = (10, 50, 40, 50, 50, 50)


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """What a table is checked against.

    Attributes:
        rule: key of a verdict or check; empty takes the verdict about `subject` that fits the columns best.
        limit: how large the table may be; None for the largest that is read at all.
    """

    rule: str
    subject: str
    region: str | None
    as_of: date
    limit: Limit | None = None


class CheckedTable(NamedTuple):
    """A checked table.

    Attributes:
        data: the xlsx.
        counts: how many rows came out how; see `OUTCOME_WORDS`.
        notices: what must be told once.
        failing: the checks that rows fail and how many do, the commonest first.
        headers: of the user's own columns that the preview shows.
        preview: the first rows of each outcome, in the order of the sheet.
        errors: the first cells that could not be used.
        links: the clauses that the preview names; see `ClauseList.links`.
    """

    data: bytes
    counts: dict[str, int]
    notices: tuple[str, ...]
    rule: str
    label: str
    sheet: str
    failing: tuple[tuple[str, int], ...]
    headers: tuple[str, ...]
    preview: tuple[RowShown, ...]
    errors: tuple[RowError, ...]
    links: dict[str, JsonObject]


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
    table = match_columns(read_grid(data, report, wanted.limit), assistant.calculator.book.facts, expected)
    given = [column.fact.id for column in table.fact_columns if column.fact]
    rule = choose_rule(assistant, wanted, given, lineage)
    notices = [*table.notices, *tell_missing(find_missing_facts(assistant.calculator.book, rule.key, given))]
    if not table.rows:
        notices.append("表头下面没有数据")
    decided = _decide(assistant, rule, table, wanted.as_of, lineage, report)
    teller = RowTeller(assistant.calculator, rule, wanted.as_of, lineage)
    texts = list(_tell_rows(teller, decided, report))
    counts = Counter(text.outcome for text in texts)
    failing = _rank_failing(assistant, decided)
    own = mask_own(table)
    if own.n_masked:
        notices.append(f"{own.n_masked} 处身份证号、手机号已遮盖")
    about = About(rule.label, rule.key, wanted.region or "未指定", wanted.as_of, assistant.corpus_version)
    summary = summary_sheet(counts, failing, about, notices)
    result = _result_sheet(table, own.rows, texts, report)
    written = write_workbook([result, teller.clauses.sheet(), summary])
    return CheckedTable(
        data=written,
        counts={o: counts[o] for o in OUTCOME_WORDS if counts[o]},
        notices=tuple(notices),
        rule=rule.key,
        label=rule.label,
        sheet=table.sheet,
        failing=failing,
        headers=own.headers,
        preview=list_preview(table, own, texts),
        errors=list_errors(table, decided.reads),
        links=teller.clauses.links(),
    )


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
            yield RowTexts("invalid", error=mask_text("；".join(fault.text for fault in read.faults)))
        elif (outcome := outcomes.get(n, "no_basis")) == "pass":
            yield RowTexts("pass", basis=passing(at_good[n]))
        else:
            yield teller.tell(outcome, read.stated)


# -- what goes out --------------------------------------------------------------------------------------


def _result_sheet(
    table: Table, own: Sequence[dict[int, CellValue]], texts: Sequence[RowTexts], report: Progress
) -> SheetRows:
    headers = [mask_text(column.header) for column in table.columns]
    places = [column.place for column in table.columns]

    def rows() -> Iterator[list[CellValue]]:
        for n, (row, masked, text) in enumerate(zip(table.rows, own, texts, strict=True)):
            if n % _REPORT_EVERY == 0:
                report("写出表格", n, len(texts))
            cells = [masked.get(i, row[i]) if i < len(row) else None for i in places]
            if text.outcome == "invalid":
                # A number in the wrong column is one all the same.
                cells = [mask_cell(cell) for cell in cells]
            yield [*cells, OUTCOME_WORDS[text.outcome], *(cell or None for cell in text[1:])]

    widths = [*find_widths(headers, table.rows), *_RESULT_WIDTHS]
    return SheetRows("结果", [*headers, *RESULT_HEADERS], rows(), widths)


def _rank_failing(assistant: Assistant, decided: _Decided) -> tuple[tuple[str, int], ...]:
    if decided.result is None:
        return ()
    result, checks = decided.result, assistant.calculator.book.checks
    n_failing = {key: int((result.check_codes(key) == FAIL).sum()) for key in result.blocks}
    ranked = sorted(n_failing, key=lambda key: -n_failing[key])
    return tuple((checks[key].label, n_failing[key]) for key in ranked if n_failing[key])


def _ignore(_stage: str, _done: int, _all: int) -> None:
    """No progress wanted."""
