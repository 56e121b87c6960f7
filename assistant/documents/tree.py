"""Where a label stands: numbering families nested by position, continuing numbers, restarts.

In: the labels of one part or annex in reading order. Out: for each, the chain of labels above it. A
new family nests below the current clause; a known one returns to its level. Only where two families
meet for the first time in an unusual order is the rest of the text asked, never a majority.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.documents.numbering import RANK, Label


@dataclass(frozen=True, slots=True)
class _Nesting:
    labels: Sequence[Label]
    announced: Sequence[bool]
    next_same: Sequence[int]
    upper_family: dict[str, str]  # the family that a family was nested under before


def nest_labels(labels: Sequence[Label], announced: Sequence[bool] = ()) -> list[tuple[int, ...]]:
    """Nest the labels of one numbering scope.

    Args:
        labels: in reading order.
        announced: for each label whether the words before it announce a list (they end with a
            colon); empty: none does.

    Returns:
        For each label the indices of the labels from the top down to itself.
    """
    nesting = _Nesting(labels, announced or [False] * len(labels), _find_next_same(labels), {})
    stack: list[int] = []
    chains: list[tuple[int, ...]] = []
    for i in range(len(labels)):
        stack = _place(nesting, stack, i)
        chains.append(tuple(stack))
    return chains


def _place(nesting: _Nesting, stack: list[int], i: int) -> list[int]:
    labels, label = nesting.labels, nesting.labels[i]
    same = [depth for depth, j in enumerate(stack) if labels[j].family == label.family]
    following = [d for d in same if label.number == labels[stack[d]].number + 1]
    if following:
        return [*stack[: following[-1]], i]
    if same and label.number > labels[stack[same[-1]]].number:
        return [*stack[: same[-1]], i]
    if len(same) == 1 and label.number == 1 and nesting.announced[i]:
        # A list that is announced and counts from one again is a list of the current clause.
        return [*stack, i]
    if same:
        return [*stack[: same[0]], i]
    depth = len(stack)
    while depth and _ends(nesting, stack[depth - 1], label):
        depth -= 1
    if depth:
        nesting.upper_family[label.family] = labels[stack[depth - 1]].family
    return [*stack[:depth], i]


def _ends(nesting: _Nesting, j: int, label: Label) -> bool:
    """True where the list of label `j` is over when `label`, of a usually higher family, opens."""
    upper = nesting.labels[j]
    if RANK[label.family] > RANK[upper.family]:
        return False
    if nesting.upper_family.get(label.family) == upper.family:
        return False
    later = nesting.next_same[j]
    return later < 0 or nesting.labels[later].number != upper.number + 1


def _find_next_same(labels: Sequence[Label]) -> list[int]:
    """For each label the index of the next one of its family, -1 where there is none."""
    following = [-1] * len(labels)
    last: dict[str, int] = {}
    for i in range(len(labels) - 1, -1, -1):
        following[i] = last.get(labels[i].family, -1)
        last[labels[i].family] = i
    return following
