"""`tiaowen store …`: look at what is kept, copy it, end what is too old, forget a conversation."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.config import Settings
from assistant.errors import RequestInvalid
from assistant.store.actors import BY_TERMINAL
from assistant.surfaces.doctor.finding import size_of
from assistant.surfaces.doctor.stores import BACKUP_DEED
from assistant.surfaces.schema import dump_json
from assistant.surfaces.startup import start_settings
from assistant.surfaces.terminal import Command, new_group, write_line, write_notice

if TYPE_CHECKING:
    from assistant.store.retention import Purged
    from assistant.store.store import Store
    from assistant.store.upkeep import StoreInfo

store = new_group("查看、备份、清理保存的对话和回答。")

JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON")]

TABLES = {
    "conversations": "对话",
    "turns": "提问",
    "answers": "回答",
    "feedback": "反馈",
    "audit": "操作记录",
    "staff_keys": "工作台密钥",
    "publish_tokens": "挂件令牌",
    "channel_inbox": "聊天软件来信",
    "channel_outbox": "聊天软件去信",
}


@store.command("info", cls=Command, help="显示数据库的位置、大小和各类数据的条数。")
def info(as_json: JsonOption = False) -> None:
    """Say what there is."""
    settings = start_settings()
    found = _open(settings).upkeep.describe()
    kept = {"retention_days": settings.store.retention_days, "audit_days": settings.store.audit_days}
    if as_json:
        days = {name: _iso(getattr(found, name)) for name in ("oldest", "newest")}
        write_line(dump_json({**asdict(found), **days, **kept}))
        return
    for line in _tell_info(found, settings):
        write_line(line)


@store.command("purge", cls=Command, help="删除超过保留期限的对话、回答、反馈和操作记录；服务不用停。")
def purge(
    days: Annotated[
        int, typer.Option("--days", min=0, max=36500, help="保留多少天；默认取设置", show_default=False)
    ] = 0,
    audit_days: Annotated[
        int, typer.Option("--audit-days", min=0, max=36500, help="操作记录保留多少天", show_default=False)
    ] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只说会删多少，不删")] = False,
    as_json: JsonOption = False,
) -> None:
    """End what is too old."""
    settings = start_settings()
    before = _limit(days or settings.store.retention_days)
    deeds_before = _limit(audit_days or settings.store.audit_days)
    if before is None and deeds_before is None:
        raise RequestInvalid(
            "没有设置保留期限，什么都没有删",
            hint="加 --days 天数，或设 TIAOWEN_STORE__RETENTION_DAYS、TIAOWEN_STORE__AUDIT_DAYS",
        )
    opened = _open(settings)
    if dry_run:
        done = opened.retention.count_old(before, deeds_before)
    else:
        done = opened.retention.purge(before, deeds_before)
        opened.registry.note(BY_TERMINAL, "store-purge", tell_purged(done))
    if as_json:
        write_line(dump_json({**asdict(done), "is_dry_run": dry_run}))
    else:
        write_line(f"{'会删除' if dry_run else '已删除'}：{tell_purged(done)}")
    if done.n_turns and not dry_run:
        write_notice("空出的地方留给新的内容，文件不会变小；以前的备份里还有，按同样的期限处理")


@store.command("backup", cls=Command, help="把 SQLite 数据库备份成一个文件；服务不用停。")
def backup(
    target: Annotated[Path, typer.Argument(metavar="文件", help="备份写到哪里", show_default=False)],
    force: Annotated[bool, typer.Option("--force", help="覆盖已有的文件")] = False,
) -> None:
    """Copy the database."""
    settings = start_settings()
    opened = _open(settings)
    n_bytes = opened.upkeep.backup(target, is_replaced=force)
    opened.registry.note(BY_TERMINAL, BACKUP_DEED, size_of(n_bytes))
    write_line(f"已备份到 {target}（{size_of(n_bytes)}），并通过完整性检查")
    write_notice(
        "备份里有对话原文，请妥善保管；恢复时先停止服务，用它替换数据库文件，并删去同名的 -wal、-shm"
    )


@store.command("forget", cls=Command, help="按会话标识删除一个对话的全部内容（个人信息删除请求）。")
def forget(
    session: Annotated[
        str,
        typer.Argument(
            metavar="会话标识", help="回答 JSON 里的 session_id；以 - 开头的写在 -- 之后", show_default=False
        ),
    ],
) -> None:
    """Forget a conversation."""
    from assistant.store.retention import name_session

    opened = _open(start_settings())
    n_turns = opened.retention.forget(session)
    if n_turns is None:
        raise RequestInvalid(
            "没有这个会话，什么都没有删", hint="会话标识是回答 JSON 里的 session_id；也可能早已删除"
        )
    opened.registry.note(BY_TERMINAL, "conversation-forget", f"{name_session(session)}：{n_turns} 轮")
    write_line(f"已删除这个会话的 {n_turns} 轮提问、回答和反馈")
    write_notice("以前的备份里可能还有，请一并处理")


def tell_purged(done: Purged) -> str:
    """What went, in words."""
    return (
        f"提问和回答 {done.n_turns} 条，对话 {done.n_conversations} 个，聊天软件消息和状态 {done.n_messages} 条，"
        f"操作记录 {done.n_deeds} 条"
    )


def _open(settings: Settings) -> Store:
    from assistant.store.store import find_store

    return find_store(settings.store.url)


def _limit(days: int) -> datetime | None:
    return datetime.now(UTC) - timedelta(days=days) if days else None


def _tell_info(found: StoreInfo, settings: Settings) -> list[str]:
    kind = "SQLite" if found.kind == "sqlite" else "PostgreSQL"
    lines = [f"数据库：{kind} {found.place}（第 {found.version} 版，{size_of(found.n_bytes)}）"]
    if found.free_bytes is not None:
        lines.append(f"磁盘剩余：{size_of(found.free_bytes)}")
    if found.oldest and found.newest:
        lines.append(f"提问时间：{_day(found.oldest)} 至 {_day(found.newest)}")
    lines += [f"{TABLES[name]}：{n}" for name, n in found.counts.items()]
    kept = settings.store
    lines.append(f"保留期限：对话 {_days(kept.retention_days)}，操作记录 {_days(kept.audit_days)}")
    return lines


def _days(days: int) -> str:
    return f"{days} 天" if days else "一直保留"


def _day(moment: datetime) -> str:
    from assistant.store.review import BEIJING

    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
