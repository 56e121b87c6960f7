"""Texts → term ids: what the lexical leg is built from, cut in this process or in several.

In: texts in chunk order. Out: `TermBags`, 4 bytes a term, so that a hundred thousand chunks are held as numbers, not as
ten million strings. Many texts are cut by worker processes; the result is the same bytes either way.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from assistant.retrieval.segment import Segmenter

logger = logging.getLogger(__name__)

PARALLEL_FROM = 20_000
"""Texts from which starting worker processes pays; each reads the dictionary for a second."""
MOST_WORKERS = 8
_BATCH = 512

Ids = NDArray[np.int32]
T = TypeVar("T")


class TermBags(NamedTuple):
    """Terms of many texts: `ids[offsets[i]:offsets[i + 1]]` are those of text `i`, numbers of sorted `words`."""

    words: tuple[str, ...]
    ids: Ids
    offsets: NDArray[np.int64]


def collect_terms(term_lists: Iterable[Sequence[str]]) -> TermBags:
    """Number the terms of texts that have been cut, one list a text."""
    return _merge(_number(batch) for batch in _batch(term_lists))


def cut_terms(
    texts: Sequence[str],
    segmenter: Segmenter,
    dictionary: Path | None,
    stopwords: Path,
    progress: Callable[[int], None],
) -> TermBags:
    """Cut texts and number their terms.

    Args:
        segmenter: cuts few texts in this process, and all where worker processes cannot be had.
        dictionary, stopwords: what it was made from; worker processes make their own.
        progress: called with the number of texts done.
    """
    n_workers = min(MOST_WORKERS, os.cpu_count() or 1)
    if len(texts) >= PARALLEL_FROM and n_workers > 1:
        lists = (dictionary, stopwords)
        try:
            with ProcessPoolExecutor(n_workers, initializer=_start_worker, initargs=lists) as pool:
                return _merge(_report(pool.map(_cut_batch, _batch(texts)), progress))
        except (BrokenProcessPool, OSError) as exc:
            logger.warning("多进程分词中断（%s），改为单进程，结果不变", exc)
    batches = (_number(list(map(segmenter.terms, batch))) for batch in _batch(texts))
    return _merge(_report(batches, progress))


def _batch(items: Iterable[T]) -> Iterator[list[T]]:
    stream = iter(items)
    while batch := list(islice(stream, _BATCH)):
        yield batch


class _Numbered(NamedTuple):
    """A batch whose ids count its own words."""

    words: list[str]
    ids: Ids
    lengths: list[int]


def _number(term_lists: Sequence[Sequence[str]]) -> _Numbered:
    numbers: dict[str, int] = {}
    ids = [numbers.setdefault(term, len(numbers)) for terms in term_lists for term in terms]
    return _Numbered(list(numbers), np.array(ids, dtype=np.int32), [len(terms) for terms in term_lists])


def _merge(batches: Iterable[_Numbered]) -> TermBags:
    """Join batches; words are numbered in sorted order, whatever order they came in."""
    numbers: dict[str, int] = {}
    parts: list[Ids] = []
    lengths: list[int] = []
    for batch in batches:
        renumbered = np.array([numbers.setdefault(w, len(numbers)) for w in batch.words], dtype=np.int32)
        parts.append(renumbered[batch.ids])
        lengths += batch.lengths
    words = sorted(numbers)
    place = np.empty(len(words), dtype=np.int32)
    place[[numbers[word] for word in words]] = np.arange(len(words), dtype=np.int32)
    ids = place[np.concatenate(parts)] if parts else np.zeros(0, dtype=np.int32)
    return TermBags(tuple(words), ids, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))


def _report(batches: Iterable[_Numbered], progress: Callable[[int], None]) -> Iterator[_Numbered]:
    n_done = 0
    for batch in batches:
        n_done += len(batch.lengths)
        progress(n_done)
        yield batch


_worker: Segmenter | None = None


def _start_worker(dictionary: Path | None, stopwords: Path) -> None:
    global _worker  # noqa: PLW0603 a process of the pool has no other place to keep it
    _worker = Segmenter(dictionary, stopwords)


def _cut_batch(texts: Sequence[str]) -> _Numbered:
    assert _worker is not None
    return _number(list(map(_worker.terms, texts)))
