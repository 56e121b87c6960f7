"""The capacity plan: drawn out from what was measured, and the README shows what the command prints."""

import pytest

from evals.bench.capacity import Point, extrapolate, read_measured, render_plan
from tests.test_project import ROOT

SMALL = Point(name="s", n_clauses=100, answer_ms=10, memory_mib=100, disk_mib=10, build_s=None)
LARGE = Point(name="l", n_clauses=1100, answer_ms=30, memory_mib=300, disk_mib=60, build_s=22)


@pytest.mark.parametrize(
    ("n_clauses", "expected"),
    [(100, (10, 100, 10, 2)), (1100, (30, 300, 60, 22)), (2100, (50, 500, 110, 42))],
    ids=["small", "large", "beyond"],
)
def test_the_line_goes_through_both(n_clauses, expected):
    point = extrapolate((SMALL, LARGE), n_clauses)
    found = (point.answer_ms, point.memory_mib, point.disk_mib, point.build_s)
    assert found == pytest.approx(expected)


def test_readme_holds_what_the_command_prints():
    text = (ROOT / "evals" / "bench" / "README.md").read_text(encoding="utf-8")
    table = render_plan(read_measured())
    assert table in text
    assert table.count("| measured |") == 2
    assert table.count("| extrapolated |") == len(read_measured().wanted)
