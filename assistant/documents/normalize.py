"""Text as typed or scanned → text as compared.

In: any text. Out: `Normalized`, one form for full- and half-width, composed and decomposed,
traditional and simplified, together with where each character came from; and two string forms,
`squeeze` for comparing quotes and `collapse_display` for showing them.

One decision: normalisation keeps an offset map, because NFKC changes lengths (① → 1, ㎡ → m2) and a
fact must be shown in the words that the asker wrote. NFKC also turns ，？：（） into ASCII: right
for matching, wrong for anything a reader sees, so normalised text is never displayed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from assistant.models import Span

# Kana, ideographs, and the punctuation and full-width forms set among them.
_CJK = re.compile(
    r"[\u2e80-\u2fff\u3001-\u312f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef"
    r"\U00020000-\U0003ffff]"
)
# In GB 2312 as surnames and variants, but the mark of a traditional text.
_TRADITIONAL_IN_GB2312 = frozenset("於後麽")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs"})
_VARIATION_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


@dataclass(frozen=True, slots=True)
class Normalized:
    """A normalised text and its origin.

    Attributes:
        text: NFKC, simplified, without invisible characters; single spaces, none at the ends.
        offsets: for each character of `text` the code point of the original it came from, never
            decreasing, and the original's length at the end: `len(text) + 1` entries.
    """

    text: str
    offsets: tuple[int, ...]

    def span(self, start: int, end: int) -> Span:
        """Where `text[start:end]` stood in the original; empty only for an empty range."""
        while start < end < len(self.text) and self.offsets[end] == self.offsets[end - 1]:
            end += 1
        return Span(self.offsets[start], self.offsets[end])


def normalize_text(text: str) -> Normalized:
    """Bring a text into the form in which names, numbers and words are looked up.

    Chinese punctuation becomes ASCII where NFKC has a counterpart (，→ , and （ → ( but 。 stays).
    Traditional characters become simplified ones only where the text has a character that
    simplified writing does not use: 乾坤 and 著名 are right as they are.
    """
    chars: list[str] = []
    offsets: list[int] = []
    for start, cluster in _clusters(text):
        for char in unicodedata.normalize("NFKC", cluster):
            is_space = char.isspace()
            if is_space and (not chars or chars[-1] == " "):
                continue
            chars.append(" " if is_space else char)
            offsets.append(start)
    if chars and chars[-1] == " ":
        chars.pop()
        offsets.pop()
    return Normalized(_simplify("".join(chars)), (*offsets, len(text)))


def is_blank(text: str) -> bool:
    """Whether a text has nothing to read: whitespace, control and zero-width characters only."""
    return all(char.isspace() or _is_invisible(char) for char in text)


def squeeze(text: str) -> str:
    """The form in which two quotes are compared: NFKC without any whitespace."""
    bare = "".join(text.split())
    while (folded := "".join(unicodedata.normalize("NFKC", bare).split())) != bare:
        bare = folded
    return bare


def collapse_display(text: str) -> str:
    """Undo the line breaks and stray blanks of a scan, for display only.

    Whitespace, newlines included, disappears beside a Chinese character or full-width punctuation
    and at the ends; elsewhere a run of it becomes one space. `squeeze` sees no difference.
    """
    text = text.strip()

    def joint(match: re.Match[str]) -> str:
        beside = text[match.start() - 1], text[match.end()]
        return "" if any(map(_CJK.match, beside)) else " "

    return re.sub(r"\s+", joint, text)


def _is_invisible(char: str) -> bool:
    if char.isascii():
        return not char.isprintable() and not char.isspace()
    if unicodedata.category(char) in _INVISIBLE:
        return not char.isspace()
    return any(ord(char) in selectors for selectors in _VARIATION_SELECTORS)


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    """Pieces that NFKC can treat one by one, with offsets; invisible characters are left out."""
    start, cluster = 0, ""
    for at, char in enumerate(text):
        if _is_invisible(char):
            continue
        if cluster and _composes(cluster, char):
            cluster += char
            continue
        if cluster:
            yield start, cluster
        start, cluster = at, char
    if cluster:
        yield start, cluster


def _composes(cluster: str, char: str) -> bool:
    """Whether NFKC of the two differs from NFKC of each: accents, Hangul, half-width kana marks."""
    if char.isascii() or "\u4e00" <= char <= "\u9fff":
        return False
    nfkc = unicodedata.normalize
    return unicodedata.combining(char) != 0 or nfkc("NFKC", cluster + char) != (
        nfkc("NFKC", cluster) + nfkc("NFKC", char)
    )


@cache
def _converter() -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


def _simplify(text: str) -> str:
    """Traditional → simplified, one character for one; simplified text comes back as it is."""
    if not any(_is_traditional(char) for char in text):
        return text
    converted = _converter()(text)
    if len(converted) == len(text):
        return converted
    return "".join(_simplify_char(char) for char in text)


@cache
def _is_traditional(char: str) -> bool:
    """Whether simplified writing (taken as GB 2312) lacks the character and has another for it."""
    if char in _TRADITIONAL_IN_GB2312:
        return True
    if not _CJK.match(char):
        return False
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return _simplify_char(char) != char
    return False


def _simplify_char(char: str) -> str:
    simple = _converter()(char)
    return simple if len(simple) == 1 else char
