"""Moves the rows of a static model so that a question lies nearest to the text that answers it.

Pairs in, rows out. A row is trained as the sum of a word's own vector and the mean of those of its
characters, and returned as that sum: a rare word starts from what its characters mean, and it costs
nothing when the table is used.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from assistant.retrieval.cooccurrence import Rows
from assistant.retrieval.resume import TrainingFolder
from assistant.retrieval.vocabulary import Bags, encode_bags

logger = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
"""Called with the stage, how much of it is done and how much there is."""

_KEEP_EVERY = 50
"""Steps after which an unfinished run is kept."""


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
    rows: Rows,
    tokenizer: Tokenizer,
    sources: Sequence[PairSource],
    options: ContrastOptions,
    kept: TrainingFolder,
    progress: Progress,
) -> tuple[Rows, list[float]]:
    """Move the rows so that a question lies nearer to its text than to the others of its batch.

    Source: van den Oord et al. 2018 (InfoNCE), here in both directions; Kusupati et al. 2022 for
    the leading dimensions; Wortsman et al. 2022 for the mean over runs.

    Args:
        rows: `(n_tokens, dim) float32`, from co-occurrence.
        tokenizer: the one whose tokens the rows belong to.
        sources: pairs by origin; each step draws one origin.
        options: see `ContrastOptions`.
        kept: where runs are kept; what lies there is not trained again.

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
    for n_run in range(options.n_runs):
        rng = np.random.default_rng(options.seed + n_run)
        picks = rng.choice(len(encoded), size=options.steps, p=shares / shares.sum())
        run = _Run(rows, spread, options, kept, f"run-{n_run}")

        def report(n_done: int, stage: str = f"对比训练 {n_run + 1}/{options.n_runs}") -> None:
            progress(stage, n_done, options.steps)

        for n, pick in enumerate(picks):
            run.step(encoded[int(pick)], rng, n, report)
        total += run.finish()
        losses += run.losses
    total[0] = 0.0
    return total / np.float32(options.n_runs), losses


class _Run:
    """One run from one seed; goes on from the step it was last kept at."""

    def __init__(
        self, rows: Rows, spread: Any, options: ContrastOptions, kept: TrainingFolder, name: str
    ) -> None:
        import torch

        self._spread, self._options, self._kept, self._name = spread, options, kept, name
        self._own = torch.nn.Parameter(torch.from_numpy(rows.copy()))
        self._chars = torch.nn.Parameter(torch.zeros(spread.shape[1], rows.shape[1]))
        self._optimizer = torch.optim.Adam([self._own, self._chars], lr=options.rate, fused=True)
        self.losses: list[float] = []
        if (data := kept.load(name)) is not None:
            state = torch.load(io.BytesIO(data), weights_only=True)
            with torch.no_grad():
                self._own.copy_(state["own"])
                self._chars.copy_(state["chars"])
            self._optimizer.load_state_dict(state["optimizer"])
            self.losses = state["losses"]

    def step(
        self, source: _EncodedSource, rng: np.random.Generator, n: int, report: Callable[[int], None]
    ) -> None:
        """Step `n`; one that was done before only draws its batch, so that the next draws the same as ever."""
        picked = source.pick(rng)
        if n < len(self.losses):
            return
        self._optimizer.param_groups[0]["lr"] = self._options.rate * (1 - n / self._options.steps)
        loss = _contrast(self._table(), source.batch_of(picked), self._options)
        self._optimizer.zero_grad()
        loss.backward()
        self._optimizer.step()
        self.losses.append(float(loss.detach()))
        report(n + 1)
        if len(self.losses) % _KEEP_EVERY == 0 or len(self.losses) == self._options.steps:
            logger.info("%s, step %d: loss %.4f", self._name, n + 1, self.losses[-1])
            self._keep()

    def finish(self) -> Rows:
        """The rows as they are now."""
        rows: Rows = self._table().detach().numpy()
        return rows

    def _table(self) -> Any:
        import torch

        return self._own + torch.sparse.mm(self._spread, self._chars)

    def _keep(self) -> None:
        import torch

        state = {
            "own": self._own.detach(),
            "chars": self._chars.detach(),
            "optimizer": self._optimizer.state_dict(),
            "losses": self.losses,
        }
        buffer = io.BytesIO()
        torch.save(state, buffer)
        self._kept.save(self._name, buffer.getvalue())


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

    def pick(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """Numbers of the pairs of one step."""
        n_pairs = len(self.question_keys)
        return rng.choice(n_pairs, size=min(self.batch, n_pairs), replace=False)

    def batch_of(self, picked: NDArray[np.int64]) -> _Batch:
        """Those pairs."""
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
