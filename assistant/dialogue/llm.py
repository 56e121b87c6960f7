"""One language model, on a leash: bounded in time, size, number of calls and budget; its failures are `ModelError`s.

In: messages and the end of the time that the whole answer has. Out: text as it comes, or data of a given form. Each call
runs in a thread of its own, so that whoever waits leaves on time whatever the library does; a place is given back when
the call has really ended. LangChain is imported by the first call.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from assistant.config import ModelSettings
from assistant.dialogue.breaker import Breaker
from assistant.dialogue.counts import ModelCounts
from assistant.dialogue.model_text import find_object, strip_thinking
from assistant.errors import ModelError

Messages = Sequence[tuple[str, str]]
T = TypeVar("T", bound=BaseModel)

MODES = ("json_schema", "function_calling", "text")
_SHARE_WAITED = 0.5
"""Share of the time that is left which a call may wait for its place: behind it there must be time to be answered."""
_UNASKED = {"late", "busy", "budget", "paused"}
"""Failures without a call, which say nothing of the model."""
_ANSWERED = {"invalid", "empty", "refused", "rejected"}
"""Failures of a model that is up."""


class Budget(Protocol):
    """What may be spent on one day."""

    def take_call(self, day: date) -> bool:
        """Count a call; False where the day's calls or tokens are spent."""

    def add_tokens(self, day: date, n_tokens: int) -> None:
        """Count what a call has used."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """Where time comes from: seconds that only grow, and the day that a budget is for."""

    seconds: Callable[[], float] = time.monotonic
    today: Callable[[], date] = date.today


@dataclass(slots=True)
class _Call:
    """What passes between the thread of a call and whoever waits for it."""

    bounds: Any
    pieces: queue.SimpleQueue[Any] = field(default_factory=queue.SimpleQueue)


_END = object()


class LanguageModel:
    """The model of the settings; safe to share between threads."""

    def __init__(
        self,
        settings: ModelSettings,
        *,
        budget: Budget | None = None,
        counts: ModelCounts | None = None,
        clocks: Clocks | None = None,
    ) -> None:
        """Take the settings; nothing is imported or called before it is asked.

        Args:
            budget: None for no limit.
        """
        self.settings = settings
        self.counts = counts or ModelCounts()
        self._budget = budget
        self._clocks = clocks or Clocks()
        self._places = threading.BoundedSemaphore(settings.concurrent)
        self._breaker = Breaker()
        self._lock = threading.Lock()
        self._model: Any = None
        self._mode = settings.structured

    @property
    def name(self) -> str:
        """Name of the model, as the settings have it."""
        return self.settings.name or ""

    def load(self) -> None:
        """Import the library and set up the client, so that the first asker does not wait for it.

        Raises:
            ModelError: the provider's package is not installed, or it does not take the settings.
        """
        self._open()

    @property
    def mode(self) -> str:
        """How the model gives data: `auto` until one way has worked."""
        return self._mode

    def start(self) -> float:
        """The end of the time that one answer has from now on, in seconds of this model's clock."""
        return self._clocks.seconds() + self.settings.timeout

    def stream_text(self, use: str, messages: Messages, ends_at: float) -> Iterator[str]:
        """The reply as it comes, without what the model thinks aloud.

        Args:
            use: what for, as it is counted.
            ends_at: see `start`.

        Raises:
            ModelError: at any point; what came before it is what the model said.
        """

        def work(model: Any) -> Iterator[str]:
            is_finished = self.settings.provider != "openai"  # how others say it is their own
            for chunk in model.stream(list(messages)):
                self._note_usage(getattr(chunk, "usage_metadata", None))
                is_finished = is_finished or bool(chunk.response_metadata.get("finish_reason"))
                if isinstance(chunk.content, str) and chunk.content:
                    yield chunk.content
            if not is_finished:
                # Over plain HTTP a connection that breaks looks like one that ends.
                raise ConnectionError("cut")

        yield from strip_thinking(self._run(use, work, ends_at))

    def read_data(self, use: str, messages: Messages, form: type[T], ends_at: float) -> T:
        """The reply as data of a form, in the first way that works for this model; that is remembered.

        Raises:
            ModelError: no way gave such data.
        """
        modes = MODES if self._mode == "auto" else (self._mode,)
        for mode in modes:
            try:
                data = self._read_as(mode, use, messages, form, ends_at)
            except ModelError as exc:
                if exc.kind not in ("invalid", "rejected", "empty") or mode == modes[-1]:
                    raise
            else:
                self._mode = mode  # type: ignore[assignment]
                return data
        raise AssertionError("there is always a last mode")

    def _read_as(self, mode: str, use: str, messages: Messages, form: type[T], ends_at: float) -> T:
        from assistant.dialogue.model_client import MOST_CHARACTERS, describe_fault

        def work(model: Any) -> Iterator[Any]:
            if mode == "text":
                reply = model.invoke(list(messages))
                self._note_usage(getattr(reply, "usage_metadata", None))
                yield reply.text if isinstance(reply.text, str) else str(reply.content)
                return
            told = model.with_structured_output(form, method=mode, include_raw=True).invoke(list(messages))
            self._note_usage(getattr(told["raw"], "usage_metadata", None))
            # A server that does not know the mode may answer in JSON all the same.
            yield told["parsed"] if told["parsed"] is not None else str(told["raw"].content)

        (told,) = self._run(use, work, ends_at)
        if isinstance(told, form):
            return told
        if not isinstance(told, str) or not told.strip():
            raise self._count(describe_fault("empty"))
        if len(told) > MOST_CHARACTERS:
            raise self._count(describe_fault("too_long"))
        try:
            return form.model_validate_json(find_object(told))
        except (ValidationError, ValueError) as exc:
            raise self._count(describe_fault("invalid")) from exc

    # -- one call -----------------------------------------------------------------------------------

    def _run(self, use: str, work: Callable[[Any], Iterator[Any]], ends_at: float) -> Iterator[Any]:
        """What `work` yields with the model, in its own thread, until the time is over."""
        self._enter(ends_at)
        from assistant.dialogue.model_client import Bounds

        # The bounds are checked where the bytes come in, on the clock of the machine.
        call = _Call(Bounds(time.monotonic() + ends_at - self._clocks.seconds()))
        threading.Thread(target=self._work, args=(use, work, call), name="model", daemon=True).start()
        try:
            yield from self._receive(call, ends_at)
        except ModelError as exc:
            self._note_failure(exc)
            raise
        except GeneratorExit:
            self._breaker.note_nothing()
            raise
        else:
            self._breaker.note_success()
        finally:
            call.bounds.is_left = True

    def _enter(self, ends_at: float) -> None:
        """Get a place, or say why there is none."""
        now = self._clocks.seconds()
        if now >= ends_at:
            raise self._count(_unserved("late"))
        if self._breaker.is_open(now):
            raise self._count(_unserved("paused"))
        if not self._places.acquire(timeout=(ends_at - now) * _SHARE_WAITED):
            self._breaker.note_nothing()
            raise self._count(_unserved("busy"))

    def _work(self, use: str, work: Callable[[Any], Iterator[Any]], call: _Call) -> None:
        from assistant.dialogue.model_client import MOST_CHARACTERS, TooLong, bounded, map_fault

        n_characters = 0
        try:
            if self._budget is not None and not self._budget.take_call(self._clocks.today()):
                raise _unserved("budget")
            self.counts.add_call(use)
            with bounded(call.bounds):
                for piece in work(self._open()):
                    n_characters += len(piece) if isinstance(piece, str) else 0
                    if n_characters > MOST_CHARACTERS:
                        raise TooLong
                    call.pieces.put(piece)
                    if call.bounds.is_left:
                        break
            call.pieces.put(_END)
        except BaseException as exc:  # noqa: BLE001 - whatever the library raises goes to whoever waits
            call.pieces.put(map_fault(exc))
        finally:
            self._places.release()

    def _receive(self, call: _Call, ends_at: float) -> Iterator[Any]:
        from assistant.dialogue.model_client import describe_fault

        n_pieces = 0
        while True:
            left = ends_at - self._clocks.seconds()
            try:
                piece = call.pieces.get(timeout=max(left, 0.001))
            except queue.Empty:
                raise describe_fault("timeout") from None
            if piece is _END:
                break
            if isinstance(piece, ModelError):
                raise piece
            if left <= 0:
                raise describe_fault("timeout")
            n_pieces += 1
            yield piece
        if not n_pieces:
            raise describe_fault("empty")

    def _open(self) -> Any:
        with self._lock:
            if self._model is None:
                from assistant.dialogue.model_client import build_chat_model

                self._model = build_chat_model(self.settings)
            return self._model

    def _note_failure(self, fault: ModelError) -> None:
        self._count(fault)
        if fault.kind in _UNASKED:
            self._breaker.note_nothing()
        elif fault.kind in _ANSWERED:
            self._breaker.note_success()
        else:
            self._breaker.note_failure(self._clocks.seconds())

    def _count(self, fault: ModelError) -> ModelError:
        self.counts.add_failure(fault.kind)
        return fault

    def _note_usage(self, usage: Any) -> None:
        n_tokens = int(usage.get("total_tokens", 0)) if usage else 0
        if n_tokens:
            self.counts.add_tokens(n_tokens)
            if self._budget is not None:
                self._budget.add_tokens(self._clocks.today(), n_tokens)


def _unserved(kind: str) -> ModelError:
    messages = {
        "late": "一个回答的时间已经用完",
        "paused": "语言模型接连失败，暂停使用一会儿",
        "busy": "同时使用语言模型的人太多",
        "budget": "语言模型今天的额度已经用完",
    }
    hints = {
        "late": "调大 TIAOWEN_MODEL__TIMEOUT",
        "paused": "运行 tiaowen model check 查看原因",
        "busy": "调大 TIAOWEN_MODEL__CONCURRENT",
        "budget": "调大 TIAOWEN_MODEL__DAILY_CALLS 或 TIAOWEN_MODEL__DAILY_TOKENS",
    }
    return ModelError(messages[kind], kind=kind, hint=hints[kind])
