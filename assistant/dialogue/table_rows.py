"""Which rows of a table a question is about: those it names, those of the offices it names, those a bound leaves.

In: a `Grid` and an understood question. Out: the `Chosen` rows, with the words that chose them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from assistant.dialogue.table_compute import add_figures
from assistant.dialogue.table_filter import (
    Chosen,
    choose_by_figure,
    choose_by_rank,
    leaves_out,
    list_ordinals,
    write_figures,
)
from assistant.dialogue.table_grid import LEAST_WORD, Grid, read_cell
from assistant.dialogue.table_marks import choose_by_marks
from assistant.dialogue.table_names import (
    by_cells,
    find_named_rows,
    is_named_first,
    is_of_one_office,
    is_of_only,
)
from assistant.dialogue.table_wording import (
    ALONE,
    BOTTOM,
    DIFFERENCE,
    EXCEPT,
    FIRST,
    GROUPS,
    OFFICES,
    ONLY,
    ORDINAL,
    TIMES,
)
from assistant.dialogue.understand import Understanding
from assistant.documents.normalize import squeeze
from assistant.documents.numbering import chinese_to_int
from assistant.models import Clause
from assistant.retrieval.thesaurus import Thesaurus

_WHOLE = re.compile(r"占[^,，。?？]{0,10}?总[^,，。?？]{0,6}?(?=的?(?:百分|几成|多少|比例|比重))")
"""What something is a share of: 占总任务的百分之几."""


_ASIDE = re.compile(r"\([^()]*(?:也算|都算|连同|包括|含|算上)[^()]*\)")
"""An aside that only widens what is asked: (写全称的也算), (连同和团市委一起牵头的)."""


def leave_asides(asked: Understanding) -> Understanding:
    """A question without its asides, which choose no rows."""
    return replace(asked, text=_ASIDE.sub("", asked.text), bare=_ASIDE.sub("", asked.bare))


def filter_rows(grid: Grid, asked: Understanding, thesaurus: Thesaurus) -> tuple[bool, Chosen]:
    """The rows that the question's names, marks, bounds and ranks leave; and whether rows were named by their key."""
    text = write_figures(asked.text)
    if not grid.figure:
        # 垫底那项 of rows that rank nothing is the last one.
        text = BOTTOM.sub("最后一", text)
    if (left_out := EXCEPT.search(asked.text)) and (
        named := find_named_rows(grid, left_out["name"], thesaurus)
    ):
        kept = [r for r in grid.rows if r not in named]
        words_out = (left_out[0].rstrip(",，"),)
        return True, Chosen(
            kept, words_out, left_out=add_figures(grid, named) if grid.figure else Fraction(0)
        )
    by_key, chosen = _choose_named(grid, asked.text, thesaurus)
    if not by_key and (marked := choose_by_marks(grid, chosen.rows, text)):
        chosen = Chosen(marked.rows, (*chosen.words, *marked.words))
    ordinals = list_ordinals(text, len(grid.rows))
    if not ordinals and OFFICES.search(asked.text):
        # 第一行有几家单位: other questions about one row are answered by the row.
        ordinals = [chinese_to_int(m[1]) for m in ORDINAL.finditer(text)]
    if ordinals:
        kept = [r for n, r in enumerate(grid.rows, start=1) if n in ordinals]
        return False, Chosen(kept, tuple(squeeze(read_cell(r, grid.key)) for r in kept))
    if not grid.figure:
        return by_key, chosen
    further = choose_by_figure(grid, chosen.rows, text)
    if not further and not by_key:
        further = choose_by_rank(grid, chosen.rows, text)
    return by_key, further._replace(words=(*chosen.words, *further.words)) if further else chosen


def _choose_named(grid: Grid, text: str, thesaurus: Thesaurus) -> tuple[bool, Chosen]:
    """The rows whose keys a question names, else those of the offices it names, else all."""
    # 创业培训占总任务的百分之几: what it is a share of names no row.
    by_key = find_named_rows(grid, _WHOLE.sub("占", text), thesaurus)
    by_unit = {w: hit for w, hit in by_cells(grid, text) if len(hit) < len(grid.rows)}
    if len(by_unit) >= LEAST_WORD and _names_only(text, by_unit):
        # 只写了工会、团委、妇联 names offices, also where a task speaks of them.
        by_key = []
    if by_key:
        # 甲是乙的几倍: which comes first matters.
        rows = by_key if TIMES.search(text) else [r for r in grid.rows if r in by_key]
        words = tuple(squeeze(read_cell(r, grid.key)) for r in rows)
        sides = ((w, add_figures(grid, [r])) for w, r in zip(words, rows, strict=True))
        return True, Chosen(rows, words, tuple(sides) if grid.figure else ())
    if not by_unit:
        return False, Chosen(list(grid.rows))
    sides = ((word, add_figures(grid, hit)) for word, hit in by_unit.items())
    shown = tuple(sides) if grid.figure else ()
    if len(shown) == 2 and DIFFERENCE.search(text):
        rows = [r for r in grid.rows if any(r in hit for hit in by_unit.values())]
    else:
        rows = _of_units(list(grid.rows), by_unit, text)
    return False, Chosen(rows, tuple(by_unit), shown)


def read_groups(grid: Grid, text: str, thesaurus: Thesaurus) -> Chosen | None:
    """The two groups of rows whose sums a question holds against each other; None where it names none."""
    match = GROUPS.search(text) if grid.figure else None
    sides = [find_named_rows(grid, side, thesaurus) for side in match.groups() if side] if match else []
    if not all(sides) or not sides:
        return None
    names = ["、".join(squeeze(read_cell(r, grid.key)) for r in rows) for rows in sides]
    sums = [add_figures(grid, rows) for rows in sides]
    return Chosen([r for rows in sides for r in rows], tuple(names), tuple(zip(names, sums, strict=True)))


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


def _names_only(text: str, words: Iterable[str]) -> bool:
    """Whether a question asks for the rows of some offices and of no other: 只写了工会、团委的."""
    return any(re.search(rf"{ONLY.pattern}[省市县]?级?{re.escape(word)}", text) for word in words)
