"""Text → words and index terms: jieba in search mode, our own rule for Latin and digits.

The chunks and the questions must be cut alike, so an index generation carries the word table it
was cut with. The table is jieba's whole dictionary plus the corpus' own words, as sorted 64-bit
hashes with frequencies (6 MB, read in milliseconds); jieba's own loading takes half a second and
60 MB in every process and writes a cache into the temp folder. Pruning the dictionary to the
corpus was refused: a question's words that the corpus lacks must stay words, or they fall apart
into characters that match anything.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
import warnings
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from assistant.errors import CorpusError, IndexStale

BIGRAM_MARK = "_"
"""First character of a bigram term; no word contains it."""

UNKNOWN_RARITY = 9.0
"""Rarity, in nats, of a word that no dictionary has: half way between common and rare."""
WORD_TABLE = "words.bin"
LEXICON = "lexicon.json"

_MAGIC = b"TWWORDS1"
_CJK = "〇㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff"
_CJK_RUN = f"[{_CJK}]+"
# `1+x` and `2.5` are one word, `65%` keeps its sign; a hyphen or slash parts two words (20-30).
_LATIN = r"[^\W_〇㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff]+(?:[.+][0-9a-z]+)*%?"


def normalise_text(text: str) -> str:
    """Fold width, compatibility forms and case, as words and dictionary entries are compared."""
    return unicodedata.normalize("NFKC", text).lower()


class WordTable:
    """Word frequencies looked up by hash: what jieba needs of its `FREQ` dictionary.

    That two words share a 64-bit hash has probability 1e-8; `encode_table` refuses it.
    """

    __slots__ = ("_counts", "_keys", "total")

    def __init__(self, data: bytes) -> None:
        """Read a table made by `encode_table`.

        Raises:
            ValueError: the bytes are not a table.
        """
        if data[:8] != _MAGIC or len(data) < 24:
            raise ValueError("not a word table")
        view = memoryview(data)
        self.total, n_words = view[8:24].cast("Q")
        if len(data) != 24 + 12 * n_words:
            raise ValueError("word table has the wrong length")
        self._keys = view[24 : 24 + 8 * n_words].cast("Q")
        self._counts = view[24 + 8 * n_words :].cast("I")

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, word: str) -> bool:
        return self.get(word) is not None

    def __getitem__(self, word: str) -> int:
        count = self.get(word)
        if count is None:
            raise KeyError(word)
        return int(count)

    def get(self, word: str, default: Any = None) -> Any:
        """Frequency of a word; 0 for a mere beginning of words; `default` for anything else."""
        key = _hash_word(word)
        at = bisect_left(self._keys, key)
        if at < len(self._keys) and self._keys[at] == key:
            return self._counts[at]
        return default


def encode_table(frequencies: Mapping[str, int], total: int) -> bytes:
    """Serialise word frequencies: magic, total, count, sorted hashes (uint64), counts (uint32).

    Raises:
        ValueError: two words have the same hash.
    """
    keys = np.fromiter(map(_hash_word, frequencies), dtype=np.uint64, count=len(frequencies))
    counts = np.fromiter(frequencies.values(), dtype=np.uint32, count=len(frequencies))
    order = np.argsort(keys)
    keys, counts = keys[order], counts[order]
    if np.any(keys[1:] == keys[:-1]):
        raise ValueError("two words share a hash")
    head = np.array([total, len(frequencies)], dtype=np.uint64)
    return _MAGIC + head.tobytes() + keys.tobytes() + counts.tobytes()


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What the cut depends on.

    Attributes:
        table: bytes of the `WordTable`.
        stop_words: normalised.
        mixed_words: words of the corpus' own dictionary that are not purely Chinese, such as
            `1+x证书`.
    """

    table: bytes
    stop_words: frozenset[str]
    mixed_words: tuple[str, ...]


class Segmenter:
    """Cuts text into words and index terms; the same text always gives the same list."""

    def __init__(self, dictionary: Path | None, stopwords: Path) -> None:
        """Read jieba's dictionary and the corpus' own words; takes a second, `load` is quick.

        Args:
            dictionary: one word a line, optionally a blank and a frequency; `#` starts a comment.
                None: no words but jieba's.
            stopwords: one word a line; `#` starts a comment.

        Raises:
            CorpusError: a file cannot be read or a frequency is not a number.
        """
        lexicon, frequencies = _read_words(dictionary, stopwords)
        # What cuts a whole corpus looks words up in the dictionary itself: three times as fast as the table.
        self._use(lexicon, frequencies)

    @classmethod
    def load(cls, folder: Path) -> Segmenter:
        """Open what `save` wrote.

        Raises:
            IndexStale: the files are missing or damaged.
        """
        try:
            record = json.loads((folder / LEXICON).read_text(encoding="utf-8"))
            lexicon = Lexicon(
                table=(folder / WORD_TABLE).read_bytes(),
                stop_words=frozenset(record["stop_words"]),
                mixed_words=tuple(record["mixed_words"]),
            )
            segmenter = cls.__new__(cls)
            segmenter._use(lexicon)
        except (OSError, ValueError, KeyError, TypeError) as exc:
            raise IndexStale(f"分词表损坏：{folder}", hint="运行 tiaowen index 重建索引") from exc
        return segmenter

    def save(self, folder: Path) -> None:
        """Write table and lists into an existing folder; the bytes depend on the words alone."""
        record = {
            "stop_words": sorted(self._lexicon.stop_words),
            "mixed_words": sorted(self._lexicon.mixed_words),
        }
        (folder / WORD_TABLE).write_bytes(self._lexicon.table)
        (folder / LEXICON).write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")

    def words(self, text: str) -> list[str]:
        """Words in reading order, repeated as they stand; words inside a long word precede it.

        Stop words and punctuation are dropped, Latin and digit words kept whole (`1+x`, `65%`,
        `2021`).
        """
        return [w for w in self._cut(normalise_text(text)) if w not in self._lexicon.stop_words]

    def terms(self, text: str) -> list[str]:
        """The words, then the marked bigrams of each Chinese run: what the lexical leg indexes.

        A bigram that is itself a stop word (什么) is dropped; bigrams across punctuation are not
        made.
        """
        folded = normalise_text(text)
        grams = [
            BIGRAM_MARK + first + second
            for run in re.findall(_CJK_RUN, folded)
            for first, second in pairwise(run)
            if first + second not in self._lexicon.stop_words
        ]
        return [w for w in self._cut(folded) if w not in self._lexicon.stop_words] + grams

    def knows(self, word: str) -> bool:
        """Whether a word stands in the dictionaries."""
        return bool(self._tokenizer.FREQ.get(normalise_text(word)))

    def rarity(self, word: str) -> float:
        """Rarity of a word in the language, in nats; one that no dictionary has may be a slip of the cut."""
        count = self._tokenizer.FREQ.get(word) or 0
        return math.log(self._tokenizer.total / count) if count else UNKNOWN_RARITY

    def _use(self, lexicon: Lexicon, frequencies: dict[str, int] | None = None) -> None:
        table = WordTable(lexicon.table)
        tokenizer = _import_jieba().Tokenizer()
        tokenizer.FREQ = table if frequencies is None else frequencies
        tokenizer.total, tokenizer.initialized = table.total, True
        longest_first = sorted(lexicon.mixed_words, key=lambda word: (-len(word), word))
        parts = [re.escape(word) for word in longest_first]
        self._lexicon = lexicon
        self._mixed = frozenset(lexicon.mixed_words)
        self._tokenizer = tokenizer
        self._plain = re.compile(f"{_CJK_RUN}|{_LATIN}")
        self._pattern = re.compile("|".join([*parts, _CJK_RUN, _LATIN]))

    def _cut(self, folded: str) -> Iterator[str]:
        for match in self._pattern.finditer(folded):
            piece = match.group()
            if piece in self._mixed:
                for inner in self._plain.findall(piece):
                    yield from self._cut_plain(inner)
                yield piece
            else:
                yield from self._cut_plain(piece)

    def _cut_plain(self, piece: str) -> Iterator[str]:
        if re.match(_CJK_RUN, piece):
            yield from self._tokenizer.cut_for_search(piece)
        else:
            yield piece


def _read_words(dictionary: Path | None, stopwords: Path) -> tuple[Lexicon, dict[str, int]]:
    """Merge jieba's dictionary with the corpus' own words; the frequencies of all of them beside the lexicon.

    Raises:
        CorpusError: a file cannot be read or a frequency is not a number.
    """
    own, mixed = {}, set()
    for number, line in _read_lines(dictionary) if dictionary else ():
        word, *rest = line.split()
        if rest and not rest[0].isdecimal():
            raise CorpusError(
                f"词典第 {number} 行的词频不是整数：{line}",
                path=str(dictionary),
                hint="每行一个词，可加空格和词频，例如：1+x证书 100",
            )
        folded = normalise_text(word)
        if re.fullmatch(_CJK_RUN, folded):
            own[folded] = int(rest[0]) if rest else None
        elif not re.fullmatch(_LATIN, folded):
            mixed.add(folded)
    stop_words = frozenset(normalise_text(word) for _, word in _read_lines(stopwords))
    tokenizer = _import_jieba().Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    for word, frequency in own.items():
        tokenizer.add_word(word, frequency)
    lexicon = Lexicon(
        table=encode_table(tokenizer.FREQ, tokenizer.total),
        stop_words=stop_words,
        mixed_words=tuple(sorted(mixed)),
    )
    return lexicon, tokenizer.FREQ


def _read_lines(path: Path) -> list[tuple[int, str]]:
    """Numbered lines (1-based) without comments and blanks."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        raise CorpusError(
            f"读不了词表：{path}", path=str(path), hint="检查文件是否存在、是否为 UTF-8 编码"
        ) from exc
    lines = ((n, line.partition("#")[0].strip()) for n, line in enumerate(text.splitlines(), 1))
    return [(n, line) for n, line in lines if line]


def _hash_word(word: str) -> int:
    return int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest())


def _import_jieba() -> ModuleType:
    """Import jieba without the warnings that its old syntax raises on newer Pythons."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba
    module: ModuleType = jieba
    return module
