"""How fast one chat may write: what is too fast is told once, then left unanswered until there is room again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from assistant.surfaces.refusals import TooManyRequests
from assistant.surfaces.throttle import Throttle

MOST_TOLD = 10_000
"""Chats that are remembered to have been told."""


class Pace:
    """Counts the messages of chats; safe to share between threads.

    Args:
        throttle: counts; None lets everything pass.
    """

    def __init__(self, throttle: Throttle | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._throttle = throttle or Throttle()
        self._clock = clock
        self._told_until: dict[str, float] = {}
        self._lock = threading.Lock()

    def count(self, chat: str) -> int | None:
        """Count a message.

        Returns:
            None where it is to be answered; else the seconds to tell the chat to wait, 0 where it has been told.
        """
        try:
            self._throttle.check("chat", chat)
        except TooManyRequests as exc:
            return self._tell(chat, exc.seconds)
        return None

    def _tell(self, chat: str, seconds: int) -> int:
        now = self._clock()
        with self._lock:
            if self._told_until.get(chat, now) > now:
                return 0
            if len(self._told_until) >= MOST_TOLD:
                self._told_until.clear()
            self._told_until[chat] = now + seconds
            return seconds
