"""First vectors of a static model, from which tokens stand near which in running text.

Counting and one truncated SVD: minutes on one core, deterministic, and no further dependency; the
contrastive step of `train` then moves the rows to where questions find their answers.
"""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ModelError
from assistant.retrieval.vocabulary import Bags

logger = logging.getLogger(__name__)

Rows = NDArray[np.float32]


def embed_cooccurrence(bags: Bags, n_tokens: int, dim: int, *, window: int, seed: int) -> Rows:
    """Vectors `(n_tokens, dim) float32` from the singular vectors of the PPMI matrix.

    Source: Levy, Goldberg, Dagan 2015: context distribution smoothed by 0.75, roots of the singular
    values as weights, near neighbours counted more than far ones.

    Args:
        bags: running text; a line is a context of its own.
        n_tokens: size of the vocabulary.
        dim: length of a vector.
        window: how far apart two tokens may stand to count as neighbours, in tokens.
        seed: of the randomised SVD.

    Raises:
        ModelError: fewer tokens than dimensions.
    """
    if n_tokens <= dim:
        raise ModelError(f"词表只有 {n_tokens} 个词，不足 {dim} 维", hint="增加训练文本，或减少维数")
    ppmi = _weigh_counts(_count_neighbours(bags, n_tokens, window))
    logger.info("PPMI matrix: %d entries", ppmi.nnz)
    left, values = _factorise(ppmi, dim, seed)
    return np.ascontiguousarray(left * np.sqrt(values), dtype=np.float32)


def _factorise(matrix: Any, dim: int, seed: int, *, n_spare: int = 32, n_rounds: int = 3) -> Any:
    """Left singular vectors `(n, dim)` and values `(dim,)`, by randomised power iteration.

    Source: Halko, Martinsson, Tropp 2011, algorithm 4.4.
    """
    n_rows = matrix.shape[0]
    width = min(n_rows, dim + n_spare)
    start = np.random.default_rng(seed).standard_normal((n_rows, width), dtype=np.float32)
    basis = np.linalg.qr(matrix @ start)[0]
    for _ in range(n_rounds):
        basis = np.linalg.qr(matrix @ np.linalg.qr(matrix.T @ basis)[0])[0]
    left, values, _ = np.linalg.svd((matrix.T @ basis).T, full_matrices=False)
    return (basis @ left)[:, :dim], values[:dim]


def _count_neighbours(bags: Bags, n_tokens: int, window: int) -> Any:
    from scipy import sparse

    line = np.repeat(np.arange(len(bags.offsets) - 1), np.diff(bags.offsets))
    total = sparse.csr_matrix((n_tokens, n_tokens), dtype=np.float32)
    block = 2_000_000
    for start in range(0, len(bags.ids), block):
        for gap in range(1, window + 1):
            left = bags.ids[start : start + block]
            right = bags.ids[start + gap : start + gap + block]
            left = left[: len(right)]
            same = line[start : start + len(left)] == line[start + gap : start + gap + len(right)]
            same &= (left > 0) & (right > 0)
            weight = np.full(int(same.sum()), (window + 1 - gap) / window, dtype=np.float32)
            shape = (n_tokens, n_tokens)
            total += sparse.coo_matrix((weight, (left[same], right[same])), shape=shape).tocsr()
    return (total + total.T).tocsr()


def _weigh_counts(counts: Any) -> Any:
    """Positive pointwise mutual information; entries at or below 0 are dropped."""
    row = np.asarray(counts.sum(axis=1)).ravel()
    context = row**0.75
    ppmi = counts.tocoo()
    with np.errstate(divide="ignore"):
        log_row, log_context = np.log(row), np.log(context / context.sum())
    values = np.log(ppmi.data) - log_row[ppmi.row] - log_context[ppmi.col]
    ppmi.data = np.maximum(values, 0).astype(np.float32)
    matrix = ppmi.tocsr()
    matrix.eliminate_zeros()
    return matrix


def weigh_rows(rows: Rows, bags: Bags, rarity: float) -> Rows:
    """Centre the rows, bring them to unit norm and weigh them by rarity; unused rows become 0.

    Args:
        rows: `(n_tokens, dim) float32`.
        bags: the running text the frequencies come from.
        rarity: SIF weight `a / (a + p)` of a token of relative frequency `p`.

    Source: Arora, Liang, Ma 2017, smooth inverse frequency.
    """
    share = np.bincount(bags.ids, minlength=len(rows)) / max(1, len(bags.ids))
    centred = rows - share @ rows
    centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    weight = np.where(share > 0, rarity / (rarity + share), 0.0)
    weight[0] = 0.0
    return np.ascontiguousarray(centred * weight[:, None], dtype=np.float32)
