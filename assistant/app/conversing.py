"""The turns of conversations: what came before is read, the question answered, what comes after kept."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from assistant import __version__
from assistant.dialogue.answer import Reply
from assistant.dialogue.asked import Asked
from assistant.dialogue.memory import Memory, SessionLocks, read_memory
from assistant.dialogue.replay import Replayer
from assistant.errors import StoreError
from assistant.models import Answer, Question

if TYPE_CHECKING:
    from assistant.store.conversations import ConversationStore

MOST_TRIES = 20
"""How often a turn is answered anew because other processes were faster; each time, one of them has got on."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ways:
    """How a turn is answered.

    Attributes:
        answer: the answer after what a conversation had left, and the reply without a model, which the next turn is
            understood from; takes when the model's time is over.
        answer_unkept: the answer of a question by itself, with a notice that its conversation was not kept.
        replayer: reads conversations that are brought along.
    """

    answer: Callable[[Question, Memory, float], tuple[Answer, Reply]]
    answer_unkept: Callable[[Question], Answer]
    replayer: Replayer


@dataclass(frozen=True, slots=True)
class Origin:
    """What answers are made from beside the question; see `Asked`."""

    generation: str
    frame: str

    def write(self, question: Question, before: Memory) -> str:
        """What an answer is made from, as it is kept beside it."""
        return Asked(
            text=question.text,
            as_of=question.as_of,
            region=question.region,
            facts=question.facts,
            before=before,
            generation=self.generation,
            frame=self.frame,
            program=__version__,
        ).write()


class Conversing:
    """Answers and keeps turns; safe to share between threads."""

    def __init__(
        self,
        ways: Ways,
        origin: Origin,
        find_kept: Callable[[], ConversationStore],
        now: Callable[[], datetime],
    ) -> None:
        """Take what is needed for a turn.

        Args:
            find_kept: the conversations that are kept; raises StoreError where they cannot be read.
            now: the time that turns are stamped with.
        """
        self._ways = ways
        self._origin = origin
        self._find_kept = find_kept
        self._now = now
        self._locks = SessionLocks()

    def converse(self, question: Question, session_id: str, ends_at: float) -> tuple[Answer, int | None]:
        """One turn of a conversation, after the one before it in this process.

        Where another process has kept a turn of the same conversation meanwhile, the question is answered again after
        that one.

        Returns:
            The answer, and the number of the turn that keeps it; None where none does.
        """
        with self._locks[session_id]:
            brought = None if question.earlier is None else self._ways.replayer.recall(question)
            try:
                for _ in range(MOST_TRIES):
                    if (taken := self._take_turn(question, session_id, brought, ends_at)) is not None:
                        return taken
                raise StoreError(
                    f"另有进程不断向同一会话提问，{MOST_TRIES} 次都没有轮到这一问",
                    hint="等上一问答完再问下一问",
                )
            except StoreError as exc:
                # An answer that stands alone is worth more than none; what is lost is said.
                logger.error("conversation not kept: %s", exc.message)
                if brought is not None:
                    return self._ways.answer(question, brought, ends_at)[0], None
                return self._ways.answer_unkept(question), None

    def _take_turn(
        self, question: Question, session_id: str, brought: Memory | None, ends_at: float
    ) -> tuple[Answer, int] | None:
        """Answer and keep it; None where the conversation has gone on meanwhile, so that the answer rests on too little.

        Raises:
            StoreError: the database failed.
        """
        from assistant.store.conversations import Newest, Turn

        kept = self._find_kept()
        newest = kept.newest(session_id) if brought is None else Newest(0, None)
        memory = read_memory(newest.memory) if brought is None else brought
        answer, reply = self._ways.answer(question, memory, ends_at)
        if brought is not None:
            self._ways.replayer.remember(question, reply.memory)
        asked = self._origin.write(question, memory)
        turn = Turn(question.text, answer.id, answer.status, reply.memory.write(), self._now(), asked)
        after = newest.number if brought is None else None
        number = kept.append(session_id, turn, answer, after=after)
        return None if number is None else (answer, number)

    def keep_worded(self, session_id: str, number: int, worded: Answer) -> None:
        """Keep a model's wording of the answer of a turn; a store that fails costs the wording, not the answer."""
        try:
            self._find_kept().reword(session_id, number, worded)
        except StoreError as exc:
            logger.error("worded answer not kept: %s", exc.message)
