"""Figures → horizontal bars, measured for the template that draws them.

Lengths are shares of the width, so that a chart is as wide as its place and its letters stay as large as those around
it. The template gives the same figures as a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

ROW = 44
"""Height of a bar with its line of text, pixels."""
_LONGEST_LABEL = 22


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure.

    Attributes:
        shown: the figure in words.
        tone: names the colour; an outcome, or `done`, `behind`.
        mark: where a line crosses the bar, in the same measure; None for none.
    """

    label: str
    value: Fraction | int
    shown: str
    tone: str = ""
    mark: Fraction | None = None


@dataclass(frozen=True, slots=True)
class DrawnBar:
    """A bar with its place: `top` in pixels, lengths as percentages of the width."""

    label: str
    short: str
    shown: str
    tone: str
    top: int
    length: str
    mark: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart ready to be drawn; `describe` says in a sentence what it shows."""

    id: str
    title: str
    describe: str
    headers: tuple[str, str]
    bars: tuple[DrawnBar, ...]

    @property
    def height(self) -> int:
        """Of the whole drawing, pixels."""
        return ROW * len(self.bars)


def draw_chart(
    id_: str, title: str, headers: tuple[str, str], bars: Sequence[Bar], *, full: int = 0
) -> Chart:
    """Measure a chart.

    Args:
        id_: unique on the page.
        headers: of the table: what a label is, what a figure is.
        bars: in their order, all at least 0.
        full: what fills the width, where no bar is longer.
    """
    ends = [Fraction(full), *(Fraction(bar.value) for bar in bars), *(bar.mark for bar in bars if bar.mark)]
    scale = max(ends) or Fraction(1)
    drawn = tuple(_draw(bar, at, scale) for at, bar in enumerate(bars))
    described = "；".join(f"{bar.label} {bar.shown}" for bar in bars)
    return Chart(id_, title, described, headers, drawn)


def _draw(bar: Bar, at: int, scale: Fraction) -> DrawnBar:
    short = bar.label if len(bar.label) <= _LONGEST_LABEL else f"{bar.label[: _LONGEST_LABEL - 1]}…"
    mark = "" if bar.mark is None else _share(bar.mark, scale)
    return DrawnBar(bar.label, short, bar.shown, bar.tone, at * ROW, _share(bar.value, scale), mark)


def _share(value: Fraction | int, scale: Fraction) -> str:
    return f"{float(100 * value / scale):.2f}%"
