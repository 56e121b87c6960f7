"""A numbered list in one message → the same with its numbers set off, so that they are no figures of what is asked.

In: a normalised text, closed up. Out: 1每班几人2一节课多长 as ①每班几人?②一节课多长?; any other text as it is.
"""

from __future__ import annotations

import re

from assistant.dialogue import wording

_MARK = re.compile(r"(?<![\d.第])(?P<n>\d{1,2})[.、)）:：,，]?(?=[\u4e00-\u9fff“《])")
_ENDS = "?？。;；!！,，、 "
_FIRST = 0x2460
_LEAST = 2
_MOST = 20


def set_off_items(text: str) -> str:
    """Set off the numbers of a list that counts from 1 and asks something in each of its items."""
    marks: list[re.Match[str]] = []
    for match in _MARK.finditer(text):
        if int(match["n"]) == len(marks) + 1:
            marks.append(match)
    ends = [*(m.start() for m in marks[1:]), len(text)]
    items = [text[m.end() : end].rstrip(_ENDS) for m, end in zip(marks, ends, strict=False)]
    if not _LEAST <= len(items) <= _MOST or not all(wording.ASKS.search(item) for item in items):
        return text
    return text[: marks[0].start()] + "".join(f"{chr(_FIRST + n)}{item}?" for n, item in enumerate(items))
