"""`tiaowen`: ask, search, config, and the groups of the other modules.

A command turns its options into a Question or a call of `app`, and prints. Server, bot and
evaluation are imported inside their commands, so a cold `tiaowen ask` loads none of them.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from assistant import __version__
from assistant.config import load_settings
from assistant.surfaces import (
    cli_access,
    cli_bench,
    cli_check,
    cli_corpus,
    cli_doctor,
    cli_mcp,
    cli_model,
    cli_replay,
    cli_rules,
    cli_serve,
    cli_store,
    cli_train,
    inbound,
    schema,
)
from assistant.surfaces.cli_check import FactOption
from assistant.surfaces.startup import open_for_operator, setting_rows, start_settings
from assistant.surfaces.terminal import (
    Command,
    new_console,
    new_group,
    run_app,
    write_help,
    write_line,
)

ABOUT = "条问：职业培训政策逐条问答。每个结论都带条款和原文。"

app = new_group(ABOUT, is_root=True)

RegionOption = Annotated[
    str, typer.Option("--region", "-r", metavar="地区", help="地区名称或六位区划代码，如 潢川县")
]
JsonOption = Annotated[bool, typer.Option("--json", help="输出与 HTTP 接口相同的 JSON")]


def main(args: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    return run_app(app, args)


@app.callback(invoke_without_command=True, help=ABOUT)
def root(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="显示版本号并退出")] = False,
) -> None:
    """The options before any command."""
    if version:
        write_line(f"tiaowen {__version__}")
    elif ctx.invoked_subcommand is None:
        write_help(ctx.get_help())


@app.command(cls=Command, help="问一个问题，得到带条款和原文的回答。")
def ask(
    question: Annotated[str, typer.Argument(metavar="问题", help="一句话的问题", show_default=False)],
    region: RegionOption = "",
    facts: FactOption = None,
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="年-月-日", help="按哪一天的规定回答；不填为今天")
    ] = "",
    session: Annotated[
        str | None,
        typer.Option(
            "--session", "-s", metavar="会话名", help="接着这个名下的上一问；不填则单独提问，不记录"
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Answer one question."""
    settings = start_settings()
    asked = inbound.build_question(
        question,
        as_of=inbound.parse_day(as_of) if as_of else date.today(),
        region=region,
        session_id=None if session is None else inbound.parse_session(session),
        facts=inbound.parse_facts(facts or ()),
    )
    assistant = open_for_operator(settings)
    answer = assistant.ask(asked)
    if as_json:
        write_line(schema.dump_json(schema.answer_object(answer)))
        return
    from assistant.surfaces.render import render_answer

    render_answer(new_console(), answer)


@app.command(cls=Command, help="检索条款，按相关程度排列。")
def search(
    query: Annotated[str, typer.Argument(metavar="检索词", help="要找的内容", show_default=False)],
    region: RegionOption = "",
    document: Annotated[
        str, typer.Option("--document", "-d", metavar="文件编号", help="只在这个文件里找")
    ] = "",
    top_k: Annotated[int, typer.Option("--top-k", "-k", min=1, max=100, help="最多列出几条")] = 10,
    explain: Annotated[
        bool, typer.Option("--explain", help="说明检索词怎样理解、每条的分数怎样得来")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Rank clauses for a query."""
    assistant = open_for_operator(start_settings())
    passages = inbound.search_clauses(assistant, query, region=region, document=document, top_k=top_k)
    found = schema.search_object(assistant, query, passages)
    if explain:
        reading = inbound.read_search(assistant, query, region=region, document=document)
        found["reading"] = schema.reading_object(reading)
    if as_json:
        write_line(schema.dump_json(found))
        return
    from assistant.surfaces.render import render_search

    render_search(new_console(), found)


@app.command(cls=Command, help="列出全部设置、当前值和说明；密钥不显示。")
def config(as_json: JsonOption = False) -> None:
    """List every setting."""
    rows = list(setting_rows(load_settings()))
    if as_json:
        write_line(schema.dump_json({name: value for name, value, _ in rows}))
        return
    from assistant.surfaces.render import render_config

    render_config(new_console(), rows)


app.command("check", cls=Command, help="检查一个班（或机构、人员等）是否符合要求；缺什么问什么。")(
    cli_check.check
)
app.command("compute", cls=Command, help="按一条规则计算或判断，如 年度培训任务、公示期。")(cli_check.compute)
app.command("check-batch", cls=Command, help="批量检查 xlsx 或 csv，写出带结论和依据的 xlsx。")(
    cli_check.check_batch
)
app.add_typer(cli_rules.rules, name="rules")
app.add_typer(cli_corpus.corpus, name="corpus")
app.add_typer(cli_bench.bench, name="bench")
app.command("index", cls=Command, help="建立或更新索引；没有变化的条款不重新计算。")(cli_corpus.index)
app.command(
    "train-embedder", cls=Command, help="用自己的文本和问题训练向量模型；中断后重跑同一命令即可接着训练。"
)(cli_train.train_embedder)
app.command("serve", cls=Command, help="启动网页和 HTTP 接口；没有索引时先建立。")(cli_serve.serve)
app.command("mcp", cls=Command, help="以 MCP（标准输入输出）供其他程序调用；由 MCP 客户端启动。")(
    cli_mcp.serve_stdio
)
app.command("eval", cls=Command, help="用评测题检验回答；只能在源码目录中运行。")(cli_serve.evaluate)
app.add_typer(cli_serve.bot, name="bot")
app.command("doctor", cls=Command, help="检查程序、文件、索引、存储、网络和聊天软件，说明怎样处理。")(
    cli_doctor.doctor
)
app.command("replay", cls=Command, help="重现一条旧回答：当时怎样答，现在怎样答，有什么变化。")(
    cli_replay.replay
)
app.add_typer(cli_store.store, name="store")
app.add_typer(cli_access.keys, name="keys")
app.add_typer(cli_access.widget, name="widget")
app.add_typer(cli_model.model, name="model")
