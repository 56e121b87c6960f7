"""Conversations that the asker keeps: what was said before → the memory that the next question is read with.

Some programs send the whole conversation with every question. Its questions are answered again, one after the other,
and only what each of them leaves to the next is used. That is a pure function of the questions, so it is remembered by
their digest, and a conversation that goes on costs one answer at each turn, not all of them again.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import replace

from assistant.dialogue.memory import Memory
from assistant.errors import RequestInvalid
from assistant.models import Question

MOST_REMEMBERED = 1000
"""Memories that are kept; the one that was longest not asked for goes first."""


class Replayer:
    """Reads conversations again; safe to share between threads.

    Args:
        answer: the memory after a question, from the one before it. Raises RequestInvalid for what is not answered.
    """

    def __init__(self, answer: Callable[[Question, Memory], Memory]) -> None:
        self._answer = answer
        self._memories: OrderedDict[bytes, Memory] = OrderedDict()
        self._lock = threading.Lock()

    def recall(self, question: Question) -> Memory:
        """What `question.earlier` leaves; region, day and facts of the question hold for all of it.

        What was refused when it was said leaves nothing, as in a conversation that is kept here.
        """
        memory = Memory()
        earlier = question.earlier or ()
        for text, key in zip(earlier, _list_keys(question, earlier), strict=True):
            memory = self._find(key) or self._keep(key, self._read(replace(question, text=text), memory))
        return memory

    def remember(self, question: Question, memory: Memory) -> None:
        """Keep what an answered question leaves: it will come again as the last of what was said earlier."""
        *_, key = _list_keys(question, (*(question.earlier or ()), question.text))
        self._keep(key, memory)

    def _read(self, question: Question, before: Memory) -> Memory:
        try:
            return self._answer(question, before)
        except RequestInvalid:
            return before

    def _find(self, key: bytes) -> Memory | None:
        with self._lock:
            if key in self._memories:
                self._memories.move_to_end(key)
            return self._memories.get(key)

    def _keep(self, key: bytes, memory: Memory) -> Memory:
        with self._lock:
            self._memories[key] = memory
            if len(self._memories) > MOST_REMEMBERED:
                self._memories.popitem(last=False)
        return memory


def _list_keys(question: Question, texts: tuple[str, ...]) -> Iterator[bytes]:
    """A key for what has been said up to each of the texts, under the region, day and facts of the question."""
    given = [question.region or "", question.as_of.isoformat()]
    key = _digest(b"", *given, *(part for fact in sorted(question.facts.items()) for part in fact))
    for text in texts:
        key = _digest(key, text)
        yield key


def _digest(before: bytes, *texts: str) -> bytes:
    """SHA-256 over all that came before; the length of each text keeps two of them apart."""
    digest = hashlib.sha256(before)
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.digest()
