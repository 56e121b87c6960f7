"""Words that were typed by their sound: 黄川县 for 潢川县, 尚限 for 上限.

In: a question that found nothing. Out: the question with such words put right, or as it was. A stretch is put right only
where it sounds exactly as a term or name does, is no word of the language and cuts none, and no other term sounds so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from assistant.documents.catalog import Corpus
from assistant.documents.regions import RegionTree
from assistant.documents.sounds import read_sounds
from assistant.retrieval.segment import Segmenter
from assistant.retrieval.thesaurus import Thesaurus

_LENGTHS = (6, 5, 4, 3, 2)
_CROSSING = (2, 3, 4)
_FUNCTION = re.compile(r"[是又才也就都还不的了那这]")
"""Characters of grammar, which no slip of the ear puts into a term: 理论课是不是."""


class Speller:
    """Knows the words of one corpus by their sound."""

    def __init__(self, words: Iterable[str], segmenter: Segmenter) -> None:
        """Take up the words; their sounds are read when first needed.

        Args:
            words: names of places and documents, and official terms.
        """
        self._words = sorted({w for w in words if len(w) in _LENGTHS and w.isalpha() and not w.isascii()})
        self._segmenter = segmenter

    def correct(self, text: str) -> str:
        """`text` with words put right that only sound like words of the corpus."""
        sounds = read_sounds(text)
        if len(sounds) != len(text):
            return text
        corrected, at = "", 0
        while at < len(text):
            word = next((w for n in _LENGTHS if (w := self._find(text, sounds, at, n))), "")
            corrected += word or text[at]
            at += len(word) or 1
        return corrected

    def _find(self, text: str, sounds: list[str], at: int, n: int) -> str:
        written = text[at : at + n]
        if len(written) < n or self._segmenter.knows(written):
            return ""
        meant = self._by_sound.get(tuple(sounds[at : at + n]), ())
        if len(meant) != 1 or meant[0] == written or self._cuts_word(text, at, n):
            return ""
        slips = (a for a, b in zip(written, meant[0], strict=True) if a != b)
        return "" if any(_FUNCTION.match(c) for c in slips) else meant[0]

    def _cuts_word(self, text: str, at: int, n: int) -> bool:
        """Whether a word of the language stands across an end of a stretch: 低多少 in 最低多少 is no 抵多少."""
        return any(
            start < edge < start + length <= len(text) and self._segmenter.knows(text[start : start + length])
            for edge in (at, at + n)
            for length in _CROSSING
            for start in range(max(edge - length + 1, 0), edge)
        )

    @cached_property
    def _by_sound(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        found: dict[tuple[str, ...], tuple[str, ...]] = {}
        for word in self._words:
            key = tuple(read_sounds(word))
            found[key] = (*found.get(key, ()), word)
        return found


def list_words(corpus: Corpus, regions: RegionTree, thesaurus: Thesaurus) -> list[str]:
    """The words that people may have misspelt: places, names of documents, official terms; lay words sound like anything."""
    places = [r for d in corpus.documents if (r := regions.get(d.region))]
    names = [name for r in places for name in (r.name, r.name[:-1])]
    names += [alias for d in corpus.documents for alias in d.aliases]
    return [*names, *(w for means in thesaurus.entries.values() for w in means)]
