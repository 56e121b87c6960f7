"""Which table of a corpus a question is about.

In: an understood question and the tables as read. Out: one `Grid`, or None where no table is meant or several may be.
A table is meant by its number, its title, the heads of its columns, its rows or the offices it names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from assistant.dialogue.table_filter import has_bound, write_figures
from assistant.dialogue.table_grid import (
    LEAST_SHARE,
    LEAST_WORD,
    Grid,
    asks_rows,
    says_columns,
    says_figures,
    says_key,
    share_of_cell,
    share_of_title,
)
from assistant.dialogue.table_marks import says_mark
from assistant.dialogue.table_names import by_cells, find_named_rows
from assistant.dialogue.table_wording import (
    ITEMS,
    LEADS,
    NAMED_WITH,
    NAMES_TABLE,
    OF_ONE_ROW,
    OF_ROWS,
    SAYS_TASKS,
)
from assistant.dialogue.understand import Understanding
from assistant.documents.normalize import squeeze
from assistant.models import Clause
from assistant.retrieval.thesaurus import Thesaurus

_LEAST_OF_TITLE = 0.45
"""Share of a title from which a question that speaks of a table means it."""


_ASKS_WHICH = re.compile(r"哪[些几个]|(?:几|多少)个?(?:地[方区]|[省市县区乡镇])")
"""Asks for rows of a kind that no head says: 是哪几个地方   near miss: 超过1000元的审核几次."""


class TableChooser:
    """Chooses among the tables of one corpus.

    Args:
        grids: the tables by the id of the clause that heads them.
        regions: code of the region of each document.
    """

    def __init__(self, grids: Mapping[str, Grid], regions: Mapping[str, str], thesaurus: Thesaurus) -> None:
        self._grids = grids
        self._regions = regions
        self._thesaurus = thesaurus

    def choose(self, asked: Understanding, documents: frozenset[str], adds: bool) -> Grid | None:
        """The table that the question names, or the one that has at least two of the rows it names.

        Args:
            adds: True where figures are wanted, which some tables have not.
        """
        scopes = [scope.rstrip(".") for scope in asked.references.scopes]
        scopes = [scope for scope in scopes if scope.partition("#")[0] in documents]
        if scopes:
            # 附件1 of several documents: the one with what is named, then that of the nearest place.
            return self._grids.get(
                min(scopes, key=lambda s: (-self._n_said(s, asked.text), -self._depth(s), s))
            )
        near = [g for g in self._grids.values() if g.table.document in documents and (g.figure or not adds)]
        titled = [g for g in near if share_of_title(g, asked.text) >= LEAST_SHARE]
        if len(titled) == 1:
            return titled[0]
        if NAMES_TABLE.search(asked.text) and (called := _find_called(near, asked.text)):
            return called
        for says in (says_columns, says_key, _asks_marked, _asks_bound):
            headed = [g for g in near if says(g, asked.text)]
            if len(headed) == 1:
                return headed[0]
        if ITEMS.search(asked.text) or NAMED_WITH.search(asked.text):
            listed = [g for g in near if _share_of_rest(g.rows, asked.text) >= LEAST_SHARE]
            return listed[0] if len(listed) == 1 else None
        if NAMES_TABLE.search(asked.text):
            # 清单里只写了团委、妇联的, 清单上带残联的: the one table that has them.
            # 市政府办 may be short for 省政府外办, and need not: one office alone must stand there as it is said.
            for text in (asked.bare, asked.text):
                listed = [g for g in near if _says_offices(g, text)]
                if len(listed) == 1:
                    return listed[0]
        # Places stand in the whole text alone, and name rows where two of them do.
        for text in (asked.bare, asked.text):
            meant = [g for g in near if len(find_named_rows(g, text, self._thesaurus)) >= LEAST_WORD]
            if meant:
                break
        if not meant:
            meant = [
                g for g in near if g.figure and (_speaks_of(g, asked.text) or self._lists(g, asked.text))
            ]
        is_of_rows = len(meant) == 1 and (OF_ROWS.search(asked.text) or says_figures(meant[0], asked.text))
        return meant[0] if is_of_rows else None

    def _lists(self, grid: Grid, text: str) -> bool:
        """Whether a question speaks of a table and names one of the rows: 扣掉创业培训，表里剩下的; 创业培训那行."""
        return bool(OF_ONE_ROW.search(text)) and bool(find_named_rows(grid, text, self._thesaurus))

    def _n_said(self, table: str, text: str) -> int:
        """How many rows, and offices beside them, a question names of a table."""
        grid = self._grids.get(table)
        if grid is None:
            return 0
        return len(find_named_rows(grid, text, self._thesaurus)) + len(list(by_cells(grid, text)))

    def _depth(self, table: str) -> int:
        """How small the region is that a table is for."""
        return len(self._regions[table.partition("#")[0]].rstrip("0"))


def _says_offices(grid: Grid, text: str) -> bool:
    """Whether a question names two offices of a table, or one by its full name."""
    said = [(word, hit) for word, hit in by_cells(grid, text) if len(hit) < len(grid.rows)]
    is_full = any(word in squeeze(c.text) for word, hit in said for r in hit for c in r.cells[1:])
    return len(said) >= LEAST_WORD or is_full


def _share_of_rest(rows: Sequence[Clause], text: str) -> float:
    """How far a question says some cell that stands beside a row's number."""
    return max(share_of_cell(cell, text) for row in rows for cell in row.cells[1:])


def _find_called(grids: Sequence[Grid], text: str) -> Grid | None:
    """The table whose title a question half says, and that of no other half as much: 教育部的支持清单."""
    ranked = sorted(((share_of_title(g, text), g.table.clause_id, g) for g in grids), reverse=True)
    if not ranked or ranked[0][0] < _LEAST_OF_TITLE:
        return None
    return ranked[0][2] if len(ranked) == 1 or ranked[1][0] <= ranked[0][0] / 2 else None


def _asks_marked(grid: Grid, text: str) -> bool:
    """Whether a question asks for rows by a cell beside their names: 康养服务类的职业有哪几个."""
    is_marked = says_mark(grid, text) or any(len(rows) < len(grid.rows) for _, rows in by_cells(grid, text))
    return asks_rows(grid, text) and is_marked


def _asks_bound(grid: Grid, text: str) -> bool:
    """Whether a question holds a column that it names against a figure: 技能大师工作室10个及以上的."""
    asks = asks_rows(grid, text) or _ASKS_WHICH.search(text)
    return bool(asks) and says_figures(grid, text) and has_bound(write_figures(text))


def _speaks_of(grid: Grid, text: str) -> bool:
    """Whether a question without a row's name is about a table of tasks: by a bound, by its rows, or by an office's share."""
    if SAYS_TASKS.search(text) and has_bound(write_figures(text)):
        return True
    return bool(LEADS.search(text)) and any(len(rows) < len(grid.rows) for _, rows in by_cells(grid, text))
