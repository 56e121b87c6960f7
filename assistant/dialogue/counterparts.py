"""The other side of a clause that a question names by its number: the row of the annex that it names beside.

In: an understood question that names a clause of the body, and an annex (方案第2条跟附件1那行对得上不). Out: the row of
that annex which speaks of the same, or none where no row is clear.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.dialogue.rank import Ranker
from assistant.dialogue.scope import Scope
from assistant.dialogue.understand import Understanding
from assistant.models import Clause

_SURE = 0.3
"""Probability from which a row is the one that is spoken of."""


def find_counterparts(
    asked: Understanding, scope: Scope, named: Sequence[Clause], ranker: Ranker
) -> tuple[Clause, ...]:
    """The row for a named clause in an annex of its document that the question names too; none where it has its row."""
    documents = {c.document for c in named}
    scopes = tuple(s for s in asked.references.scopes if s.partition("#")[0] in documents)
    if not scopes or any(c.clause_id.startswith(scopes) for c in named):
        return ()
    inside = (
        r.evidence
        for r in ranker.rank(asked, scope)
        if r.evidence.clause.kind == "row" and r.evidence.clause.clause_id.startswith(scopes)
    )
    best = next(inside, None)
    return (best.clause,) if best and best.probability >= _SURE else ()
