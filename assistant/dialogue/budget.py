"""What the language model may be asked for on one day, counted in the store by all processes together.

In: limits and a store. Out: whether a call may be made. Where the store fails, this process counts for itself: a store
that is away must neither stop the answers nor open the purse.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from assistant.errors import StoreError

if TYPE_CHECKING:
    from assistant.store.usage import UsageStore

logger = logging.getLogger(__name__)


class DailyBudget:
    """Limits of a day; safe to share between threads."""

    def __init__(self, calls: int | None, tokens: int | None, find_usage: Callable[[], UsageStore]) -> None:
        """Take the limits of one day.

        Args:
            calls, tokens: None for no limit.
            find_usage: opens the store; raises StoreError where that fails.
        """
        self._most_calls, self._most_tokens = calls, tokens
        self._find_usage = find_usage
        self._lock = threading.Lock()
        self._calls: Counter[date] = Counter()
        self._tokens: Counter[date] = Counter()

    def take_call(self, day: date) -> bool:
        """Count a call; False where the day's calls or tokens are spent."""
        from assistant.store.usage import Limits

        with self._lock:
            # What the store was not told of counts too.
            left = Limits(
                _less(self._most_calls, self._calls[day]), _less(self._most_tokens, self._tokens[day])
            )
        try:
            return self._find_usage().take_call(day, left)
        except StoreError as exc:
            logger.warning("calls of the model are counted in memory: %s", exc.message)
        with self._lock:
            if left.calls == 0 or left.tokens == 0:
                return False
            self._calls[day] += 1
            return True

    def add_tokens(self, day: date, n_tokens: int) -> None:
        """Count what a call has used."""
        try:
            self._find_usage().add_tokens(day, n_tokens)
        except StoreError as exc:
            logger.warning("tokens of the model are counted in memory: %s", exc.message)
            with self._lock:
                self._tokens[day] += n_tokens


def _less(limit: int | None, spent: int) -> int | None:
    return None if limit is None else max(limit - spent, 0)
