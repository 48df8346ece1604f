"""Steps on paper: lying bars, each beginning where the one before ended, between two levels."""

from textwrap import fill

from matplotlib.axes import Axes

from dashboards.charts import palette
from dashboards.charts.chart import Chart
from dashboards.charts.paper.parts import captions, colours_by_row, grid, note, number_ticks
from dashboards.charts.ticks import LONGEST_LABEL, labels


def waterfall(axes: Axes, chart: Chart, language: str) -> None:
    begins, ends = chart.data[chart.lower].to_list(), chart.data[chart.upper].to_list()
    names = [fill(name, LONGEST_LABEL) for name in labels(chart, chart.x, language, 2 * LONGEST_LABEL)]
    texts = chart.data[chart.label].to_list() if chart.label else [""] * len(names)
    places = list(range(len(names)))[::-1]
    for row, (place, begin, end, colour) in enumerate(
        zip(places, begins, ends, colours_by_row(chart), strict=True)
    ):
        if row < len(names) - 1:
            axes.plot([end, end], [place, place - 1], color=palette.TONES["muted"], linewidth=0.8, zorder=1)
        if begin == end:
            axes.scatter([end], [place], marker="D", s=42, color=colour, zorder=3)
        else:
            axes.barh(place, end - begin, left=begin, height=0.6, color=colour, zorder=2)
        falls = end < begin
        gap = "  " if begin == end else ""
        note(axes, gap + texts[row], end, place, "right" if falls else "left", "center")
    axes.set_yticks(places, names)
    axes.tick_params(axis="y", labelcolor=palette.INK)
    axes.margins(x=0.2)
    axes.set_ylim(-0.6, len(names) - 0.4)
    grid(axes, "x")
    if chart.ticks:
        axes.set_xticks([place for place, _ in chart.ticks], [text for _, text in chart.ticks])
    else:
        number_ticks(axes, "x", chart.y, language)
    captions(axes, chart.y.caption, "")
