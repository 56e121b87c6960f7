"""`tiaowen corpus add|update|retire|restore|revert|remove|confirm|history|diff|init`: the life of the corpus."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from assistant.errors import RequestInvalid
from assistant.surfaces import inbound, schema
from assistant.surfaces.cli_upkeep_ask import (
    carry_out,
    check_changeable_here,
    choose_figures,
    complete_draft,
    is_asked,
    render_preview,
)
from assistant.surfaces.startup import start_settings
from assistant.surfaces.terminal import Command, new_console, write_line, write_notice

Id = Annotated[str, typer.Argument(metavar="文件编号", show_default=False)]
File = Annotated[Path, typer.Argument(metavar="文件", help="txt、md、docx、pdf 或 html", show_default=False)]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="不再询问，直接执行")]
Why = Annotated[str, typer.Option("--why", metavar="原因", help="为什么，记入历史")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON")]
Title = Annotated[str, typer.Option("--title", metavar="标题", help="标题，不带发文机关")]
Number = Annotated[str, typer.Option("--number", metavar="文号", help="如 潢技领办〔2021〕1号；没有写 无")]
Issuer = Annotated[str, typer.Option("--issuer", metavar="机关", help="发文机关，几个之间用 、")]
Region = Annotated[str, typer.Option("--region", metavar="地区", help="名称或六位代码；全国写 000000")]
Issued = Annotated[str, typer.Option("--date", metavar="年-月-日", help="成文日期；没有写 无")]
Effective = Annotated[str, typer.Option("--effective", metavar="年-月-日", help="施行日期")]
Expires = Annotated[str, typer.Option("--expires", metavar="年-月-日", help="有效的最后一天")]
Year = Annotated[str, typer.Option("--year", metavar="年", help="只管某一年的方案写这一年")]


def add(  # noqa: PLR0913, PLR0917 - one option for each field
    file: File,
    document_id: Annotated[str, typer.Option("--id", metavar="编号", help="文件编号，如 henan-2024-3")] = "",
    title: Title = "",
    number: Number = "",
    issuer: Issuer = "",
    region: Region = "",
    issued: Issued = "",
    effective: Effective = "",
    expires: Expires = "",
    year: Year = "",
    why: Why = "",
    yes: Yes = False,
    is_new: Annotated[bool, typer.Option("--new", help="与已有文件相像也作为新文件加入")] = False,
) -> None:
    """Take a document in: metadata, preview, confirmation, index."""
    from assistant.upkeep.drafts import open_shelf, read_draft
    from assistant.upkeep.plans import plan_add

    settings = start_settings()
    check_changeable_here(settings)
    given = {
        **{"id": document_id, "title": title, "number": number, "issuer": issuer, "region": region},
        **{"issued": issued, "effective": effective, "expires": expires, "year": year},
    }
    shelf = open_shelf(settings)
    draft = complete_draft(shelf, read_draft(shelf, file, given), file, given, yes=yes)
    render_preview(draft)
    if draft.nearest and not is_new:
        update = f"tiaowen corpus update {draft.nearest.document} {file}"
        if not is_asked(yes) or not typer.confirm("仍作为新文件加入？", default=False):
            raise RequestInvalid(
                f"已经有相像的文件 {draft.nearest.document}（{draft.nearest.why}）",
                hint=f"更新它：{update}；确实是另一个文件就加 --new",
            )
    carry_out(settings, plan_add(settings, draft), why, f"加入 {draft.document.id}？", yes=yes)


def update(  # noqa: PLR0913, PLR0917 - one option for each field
    document_id: Id,
    file: File,
    title: Title = "",
    number: Number = "",
    issuer: Issuer = "",
    issued: Issued = "",
    accept: Annotated[
        list[str] | None,
        typer.Option("--accept", metavar="参数", help="采用新文本里的数字，写参数名；all 为全部；可写多个"),
    ] = None,
    why: Why = "",
    yes: Yes = False,
) -> None:
    """Replace the text of a document: differences, rules, confirmation, index."""
    from assistant.surfaces.render_upkeep import render_revision
    from assistant.upkeep.drafts import open_shelf
    from assistant.upkeep.plans import plan_update
    from assistant.upkeep.revisions import read_revision

    settings = start_settings()
    check_changeable_here(settings)
    given = {"title": title, "number": number, "issuer": issuer, "issued": issued}
    shelf = open_shelf(settings)
    revision = read_revision(settings, shelf, document_id, file, given)
    accepted = choose_figures(revision, accept or [], yes=yes)
    if accepted:
        revision = read_revision(settings, shelf, document_id, file, given, accepted)
    plan = plan_update(revision)
    render_revision(new_console(), revision)
    carry_out(settings, plan, why, f"更新 {document_id}？", yes=yes)
    if revision.held:
        write_notice(
            f"{len(revision.held)} 处引文停用待核对，有关的规则不给结论："
            f"核对后运行 tiaowen corpus confirm {document_id}；数字或引文变了的先改 rules.yaml"
        )


def retire(
    document_id: Id,
    on: Annotated[str, typer.Option("--on", metavar="年-月-日", help="从哪天起停用；不填为今天")] = "",
    replaced_by: Annotated[str, typer.Option("--replaced-by", metavar="编号", help="代替它的文件")] = "",
    why: Why = "",
    yes: Yes = False,
) -> None:
    """End a document's force."""
    from assistant.upkeep.plans import plan_retire

    settings = start_settings()
    day = inbound.parse_day(on) if on else date.today()
    plan = plan_retire(settings, document_id, day, replaced_by)
    carry_out(settings, plan, why, f"{document_id} {plan.told}？", yes=yes)


def restore(document_id: Id, why: Why = "", yes: Yes = False) -> None:
    """Take the end of a document's force away."""
    from assistant.upkeep.plans import plan_restore

    settings = start_settings()
    carry_out(settings, plan_restore(settings, document_id), why, f"恢复使用 {document_id}？", yes=yes)


def revert(
    document_id: Id,
    version: Annotated[int, typer.Option("--version", "-v", min=1, metavar="版", help="恢复成第几版")],
    why: Why = "",
    yes: Yes = False,
) -> None:
    """Bring a former version back."""
    from assistant.upkeep.plans import plan_revert

    settings = start_settings()
    plan = plan_revert(settings, document_id, version)
    carry_out(settings, plan, why, f"{document_id} {plan.told}？", yes=yes)


def remove(document_id: Id, why: Why = "", yes: Yes = False) -> None:
    """Take out a document that was taken in by mistake."""
    from assistant.upkeep.drafts import open_shelf
    from assistant.upkeep.plans import plan_remove

    settings = start_settings()
    plan = plan_remove(settings, open_shelf(settings), document_id)
    carry_out(settings, plan, why, f"移除 {document_id}？旧版本会留着", yes=yes)


def confirm(document_id: Id, why: Why = "", yes: Yes = False) -> None:
    """Put rules back to use whose quote still stands."""
    from assistant.upkeep.drafts import open_shelf
    from assistant.upkeep.plans import list_held, plan_confirm

    settings = start_settings()
    shelf = open_shelf(settings)
    for held in list_held(settings, shelf, document_id):
        state = "引文还在" if held.is_standing else "引文已不在，须改 rules.yaml"
        write_line(
            f"{held.key} {held.clause} {state}\n  引文：{held.quote}\n  现在：{schema.flow(held.clause_text)}"
        )
    carry_out(
        settings, plan_confirm(settings, shelf, document_id), why, "以上引文还在的，都核对过了？", yes=yes
    )


def history(
    document_id: Annotated[
        str, typer.Argument(metavar="文件编号", help="只看这个文件的", show_default=False)
    ] = "",
    as_json: Json = False,
) -> None:
    """List the versions."""
    from assistant.documents.versions import list_changes

    changes = list_changes(start_settings().corpus_dir, document_id or None)
    if as_json:
        write_line(schema.dump_json([change.model_dump(mode="json") for change in changes]))
        return
    from assistant.surfaces.render_upkeep import render_history

    render_history(new_console(), changes)
    if not changes:
        write_notice("还没有变更；文件库里的文件都是第 1 版")


def diff(
    document_id: Id,
    version: Annotated[
        int, typer.Option("--version", "-v", min=0, metavar="版", help="与第几版比；不填为上一版")
    ] = 0,
) -> None:
    """Compare a former version with the present one."""
    from assistant.documents.versions import current_version
    from assistant.surfaces.render_upkeep import render_comparison
    from assistant.upkeep.drafts import open_shelf
    from assistant.upkeep.plans import compare_version

    settings = start_settings()
    wanted = version or max(1, current_version(settings.corpus_dir, document_id) - 1)
    _, _, comparison = compare_version(settings, open_shelf(settings), document_id, wanted)
    render_comparison(new_console(), comparison)


def init(
    folder: Annotated[Path, typer.Argument(metavar="文件夹", help="新的文件库放在哪里", show_default=False)],
) -> None:
    """Copy the corpus that comes with the program."""
    from assistant.upkeep.packaged import copy_corpus

    n_documents = copy_corpus(folder)
    write_line(f"已复制 {n_documents} 个文件到 {folder}")
    write_notice(f"设置 TIAOWEN_CORPUS_DIR={folder.resolve()}，再运行 tiaowen index")


def register(group: typer.Typer) -> None:
    """Add the commands to `tiaowen corpus`."""
    commands: dict[Callable[..., None], str] = {
        add: "加入一个文件：核对元数据，预览条款，确认后建索引；服务不中断。",
        update: "更新一个文件的文本：逐条对比，列出受影响的规则，确认后切换。",
        retire: "停用一个文件：从某天起不再据它回答，查旧日期仍按它。",
        restore: "恢复使用停用的文件。",
        revert: "恢复成以前的一版。",
        remove: "移除误加的文件；旧版本留着。",
        confirm: "核对更新后停用的规则，引文还在的恢复使用。",
        history: "列出文件的各个版本：什么时候、谁、改了什么。",
        diff: "把以前的一版与现在的逐条对比。",
        init: "把程序自带的文件库复制到自己的文件夹。",
    }
    for command, help_text in commands.items():
        group.command(command.__name__, cls=Command, help=help_text)(command)
