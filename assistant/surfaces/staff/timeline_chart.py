"""Stages of a timeline → the places of their bars on a strip of days, for an SVG that a template draws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from assistant.surfaces.staff.stages import Days, StageView
from assistant.surfaces.web.texts import load_texts

WIDTH = 720
LEFT, RIGHT, TOP = 10, 10, 30
ROW = 46
BAR = 12
_MOST_TICKS = 9
_STEPS = (1, 2, 7, 14, 28, 56, 91, 182, 364)
"""Days between two marks of the axis."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of days at `y`: sure from `x` to `sure`, and possible up to `end`."""

    label: str
    day: str
    y: int
    x: float
    sure: float
    end: float
    is_latest: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of the axis."""

    label: str
    x: float


@dataclass(frozen=True, slots=True)
class Chart:
    """All that is drawn, in units of the drawing."""

    height: int
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    width: int = WIDTH


def draw_chart(stages: Sequence[StageView]) -> Chart | None:
    """A bar for each reading whose day is known; None where there is none."""
    rows = list(_list_rows(stages))
    if not rows:
        return None
    days = [day for _, start, end in rows for day in (*start, *end)]
    scale = _Scale(min(days), max(days))
    bars = tuple(_draw_bar(i, row, scale) for i, row in enumerate(rows))
    return Chart(TOP + ROW * len(rows) + 6, bars, tuple(_draw_ticks(scale)))


@dataclass(frozen=True, slots=True)
class _Scale:
    first: date
    last: date

    @property
    def n_days(self) -> int:
        return max((self.last - self.first).days, 1)

    def place(self, day: date) -> float:
        return round(LEFT + (day - self.first).days / self.n_days * (WIDTH - LEFT - RIGHT), 1)


def _list_rows(stages: Iterable[StageView]) -> Iterator[tuple[str, Days, Days]]:
    for stage in stages:
        for reading in stage.readings:
            if reading.day is None or stage.start is None:
                continue
            count = f"（{reading.count}）" if len(stage.readings) > 1 else ""
            # Days counted back end where they begin to be counted.
            ends = (reading.day, stage.start) if stage.back else (stage.start, reading.day)
            yield f"{stage.label}{count}", *ends


def _draw_bar(number: int, row: tuple[str, Days, Days], scale: _Scale) -> Bar:
    label, start, end = row
    x, sure, last = (scale.place(day) for day in (start.first, max(end.first, start.first), end.last))
    return Bar(label, str(end), TOP + ROW * number, x, sure, last, is_latest=end.is_range)


def _draw_ticks(scale: _Scale) -> Iterator[Tick]:
    step = next((s for s in _STEPS if scale.n_days / s <= _MOST_TICKS), _STEPS[-1])
    form = load_texts()["staff"]["timeline"]["tick"]
    for n in range(0, scale.n_days + 1, step):
        day = scale.first + timedelta(n)
        yield Tick(form.format(month=day.month, day=day.day), scale.place(day))
