"""What one turn leaves to the next: the question as understood, place, facts, rule, clauses.

In: JSON text of the store. Out: `Memory` and back. A memory that cannot be read (an older form, a damaged row) is
an empty one: a conversation that starts anew is better than one that stops.
"""

from __future__ import annotations

import threading

from pydantic import BaseModel, ConfigDict, Field, ValidationError

MOST_FACTS = 60
"""Facts that are kept; an endless session does not grow."""


class ToldFigure(BaseModel):
    """One figure that an answer told.

    Attributes:
        amount: exact, as `Fraction` reads it; `unit` as told.
        spans: where the sentences stand that say it: clause id, start, end.
        is_bound: True where the text makes it a floor or a ceiling.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: str
    unit: str
    spans: tuple[tuple[str, int, int], ...]
    is_bound: bool = False


class Memory(BaseModel):
    """The state of a conversation after a turn.

    Attributes:
        question: the last question, made to stand on its own; empty before the first. `earlier` is the one before,
            `opened` the first of the conversation.
        region: code of the place it was about, empty where none was named.
        facts: all that has been stated so far, by fact id, in the notation of `rules.statements`.
        rule: key of the rule that was decided last; empty where the last answer was none.
        read: facts that this decision rests on, in their order; `asks` those that were asked for.
        clauses: ids of the clauses cited last, in their order.
        figures: those that the last answers told, one each, the last at the end.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str = ""
    earlier: str = ""
    opened: str = ""
    region: str = ""
    facts: dict[str, str] = Field(default_factory=dict)
    rule: str = ""
    read: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    figures: tuple[ToldFigure, ...] = ()

    def write(self) -> str:
        """As JSON text."""
        return self.model_dump_json()


def read_memory(text: str | None) -> Memory:
    """A memory from JSON text; an empty one where there is none that can be read."""
    if not text:
        return Memory()
    try:
        return Memory.model_validate_json(text)
    except ValidationError:
        return Memory()


class SessionLocks:
    """One lock for each of a fixed number of groups of sessions: turns of one conversation follow each other."""

    def __init__(self, n_locks: int = 64) -> None:
        self._locks = tuple(threading.Lock() for _ in range(n_locks))

    def __getitem__(self, session_id: str) -> threading.Lock:
        return self._locks[sum(session_id.encode()) % len(self._locks)]
