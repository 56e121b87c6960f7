"""How alike a question is to wordings written beside rules, and which of the rules it means.

In: sample wordings by key. Out: by key a share in [0, 1], how alike the most alike wording is (character pairs and
embeddings, half each), or an indicator, how far the question means this key rather than its neighbours. Figures count as
alike: they are facts, not wording.
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
Scores = NDArray[np.float64]

_WORDS_SHARE = 0.5
_WORDS_OF_KERNEL, _RIDGE = 0.3, 0.1
"""Share of the words in the kernel that tells keys apart, and its ridge: chosen by leaving one wording out at a time."""
_ANY_DAY = date(2000, 1, 1)
_LEAST_WORDINGS = 4
"""Wordings from which what they all have is no chance."""


class Likeness:
    """Compares questions with sample wordings; what it reads of these is kept."""

    def __init__(
        self,
        samples: Mapping[str, Sequence[str]],
        embedder: Embedder,
        groups: Mapping[str, str] | None = None,
    ) -> None:
        """Read nothing yet.

        Args:
            groups: what each key belongs to, such as its document; `tell_apart` holds keys of one group against each
                other, so that another group changes nothing. None: all are of one.
        """
        self._keys = list(samples)
        self._groups = [(groups or {}).get(key, "") for key in self._keys]
        self._texts = [text for texts in samples.values() for text in texts]
        self._owners = np.repeat(np.arange(len(samples)), [len(texts) for texts in samples.values()])
        self._embedder = embedder

    def compare(self, question: str) -> dict[str, float]:
        """Likeness of a question to the most alike wording of each key."""
        if not self._texts:
            return {}
        words, cosines = self._hold_against(question)
        return self._best_of(_WORDS_SHARE * words + (1 - _WORDS_SHARE) * cosines)

    def tell_apart(self, question: str) -> dict[str, float]:
        """How far a question means each key and not another of its group: 1 for its own wordings, about 0 for others.

        What all wordings of a group share tells nothing, what only one key says tells much: 还差多少 and 还能收多少 are
        alike to `compare`, and not here. Kernel ridge regression on the squared kernel, which weighs words together.
        """
        if not self._texts:
            return {}
        words, cosines = self._hold_against(question)
        kernel = np.square(_WORDS_OF_KERNEL * words + (1 - _WORDS_OF_KERNEL) * cosines)
        meant = np.zeros(len(self._keys))
        for texts, keys, weights in self._weights:
            meant[keys] = kernel[texts] @ weights
        return dict(zip(self._keys, meant.round(6).tolist(), strict=True))

    def _hold_against(self, question: str) -> tuple[Scores, Scores]:
        """Likeness of a question to every wording, by character pairs and by embeddings."""
        asked = find_pairs(question)
        common = np.zeros(len(self._texts))
        for pair in asked:
            common[self._postings.get(pair, [])] += 1
        words = common / np.sqrt(np.maximum(len(asked) * self._n_pairs, 1))
        return words, np.maximum(self._vectors @ self._embedder.embed_query(question), 0.0)

    def _best_of(self, scores: Scores) -> dict[str, float]:
        best = np.zeros(len(self._keys))
        np.maximum.at(best, self._owners, scores)
        return dict(zip(self._keys, best.tolist(), strict=True))

    @cached_property
    def _weights(self) -> list[tuple[Counts, Counts, Scores]]:
        """For each group its wordings, its keys and the weight of each wording for each key."""
        groups = np.array(self._groups)
        found = []
        for group in sorted(set(self._groups)):
            keys = np.flatnonzero(groups == group)
            texts = np.flatnonzero(np.isin(self._owners, keys))
            shares = self._share_pairs(texts)
            vectors = self._vectors[texts].astype(np.float64)
            mixed = _WORDS_OF_KERNEL * shares + (1 - _WORDS_OF_KERNEL) * np.maximum(vectors @ vectors.T, 0.0)
            targets = (self._owners[texts][:, None] == keys[None, :]).astype(np.float64)
            found.append(
                (texts, keys, np.linalg.solve(np.square(mixed) + _RIDGE * np.eye(len(texts)), targets))
            )
        return found

    def _share_pairs(self, texts: Counts) -> Scores:
        """Likeness of wordings to each other by character pairs."""
        at = {pair: i for i, pair in enumerate(sorted({p for t in texts for p in self._pairs[t]}))}
        has = np.zeros((len(texts), len(at)))
        for row, text in enumerate(texts):
            has[row, [at[pair] for pair in self._pairs[text]]] = 1.0
        sizes = np.sqrt(np.maximum(self._n_pairs[texts], 1))
        shares: Scores = (has @ has.T) / np.outer(sizes, sizes)
        return shares

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
