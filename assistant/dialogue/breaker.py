"""A model that keeps failing is left alone for a while, so that nobody waits for it in vain.

In: what became of each call, and the time. Out: whether to call at all. After the pause one call tries (half-open);
its success closes the breaker, its failure opens it for twice as long, up to a limit.
"""

from __future__ import annotations

import threading

MOST_FAILURES = 5
"""So many failures in a row open it."""
FIRST_PAUSE_S = 15.0
LONGEST_PAUSE_S = 240.0


class Breaker:
    """Counts failures in a row; safe to share between threads. Times are seconds of one clock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._n_failures = 0
        self._pause_s = FIRST_PAUSE_S
        self._open_until = 0.0
        self._is_trying = False

    def is_open(self, now: float) -> bool:
        """Whether to leave the model alone; the first to ask after a pause is let through, and alone."""
        with self._lock:
            if self._n_failures < MOST_FAILURES:
                return False
            if now < self._open_until or self._is_trying:
                return True
            self._is_trying = True
            return False

    def note_success(self) -> None:
        """A call was answered."""
        with self._lock:
            self._n_failures, self._pause_s, self._is_trying = 0, FIRST_PAUSE_S, False

    def note_failure(self, now: float) -> None:
        """A call failed."""
        with self._lock:
            was_trying, self._is_trying = self._is_trying, False
            self._n_failures += 1
            if self._n_failures >= MOST_FAILURES:
                if was_trying:
                    self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
                self._open_until = now + self._pause_s

    def note_nothing(self) -> None:
        """A call that was let through was not made after all."""
        with self._lock:
            self._is_trying = False
