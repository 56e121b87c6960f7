"""Answers, clauses and reports on a terminal, by rich.

All text is put in as `Text`, never as markup: an answer is full of square brackets, which markup
would swallow. Nothing here decides anything; `--json` does not pass through this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from assistant.models import Answer, AnswerStatus, Citation, Clause, Document
from assistant.surfaces.schema import FOOTER, GENERATED, JsonObject, flow
from assistant.surfaces.startup import SettingRow

if TYPE_CHECKING:
    from assistant.documents.catalog import CorpusProblem
    from assistant.documents.check import CorpusReport

STATUS_STYLES: dict[AnswerStatus, tuple[str, str]] = {
    "answered": ("回答", "green"),
    "needs_info": ("还需要补充", "yellow"),
    "refused": ("没有找到依据", "red"),
}
# A clause in a tree or a list is shown up to this many characters; `--json` has the whole.
SHOWN_CHARACTERS = 60

_MARK = re.compile(r"\[\d+\]")


def shorten(text: str, n_characters: int = SHOWN_CHARACTERS) -> str:
    """At most `n_characters` of a text on one line."""
    line = flow(text)
    return line if len(line) <= n_characters else line[: n_characters - 1] + "…"


def render_answer(console: Console, answer: Answer) -> None:
    """The answer, the clauses it rests on, what else the asker must know."""
    title, colour = STATUS_STYLES[answer.status]
    body = Text(answer.text)
    body.highlight_regex(_MARK, "bold cyan")
    console.print(Panel(body, title=title, title_align="left", border_style=colour))
    if answer.decision is not None and answer.decision.checks:
        from assistant.surfaces.render_rules import render_checks

        render_checks(console, answer.decision)
    if answer.citations:
        cited = Group(*_spaced(_citation_text(citation) for citation in answer.citations))
        console.print(Panel(cited, title="依据", title_align="left", border_style="cyan"))
    for notice in answer.notices:
        console.print(Text(f"提示：{notice}", style="yellow"))
    if answer.generated:
        console.print(Text(GENERATED, style="magenta"))
    console.print(Text(FOOTER, style="dim"))


def _spaced(texts: Iterable[Text]) -> list[RenderableType]:
    spaced: list[RenderableType] = []
    for text in texts:
        spaced += [Text(""), text] if spaced else [text]
    return spaced


def _citation_text(citation: Citation) -> Text:
    return Text.assemble(
        (f"[{citation.n}] ", "bold cyan"),
        (citation.clause, "bold"),
        f"  {citation.number}（{citation.region}）\n",
        (f"《{citation.title.strip('《》')}》\n", "dim"),
        f"“{flow(citation.quote)}”",
    )


LEG_NAMES = {
    "bm25": "词语",
    "dense": "向量",
    "rerank": "重排",
    "fused": "两路合并",
    "coverage": "问题的词",
    "sentence": "最近的句子",
    "named": "被点名",
    "rule": "规则所据",
}
"""What the legs of a passage are called, in the order they are shown."""


def render_search(console: Console, found: JsonObject) -> None:
    """The object of `/v1/search` as a list of clauses, best first; with its reading, why they stand so."""
    reading = found.get("reading")
    if reading:
        console.print(_explain_reading(reading))
    if not found["passages"]:
        console.print(Text("没有检索到条款；换个说法，或去掉地区和文件的限制。", style="yellow"))
    for passage in found["passages"]:
        console.print(
            Text.assemble(
                (f"{passage['rank']:>2}. ", "bold cyan"),
                (passage["label"], "bold"),
                f"  {passage['number']}（{passage['region']}）",
                (f"  {passage['score']:.3f}  {passage['clause_id']}\n", "dim"),
                f"    {shorten(passage['text'], 120)}",
            )
        )
        if reading:
            legs = (
                f"{name} {passage['legs'][leg]:.3f}"
                for leg, name in LEG_NAMES.items()
                if leg in passage["legs"]
            )
            console.print(Text(f"    {'　'.join(legs)}", style="magenta"))


def _explain_reading(reading: JsonObject) -> Table:
    """What was looked for, and where."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    rows = {
        "检索的词（稀有程度）": "　".join(f"{w['word']} {w['rarity']:.1f}" for w in reading["words"]),
        "补充的正式用语": "、".join(reading["official"]),
        "查哪些文件": "、".join(reading["documents"]),
        "问到的规则": "、".join(f"{r['label']}（{r['id']}）" for r in reading["rules"]),
    }
    for name, shown in rows.items():
        table.add_row(Text(name, style="bold"), Text(shown or "无"))
    return table


def render_documents(console: Console, rows: Sequence[JsonObject]) -> None:
    """A table of documents."""
    table = Table(title=f"共 {len(rows)} 个文件", title_justify="left")
    for header in ("编号", "标题", "文号", "地区", "年度", "条款"):
        table.add_column(header, justify="right" if header == "条款" else "left")
    for row in rows:
        year = row["year"] or (row["issued"] or "")[:4]
        cells = (
            row["id"],
            row["title"],
            row["number"],
            row["region"],
            str(year),
            str(row["n_clauses"]),
        )
        table.add_row(*(Text(flow(cell)) for cell in cells))
    console.print(table)


def render_document(console: Console, document: Document) -> None:
    """The clause tree of a document."""
    root = Tree(Text(f"{document.id}  {flow(document.title)}  {document.number}", style="bold"))
    branches: dict[str, Tree] = {}
    for clause in document.clauses:
        parent = branches.get(clause.parent or "", root)
        branches[clause.clause_id] = parent.add(_clause_text(clause))
    console.print(root)
    console.print(Text(f"共 {len(document.clauses)} 个条款，{len(document.source)} 个字符", style="dim"))


def _clause_text(clause: Clause) -> Text:
    text = shorten(clause.text or clause.heading)
    return Text.assemble((clause.label, "bold cyan"), f"  {text}", (f"  #{clause.path}", "dim"))


def render_check(console: Console, report: CorpusReport) -> None:
    """Coverage of every document, then what is wrong, each with where it stands."""
    table = Table()
    for header in ("编号", "条款", "字符", "未归入条款", "结果"):
        table.add_column(header, justify="left" if header in ("编号", "结果") else "right")
    for row in report.documents:
        verdict = Text("完整", style="green") if row.is_clean else Text("有问题", style="red")
        counts = (row.n_clauses, row.n_characters, row.n_uncovered)
        table.add_row(Text(row.id), *(str(count) for count in counts), verdict)
    console.print(table)
    for row in report.documents:
        for start, end, text in row.uncovered:
            console.print(Text(f"{row.id} [{start}:{end}] 未归入任何条款：{shorten(text)}", style="red"))
        for first, second in row.overlapping:
            console.print(Text(f"{row.id} 条款重叠：{first} 与 {second}", style="red"))
        for clause_id in row.duplicates:
            console.print(Text(f"{row.id} 条款标识重复：{clause_id}", style="red"))
        if row.missing:
            console.print(Text(f"{row.id} 缺少：{'、'.join(row.missing)}", style="yellow"))
    render_problems(console, report.problems)
    if report.is_clean:
        console.print(Text("全部原文都已归入条款。", style="green"))


def render_problems(console: Console, problems: Sequence[CorpusProblem]) -> None:
    """The documents that could not be taken in."""
    for problem in problems:
        hint = f"\n  解决办法：{problem.hint}" if problem.hint else ""
        console.print(Text(f"未收录 {problem.path}：{problem.message}{hint}", style="red"))


def render_config(console: Console, rows: Iterable[SettingRow]) -> None:
    """Every setting: name, value, and below it what it means."""
    for row in rows:
        console.print(Text.assemble((row.name, "bold cyan"), " = ", (row.value, "bold")), soft_wrap=True)
        console.print(Text(f"    {row.description}", style="dim"), soft_wrap=True)
