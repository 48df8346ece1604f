"""How a task's scores are spread, and what came true of them."""

from collections.abc import Callable
from datetime import datetime

import polars as pl
import streamlit as st

from analytics.task import Task
from dashboards import figures
from dashboards.charts.chart import Chart
from dashboards.queries import predictions
from dashboards.queries.home import models_in_service
from dashboards.screens.here import Here
from dashboards.screens.parts.figure import show_figure
from dashboards.wording import Say


def show_charts(here: Here, task: Task, as_of: datetime, outcome: Callable[[Say], str] | None) -> None:
    """Cases by band, beside the trust they deserve; the spread of scores below for those who ask."""
    _ = here.say
    left, right = st.columns(2, gap="large")
    with left:
        show_figure(
            here, figures.cases_by_band(task, here.ask(predictions.by_band, task, as_of), here.language)
        )
    with right:
        bins = _reliability_bins(here, task)
        if not bins.is_empty():
            show_figure(here, figures.reliability(bins, here.language))
        else:
            show_figure(here, _spread(here, task, as_of))
    with st.expander(_("Spread of the scores, and what really happened")):
        left, right = st.columns(2, gap="large")
        with left:
            if not bins.is_empty():
                show_figure(here, _spread(here, task, as_of))
        if outcome:
            with right:
                happened = here.ask(predictions.outcomes, task)
                show_figure(here, figures.outcome_trend(task, happened, here.language, outcome(_)))


def _spread(here: Here, task: Task, as_of: datetime) -> Chart:
    return figures.score_distribution(task, here.ask(predictions.histogram, task, as_of), here.language)


def _reliability_bins(here: Here, task: Task) -> pl.DataFrame:
    """`predicted, observed, cases` of the model in service on cases it had not seen."""
    model = models_in_service(here.store).get(task.name)
    bins = model.metrics.get("test", {}).get("reliability") if model else None
    return pl.DataFrame(bins) if bins else pl.DataFrame()
