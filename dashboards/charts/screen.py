"""Draws a chart on the screen with Plotly: the same description as on paper, with values under the pointer.

The ground is left clear so that the figure sits on light and dark pages alike.
"""

from collections.abc import Callable, Mapping
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.charts import palette
from dashboards.charts.chart import Axis, Chart, Kind, Reference
from dashboards.charts.ticks import LONGEST_LABEL, date_ticks, is_time, labels
from dashboards.numbers import shown
from dashboards.wording import say

ROW_HEIGHT = 34
HEIGHT = 320
_FEW_TICKS = 4  # beside the names of lying bars there is little room on a narrow screen


def draw(chart: Chart, language: str, *, titled: bool = False, dark: bool = False) -> go.Figure:
    """The figure of `chart`; `titled` writes its title and sentence above it."""
    figure = go.Figure()
    if chart.is_empty:
        _say_empty(figure, language)
    else:
        _PAINTERS[chart.kind](figure, chart, language)
    _dress(figure, chart, titled=titled, dark=dark)
    return figure


def _dress(figure: go.Figure, chart: Chart, *, titled: bool, dark: bool) -> None:
    ink = palette.INK_ON_DARK if dark else palette.INK
    quiet = palette.QUIET_ON_DARK if dark else palette.QUIET
    grid = palette.GRID_ON_DARK if dark else palette.GRID
    figure.update_layout(
        template="none",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        height=_height(chart) + (60 if titled else 0),
        margin={
            "l": 8,
            "r": 48 if chart.kind in ("ranked", "contributions") else 16,
            "t": 84 if titled else 28,
            "b": 8,
        },
        font={
            "family": "Inter, Noto Sans, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif",
            "color": ink,
            "size": 13,
        },
        hoverlabel={"align": "left"},
        showlegend=len(chart.groups) > 1 and chart.kind not in ("bar", "ranked", "contributions", "interval"),
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
        barmode="stack",
        bargap=0.35,
        title={"text": f"{chart.title}<br><sub>{chart.sentence}</sub>", "x": 0, "xanchor": "left"}
        if titled
        else None,
    )
    common = {
        "automargin": True,
        "zeroline": False,
        "gridcolor": grid,
        "linecolor": quiet,
        "tickfont": {"color": quiet},
        "title_font": {"color": quiet, "size": 13},
    }
    figure.update_xaxes(**common)
    figure.update_yaxes(**common)


def _height(chart: Chart) -> int:
    if chart.kind in ("ranked", "contributions", "interval") and not chart.is_empty:
        return max(140, 72 + ROW_HEIGHT * chart.data.height)
    return HEIGHT


def _numeric(axis: Axis, ticks: int = 6) -> dict[str, Any]:
    formats = {"percent": ".0%", "integer": ",d", "signed": "+,.2~f"}
    return {
        "title": {"text": axis.caption},
        "tickformat": formats.get(axis.format, ",.6~g"),
        "nticks": ticks,
        "tickangle": 0,
    }


def _hover(chart: Chart, part: pl.DataFrame, language: str) -> list[str]:
    """One text per row, written in the reader's way."""
    texts = []
    for row in part.iter_rows(named=True):
        where = shown(row[chart.x.column], chart.x.format, language, chart.x.unit)
        if chart.x_end:
            where += f" – {shown(row[chart.x_end], chart.x.format, language, chart.x.unit)}"
        value = shown(row[chart.y.column], chart.y.format, language, chart.y.unit)
        if chart.lower and chart.upper:
            bounds = (shown(row[each], chart.y.format, language) for each in (chart.lower, chart.upper))
            value += f" [{' – '.join(bounds)}]"
        lines = [f"{_safe(chart.x.title)}: {_safe(where)}", f"{_safe(chart.y.title)}: <b>{_safe(value)}</b>"]
        if chart.group:
            lines.insert(0, f"<b>{_safe(str(row[chart.group]))}</b>")
        texts.append("<br>".join(lines))
    return texts


def _safe(text: str) -> str:
    """Plotly reads a little HTML in its texts; data must not."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _marks(chart: Chart, part: pl.DataFrame, language: str) -> dict[str, Any]:
    return {"hovertext": _hover(chart, part, language), "hoverinfo": "text"}


def _colours_by_row(chart: Chart) -> list[str]:
    if not chart.group:
        return [palette.TONES["plain"]] * chart.data.height
    return [palette.colour_of(chart, str(group)) for group in chart.data[chart.group]]


def _bar(figure: go.Figure, chart: Chart, language: str) -> None:
    values = chart.data[chart.y.column].to_list()
    figure.add_bar(
        x=[_safe(label) for label in labels(chart, chart.x, language)],
        y=values,
        marker_color=_colours_by_row(chart),
        text=[shown(value, chart.y.format, language) for value in values],
        textposition="outside",
        cliponaxis=False,
        **_marks(chart, chart.data, language),
    )
    figure.update_xaxes(title_text=chart.x.caption, type="category")
    figure.update_yaxes(**_numeric(chart.y))
    _reference(figure, chart)


def _horizontal(figure: go.Figure, chart: Chart, language: str) -> None:
    values = chart.data[chart.y.column].to_list()
    names = labels(chart, chart.x, language, longest=2 * LONGEST_LABEL)
    places = list(range(len(names)))
    figure.add_bar(
        x=values,
        y=places,
        orientation="h",
        marker_color=_colours_by_row(chart),
        text=[shown(value, chart.y.format, language) for value in values],
        textposition="outside",
        cliponaxis=False,
        **_marks(chart, chart.data, language),
    )
    _categories_down(figure, names)
    low, high = min(0.0, *values), max(0.0, *values)
    span = high - low  # the numbers beside the bars need room, most of it where names stand on that side
    figure.update_xaxes(
        range=[low - 0.42 * span if low < 0 else 0, high + 0.3 * span], **_numeric(chart.y, _FEW_TICKS)
    )


def _categories_down(figure: go.Figure, names: list[str]) -> None:
    """First row on top. Rows stand at numbers, not names: two rows may have the same name."""
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=["<br>".join(_safe(line) for line in wrap(name, LONGEST_LABEL)) for name in names],
        autorange="reversed",
        showgrid=False,
    )


def _stacked(figure: go.Figure, chart: Chart, language: str) -> None:
    for group in chart.groups:
        part = chart.part(group)
        figure.add_bar(
            x=part[chart.x.column].to_list(),
            y=part[chart.y.column].to_list(),
            name=_safe(group),
            marker_color=palette.colour_of(chart, group),
            **_marks(chart, part, language),
        )
    _x_axis(figure, chart, language)
    figure.update_yaxes(**_numeric(chart.y))


def _line(figure: go.Figure, chart: Chart, language: str) -> None:
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
            name=_safe(group),
            **_marks(chart, part, language),
        )
    _x_axis(figure, chart, language)
    figure.update_yaxes(rangemode="tozero", **_numeric(chart.y))
    _reference(figure, chart)


def _x_axis(figure: go.Figure, chart: Chart, language: str) -> None:
    if is_time(chart.x):
        places, names = date_ticks(chart, language)
        figure.update_xaxes(tickvals=places, ticktext=names, showgrid=False)
    elif chart.x.format == "text":
        figure.update_xaxes(title_text=chart.x.caption, type="category", showgrid=False)
    else:
        figure.update_xaxes(**_numeric(chart.x))


def _histogram(figure: go.Figure, chart: Chart, language: str) -> None:
    for group in chart.groups:
        part = chart.part(group)
        start, end = part[chart.x.column], part[chart.x_end]
        figure.add_bar(
            x=((start + end) / 2).to_list(),
            y=part[chart.y.column].to_list(),
            width=(end - start).to_list(),
            name=_safe(group),
            marker={"color": palette.colour_of(chart, group), "line": {"width": 0.5, "color": "white"}},
            **_marks(chart, part, language),
        )
    figure.update_xaxes(showgrid=False, **_numeric(chart.x))
    figure.update_yaxes(**_numeric(chart.y))


def _scatter(figure: go.Figure, chart: Chart, language: str) -> None:
    for group in chart.groups:
        part = chart.part(group)
        figure.add_scatter(
            x=part[chart.x.column].to_list(),
            y=part[chart.y.column].to_list(),
            mode="markers",
            marker={"color": palette.colour_of(chart, group), "size": 7, "opacity": 0.7},
            name=_safe(group),
            **_marks(chart, part, language),
        )
    figure.update_xaxes(**_numeric(chart.x))
    figure.update_yaxes(**_numeric(chart.y))
    _reference(figure, chart)


def _reliability(figure: go.Figure, chart: Chart, language: str) -> None:
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
        **_marks(chart, data, language),
    )
    figure.update_xaxes(rangemode="tozero", **_numeric(chart.x))
    figure.update_yaxes(rangemode="tozero", **_numeric(chart.y))


def _interval(figure: go.Figure, chart: Chart, language: str) -> None:
    data, names = chart.data, labels(chart, chart.x, language)
    figure.add_scatter(
        x=data[chart.y.column].to_list(),
        y=list(range(len(names))),
        mode="markers",
        marker={"color": _colours_by_row(chart), "size": 10},
        error_x={
            "type": "data",
            "array": (data[chart.upper] - data[chart.y.column]).to_list(),
            "arrayminus": (data[chart.y.column] - data[chart.lower]).to_list(),
            "color": palette.TONES["calm"],
            "thickness": 5,
            "width": 0,
        },
        showlegend=False,
        **_marks(chart, data, language),
    )
    _categories_down(figure, names)
    figure.update_xaxes(**_numeric(chart.y, _FEW_TICKS))
    if chart.reference:
        figure.add_vline(x=chart.reference.value, **_dashed(chart.reference))


def _curve(figure: go.Figure, chart: Chart, language: str) -> None:
    for group in chart.groups:
        part = chart.part(group).sort(chart.x.column)
        figure.add_scatter(
            x=part[chart.x.column].to_list(),
            y=part[chart.y.column].to_list(),
            mode="lines",
            line={"color": palette.colour_of(chart, group), "width": 2.5},
            name=_safe(group),
            **_marks(chart, part, language),
        )
    figure.update_xaxes(**_numeric(chart.x))
    figure.update_yaxes(**_numeric(chart.y))
    _reference(figure, chart)


def _reference(figure: go.Figure, chart: Chart) -> None:
    if chart.reference and chart.reference.axis == "x":
        figure.add_vline(x=chart.reference.value, **_dashed(chart.reference))
    elif chart.reference:
        figure.add_hline(y=chart.reference.value, **_dashed(chart.reference))


def _dashed(reference: Reference) -> dict[str, Any]:
    line = {"dash": "dash", "width": 1.5, "color": palette.TONES["muted"]}
    return {"line": line, "annotation_text": _safe(reference.label), "annotation_position": "top right"}


def _say_empty(figure: go.Figure, language: str) -> None:
    _ = say(language)
    figure.add_annotation(
        text=_("There is no data to show yet."), showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper"
    )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)


_PAINTERS: Mapping[Kind, Callable[[go.Figure, Chart, str], None]] = {
    "bar": _bar,
    "ranked": _horizontal,
    "contributions": _horizontal,
    "stacked": _stacked,
    "line": _line,
    "histogram": _histogram,
    "scatter": _scatter,
    "reliability": _reliability,
    "interval": _interval,
    "curve": _curve,
}
