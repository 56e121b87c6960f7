"""An answered message → what the next turn inherits.

In: the memory before, the facts as they stand, the question as it was read, the answer. Out: the memory after. A message
that only looks at what was told before, or says thanks, leaves the conversation where it was; that is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping

from assistant.dialogue.memory import MOST_FACTS, Memory, ToldFigure
from assistant.dialogue.respond import Response
from assistant.models import Answer


def remember(
    before: Memory,
    facts: Mapping[str, str],
    question: str,
    last: Response,
    answer: Answer,
    figures: tuple[ToldFigure, ...],
) -> Memory:
    """What the next turn inherits.

    Args:
        last: the response to the last question of the message; `answer` all of them joined.
        figures: those told so far.
    """
    decision = last.answer.decision
    return Memory(
        question=question,
        earlier=before.question,
        opened=before.opened or question,
        region=last.region or before.region,
        facts=dict(list(facts.items())[-MOST_FACTS:]),
        rule=last.rule,
        read=tuple(dict.fromkeys(f for c in decision.checks for f in c.facts)) if decision else (),
        asks=tuple(a.fact for a in decision.ask) if decision else (),
        clauses=tuple(dict.fromkeys(c.clause_id for c in answer.citations)),
        figures=figures,
    )
