"""Evidence → the clauses and sentences that make up the answer.

In: scored evidence. Out: `Selection`s in the order they are told. The best clause always; a further one
only where it bears out words of the question that no chosen one does, answers a part of its own, or is the
other side of a comparison. The same words printed twice (body and annex) are told once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.dialogue import wording
from assistant.dialogue.evidence import Evidence, Sentence
from assistant.dialogue.sides import Side
from assistant.dialogue.understand import Understanding
from assistant.dialogue.verify import find_numbers
from assistant.documents.normalize import squeeze
from assistant.models import Clause, Document, Span

MOST_CLAUSES = 3
MOST_CLAUSES_OF_LIST = 6
MOST_SENTENCES = 3
_USUAL_LENGTH = 150
"""Code points of a usual clause."""
_NEW_WORDS = 0.3
"""Share of the question's words that a further clause must add."""
_NEW_WORDS_OF_PART = 0.15
"""The same for a question of several parts, or for a list."""
_NEW_IN_CLAUSE = 0.12
"""The same for a further sentence of a chosen clause."""
_ASPECT_WEIGHT = 0.08
"""Share of the question's weight that makes a part of it worth an answer of its own."""
_ASPECT_MET = 0.6
"""Share of an aspect's words that a clause must bear out to speak of it."""
_FAR_FROM_TOP = 0.3
_AS_GOOD = 0.93
_AS_MUCH = 0.9
_SURE_OF_ODDS, _NEARLY = 0.9, 0.85
"""Probability and share of the top's score from which another figure of the same place is told beside the top's."""
_SHORT_CLAUSE = 170
"""Code points of a clause that is quoted whole."""
_LIST_CLAUSE = 450
"""The same of one that a list was asked of, or of which no sentence stands out: lay words meet the clause alone."""
_HEADING = 16
"""Code points of a sentence at the head of a clause up to which it only names what the clause is about."""
_STANDS_OUT = 0.26
_MORE_OF_ASPECT = 0.4
"""What a further clause must bear out of a part of the question beyond those chosen."""
_NEAR_TOP = 0.9
"""Share of the top's score that a further clause must reach."""
_NEAR_TOP_OF_PART = 0.82
"""The same for a question of several parts, or for a list."""
_LIKELY = 0.25
"""Probability that a further clause must have by itself."""
_LIKELY_OF_PART = 0.1
"""The same of a clause for a part of the question."""
_SENTENCE_SHARE = 0.6
"""Share of the best sentence's score that a further sentence must reach."""
_QUOTED = re.compile(r"[“\"「『]([^“”\"「」『』]{2,16})[”\"」』]")
_TWIN = 0.6
"""Share of common bigrams above which two sentences say the same."""


@dataclass(frozen=True, slots=True)
class Selection:
    """A clause and the sentences of it that are quoted."""

    clause: Clause
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    """Evidence with the score that orders it among the clauses of one question."""

    evidence: Evidence
    score: float


def rank_score(evidence: Evidence) -> float:
    """How well a clause answers, for ordering clauses of one question; about 1 at best."""
    near_best = (s for s in evidence.sentences if s.score >= _SENTENCE_SHARE * evidence.best)
    length = len(squeeze(evidence.clause.text)) / _USUAL_LENGTH
    terms = (
        (0.4, evidence.passage.score),
        (0.35, evidence.best),
        (0.25, evidence.coverage),
        (0.05, any(s.has_figure for s in near_best)),
        (0.10, any(s.has_figure for s in evidence.sentences)),
        (0.25, evidence.closest),
        (0.10, evidence.literal),
        (0.025, math.log(length)),
        (-0.13, bool(evidence.clause.questions)),
    )
    return math.fsum(weight * value for weight, value in terms)


def select_evidence(
    asked: Understanding,
    ranked: Sequence[Ranked],
    sides: Sequence[Side],
    documents: Mapping[str, Document],
) -> list[Selection]:
    """Choose what is told.

    Args:
        ranked: evidence with its score, best first.
        sides: the sides of a comparison; empty where there is none.
    """
    limit = MOST_CLAUSES_OF_LIST if asked.is_list or asked.is_comparison else MOST_CLAUSES
    chosen: list[Evidence] = []
    for side in sides:
        own = [r for r in ranked if side.holds(r.evidence.clause) and r.evidence not in chosen]
        chosen += _choose_of_side(asked, [r for r in own if r.evidence.clause.kind != "meta"])
    # The best clause stands whatever the parts of the question find: they only add to it.
    chosen = chosen or [ranked[0].evidence]
    for aspect in asked.aspects:
        chosen += [e for e in _for_aspect(aspect, ranked, chosen) if e not in chosen]
    chosen += _quoted(asked, ranked, chosen)
    for candidate in ranked:
        if (
            len(chosen) < limit
            and candidate.evidence not in chosen
            and _adds(candidate, chosen, ranked[0], asked, documents, has_sides=bool(sides))
        ):
            chosen.append(candidate.evidence)
    order = {id(r.evidence): i for i, r in enumerate(ranked)}
    chosen.sort(key=lambda e: order[id(e)])
    return [Selection(e.clause, tuple(choose_sentences(asked, e))) for e in chosen[:MOST_CLAUSES_OF_LIST]]


def _choose_of_side(asked: Understanding, ranked: Sequence[Ranked]) -> list[Evidence]:
    """The best clause of a side; of those nearly as good the one whose best sentence has the figure that is compared."""
    near = [r.evidence for r in ranked if r.score >= _NEAR_TOP * ranked[0].score]
    having = [e for e in near if e.best_sentence.has_figure] if asked.measure else []
    return (having or near)[:1]


def merge_selections(chosen: Sequence[Selection], more: Sequence[Selection]) -> list[Selection]:
    """Both, each clause once with the sentences of either, in the order in which they come."""
    spans: dict[str, set[Span]] = {}
    clauses: dict[str, Clause] = {}
    for selection in (*chosen, *more):
        clauses.setdefault(selection.clause.clause_id, selection.clause)
        spans.setdefault(selection.clause.clause_id, set()).update(selection.spans)
    return [Selection(clause, tuple(sorted(spans[key]))) for key, clause in clauses.items()]


def choose_sentences(asked: Understanding, evidence: Evidence) -> list[Span]:
    """The sentences of one clause that answer, in reading order; never empty.

    The best; those nearly as good; and those that bear out words of the question that these do not, such as
    the （责任单位：…） at the end.
    """
    clause = evidence.clause
    is_vague = evidence.best < _STANDS_OUT or (asked.is_list and not asked.is_comparison)
    longest = _LIST_CLAUSE if is_vague else _SHORT_CLAUSE
    if not clause.cells and clause.end - clause.start <= longest:
        return [Span(clause.start, clause.end)]
    ranked = sorted(evidence.sentences, key=lambda s: (-s.score, s.span.start))
    kept: list[Sentence] = [s for s in ranked if s.score >= _SENTENCE_SHARE * ranked[0].score][
        :MOST_SENTENCES
    ]
    if asked.measure and not any(s.has_figure for s in kept):
        kept += [s for s in ranked if s.has_figure and s.score >= 0.35 * ranked[0].score][:1]
    kept += _missing(evidence.weights, _NEW_IN_CLAUSE, ranked, kept)
    if wording.ASKS_WHO.search(asked.text) and wording.IN_CHARGE.search(clause.text):
        kept += [evidence.sentences[-1]]
    for aspect in asked.aspects:
        kept += _missing(_words_of(aspect, evidence), _ASPECT_MET, ranked, kept)
    if asked.is_list and not clause.cells and {s.span for s in kept} == {evidence.sentences[0].span}:
        span = evidence.sentences[0].span
        if span.end - span.start <= _HEADING < clause.end - clause.start:
            # The clause's own heading is what was asked for, and what stands under it is the list.
            return [Span(clause.start, clause.end)]
    return sorted({s.span for s in kept})


def _words_of(aspect: str, evidence: Evidence) -> dict[str, float]:
    """The question's words in one part of it, with their shares of that part's weight."""
    words = {w: x for w, x in evidence.weights.items() if w in aspect}
    total = sum(words.values())
    return {w: x / total for w, x in words.items()} if total >= _ASPECT_WEIGHT else {}


def _missing(
    words: Mapping[str, float], least: float, ranked: Sequence[Sentence], kept: Sequence[Sentence]
) -> list[Sentence]:
    """The sentences that bear out, to a weight of at least `least`, words which those kept do not."""
    covered = frozenset[str]().union(*(s.covered for s in kept))
    found: list[Sentence] = []
    for sentence in ranked:
        if math.fsum(words.get(w, 0.0) for w in sentence.covered - covered) >= least:
            found.append(sentence)
            covered |= sentence.covered
    return found


def _for_aspect(aspect: str, ranked: Sequence[Ranked], chosen: Sequence[Evidence]) -> list[Evidence]:
    """The clause for a part of the question that no chosen clause speaks of; at most one."""
    weights = ranked[0].evidence.weights
    words = {w: x for w, x in weights.items() if w in aspect}
    total = sum(words.values())
    if total < _ASPECT_WEIGHT:
        return []

    def share(evidence: Evidence) -> float:
        return sum(x for w, x in words.items() if w in evidence.covered) / total

    met = max(share(e) for e in chosen)
    likely = [r for r in ranked if r.evidence.probability >= _LIKELY_OF_PART]
    best = max(likely or ranked[:1], key=lambda r: share(r.evidence))
    if met >= _ASPECT_MET and share(best.evidence) < met + _MORE_OF_ASPECT:
        return []
    return (
        [best.evidence]
        if share(best.evidence) >= _ASPECT_MET and best.score >= _FAR_FROM_TOP * ranked[0].score
        else []
    )


def _quoted(asked: Understanding, ranked: Sequence[Ranked], chosen: Sequence[Evidence]) -> list[Evidence]:
    """The best clause for each term that the question puts in quotation marks and no chosen clause says."""
    found: list[Evidence] = []
    for term in map(squeeze, _QUOTED.findall(asked.text)):
        if not any(term in squeeze(e.clause.text) for e in (*chosen, *found)):
            found += [r.evidence for r in ranked if term in squeeze(r.evidence.clause.text)][:1]
    return found


def _adds(
    candidate: Ranked,
    chosen: Sequence[Evidence],
    top: Ranked,
    asked: Understanding,
    documents: Mapping[str, Document],
    *,
    has_sides: bool,
) -> bool:
    evidence = candidate.evidence
    if evidence.probability < _LIKELY:
        return False
    has_figure = asked.measure is None or any(s.has_figure for s in evidence.sentences)
    if has_figure and any(_are_sister_rows(evidence, other) for other in chosen):
        return True
    if evidence.clause.kind == "meta" and not asked.meta:
        return False
    is_near = evidence.clause.document in {e.clause.document for e in chosen}
    is_open = asked.is_comparison and not has_sides
    is_of_top = evidence.clause.document == top.evidence.clause.document
    if not is_of_top and _is_at_odds(candidate, chosen, top, asked, documents):
        return True
    if not is_near and not is_open and candidate.score < _AS_GOOD * top.score:
        # What another document says beside the one that answers must answer as well; each side has its own already.
        return False
    is_manifold = asked.is_list or asked.is_comparison or len(asked.aspects) > 1
    if candidate.score < (_NEAR_TOP_OF_PART if is_manifold else _NEAR_TOP) * top.score:
        return False
    is_twin = any(_are_twins(evidence, other, documents) for other in chosen)
    if asked.asks_sameness:
        return len(chosen) < 2 or (is_twin and len(chosen) < 3)
    if is_twin:
        return False
    if candidate.score >= _AS_GOOD * top.score and (
        asked.is_list or _has_other_figure(asked, evidence, chosen)
    ):
        return True
    covered = frozenset[str]().union(*(e.covered for e in chosen))
    return math.fsum(evidence.weights[w] for w in evidence.covered - covered) >= (
        _NEW_WORDS_OF_PART if is_manifold else _NEW_WORDS
    )


def _is_at_odds(
    candidate: Ranked,
    chosen: Sequence[Evidence],
    top: Ranked,
    asked: Understanding,
    documents: Mapping[str, Document],
) -> bool:
    """Whether another document of the same place has another figure for what is asked: neither is told alone."""
    own = documents[candidate.evidence.clause.document].region
    is_same_place = any(documents[e.clause.document].region == own for e in chosen)
    is_sure = candidate.evidence.probability >= _SURE_OF_ODDS and candidate.score >= _NEARLY * top.score
    if not (is_same_place and is_sure and _has_other_figure(asked, candidate.evidence, chosen)):
        return False
    return not any(_are_twins(candidate.evidence, other, documents) for other in chosen)


def are_rows_of_one(a: Clause, b: Clause) -> bool:
    """Whether two clauses are rows of one table."""
    return a.kind == b.kind == "row" and a.parent == b.parent


def _are_sister_rows(a: Evidence, b: Evidence) -> bool:
    """Rows of one table that speak of the same, or list the same name: neither may be told without the other."""
    if not are_rows_of_one(a.clause, b.clause):
        return False
    return a.covered == b.covered or bool(_names_listed(a) & _names_listed(b))


def _names_listed(evidence: Evidence) -> set[str]:
    """The question's weightiest words that are a name in a list of the row."""
    names = {
        n
        for cell in evidence.clause.cells
        for n in re.split(r"[、,，;；]", squeeze(cell.text))
        if "、" in cell.text
    }
    most = max(evidence.weights.values(), default=0.0)
    return {n for n in names if any(w in n and x == most for w, x in evidence.weights.items())}


def _has_other_figure(asked: Understanding, evidence: Evidence, chosen: Sequence[Evidence]) -> bool:
    """A clause that meets the question as well and has another figure: the two may be at odds, so both are told."""
    if asked.measure is None:
        return False
    met = max(math.fsum(e.weights[w] for w in e.covered) for e in chosen)
    own = math.fsum(evidence.weights[w] for w in evidence.covered)
    return own >= _AS_MUCH * met and any(
        s.has_figure and s.score >= _SENTENCE_SHARE * evidence.best for s in evidence.sentences
    )


def _are_twins(a: Evidence, b: Evidence, documents: Mapping[str, Document]) -> bool:
    first, second = _best_text(a, documents), _best_text(b, documents)
    return _overlap(first, second) >= _TWIN and set(find_numbers(first)) == set(find_numbers(second))


def _best_text(evidence: Evidence, documents: Mapping[str, Document]) -> str:
    start, end = evidence.best_sentence.span
    return squeeze(documents[evidence.clause.document].source[start:end])


def _overlap(a: str, b: str) -> float:
    """Share of the shorter text's character bigrams that the other has too."""
    first, second = ({t[i : i + 2] for i in range(len(t) - 1)} for t in (a, b))
    smaller = min(len(first), len(second))
    return len(first & second) / smaller if smaller else 0.0
