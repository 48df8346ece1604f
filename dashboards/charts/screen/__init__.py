"""Draws a chart on the screen with Plotly: the same description as on paper, with values under the pointer.

The ground is left clear so that the figure sits on light and dark pages alike.
"""

from collections.abc import Callable, Mapping

import plotly.graph_objects as go

from dashboards.charts import palette
from dashboards.charts.chart import Chart, Kind
from dashboards.charts.screen.bars import bar, histogram, interval, lying_bars, stacked
from dashboards.charts.screen.gantt import gantt
from dashboards.charts.screen.heat import heat
from dashboards.charts.screen.lines import band, curve, line, reliability, scatter
from dashboards.charts.screen.map import lay_tiles, route_map
from dashboards.charts.screen.survival import height_of as survival_height
from dashboards.charts.screen.survival import survival
from dashboards.charts.screen.waterfall import waterfall
from dashboards.wording import say

ROW_HEIGHT = 34
HEIGHT = 320
MAP_HEIGHT = 520
_WITHOUT_LEGEND: tuple[Kind, ...] = ("bar", "ranked", "contributions", "interval", "waterfall", "heat")
_ABOVE = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"}
_BELOW = {"orientation": "h", "x": 0, "y": -0.02, "yanchor": "top", "traceorder": "normal"}


def draw(
    chart: Chart, language: str, *, titled: bool = False, dark: bool = False, tiles: str = ""
) -> go.Figure:
    """The figure of `chart`; `titled` writes its title and sentence above it.

    `tiles` is the address of a tile server (`https://…/{z}/{x}/{y}.png`) that maps are laid on; without one
    nothing is asked of other machines.
    """
    figure = go.Figure()
    if chart.is_empty:
        _say_empty(figure, language)
    else:
        _PAINTERS[chart.kind](figure, chart, language)
    _dress(figure, chart, titled=titled, dark=dark)
    if tiles and chart.kind == "map" and not chart.is_empty:
        lay_tiles(figure, chart, tiles)
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
        showlegend=chart.kind == "map" or (len(chart.groups) > 1 and chart.kind not in _WITHOUT_LEGEND),
        legend=_BELOW if chart.kind == "map" else _ABOVE,
        barmode="overlay" if chart.kind == "gantt" else "stack",
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
    if chart.is_empty:
        return HEIGHT
    if chart.kind in ("ranked", "contributions", "interval", "waterfall"):
        return max(140, 72 + ROW_HEIGHT * chart.data.height)
    if chart.kind in ("gantt", "heat"):
        return 120 + ROW_HEIGHT * len(chart.rows if chart.kind == "gantt" else chart.groups)
    if chart.kind == "map":
        return MAP_HEIGHT
    if chart.kind == "survival":
        return survival_height(chart)
    return HEIGHT


def _say_empty(figure: go.Figure, language: str) -> None:
    _ = say(language)
    figure.add_annotation(
        text=_("There is no data to show yet."), showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper"
    )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)


_PAINTERS: Mapping[Kind, Callable[[go.Figure, Chart, str], None]] = {
    "bar": bar,
    "ranked": lying_bars,
    "contributions": lying_bars,
    "stacked": stacked,
    "line": line,
    "histogram": histogram,
    "scatter": scatter,
    "reliability": reliability,
    "waterfall": waterfall,
    "interval": interval,
    "curve": curve,
    "heat": heat,
    "band": band,
    "survival": survival,
    "map": route_map,
    "gantt": gantt,
}
