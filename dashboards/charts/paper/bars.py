"""Bars on paper: standing, lying, stacked, of a histogram; and points that lie with their interval."""

from matplotlib.axes import Axes

from dashboards.charts import palette
from dashboards.charts.chart import Chart
from dashboards.charts.paper.parts import (
    captions,
    colours_by_row,
    draw_reference,
    grid,
    legend,
    note,
    number_ticks,
    shaded,
    upright,
)
from dashboards.charts.ticks import labels
from dashboards.numbers import shown


def bar(axes: Axes, chart: Chart, language: str) -> None:
    names, values = labels(chart, chart.x, language), chart.data[chart.y.column].to_list()
    places = range(len(names))
    axes.bar(places, values, width=0.62, color=colours_by_row(chart))
    axes.set_xticks(list(places), names)
    for place, value in zip(places, values, strict=True):
        note(axes, shown(value, chart.y.format, language), place, value)
    axes.margins(y=0.15)
    grid(axes, "y")
    number_ticks(axes, "y", chart.y, language)
    captions(axes, chart.x.caption, chart.y.caption)
    draw_reference(axes, chart)


def lying_bars(axes: Axes, chart: Chart, language: str) -> None:
    names, values = labels(chart, chart.x, language), chart.data[chart.y.column].to_list()
    places = list(range(len(names)))[::-1]
    axes.barh(places, values, height=0.6, color=colours_by_row(chart))
    axes.set_yticks(places, names)
    axes.tick_params(axis="y", labelcolor=palette.INK)
    for place, value in zip(places, values, strict=True):
        side = "right" if value < 0 else "left"
        note(axes, shown(value, chart.y.format, language), value, place, side, "center")
    axes.margins(x=0.14)
    axes.set_ylim(-0.6, len(names) - 0.4)
    if min(values) < 0:
        axes.axvline(0, color=palette.QUIET, linewidth=0.8)
    grid(axes, "x")
    number_ticks(axes, "x", chart.y, language)
    captions(axes, chart.y.caption, "")


def stacked(axes: Axes, chart: Chart, language: str) -> None:
    names = [
        shown(v, chart.x.format, language) for v in chart.data[chart.x.column].unique(maintain_order=True)
    ]
    base = dict.fromkeys(names, 0.0)
    for group in chart.groups:
        part = chart.part(group)
        keys = [shown(v, chart.x.format, language) for v in part[chart.x.column]]
        values = part[chart.y.column].to_list()
        places, bottoms = [names.index(key) for key in keys], [base[key] for key in keys]
        colours = shaded(chart, part, [palette.colour_of(chart, group)] * part.height)
        axes.bar(places, values, bottom=bottoms, width=0.7, color=colours, label=group)
        for key, value in zip(keys, values, strict=True):
            base[key] += float(value)
    step = max(1, -(-len(names) // 8))
    axes.set_xticks(range(0, len(names), step), names[::step])
    grid(axes, "y")
    number_ticks(axes, "y", chart.y, language)
    captions(axes, chart.x.caption, chart.y.caption)
    legend(axes, chart)


def histogram(axes: Axes, chart: Chart, language: str) -> None:
    for group in chart.groups:
        part = chart.part(group)
        start, end = part[chart.x.column].to_numpy(), part[chart.x_end].to_numpy()
        colours = shaded(chart, part, [palette.colour_of(chart, group)] * part.height)
        heights = part[chart.y.column].to_numpy()
        axes.bar(
            start,
            heights,
            width=end - start,
            align="edge",
            color=colours,
            edgecolor="white",
            lw=0.8,
            label=group,
        )
    axes.margins(x=0.01, y=0.1)
    grid(axes, "y")
    number_ticks(axes, "x", chart.x, language)
    number_ticks(axes, "y", chart.y, language)
    captions(axes, chart.x.caption, chart.y.caption)
    draw_reference(axes, chart)
    legend(axes, chart)


def interval(axes: Axes, chart: Chart, language: str) -> None:
    names = labels(chart, chart.x, language)
    places = list(range(len(names)))[::-1]
    axes.hlines(
        places,
        chart.data[chart.lower].to_list(),
        chart.data[chart.upper].to_list(),
        color=palette.TONES["calm"],
        linewidth=6,
        alpha=0.7,
    )
    axes.scatter(chart.data[chart.y.column].to_list(), places, s=36, c=colours_by_row(chart), zorder=3)
    for reference in chart.references:
        upright(axes, reference)
    axes.set_yticks(places, names)
    axes.tick_params(axis="y", labelcolor=palette.INK)
    axes.set_ylim(-0.6, len(names) - 0.4)
    grid(axes, "x")
    number_ticks(axes, "x", chart.y, language)
    captions(axes, chart.y.caption, "")
