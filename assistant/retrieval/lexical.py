"""The lexical leg: term lists → a BM25 score for every chunk.

bm25s does the sums. It is always given ids of a sorted vocabulary, never raw words: its own
vocabulary comes from a set, whose order changes with each process, and two builds would differ;
its tokenizer keeps an unsegmented Chinese sentence as one word and drops one-character words.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.errors import CorpusError, IndexStale
from assistant.retrieval.terms import TermBags

K1 = 1.2
B = 0.6


def score_idf(n_with_term: int, n_chunks: int) -> float:
    """Inverse document frequency as Lucene counts it; always positive.

    Source: Kamphuis et al., Which BM25 Do You Mean?, ECIR 2020, table 1 (Lucene, accurate).
    """
    return math.log(1 + (n_chunks - n_with_term + 0.5) / (n_with_term + 0.5))


def _import_bm25s() -> Any:
    """The library without SciPy, which it loads where it can and never needs: 17 MB of every process that answers."""
    if "bm25s" not in sys.modules and "scipy" not in sys.modules:
        sys.modules["scipy"] = None  # type: ignore[assignment]  # to the library, there is none
        try:
            import bm25s
        finally:
            del sys.modules["scipy"]
    import bm25s

    return bm25s


class LexicalIndex:
    """BM25 (Lucene's variant, k1 = 1.2, b = 0.6) over term lists."""

    def __init__(self, index: Any) -> None:
        """Wrap a built `bm25s.BM25`; use `build` or `load`."""
        self._index = index
        self._counts = np.diff(index.scores["indptr"])

    @classmethod
    def build(cls, bags: TermBags) -> LexicalIndex:
        """Index the terms of each chunk, in chunk order.

        Raises:
            CorpusError: there is no term at all.
        """
        bm25s = _import_bm25s()
        if not bags.words:
            raise CorpusError("没有可以索引的文字", hint="检查 corpus/documents 下的文件")
        ids = np.split(bags.ids, bags.offsets[1:-1])
        vocabulary = {term: number for number, term in enumerate(bags.words)}
        index = bm25s.BM25(k1=K1, b=B, method="lucene", dtype="float32", backend="numpy", csc_backend="numpy")
        index.index((ids, vocabulary), create_empty_token=False, show_progress=False)
        offsets = index.scores["indptr"]
        index.scores["indptr"] = offsets.astype(np.int32 if offsets[-1] < 2**31 else np.int64)
        return cls(index)

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Open what `save` wrote.

        Raises:
            IndexStale: the files are missing, damaged or from another version of bm25s.
        """
        bm25s = _import_bm25s()
        try:
            index = bm25s.BM25.load(folder, load_corpus=False, show_progress=False)
            return cls(index)
        except (OSError, ValueError, KeyError, TypeError, EOFError) as exc:
            raise IndexStale(f"词语索引损坏：{folder}", hint="运行 tiaowen index 重建索引") from exc

    def save(self, folder: Path) -> None:
        """Write the index into a folder; the bytes depend on the term lists alone."""
        self._index.save(folder, show_progress=False)

    @property
    def n_chunks(self) -> int:
        """Chunks indexed, count."""
        return int(self._index.scores["num_docs"])

    def scores(self, terms: Sequence[str]) -> NDArray[np.float32]:
        """Score every chunk.

        Args:
            terms: of the question; unknown ones add nothing, a repeated one counts each time.

        Returns:
            `(n_chunks,) float32`, at least 0, in chunk order; all zeros where no term is known.
        """
        known = self._index.get_tokens_ids(list(terms))
        if not known:
            return np.zeros(self.n_chunks, dtype=np.float32)
        scored: NDArray[np.float32] = self._index.get_scores_from_ids(known)
        return scored

    def idf(self, term: str) -> float:
        """Rarity of a term, in nats; a term of no chunk is the rarest of all."""
        term_id = self._index.vocab_dict.get(term)
        n_with_term = 0 if term_id is None else int(self._counts[term_id])
        return score_idf(n_with_term, self.n_chunks)
