"""What the harness asks of the system under test; `assistant.app.Assistant` has exactly this."""

from __future__ import annotations

from typing import Protocol

from assistant.models import Answer, Passage, Question


class System(Protocol):
    """Anything that answers questions about a corpus."""

    @property
    def corpus_version(self) -> str:
        """Names the corpus the answers rest on; stored with every report."""

    def ask(self, question: Question) -> Answer:
        """Answer one question; the turns of one `session_id` form a conversation."""

    def search(self, query: str, *, region: str | None, top_k: int) -> list[Passage]:
        """At most `top_k` passages for the query, best first; empty where nothing is found."""

    def source(self, document_id: str) -> str:
        """The text of a document as supplied, which the spans of citations count.

        Raises:
            TiaowenError or KeyError: there is no such document.
        """


class RuleSystem(Protocol):
    """Anything that decides rules on stated facts; what it cannot use it refuses with `RequestInvalid`."""

    def decide(self, rule: str, question: Question) -> Answer:
        """Decide one rule, `<document>/<id>`; the text of the question is not read."""

    def check(self, question: Question, subject: str) -> Answer:
        """Decide the verdict about a subject that the facts fit best."""

    def source(self, document_id: str) -> str:
        """The text of a document; see `System`."""
