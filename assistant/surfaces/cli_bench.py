"""`tiaowen bench …`: measure speed, memory and retrieval of a checkout beside named peers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assistant.errors import ConfigError
from assistant.surfaces.startup import start_settings
from assistant.surfaces.terminal import Command, new_group

bench = new_group("在源码目录中测速度、内存和检索质量，与同类比较。")


@bench.command("all", cls=Command, help="冷启动、服务、索引、各阶段用时和检索质量，用内置的文件和题目。")
def bench_all(
    runs: Annotated[int, typer.Option("--runs", min=1, help="每项重复几次")] = 5,
) -> None:
    """Measure the product on its own corpus."""
    start_settings()
    _require_checkout()
    from evals.bench.__main__ import main

    raise typer.Exit(main(["--runs", str(runs)]))


@bench.command(
    "retrieval", cls=Command, help="检索质量、用时、建索引速度、内存和磁盘，与 BM25 和 LangChain 比较。"
)
def bench_retrieval(
    sets: Annotated[
        list[Path] | None,
        typer.Option(
            "--set",
            metavar="目录",
            help="BEIR 格式的数据集（corpus、queries、qrels），可写多次",
            show_default=False,
        ),
    ] = None,
    validation: Annotated[
        int,
        typer.Option(
            "--validation",
            min=0,
            help="只问这么多题：其答案不与其余任何题相同（训练时留出的验证题）；0 为全部",
        ),
    ] = 0,
    hold_out: Annotated[
        Path | None,
        typer.Option(
            "--write-hold-out", metavar="文件", help="不测试，只写出验证题，交给 train-embedder --hold-out"
        ),
    ] = None,
    cases: Annotated[
        list[Path] | None,
        typer.Option(
            "--cases", metavar="路径", help="评测题（jsonl），问现有的索引，可写多次", show_default=False
        ),
    ] = None,
    peer: Annotated[bool, typer.Option("--peer/--no-peer", help="与 LangChain 的混合检索比较")] = True,
) -> None:
    """Measure retrieval on public sets."""
    settings = start_settings()
    _require_checkout()
    from evals.bench.retrieval import RetrievalOptions, main_retrieval, write_hold_out

    if hold_out:
        if len(sets or ()) != 1 or not validation:
            raise ConfigError("写出验证题要给一个 --set 和题数 --validation", hint="例如 --validation 200")
        write_hold_out((sets or [])[0], validation, hold_out)
        return
    if not (sets or cases):
        raise ConfigError("没有要测的数据集", hint="用 --set 给出 BEIR 格式的目录，或用 --cases 给出评测题")
    main_retrieval(RetrievalOptions(tuple(sets or ()), validation, peer, tuple(cases or ()), settings))


def _require_checkout() -> None:
    try:
        import evals  # noqa: F401
    except ModuleNotFoundError as exc:
        raise ConfigError("基准测试只在源码目录中可用", hint="取得源码，在其根目录运行 make bench") from exc
