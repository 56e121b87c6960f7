"""Rows of a table: header, repeated headers, merged and multi-line cells.

In: row blocks of one table. Out: `Row`s with their cells' spans, the header each cell stands under, and
the group cells that a merged first column spreads over several rows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.documents.blocks import Block
from assistant.documents.normalize import collapse_display, squeeze
from assistant.models import Cell

_NUMBERING_HEADS = ("序号", "编号", "项号", "行号")
_TOTAL = re.compile(r"(?:总计|合计|小计|备注|注)")


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        number: the number printed in the first column, else None.
        name: the first cell where it names the row, such as 总计 or 备注; else empty.
        groups: cells of rows above that a merged column spreads over this row, left to right.
        is_header / is_repeat: the header row; the same header again behind a page break.
    """

    block: Block
    cells: tuple[Cell, ...]
    number: int | None
    name: str
    groups: tuple[str, ...]
    is_header: bool = False
    is_repeat: bool = False


def read_table(blocks: Sequence[Block], source: str) -> list[Row]:
    """Read the consecutive row blocks of one table."""
    header = _find_header(blocks, source)
    heads = (
        [collapse_display(source[s:e]) for s, e in _cell_spans(blocks[0], source)] if header else []
    )
    rows: list[Row] = []
    above: list[str] = []
    for i, block in enumerate(blocks):
        spans = _cell_spans(block, source)
        texts = [collapse_display(source[s:e]) for s, e in spans]
        is_repeat = header is not None and i > 0 and [squeeze(t) for t in texts] == header
        groups, above = _groups(texts, above)
        heads_here = heads + [""] * (len(spans) - len(heads))
        cells = tuple(
            Cell(h, t, s, e) for h, t, (s, e) in zip(heads_here, texts, spans, strict=False) if t
        )
        first = texts[0]
        number = int(first) if first.isdecimal() and header is not None and i > 0 else None
        name = first if _TOTAL.fullmatch(first) else ""
        rows.append(
            Row(block, cells, number, name, groups, header is not None and i == 0, is_repeat)
        )
    return rows


def _find_header(blocks: Sequence[Block], source: str) -> list[str] | None:
    """The squeezed cells of the first row where it is a header; None in a form."""
    first = [squeeze(source[s:e]) for s, e in _cell_spans(blocks[0], source)]
    if first[0] in _NUMBERING_HEADS:
        return first
    rest = [[squeeze(source[s:e]) for s, e in _cell_spans(b, source)] for b in blocks[1:]]
    is_plain = len(first) > 1 and all(
        c and len(c) <= 20 and not re.search(r"\d|[:：]", c) for c in first
    )
    has_figures = any(re.search(r"\d", c) for row in rest for c in row)
    return first if is_plain and has_figures and all(len(r) == len(first) for r in rest) else None


def _cell_spans(block: Block, source: str) -> list[tuple[int, int]]:
    spans, start = [], block.start
    for raw in source[block.start : block.end].split("\t"):
        text = raw.strip()
        left = start + (raw.index(text) if text else 0)
        spans.append((left, left + len(text)))
        start += len(raw) + 1
    return spans


def _groups(texts: list[str], above: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """The merged cells that hang over this row, and the row as the next one sees it."""
    n_empty = next((i for i, t in enumerate(texts) if t), len(texts))
    inherited = above[:n_empty]
    return tuple(t for t in inherited if t), inherited + texts[n_empty:]
