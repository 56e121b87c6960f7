"""`tiaowen check`, `compute`, `check-batch`: facts in, decisions out, missing facts asked for one by one.

A case that does not qualify is a result, not an error: the exit code is 0.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.errors import RequestInvalid
from assistant.models import Answer, DecisionAsk, Question
from assistant.surfaces import inbound, schema
from assistant.surfaces.startup import open_for_operator, show_progress, start_settings
from assistant.surfaces.terminal import new_console, write_line, write_notice

if TYPE_CHECKING:
    from assistant.app import Assistant
    from assistant.surfaces.workbook import CheckedTable

STOP_WORDS = frozenset({"q", "quit", "exit", "退出", "结束"})

FactOption = Annotated[
    list[str] | None,
    typer.Option(
        "--fact", "-f", metavar="事实=值", help="已知情况，可写多次：班级人数=85", show_default=False
    ),
]
FactsOption = Annotated[
    str, typer.Option("--facts", metavar="文件", help="从 YAML 文件读已知情况，每行 事实: 值")
]
RegionOption = Annotated[
    str, typer.Option("--region", "-r", metavar="地区", help="地区名称或六位区划代码，如 潢川县")
]
DayOption = Annotated[str, typer.Option("--as-of", metavar="年-月-日", help="按哪一天的规定判断；不填为今天")]
SubjectOption = Annotated[
    str, typer.Option("--subject", "-s", metavar="对象", help="检查对象：class 培训班、person 人员等")
]
RuleOption = Annotated[str, typer.Option("--rule", metavar="规则", help="只按这一条规则；不填则选最合适的")]
AskOption = Annotated[bool, typer.Option("--ask/--no-ask", help="在终端里逐个询问缺少的情况")]
JsonOption = Annotated[bool, typer.Option("--json", help="输出与 HTTP 接口相同的 JSON")]


def check(  # noqa: PLR0913, PLR0917
    facts: FactOption = None,
    facts_file: FactsOption = "",
    region: RegionOption = "",
    as_of: DayOption = "",
    subject: SubjectOption = "class",
    rule: RuleOption = "",
    ask: AskOption = True,
    as_json: JsonOption = False,
) -> None:
    """Check one case."""
    question = _build_question(facts, facts_file, region, as_of)
    assistant = open_for_operator(start_settings())
    key = inbound.find_rule(assistant.calculator.book, rule) if rule else ""
    answer = assistant.decide(key, question) if key else assistant.check(question, subject)
    _finish(assistant, answer, question, ask=ask, as_json=as_json)


def compute(  # noqa: PLR0913, PLR0917
    rule: Annotated[str, typer.Argument(metavar="规则", help="规则标识", show_default=False)],
    facts: FactOption = None,
    facts_file: FactsOption = "",
    region: RegionOption = "",
    as_of: DayOption = "",
    ask: AskOption = True,
    as_json: JsonOption = False,
) -> None:
    """Decide or compute one rule."""
    question = _build_question(facts, facts_file, region, as_of)
    assistant = open_for_operator(start_settings())
    answer = assistant.decide(inbound.find_rule(assistant.calculator.book, rule), question)
    _finish(assistant, answer, question, ask=ask, as_json=as_json)


def check_batch(  # noqa: PLR0913, PLR0917
    source: Annotated[
        str, typer.Argument(metavar="输入文件", help="xlsx 或 csv；写模板时不用", show_default=False)
    ] = "",
    target: Annotated[str, typer.Argument(metavar="输出文件", help="写出的 xlsx", show_default=False)] = "",
    rule: RuleOption = "",
    subject: SubjectOption = "class",
    region: RegionOption = "",
    as_of: DayOption = "",
    template: Annotated[
        str, typer.Option("--template", metavar="文件", help="不检查，只写一个空白模板")
    ] = "",
) -> None:
    """Check every row of a workbook, or write an empty one."""
    if not template and not (source and target):
        raise RequestInvalid(
            "缺少输入文件或输出文件",
            hint="tiaowen check-batch 输入.xlsx 输出.xlsx；或 --template 模板.xlsx 写空白模板",
        )
    _spare_files(source, target, template)
    day = inbound.parse_day(as_of) if as_of else date.today()
    data = b"" if template else _read_bytes(Path(source))
    assistant = open_for_operator(start_settings())
    from assistant.surfaces import workbook

    key = inbound.find_rule(assistant.calculator.book, rule) if rule else ""
    wanted = workbook.BatchRequest(key, subject, region.strip() or None, day)
    if template:
        _write_bytes(Path(template), workbook.template_workbook(assistant, wanted))
        write_line(f"模板已写入 {template}")
        return
    with show_progress() as report_progress:
        checked = workbook.check_workbook(assistant, data, wanted, report_progress)
    _write_bytes(Path(target), checked.data)
    for notice in checked.notices:
        write_notice(notice)
    write_line(_describe_batch(checked, target))


def _spare_files(source: str, target: str, template: str) -> None:
    """Neither the rows to be checked nor a template that somebody has filled in is written over."""
    if template and Path(template).exists():
        raise RequestInvalid(f"文件已经存在：{template}", hint="换个文件名，以免盖掉已经填好的表")
    if not template and Path(source).resolve() == Path(target).resolve():
        raise RequestInvalid("输出文件就是输入文件", hint="换个输出文件名，以免盖掉原表")


def _describe_batch(checked: CheckedTable, target: str) -> str:
    from assistant.surfaces.workbook_summary import OUTCOME_WORDS

    counted = "，".join(f"{OUTCOME_WORDS[outcome]} {n}" for outcome, n in checked.counts.items())
    return f"共 {sum(checked.counts.values())} 行{'：' if counted else ''}{counted}。已写入 {target}"


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise RequestInvalid(f"读不了文件 {path}", hint="检查路径和权限") from exc


def _write_bytes(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as exc:
        raise RequestInvalid(
            f"写不了文件 {path}", hint="检查路径和权限；文件若在 Excel 里打开着，先关掉"
        ) from exc


def _build_question(facts: list[str] | None, facts_file: str, region: str, as_of: str) -> Question:
    day = inbound.parse_day(as_of) if as_of else date.today()
    given = inbound.parse_facts(facts or (), Path(facts_file) if facts_file else None)
    return inbound.build_question("", as_of=day, region=region, facts=given)


def _finish(assistant: Assistant, answer: Answer, question: Question, *, ask: bool, as_json: bool) -> None:
    """Ask for what is missing where somebody is there to answer, then print."""
    if ask and not as_json and sys.stdin.isatty():
        answer = ask_missing(assistant, answer, question)
    if as_json:
        write_line(schema.dump_json(schema.answer_object(answer)))
        return
    from assistant.surfaces.render import render_answer

    render_answer(new_console(), answer)


# -- asking --------------------------------------------------------------------------------------------


def ask_missing(assistant: Assistant, answer: Answer, question: Question) -> Answer:
    """Put the questions of a decision one after the other, deciding again after each reply.

    What was skipped is not asked again. The rule stays the one that was first chosen.
    """
    skipped: set[str] = set()
    while answer.decision is not None:
        wanted = next((a for a in answer.decision.ask if a.fact not in skipped), None)
        if wanted is None:
            break
        reply = _put(answer, wanted, assistant)
        if reply is None:
            break
        if not reply:
            skipped.add(wanted.fact)
            continue
        stated = replace(question, facts={**question.facts, wanted.fact: reply})
        try:
            decided = assistant.decide(answer.decision.rule, stated)
        except RequestInvalid as exc:
            write_notice(f"{exc.message}{f'（{exc.hint}）' if exc.hint else ''}")
            continue
        # A range is an answer, too; what it leaves open is not asked a second time.
        skipped.add(wanted.fact)
        answer, question = decided, stated
    return answer


def _put(answer: Answer, wanted: DecisionAsk, assistant: Assistant) -> str | None:
    """Ask one question on standard error, where it does not mix with the result; None ends the asking."""
    assert answer.decision is not None
    outcomes = [check.outcome for check in answer.decision.checks if not check.reminder]
    counts = ((outcomes.count("pass"), "项符合"), (outcomes.count("fail"), "项不符合"))
    known = "，".join(f"{n} {word}" for n, word in counts if n)
    fact = assistant.calculator.book.facts.get(wanted.fact)
    choices = f"（{'、'.join(fact.data.choices)}）" if fact and fact.data.choices else ""
    if fact and fact.type == "boolean":
        choices = "（是、否）"
    unit = f"（{wanted.unit}）" if wanted.unit else ""
    told = f"[{known}，还有 {len(answer.decision.ask)} 个问题] " if known else ""
    sys.stderr.write(f"{told}{wanted.question}{choices or unit}\n不知道按回车，结束输入 q > ")
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line or line.strip().lower() in STOP_WORDS:
        return None
    reply = line.strip()
    return "" if reply in ("不知道", "不清楚", "未知", "?", "？") else reply
