"""What an asker has stated, read: the facts of a message and of the turns before it.

In: nothing. Out: `Told`, which is what rules are chosen and decided by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assistant.dialogue.memory import ToldFigure
from assistant.dialogue.told_figures import Operation
from assistant.models import Clause
from assistant.rules.facts import Fault
from assistant.rules.statements import Stated


@dataclass(frozen=True, slots=True)
class Told:
    """What the asker has stated, read.

    Attributes:
        now: facts of this message and those handed over with it, among `stated`; `said` are in its words.
        said_at: where the words of each fact of this message end.
        vague: words for quantities that state no value; `loose` those, with their unit, that state no known fact.
        rule: to be decided again whatever the words; empty where these decide.
        unread: figures of a follow-up that may stand for several facts.
        loose_days: days of the message that state no known fact.
        last: key of the rule of the turn before; `message` the words of this one alone.
        forgets: True where the message only takes back what was said.
        in_full: True where all of the clauses named is wanted.
        left: clauses cited before, where the same is asked of another place.
        operation: what is asked of `figures`, which the last answers told; empty where nothing is.
        dropped: earlier facts that no longer hold beside those of this message.
    """

    stated: Mapping[str, Stated]
    now: frozenset[str] = frozenset()
    said: frozenset[str] = frozenset()
    faults: Sequence[Fault] = ()
    at_odds: Mapping[str, tuple[str, ...]] | None = None
    vague: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    said_at: Mapping[str, int] = field(default_factory=dict)
    rule: str = ""
    named: tuple[Clause, ...] = ()
    dropped: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    loose_days: tuple[str, ...] = ()
    last: str = ""
    message: str = ""
    forgets: bool = False
    in_full: bool = False
    left: tuple[str, ...] = ()
    operation: Operation = ""
    figures: tuple[ToldFigure, ...] = ()
