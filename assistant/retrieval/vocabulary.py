"""Makes the tokenizer of a static model: jieba's dictionary, pruned to a training text's words.

Out comes a Rust `tokenizers` Unigram model: scored with jieba's word frequencies it finds the same
most probable cut as jieba without its guesses, and needs no jieba at question time. A text is cut
twice: once with the whole dictionary to count its words, then with those that are kept.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from assistant.errors import ModelError
from assistant.retrieval.pieces import UNKNOWN

_WORD = re.compile(r"[^\W_]+")


class Bags(NamedTuple):
    """Token ids of many texts: `ids[offsets[i]:offsets[i + 1]]` are those of text `i`."""

    ids: NDArray[np.int64]
    offsets: NDArray[np.int64]


def build_tokenizer(
    texts: Sequence[str], *, n_tokens: int, min_char: int, words: Sequence[str] = ()
) -> Tokenizer:
    """A Unigram tokenizer over the words of jieba's dictionary that the texts use most.

    Args:
        texts: lines of running text.
        n_tokens: size of the vocabulary, single characters and the unknown token included.
        min_char: occurrences from which a single character gets a token of its own.
        words: words added to jieba's dictionary, kept whatever their frequency.

    Raises:
        ModelError: the texts contain no word.
    """
    normal = _make_normalizer()
    chars = Counter(c for line in texts for c in normal.normalize_str(line) if _WORD.match(c))
    if not chars:
        raise ModelError("训练文本里没有可用的文字", hint="检查训练文本的路径和编码")
    scores = dict(_read_dictionary())
    floor = min(scores.values())
    scores |= {c: scores.get(c, floor) for c in chars}
    extra = {normal.normalize_str(w) for w in words}
    wide = _make_tokenizer(scores)
    for word in sorted(extra - set(scores)):
        pieces = wide.encode(word).tokens
        scores[word] = sum(scores.get(p, floor) for p in pieces) + 1.0 if pieces else floor
    counts = np.bincount(encode_bags(wide, texts).ids, minlength=wide.get_vocab_size())
    used = {w: int(counts[i]) for w, i in wide.get_vocab().items() if len(w) > 1 and counts[i]}
    kept = sorted(c for c, n in chars.items() if n >= min_char) + sorted(extra)
    by_count = sorted(used.keys() - {UNKNOWN} - extra, key=lambda w: (-used[w], w))
    room = max(0, n_tokens - 1 - len(kept))
    return _make_tokenizer({w: scores[w] for w in dict.fromkeys(kept + by_count[:room])})


def _make_normalizer() -> Any:
    return normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Lowercase(), normalizers.Replace(Regex(r"\s+"), "")]
    )


def _make_tokenizer(scores: dict[str, float]) -> Tokenizer:
    vocabulary = [(UNKNOWN, 0.0), *((w, round(s, 3)) for w, s in scores.items())]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=0, byte_fallback=False))
    tokenizer.normalizer = _make_normalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[^\p{L}\p{N}]+"), "removed")
    return tokenizer


@cache
def _read_dictionary() -> dict[str, float]:
    """Jieba's words with the logarithm of their relative frequency."""
    lines = files("jieba").joinpath("dict.txt").read_text(encoding="utf-8").splitlines()
    counts: Counter[str] = Counter()
    for line in lines:
        word, count = line.split(" ")[:2]
        word = word.lower()
        if _WORD.fullmatch(word):
            counts[word] += max(1, int(count))
    total = math.log(sum(counts.values()))
    return {w: math.log(n) - total for w, n in sorted(counts.items())}


def encode_bags(tokenizer: Tokenizer, texts: Sequence[str], max_tokens: int | None = None) -> Bags:
    """Token ids of the texts in order, each cut to `max_tokens` (None: not cut)."""
    parts: list[NDArray[np.int64]] = []
    lengths: list[int] = []
    stream = iter(texts)
    while chunk := list(islice(stream, 4096)):
        for encoding in tokenizer.encode_batch(chunk, add_special_tokens=False):
            parts.append(np.array(encoding.ids[:max_tokens], dtype=np.int64))
            lengths.append(len(parts[-1]))
    ids = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
    return Bags(ids, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))
