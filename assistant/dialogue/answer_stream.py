"""An answer whose decision stands while its wording may still come in, line by line.

In: the finished extractive answer, and the lines of a worded one. Out: its lines as they are verified, each once, then the
whole answer; the lines put together are its text.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator

from assistant.models import Answer

Lines = Generator[str, None, Answer]
"""Lines as they are verified; the answer that is returned is made of them."""


class AnswerStream:
    """The lines of one answer; to be read once, by one thread.

    Attributes:
        first: the answer without a model's words: status, decision and citations are the same in the end.
    """

    def __init__(
        self, first: Answer, lines: Lines | None = None, keep: Callable[[Answer], None] | None = None
    ) -> None:
        """Take the answer.

        Args:
            lines: of the worded answer; None where `first` is the whole answer.
            keep: told of the whole answer, once.
        """
        self.first = first
        self._lines = lines
        self._keep = keep
        self._answer = first if lines is None else None

    @property
    def answer(self) -> Answer | None:
        """The whole answer; None while lines are still to come."""
        return self._answer

    def __iter__(self) -> Iterator[str]:
        """The lines that have not been read, without their ends."""
        if self._lines is None or self._answer is not None:
            return
        answer = yield from self._lines
        self._answer = answer
        if self._keep is not None:
            self._keep(answer)

    def finish(self) -> Answer:
        """The whole answer, once it is there."""
        for _ in self:
            continue
        assert self._answer is not None
        return self._answer

    def close(self) -> None:
        """Nobody waits for the rest: the model is let go."""
        if self._lines is not None:
            self._lines.close()
