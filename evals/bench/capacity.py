"""`python -m evals.bench.capacity`: what larger corpora need, drawn out from the two that were measured.

In: `capacity.json`, a small and a large corpus as measured on a quiet machine. Out: a Markdown table, which README.md of
this folder holds. Everything is drawn out along the straight line through both, because every part that grows (BM25's
columns, the scan of the vectors, the clauses held) grows with the number of clauses; a measured row is marked as such.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict

POINTS = Path(__file__).with_name("capacity.json")
_KIB = 1024


class Point(BaseModel):
    """One corpus.

    Attributes:
        answer_ms: median of a whole answer.
        memory_mib: resident memory of one process after answering.
        disk_mib: one index generation, without a Chroma collection.
        build_s: from nothing, two cores; None where it was not measured. Drawn out through the origin.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    n_clauses: int
    answer_ms: float
    memory_mib: float
    disk_mib: float
    build_s: float | None


class Measured(BaseModel):
    """The two corpora that were measured, and the sizes that are asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    points: tuple[Point, Point]
    wanted: tuple[int, ...]


def read_measured(path: Path = POINTS) -> Measured:
    """The measured corpora."""
    return Measured.model_validate_json(path.read_text(encoding="utf-8"))


def extrapolate(points: tuple[Point, Point], n_clauses: int) -> Point:
    """The straight line through two points, at another size."""
    small, large = points
    share = (n_clauses - small.n_clauses) / (large.n_clauses - small.n_clauses)

    def at(a: float, b: float) -> float:
        return a + (b - a) * share

    return Point(
        name=f"{n_clauses:,} clauses",
        n_clauses=n_clauses,
        answer_ms=at(small.answer_ms, large.answer_ms),
        memory_mib=at(small.memory_mib, large.memory_mib),
        disk_mib=at(small.disk_mib, large.disk_mib),
        build_s=None if large.build_s is None else large.build_s * n_clauses / large.n_clauses,
    )


def render_plan(measured: Measured) -> str:
    """The table, and what a clause costs."""
    return "\n".join(_render(measured))


def _render(measured: Measured) -> Iterator[str]:
    yield "| corpus | | clauses | answer p50 | answers/s of a process (1 s ÷ p50) | memory of a process | disk | build |"
    yield "|---|---|---|---|---|---|---|---|"
    for point in measured.points:
        yield _row(point, "measured")
    for n_clauses in measured.wanted:
        yield _row(extrapolate(measured.points, n_clauses), "extrapolated")
    small, large = measured.points
    n_more = large.n_clauses - small.n_clauses
    memory, disk = (
        (b - a) * _KIB / n_more
        for a, b in ((small.memory_mib, large.memory_mib), (small.disk_mib, large.disk_mib))
    )
    yield ""
    yield f"A clause more costs {memory:.1f} KiB of memory in each process and {disk:.1f} KiB on disk."


def _row(point: Point, how: str) -> str:
    rate = 1000 / point.answer_ms
    cells = (
        point.name,
        how,
        f"{point.n_clauses:,}",
        f"{point.answer_ms:,.0f} ms",
        f"{rate:.0f}" if rate >= 1 else f"{rate:.2f}",
        _size(point.memory_mib),
        _size(point.disk_mib),
        _time(point.build_s),
    )
    return f"| {' | '.join(cells)} |"


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return f"{seconds:,.0f} s" if seconds < 600 else f"{seconds / 60:,.0f} min"


def _size(mib: float) -> str:
    return f"{mib:,.0f} MiB" if mib < 2048 else f"{mib / 1024:,.1f} GiB"


def main() -> int:
    """Print the table."""
    sys.stdout.write(f"{render_plan(read_measured())}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
