"""How alike a question is to wordings written beside rules: character pairs and embeddings, half each.

In: sample wordings by key. Out: a share in [0, 1] by key. Figures count as alike: they are facts, not wording.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from assistant.dialogue.quantities import lex_quantities
from assistant.retrieval.embed import Embedder, Matrix

Counts = NDArray[np.int64]

_WORDS_SHARE = 0.5
_ANY_DAY = date(2000, 1, 1)
_LEAST_WORDINGS = 4
"""Wordings from which what they all have is no chance."""


class Likeness:
    """Compares questions with sample wordings; what it reads of these is kept."""

    def __init__(self, samples: Mapping[str, Sequence[str]], embedder: Embedder) -> None:
        self._keys = list(samples)
        self._texts = [text for texts in samples.values() for text in texts]
        self._owners = np.repeat(np.arange(len(samples)), [len(texts) for texts in samples.values()])
        self._embedder = embedder

    def compare(self, question: str) -> dict[str, float]:
        """Likeness of a question to the most alike wording of each key."""
        if not self._texts:
            return {}
        asked = find_pairs(question)
        common = np.zeros(len(self._texts))
        for pair in asked:
            common[self._postings.get(pair, [])] += 1
        words = common / np.sqrt(np.maximum(len(asked) * self._n_pairs, 1))
        cosines = np.maximum(self._vectors @ self._embedder.embed_query(question), 0.0)
        best = np.zeros(len(self._keys))
        np.maximum.at(best, self._owners, _WORDS_SHARE * words + (1 - _WORDS_SHARE) * cosines)
        return dict(zip(self._keys, best.tolist(), strict=True))

    def find_marks(self, key: str) -> frozenset[str]:
        """Pairs that every wording of a key has: what it speaks of in all of them."""
        return self._marks[key]

    @cached_property
    def _marks(self) -> dict[str, frozenset[str]]:
        own: dict[str, list[frozenset[str]]] = {key: [] for key in self._keys}
        for owner, pairs in zip(self._owners, self._pairs, strict=True):
            own[self._keys[owner]].append(pairs)
        return {
            key: frozenset.intersection(*pairs) if len(pairs) >= _LEAST_WORDINGS else frozenset()
            for key, pairs in own.items()
        }

    @cached_property
    def _pairs(self) -> list[frozenset[str]]:
        return [find_pairs(text) for text in self._texts]

    @cached_property
    def _n_pairs(self) -> Counts:
        return np.array([len(pairs) for pairs in self._pairs])

    @cached_property
    def _postings(self) -> dict[str, Counts]:
        """Which wordings have a pair."""
        found: dict[str, list[int]] = {}
        for at, pairs in enumerate(self._pairs):
            for pair in pairs:
                found.setdefault(pair, []).append(at)
        return {pair: np.array(at) for pair, at in found.items()}

    @cached_property
    def _vectors(self) -> Matrix:
        return self._embedder.embed_documents(self._texts)


def find_pairs(text: str) -> frozenset[str]:
    """Character pairs, with every quantity the same sign."""
    lexed = lex_quantities(text, _ANY_DAY)
    flat = "".join("#" if c in lexed.quantities else c for c in lexed.text)
    return frozenset(flat[i : i + 2] for i in range(len(flat) - 1))
