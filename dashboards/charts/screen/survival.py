"""Curves of survival on the screen: steps within their bounds, numbers at risk under the axis."""

from typing import Any

import plotly.graph_objects as go

from dashboards.charts import palette
from dashboards.charts.chart import Chart
from dashboards.charts.screen.parts import draw_reference, faint, marks, numeric, safe
from dashboards.charts.steps import at_risk, short, time_ticks
from dashboards.numbers import integer

CURVES = 320  # pixels of height, margins and axis included
_ROW = 24  # of a line of numbers at risk
_GAP = 62  # for the axis and its title, between the curves and the numbers
_AROUND = 36  # above and below everything


def survival(figure: go.Figure, chart: Chart, language: str) -> None:
    for group in chart.groups:
        part, colour = chart.part(group).sort(chart.x.column), palette.colour_of(chart, group)
        x = part[chart.x.column].to_list()
        edge = {"color": colour, "width": 0, "shape": "hv"}
        plain: dict[str, Any] = {"mode": "lines", "hoverinfo": "skip", "showlegend": False, "line": edge}
        if chart.lower and chart.upper:
            figure.add_scatter(x=x, y=part[chart.lower].to_list(), **plain)
            upper = part[chart.upper].to_list()
            figure.add_scatter(x=x, y=upper, fill="tonexty", fillcolor=faint(colour), **plain)
        figure.add_scatter(
            x=x,
            y=part[chart.y.column].to_list(),
            mode="lines",
            line={"color": colour, "width": 2.5, "shape": "hv"},
            name=safe(group),
            **marks(chart, part, language),
        )
    ticks = time_ticks(chart)
    figure.update_xaxes(
        **numeric(chart, chart.x) | {"tickvals": ticks, "range": [-0.05 * _end(chart), _end(chart)]}
    )
    figure.update_yaxes(rangemode="tozero", **numeric(chart, chart.y))
    draw_reference(figure, chart)
    if chart.at_risk:
        _write_numbers(figure, chart, ticks, language)


def height_of(chart: Chart) -> int:
    """The height that curves and numbers at risk need, in pixels."""
    return CURVES + (_ROW * len(chart.groups) if chart.at_risk else 0)


def _end(chart: Chart) -> float:
    return 1.03 * max(float(value) for value in chart.data[chart.x.column])


def _write_numbers(figure: go.Figure, chart: Chart, ticks: list[float], language: str) -> None:
    """The numbers on an axis of their own, whose rows are the groups."""
    height = height_of(chart) - _AROUND
    share = _ROW * len(chart.groups) / height
    names = [safe(short(group)) for group in chart.groups]
    for name, group in zip(names, chart.groups, strict=True):
        figure.add_scatter(
            x=ticks,
            y=[name] * len(ticks),
            mode="text",
            text=[integer(number, language) for number in at_risk(chart, group, ticks)],
            textfont={"size": 11},
            yaxis="y2",
            cliponaxis=False,
            hoverinfo="skip",
            showlegend=False,
        )
    figure.update_layout(
        yaxis={"domain": [min(0.8, share + _GAP / height), 1]},
        yaxis2={
            "domain": [0, share],
            "anchor": "x",
            "categoryorder": "array",
            "categoryarray": names[::-1],
            "range": [-0.5, len(names) - 0.5],
            "showgrid": False,
            "tickfont": {"size": 11},
            "automargin": True,
        },
        xaxis={"anchor": "y"},
    )
