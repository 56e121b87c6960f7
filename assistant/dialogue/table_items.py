"""Names that the cells of a table list: how many a row lists, and which have a word in them.

In: a `Grid`, rows and the question's words. Out: a `TableFinding`, or None where nothing of the kind is asked or the rows
meant are not clear. Of 名字带“铁路”俩字的职业有几个 the names count, not the rows, and a name of two rows counts once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction

from assistant.dialogue.table_compute import TableFinding, find_none
from assistant.dialogue.table_grid import LEAST_SHARE, LEAST_WORD, Grid, read_cell, share_of_cell
from assistant.dialogue.table_wording import NAMED_WITH, ORDINAL
from assistant.documents.normalize import squeeze
from assistant.documents.numbering import chinese_to_int
from assistant.models import Clause

_BETWEEN = re.compile(r"[、,，;；]")
_AT_END = re.compile(r"结尾|收尾|末尾")


def list_names(grid: Grid, row: Clause) -> list[str]:
    """The names that the key cell of a row lists."""
    return [n for n in _BETWEEN.split(squeeze(read_cell(row, grid.key))) if n]


def lists_names(grid: Grid) -> bool:
    """Whether some row's key lists several names, and not one thing a row."""
    return any(len(list_names(grid, row)) >= LEAST_WORD for row in grid.rows)


def asks_names(grid: Grid, text: str) -> bool:
    """Whether names of the key with a word in them are asked for: of 推荐工种带“焊工”的 another column has the word."""
    match = NAMED_WITH.search(text)
    if match is None:
        return False
    word = next(w for w in match.group("quoted", "word", "end") if w)
    others = (squeeze(c.text) for row in grid.rows for c in row.cells if c.header != grid.key)
    in_key = any(word in name for row in grid.rows for name in list_names(grid, row))
    return in_key or not any(word in cell for cell in others)


def find_named(grid: Grid, text: str, rows: Sequence[Clause]) -> TableFinding | None:
    """The names of rows that have, begin or end with the word asked for; None where a question asks for none."""
    match = NAMED_WITH.search(text)
    if match is None:
        return None
    word = next(w for w in match.group("quoted", "word", "end") if w)
    meets = _read_test(match, word)
    hits = [(row, [n for n in list_names(grid, row) if meets(n)]) for row in rows]
    kept = tuple(row for row, names in hits if names)
    names = tuple(dict.fromkeys(n for _, found in hits for n in found))
    if not names:
        return find_none(grid, (word,))
    value = Fraction(len(names))
    return TableFinding(grid.table, "named", kept, value, "个", len(rows), grid.key, (word, *names))


def _read_test(match: re.Match[str], word: str) -> Callable[[str], bool]:
    if not match["end"]:
        return lambda name: word in name
    return (lambda name: name.endswith(word)) if _AT_END.search(match[0]) else lambda n: n.startswith(word)


def count_items(
    grid: Grid, text: str, rows: Sequence[Clause], filters: tuple[str, ...]
) -> TableFinding | None:
    """How many names the key cells of rows list; None where the rows meant are not clear."""
    ordinal = ORDINAL.search(text)
    if ordinal:
        rows = [r for r in grid.rows if r.path.endswith(f".r{chinese_to_int(ordinal[1])}")]
    elif not filters:
        shares = {r.path: max(share_of_cell(c, text) for c in r.cells[1:]) for r in rows}
        rows = [r for r in rows if shares[r.path] == max(shares.values()) >= LEAST_SHARE]
    if len(rows) != 1:
        return None
    names = list_names(grid, rows[0])
    if len(names) < LEAST_WORD:
        # A cell that lists nothing is not what was to be counted.
        return None
    value = Fraction(len(names))
    return TableFinding(grid.table, "items", tuple(rows), value, "个", 1, grid.key, filters, (value,))
