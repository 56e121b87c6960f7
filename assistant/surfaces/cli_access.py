"""`tiaowen keys …` and `tiaowen widget …`: who may sign in to the staff desk, which sites may show the widget."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.config import Settings
from assistant.errors import RequestInvalid
from assistant.store.actors import BY_TERMINAL
from assistant.surfaces.origins import read_origins
from assistant.surfaces.schema import dump_json
from assistant.surfaces.startup import start_settings
from assistant.surfaces.terminal import Command, new_group, write_line, write_notice
from assistant.surfaces.web.texts import load_texts

if TYPE_CHECKING:
    from datetime import datetime

    from assistant.store.registry import Registry

keys = new_group("管理员工登录工作台用的密钥。")
widget = new_group("管理网页挂件的令牌，显示嵌入代码。")

Name = Annotated[str, typer.Argument(metavar="名称", help="便于辨认的名称", show_default=False)]
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON")]
ServerOption = Annotated[
    str, typer.Option("--server", metavar="网址", help="浏览器访问本服务的地址；默认取设置")
]


@keys.command("create", cls=Command, help="新建一个密钥；只显示这一次。")
def create_key(name: Name) -> None:
    """Make a staff key."""
    key = _open_registry(start_settings()).create_key(name, BY_TERMINAL)
    write_line(key)
    write_notice(f"这是“{name}”的密钥，只显示这一次；在 /staff 登录时输入")


@keys.command("list", cls=Command, help="列出密钥的名称和状态。")
def list_keys(as_json: JsonOption = False) -> None:
    """List the staff keys."""
    found = _open_registry(start_settings()).list_keys()
    rows = [{"name": k.name, **_times(k.created_at, k.revoked_at)} for k in found]
    _write_rows(rows, as_json=as_json, empty="还没有密钥；用 tiaowen keys create 名称 新建")


@keys.command("revoke", cls=Command, help="停用一个密钥；用它登录的人几秒内退出。")
def revoke_key(name: Name) -> None:
    """End a staff key."""
    _open_registry(start_settings()).revoke_key(name, BY_TERMINAL)
    write_line(f"密钥“{name}”已停用")


@widget.command("create", cls=Command, help="新建一个令牌，显示嵌入代码；令牌只显示这一次。")
def create_token(
    name: Name,
    origin: Annotated[
        list[str],
        typer.Option(
            "--origin", metavar="网站", help="可以嵌入的网站，如 https://www.example.gov.cn；可写多个"
        ),
    ],
    server: ServerOption = "",
) -> None:
    """Make a publish token."""
    settings = start_settings()
    origins = read_origins(origin)
    base = _find_base(settings, server)
    token = _open_registry(settings).create_token(name, origins, BY_TERMINAL)
    _write_code(base, token)
    write_notice(f"这是“{name}”的令牌，只显示这一次；可以嵌入：{'、'.join(origins)}")


@widget.command("list", cls=Command, help="列出令牌的名称、网站和状态。")
def list_tokens(as_json: JsonOption = False) -> None:
    """List the publish tokens."""
    found = _open_registry(start_settings()).list_tokens()
    rows = [{"name": t.name, "origins": list(t.origins), **_times(t.created_at, t.revoked_at)} for t in found]
    _write_rows(rows, as_json=as_json, empty="还没有令牌；用 tiaowen widget create 名称 --origin 网站 新建")


@widget.command("revoke", cls=Command, help="停用一个令牌；用它的网页几秒内不能再问。")
def revoke_token(name: Name) -> None:
    """End a publish token."""
    _open_registry(start_settings()).revoke_token(name, BY_TERMINAL)
    write_line(f"令牌“{name}”已停用")


@widget.command("embed", cls=Command, help="显示嵌入代码，令牌处填创建时显示的那一个。")
def embed(
    name: Annotated[
        str, typer.Argument(metavar="名称", help="检查这个令牌是否还能用", show_default=False)
    ] = "",
    server: ServerOption = "",
) -> None:
    """Show the lines to embed."""
    settings = start_settings()
    if name:
        live = [t for t in _open_registry(settings).list_tokens() if t.revoked_at is None and t.name == name]
        if not live:
            raise RequestInvalid(f"没有名称为“{name}”、仍在使用的令牌", hint="用 tiaowen widget list 查看")
        write_notice(f"“{name}”可以嵌入：{'、'.join(live[0].origins)}")
    _write_code(_find_base(settings, server), load_texts()["desk"]["widget"]["placeholder"])


@widget.command("demo", cls=Command, help="在另一个端口显示一个嵌入了挂件的网页，按 Ctrl+C 停止。")
def demo(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="演示网页的端口，0 为任选")] = 8001,
    server: ServerOption = "",
) -> None:
    """Serve a page of another site that shows the widget; its token ends with it."""
    import uvicorn

    from assistant.surfaces.cli_serve import listen, page_address
    from assistant.surfaces.web.demo import create_host

    settings = start_settings()
    base = _find_base(settings, server).rstrip("/")
    registry = _open_registry(settings)
    with listen("127.0.0.1", port) as listener:
        address = page_address(listener)
        name = f"演示 {secrets.token_hex(4)}"
        token = registry.create_token(name, [address.rstrip("/")], BY_TERMINAL)
        try:
            config = uvicorn.Config(create_host(base, token), log_level="warning", access_log=False)
            write_line(f"演示网页：{address}（向 {base} 提问，按 Ctrl+C 停止）")
            uvicorn.Server(config).run(sockets=[listener])
        finally:
            registry.revoke_token(name, BY_TERMINAL)


def _open_registry(settings: Settings) -> Registry:
    from assistant.store.store import find_store

    return find_store(settings.store.url).registry


def _find_base(settings: Settings, server: str) -> str:
    """The address that browsers reach the server at.

    Raises:
        RequestInvalid: an option that is no address.
    """
    if server:
        if not server.startswith(("http://", "https://")):
            raise RequestInvalid(f"网址有误：{server}", hint="写成 https://wen.example.gov.cn 这样")
        return server
    host = settings.server.host
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return settings.server.public_url or f"http://{shown}:{settings.server.port}"


def _write_code(base: str, token: str) -> None:
    from assistant.surfaces.embed import embed_code

    write_line(embed_code(base, token))


def _times(created_at: datetime, revoked_at: datetime | None) -> dict[str, str | None]:
    return {
        "created_at": created_at.isoformat(timespec="seconds"),
        "revoked_at": revoked_at.isoformat(timespec="seconds") if revoked_at else None,
    }


def _write_rows(rows: Sequence[Mapping[str, object]], *, as_json: bool, empty: str) -> None:
    if as_json:
        write_line(dump_json(rows))
        return
    for row in rows:
        origins = row.get("origins")
        sites = f"\t{'、'.join(map(str, origins))}" if isinstance(origins, list) else ""
        state = "已停用" if row["revoked_at"] else "使用中"
        write_line(f"{row['name']}\t{state}\t{str(row['created_at'])[:10]}{sites}")
    if not rows:
        write_notice(empty)
