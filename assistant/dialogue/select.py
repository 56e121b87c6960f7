"""Evidence → the clauses and sentences that make up the answer.

In: scored evidence. Out: `Selection`s in the order they are told. The best clause always; a further one
only where it bears out words of the question that no chosen one does, answers a part of its own, or is the
other side of a comparison. The same words printed twice (body and annex) are told once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.dialogue.evidence import Evidence, Sentence
from assistant.dialogue.understand import Understanding
from assistant.documents.normalize import squeeze
from assistant.models import Clause, Document, Span

MOST_CLAUSES = 3
MOST_CLAUSES_OF_LIST = 6
_NEW_WORDS = 0.15
"""Share of the question's words that a further clause must add."""
_NEAR_TOP = 0.62
"""Share of the top's score that a further clause must reach."""
_SENTENCE_SHARE = 0.6
"""Share of the best sentence's score that a further sentence must reach."""
_TWIN = 0.6
"""Share of common bigrams above which two sentences say the same."""


@dataclass(frozen=True, slots=True)
class Selection:
    """A clause and the sentences of it that are quoted."""

    clause: Clause
    spans: tuple[Span, ...]


def rank_score(evidence: Evidence) -> float:
    """How well a clause answers, for ordering clauses of one question."""
    has_figure = any(s.has_figure for s in evidence.sentences if s.score >= _SENTENCE_SHARE * evidence.best)
    return 0.4 * evidence.passage.score + 0.35 * evidence.best + 0.25 * evidence.coverage + (0.05 if has_figure else 0.0)


def select_evidence(asked: Understanding, evidence: Sequence[Evidence], documents: dict[str, Document]) -> list[Selection]:
    """Choose what is told; `evidence` is in falling order of `rank_score`."""
    limit = MOST_CLAUSES_OF_LIST if asked.is_list or asked.is_comparison else MOST_CLAUSES
    chosen: list[Evidence] = []
    for candidate in evidence:
        if len(chosen) < limit and _adds(candidate, chosen, evidence[0], asked, documents):
            chosen.append(candidate)
    return [Selection(e.clause, tuple(choose_sentences(asked, e))) for e in chosen]


def choose_sentences(asked: Understanding, evidence: Evidence) -> list[Span]:
    """The sentences of one clause that answer, in reading order; never empty."""
    ranked = sorted(evidence.sentences, key=lambda s: (-s.score, s.span.start))
    kept: list[Sentence] = [s for s in ranked if s.score >= _SENTENCE_SHARE * ranked[0].score][:3]
    if asked.measure and not any(s.has_figure for s in kept):
        kept += [s for s in ranked if s.has_figure and s.score >= 0.35 * ranked[0].score][:1]
    return sorted(s.span for s in kept)


def _adds(
    candidate: Evidence, chosen: Sequence[Evidence], top: Evidence, asked: Understanding, documents: dict[str, Document]
) -> bool:
    if not chosen:
        return True
    if rank_score(candidate) < _NEAR_TOP * rank_score(top):
        return False
    is_twin = any(_are_twins(candidate, other, documents) for other in chosen)
    if asked.asks_sameness:
        return len(chosen) < 2 or (is_twin and len(chosen) < 3)
    if is_twin:
        return False
    covered = frozenset[str]().union(*(e.covered for e in chosen))
    new = candidate.covered - covered
    n_words = max(len(covered | candidate.covered), 1)
    return len(new) / n_words >= _NEW_WORDS


def _are_twins(a: Evidence, b: Evidence, documents: dict[str, Document]) -> bool:
    return _overlap(_best_text(a, documents), _best_text(b, documents)) >= _TWIN


def _best_text(evidence: Evidence, documents: dict[str, Document]) -> str:
    best = max(evidence.sentences, key=lambda s: (s.score, -s.span.start))
    return squeeze(documents[evidence.clause.document].source[best.span.start : best.span.end])


def _overlap(a: str, b: str) -> float:
    """Share of the shorter text's character bigrams that the other has too."""
    first, second = ({t[i : i + 2] for i in range(len(t) - 1)} for t in (a, b))
    smaller = min(len(first), len(second))
    return len(first & second) / smaller if smaller else 0.0
