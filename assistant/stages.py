"""The stages of an answer, and who is told how long they take and how they end.

The pipeline reads no clock: it says only where a stage begins and ends. Whoever serves a question may watch it; that
holds for what the question's own thread or task does, so two servers in one process do not meet. Without a watcher, as
on the command line, a stage costs one look-up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Literal, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

Stage = Literal["whole", "recall", "understand", "retrieve", "rerank", "calculate", "verify", "keep"]
"""`whole` holds all the others; `recall` and `keep` are the store's, before and after."""


class Watcher(Protocol):
    """Is told about one question."""

    def stage(self, name: Stage) -> AbstractContextManager[object]:
        """A stage begins; leaving the context ends it."""

    def refuse(self, reason: str) -> None:
        """Nothing answers the question, or a part of it; the last reason is the one that is told."""

    def answered(self, status: str) -> None:
        """The answer is there."""


_WATCHER: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


@contextmanager
def watched_by(watcher: Watcher) -> Iterator[None]:
    """Let a watcher be told what happens in this context."""
    token = _WATCHER.set(watcher)
    try:
        yield
    finally:
        _WATCHER.reset(token)


def find_watcher() -> Watcher | None:
    """Who watches what happens here; None where nobody does."""
    return _WATCHER.get()


def staged(name: Stage) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Mark a function as a stage."""

    def mark(work: Callable[P, T]) -> Callable[P, T]:
        @wraps(work)
        def run(*args: P.args, **kwargs: P.kwargs) -> T:
            watcher = _WATCHER.get()
            if watcher is None:
                return work(*args, **kwargs)
            with watcher.stage(name):
                return work(*args, **kwargs)

        return run

    return mark


def note_refusal(reason: str) -> None:
    """Say why nothing answers; the name of a sentence in `prompts/answer.yaml`."""
    watcher = _WATCHER.get()
    if watcher is not None:
        watcher.refuse(reason.removeprefix("refused_"))


def note_answer(status: str) -> None:
    """Say how a question ended."""
    watcher = _WATCHER.get()
    if watcher is not None:
        watcher.answered(status)
