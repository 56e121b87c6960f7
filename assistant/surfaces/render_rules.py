"""Decisions, rules and the state they are in, on a terminal; see `render`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from assistant.models import Decision, Outcome
from assistant.surfaces.schema import JsonObject, flow

if TYPE_CHECKING:
    from assistant.documents.catalog import CorpusProblem
    from assistant.rules.report import RuleReport, RuleRow

MARKS: dict[Outcome, tuple[str, str]] = {
    "pass": ("✓", "green"),
    "fail": ("✗", "bold red"),
    "unknown": ("?", "yellow"),
    "not_applicable": ("–", "dim"),
    "conflict": ("≠", "magenta"),
    "no_basis": ("∅", "magenta"),
}
KIND_WORDS = {
    "verdict": "判断",
    "check": "条件",
    "quantity": "计算",
    "deadline": "期限",
    "timeline": "流程",
    "table": "表格",
    "parameter": "数字",
    "conflict": "不一致",
}
DRIFT_WORDS = {"fresh": "一致", "moved": "条款有改动", "stale": "原文已不在或待核对"}
BOUND_WORDS = {"<=": "不超过", ">=": "不低于", "<": "低于", ">": "超过", "~": "左右"}
GROUP_WORDS = {
    "parameters": "数字",
    "checks": "条件",
    "verdicts": "判断",
    "quantities": "计算",
    "deadlines": "期限",
    "timelines": "流程",
    "tables": "表格",
    "conflicts": "不一致",
}
_MARGIN_NAMES = "余量"


def _new_table(
    headers: Sequence[str], title: str | None = None, right: frozenset[str] = frozenset()
) -> Table:
    table = Table(title=title, title_justify="left")
    for header in headers:
        table.add_column(
            header,
            justify="right" if header in right else "left",
            no_wrap=header == "编号",
            # Chinese has no spaces to wrap at; rich would cut such a cell off.
            overflow="fold",
        )
    return table


def render_checks(console: Console, decision: Decision) -> None:
    """The executed checks or terms, each with its mark: ✓ ✗ ? –."""
    table = _new_table(
        ("", "项目", "算式", _MARGIN_NAMES, "依据"), decision.label, frozenset([_MARGIN_NAMES])
    )
    for check in decision.checks:
        mark, style = MARKS[check.outcome]
        shown = check.shown or (check.when if check.outcome == "not_applicable" else "")
        label = f"{check.label}（流程）" if check.reminder else check.label
        cites = "".join(f"[{n}]" for n in check.cites)
        cells = (mark, label, shown, check.margin or "", cites)
        table.add_row(*(Text(cell, style=style if i < 3 else "") for i, cell in enumerate(cells)))
    console.print(table)


def render_rules(console: Console, rows: Sequence[JsonObject]) -> None:
    """A table of rules."""
    table = _new_table(("名称和标识", "种类", "对象", "地区"), f"共 {len(rows)} 条规则")
    for row in rows:
        cells = (KIND_WORDS[row["kind"]], row["subject"], row["region"])
        table.add_row(_named(row), *(Text(cell) for cell in cells))
    console.print(table)


def render_facts(console: Console, rows: Sequence[JsonObject]) -> None:
    """A table of facts."""
    table = _new_table(("名称和标识", "单位或选项", "要问的话"), f"共 {len(rows)} 个事实")
    for row in rows:
        values = row["unit"] or "、".join(row["choices"])
        table.add_row(_named(row), *(Text(cell) for cell in (values, row["ask"])))
    console.print(table)


def _named(row: JsonObject) -> Text:
    """The label, and under it the identifier to type."""
    return Text.assemble(row["label"], "\n", (row["id"], "dim"))


def render_rule(console: Console, rule: JsonObject) -> None:
    """One rule: what it requires, the figures and clauses it stands on, what it asks."""
    console.print(
        Text.assemble((rule["label"], "bold"), f"  {KIND_WORDS[rule['kind']]}  ", (rule["id"], "dim"))
    )
    console.print(Text(f"{rule['number']}（{rule['region']}）", style="dim"))
    for name, text in _expressions(rule):
        console.print(Text.assemble((f"  {name}：", "cyan"), text), soft_wrap=True)
    for parameter in rule["parameters"] or ([rule] if rule["kind"] == "parameter" else []):
        console.print(_parameter_text(parameter), soft_wrap=True)
    if rule["facts"]:
        asked = "、".join(f"{fact['label']}（{fact['id']}）" for fact in rule["facts"])
        console.print(Text.assemble(("  要问的事实：", "cyan"), asked), soft_wrap=True)
    for clause in rule["clauses"]:
        style = "green" if clause["drift"] == "fresh" else "red"
        console.print(
            Text.assemble(
                ("  依据 ", "cyan"),
                (clause["clause"], "bold"),
                f"  “{flow(clause['quote'])}”  ",
                (DRIFT_WORDS[clause["drift"]], style),
                (f"  {clause['clause_id']}", "dim"),
            ),
            soft_wrap=True,
        )


def _expressions(rule: JsonObject) -> Iterable[tuple[str, str]]:
    """The expressions of a rule with what they are."""
    if rule.get("when"):
        yield "适用条件", rule["when"]
    for reading in rule.get("readings", ()):
        if "require" in reading:
            yield f"要求{reading['label']}", reading["require"]
    for group, word in (("checks", "条件"), ("reminders", "流程要求")):
        for check in rule.get(group, ()):
            when = f"（当 {check['when']}）" if check["when"] else ""
            yield f"{word} {check['label']}", f"{check['require']}{when}"
    words = {
        "cases": "情形",
        "sum": "加",
        "product": "乘",
        "at_least": "至少",
        "at_most": "至多",
        "readings": "读法",
    }
    for group, word in words.items():
        for term in rule.get(group, ()):
            if "value" in term:
                when = f"（当 {term['when']}）" if term["when"] else ""
                yield f"{word} {term['label']}".strip(), f"{term['value']}{when}"
    if rows := rule.get("rows") if rule["kind"] == "quantity" else None:
        yield "表格合计", f"{rows['op']} {rows['table']} {rows['column']} {rows['where']}".strip()
    if "from" in rule:
        yield "起算", rule["from"]
    if rule.get("statement"):
        yield "不一致", rule["statement"]


def _parameter_text(parameter: JsonObject) -> Text:
    # A share and a ratio are shown with their sign already.
    unit = "" if parameter["unit"] in ("%", "比", "日期") else parameter["unit"]
    values = "；".join(
        f"{BOUND_WORDS.get(parameter['bound'], '')}{value['value']}{unit}"
        f"（{value['from'] or '…'} 至 {value['until'] or '…'}）"
        for value in parameter["values"]
    )
    return Text.assemble(
        ("  数字 ", "cyan"), (parameter["label"], "bold"), f"：{values}", (f"  {parameter['id']}", "dim")
    )


# -- the state of the rules ----------------------------------------------------------------------------


def render_report(console: Console, report: RuleReport) -> None:
    """Whether every rule is grounded, every pin fresh, every figure accounted for; then what is not."""
    table = _new_table(("编号", "规则", "示例", "结果"), right=frozenset(["示例"]))
    for row in report.documents:
        counts = ((word, row.n_rules[group]) for group, word in GROUP_WORDS.items())
        kinds = "，".join(f"{word} {count}" for word, count in counts if count)
        verdict = Text("正常", style="green") if row.is_clean else Text("有问题", style="red")
        table.add_row(Text(row.document), Text(kinds), str(row.n_examples), verdict)
    console.print(table)
    n_rules = sum(sum(row.n_rules.values()) for row in report.documents)
    console.print(
        Text(f"每条规则都有依据：{n_rules} 条规则的数字、比较和单位都能在引文里读出。", style="green")
    )
    _print_pins(console, report.documents)
    _print_figures(console, report.documents)
    _print_examples(console, report.documents)


def render_coverage(console: Console, report: RuleReport) -> None:
    """Figures by document: encoded, waived, neither."""
    headers = ("编号", "数字", "已编入", "说明不编入", "未处理")
    table = _new_table(headers, right=frozenset(headers[1:]))
    for row in report.documents:
        counts = (row.n_figures, row.n_encoded, row.n_waived, len(row.uncovered))
        table.add_row(Text(row.document), *(str(count) for count in counts))
    console.print(table)
    _print_figures(console, report.documents)


def render_pins(console: Console, report: RuleReport) -> None:
    """Cites by document and drift."""
    headers = ("编号", "一致", "条款有改动", "原文已不在", "未确认")
    table = _new_table(headers, right=frozenset(headers[1:]))
    for row in report.documents:
        drifts = [pin.drift for pin in row.drifted]
        counts = (row.n_fresh, drifts.count("moved"), drifts.count("stale"), len(row.unpinned))
        table.add_row(Text(row.document), *(str(count) for count in counts))
    console.print(table)
    _print_pins(console, report.documents)


def render_rule_fault(console: Console, fault: CorpusProblem) -> None:
    """Why the rules do not load."""
    hint = f"\n  解决办法：{fault.hint}" if fault.hint else ""
    console.print(Text(f"规则没有启用：{fault.message}{hint}", style="red"))


def _print_pins(console: Console, rows: Sequence[RuleRow]) -> None:
    for row in rows:
        for pin in row.drifted:
            told = f"{pin.rule}（{pin.clause} {pin.clause_id}）{DRIFT_WORDS[pin.drift]}：{pin.quote}"
            console.print(Text(told, style="red" if pin.drift == "stale" else "yellow"))
        for key in row.unpinned:
            console.print(
                Text(f"{row.document}/{key} 的引文还没有确认；核对后运行 tiaowen rules pin", style="yellow")
            )
    n_wrong = sum(len(row.drifted) + len(row.unpinned) for row in rows)
    n_fresh = sum(row.n_fresh for row in rows)
    text = f"引文：{n_fresh} 处与确认时一致" + (f"，{n_wrong} 处需要核对。" if n_wrong else "，没有变动。")
    console.print(Text(text, style="red" if n_wrong else "green"))


def _print_figures(console: Console, rows: Sequence[RuleRow]) -> None:
    for row in rows:
        for figure in row.uncovered:
            told = f"{row.document} {figure.clause}（{figure.clause_id}）没有编入：…{figure.shown}…"
            console.print(Text(told, style="red"))
    n_figures, n_encoded, n_waived = (
        sum(getattr(row, name) for row in rows) for name in ("n_figures", "n_encoded", "n_waived")
    )
    n_open = n_figures - n_encoded - n_waived
    text = f"数字：{n_figures} 处，已编入 {n_encoded}，说明不编入 {n_waived}，未处理 {n_open}。"
    console.print(Text(text, style="red" if n_open else "green"))


def _print_examples(console: Console, rows: Sequence[RuleRow]) -> None:
    for row in rows:
        for example in row.failed:
            told = f"{example.rule} 的示例“{example.name}”应为 {example.expected}，得到 {example.found}"
            console.print(Text(told, style="red"))
    n_examples, n_failed = sum(row.n_examples for row in rows), sum(len(row.failed) for row in rows)
    text = f"示例：{n_examples} 个" + (f"，{n_failed} 个结果不对。" if n_failed else "，全部算对。")
    console.print(Text(text, style="red" if n_failed else "green"))
