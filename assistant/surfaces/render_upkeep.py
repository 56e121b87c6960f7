"""What a change of the corpus would do, for a terminal: metadata with their lines, clauses, rules, outcomes, versions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from assistant.surfaces.render import shorten
from assistant.surfaces.render_words import describe_outcome
from assistant.surfaces.schema import flow
from assistant.surfaces.web.texts import load_texts

if TYPE_CHECKING:
    from assistant.documents.compare import Comparison, Piece
    from assistant.documents.versions import Change
    from assistant.rules.drift import RuleDrift
    from assistant.rules.outcomes import OutcomeChange
    from assistant.upkeep.drafts import Draft
    from assistant.upkeep.guesses import Guess
    from assistant.upkeep.revisions import Revision

_STYLES = {"same": "", "added": "bold green", "removed": "strike red"}
_FATE_STYLES = {"added": "green", "removed": "red", "changed": "yellow", "moved": "cyan"}
_MOST_OUTCOMES = 20


def render_draft(console: Console, draft: Draft) -> None:
    """Metadata, what the text consists of, what to look at."""
    words = load_texts()["corpus"]
    document = draft.document
    console.print(Text(f"{document.id}  {flow(document.title)}", style="bold"))
    _render_guesses(console, draft.guesses)
    counts = "，".join(f"{words['kinds'][kind]} {n}" for kind, n in draft.kinds.items())
    console.print(Text(f"条款 {len(document.clauses)}（{counts}）；{draft.row.n_characters} 个字"))
    for part in document.parts if len(document.parts) > 1 else ():
        console.print(Text(f"  部分：{flow(part.title)} {part.number}", style="dim"))
    for found in draft.tables:
        console.print(
            Text(f"  表：{found.place} {found.n_rows} 行（{'、'.join(found.headers)}）", style="dim")
        )
    if draft.n_figures:
        console.print(Text(words["figures"].format(n=draft.n_figures), style="dim"))
    for start, end, text in draft.row.uncovered:
        console.print(Text(f"  [{start}:{end}] 未归入任何条款：{shorten(text)}", style="red"))
    for warning in draft.warnings:
        console.print(Text(f"注意：{warning}", style="yellow"))
    if draft.nearest:
        told = words["nearest"].format(
            id=draft.nearest.document, title=flow(draft.nearest.title), why=draft.nearest.why
        )
        console.print(Text(told, style="yellow"))


def _render_guesses(console: Console, guesses: Sequence[Guess]) -> None:
    words = load_texts()["corpus"]
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for guess in guesses:
        if guess.basis == "missing" and not guess.is_open:
            continue
        where = words["basis"][guess.basis].format(line=guess.line, excerpt=flow(guess.excerpt))
        value = Text(guess.shown or words["wanted"], style="red" if guess.is_open else "bold")
        table.add_row(Text(guess.label), value, Text(where, style="dim"))
    console.print(table)


def render_revision(console: Console, revision: Revision) -> None:
    """All that an update changes."""
    render_comparison(console, revision.comparison)
    for change in revision.meta_changes:
        console.print(Text(f"{change.label}：{flow(change.old)} → {flow(change.new)}", style="yellow"))
    for warning in (*revision.warnings, *revision.faults):
        console.print(Text(f"注意：{warning}", style="yellow"))
    _render_drifts(console, revision)
    _render_tables(console, revision)
    _render_outcomes(console, revision.outcomes)
    if revision.lost_questions:
        console.print(Text(f"问法随条款删去：{'、'.join(revision.lost_questions)}", style="yellow"))


def render_comparison(console: Console, comparison: Comparison) -> None:
    """Two versions clause by clause; what did not change is counted."""
    words = load_texts()["corpus"]
    for change in comparison.changes:
        fate = words["fates"][change.fate]
        style = _FATE_STYLES[change.fate]
        clause = change.new or change.old
        if clause is None:
            continue
        numbers = clause.label
        if change.old and change.new and change.old.path != change.new.path:
            numbers = f"{change.old.label} → {change.new.label}"
        line = Text.assemble((f"{fate} ", style), (numbers, "bold"), "  ")
        if change.fate == "changed":
            line.append_text(_render_pieces(change.pieces))
        else:
            line.append(shorten(clause.text, 60))
        console.print(line)
    console.print(Text(words["unchanged"].format(n=comparison.n_unchanged), style="dim"))


def _render_pieces(pieces: Sequence[Piece]) -> Text:
    text = Text()
    for piece in pieces:
        shown = piece.text
        if piece.kind == "same" and len(shown) > 40:
            shown = f"{shown[:18]}…{shown[-18:]}"
        text.append(f"〔{shown}〕" if piece.kind == "removed" else shown, style=_STYLES[piece.kind])
    return text


def _render_drifts(console: Console, revision: Revision) -> None:
    words = load_texts()["corpus"]
    if not revision.drifts:
        return
    n_kept = sum(not drift.is_held for drift in revision.drifts)
    console.print(Text(words["drift"]["kept"].format(n=n_kept), style="green"))
    for proposal in revision.proposals:
        state = words["drift"]["taken" if proposal in revision.accepted else "offered"]
        told = f"数字变了：{proposal.label} {proposal.old} → {proposal.new}（{state}，{proposal.parameter}）"
        console.print(Text(told, style="bold yellow"))
    for drift in revision.held:
        console.print(_render_drift(drift, words["drift"]))


def _render_drift(drift: RuleDrift, words: dict[str, str]) -> Text:
    told = words[drift.fate].format(
        place=drift.place, now=drift.place_now, quote=drift.quote, words=drift.words_now
    )
    return Text.assemble(
        ("停用 ", "red"), (f"{drift.label}（{drift.owner}/{drift.key}）", "bold"), f"  {told}"
    )


def _render_tables(console: Console, revision: Revision) -> None:
    for change in revision.tables:
        if not change.row:
            console.print(Text(f"表 {change.label} 读不出来：{change.new}", style="red"))
        else:
            where = "，".join(piece for piece in (change.label, change.row, change.column) if piece)
            console.print(
                Text(f"表 {where}：{change.old or '（无）'} → {change.new or '（无）'}", style="yellow")
            )


def _render_outcomes(console: Console, outcomes: Sequence[OutcomeChange]) -> None:
    words = load_texts()["corpus"]
    if not outcomes:
        return
    console.print(Text(words["outcomes"].format(n=len(outcomes)), style="yellow"))
    for change in outcomes[:_MOST_OUTCOMES]:
        before = describe_outcome(change.before, change.before_shown)
        after = describe_outcome(change.after, change.after_shown)
        console.print(Text(f"  {change.label}·{change.example}：{before} → {after}"))
    if len(outcomes) > _MOST_OUTCOMES:
        console.print(Text(f"  另有 {len(outcomes) - _MOST_OUTCOMES} 个", style="dim"))


def render_history(console: Console, changes: Sequence[Change]) -> None:
    """Every version, oldest first."""
    words = load_texts()["corpus"]
    table = Table()
    for header in ("时间", "文件", "版", "变更", "说明", "谁"):
        table.add_column(header)
    for change in changes:
        told = change.told + (f"（{change.why}）" if change.why else "")
        when = change.at.astimezone().strftime("%Y-%m-%d %H:%M")
        cells = (
            when,
            change.document,
            str(change.version),
            words["actions"][change.action],
            told,
            change.who,
        )
        table.add_row(*(Text(cell) for cell in cells))
    console.print(table)
