"""The other side of a clause that a question names by its number: a row of an annex for one of the body, and back.

In: an understood question that names a clause of the body, and an annex (方案第2条跟附件1那行对得上不), or a row and what
the body has of it (农民培训那一条写的单位和附件1第8行一样吗). Out: the row or the clause that speaks of the same, or none
where it is not clear.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.dialogue import wording
from assistant.dialogue.rank import Ranker
from assistant.dialogue.scope import Scope
from assistant.dialogue.understand import Understanding
from assistant.models import Clause

_ARTICLE = re.compile(r"[那这]一?[条款]")
_SURE = 0.3
"""Probability from which a row is the one that is spoken of."""


def find_counterparts(
    asked: Understanding, scope: Scope, named: Sequence[Clause], ranker: Ranker
) -> tuple[Clause, ...]:
    """The row for a named clause in the annex that is named too, or the clause for a named row; none where both are named."""
    documents = {c.document for c in named}
    scopes = tuple(s for s in asked.references.scopes if s.partition("#")[0] in documents)
    inside = [c.clause_id.startswith(scopes) for c in named]
    if not scopes or (any(inside) and not (all(inside) and _asks_of_body(asked))):
        return ()
    wants_row = not any(inside)
    found = (
        r.evidence
        for r in ranker.rank(asked, scope)
        if r.evidence.clause.document in documents
        and (r.evidence.clause.kind == ("row" if wants_row else "clause"))
        and r.evidence.clause.clause_id.startswith(scopes) is wants_row
    )
    best = next(found, None)
    return (best.clause,) if best and best.probability >= _SURE else ()


def _asks_of_body(asked: Understanding) -> bool:
    """Whether a row is held against what the body has: 正文, 那一条."""
    return bool(
        wording.SPEAKS_OF_BODY.search(asked.text) or (asked.asks_sameness and _ARTICLE.search(asked.text))
    )
