"""Bars drawn by the spreadsheet itself from cells of a sheet, so that they follow where somebody edits the cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.layout import Layout, ManualLayout
from openpyxl.chart.marker import DataPoint

PLAIN = "A3301F"
"""The colour of bars that have none of their own."""
_WIDTH_CM = 18.0
_BAR_CM = 0.85
_FRAME_CM = 2.4
_TITLE_CM = 1.5


@dataclass(frozen=True, slots=True)
class SheetChart:
    """A bar chart of rows of a sheet: labels from its first column.

    Attributes:
        first: number of the first row, 1-based; `last` inclusive.
        columns: of the values, 1-based, each one series whose name stands in row 1.
        colours: of each bar of the only series; empty for one colour a series.
        anchor: cell of its upper left corner.
        number_format: of the values.
    """

    title: str
    first: int
    last: int
    anchor: str
    columns: tuple[int, ...] = (2,)
    colours: Sequence[str] = ()
    number_format: str = "#,##0"

    @property
    def height(self) -> float:
        """Centimetres it takes."""
        return _FRAME_CM + _BAR_CM * (self.last - self.first + 1) * len(self.columns)


def add_chart(sheet: Any, wanted: SheetChart) -> None:
    """Draw a chart on a sheet; its cells may still be to come."""
    chart: Any = BarChart()
    chart.type, chart.style, chart.title = "bar", 10, wanted.title
    chart.width, chart.height, chart.gapWidth = _WIDTH_CM, wanted.height, 40
    for n, column in enumerate(wanted.columns):
        values = Reference(sheet, min_col=column, min_row=wanted.first, max_row=wanted.last)
        chart.add_data(values, titles_from_data=False)
        series = chart.series[-1]
        series.graphicalProperties.solidFill = _SERIES[n % len(_SERIES)]
        series.tx = None
        series.dLbls = DataLabelList()
        series.dLbls.numFmt = wanted.number_format
        series.dLbls.showVal = True
        for name in ("showSerName", "showCatName", "showLegendKey", "showPercent"):
            setattr(series.dLbls, name, False)
        for at, colour in enumerate(wanted.colours):
            point = DataPoint(idx=at)
            point.graphicalProperties.solidFill = colour
            series.dPt.append(point)
    chart.set_categories(Reference(sheet, min_col=1, min_row=wanted.first, max_row=wanted.last))
    chart.legend = None
    # The first row stands on top, as in the table.
    chart.x_axis.scaling.orientation = "maxMin"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.majorGridlines = None
    chart.y_axis.delete = True
    chart.y_axis.scaling.min = 0
    top = _TITLE_CM / wanted.height
    place = ManualLayout(xMode="edge", yMode="edge", x=0.32, y=top, w=0.6, h=1 - top - 0.04)
    chart.layout = Layout(manualLayout=place)
    chart.title.overlay = False
    sheet.add_chart(chart, wanted.anchor)


_SERIES = (PLAIN, "8B867C")
