"""`tiaowen train-embedder`: train the static embedding anew, on other texts, questions or a corpus of one's own."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.surfaces.startup import show_progress, start_settings
from assistant.surfaces.terminal import write_line, write_notice

if TYPE_CHECKING:
    from assistant.config import Settings
    from assistant.models import Document
    from assistant.retrieval.recipe import TrainingData, TrainingFiles

_SHOWN_LINES = 5

PathsOption = list[Path] | None


def train_embedder(  # noqa: PLR0913, PLR0917
    out: Annotated[Path, typer.Option("--out", metavar="目录", help="模型写到哪里", show_default=False)],
    text: Annotated[
        PathsOption,
        typer.Option("--text", metavar="文件", help="训练文本（可为 .xz），可写多次", show_default=False),
    ] = None,
    pairs: Annotated[
        PathsOption,
        typer.Option(
            "--pairs", metavar="文件", help="问题与答案（jsonl：q、p、src），可写多次", show_default=False
        ),
    ] = None,
    articles: Annotated[
        Path | None, typer.Option("--articles", metavar="文件", help="带标题的条文（jsonl：title、text）")
    ] = None,
    hold_out: Annotated[
        Path | None,
        typer.Option("--hold-out", metavar="文件", help="留作验证、不参加训练的问题（jsonl：text）"),
    ] = None,
    corpus: Annotated[bool, typer.Option("--corpus/--no-corpus", help="加上文件库的原文和示例问题")] = True,
    tokens: Annotated[int, typer.Option("--tokens", min=500, max=200_000, help="词表大小")] = 24_000,
    dim: Annotated[int, typer.Option("--dim", min=8, max=1024, help="维数")] = 256,
    steps: Annotated[int, typer.Option("--steps", min=1, max=100_000, help="每轮对比训练的步数")] = 700,
    runs: Annotated[int, typer.Option("--runs", min=1, max=20, help="训练几轮，取平均")] = 3,
    seed: Annotated[int, typer.Option("--seed", min=0, help="随机种子；相同的输入得到相同的模型")] = 0,
) -> None:
    """Train a static model; a training that was killed is gone on with by the same command."""
    settings = start_settings()
    from assistant.retrieval.contrast import ContrastOptions
    from assistant.retrieval.recipe import TrainingFiles, gather_data
    from assistant.retrieval.train import TrainOptions, train_static

    started = time.monotonic()
    files = TrainingFiles(tuple(text or ()), tuple(pairs or ()), articles, hold_out)
    data = gather_data(files, _read_documents(settings) if corpus else ())
    _tell_skipped(data)
    dims = (dim, dim // 2) if dim >= 16 else (dim,)
    options = TrainOptions(
        n_tokens=tokens,
        contrast=ContrastOptions(steps=steps, dims=dims, seed=seed, n_runs=runs),
        data=data.names,
        command=_describe_command(
            files, corpus, f"--tokens {tokens} --dim {dim} --steps {steps} --runs {runs} --seed {seed}"
        ),
    )
    with show_progress() as report:
        trained = train_static(data.texts, data.sources, out, options, report)
    seconds = time.monotonic() - started
    write_line(
        f"模型已写入 {out}：{trained.n_tokens} 个词，{dim} 维，摘要 {trained.digest[:16]}（{seconds:.0f} 秒）"
    )
    write_line(f"启用：设 TIAOWEN_RETRIEVAL__EMBEDDER={out}，再运行 tiaowen index")


def _read_documents(settings: Settings) -> tuple[Document, ...]:
    from assistant.documents.catalog import load_corpus
    from assistant.documents.regions import load_regions

    return load_corpus(settings.corpus_dir, load_regions(settings.corpus_dir / "regions.yaml")).documents


def _tell_skipped(data: TrainingData) -> None:
    for path, numbers in data.skipped.items():
        shown = "、".join(map(str, numbers[:_SHOWN_LINES])) + ("等" if len(numbers) > _SHOWN_LINES else "")
        write_notice(f"{path} 有 {len(numbers)} 行不能用，已跳过（第 {shown} 行）")


def _describe_command(files: TrainingFiles, corpus: bool, options: str) -> str:
    """How to train the same again; by the names of the files, not where they lay."""
    parts = ["tiaowen train-embedder"]
    parts += [f"--text {path.name}" for path in files.texts]
    parts += [f"--pairs {path.name}" for path in files.pairs]
    parts += [f"--articles {files.articles.name}"] if files.articles else []
    parts += [f"--hold-out {files.held_out.name}"] if files.held_out else []
    return " ".join([*parts, "" if corpus else "--no-corpus", options]).replace("  ", " ")
