"""A question from a cold start, against merely importing the vector store."""

from __future__ import annotations

from pathlib import Path

from evals.bench.commands import index_env, time_python
from evals.bench.figures import Figure, build_figure, divide, interleave

ASK = ("-m", "assistant", "ask", "一个班最多能坐多少人？", "--region", "潢川县")
YARDSTICK = ("-c", "import chromadb")


def measure_cold(index_dir: Path, n_runs: int) -> list[Figure]:
    """Seconds from the prompt to the answer; the index has to be built."""
    env = index_env(index_dir)
    seconds = interleave(
        {"ask": lambda: time_python(ASK, env), "import": lambda: time_python(YARDSTICK, env)},
        n_runs,
    )
    return [
        build_figure("冷启动", "tiaowen ask", "秒", seconds["ask"]),
        build_figure("冷启动", "import chromadb", "秒", seconds["import"]),
        build_figure("冷启动", "ask ÷ import chromadb", "倍", divide(seconds["ask"], seconds["import"])),
    ]
