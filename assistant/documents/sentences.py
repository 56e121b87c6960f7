"""Clause text → sentences, the units that an answer quotes.

In: a source text and a span. Out: spans of sentences, split at 。！？； and line ends of closed lines,
never inside brackets or quotation marks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.models import Span

_ENDS = "。！？；!?;"
_OPENS_SERIES = re.compile(r"[^:：;；]{2,40}(?=[:：])")
_OPENING, _CLOSING = "（(“‘《〈【〔", "）)”’》〉】〕"


def split_sentences(source: str, start: int, end: int) -> list[Span]:
    """Split `source[start:end]` into sentences.

    Returns:
        Spans without outer blanks, in order; together they hold every non-blank character.
    """
    spans: list[Span] = []
    depth, left = 0, start
    for i in range(start, end):
        char = source[i]
        if char in _OPENING:
            depth += 1
        elif char in _CLOSING:
            depth = max(depth - 1, 0)
        is_stop = char in _ENDS and (depth == 0 or _ends_paragraph(source, i, end))
        if is_stop:
            depth = 0
            _append(spans, source, left, i + 1)
            left = i + 1
    _append(spans, source, left, end)
    return spans


def split_fragments(source: str, start: int, end: int) -> list[Span]:
    """Split one sentence at its commas, for finding the figure that a question asks for."""
    spans: list[Span] = []
    left = start
    for i in range(start, end):
        if source[i] in "，," and not source[i + 1 : i + 2].isdigit():
            _append(spans, source, left, i)
            left = i + 1
    _append(spans, source, left, end)
    return spans


def list_heads(sentences: Sequence[str]) -> list[str]:
    """What each sentence is said under: 补贴按取得的证书确定：…；取得技师证书的，3200元 is 补贴 too.

    Args:
        sentences: of one clause, in reading order.

    Returns:
        For a further part of a series joined by semicolons the words before the colon that opens it; else "".
    """
    heads: list[str] = []
    head, is_open = "", False
    for sentence in sentences:
        heads.append(head if is_open else "")
        if not is_open:
            opening = _OPENS_SERIES.match(sentence)
            head = opening[0] if opening else ""
        is_open = sentence.endswith((";", "；"))
    return heads


def _ends_paragraph(source: str, i: int, end: int) -> bool:
    """True at a line's end: a bracket that scanning lost must not join two paragraphs."""
    return i + 1 >= end or source[i + 1] == "\n"


def _append(spans: list[Span], source: str, start: int, end: int) -> None:
    text = source[start:end]
    stripped = text.strip()
    if stripped:
        left = start + text.index(stripped)
        spans.append(Span(left, left + len(stripped)))
