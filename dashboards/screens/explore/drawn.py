"""The charts of a view as descriptions: what was counted, in words, and what of it is picked."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from math import inf

import polars as pl

from dashboards import figures
from dashboards.charts.chart import Axis, Chart
from dashboards.explore.view import Range
from dashboards.numbers import integer, percent
from dashboards.screens.explore.explored import Explored
from dashboards.screens.explore.told import end_in_words, is_share, value_in_words

REST = "\x00rest"  # what the bar of the further values stands for; no value is called so


def bands(explored: Explored, counted: pl.DataFrame, order: Sequence[str]) -> Chart:
    """The cases by band (`queries.explore.by_value`), empty bands included."""
    names = order or [str(name) for name in counted["value"].drop_nulls()]
    cases = dict(counted.select("value", "cases").iter_rows())
    found = pl.DataFrame(
        {"band": names, "cases": [int(cases.get(name) or 0) for name in names]},
        schema={"band": pl.String, "cases": pl.Int64},
    )
    chart = figures.cases_by_band(explored.task, found, explored.here.language)
    return _picked(chart, names, [name in explored.view.chosen("band") for name in names])


def scores(explored: Explored, bins: pl.DataFrame) -> Chart:
    """How the scores are spread (`queries.explore.histogram`), in the colours of their bands."""
    chart = figures.score_distribution(explored.task, bins, explored.here.language)
    return _picked_bins(explored, "score", chart)


def categories(explored: Explored, column: str, counted: pl.DataFrame) -> Chart:
    """The cases by the values of a column, most first; those without a value and further ones by name."""
    _, language = explored.here.say, explored.here.language
    label, rest = explored.label(column), counted["is_rest"].to_list()
    values = ["" if value is None else str(value) for value in counted["value"]]
    names = [
        _("(others)") if is_rest else value_in_words(explored, column, value)
        for value, is_rest in zip(values, rest, strict=True)
    ]
    sentence = ""
    if total := int(counted["cases"].sum() or 0):
        sentence = _("Most are «{value}»: {cases} of {total} ({share}).").format(
            value=names[0],
            cases=integer(counted["cases"][0], language),
            total=integer(total, language),
            share=percent(counted["cases"][0] / total, language),
        )
    chart = Chart(
        name=f"by-{column}",
        kind="ranked",
        title=_("Cases by {column}").format(column=label),
        sentence=sentence,
        data=counted.select("cases").with_columns(pl.Series("value", names, dtype=pl.String)),
        x=Axis("value", label, "text"),
        y=Axis("cases", _("Cases"), "integer"),
    )
    chosen = explored.view.chosen(column)
    picks = [REST if is_rest else value for value, is_rest in zip(values, rest, strict=True)]
    return _picked(chart, picks, [pick in chosen for pick in picks])


def bins_of(explored: Explored, column: str, bins: pl.DataFrame) -> Chart:
    """How the values of a column of numbers or moments are spread."""
    _, label = explored.here.say, explored.label(column)
    is_time = explored.sort(column) in ("day", "moment")
    sentence = ""
    if total := int(bins["cases"].sum() or 0):
        middle = bins.filter(pl.col("cases").cum_sum() >= total / 2)["end"][0]
        sentence = _("Half of the {total} cases lie below {middle}.").format(
            total=integer(total, explored.here.language),
            middle=end_in_words(explored, column, _written(middle)),
        )
    chart = Chart(
        name=f"by-{column}",
        kind="bar" if is_time else "histogram",
        title=_("Cases by {column}").format(column=label),
        sentence=sentence,
        data=bins,
        x=Axis("start", label, "date" if is_time else "percent" if is_share(explored, column) else "number"),
        y=Axis("cases", _("Cases"), "integer"),
        x_end="end",
    )
    return _picked_bins(explored, column, chart)


def _picked_bins(explored: Explored, column: str, chart: Chart) -> Chart:
    """The chart with the range that each bin stands for; those are picked whose range the view asks for."""
    picks = chart.data["range"].to_list()
    return _picked(chart, picks, [is_within(explored, column, pick) for pick in picks])


def is_within(explored: Explored, column: str, bounds: str) -> bool:
    """Whether the middle of a bin lies in the range that the view asks for; False where it asks for none."""
    wanted = explored.view.range_of(column)
    if wanted == Range():
        return False
    place = _seconds if explored.sort(column) in ("day", "moment") else float
    try:
        low = place(wanted.low) if wanted.low else -inf
        high = place(wanted.high) if wanted.high else inf
    except ValueError:
        return False
    begin, _to, end = bounds.partition("..")
    return low <= (place(begin) + place(end)) / 2 <= high


def _seconds(text: str) -> float:
    """A day or a moment on a line; a day alone begins at midnight."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def _written(value: object) -> str:
    """One end of a bin as a view writes it."""
    return value.isoformat() if isinstance(value, datetime) else repr(float(value))  # type: ignore[arg-type]


def _picked(chart: Chart, picks: Sequence[str], chosen: Sequence[bool]) -> Chart:
    data = chart.data.with_columns(
        pl.Series("pick", picks, dtype=pl.String), pl.Series("chosen", chosen, dtype=pl.Boolean)
    )
    return replace(chart, data=data, pick="pick", chosen="chosen")
