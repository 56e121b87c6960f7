"""Questions over the rows of a table: which rows, how many, their sum, the largest, the difference.

In: an understood question and the corpus. Out: a `TableFinding`: the rows that count and the figure computed from
them, exact. Columns are read from the parsed annex: the column of figures is the one whose cells are all numbers, and
names are matched as people shorten them (人社局 for 人力资源和社会保障局). No table is known by name here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.dialogue.table_apart import find_numbered_row, split_at_rows
from assistant.dialogue.table_choose import TableChooser
from assistant.dialogue.table_compute import (
    TableFinding,
    compute,
    count_offices,
    find_none,
    find_ranked,
)
from assistant.dialogue.table_filter import (
    MOST,
    Chosen,
    counts_from_end,
    find_unread,
    has_unread_figure,
    is_absent,
    is_joined,
    is_name,
    write_figures,
)
from assistant.dialogue.table_grid import (
    LEAST_WORD,
    Grid,
    choose_column,
    list_names,
    read_cell,
    read_grid,
    says_figures,
)
from assistant.dialogue.table_items import asks_names, count_items, find_named, lists_names
from assistant.dialogue.table_marks import SHARED
from assistant.dialogue.table_names import by_cells, list_offices, names_all
from assistant.dialogue.table_rows import filter_rows, leave_asides, read_groups
from assistant.dialogue.table_wording import (
    ASKS_TABLE,
    BOTTOM,
    DIFFERENCE,
    ENDS,
    FIRST,
    ITEMS,
    NAMED_WITH,
    NAMES_TABLE,
    OF_ONE_ROW,
    OFFICES,
    OPERATIONS,
    SAID_COUNT,
    SAYS_TASKS,
    STATES_TASK,
    Operation,
)
from assistant.dialogue.understand import Understanding
from assistant.documents.catalog import Corpus
from assistant.documents.normalize import squeeze
from assistant.documents.numbering import chinese_to_int
from assistant.documents.regions import Region, RegionTree
from assistant.models import Clause
from assistant.retrieval.thesaurus import Thesaurus

_OFFICE_WORDS = {"单位", "部门"}
"""Heads that name offices: 几个部门 asks for these, not for rows."""


class TableReader:
    """Reads questions over the tables of one corpus."""

    def __init__(self, corpus: Corpus, thesaurus: Thesaurus, regions: RegionTree) -> None:
        self._thesaurus = thesaurus
        self._tree = regions
        self._grids: dict[str, Grid] = {}
        self._codes: dict[str, str] = {}
        self._regions = {d.id: d.region for d in corpus.documents}
        for document in corpus.documents:
            by_parent: dict[str, list[Clause]] = {}
            for clause in document.clauses:
                if clause.kind == "row" and clause.parent:
                    by_parent.setdefault(clause.parent, []).append(clause)
            for parent, rows in by_parent.items():
                grid = read_grid(corpus.clause_by_id[parent], rows)
                if grid:
                    self._grids[parent] = grid
        self._chooser = TableChooser(self._grids, self._regions, thesaurus)

    def find(self, asked: Understanding, documents: frozenset[str]) -> TableFinding | None:
        """What the question asks of a table; None where it asks of none."""
        operations = self._read_operations(asked, documents)
        counts_items = bool(ITEMS.search(asked.text) or (operations and NAMED_WITH.search(asked.text)))
        adds = not {"list", "count"} & set(operations) and not counts_items
        grid = self._chooser.choose(asked, documents, adds) if operations or counts_items else None
        if grid is None:
            return None
        grid = choose_column(grid, asked.text)
        by_key, chosen = filter_rows(grid, asked, self._thesaurus)
        rows, filters = chosen.rows, chosen.words
        is_first = filters and FIRST.search(asked.text)
        if "rank" in operations and not grid.figure and not is_first:
            return None
        if counts_items and (asks_names(grid, asked.text) or lists_names(grid)):
            return find_named(grid, asked.text, rows) or count_items(grid, asked.text, rows, filters)
        unread = [] if by_key else find_unread(grid, _counting(asked.bare), filters)
        if unread and (not filters or any(is_joined(asked.text, word) for word in unread)):
            # A count of all rows, or of one office of two, answers nobody who asked for others.
            return self._find_absent(grid, asked, unread)
        if not rows:
            return find_none(grid, filters)
        has_all = (
            self._has_all_named(grid, asked.text, rows)
            if by_key
            else bool(filters) or not has_unread_figure(grid, asked.text)
        )
        return self._compute(grid, asked.text, operations, by_key, chosen) if has_all else None

    def _read_operations(self, asked: Understanding, documents: frozenset[str]) -> list[Operation]:
        """What is asked of rows, in the order in which it is tried."""
        operations = [operation for operation, pattern in OPERATIONS if pattern.search(asked.text)]
        if MOST.search(asked.text):
            # 最多的三项 are rows to list or to add, of which none is the largest alone.
            return [o for o in operations if o not in ENDS] or ["list"]
        if operations:
            return operations
        asks_table = ASKS_TABLE.search(asked.text) or counts_from_end(BOTTOM.sub("最后一", asked.text))
        asks_offices = OFFICES.search(asked.text) and OF_ONE_ROW.search(asked.text)
        if (asked.references.scopes and asks_table) or asks_offices:
            return ["list"]
        return self._ask_by_key(asked.text, documents)

    def _has_all_named(self, grid: Grid, text: str, rows: Sequence[Clause]) -> bool:
        """Whether each thing that is listed is a row, and rows are as many as is said: of 这三拨人 two alone are no answer."""
        # 比甲、乙两行加起来多多少 names a row besides.
        said = None if DIFFERENCE.search(text) else SAID_COUNT.search(text)
        is_as_said = said is None or chinese_to_int(said["n"] or said["m"]) == len(rows)
        return is_as_said and names_all(grid, text, self._thesaurus)

    def _compute(
        self, grid: Grid, text: str, operations: Sequence[Operation], by_key: bool, chosen: Chosen
    ) -> TableFinding | None:
        """The first of the operations that the rows have a figure for."""
        if OFFICES.search(text) and not SHARED.search(text):
            return count_offices(grid, chosen, text)
        if chosen.rank:
            return find_ranked(grid, chosen)
        if {"difference", "sum"} <= set(operations) and (groups := read_groups(grid, text, self._thesaurus)):
            return compute(grid, "difference", groups)
        # 这项由哪些单位负责 asks for a cell of a row that is named, not for rows.
        fitting = (
            compute(grid, "list" if operation == "rank" else operation, chosen)
            for operation in operations
            if (not by_key if operation in ("count", "list", "rank") else bool(grid.figure))
            and (by_key or operation != "share")
        )
        found = next((found for found in fitting if found), None)
        is_count = found is not None and found.operation == "count"
        return replace(found, unit=_read_counter(text)) if found and is_count else found

    def _ask_by_key(self, text: str, documents: frozenset[str]) -> list[Operation]:
        """What is asked of rows by the head of the column that names them: 几个县市区, 哪些乡镇."""
        grids = [g for g in self._grids.values() if g.table.document in documents]
        keys = {name for g in grids for name in list_names(g.key)} - _OFFICE_WORDS
        names = sorted(keys, key=lambda k: (-len(k), k))
        said = "|".join(map(re.escape, names))
        match = (
            re.search(rf"(?P<count>几|多少)个?(?:{said})|哪(?:些|几|一?个)个?(?:{said})", text)
            if said
            else None
        )
        return [] if match is None else ["count" if match["count"] else "list"]

    def _find_absent(self, grid: Grid, asked: Understanding, unread: list[str]) -> TableFinding | None:
        """That no row has a name which the question asks a table for; None where it may have."""
        word = next((w for w in unread if is_name(grid, w, is_alone=len(unread) == 1)), "")
        if not word or not asked.references.scopes:
            return None
        meant = (w for e in self._thesaurus.expand(word) for w in e.means)
        return find_none(grid, (word,)) if all(is_absent(grid, w) for w in (word, *meant)) else None

    def find_all(self, asked: Understanding, documents: frozenset[str]) -> list[TableFinding]:
        """As `find`, for a question that asks for both ends: 最多的是哪项，最少的又是哪些."""
        asked = leave_asides(asked)
        if asked.references.scopes and len(told := self._find_apart(asked, documents)) > 1:
            return told
        found = self.find(asked, documents)
        if found is not None and found.operation in ("sum", "count"):
            return self._count_and_add(asked, found)
        if found is None or found.operation not in ENDS:
            return [found] if found else []
        clauses = re.split(r"[,，;；。?？]", asked.text)
        ends = {end for end in ENDS for c in clauses if dict(OPERATIONS)[end].search(c)}
        grid = choose_column(self._grids[found.table.clause_id], asked.text)
        _, chosen = filter_rows(grid, asked, self._thesaurus)
        both = [compute(grid, end, chosen) for end in ENDS if end in ends]
        return [f for f in both if f] or [found]

    def _find_apart(self, asked: Understanding, documents: frozenset[str]) -> list[TableFinding]:
        """What each piece of a question comes to that counts rows and points at one of them."""
        told: list[TableFinding] = []
        for piece in split_at_rows(asked):
            found = self.find(piece, documents)
            if found is None and (grid := self._chooser.choose(asked, documents, adds=False)):
                found = find_numbered_row(grid, piece.text)
            told += [found] if found else []
        return told

    def _count_and_add(self, asked: Understanding, found: TableFinding) -> list[TableFinding]:
        """Both, for 参与几项，合计多少人次, with the count first."""
        both = {op for op, pattern in OPERATIONS if op in ("sum", "count") and pattern.search(asked.text)}
        grid = choose_column(self._grids[found.table.clause_id], asked.text)
        by_key, chosen = filter_rows(grid, asked, self._thesaurus)
        if len(both) < 2 or by_key or not chosen.words or not grid.figure:
            return [found]
        added = compute(grid, "sum", chosen)
        counted = compute(grid, "count", chosen)
        return [replace(counted, unit=_read_counter(asked.text)), added] if counted and added else [found]

    def find_places(self, places: Sequence[Region], documents: frozenset[str]) -> tuple[Clause, ...]:
        """The rows that are those of places: a task list of a city has one for each of its districts."""
        codes = {place.code for place in places}
        grids = [g for g in self._grids.values() if g.table.document in documents] if codes else []
        return tuple(r for g in grids for r in g.rows if self._find_place(g, r) in codes)

    def _find_place(self, grid: Grid, row: Clause) -> str:
        """Code of the place that a row is for, however its name is shortened there; empty for none."""
        cell = squeeze(read_cell(row, grid.key))
        if cell not in self._codes:
            near = self._regions[grid.table.document]
            whole = [m for m in self._tree.find(cell, near) if m.end - m.start == len(cell)]
            self._codes[cell] = whole[0].region.code if whole else ""
        return self._codes[cell]

    def lists_offices(self, asked: Understanding, documents: frozenset[str]) -> bool:
        """Whether a table has tasks by office, and the question names none of these."""
        grids = [g for g in self._grids.values() if g.table.document in documents and g.figure]
        listing = [g for g in grids if list_offices(g, g.rows)]
        return bool(listing) and not any(
            len(rows) < len(g.rows) for g in listing for _, rows in by_cells(g, asked.text)
        )

    def find_no_row(self, asked: Understanding, documents: frozenset[str]) -> TableFinding | None:
        """That a table of places, which the question names, has no row for the place it asks for."""
        if not (NAMES_TABLE.search(asked.text) and SAYS_TASKS.search(asked.text) and asked.places):
            return None
        grids = [g for g in self._grids.values() if g.table.document in documents and g.figure]
        tables = [g for g in grids if sum(bool(self._find_place(g, r)) for r in g.rows) >= LEAST_WORD]
        below = [p for p in asked.places if all(p.code != self._regions[g.table.document] for g in tables)]
        return find_none(tables[0], (below[-1].name,)) if len(tables) == 1 and below else None

    def find_own_rows(self, asked: Understanding, documents: frozenset[str]) -> tuple[Clause, ...]:
        """The rows of places that a question names, where it says what their figures are of or names the table."""
        rows = self.find_places(asked.places, documents)
        grids = {r.parent: self._grids[r.parent] for r in rows if r.parent}
        names_table = STATES_TASK.search(asked.text) or (
            NAMES_TABLE.search(asked.text) and SAYS_TASKS.search(asked.text)
        )
        return tuple(
            r for r in rows if r.parent and (names_table or says_figures(grids[r.parent], asked.text))
        )


def _read_counter(text: str) -> str:
    """What rows are counted in, as the question does: 几个 is told in 个."""
    match = re.search(r"(?:几|多少)([项行类条个家种])", text)
    return match[1] if match else "项"


def _counting(text: str) -> str:
    """The sentence of a message that asks for rows, its counts in digits: what the next one asks is another matter."""
    sentences = [s for s in re.split(r"[?？。;；]", write_figures(text)) if s]
    asking = (s for s in sentences if any(pattern.search(s) for _, pattern in OPERATIONS))
    return next(asking, text)
