"""Charts for paper: bars by day, lines over weeks, bars beside names. Every bar and point bears its number."""

from collections.abc import Sequence
from typing import Any

from reportlab.graphics.charts.barcharts import HorizontalBarChart, VerticalBarChart
from reportlab.graphics.charts.linecharts import HorizontalLineChart
from reportlab.graphics.shapes import Drawing, Rect, String
from reportlab.lib.colors import HexColor

from incident_service.foundation.paper import FONT

DARK, LIGHT, WARM, INK, GRID = (HexColor(each) for each in ("#1f5a8c", "#a9c6de", "#d9822b", "#333333", "#dddddd"))
SMALL = 7.5
BAR_ROW = 15
STEPS_MAX = 5
HEAD_ROOM = 18


def bars_by_day(title: str, names: Sequence[str], series: dict[str, Sequence[int]], *, width: float,
                height: float) -> Drawing:
    """Bars side by side for each name, such as what was reported on each day and how much of it is closed."""
    drawing = _titled(title, list(series), (LIGHT, DARK), width, height)
    chart = VerticalBarChart()
    _place(chart, width, height)
    chart.data = [list(each) for each in series.values()]
    chart.categoryAxis.categoryNames = list(names)
    chart.barSpacing, chart.groupSpacing = 1, 6
    chart.barLabelFormat, chart.barLabels.nudge = "%d", 5
    chart.valueAxis.valueStep = max(1, -(-max(map(max, chart.data)) // STEPS_MAX))      # whole numbers
    _style(chart, [chart.barLabels], (LIGHT, DARK))
    drawing.add(chart)
    return drawing


def lines_over_weeks(title: str, names: Sequence[str], series: dict[str, Sequence[float]], *, width: float,
                     height: float) -> Drawing:
    """One line a series, over the weeks that are named."""
    drawing = _titled(title, list(series), (DARK, WARM), width, height)
    chart = HorizontalLineChart()
    _place(chart, width, height)
    chart.data = [list(each) for each in series.values()]
    chart.categoryAxis.categoryNames = list(names)
    chart.joinedLines = 1
    chart.lineLabelFormat, chart.lineLabelNudge = "%.1f", 6
    _style(chart, [chart.lineLabels], ())
    for number, color in zip(range(len(series)), (DARK, WARM), strict=False):
        chart.lines[number].strokeColor, chart.lines[number].strokeWidth = color, 1.5
    if names:
        drawing.add(chart)
    return drawing


def bars_beside_names(title: str, names: Sequence[str], values: Sequence[float], *, width: float,
                      form: str = "%d") -> Drawing:
    """One bar a name, the first on top."""
    height = HEAD_ROOM + BAR_ROW * max(len(names), 1) + 6
    drawing = _titled(title, [], (), width, height)
    chart = HorizontalBarChart()
    chart.x, chart.y, chart.width, chart.height = width * 0.3, 4, width * 0.62, BAR_ROW * len(names)
    chart.data = [list(reversed(values))]
    chart.categoryAxis.categoryNames = list(reversed(names))
    chart.valueAxis.visible, chart.valueAxis.valueMin = 0, 0
    chart.valueAxis.valueMax = max([*values, 1]) * 1.12
    chart.groupSpacing = 4
    chart.barLabelFormat, chart.barLabels.nudge = form, 3
    chart.barLabels.boxAnchor = "w"
    chart.categoryAxis.labels.boxAnchor = "e"
    chart.categoryAxis.visibleTicks = 0
    chart.categoryAxis.labels.fontName = chart.barLabels.fontName = FONT
    chart.categoryAxis.labels.fontSize = chart.barLabels.fontSize = SMALL
    chart.bars[0].fillColor, chart.bars[0].strokeColor = DARK, None
    drawing.add(chart)
    return drawing


def _titled(title: str, legend: Sequence[str], colors: Sequence[Any], width: float, height: float) -> Drawing:
    """A drawing with its title above, and what the colours mean beside it."""
    drawing = Drawing(width, height)
    drawing.add(String(0, height - 10, title, fontName=FONT, fontSize=9, fillColor=INK))
    right = width
    for name, color in reversed(list(zip(legend, colors, strict=True))):
        right -= 8 + SMALL * sum(1 if ord(letter) > 0xFF else 0.55 for letter in name)
        drawing.add(String(right, height - 10, name, fontName=FONT, fontSize=SMALL, fillColor=INK))
        right -= 10
        drawing.add(Rect(right, height - 10, 7, 7, fillColor=color, strokeColor=None))
    return drawing


def _place(chart: Any, width: float, height: float) -> None:
    chart.x, chart.y, chart.width, chart.height = 26, 16, width - 34, height - 16 - 2 * HEAD_ROOM


def _style(chart: Any, labels: Sequence[Any], colors: Sequence[Any]) -> None:
    for each in (*labels, chart.categoryAxis.labels, chart.valueAxis.labels):
        each.fontName, each.fontSize, each.fillColor = FONT, SMALL - 0.5, INK
    chart.valueAxis.valueMin = 0
    chart.valueAxis.visibleGrid, chart.valueAxis.gridStrokeColor, chart.valueAxis.gridStrokeWidth = 1, GRID, 0.25
    chart.valueAxis.strokeColor = chart.categoryAxis.strokeColor = INK
    chart.categoryAxis.visibleTicks = 0
    for number, color in enumerate(colors):
        chart.bars[number].fillColor, chart.bars[number].strokeColor = color, None
