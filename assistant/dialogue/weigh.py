"""Question → weighted words, and how far a text says them.

In: a query. Out: `Word`s, whose weight is their rarity in the corpus, and the share of that weight which a
text bears out. A lay word is borne out by the official words the thesaurus gives for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.dialogue import wording
from assistant.documents.normalize import squeeze
from assistant.models import Document
from assistant.retrieval.retrieve import Query, Retriever
from assistant.retrieval.segment import Segmenter

SAID = 0.6
"""Credit above which a word counts as said."""
_OFFICIAL_CREDIT = 0.9
_PARTIAL_CREDIT = 0.7
_ONE_CHARACTER = 0.4
"""Weight of one-character words and bare figures, which say little."""
_N_OF_SLIP = 2
_FUNCTION = re.compile(r"[能要来是上里会得让给往把被用去想该可再没不有就都也出到成了过着个么]")
"""A character that says nothing by itself: 要训 and 训出 are slips of the cut, no words."""
_COMMON, _RARE, _LEAST_RARITY = 7.0, 11.0, 0.25
"""Rarity in the language, in nats, below which a word weighs least and above which it weighs in full."""
_FOREIGN = 0.1
"""Weight of the Latin words of a question whose meaning the thesaurus gave in Chinese."""
_OF_NAME = 0.25
"""Weight of a word of a document's name inside that document: every clause of it is about that."""
_LONG_NAME = 6
"""Characters of a title that a question must say in one run to name what the document is about."""


@dataclass(frozen=True, slots=True)
class Word:
    """A content word of the question.

    Attributes:
        weight: share of the question's weight, so that all words together weigh 1.
        official: what official text says for it, squeezed and in lower case.
        bigrams: its character pairs where it has at least two; a long word may be said in pieces.
    """

    text: str
    weight: float
    official: tuple[str, ...]
    bigrams: tuple[str, ...]

    def credit(self, text: str) -> float:
        """How far `text` (squeezed, lower case) says this word, in [0, 1]."""
        if self.text in text:
            return 1.0
        if any(word in text for word in self.official):
            return _OFFICIAL_CREDIT
        if self.bigrams:
            return _PARTIAL_CREDIT * sum(pair in text for pair in self.bigrams) / len(self.bigrams)
        return 0.0


def weigh_words(query: Query, retriever: Retriever) -> list[Word]:
    """The content words of a query, each once, in reading order; no word inside a longer one."""
    bare = wording.FRAME.sub(_blank, query.text)
    # A lay phrase may hold words of the frame, but not be made of them: 一个班最多能坐, but not 最多.
    expansions = [e for e in retriever.thesaurus.expand(query.text) if bare[e.start : e.end].strip("，")]
    weights: dict[str, float] = {}
    official: dict[str, tuple[str, ...]] = {}
    for word, start in _outer_words(bare, retriever.segmenter):
        end = start + len(word)
        weights[word] = _weigh(word, retriever) * (_FOREIGN if expansions and _is_latin(word) else 1.0)
        over = [e for e in expansions if e.start < end and start < e.end]
        # What is typed word for word is said as well as what the thesaurus gives for it: 技师证 by 技师证书.
        official[word] = tuple(m for e in over for m in (*e.means, query.text[e.start : e.end]))
    for expansion in expansions:
        if not any(set(expansion.means) & set(means) for means in official.values()):
            weights[expansion.say] = retriever.index.lexical.idf(expansion.means[0])
            official[expansion.say] = expansion.means
    total = sum(weights.values()) or 1.0
    return [_word(text, weight / total, official[text]) for text, weight in weights.items()]


def _outer_words(text: str, segmenter: Segmenter) -> list[tuple[str, int]]:
    """The words with their offsets, without those that stand inside another: 七十多岁, not 七十 and 多岁 too."""
    found: list[tuple[str, int]] = []
    position = 0
    for word in segmenter.words(text):
        start = text.lower().find(word, position)
        if start < 0:
            # A long word comes after the words inside it, so it starts before the place reached.
            start = max(text.lower().rfind(word, 0, position + len(word)), 0)
        found = [(w, s) for w, s in found if not (start <= s and s + len(w) <= start + len(word))]
        found.append((word, start))
        position = start
    return found


def _weigh(word: str, retriever: Retriever) -> float:
    """Rarity in the corpus; a word that the corpus lacks weighs by its rarity in the language.

    时候 and 实在 are in no policy document, which makes them no keys to one.
    """
    lexical, segmenter = retriever.index.lexical, retriever.segmenter
    is_slip = len(word) == _N_OF_SLIP and not segmenter.knows(word) and _FUNCTION.search(word)
    # 我58了: a figure of the asker's own is no key to the 58th of anything.
    is_little = len(word) == 1 or is_slip or word.isdecimal()
    weight = lexical.idf(word) * (_ONE_CHARACTER if is_little else 1.0)
    if lexical.idf(word) < lexical.idf(""):
        return weight
    rarity = (segmenter.rarity(word) - _COMMON) / (_RARE - _COMMON)
    return weight * min(max(rarity, _LEAST_RARITY), 1.0)


def _blank(match: re.Match[str]) -> str:
    return "，" * len(match[0])


def _is_latin(word: str) -> bool:
    return word.isascii() and word.isalpha()


def credit_words(words: Iterable[Word], text: str) -> dict[str, float]:
    """Credit of each word in `text`; words without any are left out."""
    credits = ((word.text, word.credit(text)) for word in words)
    return {word: credit for word, credit in credits if credit}


def weigh_credit(words: Iterable[Word], credit: Mapping[str, float]) -> float:
    """Share of the words' weight that the credits bear out, in [0, 1]."""
    return sum(word.weight * credit.get(word.text, 0.0) for word in words)


def _find_name(text: str, titles: Iterable[str]) -> set[int]:
    """Where a text says a long run of one of the titles, as offsets."""
    named = set[int]()
    for title in titles:
        for start in range(len(text) - _LONG_NAME + 1):
            if text[start : start + _LONG_NAME] in title:
                named.update(range(start, start + _LONG_NAME))
    return named


def says_name(text: str, titles: Iterable[str]) -> bool:
    """Whether a question says what a document is about in the words of its title; all squeezed."""
    return bool(_find_name(text, titles))


def list_titles(document: Document) -> list[str]:
    """The titles of a document and its parts, squeezed."""
    return [squeeze(title) for title in (document.title, *(part.title for part in document.parts))]


def weigh_within(words: Sequence[Word], text: str, titles: Iterable[str]) -> list[Word]:
    """The words as they weigh inside a document: those of its name, where a question says it, tell no clause from another.

    Of 新就业形态劳动者培训的课程由哪三部分组成 the document of that name is asked for the rest.

    Args:
        text: the question, squeezed.
        titles: of the document and its parts, squeezed.
    """
    named = _find_name(text, titles)
    if not named:
        return list(words)
    rest = "".join("，" if i in named else c for i, c in enumerate(text))
    weights = [w.weight * (1.0 if w.text in rest or w.text not in text else _OF_NAME) for w in words]
    total = sum(weights) or 1.0
    return [replace(word, weight=weight / total) for word, weight in zip(words, weights, strict=True)]


def _word(text: str, weight: float, means: tuple[str, ...]) -> Word:
    bigrams = tuple(text[i : i + 2] for i in range(len(text) - 1)) if len(text) >= 3 else ()
    return Word(text, weight, tuple(squeeze(m).lower() for m in means), bigrams)
