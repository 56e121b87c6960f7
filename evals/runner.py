"""Asks every case and has it scored.

The day the law is read at is fixed by the caller: a report that followed the calendar would change
without anybody having changed anything.
"""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import JsonValue
from rich.console import Console
from rich.progress import Progress

from assistant.errors import ConfigError, CorpusError, RequestInvalid, TiaowenError
from assistant.models import Answer, Question
from evals.cases import DEFAULT_CASES, HELD_OUT, Case, load_cases
from evals.gate import Miss, Thresholds, find_misses, load_thresholds
from evals.metrics import TOP_K, Evidence, label_citation, score_case
from evals.metrics.status import describe_expectation
from evals.metrics.text import remove_space
from evals.page import save_page
from evals.rates import measure_rates
from evals.render import render_comparison, render_failures, render_table
from evals.report import (
    REPORTS_DIR,
    CaseResult,
    Comparison,
    Report,
    compare_reports,
    load_last_report,
    measure_worded,
    read_commit,
    save_report,
    seal_report,
)
from evals.system import System
from evals.worded import WordedSystem, render_worded

DEFAULT_AS_OF = date(2026, 11, 21)
"""The day the development questions were written for."""

SILENT_S = 2.0
"""Seconds a run may take before a progress bar appears."""


@dataclass(frozen=True, slots=True)
class EvalOptions:
    """What `tiaowen eval` was told.

    Attributes:
        cases: a `.jsonl` file or a folder of them; None: the development questions.
        kind: ask the cases of this kind only; None: all.
        as_of: the day the law is read at; None: `DEFAULT_AS_OF`.
        failures: list each failed case; refused where the cases are held out.
        json: write the report as JSON to standard output instead of the tables.
        gate: the cases have thresholds that must be reached.
        settings: what the system was built with, stored in the report; no secrets.
        reports_dir: where the report goes and where the last one is looked for; None: `REPORTS_DIR`.
    """

    cases: Path | None = None
    kind: str | None = None
    as_of: date | None = None
    failures: bool = False
    json: bool = False
    gate: bool = False
    settings: dict[str, JsonValue] = field(default_factory=dict)
    reports_dir: Path | None = None


class Evaluation(NamedTuple):
    """A run: its report, and what did not reach its threshold (empty where none was to be reached)."""

    report: Report
    misses: tuple[Miss, ...]


def main_eval(system: System, options: EvalOptions, worded: WordedSystem | None = None) -> Evaluation:
    """Run, store as JSON and as a page, show on standard output.

    Of cases that are held out only scores are stored, and only totals and kinds shown in tables and page.

    Args:
        worded: the same system with a language model; then it is measured, and compared with `system`.

    Raises:
        ConfigError: the options do not fit the cases, or the thresholds cannot be used.
        CorpusError: the cases cannot be used, or do not fit the corpus.
    """
    path = options.cases or DEFAULT_CASES
    folder = options.reports_dir or REPORTS_DIR
    thresholds = _choose_thresholds(path.name, options)
    cases = load_cases(path, kind=options.kind)
    as_of = options.as_of or DEFAULT_AS_OF
    # A token of its own keeps a run from going on with the conversations of an earlier one.
    report = run_evaluation(system, cases, as_of, run=secrets.token_hex(4))
    if worded is None:
        last = load_last_report(folder, case_file=path.name, kind=options.kind)
    else:
        last, report = report, _run_worded(worded, cases, report)
    report = report.model_copy(
        update={"case_file": path.name, "kind": options.kind, "settings": options.settings}
    )
    if report.is_held_out:
        report = seal_report(report)
        last = last if worded is None or last is None else seal_report(last)
    stored = save_report(report, folder)
    comparison = compare_reports(last, report) if last else None
    page = save_page(stored.with_suffix(".html"), report, comparison, thresholds)
    if options.json:
        sys.stdout.write(report.model_dump_json(indent=1) + "\n")
    else:
        _show_report(report, comparison, thresholds, failures=options.failures)
        sys.stdout.write(f"报告：{stored}\n网页：{page}\n")
    misses = find_misses(measure_rates(report.results), thresholds) if options.gate else ()
    return Evaluation(report, misses)


def _run_worded(system: WordedSystem, cases: Sequence[Case], extractive: Report) -> Report:
    """The same cases with a language model, and what it changed.

    Raises:
        ConfigError: the system has none.
    """
    if system.model is None:
        raise ConfigError("没有设置语言模型，无从比较", hint="设 TIAOWEN_MODEL__NAME 后再加 --model")
    before = system.model.counts.read()
    report = run_evaluation(system, cases, extractive.as_of, run=secrets.token_hex(4))
    told = measure_worded(system.model.name, extractive, report, before, system.model.counts.read())
    return report.model_copy(update={"worded": told})


def _choose_thresholds(case_file: str, options: EvalOptions) -> Thresholds:
    """The thresholds of a file of cases; a single kind has none.

    Raises:
        ConfigError: failures are to be listed of cases that are held out, or there is nothing to reach.
    """
    if options.failures and case_file in HELD_OUT:
        raise ConfigError(
            f"{case_file} 是留出的验证题，不列出题目",
            hint="去掉 --failures，只看总数；要看错题，用 dev.jsonl",
        )
    if options.gate and options.kind:
        raise ConfigError("门槛是整个题目文件的，不能只测一类题", hint="--gate 和 --kind 只用一个")
    thresholds = load_thresholds()
    if options.gate and case_file not in thresholds:
        raise ConfigError(f"{case_file} 没有门槛", hint="在 evals/thresholds.yaml 里写上，或去掉 --gate")
    return {} if options.kind else thresholds.get(case_file, {})


def _show_report(
    report: Report, comparison: Comparison | None, thresholds: Thresholds, *, failures: bool
) -> None:
    console = Console(highlight=False)
    console.print(render_table(report, thresholds))
    if report.worded is not None:
        console.print(render_worded(report.worded))
    against = "上次" if report.worded is None else "条文摘录"
    console.print(render_comparison(comparison, is_held_out=report.is_held_out, against=against))
    if failures:
        console.print(render_failures(report), soft_wrap=True)


def run_evaluation(system: System, cases: Sequence[Case], as_of: date, *, run: str) -> Report:
    """Ask every case in order and score it.

    Args:
        system: what is measured.
        cases: at least one.
        as_of: the day the law is read at, for every case.
        run: part of every session id; two runs with the same one share their conversations.

    Raises:
        CorpusError: there are no cases, or a gold quote does not stand in its document.
    """
    if not cases:
        raise CorpusError("没有可以评测的题", hint="给出至少一道题")
    check_gold(system, cases)
    results = tuple(run_case(system, case, as_of, run) for case in _with_progress(cases))
    return Report(
        created=datetime.now(UTC),
        as_of=as_of,
        corpus_version=system.corpus_version,
        commit=read_commit(),
        results=results,
    )


def check_gold(system: System, cases: Sequence[Case]) -> None:
    """Refuse cases whose gold quotes the corpus does not have: nobody could cite them.

    Raises:
        CorpusError: every offending case is named.
    """
    squeezed: dict[str, str] = {}
    faults = []
    for case in cases:
        for gold in case.gold:
            if gold.doc not in squeezed:
                try:
                    squeezed[gold.doc] = remove_space(system.source(gold.doc))
                except (TiaowenError, KeyError):
                    squeezed[gold.doc] = ""
            if remove_space(gold.quote) not in squeezed[gold.doc]:
                faults.append(f"{case.id} 的 {gold.doc}「{gold.quote}」")
    if faults:
        raise CorpusError(f"指定条款不在语料里：{'；'.join(faults)}", hint="改正题目的 gold，或补上文件")


def run_case(system: System, case: Case, as_of: date, run: str) -> CaseResult:
    """Ask one case, earlier turns first, and score its last answer."""
    # Without history there is no conversation, so that nothing of an earlier run can leak in.
    session_id = f"eval-{run}-{case.id}" if case.history else None
    for turn in case.history:
        _ask(system, Question(turn, as_of, case.region, session_id))
    answer = _ask(system, Question(case.question, as_of, case.region, session_id))
    evidence = Evidence(
        case=case,
        answer=answer,
        passages=tuple(system.search(case.question, region=case.region, top_k=TOP_K)),
        read_source=system.source,
    )
    return CaseResult(
        id=case.id,
        kind=case.kind,
        expect=case.expect,
        expected=" 或 ".join(describe_expectation(evidence, e) for e in case.accepted),
        region=case.region,
        history=case.history,
        question=case.question,
        status=answer.status,
        outcome=answer.decision.outcome if answer.decision else None,
        text=answer.text,
        citations=tuple(label_citation(c) for c in answer.citations),
        scores=score_case(evidence),
    )


def _ask(system: System, question: Question) -> Answer:
    """The answer; an input that is turned away counts as refused, as the asker sees it."""
    try:
        return system.ask(question)
    except RequestInvalid as exc:
        return Answer(
            id="",
            session_id=question.session_id or "",
            status="refused",
            text=exc.message,
            as_of=question.as_of,
            citations=(),
            decision=None,
            notices=(),
            corpus_version=system.corpus_version,
        )


def _with_progress(cases: Sequence[Case]) -> Iterator[Case]:
    """The cases, with a bar on a terminal's standard error once the run has taken `SILENT_S`."""
    started = time.monotonic()
    console = Console(stderr=True)
    with Progress(
        console=console, transient=True, auto_refresh=False, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("评测", total=len(cases), visible=False)
        for case in cases:
            yield case
            progress.advance(task)
            if time.monotonic() - started > SILENT_S:
                progress.update(task, visible=True)
                progress.refresh()
