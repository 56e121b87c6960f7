"""The stages of a timeline with their days, as staff read them: from when, how many days, until when, on which clause.

In: the stages that the rules traced, and the answer that was told of the same case. Out: `StageView`s. A day that the
calendar does not reach is a range; where texts disagree, each reading has its own day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from assistant.dialogue.ruling_figure import side_of
from assistant.models import Answer
from assistant.rules import interval
from assistant.rules.figures import Stage
from assistant.rules.finding import Used
from assistant.rules.interval import Interval, Value
from assistant.surfaces.staff.verdict_view import ClauseRef, read_citation
from assistant.surfaces.web.texts import load_texts


class Days(NamedTuple):
    """A day, or the first and the last that it may be."""

    first: date
    last: date

    @property
    def is_range(self) -> bool:
        """Whether it is not one day."""
        return self.first != self.last

    def __str__(self) -> str:
        shown = self.first.isoformat()
        return f"{shown} ～ {self.last.isoformat()}" if self.is_range else shown


@dataclass(frozen=True, slots=True)
class ReadingView:
    """One count of days; `side` says whether its day is the latest, the earliest or the very one.

    Attributes:
        day: None while the start is not known at all.
    """

    count: str
    side: str
    day: Days | None
    clauses: tuple[ClauseRef, ...]


@dataclass(frozen=True, slots=True)
class StageView:
    """One stage; `start` is None where nothing is known of it.

    Attributes:
        is_assumed: the start is not stated: it lies somewhere in the stage before.
        back: the days are counted back from the start.
        reason: why a day is a range though the start is known.
        clauses: how such days are counted, and what else it rests on.
    """

    id: str
    label: str
    outcome: str
    start: Days | None
    is_assumed: bool
    back: bool
    readings: tuple[ReadingView, ...]
    reason: str
    clauses: tuple[ClauseRef, ...]


def view_stages(stages: Iterable[Stage], answer: Answer) -> tuple[StageView, ...]:
    """The stages, each with the clauses that the answer cites for it."""
    decision = answer.decision
    cited = {check.id: check.cites for check in decision.checks} if decision else {}
    refs = {citation.n: read_citation(citation) for citation in answer.citations}
    places = {(c.clause_id, c.start): refs[c.n] for c in answer.citations}
    views = []
    for stage in stages:
        readings = _view_readings(stage, places)
        own = [ref for reading in readings for ref in reading.clauses]
        clauses = (refs[n] for n in cited.get(stage.deadline.id, ()) if n in refs)
        views.append(
            StageView(
                id=stage.deadline.id,
                label=stage.deadline.label,
                outcome=stage.step.outcome,
                start=None if stage.start is None else _days(stage.start),
                is_assumed=isinstance(stage.start, Interval) and not stage.step.facts,
                back=stage.deadline.back,
                readings=readings,
                reason=stage.reason,
                clauses=tuple(ref for ref in clauses if ref not in own),
            )
        )
    return tuple(views)


def _view_readings(stage: Stage, places: dict[tuple[str, int], ClauseRef]) -> tuple[ReadingView, ...]:
    words = load_texts()["staff"]["timeline"]["sides"]
    used, amounts = stage.step.used, stage.amounts
    # Readings that come to the same day share one amount.
    shared = amounts * len(used) if len(amounts) == 1 else amounts
    days: list[Days | None] = [_days(amount.value) for amount in shared] or [None] * len(used)
    return tuple(
        ReadingView(
            count=f"{one.dated.shown}{one.parameter.unit}",
            side=words[side_of(one.parameter.bound)],
            day=day,
            clauses=_find_clauses(one, places),
        )
        for one, day in zip(used, days, strict=False)
    )


def _find_clauses(used: Used, places: dict[tuple[str, int], ClauseRef]) -> tuple[ClauseRef, ...]:
    cites = ((cite.clause_id, cite.start) for cite in used.dated.cites)
    return tuple(places[place] for place in cites if place in places)


def _days(value: Value) -> Days:
    low, high = interval.as_interval(value)[:2]
    return Days(date.fromordinal(int(low)), date.fromordinal(int(high)))
