"""Words that were typed by their sound: 黄川县 for 潢川县, 尚限 for 上限.

In: a question that found nothing. Out: the question with such words put right, or as it was. A stretch is put right only
where it sounds exactly as a word of the corpus does, is no word of the language itself, and no other word sounds so.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from assistant.documents.sounds import read_sounds
from assistant.retrieval.segment import Segmenter

_LENGTHS = (6, 5, 4, 3, 2)


class Speller:
    """Knows the words of one corpus by their sound."""

    def __init__(self, words: Iterable[str], segmenter: Segmenter) -> None:
        """Take up the words; their sounds are read when first needed.

        Args:
            words: names of places and documents, and terms of the texts.
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
        return meant[0] if len(meant) == 1 and meant[0] != written else ""

    @cached_property
    def _by_sound(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        found: dict[tuple[str, ...], tuple[str, ...]] = {}
        for word in self._words:
            key = tuple(read_sounds(word))
            found[key] = (*found.get(key, ()), word)
        return found
