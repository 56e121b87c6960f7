"""The program as a user starts it: a fresh interpreter, an index folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from assistant.errors import TiaowenError

ROOT = Path(__file__).resolve().parents[2]
LONGEST_S = 600.0
"""Seconds a single command may take."""


UNLIMITED = {f"TIAOWEN_LIMITS__{deed}": "" for deed in ("ASK", "SESSION", "SEARCH", "WIDGET")}


def index_env(index_dir: Path) -> dict[str, str]:
    """The environment with the index kept in `index_dir`; one client may ask as often as it can."""
    return {**os.environ, **UNLIMITED, "TIAOWEN_INDEX_DIR": str(index_dir), "PYTHONIOENCODING": "utf-8"}


def time_python(arguments: Sequence[str], env: dict[str, str]) -> float:
    """Seconds that `python <arguments>` takes in the checkout, start and exit included.

    Raises:
        TiaowenError: the command fails or does not end.
    """
    command = [sys.executable, *arguments]
    started = time.perf_counter()
    try:
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=False, timeout=LONGEST_S)
    except subprocess.TimeoutExpired as exc:
        raise TiaowenError(
            f"命令超过 {LONGEST_S:.0f} 秒没有结束：{' '.join(command)}", hint="单独运行它看看"
        ) from exc
    elapsed = time.perf_counter() - started
    if done.returncode:
        said = done.stderr.decode("utf-8", errors="replace").strip()[-500:]
        raise TiaowenError(
            f"命令以 {done.returncode} 退出：{' '.join(command)}：{said}", hint="单独运行它看看"
        )
    return elapsed
