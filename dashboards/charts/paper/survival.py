"""Curves of survival on paper: steps within their bounds, numbers at risk under the axis."""

from matplotlib.axes import Axes

from dashboards.charts import palette
from dashboards.charts.chart import Chart
from dashboards.charts.fonts import font_family
from dashboards.charts.paper.parts import captions, draw_reference, grid, legend, number_ticks
from dashboards.charts.steps import at_risk, short, time_ticks
from dashboards.numbers import axis_label, integer

ROW = 17  # pixels of a line of numbers at risk
_BELOW = 40  # points from the axis to the first line, past ticks and title


def survival(axes: Axes, chart: Chart, language: str) -> None:
    for group in chart.groups:
        part, colour = chart.part(group).sort(chart.x.column), palette.colour_of(chart, group)
        x = part[chart.x.column].to_list()
        if chart.lower and chart.upper:
            known = part.drop_nulls([chart.lower, chart.upper])
            axes.fill_between(
                known[chart.x.column].to_list(),
                known[chart.lower].to_list(),
                known[chart.upper].to_list(),
                step="post",
                color=colour,
                alpha=0.15,
                lw=0,
            )
        axes.step(x, part[chart.y.column].to_list(), where="post", color=colour, linewidth=2, label=group)
    axes.set_ylim(bottom=0)
    axes.margins(x=0.02, y=0.1)
    ticks = time_ticks(chart)
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
    axes.set_xticks(ticks, [axis_label(tick, chart.x.format, language, step) for tick in ticks])
    grid(axes, "y")
    number_ticks(axes, "y", chart.y, language)
    captions(axes, chart.x.caption, chart.y.caption)
    draw_reference(axes, chart)
    legend(axes, chart)
    if chart.at_risk:
        _write_numbers(axes, chart, ticks, language)


def _write_numbers(axes: Axes, chart: Chart, ticks: list[float], language: str) -> None:
    for row, group in enumerate(chart.groups):
        place = -_BELOW - 13 * row
        for tick, number in zip(ticks, at_risk(chart, group, ticks), strict=True):
            _write(axes, integer(number, language), (tick, 0), place, "center", "data")
        _write(axes, short(group), (0, 0), place, "right", "axes fraction")


def _write(axes: Axes, text: str, at: tuple[float, float], below: float, side: str, along: str) -> None:
    axes.annotate(
        text,
        at,
        xycoords=(along, "axes fraction"),
        xytext=(-8 if side == "right" else 0, below),
        textcoords="offset points",
        ha=side,
        va="center",
        fontsize=8.5,
        color=palette.INK,
        fontfamily=font_family(),
        annotation_clip=False,
    )
