"""The dense leg: a query vector → the nearest chunks by cosine.

Every implementation of `VectorLeg` returns the same floats in the same order for the same vectors:
whoever finds the candidates, `rank_positions` scores them from the one array `vectors.npy`. So
the exact scan is both the fallback and the oracle of the others.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.errors import IndexStale, ModelError, TiaowenError

logger = logging.getLogger(__name__)

Vectors = NDArray[np.float32]
Positions = NDArray[np.int64]

_SLACK = 1e-4
"""More than float32 rounding can move a cosine: what the rough scan keeps beyond the cut."""


RETRY_SECONDS = 10.0
"""How long a leg that failed is left alone."""


class VectorLeg(Protocol):
    """Finds the chunks nearest to a vector."""

    @property
    def fault(self) -> str:
        """What is wrong with it though it answers, in Chinese; empty where nothing is."""

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

    fault = ""

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
    """Asks one leg until it fails, then the exact scan: a lost server must not stop answers.

    Once in `retry_seconds` the leg is opened anew, beside the searches, until it can be used again.

    Args:
        open_primary: opens and probes the leg; raises TiaowenError where it cannot be used.
        primary: the leg where it is open already.
        fault: why it is not, where it could not be opened.
    """

    def __init__(
        self,
        open_primary: Callable[[], VectorLeg],
        exact: ExactVectors,
        primary: VectorLeg | None = None,
        *,
        fault: str = "",
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self._open_primary = open_primary
        self._exact = exact
        self._primary = primary
        self._fault = fault
        self._retry_seconds = retry_seconds
        self._retry_at = time.monotonic() + retry_seconds
        self._lock = threading.Lock()
        self._is_closed = False

    @property
    def fault(self) -> str:
        """Why the exact scan answers now, in Chinese; empty while the leg in front does."""
        return self._fault

    def search(
        self, vector: Vectors, top_k: int, documents: frozenset[str] | None = None
    ) -> list[tuple[int, float]]:
        """See `VectorLeg.search`; the result is the same whichever leg gives it."""
        unit_query(vector, self._exact.vectors.shape[1])
        primary = self._primary
        if primary is None:
            self._retry_in_time()
        else:
            try:
                return primary.search(vector, top_k, documents)
            except TiaowenError as exc:
                self._give_up(primary, exc.message)
        return self._exact.search(vector, top_k, documents)

    def close(self) -> None:
        """Close the leg in front."""
        with self._lock:
            self._is_closed = True
            primary, self._primary = self._primary, None
        if primary is not None:
            primary.close()

    def _give_up(self, primary: VectorLeg, fault: str) -> None:
        with self._lock:
            if self._primary is not primary:
                return
            self._primary, self._fault = None, fault
            self._retry_at = time.monotonic() + self._retry_seconds
        logger.warning("%s；改用 vectors.npy 精确检索，结果不变", fault)
        with suppress(TiaowenError):
            primary.close()

    def _retry_in_time(self) -> None:
        """Begin to open the leg anew where it is time to; nobody waits for it."""
        with self._lock:
            if self._is_closed or time.monotonic() < self._retry_at:
                return
            self._retry_at = math.inf
        threading.Thread(target=self._retry, name="vectors", daemon=True).start()

    def _retry(self) -> None:
        try:
            opened = self._open_primary()
        except TiaowenError as exc:
            with self._lock:
                self._fault, self._retry_at = exc.message, time.monotonic() + self._retry_seconds
            return
        with self._lock:
            is_late = self._is_closed
            if not is_late:
                self._primary, self._fault = opened, ""
        if is_late:
            opened.close()
        else:
            logger.warning("Chroma 恢复，重新由它检索")


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
