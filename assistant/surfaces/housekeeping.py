"""What a running server does by itself from time to time: ends what the settings say is kept too long."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from assistant.config import StoreSettings
from assistant.errors import StoreError

if TYPE_CHECKING:
    from assistant.store.store import Store

logger = logging.getLogger(__name__)

FIRST_SECONDS = 60.0
"""After the start, so that a server that is only tried ends nothing."""
EVERY_SECONDS = 6 * 3600.0
_PATIENCE_SECONDS = 5.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Housekeeper:
    """Ends what is too old; several processes may do so beside each other."""

    def __init__(
        self, find_store: Callable[[], Store], settings: StoreSettings, now: Callable[[], datetime] = _utc_now
    ) -> None:
        self._find_store = find_store
        self._settings = settings
        self._now = now

    @property
    def has_work(self) -> bool:
        """Whether anything has a limit."""
        return bool(self._settings.retention_days or self._settings.audit_days)

    def tidy(self) -> None:
        """Do it once; a store that fails is left for the next time."""
        try:
            done = self._find_store().retention.purge(
                self._limit(self._settings.retention_days), self._limit(self._settings.audit_days)
            )
        except StoreError as exc:
            logger.warning("what is kept too long could not be ended: %s", exc.message)
            return
        if any((done.n_turns, done.n_messages, done.n_deeds)):
            logger.info(
                "kept too long and ended: %d turns, %d conversations, %d messages, %d deeds",
                *(done.n_turns, done.n_conversations, done.n_messages, done.n_deeds),
            )

    def _limit(self, days: int) -> datetime | None:
        return self._now() - timedelta(days=days) if days else None


@contextmanager
def keep_house(
    housekeeper: Housekeeper, first: float = FIRST_SECONDS, every: float = EVERY_SECONDS
) -> Iterator[None]:
    """Tidy from time to time while the context is open.

    Args:
        first, every: seconds until the first time and between two.
    """
    if not housekeeper.has_work:
        yield
        return
    is_over = threading.Event()

    def run() -> None:
        pause = first
        while not is_over.wait(pause):
            housekeeper.tidy()
            pause = every

    thread = threading.Thread(target=run, name="housekeeping", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(_PATIENCE_SECONDS)
