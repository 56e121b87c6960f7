"""The dense leg: a query vector → the nearest chunks by cosine.

Every implementation of `VectorLeg` returns the same floats in the same order for the same vectors:
whoever finds the candidates, `rank_positions` scores them from the one array `vectors.npy`. So
the exact scan is both the fallback and the oracle of the others.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.errors import IndexStale, ModelError, TiaowenError

logger = logging.getLogger(__name__)

Vectors = NDArray[np.float32]
Positions = NDArray[np.int64]

_SLACK = 1e-4
"""More than float32 rounding can move a cosine: what the rough scan keeps beyond the cut."""


class VectorLeg(Protocol):
    """Finds the chunks nearest to a vector."""

    def search(
        self, vector: Vectors, top_k: int, documents: frozenset[str] | None = None
    ) -> list[tuple[int, float]]:
        """Rank chunks by cosine.

        Args:
            vector: `(dim,) float32`; need not be normalised.
            top_k: most chunks wanted, at least 1.
            documents: ids of the documents to search; None searches all, an empty set none.

        Returns:
            (position of the chunk, cosine), best first, ties by position. Empty for a zero vector,
            which points nowhere; chunks with a zero vector are never found.

        Raises:
            IndexStale: the vector does not have the index's dimension.
        """

    def close(self) -> None:
        """Let go of files and connections; the leg is not used afterwards."""


class ExactVectors:
    """Scans all vectors."""

    def __init__(self, vectors: Vectors, documents_of_chunks: Sequence[str]) -> None:
        """Take the vectors as they are, memory-mapped or not.

        Args:
            vectors: `(n_chunks, dim) float32`, each row L2-normalised or all zeros.
            documents_of_chunks: the document id of each row.
        """
        if len(vectors) != len(documents_of_chunks):
            raise ValueError(f"{len(vectors)} vectors for {len(documents_of_chunks)} chunks")
        self.vectors = vectors
        self.documents_of_chunks = tuple(documents_of_chunks)
        self._known = find_nonzero(vectors)
        names, numbers = np.unique(np.array(self.documents_of_chunks)[self._known], return_inverse=True)
        by_document = self._known[np.argsort(numbers, kind="stable")]
        ends = np.cumsum(np.bincount(numbers, minlength=len(names)))
        self._positions = (
            dict(zip(map(str, names), np.split(by_document, ends[:-1]), strict=True)) if len(names) else {}
        )

    def allowed_positions(self, documents: Iterable[str] | None) -> Positions:
        """Positions that a search over these documents may return, ascending."""
        if documents is None:
            return self._known
        found = [self._positions[d] for d in sorted(set(documents)) if d in self._positions]
        return np.sort(np.concatenate(found)) if found else self._known[:0]

    def search(
        self, vector: Vectors, top_k: int, documents: frozenset[str] | None = None
    ) -> list[tuple[int, float]]:
        """See `VectorLeg.search`."""
        query = unit_query(vector, self.vectors.shape[1])
        positions = self.allowed_positions(documents)
        if query is None or not len(positions):
            return []
        if top_k < len(positions):
            everything = len(positions) == len(self.vectors)
            rows = self.vectors if everything else self.vectors[positions]
            rough = rows @ query.astype(np.float32)
            cut = np.partition(rough, len(rough) - top_k)[len(rough) - top_k]
            positions = positions[rough >= cut - _SLACK]
        return rank_positions(self.vectors, positions, query)[:top_k]

    def close(self) -> None:
        """Nothing is held."""


class FallbackVectors:
    """Asks one leg until it fails, then the exact scan: a lost server must not stop answers."""

    def __init__(self, primary: VectorLeg, exact: ExactVectors) -> None:
        self._primary = primary
        self._exact = exact
        self.is_degraded = False

    def search(
        self, vector: Vectors, top_k: int, documents: frozenset[str] | None = None
    ) -> list[tuple[int, float]]:
        """See `VectorLeg.search`; the result is the same whichever leg gives it."""
        unit_query(vector, self._exact.vectors.shape[1])
        if not self.is_degraded:
            try:
                return self._primary.search(vector, top_k, documents)
            except TiaowenError as exc:
                self.is_degraded = True
                logger.warning("%s；改用 vectors.npy 精确检索，结果不变", exc.message)
        return self._exact.search(vector, top_k, documents)

    def close(self) -> None:
        """Close the leg in front."""
        self._primary.close()


def find_nonzero(vectors: Vectors) -> Positions:
    """Positions of the rows that point somewhere, ascending."""
    return np.flatnonzero(np.any(vectors != 0, axis=1)).astype(np.int64)


def check_vectors(vectors: Vectors, n_expected: int, dim: int) -> Vectors:
    """Accept `(n_expected, dim)` finite vectors of length 1 or 0.

    Raises:
        ModelError: they are anything else.
    """
    if vectors.shape != (n_expected, dim):
        raise ModelError(f"向量模型返回 {vectors.shape}，应为 {(n_expected, dim)}", hint="检查 embedder 设置")
    norms = np.linalg.norm(vectors, axis=1)
    if not np.all((np.abs(norms - 1) < 1e-3) | (norms == 0)):
        raise ModelError("向量模型返回的向量没有归一化", hint="检查 embedder 设置，或换一个模型")
    return vectors


def unit_query(vector: Vectors, dim: int) -> NDArray[np.float64] | None:
    """Normalise a query; None for a zero vector.

    Raises:
        IndexStale: the vector does not have the index's dimension.
    """
    if vector.shape != (dim,):
        raise IndexStale(
            f"向量模型给出 {vector.size} 维，索引是 {dim} 维", hint="运行 tiaowen index 重建索引"
        )
    query: NDArray[np.float64] = vector.astype(np.float64)
    norm = float(np.linalg.norm(query))
    return query / norm if norm else None


def rank_positions(
    vectors: Vectors, positions: Positions, query: NDArray[np.float64]
) -> list[tuple[int, float]]:
    """Score the positions, best first, ties by position.

    Sums in double precision, row by row, and rounds to float32: BLAS gives other last bits for
    another number of rows or another processor.
    """
    scores = (vectors[positions].astype(np.float64) * query).sum(axis=1).astype(np.float32)
    order = np.lexsort((positions, -scores))
    return [(int(positions[i]), float(scores[i])) for i in order]
