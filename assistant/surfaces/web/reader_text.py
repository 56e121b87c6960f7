"""Source text → pieces as a page shows them: scan blanks collapsed, quoted words marked, run-in headings strong.

In: a span of a source and what is to be marked in it. Out: `Piece`s whose texts together are what `schema.flow` makes
of the span, so that a mark never changes what is read. Marks count code points of the source, not of what is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple
from unicodedata import normalize

from assistant.documents.normalize import squeeze
from assistant.models import Clause, Document, Span

_MARK = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")
_BLANKS = re.compile(r"\s+")
_LONGEST_LABEL = 16
"""A run-in heading begins at most so many characters into its clause."""
_AROUND = 48
"""Characters of an excerpt before the first marked word."""


class Piece(NamedTuple):
    """A stretch of text that is shown in one way; `anchor` is the id it has on the page, if any."""

    text: str
    is_marked: bool = False
    is_strong: bool = False
    anchor: str = ""


def parse_mark(text: str, document: Document) -> Span | None:
    """`120-135` → that span; None for whatever is no span of the document, since a page without a mark is a good page."""
    match = _MARK.fullmatch(text)
    if match is None:
        return None
    mark = Span(int(match[1]), int(match[2]))
    return mark if mark.start < mark.end <= len(document.source) else None


def flow_pieces(source: str, span: Span, mark: Span | None = None, strong_end: int = 0) -> list[Piece]:
    """The text of a span on one line, cut where marked or strong words begin and end.

    Args:
        mark: code points of the source to be marked; None marks nothing.
        strong_end: up to here the text is strong.
    """
    start, end = _trim(source, span)
    borders = (mark.start, mark.end, strong_end) if mark else (strong_end,)
    cuts = sorted({start, end, *(border for border in borders if start < border < end)})
    pieces = []
    for left, right in pairwise(cuts):
        text = _collapse(source, Span(left, right), Span(start, end))
        is_marked = mark is not None and left < mark.end and mark.start < right
        if text:
            anchor = f"mark-{left}" if is_marked else ""
            pieces.append(Piece(text, is_marked, right <= strong_end, anchor))
    return pieces


def find_lead_end(source: str, clause: Clause) -> int:
    """Where the words end that name a clause, its number and its run-in heading; its start where it has none."""
    length = len(clause.label) + 2 * len(clause.heading) + _LONGEST_LABEL
    window = range(clause.start, min(clause.end, clause.start + length))
    kept = [(i, char) for i in window for char in normalize("NFKC", source[i]) if not char.isspace()]
    text = "".join(char for _, char in kept)
    heading = squeeze(clause.heading)
    at = text.find(heading) if heading else -1
    n_lead = at + len(heading) if 0 <= at <= _LONGEST_LABEL else _count_number(text, clause)
    return kept[n_lead - 1][0] + 1 if n_lead else clause.start


def _count_number(text: str, clause: Clause) -> int:
    """Length of the printed number: the most of the end of its label that a clause begins with."""
    label = squeeze(clause.label) if clause.kind == "clause" else ""
    return next((len(label) - i for i in range(len(label)) if text.startswith(label[i:])), 0)


def mark_words(text: str, words: Iterable[str], longest: int) -> list[Piece]:
    """An excerpt of a text with the words of a query marked.

    Args:
        words: as a search looks for them; single characters count only where there are no others.
        longest: characters of the excerpt; what is left out shows as an ellipsis.
    """
    known = {word for word in words if word.strip()}
    wanted = sorted({word for word in known if len(word) > 1} or known, key=lambda word: (-len(word), word))
    found = re.compile("|".join(map(re.escape, wanted)), re.IGNORECASE) if wanted else None
    excerpt = _cut(text, found, longest)
    return list(_split(excerpt, found)) if found else [Piece(excerpt)]


def _split(text: str, found: re.Pattern[str]) -> Iterator[Piece]:
    left = 0
    for match in found.finditer(text):
        if match.start() > left:
            yield Piece(text[left : match.start()])
        yield Piece(match[0], is_marked=True)
        left = match.end()
    if left < len(text):
        yield Piece(text[left:])


def _cut(text: str, found: re.Pattern[str] | None, longest: int) -> str:
    if len(text) <= longest:
        return text
    match = found.search(text) if found else None
    start = max(0, min(match.start() - _AROUND, len(text) - longest)) if match else 0
    shown = text[start : start + longest]
    return f"{'…' if start else ''}{shown}{'…' if start + longest < len(text) else ''}"


def _trim(source: str, span: Span) -> Span:
    text = source[span.start : span.end]
    stripped = text.strip()
    start = span.start + (text.index(stripped) if stripped else 0)
    return Span(start, start + len(stripped))


def _collapse(source: str, piece: Span, whole: Span) -> str:
    """The text of a piece with its blanks as they are shown in the whole."""

    def show(match: re.Match[str]) -> str:
        left, right = piece.start + match.start(), piece.start + match.end()
        if left > whole.start and source[left - 1].isspace():
            return ""  # the piece before has shown these blanks
        while right < whole.end and source[right].isspace():
            right += 1
        return " " if source[left - 1].isascii() and source[right].isascii() else ""

    return _BLANKS.sub(show, source[piece.start : piece.end])
