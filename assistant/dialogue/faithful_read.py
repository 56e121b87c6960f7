"""Text → pieces between commas and the figures in them, in the form in which sentence and clause are compared.

In: a text. Out: `Reading`: NFKC, no blanks, wordings of the same as one; each figure is one character, its bound word (不得超过, 以上)
a property of it, so that 不超过80人 and 最多80人 read the same and 不少于80人 does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

from assistant.dialogue.faithful_lexicon import Lexicon
from assistant.rules.ground import Mention, find_mentions
from assistant.rules.numerals import Figure
from assistant.rules.pins import fold

FIGURE = "\ue000"
"""Stands for a figure."""
NAME = "\ue001"
"""Stands for what is compared as a whole: a label, a number of a document, a title."""

_MARKS = re.compile(r"[\"'*]")
_LIST = re.compile(r"[、和与及或]")
_BREAKS = re.compile(r"([。;!?\n\t])|[,，:()\[\]《》…]|——+|-{2,}")
_AT_MOST = re.compile(r"最多|至多|顶多|最高|上限|封顶|(?:控制|保持|限制)在(?=$)")
_AT_LEAST = re.compile(r"最少|至少|起码|最低|下限|底线")
_BEHIND_MOST = re.compile(r"(?:的)?(?:人数|最高)?(?:上限|封顶|最高限额|最高要求)")
_BEHIND_LEAST = re.compile(r"(?:的)?(?:下限|底线|最低要求|最低标准)")
_LIMIT = re.compile(rf"{_BEHIND_MOST.pattern}|{_BEHIND_LEAST.pattern}")
"""超过80人的上限: the word behind repeats what a bound is."""
_REACHED = frozenset({"达到", "达", "高达"})
_UNITS = {"名": "人", "位": "人", "日": "天", "所": "个", "家": "个", "项": "项"}
_DAY_UNIT = "日期"


@dataclass(frozen=True, slots=True)
class Bound:
    """A figure as a text states it.

    Attributes:
        value: exact; a day of the year as (year or None, month, day).
        bounds: what its words may say: <= >= < > == ~; the first is what they say plainly.
        word: the bound word as written, empty where there is none.
        piece: index of the piece it stands in; `text` is that piece.
        own: character pairs around it in its piece; `near` those of the piece before, `far` of the sentence before that.
        shown: as written.
        next: the character behind it.
    """

    value: Fraction | tuple[int | None, int, int]
    unit: str
    bounds: tuple[str, ...]
    word: str
    piece: int
    text: str
    own: frozenset[str]
    near: frozenset[str]
    far: frozenset[str]
    shown: str
    next: str


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands between two commas.

    Attributes:
        text: figures and names as one character each.
        sentence: index of its sentence.
        end: the mark it ends with.
        pairs: its character pairs.
    """

    text: str
    sentence: int
    end: str
    pairs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it is compared.

    Attributes:
        plain: without figures masked, for what must stand word by word.
        head: character pairs of what stands above it: headings, place, title.
    """

    plain: str
    pieces: tuple[Piece, ...]
    figures: tuple[Bound, ...]
    head: frozenset[str] = frozenset()

    @property
    def pairs(self) -> frozenset[str]:
        """Character pairs of all its pieces."""
        return frozenset().union(*(piece.pairs for piece in self.pieces))

    def sentence(self, index: int) -> list[Piece]:
        """The pieces of one sentence."""
        return [piece for piece in self.pieces if piece.sentence == index]


class _Found(NamedTuple):
    """A figure, its bounds and their word, and the character behind both."""

    mention: Mention
    bounds: tuple[str, ...]
    word: str
    next: str


def make_piece(text: str, sentence: int, end: str) -> Piece:
    """A piece with its character pairs."""
    return Piece(text, sentence, end, pairs_of(text))


def plain_form(text: str, lexicon: Lexicon) -> str:
    """The form of a text in which words are compared; ， stays apart from the comma of 12,000."""
    folded = "，".join(fold(part) for part in text.split("，"))
    return lexicon.unify(_MARKS.sub("", folded))


def read_text(text: str, lexicon: Lexicon, names: Iterable[str] = (), head: str = "") -> Reading:
    """Read a text.

    Args:
        names: what is taken as a whole and not looked into.
        head: what stands above the text.
    """
    plain = plain_form(text, lexicon)
    for name in names:
        if shown := plain_form(name, lexicon):
            plain = plain.replace(shown, NAME)
    masked, mentions = _mask(plain)
    pieces = tuple(_cut(masked))
    above = pairs_of(plain_form(head, lexicon))
    return Reading(plain, pieces, tuple(_place(pieces, mentions, plain, above)), above)


def blank_words(reading: Reading, words: re.Pattern[str]) -> Reading:
    """A reading in whose pieces some words are one character, which fits none."""
    pieces = tuple(make_piece(words.sub(NAME, p.text), p.sentence, p.end) for p in reading.pieces)
    return replace(reading, pieces=pieces)


def pairs_of(text: str) -> frozenset[str]:
    """Pairs of characters that stand side by side, without figures, names and marks."""
    return frozenset(
        text[i : i + 2] for i in range(len(text) - 1) if text[i].isalnum() and text[i + 1].isalnum()
    )


def _mask(plain: str) -> tuple[str, list[_Found]]:
    """The text with its figures as one character each, their bound words taken out."""
    found: list[_Found] = []
    out, at = "", 0
    # 2022年年底 is a day and holds a year: the longer of two is read.
    for mention in sorted(find_mentions(plain, ""), key=lambda m: (m.item.start, -m.item.end)):
        start, end = mention.item.start, mention.item.end
        if found and start < found[-1].mention.item.end:
            continue
        bounds, word, is_behind = _read_bound(mention, plain)
        before = plain[at:start]
        if word and not is_behind:
            cut = before.rfind(word)
            before = before[:cut] + before[cut + len(word) :] if cut >= 0 else before
        out += before + FIGURE
        at = end + (len(word) if is_behind else 0)
        if word and not is_behind and (limit := _LIMIT.match(plain, at)):
            at = limit.end()
        found.append(_Found(mention, bounds, word, plain[at : at + 1]))
    return out + plain[at:], found


def _read_bound(mention: Mention, plain: str) -> tuple[tuple[str, ...], str, bool]:
    """Bounds, their word, and whether it stands behind; 最多可以有80人 and 80人的上限 too."""
    behind = plain[mention.item.end :]
    if mention.word:
        follows = re.match(rf"[及或]?{re.escape(mention.word)}", behind)
        # 占60% and 达到60% are one target.
        bounds = (*mention.bounds, "==") if mention.word in _REACHED else mention.bounds
        return bounds, follows[0] if follows else mention.word, bool(follows)
    for bound, before_word, behind_word in (
        ("<=", _AT_MOST, _BEHIND_MOST),
        (">=", _AT_LEAST, _BEHIND_LEAST),
    ):
        if follows := behind_word.match(behind):
            return (bound,), follows[0], True
        if leads := before_word.search(mention.before):
            return (bound,), leads[0], False
    return mention.bounds, "", False


def _cut(masked: str) -> Iterator[Piece]:
    sentence, at = 0, 0
    for match in _BREAKS.finditer(masked):
        yield make_piece(masked[at : match.start()], sentence, match[0])
        sentence += bool(match[1])
        at = match.end()
    yield make_piece(masked[at:], sentence, "")


def _place(
    pieces: tuple[Piece, ...], mentions: list[_Found], plain: str, above: frozenset[str]
) -> Iterator[Bound]:
    """The figures with the words around them."""
    rest = iter(mentions)
    for index, piece in enumerate(pieces):
        if FIGURE not in piece.text:
            continue
        earlier = [p for p in pieces[:index] if p.sentence == piece.sentence and p.text]
        near = earlier[-1].pairs if earlier else frozenset()
        far = frozenset().union(above, *(p.pairs for p in earlier[:-1]))
        for before, after, lead in _around(piece.text):
            around = (pairs_of(before) | pairs_of(after), near | pairs_of(lead), far)
            yield _make_bound(next(rest), (index, piece.text), around, plain)


def _around(text: str) -> Iterator[tuple[str, str, str]]:
    """For each figure of a piece the words before and behind it, and those that lead the piece; 4月、8月 share theirs."""
    parts = text.split(FIGURE)
    n_figures = len(parts) - 1
    for number in range(n_figures):
        first, last = number, number
        while first > 0 and not pairs_of(parts[first]):
            first -= 1
        while last + 1 < n_figures and not pairs_of(parts[last + 1]):
            last += 1
        before = parts[first] if first == 0 else _LIST.split(parts[first])[-1]
        after = parts[last + 1] if last + 1 == n_figures else _LIST.split(parts[last + 1])[0]
        yield before, after, parts[0] if first else ""


def _make_bound(
    found: _Found,
    piece: tuple[int, str],
    around: tuple[frozenset[str], frozenset[str], frozenset[str]],
    plain: str,
) -> Bound:
    item = found.mention.item
    shown = plain[item.start : item.end]
    if not isinstance(item, Figure):
        day = (item.year, item.month, item.day)
        return Bound(day, _DAY_UNIT, found.bounds, found.word, *piece, *around, shown, found.next)
    value, unit = item.value, _UNITS.get(item.unit, item.unit)
    if unit == "万元":
        value, unit = value * 10_000, "元"
    return Bound(value, unit, found.bounds, found.word, *piece, *around, shown, found.next)


def is_same_day(one: tuple[int | None, int, int], other: tuple[int | None, int, int]) -> bool:
    """Whether two days are one, as far as both say."""
    return one[1:] == other[1:] and (one[0] == other[0] or None in (one[0], other[0]))
