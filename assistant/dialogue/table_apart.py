"""A question that counts or adds over a table and asks for one of its rows besides: each piece by itself.

In: the words of a question. Out: its pieces, or none where it asks one thing of a table. 清单一共多少项,最后一项谁负责 is a
count of all rows and the last of them, and neither chooses rows for the other.
"""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.dialogue import wording
from assistant.dialogue.table_compute import TableFinding
from assistant.dialogue.table_grid import Grid, read_cell
from assistant.dialogue.table_wording import OPERATIONS, ORDINAL
from assistant.dialogue.understand import Understanding
from assistant.documents.normalize import squeeze
from assistant.documents.numbering import chinese_to_int

_BREAK = re.compile(r"[,，;；。?？]")
_OVER_ALL = ("sum", "count", "max", "min")


def split_at_rows(asked: Understanding) -> list[Understanding]:
    """The pieces of a question of which one counts, adds or ranks rows and another points at a row."""
    texts = [p for p in _BREAK.split(asked.text) if p]
    bares = [p for p in _BREAK.split(asked.bare) if p]
    if len(texts) < 2 or len(texts) != len(bares):
        return []
    points = [bool(wording.POINTS_AT_ROW.search(t)) for t in texts]
    counts = [_is_over_all(t) for t in texts]
    is_apart = any(c and not p for c, p in zip(counts, points, strict=True)) and any(
        p and not c for c, p in zip(counts, points, strict=True)
    )
    pieces = [i for i, text in enumerate(texts) if counts[i] or points[i] or wording.ASKS.search(text)]
    return [replace(asked, text=texts[i], bare=bares[i]) for i in pieces] if is_apart else []


def _is_over_all(text: str) -> bool:
    return any(pattern.search(text) for operation, pattern in OPERATIONS if operation in _OVER_ALL)


def find_numbered_row(grid: Grid, text: str) -> TableFinding | None:
    """The one row that a piece names by its number: 第3行是啥."""
    numbers = {chinese_to_int(m[1]) for m in ORDINAL.finditer(text)}
    rows = tuple(r for n, r in enumerate(grid.rows, start=1) if n in numbers)
    if not rows:
        return None
    keys = tuple(squeeze(read_cell(r, grid.key)) for r in rows)
    return TableFinding(grid.table, "list", rows, None, "", len(rows), grid.key, keys)
