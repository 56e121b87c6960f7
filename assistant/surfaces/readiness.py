"""What `/readyz` says: whether questions can be answered, and what is away meanwhile.

A process without store, Redis or Chroma answers on, with less; a gateway must not take every machine out because of what
all of them share. So only a missing index makes it unready, and what is degraded is listed beside `ready`.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from assistant.errors import TiaowenError

if TYPE_CHECKING:
    from assistant.app import Assistant
    from assistant.surfaces.throttle import Throttle

PATIENCE_SECONDS = 1.0
"""How long the store may take to answer until it is told to be away; a gateway waits hardly longer."""
LATE = "数据库没有及时回应"


class StoreProbe:
    """Asks the store in a thread of its own, so that a server that swallows packets holds up nobody."""

    def __init__(self, patience: float = PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._fault = ""

    def find_fault(self, assistant: Assistant) -> str:
        """Why the store cannot be used now, in Chinese; empty where it can."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._ask, args=(assistant,), name="store probe", daemon=True
                )
                self._thread.start()
            asking = self._thread
        asking.join(self._patience)
        return self._fault or LATE if asking.is_alive() else self._fault

    def _ask(self, assistant: Assistant) -> None:
        try:
            assistant.store.check()
        except TiaowenError as exc:
            self._fault = exc.message
        else:
            self._fault = ""


def describe_readiness(assistant: Assistant, store: StoreProbe, throttle: Throttle) -> dict[str, Any]:
    """The body of `/readyz`; `degraded` names parts that are away: store, limits, vectors."""
    away = {"store": store.find_fault(assistant), "limits": throttle.fault, "vectors": assistant.vector_fault}
    warnings = list(assistant.warnings)
    if away["store"]:
        warnings.append(f"{away['store']}。回答照常，这期间的对话不保存")
    if away["limits"]:
        warnings.append(f"{away['limits']}。限流由各进程各自计数")
    return {
        "status": "ready",
        "corpus_version": assistant.corpus_version,
        "n_documents": len(assistant.corpus.documents),
        "degraded": [part for part, fault in away.items() if fault],
        "warnings": warnings,
        "problems": [problem.message for problem in assistant.corpus.problems],
    }
