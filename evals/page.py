"""A report as one page of HTML that needs nothing else: no script, no font, no address.

Written beside the JSON of every run, so that a failed case can be read on any device. Everything that comes
from cases and answers is escaped by the template engine. Of cases that are held out the page has totals only.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from evals.gate import Thresholds
from evals.metrics import METRIC_LABELS
from evals.metrics.status import STATUS_LABELS
from evals.rates import Tally, group_results, measure_rates, tally_results
from evals.report import Comparison, Report
from evals.worded import FATES

_PAGE = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Segment(NamedTuple):
    """A piece of a bar; `start` and `width` in percent of the whole."""

    state: str
    start: float
    width: float


class Bar(NamedTuple):
    """How the cases of a kind ended."""

    label: str
    is_total: bool
    tally: Tally

    def segments(self) -> Iterator[Segment]:
        """Right, wrong and abstained from left to right, without empty ones."""
        n_before = 0
        for state, n in zip(("right", "wrong", "abstained"), self.tally, strict=True):
            if n:
                yield Segment(state, 100 * n_before / self.tally.n_cases, 100 * n / self.tally.n_cases)
            n_before += n


def render_page(report: Report, comparison: Comparison | None, thresholds: Thresholds) -> str:
    """The page.

    Args:
        comparison: with the last report; None where there was none.
        thresholds: what the rates have to reach; a rate without one is shown by itself.
    """
    return _PAGE.get_template("page.html").render(
        report=report,
        rates=measure_rates(report.results),
        thresholds=thresholds,
        bars=[
            Bar(row.label, row.is_total, tally_results(row.results)) for row in group_results(report.results)
        ],
        comparison=comparison,
        failed=[result for result in report.results if not result.is_right],
        metric_labels=METRIC_LABELS,
        status_labels=STATUS_LABELS,
        fates=FATES,
    )


def save_page(path: Path, report: Report, comparison: Comparison | None, thresholds: Thresholds) -> Path:
    """Write the page and return its path."""
    path.write_text(render_page(report, comparison, thresholds), encoding="utf-8")
    return path
