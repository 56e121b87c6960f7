"""Asks every case and has it scored.

The day the law is read at is fixed by the caller: a report that followed the calendar would change
without anybody having changed anything.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import JsonValue
from rich.console import Console
from rich.progress import Progress

from assistant.errors import CorpusError, RequestInvalid, TiaowenError
from assistant.models import Answer, Question
from evals.cases import DEFAULT_CASES, Case, load_cases
from evals.metrics import TOP_K, Evidence, label_citation, score_case
from evals.metrics.status import describe_expectation
from evals.metrics.text import remove_space
from evals.render import render_comparison, render_failures, render_table
from evals.report import (
    REPORTS_DIR,
    CaseResult,
    Report,
    compare_reports,
    load_last_report,
    read_commit,
    save_report,
)
from evals.system import System

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
        failures: list each failed case.
        json: write the report as JSON to standard output instead of the tables.
        settings: what the system was built with, stored in the report; no secrets.
        reports_dir: where the report goes and where the last one is looked for.
    """

    cases: Path | None = None
    kind: str | None = None
    as_of: date | None = None
    failures: bool = False
    json: bool = False
    settings: dict[str, JsonValue] = field(default_factory=dict)
    reports_dir: Path = REPORTS_DIR


def main_eval(system: System, options: EvalOptions) -> Report:
    """Run, store, show on standard output, and return the report.

    Raises:
        CorpusError: the cases cannot be used, or do not fit the corpus.
    """
    path = options.cases or DEFAULT_CASES
    cases = load_cases(path, kind=options.kind)
    last = load_last_report(options.reports_dir, case_file=path.name, kind=options.kind)
    report = run_evaluation(system, cases, options.as_of or DEFAULT_AS_OF)
    report = report.model_copy(
        update={"case_file": path.name, "kind": options.kind, "settings": options.settings}
    )
    stored = save_report(report, options.reports_dir)
    if options.json:
        sys.stdout.write(report.model_dump_json(indent=1) + "\n")
        return report
    console = Console(highlight=False)
    console.print(render_table(report))
    console.print(render_comparison(compare_reports(last, report) if last else None))
    if options.failures:
        console.print(render_failures(report), soft_wrap=True)
    console.print(f"报告：{stored}", markup=False, soft_wrap=True)
    return report


def run_evaluation(system: System, cases: Sequence[Case], as_of: date) -> Report:
    """Ask every case in order and score it.

    Args:
        system: what is measured.
        cases: at least one.
        as_of: the day the law is read at, for every case.

    Raises:
        CorpusError: there are no cases, or a gold quote does not stand in its document.
    """
    if not cases:
        raise CorpusError("没有可以评测的题", hint="给出至少一道题")
    check_gold(system, cases)
    results = tuple(run_case(system, case, as_of) for case in _with_progress(cases))
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


def run_case(system: System, case: Case, as_of: date) -> CaseResult:
    """Ask one case, earlier turns first, and score its last answer."""
    # Without history there is no conversation, so that nothing of an earlier run can leak in.
    session_id = f"eval-{case.id}" if case.history else None
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
    """The cases, with a bar on standard error once the run has taken `SILENT_S`."""
    started = time.monotonic()
    with Progress(console=Console(stderr=True), transient=True, auto_refresh=False) as progress:
        task = progress.add_task("评测", total=len(cases), visible=False)
        for case in cases:
            yield case
            progress.advance(task)
            if time.monotonic() - started > SILENT_S:
                progress.update(task, visible=True)
                progress.refresh()
