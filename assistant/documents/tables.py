"""Rows of a table: header, repeated headers, merged and multi-line cells.

In: row blocks of one table. Out: `Row`s with their cells' spans, the header each cell stands under,
and the group cells that a merged first column spreads over several rows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.documents.blocks import Block
from assistant.documents.normalize import collapse_display, squeeze
from assistant.models import Cell

RowKind = Literal["header", "repeat", "row"]

_NUMBERING_HEADS = ("序号", "编号", "项号", "行号")
# 其中：创业培训   near miss: 姓名：, 2023年
# 结业6个月就业率   near miss: 姓名：, 2023年, 共3个
_NO_HEAD = re.compile(r"^\d|\d(?![^\d]*(?:率|数|额|费|比例)$)|(?<!^其中)[:：]")
_YEAR_HEAD = re.compile(r"\d{4}(?:[—\-~至]\d{4})?年")
"""2025年, 2025年任务数: what a column of figures is of."""
_FIGURE = re.compile(r"[\d,.]*|[-—/]+")
_TOTAL = re.compile(r"(?:总计|合计|小计|备注|说明|注)")
_HEAD_WORDS = re.compile(
    r"(?:名称|单位|内容|标准|时间|时长|要求|类别|项目|人数|金额|部门|姓名|性别|年龄|电话|地区|级别|等级|对象|任务|数量|依据|方式"
    r"|职业|工种|课时|备注)(?:\(.*\))?$"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        number: its number: printed in the first column, else counted; 0 for a header.
        name: the first cell where it names the row, such as 总计 or 备注; else empty.
        groups: cells of rows above that a merged column spreads over this row, left to right.
        kind: `repeat` is the header again, behind a page break.
    """

    block: Block
    cells: tuple[Cell, ...]
    number: int
    name: str
    groups: tuple[str, ...]
    kind: RowKind = "row"


@dataclass(frozen=True, slots=True)
class _Grid:
    """A table as texts and spans, a list of equal ones a row; `heads` is empty without a header."""

    spans: list[list[tuple[int, int]]]
    texts: list[list[str]]
    heads: list[str]
    n_header_rows: int

    def is_repeat(self, texts: Sequence[str]) -> bool:
        """True for the words of the header."""
        return self.n_header_rows > 0 and [squeeze(t) for t in texts] == [squeeze(t) for t in self.texts[0]]


def read_table(blocks: Sequence[Block], source: str) -> list[Row]:
    """Read the consecutive row blocks of one table."""
    grid = _read_grid(blocks, source)
    numbers = _number_rows(grid)
    rows: list[Row] = []
    above: list[str] = []
    for i, (block, spans, texts) in enumerate(zip(blocks, grid.spans, grid.texts, strict=True)):
        kind: RowKind = "header" if i < grid.n_header_rows else "row"
        if kind == "row" and grid.is_repeat(texts):
            rows.append(Row(block, (), 0, "", (), "repeat"))
            continue
        groups, above = _groups(texts, above if kind == "row" else [])
        name = texts[0] if _TOTAL.fullmatch(texts[0]) else ""
        heads = _heads_of_row(grid.heads, texts, is_named=bool(name))
        cells = tuple(Cell(h, t, s, e) for h, t, (s, e) in zip(heads, texts, spans, strict=True) if t)
        rows.append(Row(block, cells, numbers[i], name, groups, kind))
        if kind == "header":
            above = []
    return rows


def _read_grid(blocks: Sequence[Block], source: str) -> _Grid:
    spans = [_cell_spans(block, source) for block in blocks]
    texts = [[collapse_display(source[s:e]) for s, e in row] for row in spans]
    if not _has_header(texts):
        return _Grid(spans, texts, [], 0)
    if len(texts) > 2 and _is_second_header(texts):
        return _Grid(spans, texts, _merge_heads(texts[0], texts[1]), 2)
    return _Grid(spans, texts, texts[0], 1)


def _has_header(texts: Sequence[Sequence[str]]) -> bool:
    """True where the first row names the columns; False in a form or a table without header."""
    first, rest = [squeeze(t) for t in texts[0]], texts[1:]
    if first[0] in _NUMBERING_HEADS:
        return True
    if not rest or any(len(row) != len(first) for row in rest):
        return False
    is_year = [bool(_YEAR_HEAD.match(c)) and _has_figures(rest, i) for i, c in enumerate(first)]
    heads = [_YEAR_HEAD.sub("", c) or "年" if year else c for c, year in zip(first, is_year, strict=True)]
    if len(first) < 2 or not all(c and len(c) <= 20 and not _NO_HEAD.search(c) for c in heads):
        return False
    if all(_HEAD_WORDS.search(c) for c in first):
        return True
    return any(re.search(r"\d", c) for row in rest for c in row)


def _has_figures(rows: Sequence[Sequence[str]], column: int) -> bool:
    """Whether a column has figures alone."""
    cells = [squeeze(row[column]) for row in rows]
    return any(c.isdecimal() for c in cells) and all(_FIGURE.fullmatch(c) for c in cells)


def _is_second_header(texts: Sequence[Sequence[str]]) -> bool:
    """True for a row of sub-heads: nothing stands under 序号, and the row behind it is numbered."""
    first, second, third = texts[0], texts[1], texts[2]
    has_parted_head = "" in first
    return has_parted_head and second[0] == "" and third[0].isdecimal() and len(second) > 1


def _merge_heads(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """A head that spans several columns stands before each of its sub-heads."""
    heads, spanning = [], ""
    for i in range(max(len(upper), len(lower))):
        spanning = (upper[i] if i < len(upper) else "") or spanning
        heads.append(spanning + (lower[i] if i < len(lower) else ""))
    return heads


def _number_rows(grid: _Grid) -> list[int]:
    """Printed numbers, where no row above has the same; the other rows take the free ones behind."""
    printed: list[int | None] = []
    taken: set[int] = set()
    for i, texts in enumerate(grid.texts):
        first = texts[0]
        is_numbered = grid.n_header_rows <= i and grid.n_header_rows > 0 and first.isdecimal()
        number = int(first) if is_numbered and len(first) <= 6 else None
        printed.append(None if number in taken else number)
        taken |= {number} if number is not None else set()
    numbers: list[int] = []
    position = 0
    for i, given in enumerate(printed):
        if i < grid.n_header_rows or grid.is_repeat(grid.texts[i]):
            numbers.append(0)
            continue
        position = position + 1 if given is None else given
        while given is None and position in taken:
            position += 1
        numbers.append(position)
        taken.add(position)
    return numbers


def _heads_of_row(heads: Sequence[str], texts: Sequence[str], *, is_named: bool) -> list[str]:
    """The head over each cell; in a row of totals a merged cell stands under no single head."""
    padded = [*heads, *[""] * (len(texts) - len(heads))][: len(texts)]
    if not is_named:
        return padded
    is_merged = [i + 1 < len(texts) and not texts[i + 1] for i in range(len(texts))]
    return [
        "" if i == 0 or merged else head
        for i, (head, merged) in enumerate(zip(padded, is_merged, strict=True))
    ]


def _cell_spans(block: Block, source: str) -> list[tuple[int, int]]:
    spans, start = [], block.start
    for raw in source[block.start : block.end].split("\t"):
        text = raw.strip()
        left = start + (len(raw) - len(raw.lstrip()) if text else 0)
        spans.append((left, left + len(text)))
        start += len(raw) + 1
    return spans


def _groups(texts: list[str], above: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """The merged cells that hang over this row, and the row as the next one sees it."""
    n_empty = next((i for i, t in enumerate(texts) if t), len(texts))
    inherited = above[:n_empty]
    return tuple(t for t in inherited if t), inherited + texts[n_empty:]
