"""What an asker takes for granted (“公示是5个工作日，对吧？”) against the words that answer.

In: an understood question and the sentences that were chosen. Out: `Premise`s: a figure as said and as it stands in the
text. Only figures of the same unit are compared, and only where the text has exactly one that could be meant: which of
several the asker had in mind is not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from assistant.documents.normalize import squeeze
from assistant.documents.sentences import split_fragments
from assistant.models import Document, Span
from assistant.rules.numerals import Figure, find_figures

TAG = re.compile(
    r"对吧|对吗|对不对|是吧|是吗|没错吧|没错吗|是不是|听(?:别?人)(?:说|讲)|据说|都说|是这样(?:吧|吗)|[吧](?=[?？]|$)|听说|没记错(?:的话)?|(?<=\d)(?:吗|嘛)(?=[?？]|$)"
)
"""What turns a statement into a question that waits for a yes."""
_ALIKE = (
    ("学时", "课时", "节"),
    ("人", "名", "位", "个"),
    ("人次", "次"),
    ("所", "家", "个"),
    ("周岁", "岁"),
    ("天", "日"),
    ("元", "万元"),
)


class Premise(NamedTuple):
    """A figure as the asker gave it and as the text has it; both as written."""

    said: str
    found: str
    is_right: bool


def has_premise(text: str) -> bool:
    """Whether a question states something and asks for a yes."""
    return bool(TAG.search(text)) and bool(_claimed(text))


def find_claims(text: str) -> list[Span]:
    """Where the figures stand that a question takes for granted, without their units."""
    return [
        Span(f.start, f.end if f.is_ratio or f.unit == "%" else f.end - len(f.unit)) for f in _claimed(text)
    ]


def check_premises(text: str, document: Document, spans: Sequence[Span]) -> list[Premise]:
    """Compare the figures of a question with those of the sentences that answer it.

    Of several figures of one unit the one counts whose piece of a sentence has most of the question's words.
    """
    pieces = [
        document.source[start:end] for span in spans for start, end in split_fragments(document.source, *span)
    ]
    premises = []
    for claim in _claimed(text):
        said = text[claim.start : claim.end]
        stated = [
            (_likeness(text, piece), figure, piece[figure.start : figure.end])
            for piece in pieces
            for figure in find_figures(piece)
            if _are_of_one_unit(claim, figure)
        ]
        if not stated:
            continue
        most = max(likeness for likeness, _, _ in stated)
        meant = [(figure, words) for likeness, figure, words in stated if likeness == most]
        if right := [words for figure, words in meant if _equal(claim, figure)]:
            premises.append(Premise(said, right[0], True))
        elif len({(figure.value, figure.unit) for figure, _ in meant}) == 1 and most:
            premises.append(Premise(said, meant[0][1], False))
    return premises


def _claimed(text: str) -> list[Figure]:
    """The figures of a question with a unit; 附件3 and 第2项 are names."""
    return [figure for figure in find_figures(text) if figure.unit]


def _likeness(question: str, piece: str) -> int:
    """Character pairs without digits that a piece of a sentence shares with the question."""
    flat = squeeze(piece)
    return sum(
        pair in question and not any(c.isdigit() for c in pair)
        for pair in {flat[i : i + 2] for i in range(len(flat) - 1)}
    )


def _are_of_one_unit(a: Figure, b: Figure) -> bool:
    if a.is_ratio or b.is_ratio:
        return a.is_ratio and b.is_ratio
    return a.unit == b.unit or any(a.unit in units and b.unit in units for units in _ALIKE)


def _equal(a: Figure, b: Figure) -> bool:
    scale_a, scale_b = (10_000 if f.unit == "万元" else 1 for f in (a, b))
    return a.value * scale_a == b.value * scale_b
