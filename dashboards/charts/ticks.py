"""Which dates and which rows of a chart are worth a tick: few enough to be read."""

from datetime import date
from typing import Any, Literal

import polars as pl

from dashboards.charts.chart import Axis, Chart
from dashboards.numbers import shown

MOST_DATES = 6
LONGEST_LABEL = 34


def is_time(axis: Axis) -> bool:
    """Whether the axis holds dates."""
    return axis.format in ("date", "month")


def date_ticks(chart: Chart, language: str) -> tuple[list[Any], list[str]]:
    """At most `MOST_DATES` of the dates of x, evenly spaced and always with the last, and their labels."""
    dates: list[date] = chart.data[chart.x.column].unique().sort().drop_nulls().to_list()
    step = max(1, -(-len(dates) // MOST_DATES))
    chosen = dates[::-1][::step][::-1]
    return chosen, [shown(each, chart.x.format, language) for each in chosen]


def columns_of(chart: Chart, language: str) -> list[str]:
    """The columns of a table of values (`heat`) in the order of the data, each once."""
    values = chart.data[chart.x.column].unique(maintain_order=True)
    return [shown(each, chart.x.format, language) for each in values]


def labels(chart: Chart, axis: Axis, language: str, longest: int = LONGEST_LABEL) -> list[str]:
    """The categories of an axis as written beside it; long ones are cut."""
    texts = [shown(value, axis.format, language, axis.unit) for value in chart.data[axis.column]]
    return [text if len(text) <= longest else text[: longest - 1] + "…" for text in texts]


def sides_of_labels(chart: Chart, part: pl.DataFrame) -> list[Literal["top", "bottom"]]:
    """On which side of its mark each label of a `scatter` stands: neighbours along x on different ones."""
    ranks = part[chart.x.column].rank("ordinal")
    return ["top" if rank % 2 else "bottom" for rank in ranks]
