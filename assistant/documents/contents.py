"""Finds the table of contents that laws print before their text: its entries are no clauses.

In: the lines of a document. Out: a range of line indices. A table of contents is known by its heading
and by its first entry, which stands a second time where the text begins.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.documents.lines import Line
from assistant.documents.normalize import squeeze

_HEADING = ("目录", "目次")
_PAGE_NUMBER = re.compile(r"[.·…\-—_]*\d*$")
_LONGEST_ENTRY = 80
_LONGEST_CONTENTS = 400


def find_contents(lines: Sequence[Line]) -> range:
    """The lines of the table of contents with its heading; an empty range where there is none."""
    for i, line in enumerate(lines[:_LONGEST_CONTENTS]):
        if len(line.text) <= 10 and squeeze(line.text) in _HEADING and i + 1 < len(lines):
            return _contents(lines, i)
    return range(0)


def _contents(lines: Sequence[Line], heading: int) -> range:
    first = _entry(lines[heading + 1])
    for i, line in enumerate(lines[heading + 2 : heading + _LONGEST_CONTENTS], start=heading + 2):
        if len(line.text) > _LONGEST_ENTRY:
            break
        if _entry(line) == first:
            return range(heading, i)
    return range(0)


def _entry(line: Line) -> str:
    """An entry without its dots and page number."""
    return _PAGE_NUMBER.sub("", squeeze(line.text[: _LONGEST_ENTRY * 2]))
