"""Lines and points on the screen."""

from typing import Any

import plotly.graph_objects as go

from dashboards.charts import palette
from dashboards.charts.chart import Chart
from dashboards.charts.screen.parts import draw_reference, faint, marks, numeric, safe, x_axis
from dashboards.charts.ticks import sides_of_labels

_DASHES = ("solid", "dash", "dot")  # of lines whose colours were used up before them


def line(figure: go.Figure, chart: Chart, language: str) -> None:
    for group in chart.groups:
        part, colour = chart.part(group).sort(chart.x.column), palette.colour_of(chart, group)
        x = part[chart.x.column].to_list()
        if chart.lower and chart.upper:
            figure.add_scatter(
                x=[*x, *reversed(x)],
                y=[*part[chart.upper].to_list(), *part[chart.lower].to_list()[::-1]],
                fill="toself",
                line_width=0,
                fillcolor=colour,
                opacity=0.15,
                mode="lines",
                hoverinfo="skip",
                showlegend=False,
            )
        figure.add_scatter(
            x=x,
            y=part[chart.y.column].to_list(),
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"size": 5},
            name=safe(group),
            **marks(chart, part, language),
        )
    x_axis(figure, chart, language)
    figure.update_yaxes(rangemode="tozero", **numeric(chart, chart.y))
    draw_reference(figure, chart)


def curve(figure: go.Figure, chart: Chart, language: str) -> None:
    for group in chart.groups:
        part = chart.part(group).sort(chart.x.column)
        figure.add_scatter(
            x=part[chart.x.column].to_list(),
            y=part[chart.y.column].to_list(),
            mode="lines",
            line={
                "color": palette.colour_of(chart, group),
                "width": 2.5,
                "dash": _DASHES[palette.round_of(chart, group) % len(_DASHES)],
            },
            name=safe(group),
            **marks(chart, part, language),
        )
    x_axis(figure, chart, language)
    figure.update_yaxes(**numeric(chart, chart.y))
    draw_reference(figure, chart)


def scatter(figure: go.Figure, chart: Chart, language: str) -> None:
    for group in chart.groups:
        part = chart.part(group)
        figure.add_scatter(
            x=part[chart.x.column].to_list(),
            y=part[chart.y.column].to_list(),
            mode="markers+text" if chart.label else "markers",
            text=[safe(str(each or "")) for each in part[chart.label]] if chart.label else None,
            textposition=[f"{side} center" for side in sides_of_labels(chart, part)],
            cliponaxis=False,
            marker={"color": palette.colour_of(chart, group), "size": 7, "opacity": 0.7},
            name=safe(group),
            **marks(chart, part, language),
        )
    x_axis(figure, chart, language)
    figure.update_yaxes(**numeric(chart, chart.y))
    draw_reference(figure, chart)


def reliability(figure: go.Figure, chart: Chart, language: str) -> None:
    data = chart.data
    x, y = data[chart.x.column].to_list(), data[chart.y.column].to_list()
    bounds: dict[str, Any] = {}
    if chart.lower and chart.upper:
        bounds["error_y"] = {
            "type": "data",
            "array": (data[chart.upper] - data[chart.y.column]).to_list(),
            "arrayminus": (data[chart.y.column] - data[chart.lower]).to_list(),
            "color": palette.TONES["calm"],
        }
    top = max(*x, *y)
    dashed = {"color": palette.TONES["muted"], "dash": "dash", "width": 1}
    figure.add_scatter(x=[0, top], y=[0, top], mode="lines", line=dashed, hoverinfo="skip")
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines+markers",
        line={"color": palette.TONES["plain"], "width": 1.5},
        marker={"size": 8},
        **bounds,
        **marks(chart, data, language),
    )
    figure.update_xaxes(rangemode="tozero", **numeric(chart, chart.x))
    figure.update_yaxes(rangemode="tozero", **numeric(chart, chart.y))


def band(figure: go.Figure, chart: Chart, language: str) -> None:
    """What was as a thin line, what is expected as a thick one within its bounds."""
    for group in chart.groups:
        part, colour = chart.part(group).sort(chart.x.column), palette.colour_of(chart, group)
        x = part[chart.x.column].to_list()
        expected = part[chart.lower].null_count() < part.height
        if expected:
            edge = {"color": colour, "width": 0.5}
            plain: dict[str, Any] = {"mode": "lines", "hoverinfo": "skip", "showlegend": False, "line": edge}
            figure.add_scatter(x=x, y=part[chart.lower].to_list(), **plain)
            figure.add_scatter(
                x=x, y=part[chart.upper].to_list(), fill="tonexty", fillcolor=faint(colour), **plain
            )
        figure.add_scatter(
            x=x,
            y=part[chart.y.column].to_list(),
            mode="lines",
            line={"color": colour, "width": 2.5 if expected else 1.5},
            name=safe(group),
            **marks(chart, part, language),
        )
    x_axis(figure, chart, language)
    figure.update_yaxes(rangemode="tozero", **numeric(chart, chart.y))
    draw_reference(figure, chart)
