"""Trains the static table that `embed.StaticEmbedder` reads: texts and pairs in, a folder out.

Four steps: (1) a tokenizer whose vocabulary is jieba's dictionary pruned to the training text; (2)
first vectors from co-occurrence (PPMI, truncated SVD), centred, of unit norm, weighted by rarity;
(3) contrastive training on pairs of a question and the text that answers it; (4) int8 rows.
Everything is seeded; the same inputs on the same machine give the same bytes, also where the training was killed
and started again: what was done by then is kept in `<out>/.training` until the model is whole.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from assistant.retrieval.contrast import ContrastOptions, PairSource, Progress, train_rows
from assistant.retrieval.cooccurrence import Rows, embed_cooccurrence, weigh_rows
from assistant.retrieval.embed import (
    CONFIG_FILE,
    SCALES_FILE,
    TABLE_FILE,
    TOKENIZER_FILE,
    StaticConfig,
    digest_files,
)
from assistant.retrieval.resume import TrainingFolder
from assistant.retrieval.vocabulary import build_tokenizer, encode_bags

logger = logging.getLogger(__name__)

UNFINISHED = ".training"
"""Folder beside the model that holds an unfinished training."""

_WORDS, _ROWS = "tokenizer.json", "rows.npy"


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
    texts: Sequence[str],
    sources: Sequence[PairSource],
    out: Path,
    options: TrainOptions,
    progress: Progress | None = None,
) -> TrainReport:
    """Train a table and write it to a folder; a training of the same inputs that was cut off is gone on with.

    Args:
        texts: lines of running text, for vocabulary and co-occurrence.
        sources: pairs for the contrastive step; none leaves the co-occurrence vectors as they are.
        out: folder to write; made if missing, its model files are replaced.
        options: see `TrainOptions`.

    Raises:
        ModelError: the texts contain no word, or fewer than the dimensions asked for; the folder cannot be written.
    """
    report = progress or _ignore
    kept = TrainingFolder(out / UNFINISHED, digest_inputs(texts, sources, options))
    tokenizer, rows = _train_words(texts, options, kept, report)
    losses: list[float] = []
    if sources and options.contrast.steps:
        rows, losses = train_rows(rows, tokenizer, sources, options.contrast, kept, report)
    digest = write_static(out, tokenizer, rows, options)
    kept.remove()
    return TrainReport(losses, digest, tokenizer.get_vocab_size())


def digest_inputs(texts: Sequence[str], sources: Sequence[PairSource], options: TrainOptions) -> str:
    """SHA-256 over all that decides the model."""
    total = hashlib.sha256(repr(options).encode())
    for text in texts:
        total.update(text.encode() + b"\n")
    for source in sources:
        total.update(f"\f{source.name}\t{source.upsample}\t{source.batch}\n".encode())
        for question, answer in source.pairs:
            total.update(f"{question}\t{answer}\n".encode())
    return total.hexdigest()


def _train_words(
    texts: Sequence[str], options: TrainOptions, kept: TrainingFolder, report: Progress
) -> tuple[Tokenizer, Rows]:
    """The tokenizer and the first rows."""
    stored, rows = kept.load(_WORDS), kept.load(_ROWS)
    if stored is not None and rows is not None:
        return Tokenizer.from_buffer(stored), np.load(io.BytesIO(rows))
    n_stages, contrast = 4, options.contrast
    report("词表和共现", 0, n_stages)
    tokenizer = build_tokenizer(
        texts, n_tokens=options.n_tokens, min_char=options.min_char, words=options.words
    )
    n_tokens = tokenizer.get_vocab_size()
    logger.info("vocabulary: %d tokens", n_tokens)
    report("词表和共现", 1, n_stages)
    bags = encode_bags(tokenizer, texts)
    report("词表和共现", 2, n_stages)
    made = embed_cooccurrence(bags, n_tokens, max(contrast.dims), window=options.window, seed=contrast.seed)
    report("词表和共现", 3, n_stages)
    made = weigh_rows(made, bags, options.rarity)
    logger.info("co-occurrence vectors of %d running tokens", len(bags.ids))
    kept.save(_WORDS, tokenizer.to_str(pretty=False).encode())
    kept.save(_ROWS, _dump_array(made))
    report("词表和共现", 4, n_stages)
    return tokenizer, made


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
        _put_file(out / name, content)
    _put_file(out / CONFIG_FILE, (config.model_dump_json(indent=2) + "\n").encode())
    return config.digest


def _put_file(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there: a process that has the former one mapped keeps it."""
    made = path.with_name(f".{path.name}.new")
    made.write_bytes(content)
    made.replace(path)


def _dump_array(array: NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _ignore(_stage: str, _done: int, _total: int) -> None:
    """No progress wanted."""
