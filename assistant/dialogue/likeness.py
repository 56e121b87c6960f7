"""How alike a question is to wordings written beside rules: character pairs and embeddings, half each.

In: sample wordings by key. Out: a share in [0, 1] by key. Figures count as alike: they are facts, not wording.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property

from assistant.dialogue.quantities import lex_quantities
from assistant.retrieval.embed import Embedder, Matrix

_WORDS_SHARE = 0.5
_ANY_DAY = date(2000, 1, 1)


class Likeness:
    """Compares questions with sample wordings; what it reads of these is kept."""

    def __init__(self, samples: Mapping[str, Sequence[str]], embedder: Embedder) -> None:
        self._samples = [(key, text) for key, texts in samples.items() for text in texts]
        self._embedder = embedder

    def compare(self, question: str) -> dict[str, float]:
        """Likeness of a question to the most alike wording of each key."""
        if not self._samples:
            return {}
        asked = find_pairs(question)
        cosines = self._vectors @ self._embedder.embed_query(question)
        best: dict[str, float] = {}
        for (key, _), pairs, cosine in zip(self._samples, self._pairs, cosines, strict=True):
            common = len(asked & pairs)
            words = common / math.sqrt(len(asked) * len(pairs)) if common else 0.0
            share = _WORDS_SHARE * words + (1 - _WORDS_SHARE) * max(float(cosine), 0.0)
            best[key] = max(share, best.get(key, 0.0))
        return best

    @cached_property
    def _pairs(self) -> list[frozenset[str]]:
        return [find_pairs(text) for _, text in self._samples]

    @cached_property
    def _vectors(self) -> Matrix:
        return self._embedder.embed_documents([text for _, text in self._samples])


def find_pairs(text: str) -> frozenset[str]:
    """Character pairs, with every quantity the same sign."""
    lexed = lex_quantities(text, _ANY_DAY)
    flat = "".join("#" if c in lexed.quantities else c for c in lexed.text)
    return frozenset(flat[i : i + 2] for i in range(len(flat) - 1))
