"""Spans of time in rows on paper: vehicles against their shifts, stops against their windows."""

from datetime import datetime, timedelta

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter

from dashboards.charts import palette
from dashboards.charts.chart import Chart
from dashboards.charts.paper.parts import captions, grid, legend

# Told apart without colours too: what waits is hatched, what is late is crossed.
_HATCHES = {"watch": "////", "alert": "xxxx"}
_WIDE, _NARROW = 0.78, 0.46
_MOST_TICKS = 9


def gantt(axes: Axes, chart: Chart, language: str) -> None:  # noqa: ARG001 - every painter is called alike
    """First row on top; the ground below, spans above, the interval of a begin as a thin line."""
    names = chart.rows
    places = {name: len(names) - 1 - place for place, name in enumerate(names)}
    midnight = _midnight(chart)
    for group in (*chart.ground, *(group for group in chart.groups if group not in chart.ground)):
        _spans(axes, chart, group, places, midnight)
    if chart.lower and chart.upper:
        held = chart.data.drop_nulls([chart.lower, chart.upper])
        low, high = (_hours(held[bound].to_list(), midnight) for bound in (chart.lower, chart.upper))
        rows = [places[str(name)] for name in held[chart.y.column]]
        axes.hlines(rows, low, high, color=palette.QUIET, linewidth=1.4, zorder=4)
        for bound in (low, high):
            axes.plot(bound, rows, "|", color=palette.QUIET, markersize=6, zorder=4)
    axes.set_yticks(list(places.values()), names)
    axes.tick_params(axis="y", labelcolor=palette.INK)
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.margins(x=0.01)
    _clock(axes)
    grid(axes, "x")
    captions(axes, chart.x.caption, "")
    legend(axes, chart)


def _spans(axes: Axes, chart: Chart, group: str, places: dict[str, int], midnight: datetime) -> None:
    part = chart.part(group)
    begins = _hours(part[chart.x.column].to_list(), midnight)
    ends = _hours(part[chart.x_end].to_list(), midnight)
    on_ground, colour = group in chart.ground, palette.colour_of(chart, group)
    hatch = _HATCHES.get(chart.tones.get(group, "plain"))
    axes.barh(
        [places[str(name)] for name in part[chart.y.column]],
        [end - begin for begin, end in zip(begins, ends, strict=True)],
        left=begins,
        height=_WIDE if on_ground else _NARROW,
        facecolor="white" if hatch else colour,
        edgecolor=colour,
        hatch=hatch,
        linewidth=0.8,
        alpha=0.28 if on_ground else 1,
        label=group,
        zorder=1 if on_ground else 3,
    )


def _clock(axes: Axes) -> None:
    """Whole hours, few enough to be read."""
    first, last = axes.get_xlim()
    step = next(step for step in (1, 2, 3, 4, 6, 12, 24, 48, 10_000) if (last - first) / step <= _MOST_TICKS)
    axes.xaxis.set_major_locator(
        FixedLocator([hour for hour in range(int(first), int(last) + 1) if hour % step == 0])
    )
    axes.xaxis.set_major_formatter(FuncFormatter(lambda hour, _place: f"{int(hour) % 24:02}:00"))


def _midnight(chart: Chart) -> datetime:
    first: datetime = chart.data[chart.x.column].drop_nulls().to_list()[0]
    return first.replace(hour=0, minute=0, second=0, microsecond=0)


def _hours(moments: list[datetime], midnight: datetime) -> list[float]:
    return [(moment - midnight) / timedelta(hours=1) for moment in moments]
