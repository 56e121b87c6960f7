"""What a metric sees of one case: the question, the answer, the passages and the sources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from assistant.errors import TiaowenError
from assistant.models import Answer, Citation, Passage
from evals.cases import Case
from evals.metrics.text import remove_marks, remove_space

LONGEST_CLAUSE = 900
"""Characters; citing more than this points at a page, not at a clause."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One case after it was asked.

    Attributes:
        answer: to the last turn of the case.
        passages: what search gave for the question alone, best first.
        read_source: text of a document by id; raises TiaowenError or KeyError for an unknown one.
    """

    case: Case
    answer: Answer
    passages: tuple[Passage, ...]
    read_source: Callable[[str], str]

    @property
    def text(self) -> str:
        """The answer's text without its `[n]` marks."""
        return remove_marks(self.answer.text)

    @property
    def has_abstained(self) -> bool:
        """Whether the system refused although a refusal is not accepted here."""
        return self.answer.status == "refused" and "refuse" not in self.case.accepted

    def source(self, document: str) -> str:
        """Source text; empty where there is no such document, so that no span of it exists."""
        try:
            return self.read_source(document)
        except (TiaowenError, KeyError):
            return ""

    def holds(self, document: str, start: int, end: int, quote: str) -> bool:
        """Whether a clause span of at most `LONGEST_CLAUSE` characters contains the quote."""
        return span_holds(self.source(document), start, end, quote)

    def decision(self) -> dict[str, Any]:
        """The decision as nested plain values; empty where nothing was decided."""
        return asdict(self.answer.decision) if self.answer.decision else {}


def span_holds(source: str, start: int, end: int, quote: str) -> bool:
    """Whether `source[start:end]` contains the quote, whitespace aside.

    A span of more than `LONGEST_CLAUSE` characters, or no span of the source, contains nothing.
    """
    if not 0 <= start < end <= start + LONGEST_CLAUSE:
        return False
    return remove_space(quote) in remove_space(source[start:end])


def label_citation(citation: Citation) -> str:
    """A citation as a reader of a report sees it."""
    return f"[{citation.n}] {citation.number} {citation.clause}"
