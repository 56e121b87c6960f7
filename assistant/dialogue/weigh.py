"""Question → weighted words, and how far a text says them.

In: a query. Out: `Word`s, whose weight is their rarity in the corpus, and the share of that weight which a
text bears out. A lay word is borne out by the official words the thesaurus gives for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assistant.dialogue import wording
from assistant.documents.normalize import squeeze
from assistant.retrieval.retrieve import Query, Retriever

SAID = 0.6
"""Credit above which a word counts as said."""
_OFFICIAL_CREDIT = 0.9
_PARTIAL_CREDIT = 0.7
_ONE_CHARACTER = 0.4
"""Weight of one-character words, which say little."""
_FOREIGN = 0.1
"""Weight of the Latin words of a question whose meaning the thesaurus gave in Chinese."""


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
    """The content words of a query, each once, in reading order."""
    expansions = retriever.thesaurus.expand(query.text)
    idf = retriever.index.lexical.idf
    weights: dict[str, float] = {}
    official: dict[str, tuple[str, ...]] = {}
    position = 0
    for word in retriever.segmenter.words(wording.FRAME.sub("，", query.text)):
        start = max(query.text.find(word, position), query.text.find(word), 0)
        position = start
        end = start + len(word)
        weight = idf(word) * (_ONE_CHARACTER if len(word) == 1 else 1.0)
        weights[word] = weight * (_FOREIGN if expansions and word.isascii() and word.isalpha() else 1.0)
        official[word] = tuple(m for e in expansions if e.start < end and start < e.end for m in e.means)
    for expansion in expansions:
        if not any(set(expansion.means) & set(means) for means in official.values()):
            weights[expansion.say] = idf(expansion.means[0])
            official[expansion.say] = expansion.means
    total = sum(weights.values()) or 1.0
    return [_word(text, weight / total, official[text]) for text, weight in weights.items()]


def credit_words(words: Iterable[Word], text: str) -> dict[str, float]:
    """Credit of each word in `text`; words without any are left out."""
    credits = ((word.text, word.credit(text)) for word in words)
    return {word: credit for word, credit in credits if credit}


def weigh_credit(words: Iterable[Word], credit: Mapping[str, float]) -> float:
    """Share of the words' weight that the credits bear out, in [0, 1]."""
    return sum(word.weight * credit.get(word.text, 0.0) for word in words)


def _word(text: str, weight: float, means: tuple[str, ...]) -> Word:
    bigrams = tuple(text[i : i + 2] for i in range(len(text) - 1)) if len(text) >= 3 else ()
    return Word(text, weight, tuple(squeeze(m).lower() for m in means), bigrams)
