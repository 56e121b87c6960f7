"""Disagreements between texts: asked about, or touched by an answer.

In: a question, or the words that an answer quotes. Out: the declared `Conflict`s of the rules, and how they are told:
both sides, each with its clause, and nothing decided between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from assistant.dialogue.draft import Draft
from assistant.dialogue.likeness import Likeness, find_pairs
from assistant.dialogue.messages import Messages
from assistant.dialogue.understand import Understanding
from assistant.models import Citation, Span
from assistant.retrieval.embed import Embedder
from assistant.rules.decide import Calculator
from assistant.rules.law import Cite, Conflict
from assistant.rules.numerals import find_figures

_LEAST = 0.58
"""Likeness from which a question is about a disagreement."""
_LEAST_TOUCHED = 0.4
"""The same where the answer quotes one side anyway."""
_LEAST_SAID = 0.3
"""Share of the character pairs of a comparing question that the disagreement must say."""
_LEAST_FIGURE = 10
"""Figure without a unit from which it is one; 两处, 第3条 count or point."""
_LEAST_OF_COMPARISON = 0.38
"""The same where the question asks whether two things are the same."""


class Disagreements:
    """The conflicts that the rules of a corpus declare."""

    def __init__(self, calculator: Calculator, embedder: Embedder, messages: Messages) -> None:
        self._calculator = calculator
        self._conflicts = calculator.book.conflicts
        samples = {key: (c.label, *c.questions) for key, c in self._conflicts.items()}
        self._likeness = Likeness(samples, embedder)
        self._messages = messages

    def find(self, asked: Understanding, documents: frozenset[str]) -> Conflict | None:
        """The disagreement a question is about; None where it is about none.

        Args:
            documents: ids of those that may answer; every side must stand in one of them.
        """
        pairs = find_pairs(asked.bare)
        likeness = self._likeness.compare(asked.bare)
        fitting = [
            (likeness[key], key)
            for key, conflict in self._conflicts.items()
            if self._is_about(conflict, asked, likeness.get(key, 0.0), pairs)
            and self._documents_of(conflict) <= documents
        ]
        stated = {f[:2] for f in find_figures(asked.text) if f.unit or f.value >= _LEAST_FIGURE}
        if stated and asked.asks_sameness:
            # 附件1合计8000，正文也是8000: of another figure's disagreement nothing was asked.
            fitting = [(x, key) for x, key in fitting if stated & self._figures_of(self._conflicts[key])]
        if not fitting:
            return None
        return self._conflicts[min(fitting, key=lambda pair: (-pair[0], pair[1]))[1]]

    def _figures_of(self, conflict: Conflict) -> set[tuple[Fraction, str]]:
        """The figures of a disagreement, each also without its unit."""
        said = find_figures("。".join((conflict.label, conflict.statement, *conflict.questions)))
        return {(f.value, unit) for f in said for unit in ("", f.unit)}

    def _is_about(
        self, conflict: Conflict, asked: Understanding, likeness: float, pairs: frozenset[str]
    ) -> bool:
        """Whether a question is about a disagreement: by its words, and if it compares, by its matter."""
        if not asked.asks_sameness:
            return likeness >= _LEAST
        said = find_pairs("。".join((conflict.label, conflict.statement, *conflict.questions)))
        return likeness >= _LEAST_OF_COMPARISON and len(pairs & said) >= _LEAST_SAID * len(pairs)

    def is_of(self, conflict: Conflict, documents: Iterable[str]) -> bool:
        """Whether the first side of a disagreement is in one of some documents: what it is said of."""
        return bool({c.document for c in self._calculator.sides(conflict)[0]} & set(documents))

    def touched(self, asked: Understanding, citations: Sequence[Citation]) -> list[Conflict]:
        """The contradictions inside one document of which an answer to this question quotes one side alone."""
        likeness = self._likeness.compare(asked.bare)
        return [
            conflict
            for key, conflict in self._conflicts.items()
            if conflict.relation == "none" and likeness.get(key, 0.0) >= _LEAST_TOUCHED
            if len(self._documents_of(conflict)) == 1
            if {self._is_quoted(side, citations) for side in self._calculator.sides(conflict)}
            == {True, False}
        ]

    def tell(self, draft: Draft, conflict: Conflict, *, in_full: bool = False) -> None:
        """Say what differs, with the clauses of each side.

        Args:
            in_full: quote each side too.
        """
        book = self._calculator.book
        sides = [c for side in self._calculator.sides(conflict) for c in side if c.drift != "stale"]
        cites = [draft.cite(book.clauses[c.clause_id], Span(c.start, c.end)).n for c in sides]
        statement = conflict.statement.rstrip("。")
        if conflict.relation == "none":
            text = self._messages.say("conflict", statement=statement)
        else:
            text = self._messages.say("conflict_related", statement=statement, relation=conflict.relation)
        draft.tell_computed(f"{text}。", tuple(dict.fromkeys(cites)), (statement,))
        for cite in sides if in_full else []:
            draft.tell(book.clauses[cite.clause_id], [Span(cite.start, cite.end)])

    def _documents_of(self, conflict: Conflict) -> set[str]:
        return {c.document for side in self._calculator.sides(conflict) for c in side}

    def _is_quoted(self, side: Iterable[Cite], citations: Sequence[Citation]) -> bool:
        return any(
            citation.clause_id == cite.clause_id and citation.start < cite.end and cite.start < citation.end
            for cite in side
            for citation in citations
        )
