"""Lay wording → official wording: in goes a question, out come words an official text would use.

A question says 种地的, the text says 高素质农民; no statistics bring the two together, so the pairs
are kept by hand in `corpus/thesaurus.yaml`. Phrases are looked up by their first two characters,
without a regular expression: compiling one for three thousand phrases takes longer than reading
them.

An entry of the file::

    - {say: [种地的, 一节课*多长], means: [每课时, 分钟], unless: [种地的人家]}

`*` in a phrase stands for up to four characters of the same sentence part. `unless` lists longer
phrases that contain a lay phrase and mean something else; being longer they win, and expand to
nothing.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from assistant.documents.normalize import squeeze
from assistant.errors import CorpusError

WILDCARD = "*"
MAX_GAP = 4
"""Most characters a `*` stands for."""
BREAKS = frozenset(",。!?;:、…() \t\r\n\u3000")
"""What no `*` reaches across; NFKC has made most full-width marks ASCII."""
LATIN = frozenset(string.ascii_lowercase + string.digits)
LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
"""English only: `str.lower` may change lengths (İ), and spans must hold."""

_PRIME = np.uint64(1_099_511_628_211)
_MASK = (1 << 64) - 1
_BITS = 24
_SHIFT = np.uint64(64 - _BITS)
"""The high bits of a hash that the table is indexed by."""

Phrase = Annotated[str, Field(min_length=1, max_length=40)]


class _Entry(BaseModel):
    """One entry of the file, as written."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    say: list[Phrase] = Field(min_length=1)
    means: list[Phrase] = Field(min_length=1)
    unless: list[Phrase] = []


_FILE = TypeAdapter(list[_Entry])


@dataclass(frozen=True, slots=True)
class Expansion:
    """A lay phrase found in a text and the official words for it.

    Attributes:
        say: the phrase as the file writes it, with its `*`, after NFKC and in lower case.
        means: official words, in the file's order; never empty.
        start: first code point in the NFKC form of the text.
        end: one past the last; what a `*` stands for lies between the two.
    """

    say: str
    means: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Find:
    """A phrase at a place; `letters` are the code points of its own characters, gaps left out."""

    say: str
    letters: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Thesaurus:
    """All lay phrases, ready to be looked for.

    Args:
        entries: official words by lay phrase; phrases in NFKC and lower case, at least two
            characters beside `*`, no `*` at their ends; an empty tuple shields its characters from
            shorter phrases.
    """

    entries: dict[str, tuple[str, ...]]
    _pieces_by_key: dict[str, list[list[str]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_pieces_by_key", _index(self.entries))

    def expand(self, text: str) -> tuple[Expansion, ...]:
        """The lay phrases of a text, in reading order.

        Where two phrases claim the same character, the one with more characters of its own wins,
        then the one that starts earlier. What lies under a `*` may belong to another phrase.

        Args:
            text: a question in simplified characters; brought to NFKC here, case of English
                letters ignored.

        Returns:
            One expansion per place; a phrase said twice is there twice. Empty where no phrase is
            found.
        """
        finds = self._find(_normalise(text))
        taken: set[int] = set()
        chosen: list[Expansion] = []
        for find in sorted(finds, key=lambda f: (-len(f.letters), f.letters)):
            if taken.isdisjoint(find.letters):
                taken.update(find.letters)
                if means := self.entries[find.say]:
                    start, end = find.letters[0], find.letters[-1] + 1
                    chosen.append(Expansion(find.say, means, start, end))
        return tuple(sorted(chosen, key=lambda e: (e.start, e.end)))

    def keep_said(self, texts: Iterable[str]) -> Thesaurus:
        """The thesaurus without the official words that no text says; phrases left without any are dropped.

        The file knows what documents of many places print; of a corpus only the words it has find anything.

        Args:
            texts: all that may be found, without blanks and in lower case.
        """
        words = {word for means in self.entries.values() for word in means}
        said = _find_said("\n".join(texts), {word: squeeze(word).lower() for word in words})
        kept = {say: tuple(w for w in means if w in said) for say, means in self.entries.items()}
        # A phrase that means nothing here must not shield its characters from shorter ones that do.
        return Thesaurus({say: means for say, means in kept.items() if means or not self.entries[say]})

    def put_officially(self, text: str) -> str:
        """A text with the first official word in place of each lay phrase that has nothing under a `*`."""
        put = _normalise(text)
        for expansion in reversed(self.expand(text)):
            if WILDCARD not in expansion.say:
                put = put[: expansion.start] + expansion.means[0] + put[expansion.end :]
        return put

    def _find(self, text: str) -> Iterator[_Find]:
        """Every phrase at every place."""
        for at, first in enumerate(text):
            for key in (first, text[at : at + 2]):
                for pieces in self._pieces_by_key.get(key, ()):
                    if letters := _locate(text, at, pieces, 0):
                        yield _Find(WILDCARD.join(pieces), letters)


def _find_said(whole: str, flat: dict[str, str]) -> set[str]:
    """The words whose flat form a text has.

    All stretches of a length are hashed at once and told from the words' hashes by a table of bits: looking for five thousand
    words one after the other takes seconds in the texts of a large corpus.
    """
    codes = np.frombuffer(whole.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    hashes = np.zeros(len(codes), dtype=np.uint64)
    likely: set[int] = set()
    lengths = {len(text) for text in flat.values()}
    for length in range(1, min(max(lengths, default=0), len(codes)) + 1):
        hashes = hashes[: len(codes) - length + 1] * _PRIME + codes[length - 1 :]
        wanted = np.array([_hash(t) for t in flat.values() if len(t) == length], dtype=np.uint64)
        if len(wanted):
            is_wanted = np.zeros(1 << _BITS, dtype=bool)
            is_wanted[wanted >> _SHIFT] = True
            likely.update(np.intersect1d(hashes[is_wanted[hashes >> _SHIFT]], wanted).tolist())
    return {word for word, text in flat.items() if _hash(text) in likely and text in whole}


def _hash(text: str) -> int:
    """The same polynomial of the code points, modulo 2^64, as is rolled over a text."""
    value = 0
    for char in text:
        value = (value * int(_PRIME) + ord(char)) & _MASK
    return value


def load_thesaurus(path: Path) -> Thesaurus:
    """Read `thesaurus.yaml`.

    Args:
        path: a UTF-8 YAML file holding a list of entries.

    Raises:
        CorpusError: the file cannot be read, is not YAML, or an entry is malformed, says a phrase a
            second time, or says one too short to mean anything; file, entry and key are named.
    """
    try:
        raw = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
        read = _FILE.validate_python(raw)
    except OSError as exc:
        raise CorpusError(
            f"读不到同义词表 {path}：{exc.strerror}",
            path=str(path),
            hint="检查 corpus 目录是否完整",
        ) from exc
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        raise CorpusError(
            f"同义词表 {path} 不是有效的 YAML：{exc}",
            path=str(path),
            hint="按提示的行列检查缩进和括号",
        ) from exc
    except ValidationError as exc:
        error = exc.errors()[0]
        raise CorpusError(
            f"同义词表 {path} {_name_place(error['loc'], raw)}：{error['msg']}",
            path=str(path),
            hint="每条写成 {say: [口语, …], means: [正式用语, …]}，unless 可省略",
        ) from exc
    return Thesaurus(_merge(read, path))


def _name_place(loc: tuple[int | str, ...], raw: object) -> str:
    """The entry (counted from 1, with its first phrase) and the key of a validation error."""
    if not loc or not isinstance(raw, list):
        return "顶层"
    index, *keys = loc
    entry = raw[int(index)]
    says = entry.get("say") if isinstance(entry, dict) else None
    first = f"（{says[0]}）" if isinstance(says, list) and says else ""
    return f"第 {int(index) + 1} 条{first} {'.'.join(map(str, keys))}".rstrip()


def _merge(read: list[_Entry], path: Path) -> dict[str, tuple[str, ...]]:
    """Official words by normalised phrase; `unless` phrases that nobody says map to nothing."""
    entries: dict[str, tuple[str, ...]] = {}
    shields: dict[str, tuple[str, ...]] = {}
    for number, entry in enumerate(read, 1):
        says = [_normalise(phrase) for phrase in entry.say]
        unless = [_normalise(phrase) for phrase in entry.unless]
        faults = [("say", say, _find_fault(say)) for say in says]
        faults += [("say", say, "前面已出现过") for say in says if say in entries]
        faults += [("unless", phrase, _find_shield_fault(phrase, says)) for phrase in unless]
        for key, phrase, fault in faults:
            if fault:
                raise CorpusError(
                    f"同义词表 {path} 第 {number} 条（{says[0]}）{key}：“{phrase}”{fault}",
                    path=str(path),
                    hint="修改或删去这个词",
                )
        # Who says the official word already needs the others only.
        means = {_normalise(word): word for word in entry.means}
        for say in says:
            entries[say] = tuple(word for known, word in means.items() if known != say)
        shields |= dict.fromkeys(unless, ())
    return shields | entries


def _find_fault(say: str) -> str:
    """Why a phrase cannot be looked for; empty where it can."""
    pieces = say.split(WILDCARD)
    if not all(pieces):
        return "的 * 不能在开头、结尾或连写"
    if sum(map(len, pieces)) < 2:
        return "只有一个字，会误中别的词"
    if say != say.strip():
        return "首尾有空格"
    return ""


def _find_shield_fault(phrase: str, says: list[str]) -> str:
    """Why a longer phrase shields nothing; empty where it does."""
    if WILDCARD in phrase:
        return "不能含 *"
    shields = any(all(piece in phrase for piece in say.split(WILDCARD)) for say in says)
    return "" if shields else "不含本条的任何口语"


def _index(says: Iterable[str]) -> dict[str, list[list[str]]]:
    """The phrases, cut at their `*`, by their first two characters (one where `*` comes second)."""
    pieces_by_key: dict[str, list[list[str]]] = {}
    for say in says:
        pieces = say.split(WILDCARD)
        pieces_by_key.setdefault(pieces[0][:2], []).append(pieces)
    return pieces_by_key


def _locate(text: str, at: int, pieces: list[str], n_done: int) -> tuple[int, ...]:
    """The code points the remaining pieces cover, the first of them at `at`; empty if not there.

    Of several ways to fill the gaps, the shortest first gap is taken.
    """
    piece = pieces[n_done]
    end = at + len(piece)
    if not text.startswith(piece, at) or _cuts_a_word(text, at, end):
        return ()
    own = tuple(range(at, end))
    if n_done + 1 == len(pieces):
        return own
    for start in range(end, end + MAX_GAP + 1):
        if rest := _locate(text, start, pieces, n_done + 1):
            return own + rest
        if start >= len(text) or text[start] in BREAKS:
            break
    return ()


def _cuts_a_word(text: str, start: int, end: int) -> bool:
    """Whether the span starts or ends inside an English word or a number: `fee` in `coffee`."""
    before = start > 0 and text[start - 1] in LATIN and text[start] in LATIN
    after = end < len(text) and text[end] in LATIN and text[end - 1] in LATIN
    return before or after


def _normalise(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(LOWER)
