"""Questions over the rows of a table: which rows, how many, their sum, the largest, the difference.

In: an understood question and the corpus. Out: a `TableFinding`: the rows that count and the figure computed from
them, exact. Columns are read from the parsed annex: the column of figures is the one whose cells are all numbers, and
names are matched as people shorten them (人社局 for 人力资源和社会保障局). No table is known by name here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from assistant.dialogue.table_apart import find_numbered_row, split_at_rows
from assistant.dialogue.table_compute import (
    TableFinding,
    add_figures,
    compute,
    count_offices,
    find_none,
    find_ranked,
)
from assistant.dialogue.table_filter import (
    Chosen,
    choose_by_figure,
    choose_by_rank,
    counts_from_end,
    find_unread,
    has_bound,
    is_absent,
    is_joined,
    is_name,
    leaves_out,
    list_ordinals,
    write_figures,
)
from assistant.dialogue.table_grid import (
    LEAST_SHARE,
    LEAST_WORD,
    Grid,
    by_cells,
    choose_column,
    find_row,
    is_all,
    is_named_first,
    is_of_one_office,
    is_of_only,
    list_offices,
    name_key,
    read_cell,
    read_grid,
    says_columns,
    says_figures,
    says_key,
    share_of_cell,
    share_of_title,
)
from assistant.dialogue.table_items import count_items, find_named
from assistant.dialogue.table_wording import (
    ALONE,
    ASKS_TABLE,
    BOTTOM,
    DIFFERENCE,
    ENDS,
    EXCEPT,
    FIRST,
    GROUPS,
    ITEMS,
    LEADS,
    NAMED_WITH,
    NAMES_TABLE,
    OF_ONE_ROW,
    OF_ROWS,
    OFFICES,
    ONLY,
    OPERATIONS,
    ORDINAL,
    SAID_COUNT,
    SAYS_TASKS,
    TIMES,
    Operation,
)
from assistant.dialogue.understand import Understanding
from assistant.documents.catalog import Corpus
from assistant.documents.normalize import squeeze
from assistant.documents.numbering import chinese_to_int
from assistant.documents.regions import Region, RegionTree
from assistant.models import Clause
from assistant.retrieval.thesaurus import Thesaurus

_LEAST_OF_TITLE = 0.45
"""Share of a title from which a question that speaks of a table means it."""
_BETWEEN_NAMES = re.compile(r"[、,，;；:：和与及跟占]|以及|还有|比|(?:是|为|顶)(?=.{2,12}倍)|由(?=、)")


_WHOLE = re.compile(r"占[^,，。?？]{0,10}?总[^,，。?？]{0,6}?(?=的?(?:百分|几成|多少|比例|比重))")


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

    def find(self, asked: Understanding, documents: frozenset[str]) -> TableFinding | None:
        """What the question asks of a table; None where it asks of none."""
        operations = [operation for operation, pattern in OPERATIONS if pattern.search(asked.text)]
        if (
            not operations
            and asked.references.scopes
            and (ASKS_TABLE.search(asked.text) or counts_from_end(BOTTOM.sub("最后一", asked.text)))
        ):
            operations = ["list"]
        counts_items = bool(ITEMS.search(asked.text) or (operations and NAMED_WITH.search(asked.text)))
        if not operations and OFFICES.search(asked.text) and OF_ONE_ROW.search(asked.text):
            operations = ["list"]
        operations = operations or self._ask_by_key(asked.text, documents)
        adds = not {"list", "count"} & set(operations) and not counts_items
        grid = self._choose(asked, documents, adds) if operations or counts_items else None
        if grid is None:
            return None
        grid = choose_column(grid, asked.text)
        by_key, chosen = self._filter(grid, asked)
        rows, filters = chosen.rows, chosen.words
        is_first = filters and FIRST.search(asked.text)
        if "rank" in operations and not grid.figure and not is_first:
            return None
        if counts_items:
            return find_named(grid, asked.text, rows) or count_items(grid, asked.text, rows, filters)
        unread = [] if by_key else find_unread(grid, _counting(asked.bare), filters)
        if unread and (not filters or any(is_joined(asked.text, word) for word in unread)):
            # A count of all rows, or of one office of two, answers nobody who asked for others.
            return self._find_absent(grid, asked, unread)
        if not rows:
            return find_none(grid, filters)
        said = SAID_COUNT.search(asked.text)
        if said and by_key and chinese_to_int(said["n"] or said["m"]) != len(rows):
            # Of 这三拨人 two alone are no answer.
            return None
        if OFFICES.search(asked.text):
            return count_offices(grid, chosen)
        if chosen.rank:
            return find_ranked(grid, chosen)
        if {"difference", "sum"} <= set(operations) and (groups := self._read_groups(grid, asked.text)):
            return compute(grid, "difference", groups)
        # 这项由哪些单位负责 asks for a cell of a row that is named, not for rows.
        fitting = (
            compute(grid, "list" if operation == "rank" else operation, chosen)
            for operation in operations
            if (not by_key if operation in ("count", "list", "rank") else bool(grid.figure))
            and (by_key or operation != "share")
        )
        return next((found for found in fitting if found), None)

    def _ask_by_key(self, text: str, documents: frozenset[str]) -> list[Operation]:
        """What is asked of rows by the head of the column that names them: 几个县市区, 哪些乡镇."""
        keys = {name_key(g) for g in self._grids.values() if g.table.document in documents}
        names = sorted((k for k in keys if len(k) > LEAST_WORD), key=lambda k: (-len(k), k))
        said = "|".join(map(re.escape, names))
        match = (
            re.search(rf"(?P<count>几|多少)个?(?:{said})|哪(?:些|几)个?(?:{said})", text) if said else None
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
        _, chosen = self._filter(grid, asked)
        both = [compute(grid, end, chosen) for end in ENDS if end in ends]
        return [f for f in both if f] or [found]

    def _find_apart(self, asked: Understanding, documents: frozenset[str]) -> list[TableFinding]:
        """What each piece of a question comes to that counts rows and points at one of them."""
        told: list[TableFinding] = []
        for piece in split_at_rows(asked):
            found = self.find(piece, documents)
            if found is None and (grid := self._choose(asked, documents, adds=False)):
                found = find_numbered_row(grid, piece.text)
            told += [found] if found else []
        return told

    def _count_and_add(self, asked: Understanding, found: TableFinding) -> list[TableFinding]:
        """Both, for 参与几项，合计多少人次, with the count first."""
        both = {op for op, pattern in OPERATIONS if op in ("sum", "count") and pattern.search(asked.text)}
        grid = choose_column(self._grids[found.table.clause_id], asked.text)
        by_key, chosen = self._filter(grid, asked)
        if len(both) < 2 or by_key or not chosen.words or not grid.figure:
            return [found]
        told = [compute(grid, operation, chosen) for operation in ("count", "sum")]
        return [f for f in told if f]

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
        names_table = NAMES_TABLE.search(asked.text) and SAYS_TASKS.search(asked.text)
        return tuple(
            r for r in rows if r.parent and (names_table or says_figures(grids[r.parent], asked.text))
        )

    def _choose(self, asked: Understanding, documents: frozenset[str], adds: bool) -> Grid | None:
        """The table that the question names, or the one that has at least two of the rows it names.

        Args:
            adds: True where figures are wanted, which some tables have not.
        """
        scopes = [scope.rstrip(".") for scope in asked.references.scopes]
        scopes = [scope for scope in scopes if scope.partition("#")[0] in documents]
        if scopes:
            # 附件1 of several documents: the one with the rows that are named, then that of the nearest place.
            return self._grids.get(min(scopes, key=lambda s: (-self._n_named(s, asked), -self._depth(s), s)))
        near = [g for g in self._grids.values() if g.table.document in documents and (g.figure or not adds)]
        titled = [g for g in near if share_of_title(g, asked.text) >= LEAST_SHARE]
        if len(titled) == 1:
            return titled[0]
        if NAMES_TABLE.search(asked.text) and (called := _find_called(near, asked.text)):
            return called
        for says in (says_columns, says_key):
            headed = [g for g in near if says(g, asked.text)]
            if len(headed) == 1:
                return headed[0]
        if ITEMS.search(asked.text) or NAMED_WITH.search(asked.text):
            listed = [g for g in near if _share_of_rest(g.rows, asked.text) >= LEAST_SHARE]
            return listed[0] if len(listed) == 1 else None
        if NAMES_TABLE.search(asked.text):
            # 清单里只写了团委、妇联的, 清单上带残联的: the one table that has them.
            # 市政府办 may be short for 省政府外办, and need not: one office alone must stand there as it is said.
            listed = [g for g in near if _says_offices(g, asked.bare)]
            if len(listed) == 1:
                return listed[0]
        meant = [g for g in near if len(self._named_rows(g, asked.bare)) >= LEAST_WORD]
        if not meant:
            meant = [
                g for g in near if g.figure and (_speaks_of(g, asked.text) or self._lists(g, asked.text))
            ]
        is_of_rows = len(meant) == 1 and (OF_ROWS.search(asked.text) or says_figures(meant[0], asked.text))
        return meant[0] if is_of_rows else None

    def _lists(self, grid: Grid, text: str) -> bool:
        """Whether a question speaks of a table and names one of the rows: 扣掉创业培训，表里剩下的; 创业培训那行."""
        return bool(OF_ONE_ROW.search(text)) and bool(self._named_rows(grid, text))

    def _n_named(self, table: str, asked: Understanding) -> int:
        grid = self._grids.get(table)
        return len(self._named_rows(grid, asked.text)) if grid else 0

    def _read_groups(self, grid: Grid, text: str) -> Chosen | None:
        """The two groups of rows whose sums a question holds against each other; None where it names none."""
        match = GROUPS.search(text) if grid.figure else None
        sides = [self._named_rows(grid, side) for side in match.groups() if side] if match else []
        if not all(sides) or not sides:
            return None
        names = ["、".join(squeeze(read_cell(r, grid.key)) for r in rows) for rows in sides]
        sums = [add_figures(grid, rows) for rows in sides]
        return Chosen([r for rows in sides for r in rows], tuple(names), tuple(zip(names, sums, strict=True)))

    def _named_rows(self, grid: Grid, text: str) -> list[Clause]:
        """The rows whose key the question names, each by a piece of it between 、 and 和, in official words or lay ones."""
        found: list[Clause] = []
        # Of 创业培训由几家单位牵头 the words that ask name no row.
        for piece in _BETWEEN_NAMES.split(OFFICES.sub("、", text)):
            meant = (word for e in self._thesaurus.expand(piece) if is_all(piece, e) for word in e.means)
            rows = (find_row(grid, words) for words in (piece, *meant))
            best = next((row for row in rows if row), None)
            if best and best not in found:
                found.append(best)
        return found

    def _depth(self, table: str) -> int:
        """How small the region is that a table is for."""
        return len(self._regions[table.partition("#")[0]].rstrip("0"))

    def _filter(self, grid: Grid, asked: Understanding) -> tuple[bool, Chosen]:
        """The rows that the question's names, bounds and ranks leave; and whether rows were named by their key."""
        text = write_figures(asked.text)
        if not grid.figure:
            # 垫底那项 of rows that rank nothing is the last one.
            text = BOTTOM.sub("最后一", text)
        rows, words = list(grid.rows), []
        sides: list[tuple[str, Fraction]] = []
        # 创业培训占总任务的百分之几: what it is a share of names no row.
        by_key = self._named_rows(grid, _WHOLE.sub("占", asked.text))
        if (left_out := EXCEPT.search(asked.text)) and (named := self._named_rows(grid, left_out["name"])):
            kept = [r for r in rows if r not in named]
            words_out = (left_out[0].rstrip(",，"),)
            return True, Chosen(
                kept, words_out, left_out=add_figures(grid, named) if grid.figure else Fraction(0)
            )
        by_unit = {w: hit for w, hit in by_cells(grid, asked.text) if len(hit) < len(grid.rows)}
        if len(by_unit) >= LEAST_WORD and _names_only(asked.text, by_unit):
            # 只写了工会、团委、妇联 names offices, also where a task speaks of them.
            by_key = []
        if by_key:
            # 甲是乙的几倍: which comes first matters.
            rows = by_key if TIMES.search(asked.text) else [r for r in rows if r in by_key]
            words += [squeeze(read_cell(r, grid.key)) for r in rows]
            sides = (
                [(w, add_figures(grid, [r])) for w, r in zip(words, rows, strict=True)] if grid.figure else []
            )
        elif by_unit:
            rows = _of_units(rows, by_unit, asked.text)
            words += by_unit
            sides = [(word, add_figures(grid, hit)) for word, hit in by_unit.items()] if grid.figure else []
            if len(sides) == 2 and DIFFERENCE.search(asked.text):
                rows = [r for r in grid.rows if any(r in hit for hit in by_unit.values())]
        ordinals = list_ordinals(text, len(grid.rows))
        if not ordinals and OFFICES.search(asked.text):
            # 第一行有几家单位: other questions about one row are answered by the row.
            ordinals = [chinese_to_int(m[1]) for m in ORDINAL.finditer(text)]
        if ordinals:
            kept = [r for n, r in enumerate(grid.rows, start=1) if n in ordinals]
            return False, Chosen(kept, tuple(squeeze(read_cell(r, grid.key)) for r in kept))
        if not grid.figure:
            return bool(by_key), Chosen(rows, tuple(words), tuple(sides))
        further = choose_by_figure(grid, rows, text)
        if not further and not by_key:
            further = choose_by_rank(grid, rows, text)
        if not further:
            return bool(by_key), Chosen(rows, tuple(words), tuple(sides))
        return bool(by_key), further._replace(words=(*words, *further.words))


def _counting(text: str) -> str:
    """The sentence of a message that asks for rows, its counts in digits: what the next one asks is another matter."""
    sentences = [s for s in re.split(r"[?？。;；]", write_figures(text)) if s]
    asking = (s for s in sentences if any(pattern.search(s) for _, pattern in OPERATIONS))
    return next(asking, text)


def _of_units(rows: list[Clause], by_unit: Mapping[str, list[Clause]], text: str) -> list[Clause]:
    """The rows that have every office named, else any of them; those that have none where it is left out."""
    if FIRST.search(text):
        by_unit = {word: [r for r in hit if is_named_first(r, word)] for word, hit in by_unit.items()}
    if ALONE.search(text):
        by_unit = {word: [r for r in hit if is_of_one_office(r, word)] for word, hit in by_unit.items()}
    out = [hit for word, hit in by_unit.items() if leaves_out(text, word)]
    rows = [r for r in rows if not any(r in hit for hit in out)]
    by_unit = {word: hit for word, hit in by_unit.items() if hit not in out}
    if not by_unit:
        return rows
    by_unit = {word: [r for r in hit if r in rows] for word, hit in by_unit.items()}
    if _names_only(text, by_unit):
        return [r for r in rows if is_of_only(r, list(by_unit))]
    shared = [r for r in rows if all(r in hit for hit in by_unit.values())]
    # 应急局和司法局 name rows of each where no row is of both.
    return shared or [r for r in rows if any(r in hit for hit in by_unit.values())]


def _says_offices(grid: Grid, text: str) -> bool:
    """Whether a question names two offices of a table, or one by its full name."""
    said = [(word, hit) for word, hit in by_cells(grid, text) if len(hit) < len(grid.rows)]
    is_full = any(word in squeeze(c.text) for word, hit in said for r in hit for c in r.cells[1:])
    return len(said) >= LEAST_WORD or is_full


def _names_only(text: str, words: Iterable[str]) -> bool:
    """Whether a question asks for the rows of some offices and of no other: 只写了工会、团委的."""
    return any(re.search(rf"{ONLY.pattern}[省市县]?级?{re.escape(word)}", text) for word in words)


def _share_of_rest(rows: Sequence[Clause], text: str) -> float:
    """How far a question says some cell that stands beside a row's number."""
    return max(share_of_cell(cell, text) for row in rows for cell in row.cells[1:])


def _find_called(grids: Sequence[Grid], text: str) -> Grid | None:
    """The table whose title a question half says, and that of no other half as much: 教育部的支持清单."""
    ranked = sorted(((share_of_title(g, text), g.table.clause_id, g) for g in grids), reverse=True)
    if not ranked or ranked[0][0] < _LEAST_OF_TITLE:
        return None
    return ranked[0][2] if len(ranked) == 1 or ranked[1][0] <= ranked[0][0] / 2 else None


def _speaks_of(grid: Grid, text: str) -> bool:
    """Whether a question without a row's name is about a table of tasks: by a bound, by its rows, or by an office's share."""
    if SAYS_TASKS.search(text) and has_bound(write_figures(text)):
        return True
    return bool(LEADS.search(text)) and any(len(rows) < len(grid.rows) for _, rows in by_cells(grid, text))
