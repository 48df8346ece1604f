"""What both painters of maps ask of the routes in a chart."""

from collections.abc import Mapping
from math import hypot

import polars as pl

from dashboards.charts import palette
from dashboards.charts.chart import Chart, Mark
from dashboards.wording import Say

SERVED: tuple[Mark, ...] = ("stop", "late")
_CROWD = 60


def routes(chart: Chart) -> list[str]:
    """The groups that are driven, those in the background first so that the others lie on top."""
    driven = [group for group in chart.groups if chart.part(group)[chart.mark].is_in(SERVED).any()]
    return sorted(driven, key=lambda group: not is_background(chart, group))


def is_background(chart: Chart, group: str) -> bool:
    """Whether a route is only shown for orientation, without numbers and name."""
    return chart.tones.get(group) == "muted"


def is_crowded(chart: Chart) -> bool:
    """Whether there are so many numbered stops that they are drawn smaller."""
    shown = [group for group in routes(chart) if not is_background(chart, group)]
    return sum(marked(chart.part(group), chart, *SERVED).height for group in shown) > _CROWD


def marked(part: pl.DataFrame, chart: Chart, *marks: Mark) -> pl.DataFrame:
    """The rows that are one of `marks`."""
    return part.filter(pl.col(chart.mark).is_in(marks))


def names_of_marks(_: Say) -> Mapping[Mark, str]:
    """What the legend calls the marks that are no ordinary stop."""
    return {"late": _("late"), "depot": _("Depot"), "unserved": _("not served")}


def farthest(x: list[float], y: list[float]) -> int:
    """The place of the point farthest from the first: where the name of a route stands clear."""
    return max(range(len(x)), key=lambda place: hypot(x[place] - x[0], y[place] - y[0]))


def dashes(chart: Chart, group: str) -> int:
    """0 for a solid line; others once the colours are used up."""
    return palette.round_of(chart, group) % 3
