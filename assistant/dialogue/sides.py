"""The sides of a comparison, and those of which no text has anything.

In: evidence for a question that compares. Out: the sides that answer, and the sides that do not: 公示几天，河北和潢川有区别吗
is half answered, and what else Hebei's texts say is no answer to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.dialogue.evidence import Evidence
from assistant.documents.regions import RegionTree
from assistant.models import Clause, Document
from assistant.rules.numerals import find_figures

_ANSWERS = 0.5
"""Probability of a clause from which its side answers."""
_ABSENT = 0.23
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
    best = {i: max((e.probability for e in evidence if s.holds(e.clause)), default=0.0) for i, s in enumerate(sides)}
    if max(best.values(), default=0.0) < _ANSWERS:
        return []
    return [side for i, side in enumerate(sides) if best[i] < _ABSENT]


def find_without_figure(sides: Sequence[Side], told: Sequence[tuple[Clause, str]]) -> list[Side]:
    """The sides that have no figure at all, where another has one."""
    stating = [any(find_figures(said) for clause, said in told if side.holds(clause)) for side in sides]
    return [side for side, states in zip(sides, stating, strict=True) if not states] if any(stating) else []


def find_other_figures(
    sides: Sequence[Side], text: str, told: Sequence[tuple[Clause, str]]
) -> list[tuple[Side, str]]:
    """The sides that a figure is asked of which another side states and they do not: 河北是60%，河南也定了60%吗.

    Args:
        told: the clauses that answer, each with its words.
    """
    found: list[tuple[Side, str]] = []
    for figure in find_figures(text):
        words = text[figure.start : figure.end]
        stating = [
            any(figure[:2] in {f[:2] for f in find_figures(said)} for clause, said in told if side.holds(clause))
            for side in sides
        ]
        if figure.unit and any(stating):
            found += [(side, words) for side, states in zip(sides, stating, strict=True) if not states]
    return list(dict.fromkeys(found))


def name_side(side: Side, documents: Mapping[str, Document], regions: RegionTree, named: frozenset[str]) -> str:
    """A side by the number of the document that the question names, else by its place."""
    if side.documents <= named and len(side.documents) == 1:
        document = documents[next(iter(side.documents))]
        return document.number or f"《{document.title}》"
    region = regions.get(documents[min(side.documents)].region)
    return region.name if region else ""
