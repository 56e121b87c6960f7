"""The sides of a comparison, and those of which no text has anything.

In: evidence for a question that compares. Out: the sides that answer, and the sides that do not: 公示几天，河北和潢川有区别吗
is half answered, and what else Hebei's texts say is no answer to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.dialogue.evidence import Evidence
from assistant.models import Clause

_ANSWERS = 0.5
"""Probability of a clause from which its side answers."""
_ABSENT = 0.1
"""Best probability of a side below which it has nothing of what another side answers."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison.

    Attributes:
        documents: ids.
        scopes: clause-id prefixes of annexes; `inside` tells whether the side is they or all the rest.
    """

    documents: frozenset[str]
    scopes: tuple[str, ...] = ()
    inside: bool = True

    def holds(self, clause: Clause) -> bool:
        """True where the clause belongs to this side."""
        return clause.document in self.documents and (
            not self.scopes or clause.clause_id.startswith(self.scopes) is self.inside
        )


def find_absent(sides: Sequence[Side], evidence: Sequence[Evidence]) -> list[Side]:
    """The sides that have nothing of what another side answers."""
    if any(side.scopes for side in sides):
        # Body and annex are one text.
        return []
    best = {
        i: max((e.probability for e in evidence if s.holds(e.clause)), default=0.0)
        for i, s in enumerate(sides)
    }
    if max(best.values(), default=0.0) < _ANSWERS:
        return []
    return [side for i, side in enumerate(sides) if best[i] < _ABSENT]
