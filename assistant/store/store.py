"""Everything that is kept, in one opened database."""

from __future__ import annotations

import threading

from sqlalchemy import select

from assistant.store.channels import ChannelStore
from assistant.store.conversations import ConversationStore
from assistant.store.database import TIMEOUT_SECONDS, Database
from assistant.store.feedback import FeedbackStore
from assistant.store.past import PastStore
from assistant.store.registry import Registry
from assistant.store.retention import RetentionStore
from assistant.store.review import ReviewStore
from assistant.store.upkeep import Upkeep
from assistant.store.usage import UsageStore


class Store:
    """One database, by what is kept in it; see `Database` for the arguments and what is raised."""

    def __init__(self, url: str, *, timeout: float = TIMEOUT_SECONDS) -> None:
        self._database = Database(url, timeout=timeout)
        self.conversations = ConversationStore(self._database)
        self.feedback = FeedbackStore(self._database)
        self.review = ReviewStore(self._database)
        self.registry = Registry(self._database)
        self.channels = ChannelStore(self._database)
        self.past = PastStore(self._database)
        self.retention = RetentionStore(self._database)
        self.upkeep = Upkeep(self._database)
        self.usage = UsageStore(self._database)

    def check(self) -> None:
        """Ask the database for nothing.

        Raises:
            StoreError: it does not answer.
        """
        self._database.read(lambda connection: connection.execute(select(1)).scalar())

    def close(self) -> None:
        """Close the database."""
        self._database.close()


_LOCK = threading.Lock()
_OPENED: dict[str, Store] = {}


def find_store(url: str) -> Store:
    """The store at an address: opened by whoever needs it first, then the same for all parts of this process.

    Raises:
        ConfigError: the address is of no use.
        StoreError: the database cannot be opened; the next call tries again.
    """
    with _LOCK:
        if url not in _OPENED:
            _OPENED[url] = Store(url)
        return _OPENED[url]
