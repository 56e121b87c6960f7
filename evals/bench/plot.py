"""Quality against latency as an SVG, one panel a set: up and to the left is better."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from jinja2 import Environment

WIDTH, HEIGHT, MARGIN = 460, 300, 56
_COLOURS = ("#0b6e4f", "#c8553d", "#2e86ab", "#8d6a9f", "#b08900", "#555555")
_TEMPLATE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{{ width }}" height="{{ height }}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#ffffff"/>
{% for panel in panels -%}
<g transform="translate({{ panel.left }} 0)">
<text x="{{ margin }}" y="24" font-size="15" font-weight="bold">{{ panel.name }}</text>
<rect x="{{ margin }}" y="{{ margin }}" width="{{ inner_width }}" height="{{ inner_height }}" fill="none" stroke="#cccccc"/>
{% for tick in panel.x_ticks -%}
<text x="{{ tick.at }}" y="{{ margin + inner_height + 16 }}" text-anchor="middle" fill="#555555">{{ tick.shown }}</text>
{% endfor -%}
{% for tick in panel.y_ticks -%}
<text x="{{ margin - 6 }}" y="{{ tick.at + 4 }}" text-anchor="end" fill="#555555">{{ tick.shown }}</text>
{% endfor -%}
{% for dot in panel.dots -%}
<circle cx="{{ dot.x }}" cy="{{ dot.y }}" r="6" fill="{{ dot.colour }}"/>
<text x="{{ dot.text_x }}" y="{{ dot.y + 4 }}" text-anchor="{{ dot.anchor }}">{{ dot.name }}</text>
{% endfor -%}
<text x="{{ margin + inner_width / 2 }}" y="{{ margin + inner_height + 36 }}" text-anchor="middle">{{ x_label }}</text>
<text x="{{ margin }}" y="{{ margin - 10 }}" fill="#555555">{{ y_label }}</text>
</g>
{% endfor -%}
</svg>
"""


class Dot(NamedTuple):
    """A system: its median milliseconds (above 0), on a logarithmic axis, and its quality in [0, 1]."""

    name: str
    milliseconds: float
    quality: float


def plot_dots(dots: Mapping[str, Sequence[Dot]], x_label: str, y_label: str) -> str:
    """The SVG of some sets; names are escaped."""
    inner_width, inner_height = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN
    panels = [
        _draw_panel(name, n, found, inner_width, inner_height) for n, (name, found) in enumerate(dots.items())
    ]
    template = Environment(autoescape=True).from_string(_TEMPLATE)
    return template.render(
        width=WIDTH * max(1, len(panels)),
        height=HEIGHT,
        margin=MARGIN,
        inner_width=inner_width,
        inner_height=inner_height,
        panels=panels,
        x_label=x_label,
        y_label=y_label,
    )


def _draw_panel(name: str, n: int, dots: Sequence[Dot], width: int, height: int) -> dict[str, object]:
    times = [math.log10(dot.milliseconds) for dot in dots]
    low, high = math.floor(min(times, default=0)), math.ceil(max(times, default=1))
    high = max(high, low + 1)
    floor, ceiling = _round_out([dot.quality for dot in dots])

    def place_x(log: float) -> float:
        return round(MARGIN + width * (log - low) / (high - low), 1)

    def place_y(quality: float) -> float:
        return round(MARGIN + height * (ceiling - quality) / (ceiling - floor), 1)

    drawn = []
    for i, (dot, log) in enumerate(zip(dots, times, strict=True)):
        x = place_x(log)
        is_right = x > MARGIN + width / 2
        place = {"x": x, "y": place_y(dot.quality), "text_x": x - 10 if is_right else x + 10}
        anchor = "end" if is_right else "start"
        drawn.append({**place, "anchor": anchor, "name": dot.name, "colour": _COLOURS[i % len(_COLOURS)]})
    return {
        "name": name,
        "left": n * WIDTH,
        "dots": drawn,
        "x_ticks": [{"at": place_x(log), "shown": f"{10.0**log:g}"} for log in range(low, high + 1)],
        "y_ticks": [{"at": place_y(q), "shown": f"{q:.2f}"} for q in (floor, (floor + ceiling) / 2, ceiling)],
    }


def _round_out(values: Sequence[float]) -> tuple[float, float]:
    """The least range of twentieths that holds the values, a twentieth wide at least."""
    floor = math.floor(20 * min(values, default=0.0)) / 20
    ceiling = math.ceil(20 * max(values, default=1.0)) / 20
    return floor, max(ceiling, floor + 0.05)
