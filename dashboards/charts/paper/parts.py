"""What the painters of paper share: captions, grid, ticks, legend, lines to compare with, notes."""

from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from dashboards.charts import palette
from dashboards.charts.chart import Axis, Chart, Reference
from dashboards.charts.fonts import font_family
from dashboards.numbers import axis_label

Colour = str | tuple[str, float]  # with its opacity
_COLUMNS_PER_INCH = 0.85  # of a legend with names as long as those of groups are


def _legend_columns(axes: Axes) -> int:
    """How many names stand beside each other in the legend."""
    return max(2, int(_COLUMNS_PER_INCH * axes.get_figure(root=True).get_figwidth()))  # type: ignore[union-attr]


def captions(axes: Axes, x: str, y: str) -> None:
    style: dict[str, Any] = {"color": palette.QUIET, "fontsize": 9, "fontfamily": font_family()}
    axes.set_xlabel(x, **style)
    axes.set_ylabel(y, **style)


def grid(axes: Axes, which: str) -> None:
    axes.grid(visible=True, axis=which, color=palette.GRID, linewidth=0.8)  # type: ignore[arg-type]


def number_ticks(axes: Axes, which: str, axis: Axis, language: str) -> None:
    """Few ticks, written as the axis says."""
    target = axes.xaxis if which == "x" else axes.yaxis
    low, high = axes.get_xlim() if which == "x" else axes.get_ylim()
    locator = MaxNLocator(nbins=5, steps=[1, 2, 5, 10], integer=axis.format == "integer")
    ticks = locator.tick_values(low, high)
    step = float(ticks[1] - ticks[0])
    target.set_major_locator(locator)
    target.set_major_formatter(
        FuncFormatter(lambda value, _place: axis_label(value, axis.format, language, step))
    )


def legend(axes: Axes, chart: Chart) -> None:
    if len(chart.groups) > 1:
        draw_legend(axes, size=9, handlelength=1.2)


def draw_legend(axes: Axes, *, size: float, handlelength: float, **given: Any) -> None:
    """Above the picture, the names beside each other as far as there is room; `given` goes to matplotlib."""
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=_legend_columns(axes),
        frameon=False,
        borderaxespad=0.2,
        handlelength=handlelength,
        labelcolor=palette.INK,
        prop={"family": font_family(), "size": size},
        **given,
    )


def draw_reference(axes: Axes, chart: Chart) -> None:
    for place, reference in enumerate(chart.references):
        if reference.axis == "x":
            _draw_upright(axes, reference, place, left=chart.is_far_right(reference.value))
        else:
            _draw_lying(axes, reference)


def _draw_upright(axes: Axes, reference: Reference, place: int, *, left: bool) -> None:
    """The label of each stands below that of the one before: values may lie close together."""
    upright(axes, reference)
    axes.annotate(
        reference.label,
        (reference.value, 1),
        xycoords=("data", "axes fraction"),
        xytext=(-4 if left else 4, -3 - 12 * place),
        textcoords="offset points",
        ha="right" if left else "left",
        va="top",
        fontsize=8.5,
        color=palette.QUIET,
        fontfamily=font_family(),
    )


def _draw_lying(axes: Axes, reference: Reference) -> None:
    axes.axhline(reference.value, color=palette.QUIET, linewidth=1, linestyle=(0, (4, 3)))
    axes.annotate(
        reference.label,
        (1, reference.value),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3),
        textcoords="offset points",
        ha="right",
        fontsize=8.5,
        color=palette.QUIET,
        fontfamily=font_family(),
    )


def upright(axes: Axes, reference: Reference) -> None:
    axes.axvline(reference.value, color=palette.QUIET, linewidth=1, linestyle=(0, (4, 3)))


def note(axes: Axes, text: str, x: float, y: float, ha: str = "center", va: str = "bottom") -> None:
    """A value written beside its mark."""
    offset = {"center": (0, -3 if va == "top" else 3), "left": (4, 0), "right": (-4, 0)}[ha]
    axes.annotate(
        text,
        (x, y),
        xytext=offset,
        textcoords="offset points",
        ha=ha,
        va=va,
        fontsize=8.5,
        color=palette.INK,
        fontfamily=font_family(),
    )


def colours_by_row(chart: Chart) -> list[Colour]:
    if chart.group:
        colours = [palette.colour_of(chart, str(group)) for group in chart.data[chart.group]]
    else:
        colours = [palette.TONES["plain"]] * chart.data.height
    return shaded(chart, chart.data, colours)


def shaded(chart: Chart, part: pl.DataFrame, colours: list[str]) -> list[Colour]:
    """The colours of the rows of a part, those faint that are not picked while others are."""
    strengths = chart.strengths(part)
    return list(zip(colours, strengths, strict=True)) if strengths else list(colours)
