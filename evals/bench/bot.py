"""`python -m evals.bench.bot`: what the Telegram bot holds in memory, and what it adds to the time of an answer.

The bot runs as a process against a stand-in of Telegram on loopback; `--python` names an interpreter that has only what an
installation has. Each question is put to the bot and, in turn, to `POST /v1/ask` of a server with a store of its own, as a
turn that is kept, so that the difference is of the same seconds. Three requests to the stand-in (an update is fetched, an
answer is sent, the next update is waited for) are counted as the bot's.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.config import load_settings
from assistant.errors import TiaowenError
from evals.bench.commands import ROOT, index_env
from evals.bench.figures import Figure, build_figure, report_figures
from evals.bench.server import Client, read_rss, start_server
from evals.cases import DEFAULT_CASES, Case, load_cases
from tests.standins import telegram_api

if TYPE_CHECKING:
    from tests.standins.telegram_api import BotApi

PART = "Telegram 机器人"
_SETTLING_S = 1.0
"""From the first poll until the start is over."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, show a table, store the figures.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(prog="python -m evals.bench.bot", description="机器人占多少内存，慢多少")
    parser.add_argument("--questions", type=int, default=40, help="问几个问题（默认 40）")
    parser.add_argument("--python", default=sys.executable, help="用哪个 Python 运行机器人（默认这一个）")
    options = parser.parse_args(arguments)
    if options.questions < 1:
        parser.error("--questions 至少为 1")
    cases = [case.model_copy(update={"region": None}) for case in load_cases(DEFAULT_CASES)]
    return report_figures(lambda: measure_bot(cases[: options.questions], options.python))


def measure_bot(cases: Sequence[Case], python: str) -> list[Figure]:
    """Memory after the first and second start and after the questions; time beside the API's.

    Raises:
        TiaowenError: the bot does not start or does not answer.
    """
    index_dir = load_settings().index_dir.resolve()
    with (
        telegram_api.serving() as api,
        start_server(index_dir) as (client, _pid),
        tempfile.TemporaryDirectory(prefix="tiaowen-bench-") as folder,
    ):
        run = _Run(api, client, index_dir, Path(folder), python)
        figures = run.measure_start("第一次启动", cases, 1_000)
        return figures + run.measure_start("再次启动", cases, 1_000_000)


@dataclass(frozen=True, slots=True)
class _Run:
    """A bot that is started again and again on one store."""

    api: BotApi
    client: Client
    index_dir: Path
    folder: Path
    python: str

    def measure_start(self, label: str, cases: Sequence[Case], first_chat: int) -> list[Figure]:
        """Start the bot, ask, end it; each question is of a new chat, of which the first is `first_chat`."""
        with self._start() as process:
            memory = [build_figure(PART, label, "MiB", [read_rss(process.pid) or 0.0])]
            asked, told = [], []
            for n, case in enumerate(cases):
                deeds = (self._tell, self._ask) if n % 2 else (self._ask, self._tell)
                took = {deed: deed(case, first_chat + n) for deed in deeds}
                asked.append(took[self._ask])
                told.append(took[self._tell])
            held = [read_rss(process.pid) or 0.0]
        added = [bot - own for bot, own in zip(told, asked, strict=True)]
        return [
            *memory,
            build_figure(PART, f"{label}，{len(cases)} 问之后", "MiB", held),
            build_figure(PART, f"{label}，一问到答", "毫秒", told),
            build_figure(PART, f"{label}，/v1/ask 本身", "毫秒", asked),
            build_figure(PART, f"{label}，机器人另加", "毫秒", added),
        ]

    @contextmanager
    def _start(self) -> Iterator[subprocess.Popen[bytes]]:
        env = index_env(self.index_dir) | {
            "TIAOWEN_TELEGRAM__TOKEN": telegram_api.TOKEN,
            "TIAOWEN_TELEGRAM__BASE_URL": self.api.address,
            "TIAOWEN_STORE__URL": f"sqlite:///{self.folder / 'bot.db'}",
        }
        n_polls = self.api.n_polls
        process = subprocess.Popen([self.python, "-m", "assistant", "bot", "telegram"], cwd=ROOT, env=env)
        try:
            if not self.api.wait_until(lambda: self.api.n_polls > n_polls):
                raise TiaowenError("机器人没有起来", hint="单独运行 tiaowen bot telegram 看看")
            time.sleep(_SETTLING_S)
            yield process
        finally:
            process.terminate()
            process.wait(timeout=30)

    def _tell(self, case: Case, chat: int) -> float:
        """Milliseconds from a message to the answer in its chat."""
        started = time.perf_counter()
        n_shown = len(self.api.shown)
        self.api.say(case.question, chat)
        self.api.wait_for(n_shown + 1)
        took = (time.perf_counter() - started) * 1000
        if not self.api.texts(chat):
            raise TiaowenError(f"机器人没有回答：{case.question}", hint="单独运行 tiaowen bot telegram 看看")
        return took

    def _ask(self, case: Case, chat: int) -> float:
        """Milliseconds of the same question to the API, as a turn of a conversation that is kept."""
        started = time.perf_counter()
        self.client.ask(case, date.today(), f"bench.{chat}")
        return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    sys.exit(main())
