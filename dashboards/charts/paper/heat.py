"""A table whose cells are the darker the higher their value, on paper."""

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.patches import Rectangle

from dashboards.charts import palette
from dashboards.charts.chart import Chart
from dashboards.charts.fonts import font_family
from dashboards.charts.paper.parts import captions
from dashboards.charts.ticks import columns_of
from dashboards.numbers import shown


def heat(axes: Axes, chart: Chart, language: str) -> None:
    columns, rows = columns_of(chart, language), chart.groups
    scale = LinearSegmentedColormap.from_list("heat", palette.HEAT)
    values = chart.data[chart.y.column]
    low, high = float(values.min() or 0), float(values.max() or 0)  # type: ignore[arg-type]
    for cell in chart.data.iter_rows(named=True):
        value = cell[chart.y.column]
        if value is None:
            continue
        colour = to_hex(scale((value - low) / ((high - low) or 1.0)))
        x = columns.index(shown(cell[chart.x.column], chart.x.format, language))
        y = rows.index(str(cell[chart.group]))
        axes.add_patch(Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, facecolor=colour, lw=0))
        axes.text(
            x,
            y,
            shown(value, chart.y.format, language),
            ha="center",
            va="center",
            fontsize=8,
            color=palette.INK,
            fontfamily=font_family(),
        )
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    axes.spines["bottom"].set_visible(False)
    captions(axes, chart.x.caption, "")
