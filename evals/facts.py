"""Cases whose facts are given as facts: `python -m evals.facts`.

In: `cases/facts.jsonl`, results worked out by hand from the documents, and a system that decides rules. Out:
for each case what is wrong, and a table by kind. Understanding of language plays no part, so that a fault
here is one of the calculator or of its citations.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from datetime import date as Day
from fractions import Fraction
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator
from rich.console import Console
from rich.table import Table
from rich.text import Text as RichText

from assistant.errors import CorpusError, RequestInvalid, TiaowenError
from assistant.models import Answer, Decision, DecisionValue, Question
from evals.cases import FACT_CASES, Case, Expectation, Gold, Text
from evals.lines import read_lines, refuse_repeated
from evals.metrics import Evidence
from evals.metrics.citation import score_gold_cited, score_quotes_exact
from evals.metrics.numerals import scale_of
from evals.system import RuleSystem

BY_SUBJECT = "check:"
"""Before a subject: the system chooses the verdict, as `/v1/check` does."""

Kind = Literal[
    "class", "quota", "deadline", "online", "person", "institution", "finance", "enterprise", "table",
    "refuse", "invalid",
]  # fmt: skip
Outcome = Literal["pass", "fail", "unknown", "not_applicable", "conflict", "no_basis", "invalid"]
KIND_LABELS: dict[Kind, str] = {
    "class": "班级",
    "quota": "任务和数量",
    "deadline": "期限",
    "online": "线上培训",
    "person": "人员",
    "institution": "机构和院校",
    "finance": "经费",
    "enterprise": "企业抵免",
    "table": "附表和目标",
    "refuse": "地区和日期",
    "invalid": "用不了的事实",
}
_STATUS = {"unknown": "needs_info", "no_basis": "refused"}
_EXPECT: dict[str, Expectation] = {"unknown": "ask_back", "no_basis": "refuse"}
_DAY = re.compile(r"→ (\d{4}-\d\d-\d\d)")


class FactCase(BaseModel):
    """One rule with facts and what has to come out.

    Attributes:
        question: how somebody might ask; empty where nobody did. It is handed over, and decides nothing.
        rule: `<document>/<id>`, or `check:<subject>`.
        value: the figure, exact; `3..4` for a range, one end of which may be left out.
        values: the figures of texts that disagree, or the days of a timeline, in order.
        date: the day that comes out.
        fails: ids of all checks that fail; where the facts are invalid, facts one of which is named.
        asks: facts that have to be asked for; others may be.
        cites: clauses that have to be cited; others may be.
        bound: what the figure is (`>=`, `<=`, `~`); None where that is not looked at.
        note: how it was worked out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Text
    kind: Kind
    question: str
    rule: Text
    region: Text | None
    as_of: Day
    facts: dict[str, bool | int | str]
    outcome: Outcome
    value: Text | None
    unit: Text | None
    values: tuple[Text, ...]
    date: Day | None
    fails: tuple[Text, ...]
    asks: tuple[Text, ...]
    cites: tuple[Gold, ...]
    bound: Literal[">=", "<=", "~"] | None = None
    note: Text

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if sum((self.value is not None, self.date is not None, bool(self.values))) > 1:
            raise ValueError("value、values、date 只填一项")
        if (self.value is not None or bool(self.values)) != (self.unit is not None):
            raise ValueError("有 value 或 values 才填 unit，且必须填")
        if bool(self.asks) and self.outcome != "unknown":
            raise ValueError("asks 只在 outcome 为 unknown 时填")
        if self.outcome == "fail" and not self.fails:
            raise ValueError("outcome 为 fail 时，fails 写出不合格的检查")
        return self


def load_fact_cases(path: Path = FACT_CASES) -> tuple[FactCase, ...]:
    """Read the cases.

    Raises:
        CorpusError: a line is not a case, an id occurs twice, or there is none; the message names file and
            line.
    """
    placed = read_lines(path, FactCase, "evals/cases/README.md")
    refuse_repeated([(place, case.id) for place, case in placed])
    if not placed:
        raise CorpusError(f"{path}：没有可以评测的题", path=str(path), hint="每行写一道题，格式见 README.md")
    return tuple(case for _, case in placed)


def score_fact_case(system: RuleSystem, case: FactCase) -> list[str]:
    """Decide a case.

    Returns:
        What is wrong, in Chinese; empty where nothing is.
    """
    facts = {name: _write_fact(value) for name, value in case.facts.items()}
    question = Question(case.question, case.as_of, case.region, facts=facts)
    try:
        if case.rule.startswith(BY_SUBJECT):
            answer = system.check(question, case.rule.removeprefix(BY_SUBJECT))
        else:
            answer = system.decide(case.rule, question)
    except RequestInvalid as exc:
        return list(_judge_refused(case, exc))
    if case.outcome == "invalid":
        return [f"应指出事实有误，实为 {answer.decision.outcome if answer.decision else answer.status}"]
    if answer.decision is None:
        return ["没有判定"]
    return [*_judge_decision(case, answer.decision), *_judge_answer(system, case, answer, answer.decision)]


def _write_fact(value: bool | int | str) -> str:
    return (
        value
        if isinstance(value, str)
        else ("是" if value else "否")
        if isinstance(value, bool)
        else str(value)
    )


def _judge_refused(case: FactCase, error: RequestInvalid) -> Iterator[str]:
    if case.outcome != "invalid":
        yield f"应为 {case.outcome}，实为报错：{error.message}"
        return
    # The error of a wrong fact carries its faults; that of a region or rule has none.
    faults = getattr(error, "faults", ())
    named = {fault.fact for fault in faults}
    if bool(case.fails) != bool(named) or (case.fails and not named & set(case.fails)):
        yield f"应指出 {'、'.join(case.fails) or '不是事实的错'}，实为 {'、'.join(sorted(named)) or error.message}"
    if any(fault.message not in error.message for fault in faults):
        yield f"报错没有写全：{error.message}"


# -- the decision --------------------------------------------------------------------------------------


def _judge_decision(case: FactCase, decision: Decision) -> Iterator[str]:
    if decision.outcome != case.outcome:
        yield f"应为 {case.outcome}，实为 {decision.outcome}"
    failed = {check.id for check in decision.checks if check.outcome == "fail"}
    if failed != set(case.fails):
        yield f"不合格的应为 {_list(case.fails)}，实为 {_list(sorted(failed))}"
    asked = {ask.fact for ask in decision.ask}
    if missing := [fact for fact in case.asks if fact not in asked]:
        yield f"应问而没有问：{_list(missing)}；问了 {_list(sorted(asked))}"
    if known := sorted(fact for fact in asked if _is_exact(case.facts.get(fact))):
        yield f"已经说过还要问：{_list(known)}"
    if asked and decision.outcome != "unknown":
        yield f"已有结论还要问：{_list(sorted(asked))}"
    yield from _judge_figures(case, decision)
    if unsure := [repair for repair in decision.repairs if not repair.certified]:
        yield f"改法没有验证：{unsure[0].changes}"


def _judge_figures(case: FactCase, decision: Decision) -> Iterator[str]:
    figures = [decision.value] if decision.value else list(decision.values)
    shown = [_show_figure(figure) for figure in figures]
    if not figures and case.values:
        # The days of a timeline stand in its steps.
        shown = [f"{day}日期" for check in decision.checks for day in _DAY.findall(check.shown)]
    if case.date is not None:
        wanted = [f"{case.date.isoformat()}日期"]
    else:
        texts = list(case.values) if case.values else [case.value] if case.value is not None else []
        wanted = [_show_wanted(text, case.unit or "") for text in texts]
    # What nothing is expected of may be left open, a range that nobody worked out among it.
    is_open = not wanted and case.outcome in ("unknown", "not_applicable", "no_basis")
    if shown != wanted and not is_open:
        yield f"数值应为 {_list(wanted)}，实为 {_list(shown)}"
    if case.bound and any(figure.bound != case.bound for figure in figures):
        yield f"界限应为 {case.bound}，实为 {_list([figure.bound for figure in figures])}"


def _show_figure(figure: DecisionValue) -> str:
    """A figure in units without 万, so that 50 万元 and 500000 元 are the same."""
    if figure.amount is not None:
        return _show_wanted(figure.amount, figure.unit)
    return _show_wanted(f"{figure.low or ''}..{figure.high or ''}", figure.unit)


def _show_wanted(text: str, unit: str) -> str:
    low, dots, high = text.partition("..")
    ends = [_scale(end, unit) for end in ((low, high) if dots else (low,))]
    return f"{dots.join(ends)}{unit.removeprefix('万').removeprefix('亿')}"


def _scale(end: str, unit: str) -> str:
    return end if unit == "日期" or not end else str(Fraction(end) * scale_of(unit))


def _is_exact(value: bool | int | str | None) -> bool:
    """Whether a fact was stated as one value, not as a range."""
    return value is not None and not (isinstance(value, str) and re.search(r"[<>]|\.\.", value))


def _list(items: Sequence[str]) -> str:
    return "、".join(items) or "无"


# -- the answer ----------------------------------------------------------------------------------------


def _judge_answer(system: RuleSystem, case: FactCase, answer: Answer, decision: Decision) -> Iterator[str]:
    status = _STATUS.get(case.outcome, "answered")
    if answer.status != status:
        yield f"状态应为 {status}，实为 {answer.status}"
    evidence = Evidence(_as_case(case), answer, (), system.source)
    for score in (score_gold_cited(evidence), score_quotes_exact(evidence)):
        if score.state in ("incorrect", "abstained"):
            yield score.explanation
    yield from _judge_numbers(answer, decision)


def _judge_numbers(answer: Answer, decision: Decision) -> Iterator[str]:
    """Every number of a citation in the decision is that of one, and every figure of the law has one."""
    known = {citation.n for citation in answer.citations}
    for check in decision.checks:
        for parameter in check.parameters:
            if parameter.cite not in known:
                yield f"{check.id} 的 {parameter.id} 没有引文：{parameter.cite}"
    groups = [item.cites for item in decision.checks] + [item.cites for item in decision.ask]
    groups += [item.cites for item in decision.repairs]
    cited = [n for numbers in groups for n in numbers]
    if loose := sorted(set(cited) - known):
        yield f"判定里的引文编号没有对应的引文：{loose}"


def _as_case(case: FactCase) -> Case:
    """The case as the metrics of answers see it."""
    return Case(
        id=case.id,
        kind=case.kind,
        region=case.region,
        question=case.question or case.rule,
        gold=case.cites,
        expect=_EXPECT.get(case.outcome, "answer"),
    )


# -- the command ---------------------------------------------------------------------------------------


def render_fact_results(results: Sequence[tuple[FactCase, list[str]]]) -> Table:
    """Passes and failures by kind."""
    table = Table("类别", "题数", "通过", "不通过", title="按事实判定")
    groups = [(label, [f for c, f in results if c.kind == kind]) for kind, label in KIND_LABELS.items()]
    for label, faults in [*groups, ("合计", [f for _, f in results])]:
        if faults:
            n_failed = sum(map(bool, faults))
            cells = (len(faults), len(faults) - n_failed, n_failed)
            table.add_row(RichText(label), *(str(cell) for cell in cells))
    return table


def main_facts(system: RuleSystem, cases: Sequence[FactCase], console: Console) -> int:
    """Score all cases and show what came out.

    Returns:
        The exit code: 1 where a case fails.
    """
    results = [(case, score_fact_case(system, case)) for case in cases]
    console.print(render_fact_results(results))
    failed = [(case, faults) for case, faults in results if faults]
    for case, faults in failed:
        console.print(RichText(f"{case.id}　{case.rule}　{case.facts}"), soft_wrap=True)
        for fault in faults:
            console.print(RichText(f"　　{fault}"), soft_wrap=True)
    return 1 if failed else 0


def main() -> None:
    """Open the index that serves and score the cases of `evals/cases/facts.jsonl`."""
    from assistant.app import open_assistant
    from assistant.config import load_settings

    console = Console(highlight=False)
    try:
        code = main_facts(open_assistant(load_settings()), load_fact_cases(), console)
    except TiaowenError as exc:
        console.print(RichText(f"{exc.message}；{exc.hint}" if exc.hint else exc.message))
        code = exc.exit_code
    sys.exit(code)


if __name__ == "__main__":
    main()
