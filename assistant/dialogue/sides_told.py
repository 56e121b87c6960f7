"""What a comparison lacks, in words: a side of which no text has anything, or that has no such figure.

In: the sides and what was told of each. Out: remarks of the draft; they state no policy and cite nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.dialogue.draft import Draft
from assistant.dialogue.intent import read_intent
from assistant.dialogue.sides import Side
from assistant.dialogue.understand import Understanding
from assistant.documents.regions import RegionTree
from assistant.models import Clause, Document
from assistant.rules.numerals import find_figures


def tell_sides(
    draft: Draft,
    asked: Understanding,
    sides: Sequence[Side],
    absent: Sequence[Side],
    told: Sequence[tuple[Clause, str]],
) -> None:
    """Say which side no text has, and which does not state the figure that was asked of it.

    Args:
        sides: those that answer; `absent` those that do not.
        told: the clauses that answer, each with its words.
    """

    def name(side: Side) -> str:
        return _name_side(side, draft.documents, draft.regions, asked.references.documents)

    for side in absent:
        draft.remark("one_sided", place=name(side))
    for side in _find_without_figure(sides, told) if asked.measure else ():
        draft.remark("no_figure", place=name(side))
    if read_intent(asked) == "whether":
        for side, figure in _find_other_figures(sides, asked.text, told):
            draft.remark("other_figure", place=name(side), figure=figure)


def _find_without_figure(sides: Sequence[Side], told: Sequence[tuple[Clause, str]]) -> list[Side]:
    """The sides that have no figure at all, where another has one."""
    stating = [any(find_figures(said) for clause, said in told if side.holds(clause)) for side in sides]
    return [side for side, states in zip(sides, stating, strict=True) if not states] if any(stating) else []


def _find_other_figures(
    sides: Sequence[Side], text: str, told: Sequence[tuple[Clause, str]]
) -> list[tuple[Side, str]]:
    """The sides that a figure is asked of which another side states and they do not: 河北是60%，河南也定了60%吗."""
    found: list[tuple[Side, str]] = []
    for figure in find_figures(text):
        words = text[figure.start : figure.end]
        stating = [
            any(
                figure[:2] in {f[:2] for f in find_figures(said)}
                for clause, said in told
                if side.holds(clause)
            )
            for side in sides
        ]
        if figure.unit and any(stating):
            found += [(side, words) for side, states in zip(sides, stating, strict=True) if not states]
    return list(dict.fromkeys(found))


def _name_side(
    side: Side, documents: Mapping[str, Document], regions: RegionTree, named: frozenset[str]
) -> str:
    """A side by the number of the document that the question names, else by its place."""
    if side.documents <= named and len(side.documents) == 1:
        document = documents[next(iter(side.documents))]
        return document.number or f"《{document.title}》"
    region = regions.get(documents[min(side.documents)].region)
    return region.name if region else ""
