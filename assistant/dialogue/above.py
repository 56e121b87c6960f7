"""The day that a clause takes from the one above it: 1. to 3. hang on 到2022年, which their heading clause says.

In: a question, the clauses chosen for it. Out: the sentence of the nearest clause above that has a day, or none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from assistant.dialogue import wording
from assistant.dialogue.select import Selection
from assistant.dialogue.understand import Understanding
from assistant.documents.normalize import squeeze
from assistant.documents.sentences import split_sentences
from assistant.models import Clause, Document, Span

_DAY = re.compile(r"20\d\d年|\d+月\d+日|(?:年|月|季度)底")


def select_day_above(
    asked: Understanding,
    chosen: Sequence[Selection],
    clauses: Mapping[str, Clause],
    documents: Mapping[str, Document],
) -> list[Selection]:
    """What says by when the first clause chosen is to be done, where a day is asked for and no chosen sentence has one."""
    if not chosen or not wording.DATE.search(asked.text):
        return []
    source = documents[chosen[0].clause.document].source
    told = (documents[s.clause.document].source[span.start : span.end] for s in chosen for span in s.spans)
    if any(_DAY.search(squeeze(text)) for text in told):
        return []
    parent = chosen[0].clause.parent
    while parent and (clause := clauses.get(parent)):
        for span in split_sentences(source, clause.start, clause.end):
            if _DAY.search(squeeze(source[span.start : span.end])):
                return [Selection(clause, (Span(span.start, span.end),))]
        parent = clause.parent
    return []
