"""Lines and points on paper."""

import polars as pl
from matplotlib.axes import Axes

from dashboards.charts import palette
from dashboards.charts.chart import Chart
from dashboards.charts.paper.parts import captions, draw_reference, grid, legend, note, number_ticks
from dashboards.charts.ticks import date_ticks, is_time, sides_of_labels

_STYLES = ("-", "--", ":")  # of lines whose colours were used up before them


def line(axes: Axes, chart: Chart, language: str) -> None:
    for group in chart.groups:
        part, colour = chart.part(group).sort(chart.x.column), palette.colour_of(chart, group)
        x = part[chart.x.column].to_list()
        if chart.lower and chart.upper:
            axes.fill_between(
                x, part[chart.lower].to_list(), part[chart.upper].to_list(), color=colour, alpha=0.15, lw=0
            )
        y = part[chart.y.column].to_list()
        axes.plot(x, y, color=colour, linewidth=2, label=group, solid_capstyle="round")
        axes.plot(x[-1:], y[-1:], "o", color=colour, markersize=5)
    if axes.dataLim.y0 >= 0:  # early arrivals are minutes below it
        axes.set_ylim(bottom=0)
    axes.margins(x=0.02, y=0.15)
    _frame(axes, chart, language, lines="y")


def curve(axes: Axes, chart: Chart, language: str) -> None:
    for group in chart.groups:
        part, colour = chart.part(group).sort(chart.x.column), palette.colour_of(chart, group)
        x, y = part[chart.x.column].to_list(), part[chart.y.column].to_list()
        style = _STYLES[palette.round_of(chart, group) % len(_STYLES)]
        axes.plot(x, y, color=colour, linewidth=2, label=group, linestyle=style, solid_capstyle="round")
    axes.margins(x=0.02, y=0.12)
    _frame(axes, chart, language)


def scatter(axes: Axes, chart: Chart, language: str) -> None:
    for group in chart.groups:
        part = chart.part(group)
        axes.scatter(
            part[chart.x.column],
            part[chart.y.column],
            s=18,
            alpha=0.7,
            lw=0,
            color=palette.colour_of(chart, group),
            label=group,
        )
        if chart.label:
            _write_names(axes, chart, part)
    _frame(axes, chart, language)


def reliability(axes: Axes, chart: Chart, language: str) -> None:
    x, y = chart.data[chart.x.column].to_numpy(), chart.data[chart.y.column].to_numpy()
    top = max(float(x.max()), float(y.max()))
    if chart.lower and chart.upper:
        lower, upper = chart.data[chart.lower].to_numpy(), chart.data[chart.upper].to_numpy()
        axes.vlines(x, lower, upper, color=palette.TONES["calm"], linewidth=3, alpha=0.8)
        top = max(top, float(upper.max()))
    axes.plot([0, top], [0, top], color=palette.QUIET, linewidth=1, linestyle=(0, (4, 3)))
    axes.plot(x, y, "o-", color=palette.TONES["plain"], linewidth=1.5, markersize=5)
    axes.set_xlim(0, top * 1.03)
    axes.set_ylim(0, top * 1.06)
    grid(axes, "both")
    number_ticks(axes, "x", chart.x, language)
    number_ticks(axes, "y", chart.y, language)
    captions(axes, chart.x.caption, chart.y.caption)


def band(axes: Axes, chart: Chart, language: str) -> None:
    """What was as a thin line, what is expected as a thick one within its bounds."""
    for group in chart.groups:
        part, colour = chart.part(group).sort(chart.x.column), palette.colour_of(chart, group)
        x, y = part[chart.x.column].to_list(), part[chart.y.column].to_list()
        if part[chart.lower].null_count() == part.height:
            axes.plot(x, y, color=colour, linewidth=1.2, label=group)
            continue
        low, high = part[chart.lower].to_list(), part[chart.upper].to_list()
        axes.fill_between(x, low, high, color=colour, alpha=0.16, lw=0)
        for bound in (low, high):
            axes.plot(x, bound, color=colour, linewidth=0.4)
        axes.plot(x, y, color=colour, linewidth=2, label=group)
    axes.margins(x=0.02, y=0.12)
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    axes.set_xticks(*date_ticks(chart, language))
    grid(axes, "y")
    number_ticks(axes, "y", chart.y, language)
    captions(axes, "", chart.y.caption)
    draw_reference(axes, chart)
    legend(axes, chart)


def _frame(axes: Axes, chart: Chart, language: str, lines: str = "both") -> None:
    """What stands around lines and points whose x is a number or a time; `lines` of the grid."""
    grid(axes, lines)
    if is_time(chart.x):
        axes.set_xticks(*date_ticks(chart, language))
    else:
        number_ticks(axes, "x", chart.x, language)
    number_ticks(axes, "y", chart.y, language)
    captions(axes, "" if is_time(chart.x) else chart.x.caption, chart.y.caption)
    draw_reference(axes, chart)
    legend(axes, chart)


def _write_names(axes: Axes, chart: Chart, part: pl.DataFrame) -> None:
    for mark, side in zip(part.iter_rows(named=True), sides_of_labels(chart, part), strict=True):
        above = "bottom" if side == "top" else "top"
        note(axes, str(mark[chart.label] or ""), mark[chart.x.column], mark[chart.y.column], va=above)
