"""Passages → evidence: which sentences of a clause answer, and how sure one may be that they do.

In: an understood question and ranked passages. Out: `Evidence` a clause, with its scored sentences. The
probability is calibrated on labelled questions (`python -m evals.calibrate`) and means the same whichever
store found the passage: it is computed from words, sentences and raw scores, never from ranks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.dialogue.measure import contradicts_bound, has_figure, is_of_other, is_of_other_grade
from assistant.dialogue.table_grid import read_unit
from assistant.dialogue.understand import Understanding
from assistant.dialogue.weigh import (
    SAID,
    Word,
    credit_words,
    list_titles,
    weigh_credit,
    weigh_within,
    weigh_words,
)
from assistant.documents.normalize import squeeze
from assistant.documents.sentences import list_heads, split_fragments, split_sentences
from assistant.models import Cell, Clause, Document, Passage, Span
from assistant.retrieval.embed import Vector
from assistant.retrieval.retrieve import Query, Retriever

SENTENCE_WEIGHTS = (0.45, 0.2, 0.35)
"""Weights of a sentence's words, of its closest fragment's words, and of its cosine."""
INTERCEPT = -6.80
PROBABILITY_WEIGHTS = (6.69, 1.36, 9.26)
"""Logistic weights over `Evidence.features`, printed by `python -m evals.calibrate`."""
QUOTED_PROBABILITY = 0.75
"""Least probability of a clause that has, word for word, what the asker put in quotation marks."""
_QUOTED = re.compile(r"[“\"「『]([^“”\"「」『』]{3,20})[”\"」』]")
_FURTHER = re.compile(r"\.p\d+$")
"""The path of a further paragraph of a clause: 5.25.p2."""
_ASKED_CREDIT = 0.8
"""Credit of a word that a sample question of the clause says."""
_ASPECT_WEIGHT = 0.4
"""Share of the question's weight from which a part of it is a question of its own."""
_ITEM = re.compile(r"[、,，;；。]")
_PREDICATE = re.compile(r"[无未不须应可能]|进行|具备|没有")
"""What an item of an enumeration has that is a clause of its own.   near miss: 受理、审核工作"""
_FULL_BM25 = 60.0
"""BM25 score from which more of it says no more."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a clause with how much of the question it meets.

    Attributes:
        score: in [0, 1].
        covered: the question's words that it, or its clause's headings, bear out.
        has_figure: True where it has a figure of the kind asked for, or none is asked for.
        contradicts_bound: True where its figure bounds the other end of the range asked for.
        apart: words that only items of an enumeration without the figure say: 连续5分钟内无弹窗管控、无法进行人脸活体比对.
    """

    span: Span
    score: float
    covered: frozenset[str]
    has_figure: bool
    contradicts_bound: bool
    apart: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A clause as an answer to one question.

    Attributes:
        passage: as retrieved.
        features: coverage, cosine and BM25 of the clause's best piece; all in [0, 1].
        covered: the question's words it bears out.
        literal: share of the question's weight that the clause itself says in the asker's own words, in [0, 1].
        closest: cosine of the question and the closest sentence of the clause, in [0, 1].
        has_quoted: True where the question quotes something and the clause has all of it.
        weights: share of the question's weight by word.
        sentences: in reading order; never empty.
    """

    passage: Passage
    features: tuple[float, ...]
    literal: float
    closest: float
    has_quoted: bool
    covered: frozenset[str]
    weights: Mapping[str, float]
    sentences: tuple[Sentence, ...]

    @property
    def clause(self) -> Clause:
        """The clause that is the evidence."""
        return self.passage.clause

    @property
    def coverage(self) -> float:
        """Share of the question's weight that the clause's words, or official words for them, bear out."""
        return self.features[0]

    @property
    def cosine(self) -> float:
        """Cosine of the question and the clause, or one of its sample questions, whichever is closest."""
        return self.features[1]

    @property
    def probability(self) -> float:
        """Calibrated probability that the clause answers."""
        total = INTERCEPT + sum(w * f for w, f in zip(PROBABILITY_WEIGHTS, self.features, strict=True))
        probability = round(1 / (1 + math.exp(-total)), 6)
        return max(probability, QUOTED_PROBABILITY) if self.has_quoted else probability

    @property
    def best_sentence(self) -> Sentence:
        """The sentence that meets the question best, the first of equals."""
        return max(self.sentences, key=lambda s: (s.score, -s.span.start))

    @property
    def best(self) -> float:
        """Score of the best sentence."""
        return self.best_sentence.score


@dataclass(frozen=True, slots=True)
class _ReadSentence:
    """A sentence as the scorer reads it: squeezed, in lower case, with its fragments and vector.

    Attributes:
        head: what a series that it is a further part of opens with; empty for any other.
    """

    span: Span
    text: str
    head: str
    fragments: tuple[str, ...]
    vector: Vector


@dataclass(frozen=True, slots=True)
class _ReadClause:
    """A clause as the scorer reads it.

    Attributes:
        asked: its sample questions.
        around: what each cell of a row is read with; empty for other clauses.
    """

    own: str
    context: str
    asked: str
    around: str
    sentences: tuple[_ReadSentence, ...]


class EvidenceScorer:
    """Scores clauses against one question at a time; what it reads of a clause is kept."""

    def __init__(self, retriever: Retriever, documents: Mapping[str, Document]) -> None:
        self._retriever = retriever
        self._documents = documents
        self._read: dict[str, _ReadClause] = {}

    def score(self, query: Query, asked: Understanding, passages: Sequence[Passage]) -> list[Evidence]:
        """Evidence for each passage, in the passages' order."""
        words = weigh_words(query, self._retriever)
        vector = self._retriever.embedder.embed_query(query.text)
        text = squeeze(query.text)
        documents = {p.clause.document for p in passages}
        within = {d: weigh_within(words, text, list_titles(self._documents[d])) for d in documents}
        return [self._score_clause(within[p.clause.document], vector, asked, p) for p in passages]

    def _score_clause(
        self, words: list[Word], vector: Vector, asked: Understanding, passage: Passage
    ) -> Evidence:
        read = self._read_clause(passage.clause)
        credit = credit_words(words, read.own + read.context)
        for word, asked_credit in credit_words(words, read.asked).items():
            credit[word] = max(credit.get(word, 0.0), _ASKED_CREDIT * asked_credit)
        in_context = credit_words(words, read.context)
        said = [word for word in words if word.text in credit]
        sentences = tuple(_score_sentence(said, vector, asked, read, s, in_context) for s in read.sentences)
        if is_of_other_grade(asked, read.own):
            sentences = tuple(replace(s, has_figure=False) for s in sentences)
        covered = frozenset(w.text for w in words if credit.get(w.text, 0.0) > SAID)
        features = (
            max(weigh_credit(words, credit), _cover_aspects(asked, words, credit)),
            max(passage.legs.get("dense", 0.0), 0.0),
            min(passage.legs.get("bm25", 0.0), _FULL_BM25) / _FULL_BM25,
        )
        weights = {word.text: word.weight for word in words}
        quoted = [squeeze(phrase).lower() for phrase in _QUOTED.findall(asked.text)]
        has_quoted = bool(quoted) and all(phrase in read.own for phrase in quoted)
        literal = math.fsum(w.weight for w in words if w.text in read.own)
        closest = max(0.0, *(float(s.vector @ vector) for s in read.sentences))
        return Evidence(passage, features, literal, closest, has_quoted, covered, weights, sentences)

    def _read_clause(self, clause: Clause) -> _ReadClause:
        if clause.clause_id not in self._read:
            source = self._documents[clause.document].source
            heading = next(iter(clause.headings[-1:]), "")
            cells = "".join(_read_cell(c, heading) for c in clause.cells)
            own = (cells or squeeze(clause.text)).lower()
            above = self._read_opening(clause)
            context = squeeze(" ".join((*clause.headings, clause.heading, clause.label, above))).lower()
            asked = squeeze("。".join(clause.questions)).lower()
            stretches = [Span(c.start, c.end) for c in clause.cells] or [Span(clause.start, clause.end)]
            spans = [span for s in stretches for span in split_sentences(source, s.start, s.end)]
            heads = list_heads([squeeze(source[s:e]).lower() for s, e in spans])
            sentences = tuple(
                self._read_sentence(source, span, head) for span, head in zip(spans, heads, strict=True)
            )
            self._read[clause.clause_id] = _ReadClause(
                own, context, asked, own if clause.cells else "", sentences
            )
        return self._read[clause.clause_id]

    def _read_opening(self, clause: Clause) -> str:
        """The first paragraph of the article whose further paragraph a clause is: it says of what the rest speaks."""
        if not clause.parent or not _FURTHER.search(clause.path):
            return ""
        document = self._documents[clause.document]
        return next((c.text for c in document.clauses if c.clause_id == clause.parent), "")

    def _read_sentence(self, source: str, span: Span, head: str) -> _ReadSentence:
        text = squeeze(source[span.start : span.end])
        fragments = (squeeze(source[s:e]).lower() for s, e in split_fragments(source, *span))
        vector = self._retriever.embedder.embed_query(text)
        return _ReadSentence(span, text.lower(), head, tuple(fragments), vector)


def _read_cell(cell: Cell, heading: str) -> str:
    """A cell with its header, and the unit of its column behind its figure: 补贴标准（元/人） 2000 is 2000元/人."""
    header, text = squeeze(cell.header), squeeze(cell.text)
    return f"{header}{text}{read_unit(header, heading) if text[-1:].isdigit() else ''} "


def _cover_aspects(asked: Understanding, words: Sequence[Word], credit: Mapping[str, float]) -> float:
    """The best coverage of one weighty part of the question: half an answer is no thin evidence."""
    best = 0.0
    for aspect in asked.aspects:
        part = [word for word in words if word.text in aspect]
        weight = sum(word.weight for word in part)
        if weight >= _ASPECT_WEIGHT:
            best = max(best, weigh_credit(part, credit) / weight)
    return best


def _score_sentence(
    words: list[Word],
    vector: Vector,
    asked: Understanding,
    clause: _ReadClause,
    sentence: _ReadSentence,
    in_context: Mapping[str, float],
) -> Sentence:
    """Score one sentence; `words` are those the clause says at all."""
    text = sentence.text + clause.around
    credit = credit_words(words, text)
    if sentence.head:
        of_head = credit_words(words, sentence.head)
        in_context = {**of_head, **{w: max(c, of_head.get(w, 0.0)) for w, c in in_context.items()}}
    said = [word for word in words if word.text in credit]
    by_fragment = [weigh_credit(said, credit_words(said, f)) for f in sentence.fragments]
    cosine = max(float(sentence.vector @ vector), 0.0)
    parts = (weigh_credit(said, credit), max(by_fragment, default=0.0), cosine)
    covered = (w.text for w in words if max(credit.get(w.text, 0.0), in_context.get(w.text, 0.0)) > SAID)
    has_own = has_figure(asked, text) and not is_of_other(asked, text)
    return Sentence(
        span=sentence.span,
        score=round(sum(w * x for w, x in zip(SENTENCE_WEIGHTS, parts, strict=True)), 6),
        covered=frozenset(covered),
        has_figure=has_own,
        contradicts_bound=contradicts_bound(asked, clause.around, sentence.fragments, by_fragment),
        apart=_find_apart(said, asked, sentence.text, in_context)
        if has_own and asked.measure
        else frozenset(),
    )


def _find_apart(
    said: list[Word], asked: Understanding, text: str, in_context: Mapping[str, float]
) -> frozenset[str]:
    """The words that only items without the figure say, where items of an enumeration are clauses of their own."""
    if "、" not in text:
        return frozenset()
    items = [item for item in _ITEM.split(text) if _PREDICATE.search(item)]
    having = [item for item in items if has_figure(asked, item)]
    others = [item for item in items if item not in having]
    if not having or not others:
        return frozenset()
    near = {w for item in having for w, credit in credit_words(said, item).items() if credit > SAID}
    far = {w for item in others for w, credit in credit_words(said, item).items() if credit > SAID}
    return frozenset(w for w in far - near if in_context.get(w, 0.0) <= SAID)
