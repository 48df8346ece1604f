"""Roll rates on the page: how loans move between buckets of days past due, and whether that gets worse."""

from datetime import date, datetime

import polars as pl
import streamlit as st

from analytics.task import Task
from dashboards import numbers
from dashboards.domains.finance.parts import explain, show_rows
from dashboards.domains.finance.roll_charts import roll_matrix, roll_trend, state_words
from dashboards.queries.finance_rolls import matrix, moves, rolled_forward
from dashboards.reports.report import Column
from dashboards.screens.here import Here
from dashboards.screens.parts.choosing import choose_listed
from dashboards.screens.parts.figure import show_figure


def show_rolls(here: Here, _task: Task, as_of: datetime) -> None:
    """The matrix of one month or of all, and the trend of what got worse."""
    _ = here.say
    moved = here.ask(moves, as_of.date())
    if moved.is_empty():
        st.info(
            _("No arrears of two months are loaded, so no loan can be seen moving."), icon=":material/inbox:"
        )
        st.markdown(
            _(
                "Load the table finance.arrears: a row for each loan behind with payments at the end of a "
                "month, with its days past due. A loan that is open and not named counts as paid up."
            )
        )
        return
    month = _month(here, moved)
    chosen = moved if month is None else moved.filter(pl.col("month") == month)
    told = [_("all months") if month is None else numbers.month(month, here.language)]
    table = matrix(chosen)
    show_figure(here, roll_matrix(table, here.language), told=told)
    show_figure(here, roll_trend(rolled_forward(moved), here.language))
    _show_counts(here, table, told)
    explain(
        here,
        {
            _("Days past due"): _("How long the oldest payment that is missing has been due."),
            _("Current"): _("Nothing is due: every payment so far was made."),
            _("Roll forward"): _(
                "To be further behind a month later; more than 90 days behind is a default."
            ),
            _("Paid"): _("The loan came to the end of its term with nothing due."),
        },
    )


def _month(here: Here, moved: pl.DataFrame) -> date | None:
    """The month chosen; None for the mean of all."""
    _ = here.say
    every = moved["month"].unique().sort(descending=True).to_list()
    titles = {"": _("all months")} | {f"{each:%Y-%m}": numbers.month(each, here.language) for each in every}
    chosen = choose_listed(here, "month", _("From the end of"), titles)
    return next((each for each in every if f"{each:%Y-%m}" == chosen), None)


def _show_counts(here: Here, table: pl.DataFrame, told: list[str]) -> None:
    _ = here.say
    words = state_words(here.language)
    rows = table.with_columns(pl.col("state", "next").replace_strict(words, return_dtype=pl.String)).filter(
        pl.col("loans") > 0
    )
    columns = (
        Column("state", _("At the end of a month")),
        Column("next", _("A month later")),
        Column("loans", _("Loans"), "integer"),
        Column("share", _("Share"), "percent"),
    )
    with st.expander(_("The numbers behind it"), icon=":material/table_rows:"):
        show_rows(here, "rolls", _("Roll rates"), columns, rows, told)
