"""A decision's citations, renumbered as the answer's text has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from assistant.models import Decision


def renumber_decision(decision: Decision, order: Mapping[int, int]) -> Decision:
    """A decision whose citations carry the numbers of the text; those that the text dropped are left out."""

    def renumber(cites: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(order[n] for n in cites if n in order))

    checks = tuple(
        replace(
            check,
            cites=renumber(check.cites),
            parameters=tuple(
                replace(p, cite=order.get(p.cite) if p.cite else None) for p in check.parameters
            ),
        )
        for check in decision.checks
    )
    return replace(
        decision,
        checks=checks,
        ask=tuple(replace(ask, cites=renumber(ask.cites)) for ask in decision.ask),
        repairs=tuple(replace(repair, cites=renumber(repair.cites)) for repair in decision.repairs),
    )
