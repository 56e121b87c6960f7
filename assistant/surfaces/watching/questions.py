"""Who is told about the questions of a server: its figures and, where they are wanted, its spans."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING, Protocol

from assistant.stages import Stage, watched_by

if TYPE_CHECKING:
    from assistant.surfaces.watching.meter import Meter

UNKNOWN = "other"


class Spans(Protocol):
    """Where spans go."""

    def request(self, method: str, headers: dict[str, str]) -> AbstractContextManager[None]:
        """A request is under way; `headers` may name the trace it belongs to."""

    def name_request(self, method: str, route: str, status: int) -> None:
        """How the request under way is called, and what came of it."""

    def stage(self, name: str) -> AbstractContextManager[object]:
        """A stage of an answer is under way."""


class Watch:
    """The figures of one server, and its spans; safe to share between threads.

    Attributes:
        meter: the figures.
        spans: None where none are wanted.
    """

    def __init__(self, meter: Meter | None = None, spans: Spans | None = None) -> None:
        if meter is None:
            # Here, because a bot has no figures to tell.
            from assistant.surfaces.watching.meter import Meter

            meter = Meter()
        self.meter = meter
        self.spans = spans

    @contextmanager
    def over(self, surface: str) -> Iterator[None]:
        """Watch the questions that are asked here, as questions of a surface."""
        with watched_by(QuestionWatcher(self, surface)):
            yield


class QuestionWatcher:
    """Watches the questions of one request or chat, one after the other."""

    def __init__(self, watch: Watch, surface: str) -> None:
        self._watch = watch
        self._surface = surface
        self._reason = ""

    @contextmanager
    def stage(self, name: Stage) -> Iterator[None]:
        """See `stages.Watcher`."""
        with ExitStack() as held:
            if self._watch.spans is not None:
                held.enter_context(self._watch.spans.stage(name))
            held.enter_context(self._watch.meter.time_stage(name))
            yield

    def refuse(self, reason: str) -> None:
        """See `stages.Watcher`."""
        self._reason = reason

    def answered(self, status: str) -> None:
        """See `stages.Watcher`."""
        reason = (self._reason or UNKNOWN) if status == "refused" else ""
        self._watch.meter.count_question(self._surface, status, reason)
        self._reason = ""


def unwatched(_surface: str) -> AbstractContextManager[None]:
    """Nobody watches."""
    return nullcontext()
