"""Routes on paper: as on the screen, never with tiles, since painting asks nothing of other machines."""

from collections.abc import Sequence
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from dashboards.charts import palette
from dashboards.charts.chart import Chart
from dashboards.charts.fonts import font_family
from dashboards.charts.geography import box_of, projected, scale_bar
from dashboards.charts.paper.parts import draw_legend
from dashboards.charts.routes import (
    dashes,
    farthest,
    is_background,
    is_crowded,
    marked,
    names_of_marks,
    routes,
)
from dashboards.wording import say

_Dash = Literal["-"] | tuple[float, Sequence[float]]
_DASHES: tuple[_Dash, ...] = ("-", (0, (4, 2)), (0, (1, 1.5)))


def route_map(axes: Axes, chart: Chart, language: str) -> None:
    """Lines first, marks above them, names on top."""
    box = box_of(chart)
    axes.set_axis_off()
    axes.margins(0)
    axes.update_datalim([(box.west, box.south), (box.east, box.north)])
    axes.set_aspect("equal", adjustable="datalim")
    for group in routes(chart):
        _line(axes, chart, group)
        _stops(axes, chart, group)
    handles = _others(axes, chart, language)
    _scale(axes, chart)
    shown = [group for group in routes(chart) if not is_background(chart, group)]
    handles = [_handle(chart, group) for group in shown if len(shown) > 1] + handles
    if handles:
        draw_legend(axes, size=8.5, handlelength=2, handles=handles)


def _line(axes: Axes, chart: Chart, group: str) -> None:
    x, y = projected(chart, marked(chart.part(group), chart, "stop", "late", "depot"))
    background = is_background(chart, group)
    axes.plot(
        x,
        y,
        color=palette.colour_of(chart, group),
        linewidth=0.8 if background else 1.8,
        linestyle=_DASHES[dashes(chart, group)],
        alpha=0.5 if background else 0.9,
        zorder=1 if background else 2,
    )


def _stops(axes: Axes, chart: Chart, group: str) -> None:
    part, colour = chart.part(group), palette.colour_of(chart, group)
    if is_background(chart, group):
        x, y = projected(chart, marked(part, chart, "stop", "late"))
        axes.scatter(x, y, s=6, color=colour, alpha=0.6, lw=0, zorder=2)
        return
    crowded = is_crowded(chart)
    size = 70 if crowded else 150
    for mark, symbol, edge, width in (("stop", "o", "white", 0.6), ("late", "D", palette.INK, 1.8)):
        rows = part.filter(part[chart.mark] == mark)
        x, y = projected(chart, rows)
        axes.scatter(x, y, s=size, marker=symbol, color=colour, edgecolor=edge, lw=width, zorder=3)
        for at_x, at_y, text in zip(x, y, rows[chart.label], strict=True):
            axes.text(
                at_x,
                at_y,
                str(text),
                ha="center",
                va="center_baseline",
                fontsize=5.5 if crowded else 7.5,
                color=palette.ink_on(colour),
                fontfamily=font_family(),
                zorder=4,
                clip_on=True,
            )
    if len(routes(chart)) > 1:
        x, y = projected(chart, part)
        place = farthest(x, y)
        axes.annotate(
            group,
            (x[place], y[place]),
            xytext=(0, 7 if y[place] >= y[0] else -7),
            textcoords="offset points",
            ha="center",
            va="bottom" if y[place] >= y[0] else "top",
            fontsize=7.5,
            color=palette.ink_on(colour),
            fontfamily=font_family(),
            bbox={"boxstyle": "round,pad=0.2", "facecolor": colour, "edgecolor": "white", "linewidth": 0.6},
            zorder=5,
        )


def _others(axes: Axes, chart: Chart, language: str) -> list[Line2D]:
    """Depots and stops that are not served; the handles of the legend for all marks that occur."""
    names, handles = names_of_marks(say(language)), []
    looks = {
        "depot": {"marker": "s", "markersize": 9, "color": palette.INK},
        "unserved": {"marker": "X", "markersize": 9, "color": palette.TONES["alert"]},
        "late": {"marker": "D", "markersize": 7, "color": palette.TONES["muted"]},
    }
    for mark, name in names.items():
        part = chart.data.filter(chart.data[chart.mark] == mark)
        if part.is_empty():
            continue
        edge = palette.INK if mark == "late" else "white"
        look = {**looks[mark], "markeredgecolor": edge, "markeredgewidth": 1.2, "linestyle": ""}
        handles.append(Line2D([], [], label=name, **look))  # type: ignore[arg-type]
        if mark != "late":
            axes.plot(*projected(chart, part), **look, zorder=4)  # type: ignore[arg-type]
    return handles


def _handle(chart: Chart, group: str) -> Line2D:
    style = _DASHES[dashes(chart, group)]
    return Line2D([], [], color=palette.colour_of(chart, group), linestyle=style, linewidth=2, label=group)


def _scale(axes: Axes, chart: Chart) -> None:
    """A bar that says how long a kilometre is, in the lower left corner."""
    box = box_of(chart)
    length, words = scale_bar(box)
    axes.plot([box.west, box.west + length], [box.south, box.south], color=palette.QUIET, linewidth=2)
    axes.annotate(
        words,
        (box.west, box.south),
        xytext=(0, 3),
        textcoords="offset points",
        fontsize=8,
        color=palette.QUIET,
        fontfamily=font_family(),
    )
