"""A report: what was measured, on what, and what changed since the last one.

Stored as JSON beside the cases rather than in a database, so that two reports can be compared with
any tool.
"""

from __future__ import annotations

import hashlib
import logging
import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from assistant.dialogue.counts import ModelTotals
from assistant.models import AnswerStatus
from evals.cases import HELD_OUT
from evals.metrics import ANSWER_METRICS, Score
from evals.worded import Pair, Worded, subtract_totals

REPORTS_DIR = Path(__file__).resolve().parent / "reports"
_log = logging.getLogger(__name__)


class CaseResult(BaseModel):
    """One case, what came back and how it was judged.

    Attributes:
        expected: the accepted outcomes, in Chinese.
        outcome: the decision's; None where nothing was decided.
        citations: labels with mark, number and clause.
        scores: by metric name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: str
    expect: str
    expected: str
    region: str | None
    history: tuple[str, ...]
    question: str
    status: AnswerStatus
    outcome: str | None
    text: str
    citations: tuple[str, ...]
    scores: dict[str, Score]

    @property
    def failed_metrics(self) -> tuple[str, ...]:
        """Answer metrics that are incorrect or abstained, in the order of `ANSWER_METRICS`."""
        return tuple(
            name
            for name in ANSWER_METRICS
            if name in self.scores and self.scores[name].state in ("incorrect", "abstained")
        )

    @property
    def is_right(self) -> bool:
        """Whether no answer metric failed; retrieval by itself does not count."""
        return not self.failed_metrics


class Report(BaseModel):
    """One run over one file of cases.

    Attributes:
        case_file: name of the file or folder, without its path; empty where the cases had none.
        kind: the only kind that was asked; None for all.
        commit: of the checkout, with `-dirty` where it had changes; None outside of one.
        worded: what a language model changed; None where none was measured.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    case_file: str = ""
    kind: str | None = None
    created: datetime
    as_of: date
    corpus_version: str
    commit: str | None
    settings: dict[str, JsonValue] = Field(default_factory=dict)
    results: tuple[CaseResult, ...]
    worded: Worded | None = None

    @property
    def is_held_out(self) -> bool:
        """Whether only totals and kinds may be shown."""
        return self.case_file in HELD_OUT


def seal_report(report: Report) -> Report:
    """The report without anything of its questions and answers but their scores.

    A digest stands for what was asked, so that two sealed reports can still be compared.
    """
    sealed = tuple(_seal_result(result) for result in report.results)
    worded = report.worded and report.worded.model_copy(update={"pairs": ()})
    return report.model_copy(update={"results": sealed, "worded": worded})


def _seal_result(result: CaseResult) -> CaseResult:
    asked = "\n".join((*result.history, result.question))
    return result.model_copy(
        update={
            "history": (),
            "question": hashlib.sha256(asked.encode()).hexdigest(),
            "text": "",
            "citations": (),
            "scores": {name: replace(score, explanation="") for name, score in result.scores.items()},
        }
    )


def read_commit() -> str | None:
    """The checkout's commit, such as `0f3c…-dirty`; None where git knows none."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        done = subprocess.run(
            command, cwd=REPORTS_DIR.parent, capture_output=True, text=True, check=False, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None


def stamp(moment: datetime) -> str:
    """A moment as a part of a file name; names sort as the moments do."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%S%fZ")


def save_report(report: Report, folder: Path = REPORTS_DIR) -> Path:
    """Write the report as `eval-<moment>.json` and return the path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"eval-{stamp(report.created)}.json"
    path.write_text(report.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return path


def load_last_report(folder: Path = REPORTS_DIR, *, case_file: str, kind: str | None = None) -> Report | None:
    """The newest report over the same case file that covers the kind; None where there is none.

    A report of a single kind is compared with one of that kind or of all kinds; a full one only
    with a full one. A file that is no report of this version is skipped with a warning: an old
    report must not keep anybody from measuring.
    """
    for path in sorted(folder.glob("eval-*.json"), reverse=True):
        try:
            report = Report.model_validate_json(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, ValidationError) as exc:
            _log.warning("评测报告 %s 读不出来，略过：%s", path, exc)
            continue
        # What a model worded is compared with the extractive answers of the same run, not with other days.
        if report.case_file == case_file and report.kind in {None, kind} and report.worded is None:
            return report
    return None


def measure_worded(
    name: str, extractive: Report, worded: Report, before: ModelTotals, after: ModelTotals
) -> Worded:
    """What a model changed in the same cases.

    Args:
        before, after: what it had counted before and after `worded` was measured.
    """
    counted = subtract_totals(after, before)
    both = list(zip(extractive.results, worded.results, strict=True))
    pairs = tuple(
        Pair(id=new.id, question=new.question, extractive=old.text, worded=new.text)
        for old, new in both
        if old.text != new.text
    )
    return Worded(
        model=name,
        n_cases=len(both),
        n_right_extractive=sum(old.is_right for old, _ in both),
        n_right_worded=sum(new.is_right for _, new in both),
        n_changed=len(pairs),
        sentences=counted.sentences,
        faults=counted.faults,
        calls=counted.calls,
        failures=counted.failures,
        tokens=counted.tokens,
        pairs=pairs,
    )


@dataclass(frozen=True, slots=True)
class Change:
    """A case in two reports and the metrics in which it changed."""

    before: CaseResult
    after: CaseResult
    metrics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a new report has that an old one had not, and the other way round.

    Attributes:
        n_common: cases that stand in both with the same question and expectation.
        gains: metrics that became correct, by case in the new report's order.
        losses: metrics that were correct and are no more.
    """

    old_created: datetime
    n_common: int
    gains: tuple[Change, ...]
    losses: tuple[Change, ...]


def compare_reports(old: Report, new: Report) -> Comparison:
    """Gains and losses, metric by metric; an unscored metric is neither."""
    before = {result.id: result for result in old.results}
    gains, losses, n_common = [], [], 0
    for after in new.results:
        earlier = before.get(after.id)
        if earlier is None or _asked(earlier) != _asked(after):
            continue
        n_common += 1
        if gained := _newly_correct(earlier, after):
            gains.append(Change(earlier, after, gained))
        if lost := _newly_correct(after, earlier):
            losses.append(Change(earlier, after, lost))
    return Comparison(old.created, n_common, tuple(gains), tuple(losses))


def _asked(result: CaseResult) -> tuple[object, ...]:
    return (result.region, result.history, result.question, result.expected)


def _newly_correct(before: CaseResult, after: CaseResult) -> tuple[str, ...]:
    """Metrics correct after and wrong before; both must have scored them."""
    return tuple(
        name
        for name, score in after.scores.items()
        if score.state == "correct"
        and name in before.scores
        and before.scores[name].state in ("incorrect", "abstained")
    )
