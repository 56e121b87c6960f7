"""What the language model did since this process began, counted; whoever shows metrics reads it.

In: events as they happen. Out: totals that only grow. Nothing of a question or an answer is kept.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ModelTotals:
    """Totals at one moment.

    Attributes:
        calls: by use: `word`, `repair`, `rewrite`, `extract`, `check`.
        failures: by kind of `ModelError`.
        sentences: by fate: `passed`, `repaired`, `replaced`.
        faults: of sentences that did not pass, by kind of fault.
        tokens: as told by the model, else the characters sent and received.
    """

    calls: dict[str, int]
    failures: dict[str, int]
    sentences: dict[str, int]
    faults: dict[str, int]
    tokens: int


@dataclass(slots=True)
class ModelCounts:
    """Counts; safe to share between threads."""

    _calls: Counter[str] = field(default_factory=Counter)
    _failures: Counter[str] = field(default_factory=Counter)
    _sentences: Counter[str] = field(default_factory=Counter)
    _faults: Counter[str] = field(default_factory=Counter)
    _tokens: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add_call(self, use: str) -> None:
        """A call was begun."""
        with self._lock:
            self._calls[use] += 1

    def add_failure(self, kind: str) -> None:
        """A call gave nothing that can be used."""
        with self._lock:
            self._failures[kind] += 1

    def add_sentence(self, fate: str) -> None:
        """A sentence was `passed`, `repaired` or `replaced`."""
        with self._lock:
            self._sentences[fate] += 1

    def add_fault(self, kind: str) -> None:
        """A sentence did not pass for this reason."""
        with self._lock:
            self._faults[kind] += 1

    def add_tokens(self, n_tokens: int) -> None:
        """So many tokens were used."""
        with self._lock:
            self._tokens += n_tokens

    def read(self) -> ModelTotals:
        """All totals, of one moment."""
        with self._lock:
            return ModelTotals(
                dict(self._calls),
                dict(self._failures),
                dict(self._sentences),
                dict(self._faults),
                self._tokens,
            )
