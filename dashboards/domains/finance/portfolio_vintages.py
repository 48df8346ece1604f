"""Vintages on the page: curves of a few periods, a table of all of them."""

from datetime import date, datetime

import polars as pl
import streamlit as st

from analytics.task import Task
from dashboards.domains.finance.parts import explain
from dashboards.domains.finance.vintage_charts import cohort_name, vintage_curves, vintage_table
from dashboards.queries.finance_vintages import Grain, vintages
from dashboards.reports.report import Column
from dashboards.screens.here import Here
from dashboards.screens.parts.choosing import choose, choose_several
from dashboards.screens.parts.export import day_told, offer_table
from dashboards.screens.parts.figure import show_figure

_MOST = 6  # curves that colours tell apart
_RIPE = 6  # months on book from which a curve says something


def show_vintages(here: Here, _task: Task, as_of: datetime) -> None:
    """Loans granted in one period, compared at the same age: the later the period, the shorter its curve."""
    _ = here.say
    grain = _grain(here)
    found = here.ask(vintages, as_of.date(), grain)
    if found.is_empty():
        st.info(_("No loan was granted a month ago or earlier, so there is nothing to compare yet."))
        return
    told = [day_told(here, as_of), _("granted by {grain}").format(grain=_grains(here)[grain])]
    shown = found.filter(pl.col("cohort").is_in(_cohorts(here, found, grain)))
    show_figure(here, vintage_curves(shown, grain, here.language), told=told)
    show_figure(here, vintage_table(found, grain, here.language), told=told)
    _offer(here, found, grain, told)
    explain(
        here,
        {
            _("Vintage"): _("All loans granted in the same month, quarter or year."),
            _("Months on book"): _("Complete months since a loan was granted."),
            _("Why curves end"): _(
                "A curve ends at the age of the youngest loan of its period: beyond it some of its loans "
                "have not had the time to default, and the share would look better than it is."
            ),
        },
    )


def _grain(here: Here) -> Grain:
    _ = here.say
    return choose("grain", _("Granted in the same"), _grains(here), "quarter", within=("vintage",))


def _grains(here: Here) -> dict[Grain, str]:
    _ = here.say
    return {"month": _("month"), "quarter": _("quarter"), "year": _("year")}


def _cohorts(here: Here, found: pl.DataFrame, grain: Grain) -> list[date]:
    """The periods to draw: at first a few that are old enough, from the first to the last."""
    _ = here.say
    every = found["cohort"].unique().sort().to_list()
    ripe = found.filter(pl.col("months") >= _RIPE)["cohort"].unique().sort().to_list() or every
    step = max(1, -(-len(ripe) // _MOST))
    names = {f"{each}": cohort_name(each, grain, here.language) for each in every}
    first = [f"{each}" for each in ripe[::-1][::step][::-1]]
    chosen = choose_several(here, "vintage", _("Periods to draw"), names, first, _MOST)
    return [each for each in every if f"{each}" in chosen]


def _offer(here: Here, found: pl.DataFrame, grain: Grain, told: list[str]) -> None:
    _ = here.say
    named = found.with_columns(
        pl.col("cohort").map_elements(lambda day: cohort_name(day, grain, here.language), pl.String)
    )
    columns = (
        Column("cohort", _("Granted in")),
        Column("loans", _("Loans"), "integer"),
        Column("months", _("Months on book"), "integer"),
        Column("defaults", _("In default by then"), "integer"),
        Column("rate", _("Share in default"), "percent"),
    )
    offer_table(here, "vintages", lambda: named, told, title=_("Vintages"), columns=columns)
