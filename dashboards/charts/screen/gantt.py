"""Spans of time in rows on the screen: vehicles against their shifts, stops against their windows."""

from datetime import datetime, timedelta
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.charts import palette
from dashboards.charts.chart import Chart
from dashboards.charts.screen.parts import safe
from dashboards.charts.ticks import LONGEST_LABEL
from dashboards.numbers import shown

# Told apart without colours too: what waits is hatched, what is late is crossed.
_HATCHES = {"watch": "/", "alert": "x"}
_WIDE, _NARROW = 0.78, 0.46


def gantt(figure: go.Figure, chart: Chart, language: str) -> None:
    """First row on top; the ground below, spans above, the interval of a begin as a thin line."""
    for group in (*chart.ground, *(group for group in chart.groups if group not in chart.ground)):
        _spans(figure, chart, group, language)
    if chart.lower and chart.upper:
        _intervals(figure, chart)
    names = chart.rows
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=["<br>".join(safe(line) for line in wrap(name, LONGEST_LABEL)) for name in names],
        range=[len(names) - 0.4, -0.6],
        showgrid=False,
    )
    figure.update_xaxes(type="date", tickformat="%H:%M", title_text=chart.x.caption, nticks=8, tickangle=0)


def _spans(figure: go.Figure, chart: Chart, group: str, language: str) -> None:
    part = chart.part(group)
    begins: list[datetime] = part[chart.x.column].to_list()
    ends: list[datetime] = part[chart.x_end].to_list()
    on_ground, tone = group in chart.ground, chart.tones.get(group, "plain")
    colour = palette.colour_of(chart, group)
    figure.add_bar(
        base=begins,
        x=[(end - begin) / timedelta(milliseconds=1) for begin, end in zip(begins, ends, strict=True)],
        y=_places(chart, part),
        orientation="h",
        width=_WIDE if on_ground else _NARROW,
        opacity=0.28 if on_ground else 1,
        marker={
            "color": colour,
            "line": {"color": colour, "width": 1},
            "pattern": {"shape": _HATCHES.get(tone, ""), "size": 6, "fillmode": "replace"},
        },
        name=safe(group),
        **_told(chart, part, language),
    )


def _intervals(figure: go.Figure, chart: Chart) -> None:
    """One line for all intervals, broken between them."""
    part = chart.data.drop_nulls([chart.lower, chart.upper])
    x: list[datetime | None] = []
    y: list[int | None] = []
    for place, low, high in zip(_places(chart, part), part[chart.lower], part[chart.upper], strict=True):
        x += [low, high, None]
        y += [place, place, None]
    line = {"color": palette.TONES["muted"], "width": 2}
    marker = {"symbol": "line-ns", "size": 9, "line": line}
    figure.add_scatter(
        x=x, y=y, mode="lines+markers", line=line, marker=marker, hoverinfo="skip", showlegend=False
    )


def _places(chart: Chart, part: pl.DataFrame) -> list[int]:
    places = {name: place for place, name in enumerate(chart.rows)}
    return [places[str(name)] for name in part[chart.y.column]]


def _told(chart: Chart, part: pl.DataFrame, language: str) -> dict[str, Any]:
    texts = []
    for row in part.iter_rows(named=True):
        span = "–".join(shown(row[each], "clock", language) for each in (chart.x.column, chart.x_end))
        lines = [str(row[chart.y.column]), f"{row[chart.group] if chart.group else ''} {span}".strip()]
        lines += str(row[chart.told] or "").split("\n") if chart.told else []
        texts.append("<br>".join(safe(line) for line in lines if line))
    return {"hovertext": texts, "hoverinfo": "text"}
