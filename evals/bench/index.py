"""Building the index from nothing, and again with nothing changed."""

from __future__ import annotations

from pathlib import Path

from evals.bench.commands import index_env, time_python
from evals.bench.figures import Figure, build_figure, divide

INDEX = ("-m", "assistant", "index")


def measure_index(folder: Path, n_runs: int) -> tuple[list[Figure], Path]:
    """Seconds of both.

    Args:
        folder: empty; each run takes a new folder in it.
        n_runs: at least one.

    Returns:
        The figures and the folder of the last index, ready to serve.
    """
    fresh, unchanged = [], []
    for run in range(n_runs):
        index_dir = folder / f"index-{run}"
        index_dir.mkdir()
        env = index_env(index_dir)
        fresh.append(time_python(INDEX, env))
        unchanged.append(time_python(INDEX, env))
    figures = [
        build_figure("索引", "从无到有", "秒", fresh),
        build_figure("索引", "没有变化时重建", "秒", unchanged),
        build_figure("索引", "没有变化 ÷ 从无到有", "倍", divide(unchanged, fresh)),
    ]
    return figures, index_dir
