"""Routes on the screen: a line with numbered marks for each, the depot, what is not served.

Drawn on plain axes in a map projection, not with a map library: nothing is fetched unless a tile server is
set, and then only the tiles.
"""

from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.charts import palette
from dashboards.charts.chart import Chart
from dashboards.charts.geography import box_of, projected, scale_bar, tiles
from dashboards.charts.routes import (
    dashes,
    farthest,
    is_background,
    is_crowded,
    marked,
    names_of_marks,
    routes,
)
from dashboards.charts.screen.parts import safe
from dashboards.wording import say

_DASHES = ("solid", "dash", "dot")
_EDGE = "#FFFFFF"


def route_map(figure: go.Figure, chart: Chart, language: str) -> None:
    """Lines first, marks above them, names on top."""
    for group in routes(chart):
        _line(figure, chart, group)
    for group in routes(chart):
        _stops(figure, chart, group)
    _others(figure, chart, language)
    _scale(figure, chart)
    box = box_of(chart)
    bare = {"visible": False, "showgrid": False}
    figure.update_xaxes(range=[box.west, box.east], **bare)
    figure.update_yaxes(range=[box.south, box.north], scaleanchor="x", scaleratio=1, **bare)
    bar = {"orientation": "v", "bgcolor": "rgba(0,0,0,0)", "color": palette.TONES["muted"]}
    figure.update_layout(dragmode=False, modebar=bar)


def lay_tiles(figure: go.Figure, chart: Chart, server: str) -> None:
    """Puts the tiles of `server` below the map; the reader's browser fetches them."""
    for tile in tiles(chart, server):
        figure.add_layout_image(
            source=tile.address,
            xref="x",
            yref="y",
            x=tile.box.west,
            y=tile.box.north,
            sizex=tile.box.width,
            sizey=tile.box.height,
            sizing="stretch",
            layer="below",
            opacity=0.75,
        )


def _line(figure: go.Figure, chart: Chart, group: str) -> None:
    x, y = projected(chart, marked(chart.part(group), chart, "stop", "late", "depot"))
    background = is_background(chart, group)
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines",
        line={
            "color": palette.colour_of(chart, group),
            "width": 1 if background else 2.5,
            "dash": _DASHES[dashes(chart, group)],
        },
        opacity=0.5 if background else 0.9,
        hoverinfo="skip",
        name=safe(group),
        legendgroup=group,
        showlegend=not background,
    )


def _stops(figure: go.Figure, chart: Chart, group: str) -> None:
    part = marked(chart.part(group), chart, "stop", "late")
    x, y = projected(chart, part)
    late = [mark == "late" for mark in part[chart.mark]]
    colour, background = palette.colour_of(chart, group), is_background(chart, group)
    crowded = is_crowded(chart)
    size = 6 if background else 14 if crowded else 18
    letters = palette.ink_on(colour)
    figure.add_scatter(
        x=x,
        y=y,
        mode="markers" if background else "markers+text",
        text=None if background else [safe(str(text)) for text in part[chart.label]],
        textposition="middle center",
        textfont={"size": 8 if crowded else 10, "color": letters},
        marker={
            "color": colour,
            "size": [size + 4 if each and not background else size for each in late],
            "symbol": ["diamond" if each else "circle" for each in late],
            "opacity": 1,  # with a size for each mark Plotly makes them pale
            "line": {
                "color": [palette.INK if each else _EDGE for each in late],
                "width": [2.5 if each else 1 for each in late],
            },
        },
        opacity=0.6 if background else 1,
        legendgroup=group,
        showlegend=False,
        **_told(chart, part),
    )
    if not background:
        # The label stands at the stop farthest from the depot; a tag of the route's colour, so it is found.
        place = farthest(*projected(chart, chart.part(group)))
        stand = chart.part(group)[place]
        at_x, at_y = projected(chart, stand)
        _middle_x, depot_y = projected(chart, chart.part(group)[:1])
        figure.add_annotation(
            x=at_x[0],
            y=at_y[0],
            text=f"<b>{safe(group)}</b>",
            showarrow=False,
            yshift=size if at_y >= depot_y else -size,
            font={"size": 11, "color": letters},
            bgcolor=colour,
            borderpad=2,
        )


def _others(figure: go.Figure, chart: Chart, language: str) -> None:
    """Depots, stops that are not served, and what the mark of a late stop means."""
    names = names_of_marks(say(language))
    looks: dict[str, dict[str, Any]] = {
        "depot": {"symbol": "square", "size": 17, "color": palette.INK},
        "unserved": {"symbol": "x", "size": 13, "color": palette.TONES["alert"]},
    }
    for mark, look in looks.items():
        part = chart.data.filter(chart.data[chart.mark] == mark)
        if mark == "depot":
            part = part.unique([chart.x.column, chart.y.column], maintain_order=True)
        if part.is_empty():
            continue
        x, y = projected(chart, part)
        figure.add_scatter(
            x=x,
            y=y,
            mode="markers",
            marker={**look, "line": {"color": _EDGE, "width": 2}},
            name=safe(names["depot" if mark == "depot" else "unserved"]),
            **_told(chart, part),
        )
    if (chart.data[chart.mark] == "late").any():
        mark_of_late = {
            "symbol": "diamond",
            "size": 12,
            "color": palette.TONES["muted"],
            "line": {"color": palette.INK, "width": 2.5},
        }
        figure.add_scatter(x=[None], y=[None], mode="markers", marker=mark_of_late, name=safe(names["late"]))


def _scale(figure: go.Figure, chart: Chart) -> None:
    """A bar that says how long a kilometre is, in the lower left corner."""
    box = box_of(chart)
    length, words = scale_bar(box)
    x, y = box.west + 0.02 * box.width, box.south + 0.02 * box.height
    line = {"color": palette.TONES["muted"], "width": 3}
    figure.add_shape(type="line", x0=x, x1=x + length, y0=y, y1=y, line=line)
    figure.add_annotation(
        x=x, y=y, text=words, showarrow=False, xanchor="left", yanchor="bottom", font={"size": 11}
    )


def _told(chart: Chart, part: pl.DataFrame) -> dict[str, Any]:
    texts = part[chart.told] if chart.told else [""] * part.height
    lines = ["<br>".join(safe(line) for line in str(text or "").split("\n")) for text in texts]
    return {"hovertext": lines, "hoverinfo": "text"}
