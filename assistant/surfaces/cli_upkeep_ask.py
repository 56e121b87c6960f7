"""Asks whoever sits at the terminal about a change of the corpus, and carries it out; where nobody sits there, says what to state."""

from __future__ import annotations

import getpass
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from assistant.errors import RequestInvalid
from assistant.surfaces.startup import describe_build, show_progress, write_problems
from assistant.surfaces.terminal import new_console, write_line, write_notice

if TYPE_CHECKING:
    from assistant.config import Settings
    from assistant.upkeep.changes import Plan
    from assistant.upkeep.drafts import Draft, Shelf
    from assistant.upkeep.revisions import Revision

_OPTIONS = {"title": "--title", "issuer": "--issuer", "region": "--region", "issued": "--date"}


def check_changeable_here(settings: Settings) -> None:
    """Refuse at once what could not be changed in the end; see `packaged.check_changeable`."""
    from assistant.upkeep.packaged import check_changeable

    check_changeable(settings)


def is_asked(yes: bool) -> bool:
    """Whether there is somebody at the terminal to be asked."""
    return not yes and sys.stdin.isatty()


def complete_draft(shelf: Shelf, draft: Draft, file: Path, given: dict[str, str], *, yes: bool) -> Draft:
    """Ask for what is missing; where nobody can be asked, say which options to give."""
    from assistant.upkeep.drafts import read_draft

    if draft.open and not is_asked(yes):
        render_preview(draft)
        options = " ".join(f"{_OPTIONS[guess.field]} …" for guess in draft.open)
        raise RequestInvalid(
            f"还缺：{'、'.join(guess.label for guess in draft.open)}",
            hint=f"加上 {options}；确实没有的写 无（标题和地区必须有）",
        )
    while draft.open:
        for guess in draft.open:
            given[guess.field] = typer.prompt(f"{guess.label}（没有写 无）")
        try:
            draft = read_draft(shelf, file, given)
        except RequestInvalid as exc:
            write_notice(f"{exc.message}。{exc.hint}")
            for guess in draft.open:
                given.pop(guess.field, None)
    if is_asked(yes) and not given.get("id"):
        given["id"] = typer.prompt("文件编号", default=draft.document.id)
        draft = read_draft(shelf, file, given)
    return draft


def choose_figures(revision: Revision, accept: list[str], *, yes: bool) -> set[str]:
    """Which new figures are taken over."""
    known = {proposal.parameter for proposal in revision.proposals}
    if "all" in accept:
        return known
    if unknown := sorted(set(accept) - known):
        raise RequestInvalid(
            f"没有可以采用新数字的参数：{'、'.join(unknown)}",
            hint=f"可以采用的：{'、'.join(sorted(known)) or '无'}",
        )
    chosen = set(accept)
    for proposal in revision.proposals:
        if proposal.parameter not in chosen and is_asked(yes):
            told = f"{proposal.label}：{proposal.old} → {proposal.new}，采用新数字？"
            if typer.confirm(told, default=False):
                chosen.add(proposal.parameter)
    return chosen


def render_preview(draft: Draft) -> None:
    """The clause tree, then what the document is."""
    from assistant.surfaces.render import render_document
    from assistant.surfaces.render_upkeep import render_draft

    console = new_console()
    render_document(console, draft.document)
    render_draft(console, draft)


def carry_out(settings: Settings, plan: Plan, why: str, question: str, *, yes: bool) -> None:
    """Ask, change, tell."""
    from assistant.store.actors import BY_TERMINAL
    from assistant.upkeep.changes import Signer, apply_change

    if not yes:
        if not sys.stdin.isatty():
            raise RequestInvalid("还没有确认，没有改动", hint="看过上面的预览，加 --yes 再运行一次")
        if not typer.confirm(question, default=False):
            write_notice("没有改动")
            raise typer.Exit(0)
    # The audit knows one actor at the terminal; who it was stands in the reason.
    signer = Signer(BY_TERMINAL, datetime.now(UTC), why or f"由 {_user()} 执行")
    with show_progress() as progress:
        applied = apply_change(settings, plan, signer, progress)
    write_line(f"{applied.change.document} 第 {applied.change.version} 版：{applied.change.told}")
    write_line(describe_build(applied.report))
    write_problems(applied.report.problems)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "未知用户"
