"""What a language model says around what it was asked for: thoughts before an answer, prose around JSON.

In: its text. Out: the part that was asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

_THINKING = ("<think>", "</think>")


def find_object(text: str) -> str:
    """The JSON object in a text that may stand around it; ValueError where there is none."""
    start = text.find("{")
    if start < 0:
        raise ValueError("no object")
    found, _ = json.JSONDecoder().raw_decode(text[start:])
    return json.dumps(found, ensure_ascii=False)


def strip_thinking(pieces: Iterator[str]) -> Iterator[str]:
    """The reply without a leading part between thinking marks, which some servers leave in the text."""
    opening, closing = _THINKING
    held, state = "", "start"
    for piece in pieces:
        if state == "text":
            yield piece
            continue
        held += piece
        if state == "start":
            bare = held.lstrip()
            if len(bare) < len(opening) and opening.startswith(bare):
                continue
            state = "thinking" if bare.startswith(opening) else "text"
        if state == "thinking":
            if closing not in held:
                continue
            held, state = held.partition(closing)[2], "text"
        yield held
    if state == "start" and held:
        yield held
