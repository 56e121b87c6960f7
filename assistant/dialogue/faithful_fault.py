"""What may be wrong with a worded sentence."""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """What is wrong with a sentence.

    Attributes:
        kind: `uncited`, `unknown_citation`, `quote`, `number`, `unit`, `subject`, `comparator`, `negation`, `force`, `logic`,
            `scope`, `region`, `year`, `document`, `verdict`, `off_clause`, `instruction`, `script` or `length`.
        words: the offending words, for the request to repair it.
    """

    kind: str
    words: str
