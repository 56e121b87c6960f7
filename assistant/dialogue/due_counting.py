"""Where it is laid down how the days of a period are counted: in the text itself, and in the law.

In: a period of a sentence. Out: the words that say when it begins and what moves its last day, to be cited beside it.
"""

from __future__ import annotations

import re

from assistant.dialogue.periods import Period
from assistant.documents.normalize import squeeze
from assistant.documents.sentences import split_sentences
from assistant.models import Document
from assistant.rules.book import Book
from assistant.rules.law import Cite

_MOVES_LAST = re.compile(
    r"最后一[日天][^。;；]{0,16}(?:节假日|休息日|休假日|公休日)[^。;；]{0,8}(?<!不)(?<!不予)顺延"
)
"""Says how a text's own periods end."""


_KEEPS_LAST = re.compile(
    r"(?:节假日|休息日|休假日|公休日)[^。;；]{0,12}不(?:再|予|作)?顺延|(?:期限|时限)[^。;；]{0,8}不(?:再|予|作)?顺延"
)
"""Says that a last day stays where it is, against what the law lays down.   near miss: 节假日顺延"""


def keeps_last_day(document: Document) -> bool:
    """Whether a text says that its periods end on a day off all the same: then nobody but its office tells the day."""
    return any(_KEEPS_LAST.search(squeeze(clause.text)) for clause in document.clauses)


def cite_own(period: Period, document: Document) -> tuple[Cite, ...]:
    """Where the text itself moves a last day that is none for work."""
    if period.unit == "working_days" or period.way != "within":
        return ()
    spans = (
        (clause, span)
        for clause in document.clauses
        if _MOVES_LAST.search(squeeze(clause.text))
        for span in split_sentences(document.source, clause.start, clause.end)
        if _MOVES_LAST.search(squeeze(document.source[span.start : span.end]))
    )
    return tuple(Cite(document.id, clause.clause_id, *span, "fresh") for clause, span in spans)[:1]


def cite_law(period: Period, book: Book) -> tuple[Cite, ...]:
    """Where it is laid down how such a period is counted."""
    if period.way in ("monthly", "quarterly"):
        return ()
    units = ["days", *(["months"] if period.unit == "months" else [])]
    if period.unit != "working_days" and period.way not in ("full", "before"):
        units.append("last_day")
    return tuple(cite for unit in units for cite in book.counting.get(unit, ()))
