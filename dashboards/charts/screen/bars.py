"""Bars on the screen: standing, lying, stacked, of a histogram; and points that lie with their interval."""

from textwrap import wrap

import plotly.graph_objects as go

from dashboards.charts import palette
from dashboards.charts.chart import Chart
from dashboards.charts.screen.parts import (
    FEW_TICKS,
    colours_by_row,
    dashed,
    draw_reference,
    marks,
    numeric,
    safe,
    shaded,
    x_axis,
)
from dashboards.charts.ticks import LONGEST_LABEL, labels
from dashboards.numbers import shown

_LONG = 7  # letters of a number: fewer of such stand below the bars


def bar(figure: go.Figure, chart: Chart, language: str) -> None:
    values = chart.data[chart.y.column].to_list()
    figure.add_bar(
        x=[safe(label) for label in labels(chart, chart.x, language)],
        y=values,
        marker_color=colours_by_row(chart),
        text=[shown(value, chart.y.format, language) for value in values],
        textposition="outside",
        cliponaxis=False,
        **marks(chart, chart.data, language),
    )
    figure.update_xaxes(title_text=chart.x.caption, type="category")
    figure.update_yaxes(rangemode="tozero", **numeric(chart, chart.y))
    draw_reference(figure, chart)


def lying_bars(figure: go.Figure, chart: Chart, language: str) -> None:
    values = chart.data[chart.y.column].to_list()
    names = labels(chart, chart.x, language, longest=2 * LONGEST_LABEL)
    written = [shown(value, chart.y.format, language) for value in values]
    places = list(range(len(names)))
    figure.add_bar(
        x=values,
        y=places,
        orientation="h",
        marker_color=colours_by_row(chart),
        text=written,
        textposition="outside",
        cliponaxis=False,
        **marks(chart, chart.data, language),
    )
    categories_down(figure, names)
    low, high = min(0.0, *values), max(0.0, *values)
    # The numbers beside the bars need room, most of it where names stand on that side.
    span = (high - low) or 1.0
    figure.update_xaxes(
        range=[low - 0.42 * span if low < 0 else 0, high + 0.3 * span],
        **numeric(chart, chart.y, FEW_TICKS - (max(map(len, written)) > _LONG)),
    )


def categories_down(figure: go.Figure, names: list[str]) -> None:
    """First row on top. Rows stand at numbers, not names: two rows may have the same name."""
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=["<br>".join(safe(line) for line in wrap(name, LONGEST_LABEL)) for name in names],
        autorange="reversed",
        showgrid=False,
    )


def stacked(figure: go.Figure, chart: Chart, language: str) -> None:
    for group in chart.groups:
        part = chart.part(group)
        figure.add_bar(
            x=part[chart.x.column].to_list(),
            y=part[chart.y.column].to_list(),
            name=safe(group),
            marker_color=shaded(chart, part, [palette.colour_of(chart, group)] * part.height),
            **marks(chart, part, language),
        )
    x_axis(figure, chart, language)
    figure.update_yaxes(rangemode="tozero", **numeric(chart, chart.y))


def histogram(figure: go.Figure, chart: Chart, language: str) -> None:
    for group in chart.groups:
        part = chart.part(group)
        start, end = part[chart.x.column], part[chart.x_end]
        figure.add_bar(
            x=((start + end) / 2).to_list(),
            y=part[chart.y.column].to_list(),
            width=(end - start).to_list(),
            name=safe(group),
            marker={
                "color": shaded(chart, part, [palette.colour_of(chart, group)] * part.height),
                "line": {"width": 0.5, "color": "white"},
            },
            **marks(chart, part, language),
        )
    figure.update_xaxes(showgrid=False, **numeric(chart, chart.x))
    figure.update_yaxes(rangemode="tozero", **numeric(chart, chart.y))
    draw_reference(figure, chart)


def interval(figure: go.Figure, chart: Chart, language: str) -> None:
    data, names = chart.data, labels(chart, chart.x, language)
    figure.add_scatter(
        x=data[chart.y.column].to_list(),
        y=list(range(len(names))),
        mode="markers",
        marker={"color": colours_by_row(chart), "size": 10},
        error_x={
            "type": "data",
            "array": (data[chart.upper] - data[chart.y.column]).to_list(),
            "arrayminus": (data[chart.y.column] - data[chart.lower]).to_list(),
            "color": palette.TONES["calm"],
            "thickness": 5,
            "width": 0,
        },
        showlegend=False,
        **marks(chart, data, language),
    )
    categories_down(figure, names)
    figure.update_xaxes(**numeric(chart, chart.y, FEW_TICKS))
    for reference in chart.references:
        figure.add_vline(x=reference.value, **dashed(reference))
