"""Where a label stands: numbering families nested by position, continuing numbers, restarts.

In: the labels of one part or annex in reading order. Out: for each, the chain of labels above it. A new
family nests below the current clause; a known one returns to its level. Only where two families meet for
the first time in an unusual order is the rest of the text asked, never a majority.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.documents.numbering import RANK, Label


def nest_labels(labels: Sequence[Label]) -> list[tuple[int, ...]]:
    """Nest the labels of one numbering scope.

    Returns:
        For each label the indices of the labels from the top down to itself.
    """
    stack: list[int] = []
    chains: list[tuple[int, ...]] = []
    for i, label in enumerate(labels):
        stack = _place(labels, stack, i, label)
        chains.append(tuple(stack))
    return chains


def _place(labels: Sequence[Label], stack: list[int], i: int, label: Label) -> list[int]:
    same = [depth for depth, j in enumerate(stack) if labels[j].family == label.family]
    following = [d for d in same if label.number == labels[stack[d]].number + 1]
    if following:
        return [*stack[: following[-1]], i]
    if same and label.number > labels[stack[same[-1]]].number:
        return [*stack[: same[-1]], i]
    if same and label.number > 1:
        return [*stack[: same[0]], i]
    if same:
        # A list that starts again at one inside a list of its own family is a list of the current clause.
        return [*stack, i]
    depth = len(stack)
    while depth and _ends(labels, stack[depth - 1], i, label):
        depth -= 1
    return [*stack[:depth], i]


def _ends(labels: Sequence[Label], j: int, i: int, label: Label) -> bool:
    """True where the list of label `j` is over when label `i` of a usually higher family opens."""
    upper = labels[j]
    if _rank(label) > _rank(upper):
        return False
    for later in labels[i + 1 :]:
        if later.family == upper.family:
            return later.number != upper.number + 1
    return True


def _rank(label: Label) -> int:
    return RANK[label.family]
