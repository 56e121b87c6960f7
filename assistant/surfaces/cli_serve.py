"""`tiaowen serve`, `tiaowen bot …`, `tiaowen eval`: what keeps running, and the evaluation."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.config import Settings
from assistant.errors import ConfigError, StoreError
from assistant.surfaces.housekeeping import Housekeeper, keep_house
from assistant.surfaces.inbound import parse_day
from assistant.surfaces.lean import bound_pools, release_memory, spare_memory
from assistant.surfaces.startup import (
    AssistantHolder,
    open_for_operator,
    open_or_build,
    setting_rows,
    start_settings,
)
from assistant.surfaces.terminal import Command, new_group, write_error, write_line, write_notice
from assistant.surfaces.watching.logs import catch_strays

if TYPE_CHECKING:
    from assistant.store.store import Store
    from assistant.surfaces.access import Access

bot = new_group("在聊天软件里回答问题。")


def serve(
    host: Annotated[str, typer.Option("--host", metavar="地址", help="监听地址；默认取设置")] = "",
    port: Annotated[
        int,
        typer.Option("--port", min=-1, max=65535, help="端口，0 为任选；默认取设置", show_default=False),
    ] = -1,
    workers: Annotated[
        int,
        typer.Option("--workers", min=0, max=64, help="开几个进程；默认取设置", show_default=False),
    ] = 0,
    no_build: Annotated[bool, typer.Option("--no-build", help="没有索引也不建立，直接启动")] = False,
) -> None:
    """Serve the page and the API, building the index first where there is none."""
    settings = start_settings()
    bound_pools()
    catch_strays()
    listener = listen(host or settings.server.host, settings.server.port if port < 0 else port)
    n_workers = workers or settings.server.workers
    with listener:
        holder = AssistantHolder(settings) if no_build else open_or_build(settings)
        address = page_address(listener)
        from assistant.surfaces.serving import load_model, open_access, open_app, run_server

        if n_workers > 1:
            from assistant.surfaces.workers import run_workers

            del holder  # the workers have their own
            release_memory()
            write_line(f"条问已启动：{address}，{n_workers} 个进程（按 Ctrl+C 停止）")
            tell_about_keys(open_access(settings))
            with keep_house(make_housekeeper(settings)):
                run_workers(listener, settings, n_workers)
            return
        app = open_app(holder, settings)
        if settings.model.name:
            load_model(holder)
        write_line(f"条问已启动：{address}（按 Ctrl+C 停止）")
        offer_link(app.state.access, address)
        with keep_house(make_housekeeper(settings)):
            run_server(app, listener, settings)


def make_housekeeper(settings: Settings) -> Housekeeper:
    """Ends what the settings say is kept too long."""

    def find() -> Store:
        from assistant.store.store import find_store

        return find_store(settings.store.url)

    return Housekeeper(find, settings.store)


def tell_about_keys(access: Access) -> None:
    """Where nobody has a key yet, say how to make one: a link that signs in once would be known to one process only."""
    try:
        if access.has_keys():
            return
    except StoreError as exc:
        write_notice(f"工作台暂时不能登录：{exc.message}（{exc.hint}）")
        return
    write_line("工作台还没有密钥：运行 tiaowen keys create 名称，把显示的密钥交给要登录的人")


def offer_link(access: Access, address: str) -> None:
    """Where nobody has a key yet, show a link that signs in to the staff desk once, and what to do next."""
    try:
        if access.has_keys():
            return
    except StoreError as exc:
        write_notice(f"工作台暂时不能登录：{exc.message}（{exc.hint}）")
        return
    write_line(f"工作台（还没有密钥，此链接只能用一次）：{address}staff/open/{access.offer_link()}")
    write_line("以后登录：运行 tiaowen keys create 名称，把显示的密钥交给要登录的人")


def listen(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        ConfigError: the address is not of this computer, or the port is taken or forbidden.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as exc:
        listener.close()
        raise ConfigError(
            f"不能在 {host}:{port} 上监听：{exc.strerror or exc}",
            hint="换一个端口，如 tiaowen serve --port 8001，或检查 TIAOWEN_SERVER__HOST",
        ) from exc
    return listener


def page_address(listener: socket.socket) -> str:
    """The address of the page, as a browser on this computer needs it."""
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}/"


@bot.command("telegram", cls=Command, help="启动 Telegram 机器人（轮询方式）。")
def telegram() -> None:
    """Run the Telegram bot, building the index first where there is none."""
    spare_memory()
    settings = start_settings()
    catch_strays()
    if settings.telegram.token is None:
        raise ConfigError(
            "没有设置 Telegram 机器人的令牌", hint="向 @BotFather 申请后设 TIAOWEN_TELEGRAM__TOKEN"
        )
    holder = open_or_build(settings)
    from assistant.surfaces.channels.pace import Pace
    from assistant.surfaces.telegram.poll import BotParts, hold_lock, run_bot
    from assistant.surfaces.throttle import Throttle

    pace = Pace(Throttle(settings.limits))
    release_memory()
    with hold_lock(settings.telegram, settings.index_dir), keep_house(make_housekeeper(settings)):
        run_bot(BotParts(holder, settings.telegram, pace, reader=settings.server.public_url))


def evaluate(  # noqa: PLR0913, PLR0917 - one option each
    cases: Annotated[str, typer.Option("--cases", metavar="路径", help="题目文件（jsonl）或文件夹")] = "",
    kind: Annotated[str, typer.Option("--kind", metavar="类别", help="只测这一类题")] = "",
    as_of: Annotated[str, typer.Option("--as-of", metavar="年-月-日", help="按哪一天的规定回答")] = "",
    failures: Annotated[bool, typer.Option("--failures", help="逐题列出未通过的")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON 报告")] = False,
    gate: Annotated[
        bool, typer.Option("--gate", help="没有达到 evals/thresholds.yaml 的门槛就以 1 退出")
    ] = False,
    model: Annotated[
        bool, typer.Option("--model", help="不用和用语言模型各测一遍，并排比较；要先设 TIAOWEN_MODEL__NAME")
    ] = False,
) -> None:
    """Run the evaluation of a checkout; with a gate, exit with 1 where a threshold is missed."""
    settings = start_settings()
    try:
        from evals.runner import EvalOptions, main_eval
    except ModuleNotFoundError as exc:
        if (exc.name or "").partition(".")[0] != "evals":
            raise
        raise ConfigError("评测只在源码目录中可用", hint="取得源码，在其根目录运行 make eval") from exc
    options = EvalOptions(
        cases=Path(cases) if cases else None,
        kind=kind or None,
        as_of=parse_day(as_of) if as_of else None,
        failures=failures,
        json=as_json,
        gate=gate,
        settings={row.name: row.value for row in setting_rows(settings)},
    )
    if model and not settings.model.name:
        raise ConfigError("没有设置语言模型，无从比较", hint="设 TIAOWEN_MODEL__NAME 后再加 --model")
    # What is measured for the record is what the product decides by itself.
    extractive = settings.model_copy(update={"model": settings.model.model_copy(update={"name": None})})
    worded = open_for_operator(settings) if model else None
    misses = main_eval(open_for_operator(extractive), options, worded).misses
    for miss in misses:
        write_error(f"没有达到门槛：{miss.describe()}")
    if misses:
        raise typer.Exit(1)
