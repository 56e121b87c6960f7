"""Trains the static table that `embed.StaticEmbedder` reads: texts and pairs in, a folder out.

Four steps: (1) a tokenizer whose vocabulary is jieba's dictionary pruned to the training text; (2)
first vectors from co-occurrence (PPMI, truncated SVD), centred, of unit norm, weighted by rarity;
(3) contrastive training on pairs of a question and the text that answers it; (4) int8 rows.
Everything is seeded; the same inputs on the same machine give the same bytes.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from assistant.retrieval.contrast import ContrastOptions, PairSource, train_rows
from assistant.retrieval.cooccurrence import Rows, embed_cooccurrence, weigh_rows
from assistant.retrieval.embed import (
    CONFIG_FILE,
    SCALES_FILE,
    TABLE_FILE,
    TOKENIZER_FILE,
    StaticConfig,
    digest_files,
)
from assistant.retrieval.vocabulary import build_tokenizer, encode_bags

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """How a table is trained; the defaults are those of the shipped model.

    Attributes:
        n_tokens: size of the vocabulary, single characters and the unknown token included.
        min_char: occurrences from which a single character gets a row of its own.
        window: how far apart two tokens may stand to count as neighbours, in tokens.
        rarity: SIF weight `a / (a + p)` of a token of relative frequency `p`.
        contrast: of the contrastive step; its seed and dimensions hold for the whole run.
        words: words added to jieba's dictionary, kept whatever their frequency.
        data: names of the training data, for the model card.
        command: how to train it again, for the model card.
    """

    n_tokens: int = 24_000
    min_char: int = 20
    window: int = 6
    rarity: float = 1e-3
    contrast: ContrastOptions = field(default_factory=ContrastOptions)
    words: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    command: str = ""


class TrainReport(NamedTuple):
    """What a run gave: the loss of each step, the digest and the size of the table."""

    losses: list[float]
    digest: str
    n_tokens: int


def train_static(
    texts: Sequence[str], sources: Sequence[PairSource], out: Path, options: TrainOptions
) -> TrainReport:
    """Train a table and write it to a folder.

    Args:
        texts: lines of running text, for vocabulary and co-occurrence.
        sources: pairs for the contrastive step; none leaves the co-occurrence vectors as they are.
        out: folder to write; made if missing, its model files are replaced.
        options: see `TrainOptions`.

    Raises:
        ModelError: the texts contain no word, or fewer than the dimensions asked for.
    """
    contrast = options.contrast
    tokenizer = build_tokenizer(
        texts, n_tokens=options.n_tokens, min_char=options.min_char, words=options.words
    )
    n_tokens = tokenizer.get_vocab_size()
    logger.info("vocabulary: %d tokens", n_tokens)
    bags = encode_bags(tokenizer, texts)
    rows = embed_cooccurrence(bags, n_tokens, max(contrast.dims), window=options.window, seed=contrast.seed)
    rows = weigh_rows(rows, bags, options.rarity)
    logger.info("co-occurrence vectors of %d running tokens", len(bags.ids))
    losses: list[float] = []
    if sources and contrast.steps:
        rows, losses = train_rows(rows, tokenizer, sources, contrast)
    digest = write_static(out, tokenizer, rows, options)
    return TrainReport(losses, digest, n_tokens)


def write_static(out: Path, tokenizer: Tokenizer, rows: Rows, options: TrainOptions) -> str:
    """Write the four files of the layout, rows as int8 with a scale each; returns the digest."""
    largest = np.abs(rows).max(axis=1)
    scales = np.where(largest > 0, largest / 127, 1.0).astype(np.float32)
    table = np.rint(rows / scales[:, None]).clip(-127, 127).astype(np.int8)
    raw = {
        TOKENIZER_FILE: tokenizer.to_str(pretty=False).encode(),
        TABLE_FILE: _dump_array(table),
        SCALES_FILE: _dump_array(scales),
    }
    config = StaticConfig(
        dim=table.shape[1],
        n_tokens=table.shape[0],
        digest=digest_files(raw.values()),
        seed=options.contrast.seed,
        data=options.data,
        command=options.command,
    )
    out.mkdir(parents=True, exist_ok=True)
    for name, content in raw.items():
        (out / name).write_bytes(content)
    (out / CONFIG_FILE).write_text(config.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return config.digest


def _dump_array(array: NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()
