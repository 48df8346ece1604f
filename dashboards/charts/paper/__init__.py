"""Draws a chart on paper with Matplotlib: PNG for mails, SVG for print, no browser anywhere.

The same chart gives the same bytes. `matplotlib.pyplot` is never used: it keeps figures alive and is not
safe in threads.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from io import BytesIO, StringIO

import numpy as np
import polars as pl
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from PIL import Image

from dashboards.charts import palette
from dashboards.charts.chart import Chart, Kind
from dashboards.charts.fonts import font_family, printable
from dashboards.charts.paper.bars import bar, histogram, interval, lying_bars, stacked
from dashboards.charts.paper.gantt import gantt
from dashboards.charts.paper.heat import heat
from dashboards.charts.paper.lines import band, curve, line, reliability, scatter
from dashboards.charts.paper.map import route_map
from dashboards.charts.paper.margins import Margins, margins
from dashboards.charts.paper.survival import ROW as RISK_ROW
from dashboards.charts.paper.survival import survival
from dashboards.charts.paper.waterfall import waterfall
from dashboards.wording import say

WIDTH = 600
HEIGHT = 280
MAP_HEIGHT = 420
ROW_HEIGHT = 30  # of a horizontal bar
DENSITY = 2  # picture pixels per stated pixel: sharp on the screens that people have
_DPI = 100


@dataclass(frozen=True)
class Picture:
    """A PNG with the width and height it is to be shown at, in CSS pixels."""

    png: bytes
    width: int
    height: int


def draw(
    chart: Chart, language: str, *, width: int = WIDTH, height: int | None = None, alone: str | None = None
) -> Picture:
    """Paints `chart`, in the height that suits its kind unless one is given.

    A picture that is shown `alone`, with no text beside it, has title and sentence above it and the text of
    `alone` below it.
    """
    around = Margins() if alone is None else margins(chart, alone, width)
    height = (height or _height(chart)) + around.top + around.bottom
    canvas = FigureCanvasAgg(_painted(chart, language, width, height, around))
    canvas.draw()  # type: ignore[no-untyped-call]
    drawn = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    pixels = np.ascontiguousarray(drawn[..., :3])
    # A chart has few colours: with 256 of them each is off by a step or two, and the file a third in size.
    few = Image.fromarray(pixels).quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    file = BytesIO()
    few.save(file, "PNG")
    return Picture(file.getvalue(), width, height)


def draw_svg(
    chart: Chart, language: str, *, width: int = WIDTH, height: int | None = None, alone: str | None = None
) -> str:
    """The same picture in lines, sharp at any size; `width` and `height` in CSS pixels.

    Letters are outlines: whoever shows it needs no font.
    """
    around = Margins() if alone is None else margins(chart, alone, width)
    height = (height or _height(chart)) + around.top + around.bottom
    canvas = FigureCanvasSVG(_painted(chart, language, width, height, around))
    file = StringIO()
    # The ids of its parts are hashes; with a salt of our own they are the same every time.
    rcParams["svg.hashsalt"] = "smart-data-assistant"
    none = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    canvas.print_svg(file, metadata=none)  # type: ignore[no-untyped-call]
    return file.getvalue()


def _painted(chart: Chart, language: str, width: int, height: int, around: Margins) -> Figure:
    chart = _printable(chart)
    rcParams["text.parse_math"] = False  # a name with two dollar signs is no formula
    figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI * DENSITY, facecolor="white")
    axes = figure.add_subplot()
    _dress(axes)
    if chart.is_empty:
        _say_empty(axes, language)
    else:
        _PAINTERS[chart.kind](axes, chart, language)
    place = around.write(figure, width, height)
    figure.set_layout_engine("constrained", w_pad=0.08, h_pad=0.08, rect=place)
    return figure


def _printable(chart: Chart) -> Chart:
    """The chart without symbols that no font of ours has."""
    texts = [name for name, kind in chart.data.schema.items() if kind == pl.String]
    strange = [name for name in texts if not all(each.isascii() for each in chart.data[name].drop_nulls())]
    data = chart.data.with_columns(
        pl.Series(name, [each and printable(each) for each in chart.data[name]], pl.String)
        for name in strange
    )
    return replace(
        chart,
        title=printable(chart.title),
        sentence=printable(chart.sentence),
        data=data,
        tones={printable(group): tone for group, tone in chart.tones.items()},
        ground=tuple(printable(group) for group in chart.ground),
    )


def _height(chart: Chart) -> int:
    if chart.is_empty:
        return HEIGHT
    if chart.kind in ("ranked", "contributions", "interval", "waterfall"):
        return max(110, 64 + ROW_HEIGHT * chart.data.height)
    if chart.kind in ("gantt", "heat"):
        return 84 + ROW_HEIGHT * len(chart.rows if chart.kind == "gantt" else chart.groups)
    if chart.kind == "map":
        return MAP_HEIGHT
    if chart.kind == "survival" and chart.at_risk:
        return HEIGHT + RISK_ROW * len(chart.groups)
    return HEIGHT


def _dress(axes: Axes) -> None:
    family = font_family()
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(palette.QUIET)
    axes.tick_params(colors=palette.QUIET, labelsize=9, length=0, labelfontfamily=family)
    axes.set_axisbelow(True)


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


_PAINTERS: Mapping[Kind, Callable[[Axes, Chart, str], None]] = {
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
