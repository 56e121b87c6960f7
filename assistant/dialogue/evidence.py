"""Passages → evidence: which sentences of a clause answer, and how sure one may be that they do.

In: an understood question and ranked passages. Out: `Evidence` a clause, with its scored sentences. The
probability is calibrated on labelled questions (`python -m evals.calibrate`) and means the same whichever
store found the passage: it is computed from words, sentences and raw scores, never from ranks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from assistant.dialogue import wording
from assistant.dialogue.understand import Understanding
from assistant.dialogue.weigh import SAID, Word, credit_words, weigh_credit, weigh_words
from assistant.documents.normalize import squeeze
from assistant.documents.sentences import split_fragments, split_sentences
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
_ASKED_CREDIT = 0.8
"""Credit of a word that a sample question of the clause says."""
_ASPECT_WEIGHT = 0.4
"""Share of the question's weight from which a part of it is a question of its own."""
_FULL_BM25 = 60.0
"""BM25 score from which more of it says no more."""

_FIGURE = {
    "size": re.compile(r"\d[\d.]*(?:平方米|平方|平米|㎡|米|公斤|亩)|人口规模"),
    "money": re.compile(r"\d[\d.,]*(?:万|亿|千)?元"),
    "share": re.compile(
        r"\d[\d.]*%|[百千万一二三四五六七八九十]分之|[一二三四五六七八九十\d]倍|\d+[:：]\d+|[一二三四五六七八九]成"
    ),
    "time": re.compile(
        r"[\d一二三四五六七八九十]+(?:个)?(?:工作日|天|日|周|星期|个?月|年|小时|分钟|学时|课时)|周岁"
    ),
    "date": re.compile(
        r"\d+年|\d+月|\d+日|之日|次日|当[日天]|[\d一二三四五六七八九十]+[时点]|年底|月底|之前|同步|定期|每[年月周]|及时"
    ),
    # 按检查在位平均人数作为本次培训数 tells how a figure is found.
    "count": re.compile(
        r"\d|[一二两三四五六七八九十百千]+[个名位所家种门项批类]|、|按[^,，。;；]{2,14}(?:作为|计算|核定|折算)"
    ),
}
_NUMBER = r"(?:\d[\d,.]*|[一二两三四五六七八九十百千万]+)"
# 要保存几年 is not answered by 15分钟, 最多招多少学员 not by 30%.
_OF_UNIT = [
    (re.compile(rf"{asked}"), re.compile(rf"{_NUMBER}(?:多|余)?(?:个)?(?:{units})|{besides}"))
    for asked, units, besides in (
        # 一年训几个人 is told in 人次 too: whoever is trained is counted each time.
        (
            r"(?:训|带|教)(?!班|机构|中心|基地|学校|点)[^,，。?？]{0,6}(?:多少|几[十百千万]*)(?:个|名|位|号)?(?:人(?!次|民)|学员|农民|$)",
            r"人|名|位|倍|万|个(?![\u4e00-\u9fff])",
            r"\d+[:：]\d+",
        ),
        (
            r"多少(?:个|名|位)?(?:人(?!次|民)|学员|学生|老师|教师)|几(?:个|名|位)(?:人|学员|学生|老师|教师)",
            r"人(?!次)|名|位|倍|万|个(?![\u4e00-\u9fff])",
            r"\d+[:：]\d+",
        ),
        (r"(?:几|多少)次", r"次|回|月|年", r"每[年月季周]"),
        (r"(?:几|多少)(?:个)?年(?!级)", r"年|月", r"长期|永久|当年|本年度|年底"),
        (r"(?:几|多少)(?:个)?月", r"月|年|季度", r"月底|每月|按月"),
        (
            r"多久(?!录)|多长时间",
            r"工作日|天|日|周|年|月|小时|分钟",
            r"之日|当[日天]|随时|每[年月季周]|同步|及时",
        ),
        # 得去几个小时 is said of what the texts count in 学时; 一天上几小时 is not.
        (r"^(?!.*[一每][天日周节堂]).*(?:几|多少)(?:个)?(?:小时|钟头)", r"小时|时|学时|课时", r"全程"),
        (r"(?:几|多少)(?:个)?(?:分钟|小时)", r"分钟|小时|时", r"全程"),
        (r"(?:几|多少)(?:个)?(?:学时|课时|节课)", r"学时|课时|节", r"全程"),
        (
            r"多少(?:个|名)?(?:学员|学生)|(?:招|收|坐|带|容)[^,，。?？]{0,3}(?:多少|几)(?:个|名)?人(?!次)",
            r"人(?!次)|名|倍|万",
            r"\d+[:：]\d+",
        ),
    )
]
"""What a figure that is asked for in a unit may be told in."""
_ASKED_IN = re.compile(r"(?:几|多少)(所|家|门|支|座|处|期|届|场)")
"""Measure words that are told as they are asked: 多少所 is not answered by 100万人次."""
_UNIT = re.compile(r"\(([^()]{1,8})\)$")
_SET_OFF = re.compile(r"抵|提取?|折|(?:多[给补发拿领加]|上浮|涨|加|高)[^,，。?？]{0,3}(?:多少|几)")
"""What is set off, or comes on top, may be told as a share: 补助能多给多少. Near miss: 给多少, 上浮之前是多少元."""
_MOST = re.compile(
    r"不(?:得)?超过|以内|以下|不(?:得)?多于|不(?:得)?高于|最多|至多|内完成|上限|之内|最高|截止|前(?:完成|出台)?$|于\d+月\d+日前"
)
_LEAST = re.compile(r"不(?:得)?少于|不(?:得)?低于|以上|至少|达到|不(?:得)?短于|最低|低于|不足|不满|起$")
_FRAGMENT = re.compile(r"[,，。;；:：]")
_COUNTED = re.compile(r"\d|[一二两三四五六七八九十][个名位所]")


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
        features: coverage, cosine and BM25 of the clause's best piece; all in [0, 1].
        covered: the question's words it bears out.
        has_quoted: True where the question quotes something and the clause has all of it.
        weights: share of the question's weight by word.
        sentences: in reading order; never empty.
    """

    passage: Passage
    features: tuple[float, ...]
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
    """A sentence as the scorer reads it: squeezed, in lower case, with its fragments and vector."""

    span: Span
    text: str
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
        return [self._score_clause(words, vector, asked, passage) for passage in passages]

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
        covered = frozenset(w.text for w in words if credit.get(w.text, 0.0) > SAID)
        features = (
            max(weigh_credit(words, credit), _cover_aspects(asked, words, credit)),
            max(passage.legs.get("dense", 0.0), 0.0),
            min(passage.legs.get("bm25", 0.0), _FULL_BM25) / _FULL_BM25,
        )
        weights = {word.text: word.weight for word in words}
        quoted = [squeeze(phrase).lower() for phrase in _QUOTED.findall(asked.text)]
        has_quoted = bool(quoted) and all(phrase in read.own for phrase in quoted)
        return Evidence(passage, features, has_quoted, covered, weights, sentences)

    def _read_clause(self, clause: Clause) -> _ReadClause:
        if clause.clause_id not in self._read:
            source = self._documents[clause.document].source
            cells = "".join(_read_cell(c) for c in clause.cells)
            own = (cells or squeeze(clause.text)).lower()
            context = squeeze(" ".join((*clause.headings, clause.heading, clause.label))).lower()
            asked = squeeze("。".join(clause.questions)).lower()
            stretches = [Span(c.start, c.end) for c in clause.cells] or [Span(clause.start, clause.end)]
            spans = [span for s in stretches for span in split_sentences(source, s.start, s.end)]
            sentences = tuple(self._read_sentence(source, span) for span in spans)
            self._read[clause.clause_id] = _ReadClause(
                own, context, asked, own if clause.cells else "", sentences
            )
        return self._read[clause.clause_id]

    def _read_sentence(self, source: str, span: Span) -> _ReadSentence:
        text = squeeze(source[span.start : span.end])
        fragments = (squeeze(source[s:e]).lower() for s, e in split_fragments(source, *span))
        return _ReadSentence(span, text.lower(), tuple(fragments), self._retriever.embedder.embed_query(text))


def _read_cell(cell: Cell) -> str:
    """A cell with its header, and the header's unit behind its figure: 补贴标准（元/人） 2000 is 2000元/人."""
    header, text = squeeze(cell.header), squeeze(cell.text)
    unit = _UNIT.search(header)
    return f"{header}{text}{unit[1] if unit and text[-1:].isdigit() else ''} "


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
    said = [word for word in words if word.text in credit]
    by_fragment = [weigh_credit(said, credit_words(said, f)) for f in sentence.fragments]
    cosine = max(float(sentence.vector @ vector), 0.0)
    parts = (weigh_credit(said, credit), max(by_fragment, default=0.0), cosine)
    covered = (w.text for w in words if max(credit.get(w.text, 0.0), in_context.get(w.text, 0.0)) > SAID)
    return Sentence(
        span=sentence.span,
        score=round(sum(w * x for w, x in zip(SENTENCE_WEIGHTS, parts, strict=True)), 6),
        covered=frozenset(covered),
        has_figure=_has_figure(asked, text) and not _is_of_other(asked, text),
        contradicts_bound=_contradicts(asked, clause, sentence, by_fragment),
    )


def _has_figure(asked: Understanding, text: str) -> bool:
    """True where the text has a figure of the kind asked for."""
    if asked.measure is None:
        return True
    if told := _of_unit(asked):
        return bool(told.search(text))
    kinds = [asked.measure]
    if asked.measure == "money" and _SET_OFF.search(asked.text):
        kinds.append("share")
    return any(_FIGURE[kind].search(text) for kind in kinds)


def _is_of_other(asked: Understanding, text: str) -> bool:
    """True where every figure is of the other of two kinds: what a 公办 school gets is not what a 民办 one does."""
    kinds = [(a, b) for a, b in wording.CONTRASTS if a.search(asked.bare) and not b.search(asked.bare)]
    if asked.measure is None or not kinds:
        return False
    told = [fragment for fragment in _FRAGMENT.split(text) if _has_figure(asked, fragment)]
    return bool(told) and any(all(b.search(f) and not a.search(f) for f in told) for a, b in kinds)


def _of_unit(asked: Understanding) -> re.Pattern[str] | None:
    """What a figure of the unit asked for looks like; None where no unit is asked for, or money first."""
    if asked.measure == "money":
        return None
    if told := next((told for wanted, told in _OF_UNIT if wanted.search(asked.text)), None):
        return told
    measure = _ASKED_IN.search(asked.text)
    return _in_measure(measure[1]) if measure else None


@cache
def _in_measure(word: str) -> re.Pattern[str]:
    """A figure told in a measure word."""
    return re.compile(rf"{_NUMBER}(?:多|余)?{word}")


def _contradicts(
    asked: Understanding, clause: _ReadClause, sentence: _ReadSentence, by_fragment: Sequence[float]
) -> bool:
    """True where the figure that meets the question best has only the other end of the range.

    公示最长几天 is not answered by 不少于3个工作日.
    """
    if asked.bound is None:
        return False
    told = _of_unit(asked) or _COUNTED
    scored = [(x, f) for x, f in zip(by_fragment, sentence.fragments, strict=True) if told.search(f)]
    most = max((x for x, _ in scored), default=0.0)
    best = [clause.around] if clause.around else [f for x, f in scored if x == most]
    wanted, other = (_MOST, _LEAST) if asked.bound == "most" else (_LEAST, _MOST)
    # Of fragments that meet the question alike any may be the one that is meant.
    return bool(best) and all(other.search(f) and not wanted.search(f) for f in best)
