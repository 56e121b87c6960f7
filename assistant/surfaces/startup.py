"""What several commands need before they can work: settings, the assistant, the index."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, SecretStr

from assistant.config import PREFIX, Settings, load_settings
from assistant.errors import IndexMissing, IndexStale, TiaowenError
from assistant.surfaces.terminal import new_console, write_line, write_notice
from assistant.surfaces.watching.logs import start_logs

if TYPE_CHECKING:
    from assistant.app import Assistant, BuildReport
    from assistant.documents.catalog import CorpusProblem

UNSET = "（未设置）"
MASK = "******"
RELOAD_SECONDS = 1.0
"""How often, in seconds, a running server looks for a new index generation."""
PATIENCE_SECONDS = 5.0
"""How long the request that finds one waits for it to be opened."""

logger = logging.getLogger(__name__)


class SettingRow(NamedTuple):
    """A setting as it is shown; `value` of a secret is a mask."""

    name: str
    value: str
    description: str


def start_settings() -> Settings:
    """Read the settings and start logging to standard error as they say."""
    settings = load_settings()
    start_logs(settings)
    return settings


def setting_rows(section: BaseModel, prefix: str = PREFIX) -> Iterator[SettingRow]:
    """Every leaf setting, in the order of declaration."""
    for name, info in type(section).model_fields.items():
        value = getattr(section, name)
        full_name = f"{prefix}{name}".upper()
        if isinstance(value, BaseModel):
            yield from setting_rows(value, f"{full_name}__")
        else:
            yield SettingRow(full_name, _shown(value), info.description or "")


_PASSWORD = re.compile(r"(://[^:/@]*:)[^@]*@")


def _shown(value: object) -> str:
    if value is None:
        return UNSET
    # A database address may carry a password.
    return MASK if isinstance(value, SecretStr) else _PASSWORD.sub(rf"\1{MASK}@", str(value))


def open_for_operator(settings: Settings) -> Assistant:
    """Open the assistant; what its operator should know goes to standard error."""
    from assistant.app import open_assistant

    assistant = open_assistant(settings)
    for warning in assistant.warnings:
        write_notice(warning)
    return assistant


class AssistantHolder:
    """Opens the assistant when first asked for, and again when a new index generation serves.

    After a failure the next call tries again; while a newer generation cannot be opened, the one at hand
    goes on serving.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._assistant: Assistant | None = None
        self._looked_at = -RELOAD_SECONDS
        self._looker: threading.Thread | None = None

    def __call__(self) -> Assistant:
        """The assistant.

        Raises:
            IndexMissing: no index has been built.
            IndexStale: the index does not fit the corpus or the embedder.
        """
        with self._lock:
            if self._assistant is None:
                _follow(self._settings)
                self._assistant = open_for_operator(self._settings)
                return self._assistant
            former = self._assistant
            looker = self._begin_to_look()
        if looker is None:
            return former
        # Only this caller waits for it; the others go on with the former.
        looker.join(PATIENCE_SECONDS)
        with self._lock:
            return self._assistant

    def _begin_to_look(self) -> threading.Thread | None:
        """Look for a new generation where it is time to and nobody does so already; called under the lock."""
        now = time.monotonic()
        if now - self._looked_at < RELOAD_SECONDS or (self._looker and self._looker.is_alive()):
            return None
        self._looked_at = now
        self._looker = threading.Thread(target=self._look, name="new index", daemon=True)
        self._looker.start()
        return self._looker

    def _look(self) -> None:
        assistant = self._assistant
        _follow(self._settings)
        if assistant is None or not assistant.is_outdated:
            return
        try:
            opened = open_for_operator(self._settings)
        except TiaowenError as exc:
            logger.warning("the new index cannot be opened, the former serves on: %s", exc.message)
            return
        with self._lock:
            self._assistant = opened


def _follow(settings: Settings) -> None:
    from assistant.app import follow_indexes

    follow_indexes(settings)


def open_or_build(settings: Settings) -> AssistantHolder:
    """The assistant, after building the index where there is none that fits."""
    holder = AssistantHolder(settings)
    try:
        holder()
    except (IndexMissing, IndexStale) as exc:
        write_notice(f"{exc.message}，正在建立索引…")
        report = build_with_progress(settings)
        write_line(describe_build(report))
        write_problems(report.problems)
        holder()
    return holder


def build_with_progress(settings: Settings) -> BuildReport:
    """Build the index, showing on standard error how far it has come."""
    from assistant.app import build_indexes

    with show_progress() as report_progress:
        return build_indexes(settings, report_progress)


@contextmanager
def show_progress() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar that takes (stage, n done, n in all)."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=new_console(stderr=True), transient=True) as bar:

        def report_progress(stage: str, n_done: int, n_all: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage)
            bar.update(tasks[stage], completed=n_done, total=n_all)

        yield report_progress


def describe_build(report: BuildReport) -> str:
    """One line on what a build did."""
    counted = f"{report.n_documents} 个文件，{report.n_chunks} 个条款片段"
    if report.is_unchanged:
        return f"索引已是最新：{counted}（{report.seconds:.1f} 秒）"
    return (
        f"索引已建立：{counted}，其中重新计算 {report.n_embedded} 个"
        f"（{report.seconds:.1f} 秒，{report.generation}）"
    )


def write_problems(problems: tuple[CorpusProblem, ...]) -> None:
    """Name the documents that could not be taken in, on standard error."""
    for problem in problems:
        hint = f"（{problem.hint}）" if problem.hint else ""
        write_notice(f"未收录 {problem.path}：{problem.message}{hint}")
