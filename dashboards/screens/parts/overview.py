"""How a task's scores are spread, and what came true of them."""

from collections.abc import Callable, Iterator
from datetime import datetime

import polars as pl
import streamlit as st

from analytics.task import Task
from dashboards import figures
from dashboards.charts.chart import Chart
from dashboards.queries import models, predictions
from dashboards.screens.here import Here
from dashboards.screens.parts.figure import show_figure
from dashboards.wording import Say


def show_charts(here: Here, task: Task, as_of: datetime, outcome: Callable[[Say], str] | None) -> None:
    """The first two charts side by side; the others wait for those who ask."""
    _ = here.say
    charts = list(_charts(here, task, as_of, outcome))
    _side_by_side(here, charts[:2])
    if charts[2:]:
        with st.expander(_("More about these scores")):
            _side_by_side(here, charts[2:])


def _side_by_side(here: Here, charts: list[Chart]) -> None:
    for place, chart in zip(st.columns(2, gap="large"), charts, strict=False):
        with place:
            show_figure(here, chart)


def _charts(here: Here, task: Task, as_of: datetime, outcome: Callable[[Say], str] | None) -> Iterator[Chart]:
    """Bands, the trust they deserve, the spread of the scores, what really happened."""
    language = here.language
    yield figures.cases_by_band(task, here.ask(predictions.by_band, task, as_of), language)
    bins = _reliability_bins(here, task)
    if not bins.is_empty():
        yield figures.reliability(bins, language)
    yield figures.score_distribution(task, here.ask(predictions.histogram, task, as_of), language)
    if outcome:
        happened = here.ask(predictions.outcomes, task)
        yield figures.outcome_trend(task, happened, language, outcome(here.say))


def _reliability_bins(here: Here, task: Task) -> pl.DataFrame:
    """`predicted, observed, cases` of the model in service on cases it had not seen."""
    model = models.in_service(here.store).get(task.name)
    bins = model.metrics.get("reliability") if model else None
    return pl.DataFrame(bins) if bins else pl.DataFrame()
