"""Passages → evidence: which sentences of a clause answer, and how sure one may be that they do.

In: an understood question and ranked passages. Out: `Evidence` a clause, with its scored sentences. The
score is a calibrated probability that the clause answers, and means the same whichever leg, embedder or
store found the passage: it is computed from words, sentences and cosines, never from ranks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from assistant.dialogue.understand import Understanding
from assistant.documents.normalize import squeeze
from assistant.documents.sentences import split_fragments, split_sentences
from assistant.models import Clause, Document, Passage, Span
from assistant.retrieval.retrieve import Query, Retriever

_FIGURE = {
    "money": re.compile(r"\d[\d.,]*(?:万|亿|千)?元"),
    "share": re.compile(r"\d[\d.]*%|百分之|[一二三四五六七八九十\d]倍|\d+[:：]\d+|[一二三四五六七八九]成"),
    "time": re.compile(
        r"[\d一二三四五六七八九十]+(?:个)?(?:工作日|天|日|周|星期|个?月|年|小时|分钟|学时|课时)|周岁"
    ),
    "date": re.compile(r"\d+年|\d+月|\d+日|之日|年底|月底|之前|同步|定期|每[年月周]|及时"),
    "count": re.compile(r"\d|[一二两三四五六七八九十百千]+[个名位所家种门项批类]|、"),
}
_MOST = re.compile(
    r"不(?:得)?超过|以内|以下|不(?:得)?多于|不(?:得)?高于|最多|至多|内完成|上限|之内|最高|截止|前(?:完成|出台)?$|于\d+月\d+日前"
)
_LEAST = re.compile(r"不(?:得)?少于|不(?:得)?低于|以上|至少|达到|不(?:得)?短于|最低|低于|不足|不满|起$")
_SAID = 0.6
"""Credit above which a word counts as said."""


_FOREIGN_WEIGHT = 0.1
"""Weight of the Latin words of a question whose meaning the thesaurus gave in Chinese."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a clause with how much of the question it meets.

    Attributes:
        score: in [0, 1].
        covered: the question's words that it, or its clause's headings, bear out.
        has_figure: True where it has a figure of the kind asked for, or none is asked for.
        contradicts_bound: True where its figure bounds the other end of the range asked for.
    """

    span: Span
    score: float
    covered: frozenset[str]
    has_figure: bool
    contradicts_bound: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """A clause as an answer to one question.

    Attributes:
        passage: as retrieved.
        probability: calibrated, in [0, 1].
        coverage: share of the question's weight that the clause's words, or official words for the
            asker's, bear out.
        covered: the question's words it bears out.
        weights: share of the question's weight by word.
        sentences: in reading order.
    """

    passage: Passage
    probability: float
    coverage: float
    covered: frozenset[str]
    weights: Mapping[str, float]
    sentences: tuple[Sentence, ...]

    @property
    def clause(self) -> Clause:
        """The clause that is the evidence."""
        return self.passage.clause

    @property
    def best_sentence(self) -> Sentence:
        """The sentence that meets the question best, the first of equals."""
        return max(self.sentences, key=lambda s: (s.score, -s.span.start))

    @property
    def best(self) -> float:
        """Score of the best sentence."""
        return self.best_sentence.score


@dataclass(frozen=True, slots=True)
class _Word:
    """A content word of the question with its weight and what official text says for it."""

    text: str
    weight: float
    official: tuple[str, ...]


class EvidenceScorer:
    """Scores clauses against one question at a time."""

    def __init__(self, retriever: Retriever, documents: Mapping[str, Document]) -> None:
        self._retriever = retriever
        self._documents = documents
        self._vectors = lru_cache(maxsize=4096)(retriever.embedder.embed_query)

    def score(self, query: Query, asked: Understanding, passages: list[Passage]) -> list[Evidence]:
        """Evidence for each passage, in the passages' order."""
        words = self._words(query)
        vector = self._vectors(query.text)
        return [self._score_clause(words, vector, asked, passage) for passage in passages]

    def _words(self, query: Query) -> list[_Word]:
        expansions = self._retriever.thesaurus.expand(query.text)
        total: dict[str, _Word] = {}
        position = 0
        for word in self._retriever.segmenter.words(query.text):
            start = query.text.find(word, position)
            start = start if start >= 0 else query.text.find(word)
            end = start + len(word)
            official = tuple(m for e in expansions if e.start < end and start < e.end for m in e.means)
            weight = self._retriever.index.lexical.idf(word) * _length_weight(word)
            if expansions and word.isascii() and word.isalpha():
                weight *= _FOREIGN_WEIGHT
            total[word] = _Word(word, weight, official)
        for e in expansions:
            if not any(w.official for w in total.values() if set(e.means) & set(w.official)):
                total[e.say] = _Word(e.say, self._retriever.index.lexical.idf(e.means[0]), e.means)
        return list(total.values())

    def _score_clause(
        self, words: list[_Word], vector: object, asked: Understanding, passage: Passage
    ) -> Evidence:
        clause, source = passage.clause, self._documents[passage.clause.document].source
        context = squeeze(" ".join((*clause.headings, clause.heading, clause.label))).lower()
        heads = " ".join(squeeze(c.header) for c in clause.cells).lower()
        own = squeeze(clause.text).lower() + heads
        credit = {w.text: _credit(w, own + context) for w in words}
        coverage = _share(words, credit)
        spans = [s for c in clause.cells or (clause,) for s in split_sentences(source, c.start, c.end)]
        # A row answers as a whole: each of its cells is read with the others.
        around = own if clause.cells else ""
        sentences = tuple(
            self._score_sentence(words, vector, asked, source, span, (around, context)) for span in spans
        )
        best = max((s.score for s in sentences), default=0.0)
        features = (coverage, best, passage.legs.get("dense", 0.0))
        covered = frozenset(w.text for w in words if credit[w.text] > _SAID)
        total = sum(w.weight for w in words) or 1.0
        weights = {w.text: w.weight / total for w in words}
        return Evidence(passage, _calibrate(features), coverage, covered, weights, sentences)

    def _score_sentence(
        self,
        words: list[_Word],
        vector: object,
        asked: Understanding,
        source: str,
        span: Span,
        around: tuple[str, str],
    ) -> Sentence:
        quote = squeeze(source[span.start : span.end])
        credit = {w.text: _credit(w, quote.lower() + around[0]) for w in words}
        with_context = {w.text: max(credit[w.text], _credit(w, around[1])) for w in words}
        cosine = float(self._vectors(quote) @ vector)  # type: ignore[operator]
        fragments = [squeeze(source[s:e]).lower() for s, e in split_fragments(source, span.start, span.end)]
        closest = max((_share(words, {w.text: _credit(w, f) for w in words}) for f in fragments), default=0.0)
        has_figure = asked.measure is None or _has_figure(asked, quote + around[0])
        return Sentence(
            span=span,
            score=round(0.45 * _share(words, credit) + 0.2 * closest + 0.35 * max(cosine, 0.0), 6),
            covered=frozenset(w for w, c in with_context.items() if c > _SAID),
            has_figure=has_figure,
            contradicts_bound=_contradicts(asked, words, source, span, around[0]),
        )


def _has_figure(asked: Understanding, text: str) -> bool:
    """True where the text has a figure of the kind asked for; what can be set off is told as a share too."""
    patterns = [_FIGURE[asked.measure]] if asked.measure else []
    if asked.measure == "money" and re.search(r"抵|提取?|折", asked.text):
        patterns.append(_FIGURE["share"])
    return any(p.search(text) for p in patterns)


def _length_weight(word: str) -> float:
    """One-character words say little."""
    return 0.4 if len(word) == 1 else 1.0


def _credit(word: _Word, text: str) -> float:
    """How far a text says a word: itself, an official word for it, or the most of its characters."""
    if word.text in text:
        return 1.0
    if any(squeeze(o).lower() in text for o in word.official):
        return 0.9
    if len(word.text) >= 3:
        grams = [word.text[i : i + 2] for i in range(len(word.text) - 1)]
        return 0.7 * sum(g in text for g in grams) / len(grams)
    return 0.0


def _share(words: list[_Word], credit: Mapping[str, float]) -> float:
    total = sum(w.weight for w in words)
    return sum(w.weight * credit[w.text] for w in words) / total if total else 0.0


def _contradicts(asked: Understanding, words: list[_Word], source: str, span: Span, row: str) -> bool:
    """True where the figure that meets the question best has only the other end of the range.

    公示最长几天 is not answered by 不少于3个工作日.
    """
    if asked.bound is None:
        return False
    fragments = (
        [row] if row else [squeeze(source[s:e]) for s, e in split_fragments(source, span.start, span.end)]
    )
    figures = [f for f in fragments if re.search(r"\d|[一二两三四五六七八九十][个名位所]", f)]
    if not figures:
        return False
    best = max(figures, key=lambda f: _share(words, {w.text: _credit(w, f) for w in words}))
    wanted, other = (_MOST, _LEAST) if asked.bound == "most" else (_LEAST, _MOST)
    return bool(other.search(best)) and not wanted.search(best)


# Logistic weights over (coverage, best sentence, cosine), fitted by `python -m evals.calibrate`.
_INTERCEPT = -4.08
_WEIGHTS = (2.37, 2.24, 6.12)


def _calibrate(features: tuple[float, ...]) -> float:
    total = _INTERCEPT + sum(w * f for w, f in zip(_WEIGHTS, features, strict=True))
    return round(1 / (1 + math.exp(-total)), 6)
