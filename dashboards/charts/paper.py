"""Draws a chart on paper with Matplotlib: PNG bytes for mails and documents, no browser anywhere.

The same chart gives the same bytes. `matplotlib.pyplot` is never used: it keeps figures alive and is not
safe in threads.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from dashboards.charts import palette
from dashboards.charts.chart import Axis, Chart, Kind, Reference
from dashboards.charts.fonts import font_family
from dashboards.charts.ticks import date_ticks, is_time, labels
from dashboards.numbers import axis_label, shown
from dashboards.wording import say

WIDTH = 600
HEIGHT = 280
ROW_HEIGHT = 30  # of a horizontal bar
DENSITY = 2  # picture pixels per stated pixel: sharp on the screens that people have
_DPI = 100


@dataclass(frozen=True)
class Picture:
    """A PNG with the width and height it is to be shown at, in CSS pixels."""

    png: bytes
    width: int
    height: int


def draw(chart: Chart, language: str, *, titled: bool = False, width: int = WIDTH) -> Picture:
    """Paints `chart`; `titled` writes title and sentence into the picture where no text stands beside it."""
    height = _height(chart) + (56 if titled else 0)
    figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI * DENSITY, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    _dress(axes)
    if chart.is_empty:
        _say_empty(axes, language)
    else:
        _PAINTERS[chart.kind](axes, chart, language)
    if titled:
        _write_title(axes, chart)
    figure.set_layout_engine("constrained", w_pad=0.08, h_pad=0.08)
    file = BytesIO()
    # No metadata: the name and version of the library would change the bytes from one release to the next.
    canvas.print_png(file, metadata={"Software": None})  # type: ignore[no-untyped-call]
    return Picture(file.getvalue(), width, height)


def _height(chart: Chart) -> int:
    if chart.kind in ("ranked", "contributions", "interval") and not chart.is_empty:
        return max(110, 64 + ROW_HEIGHT * chart.data.height)
    return HEIGHT


def _dress(axes: Axes) -> None:
    family = font_family()
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(palette.QUIET)
    axes.tick_params(colors=palette.QUIET, labelsize=9, length=0, labelfontfamily=family)
    axes.set_axisbelow(True)


def _captions(axes: Axes, x: str, y: str) -> None:
    style: dict[str, Any] = {"color": palette.QUIET, "fontsize": 9, "fontfamily": font_family()}
    axes.set_xlabel(x, **style)
    axes.set_ylabel(y, **style)


def _grid(axes: Axes, which: str) -> None:
    axes.grid(visible=True, axis=which, color=palette.GRID, linewidth=0.8)  # type: ignore[arg-type]


def _number_ticks(axes: Axes, which: str, axis: Axis, language: str) -> None:
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


def _legend(axes: Axes, chart: Chart) -> None:
    if len(chart.groups) > 1:
        axes.legend(
            loc="lower left",
            bbox_to_anchor=(0, 1),
            ncols=4,
            frameon=False,
            borderaxespad=0.2,
            handlelength=1.2,
            labelcolor=palette.INK,
            prop={"family": font_family(), "size": 9},
        )


def _reference(axes: Axes, chart: Chart) -> None:
    if chart.reference and chart.reference.axis == "x":
        _upright(axes, chart.reference)
        axes.annotate(
            chart.reference.label,
            (chart.reference.value, 1),
            xycoords=("data", "axes fraction"),
            xytext=(4, -3),
            textcoords="offset points",
            va="top",
            fontsize=8.5,
            color=palette.QUIET,
            fontfamily=font_family(),
        )
    elif chart.reference:
        axes.axhline(chart.reference.value, color=palette.QUIET, linewidth=1, linestyle=(0, (4, 3)))
        axes.annotate(
            chart.reference.label,
            (1, chart.reference.value),
            xycoords=("axes fraction", "data"),
            xytext=(0, 3),
            textcoords="offset points",
            ha="right",
            fontsize=8.5,
            color=palette.QUIET,
            fontfamily=font_family(),
        )


def _upright(axes: Axes, reference: Reference) -> None:
    axes.axvline(reference.value, color=palette.QUIET, linewidth=1, linestyle=(0, (4, 3)))


def _note(axes: Axes, text: str, x: float, y: float, ha: str = "center", va: str = "bottom") -> None:
    """A value written beside its mark."""
    offset = {"center": (0, 3), "left": (4, 0), "right": (-4, 0)}[ha]
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


def _bar(axes: Axes, chart: Chart, language: str) -> None:
    names, values = labels(chart, chart.x, language), chart.data[chart.y.column].to_list()
    places = range(len(names))
    axes.bar(places, values, width=0.62, color=_colours_by_row(chart))
    axes.set_xticks(list(places), names)
    for place, value in zip(places, values, strict=True):
        _note(axes, shown(value, chart.y.format, language), place, value)
    axes.margins(y=0.15)
    _grid(axes, "y")
    _number_ticks(axes, "y", chart.y, language)
    _captions(axes, chart.x.caption, chart.y.caption)
    _reference(axes, chart)


def _horizontal(axes: Axes, chart: Chart, language: str) -> None:
    names, values = labels(chart, chart.x, language), chart.data[chart.y.column].to_list()
    places = list(range(len(names)))[::-1]
    axes.barh(places, values, height=0.6, color=_colours_by_row(chart))
    axes.set_yticks(places, names)
    axes.tick_params(axis="y", labelcolor=palette.INK)
    for place, value in zip(places, values, strict=True):
        side = "right" if value < 0 else "left"
        _note(axes, shown(value, chart.y.format, language), value, place, side, "center")
    axes.margins(x=0.14)
    axes.set_ylim(-0.6, len(names) - 0.4)
    if min(values) < 0:
        axes.axvline(0, color=palette.QUIET, linewidth=0.8)
    _grid(axes, "x")
    _number_ticks(axes, "x", chart.y, language)
    _captions(axes, chart.y.caption, "")


def _stacked(axes: Axes, chart: Chart, language: str) -> None:
    names = [
        shown(v, chart.x.format, language) for v in chart.data[chart.x.column].unique(maintain_order=True)
    ]
    base = dict.fromkeys(names, 0.0)
    for group in chart.groups:
        part = chart.part(group)
        keys = [shown(v, chart.x.format, language) for v in part[chart.x.column]]
        values = part[chart.y.column].to_list()
        places, bottoms = [names.index(key) for key in keys], [base[key] for key in keys]
        axes.bar(
            places, values, bottom=bottoms, width=0.7, color=palette.colour_of(chart, group), label=group
        )
        for key, value in zip(keys, values, strict=True):
            base[key] += float(value)
    step = max(1, -(-len(names) // 8))
    axes.set_xticks(range(0, len(names), step), names[::step])
    _grid(axes, "y")
    _number_ticks(axes, "y", chart.y, language)
    _captions(axes, chart.x.caption, chart.y.caption)
    _legend(axes, chart)


def _line(axes: Axes, chart: Chart, language: str) -> None:
    for group in chart.groups:
        part, colour = chart.part(group).sort(chart.x.column), palette.colour_of(chart, group)
        x = part[chart.x.column].to_list()
        if chart.lower and chart.upper:
            axes.fill_between(
                x, part[chart.lower].to_list(), part[chart.upper].to_list(), color=colour, alpha=0.15, lw=0
            )
        y = part[chart.y.column].to_list()
        axes.plot(x, y, color=colour, linewidth=2, label=group, solid_capstyle="round")
        axes.plot(x[-1:], y[-1:], "o", color=colour, markersize=5)
    axes.set_ylim(bottom=0)
    axes.margins(x=0.02, y=0.15)
    if is_time(chart.x):
        axes.set_xticks(*date_ticks(chart, language))
    else:
        _number_ticks(axes, "x", chart.x, language)
    _grid(axes, "y")
    _number_ticks(axes, "y", chart.y, language)
    _captions(axes, "" if is_time(chart.x) else chart.x.caption, chart.y.caption)
    _reference(axes, chart)
    _legend(axes, chart)


def _histogram(axes: Axes, chart: Chart, language: str) -> None:
    for group in chart.groups:
        part = chart.part(group)
        start, end = part[chart.x.column].to_numpy(), part[chart.x_end].to_numpy()
        colour = palette.colour_of(chart, group)
        heights = part[chart.y.column].to_numpy()
        axes.bar(
            start,
            heights,
            width=end - start,
            align="edge",
            color=colour,
            edgecolor="white",
            lw=0.8,
            label=group,
        )
    axes.margins(x=0.01, y=0.1)
    _grid(axes, "y")
    _number_ticks(axes, "x", chart.x, language)
    _number_ticks(axes, "y", chart.y, language)
    _captions(axes, chart.x.caption, chart.y.caption)
    _legend(axes, chart)


def _scatter(axes: Axes, chart: Chart, language: str) -> None:
    for group in chart.groups:
        part = chart.part(group)
        axes.scatter(
            part[chart.x.column],
            part[chart.y.column],
            s=18,
            alpha=0.7,
            lw=0,
            color=palette.colour_of(chart, group),
            label=group,
        )
    _grid(axes, "both")
    _number_ticks(axes, "x", chart.x, language)
    _number_ticks(axes, "y", chart.y, language)
    _captions(axes, chart.x.caption, chart.y.caption)
    _reference(axes, chart)
    _legend(axes, chart)


def _reliability(axes: Axes, chart: Chart, language: str) -> None:
    x, y = chart.data[chart.x.column].to_numpy(), chart.data[chart.y.column].to_numpy()
    top = max(float(x.max()), float(y.max()))
    if chart.lower and chart.upper:
        lower, upper = chart.data[chart.lower].to_numpy(), chart.data[chart.upper].to_numpy()
        axes.vlines(x, lower, upper, color=palette.TONES["calm"], linewidth=3, alpha=0.8)
        top = max(top, float(upper.max()))
    axes.plot([0, top], [0, top], color=palette.QUIET, linewidth=1, linestyle=(0, (4, 3)))
    axes.plot(x, y, "o-", color=palette.TONES["plain"], linewidth=1.5, markersize=5)
    axes.set_xlim(0, top * 1.03)
    axes.set_ylim(0, top * 1.06)
    _grid(axes, "both")
    _number_ticks(axes, "x", chart.x, language)
    _number_ticks(axes, "y", chart.y, language)
    _captions(axes, chart.x.caption, chart.y.caption)


def _interval(axes: Axes, chart: Chart, language: str) -> None:
    names = labels(chart, chart.x, language)
    places = list(range(len(names)))[::-1]
    axes.hlines(
        places,
        chart.data[chart.lower].to_list(),
        chart.data[chart.upper].to_list(),
        color=palette.TONES["calm"],
        linewidth=6,
        alpha=0.7,
    )
    axes.scatter(chart.data[chart.y.column].to_list(), places, s=36, c=_colours_by_row(chart), zorder=3)
    if chart.reference:
        _upright(axes, chart.reference)
    axes.set_yticks(places, names)
    axes.tick_params(axis="y", labelcolor=palette.INK)
    axes.set_ylim(-0.6, len(names) - 0.4)
    _grid(axes, "x")
    _number_ticks(axes, "x", chart.y, language)
    _captions(axes, chart.y.caption, "")


def _curve(axes: Axes, chart: Chart, language: str) -> None:
    for group in chart.groups:
        part, colour = chart.part(group).sort(chart.x.column), palette.colour_of(chart, group)
        x, y = part[chart.x.column].to_list(), part[chart.y.column].to_list()
        axes.plot(x, y, color=colour, linewidth=2, label=group, solid_capstyle="round")
    axes.margins(x=0.02, y=0.12)
    _grid(axes, "both")
    _number_ticks(axes, "x", chart.x, language)
    _number_ticks(axes, "y", chart.y, language)
    _captions(axes, chart.x.caption, chart.y.caption)
    _reference(axes, chart)
    _legend(axes, chart)


def _colours_by_row(chart: Chart) -> list[str]:
    if not chart.group:
        return [palette.TONES["plain"]] * chart.data.height
    return [palette.colour_of(chart, str(group)) for group in chart.data[chart.group]]


def _say_empty(axes: Axes, language: str) -> None:
    _ = say(language)
    axes.set_axis_off()
    axes.text(
        0.5,
        0.5,
        _("There is no data to show yet."),
        ha="center",
        va="center",
        transform=axes.transAxes,
        color=palette.QUIET,
        fontsize=11,
        fontfamily=font_family(),
    )


def _write_title(axes: Axes, chart: Chart) -> None:
    axes.set_title(
        chart.title,
        loc="left",
        pad=48 if axes.get_legend() else 28,
        fontsize=13,
        color=palette.INK,
        fontfamily=font_family(),
    )
    axes.annotate(
        chart.sentence,
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, 28 if axes.get_legend() else 12),
        textcoords="offset points",
        fontsize=9.5,
        color=palette.QUIET,
        fontfamily=font_family(),
    )


_PAINTERS: Mapping[Kind, Callable[[Axes, Chart, str], None]] = {
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
