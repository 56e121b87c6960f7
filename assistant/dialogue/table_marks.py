"""Rows by what a column marks: a yes or a no (是否急需紧缺), a cell that gives nothing (—), how many offices share a row.

In: a `Grid`, rows and the question's words. Out: the `Chosen` rows, or None where the question asks for no such mark.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.dialogue.table_filter import Chosen
from assistant.dialogue.table_grid import Grid, is_gap, list_names, read_cell, read_figure, share_said
from assistant.dialogue.table_names import list_offices
from assistant.documents.normalize import squeeze
from assistant.documents.numbering import chinese_to_int
from assistant.models import Clause

_YES, _NO = {"是", "√", "有"}, {"否", "×", "无", ""}
_LEAST_OF_MARK = 0.3
"""Share of a marking column's head from which a question says it: 紧缺 of 急需紧缺."""
_NOT = r"(?:不(?:是|算|属于|在)|没(?:有)?(?:标|列|算|评)|未(?:标|列|被|纳入)?|非)"
_LACKS = r"(?:没(?:有)?|未|无|不(?![超到足低高少多])|暂(?:时|未|无|不|没))"
_EMPTY = r"(?:没(?:有|设|定|列|标|填|安排|分)|空着|为空|是空|未(?:设|定|列)|暂(?:无|未|不))"
SHARED = re.compile(
    r"(?P<n>[两二三四五六七八九十\d]|多|不止一)[个家](?:牵头|责任|成员)?(?:单位|部门)[^,，。?？]{0,3}?(?:一起|一块儿?|共同|联合|合着|合力|并列)(?!加|算|合计)"
)
"""三家单位一块儿牵头的, 多个部门共同负责的   near miss: 三家单位的任务加在一起, 两家单位一块加多少."""


def choose_by_marks(grid: Grid, rows: Sequence[Clause], text: str) -> Chosen | None:
    """The rows that meet each mark which the question asks for; None where it asks for none."""
    found = [chosen for choose in (_by_answer, _by_gap, _by_sharing) if (chosen := choose(grid, rows, text))]
    if not found:
        return None
    kept = [r for r in rows if all(r in chosen.rows for chosen in found)]
    return Chosen(kept, tuple(word for chosen in found for word in chosen.words))


def says_mark(grid: Grid, text: str) -> bool:
    """Whether a question says a column that answers yes or no."""
    return any(share_said(_bare_mark(h), text) >= _LEAST_OF_MARK for h in _list_marking(grid))


def _list_marking(grid: Grid) -> list[str]:
    """The columns whose cells are all yes or no, some of each."""
    marking = []
    for header in (cell.header for cell in grid.rows[0].cells):
        cells = {squeeze(read_cell(r, header)) for r in grid.rows}
        if cells <= _YES | _NO and cells & _YES and cells & _NO:
            marking.append(header)
    return marking


def _bare_mark(header: str) -> str:
    return squeeze(header).removeprefix("是否")


def _by_answer(grid: Grid, rows: Sequence[Clause], text: str) -> Chosen | None:
    """标明是急需紧缺的, 不是急需紧缺的."""
    for header in _list_marking(grid):
        name = _bare_mark(header)
        if share_said(name, text) < _LEAST_OF_MARK:
            continue
        pairs = "|".join(re.escape(name[i : i + 2]) for i in range(len(name) - 1))
        is_no = re.search(rf"{_NOT}[^,，。]{{0,4}}?(?:{pairs})", text)
        wanted = _NO if is_no else _YES
        word = f"不是{name}" if is_no else name
        return Chosen([r for r in rows if squeeze(read_cell(r, header)) in wanted], (word,))
    return None


def _by_gap(grid: Grid, rows: Sequence[Clause], text: str) -> Chosen | None:
    """暂时没设三级补贴的, 高级工那栏空着的: rows that give none, or 0, in a column of figures."""
    for header in grid.figures:
        names = "|".join(map(re.escape, list_names(header)))
        match = re.search(
            rf"{_LACKS}[^,，。、]{{0,6}}?(?:{names})|(?:{names})[^,，。、]{{0,6}}?{_EMPTY}",
            re.sub(r"[“”\"]", "", text),
        )
        if match:
            return Chosen([r for r in rows if is_gap(r, header) or read_figure(r, header) == 0], (match[0],))
    return None


def _by_sharing(grid: Grid, rows: Sequence[Clause], text: str) -> Chosen | None:
    """三家单位一块儿牵头的: rows whose offices are as many; a group of offices is of no number."""
    match = SHARED.search(text)
    if match is None:
        return None
    n_offices = {r.clause_id: len(list_offices(grid, [r], text)) for r in rows}
    if match["n"] in ("多", "不止一"):
        kept = [r for r in rows if n_offices[r.clause_id] > 1]
    else:
        kept = [r for r in rows if n_offices[r.clause_id] == chinese_to_int(match["n"])]
    return Chosen(kept, (match[0],))
