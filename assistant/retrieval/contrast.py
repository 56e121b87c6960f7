"""Moves the rows of a static model so that a question lies nearest to the text that answers it.

Pairs in, rows out. A row is trained as the sum of a word's own vector and the mean of those of its
characters, and returned as that sum: a rare word starts from what its characters mean, and it costs
nothing when the table is used.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from tokenizers import Tokenizer

from assistant.retrieval.cooccurrence import Rows
from assistant.retrieval.vocabulary import Bags, encode_bags

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ContrastOptions:
    """How rows are moved; the defaults are those of the shipped model.

    Attributes:
        steps: batches; more than about a thousand learn the pairs by heart.
        rate: first learning rate of Adam, which falls to 0 in a straight line.
        temperature: divisor of the cosines in the loss.
        dims: leading dimensions that must work on their own; the largest is the table's.
        max_tokens: tokens of a text that are trained on; the rest is cut off.
        seed: of the first run; the others take the next ones.
        n_runs: runs whose rows are averaged, so that no lucky or unlucky run is shipped.
        n_threads: of torch; another number may give other last bits.
    """

    steps: int = 700
    rate: float = 5e-3
    temperature: float = 0.05
    dims: tuple[int, ...] = (256, 128)
    max_tokens: int = 256
    seed: int = 0
    n_runs: int = 3
    n_threads: int = 2


@dataclass(frozen=True, slots=True)
class PairSource:
    """Pairs of one origin; a batch never mixes origins, else telling them apart would be the task.

    Attributes:
        pairs: (question, text that answers it).
        upsample: how many times each pair counts when the origin of a batch is drawn.
        batch: pairs per step; every other text of the batch is a negative.
    """

    name: str
    pairs: Sequence[tuple[str, str]]
    upsample: int = 1
    batch: int = 1024


def train_rows(
    rows: Rows, tokenizer: Tokenizer, sources: Sequence[PairSource], options: ContrastOptions
) -> tuple[Rows, list[float]]:
    """Move the rows so that a question lies nearer to its text than to the others of its batch.

    Source: van den Oord et al. 2018 (InfoNCE), here in both directions; Kusupati et al. 2022 for
    the leading dimensions; Wortsman et al. 2022 for the mean over runs.

    Args:
        rows: `(n_tokens, dim) float32`, from co-occurrence.
        tokenizer: the one whose tokens the rows belong to.
        sources: pairs by origin; each step draws one origin.
        options: see `ContrastOptions`.

    Returns:
        The rows, and the loss of each step of each run, one run after the other.
    """
    import torch

    torch.set_num_threads(options.n_threads)
    encoded = [_EncodedSource.encode(s, tokenizer, options.max_tokens) for s in sources]
    shares = np.array([len(s.pairs) * s.upsample for s in sources], dtype=np.float64)
    spread = _spread_characters(tokenizer)
    total = np.zeros_like(rows)
    losses: list[float] = []
    for run in range(options.n_runs):
        rng = np.random.default_rng(options.seed + run)
        picks = rng.choice(len(encoded), size=options.steps, p=shares / shares.sum())
        batches = (encoded[int(pick)].draw(rng) for pick in picks)
        title = f"contrast {run + 1}/{options.n_runs}"
        steps = track(batches, title, total=options.steps, console=Console(stderr=True))
        trained, run_losses = _run_steps(rows, spread, steps, options)
        total += trained
        losses += run_losses
    total[0] = 0.0
    return total / np.float32(options.n_runs), losses


def _run_steps(
    rows: Rows,
    spread: Any,
    batches: Iterable[_Batch],
    options: ContrastOptions,
) -> tuple[Rows, list[float]]:
    import torch

    losses: list[float] = []
    own = torch.nn.Parameter(torch.from_numpy(rows.copy()))
    chars = torch.nn.Parameter(torch.zeros(spread.shape[1], rows.shape[1]))
    optimizer = torch.optim.Adam([own, chars], lr=options.rate, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda n: 1 - n / options.steps)
    for n, batch in enumerate(batches):
        loss = _contrast(own + torch.sparse.mm(spread, chars), batch, options)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(float(loss.detach()))
        if n % 50 == 0 or n == options.steps - 1:
            logger.info("step %d: loss %.4f", n, losses[-1])
    trained: Rows = (own + torch.sparse.mm(spread, chars)).detach().numpy()
    return trained, losses


class _Batch(NamedTuple):
    """One step; pairs with an equal key are no negatives of each other."""

    questions: Bags
    texts: Bags
    question_keys: NDArray[np.int64]
    text_keys: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _EncodedSource:
    questions: Bags
    texts: Bags
    question_keys: NDArray[np.int64]
    text_keys: NDArray[np.int64]
    batch: int

    @classmethod
    def encode(cls, source: PairSource, tokenizer: Tokenizer, max_tokens: int) -> _EncodedSource:
        questions, texts = [q for q, _ in source.pairs], [t for _, t in source.pairs]
        return cls(
            encode_bags(tokenizer, questions, max_tokens),
            encode_bags(tokenizer, texts, max_tokens),
            _number_texts(questions),
            _number_texts(texts),
            source.batch,
        )

    def draw(self, rng: np.random.Generator) -> _Batch:
        n_pairs = len(self.question_keys)
        picked = rng.choice(n_pairs, size=min(self.batch, n_pairs), replace=False)
        return _Batch(
            _pick_bags(self.questions, picked),
            _pick_bags(self.texts, picked),
            self.question_keys[picked],
            self.text_keys[picked],
        )


def _number_texts(texts: Sequence[str]) -> NDArray[np.int64]:
    """The same number for the same text."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(text, len(numbers)) for text in texts], dtype=np.int64)


def _pick_bags(bags: Bags, picked: NDArray[np.int64]) -> Bags:
    parts = [bags.ids[bags.offsets[i] : bags.offsets[i + 1]] for i in picked]
    return Bags(np.concatenate(parts), np.cumsum([0, *map(len, parts)]).astype(np.int64))


def _spread_characters(tokenizer: Tokenizer) -> Any:
    """Sparse `(n_tokens, n_characters)`: row of a word holds 1 / length at each of its characters."""
    import torch

    vocabulary = tokenizer.get_vocab()
    column = {c: n for n, c in enumerate(sorted(w for w in vocabulary if len(w) == 1))}
    entries = sorted(
        (n, column[c], 1 / len(word)) for word, n in vocabulary.items() if n for c in word if c in column
    )
    indices = torch.tensor([[e[0] for e in entries], [e[1] for e in entries]])
    values = torch.tensor([e[2] for e in entries], dtype=torch.float32)
    shape = (len(vocabulary), len(column))
    return torch.sparse_coo_tensor(indices, values, shape, check_invariants=True).coalesce()


def _contrast(table: Any, batch: _Batch, options: ContrastOptions) -> Any:
    import torch
    from torch.nn import functional

    def pool(bags: Bags) -> Any:
        ids, offsets = torch.from_numpy(bags.ids), torch.from_numpy(bags.offsets)
        return functional.embedding_bag(
            ids, table, offsets, mode="sum", include_last_offset=True, padding_idx=0
        )

    questions, texts = pool(batch.questions), pool(batch.texts)
    same = batch.question_keys[:, None] == batch.question_keys[None, :]
    same |= batch.text_keys[:, None] == batch.text_keys[None, :]
    np.fill_diagonal(same, False)
    mask, target = torch.from_numpy(same), torch.arange(len(same))
    total = torch.zeros(())
    for dim in options.dims:
        left = functional.normalize(questions[:, :dim])
        right = functional.normalize(texts[:, :dim])
        logits = (left @ right.T / options.temperature).masked_fill(mask, -torch.inf)
        total = total + functional.cross_entropy(logits, target)
        total = total + functional.cross_entropy(logits.T, target)
    return total / (2 * len(options.dims))
