"""The charts of the view, each of which filters the others: bands, scores, a column to choose, outcomes."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import polars as pl
import streamlit as st

from dashboards import figures
from dashboards.charts.chart import Chart
from dashboards.explore.board_sources import tables_in
from dashboards.explore.view import Range
from dashboards.queries import models, predictions
from dashboards.queries.explore import by_value, histogram
from dashboards.screens.explore import drawn
from dashboards.screens.explore.address import asked, go
from dashboards.screens.explore.explored import Explored
from dashboards.screens.explore.told import filters_in_words
from dashboards.screens.parts.export import day_told
from dashboards.screens.parts.figure import show_figure

BINS = 20
BARS = 10  # of a column of categories; further values are one bar
_COLUMN = "chart-column"


def show_first_charts(explored: Explored) -> None:
    """How the cases of the view stand: by band, by score."""
    bands, scores = st.columns(2, gap="large")
    with bands:
        _show(explored, "band", _bands(explored), _toggle("band"))
    with scores:
        bins = explored.ask(histogram, explored.filters.without("score"), "score", BINS, explored.excluded)
        _show(explored, "score", drawn.scores(explored, bins), _within(explored, "score"))


def show_more_charts(explored: Explored) -> None:
    """The cases by a column to choose, what really happened, and how far the scores can be trusted."""
    by_column, happened = st.columns(2, gap="large")
    with by_column:
        _show_column(explored)
    with happened:
        _show_outcomes(explored)


def _show_column(explored: Explored) -> None:
    _ = explored.here.say
    columns = [
        name
        for name in explored.told_apart()
        if explored.sort(name) != "other" and name not in ("band", "score", "lower", "upper")
    ]
    if not columns:
        return
    first = [each.column for each in explored.subject.segments if each.column in columns]
    column = st.selectbox(
        _("Show the cases by"),
        columns,
        index=columns.index(first[0]) if first else 0,
        format_func=explored.label,
        key=_COLUMN,
        width=280,
    )
    others = explored.filters.without(column)  # asked so, a further click in this chart asks nothing anew
    if explored.sort(column) in ("text", "truth"):
        values = explored.ask(by_value, others, column, BARS, explored.excluded)
        _show(explored, column, drawn.categories(explored, column, values), _toggle(column))
    else:
        bins = explored.ask(histogram, others, column, BINS, explored.excluded)
        _show(explored, column, drawn.bins_of(explored, column, bins), _within(explored, column))


def _show_outcomes(explored: Explored) -> None:
    here, task, _ = explored.here, explored.task, explored.here.say
    if explored.view.is_filtered:
        st.caption(_("The charts below tell of all cases, whatever the filters."))
    if explored.subject.outcome:
        happened = here.ask_of_the_past(predictions.outcomes, task, tables=tables_in(task.population))
        title = explored.subject.outcome(_)
        show_figure(here, figures.outcome_trend(task, happened, here.language, title))
    model = models.in_service(here.store).get(task.name)
    bins = model.metrics.get("reliability") if model else None
    if bins:
        show_figure(here, figures.reliability(pl.DataFrame(bins), here.language))


def _bands(explored: Explored) -> Chart:
    order = [band.name for band in explored.task.bands]
    others, most = explored.filters.without("band"), max(BARS, len(order))
    found = explored.ask(by_value, others, "band", most, explored.excluded)
    return drawn.bands(explored, found, order)


def _show(explored: Explored, column: str, chart: Chart, on_pick: Callable[[str], None]) -> None:
    # A chart of a column shows what it is filtered to among the rest: its file names no such filter either.
    others = replace(explored, view=explored.view.without(column))
    day = day_told(explored.here, explored.as_of)
    told: Sequence[str] = [day, *(each.text for each in filters_in_words(others))]
    show_figure(explored.here, chart, on_pick=on_pick, told=told)


def _toggle(column: str) -> Callable[[str], None]:
    """A click adds a value to the choice, a second one takes it away."""
    return lambda value: None if value == drawn.REST else go(asked().toggling(column, value))


def _within(explored: Explored, column: str) -> Callable[[str], None]:
    """A click keeps the cases of a bin; one on a bin that is picked lets all back in."""

    def pick(bounds: str) -> None:
        low, _to, high = bounds.partition("..")
        wanted = Range() if drawn.is_within(explored, column, bounds) else Range(low, high)
        go(asked().within(column, wanted))

    return pick
