"""Steps on the screen: lying bars, each beginning where the one before ended, between two levels."""

import plotly.graph_objects as go

from dashboards.charts import palette
from dashboards.charts.chart import Chart
from dashboards.charts.screen.bars import categories_down
from dashboards.charts.screen.parts import FEW_TICKS, colours_by_row, numeric, safe
from dashboards.charts.ticks import LONGEST_LABEL, labels

_BEFORE, _AFTER = 0.26, 0.3  # of the span, for what is written beside the steps
_HALF = 0.33  # of a bar's width


def waterfall(figure: go.Figure, chart: Chart, language: str) -> None:
    data = chart.data
    begins, ends = data[chart.lower].to_list(), data[chart.upper].to_list()
    names = labels(chart, chart.x, language, longest=2 * LONGEST_LABEL)
    colours, texts = colours_by_row(chart), data[chart.label].to_list() if chart.label else [""] * len(names)
    told = ["<br>".join(map(safe, each.split("\n"))) for each in data[chart.told]] if chart.told else texts
    _connect(figure, ends)
    low, high = min(*begins, *ends), max(*begins, *ends)
    middle = (low + high) / 2  # beyond it there is more room on the left
    steps = [row for row in range(len(names)) if begins[row] != ends[row]]
    figure.add_bar(
        x=[ends[row] - begins[row] for row in steps],
        base=[begins[row] for row in steps],
        y=steps,
        orientation="h",
        width=2 * _HALF,
        marker_color=[colours[row] for row in steps],
        text=[safe(texts[row]) for row in steps],
        textposition="outside",
        cliponaxis=False,
        hovertext=[told[row] for row in steps],
        hoverinfo="text",
    )
    levels = [row for row in range(len(names)) if begins[row] == ends[row]]
    figure.add_scatter(
        x=[ends[row] for row in levels],
        y=levels,
        mode="markers+text",
        marker={"symbol": "diamond", "size": 12, "color": [colours[row] for row in levels]},
        text=[f"  <b>{safe(texts[row])}</b>  " for row in levels],
        textposition=[f"middle {'left' if ends[row] > middle else 'right'}" for row in levels],
        cliponaxis=False,
        hovertext=[told[row] for row in levels],
        hoverinfo="text",
        showlegend=False,
    )
    categories_down(figure, names)
    span = (high - low) or abs(high) or 1.0
    figure.update_xaxes(
        range=[low - _BEFORE * span, high + _AFTER * span], **numeric(chart, chart.y, FEW_TICKS)
    )
    if chart.ticks:
        places, written = zip(*chart.ticks, strict=True)
        figure.update_xaxes(tickvals=places, ticktext=written)


def _connect(figure: go.Figure, ends: list[float]) -> None:
    """A thin line from the end of each step down to the begin of the next."""
    for row, end in enumerate(ends[:-1]):
        figure.add_shape(
            type="line",
            x0=end,
            x1=end,
            y0=row,
            y1=row + 1,
            line={"color": palette.TONES["muted"], "width": 1, "dash": "dot"},
            layer="below",
        )
