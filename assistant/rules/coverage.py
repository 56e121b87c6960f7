"""The figures of a text that a rule should carry: what a clause requires, limits, pays, aims at or ends with.

In: the raw text of a clause. Out: spans of its normative figures, and of those among them that nothing covers.

One decision: what is left out are forms, not meanings: names (2021年…方案, 《…》, “1+X”), ordinals, sittings of a
congress, page and telephone numbers, dates of signature. Any other number with a unit is told; one too many is
waived with a reason, one too few is never noticed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from assistant.documents.normalize import collapse_display
from assistant.models import Span
from assistant.rules.numerals import Figure, FoundDate, find_dates, find_figures
from assistant.rules.pins import fold

_NAME_LENGTH = 12
"""A quotation no longer than this is a name; a longer one may state a rule."""
_CONTEXT = 14
"""Characters shown before a figure that is not covered; `_REST` behind it."""
_REST = 6
_FIRST_YEAR = 1900
_FEW = 10
_QUOTED = re.compile(r"“[^“”]*”|\"[^\"]*\"|「[^「」]*」")
_NUMBERED = re.compile(r"〔[^〔〕]*〕\s*\d+\s*号|第\s*\d+\s*号")
_COUNTED = frozenset("个名所家门种次项条期人")
_BOUND_BEFORE = re.compile(
    r"(?:至少|最多|至多|最少|不足|不满|[不未]得?(?:超过|少于|低于|多于|高于))[^,;。]{0,12}$"
)
_BOUND_BEHIND = re.compile(r"[及或]?(?:以上|以下|以内|之内|左右|内)")
_YEAR_BEFORE = re.compile(r"(?:到|至|截至|截止|自|从|于)$")
_YEAR_BEHIND = re.compile(r"年?[底末]|[以之]?前|以来|[以之]?后|起|度?年检")
_DATE_BEFORE = re.compile(r"(?:截至|截止|自|从|于|每年)$")
_DATE_BEHIND = re.compile(r"[以之]?前|[以之]?后|起|截止|止")
_CELL_BEFORE = re.compile(r"\t[ \u3000]*$")
_MEETING = re.compile(r"(?:、[一二三四五六七八九十]+次)*(?:全会|会议|全国代表大会|全体会议)")


def find_normative_figures(text: str) -> list[Span]:
    """Where a clause states a figure that binds or aims, in order."""
    names = [*_find_titles(text), *_find_names(text)]
    found = [
        *(Span(f.start, f.end) for f in find_figures(text) if _is_normative(f, text)),
        *(Span(d.start, d.end) for d in find_dates(text) if _is_deadline(d, text)),
    ]
    return sorted({span for span in found if not any(_overlap(span, name) for name in names)})


def find_uncovered(
    clauses: Iterable[tuple[str, int, int]], source: str, covered: Sequence[Span]
) -> list[tuple[str, Span, str]]:
    """The normative figures of clauses that begin in none of the covered spans.

    Args:
        clauses: path, start and end of each.
        covered: spans of `source` that are quoted by rules or waived.

    Returns:
        Path, span of the figure in `source`, and the figure with some words around it.
    """
    uncovered = []
    for path, start, end in clauses:
        for figure in find_normative_figures(source[start:end]):
            span = Span(start + figure.start, start + figure.end)
            if not any(c.start <= span.start < c.end for c in covered):
                shown = source[max(start, span.start - _CONTEXT) : min(end, span.end + _REST)]
                uncovered.append((path, span, collapse_display(shown)))
    return uncovered


# -- names ---------------------------------------------------------------------------------------------


def _find_titles(text: str) -> Iterator[Span]:
    """《…》 with what is nested in it."""
    depth = start = 0
    for at, char in enumerate(text):
        if char == "《":
            start = at if not depth else start
            depth += 1
        elif char == "》" and depth:
            depth -= 1
            if not depth:
                yield Span(start, at + 1)


def _find_names(text: str) -> Iterator[Span]:
    """Short quotations and numbers of documents."""
    for match in _QUOTED.finditer(text):
        if len(fold(match.group())) <= _NAME_LENGTH:
            yield Span(*match.span())
    for match in _NUMBERED.finditer(text):
        yield Span(*match.span())


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


# -- figures -------------------------------------------------------------------------------------------


def _is_normative(figure: Figure, text: str) -> bool:
    before, behind = fold(text[: figure.start]), fold(text[figure.end :])
    is_bound = bool(_BOUND_BEFORE.search(before) or _BOUND_BEHIND.match(behind))
    if not figure.unit:
        return is_bound or _fills_cell(figure, text)
    if figure.unit == "年" and figure.value > _FIRST_YEAR:
        return bool(_YEAR_BEFORE.search(before) or _YEAR_BEHIND.match(behind))
    if figure.unit == "月" and before.endswith("年"):
        return bool(_DATE_BEHIND.match(behind))
    if figure.unit == "次" and _MEETING.match(behind):
        return False
    if figure.unit == "年" and behind.startswith("一贯制"):
        return False
    is_word = figure.unit in _COUNTED and figure.value < _FEW and not text[figure.start].isdigit()
    return is_bound or not is_word


def _is_deadline(day: FoundDate, text: str) -> bool:
    before, behind = fold(text[: day.start]), fold(text[day.end :])
    return bool(_DATE_BEFORE.search(before) or _DATE_BEHIND.match(behind))


def _fills_cell(figure: Figure, text: str) -> bool:
    """A bare number alone in a cell of a table, but for the first, which numbers the row."""
    line, _, _ = text[figure.end :].partition("\n")
    return bool(_CELL_BEFORE.search(text[: figure.start])) and not line.partition("\t")[0].strip()
