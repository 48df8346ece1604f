"""A table whose cells are the darker the higher their value, on the screen."""

from textwrap import wrap

import plotly.graph_objects as go

from dashboards.charts import palette
from dashboards.charts.chart import Chart
from dashboards.charts.screen.parts import marks, safe
from dashboards.charts.ticks import columns_of
from dashboards.numbers import shown

_NARROW = 8  # letters of a column's name in a line, so that names stand side by side on a phone


def heat(figure: go.Figure, chart: Chart, language: str) -> None:
    """Groups are rows from the top, x the columns, y the value in the cell."""
    cells, value, columns = chart.data, chart.y, columns_of(chart, language)
    figure.add_heatmap(
        x=[columns.index(shown(each, chart.x.format, language)) for each in cells[chart.x.column]],
        y=[chart.groups.index(str(each)) for each in cells[chart.group]],
        z=cells[value.column].to_list(),
        text=["" if each is None else shown(each, value.format, language) for each in cells[value.column]],
        texttemplate="%{text}",
        textfont={"size": 11, "color": palette.INK},
        colorscale=[[0, palette.HEAT[0]], [1, palette.HEAT[1]]],
        showscale=False,
        xgap=2,
        ygap=2,
        hoverongaps=False,
        **marks(chart, cells, language),
    )
    figure.update_xaxes(
        title_text=chart.x.caption,
        tickvals=list(range(len(columns))),
        ticktext=["<br>".join(safe(line) for line in wrap(each, _NARROW)) for each in columns],
        tickangle=0,
        tickfont_size=11,
        showgrid=False,
    )
    figure.update_yaxes(
        tickvals=list(range(len(chart.groups))),
        ticktext=[safe(each) for each in chart.groups],
        autorange="reversed",
        showgrid=False,
    )
