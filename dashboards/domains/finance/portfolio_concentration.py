"""Concentration on the page: how unequally what is lent is spread over customers, cities and purposes."""

from datetime import datetime

import polars as pl
import streamlit as st

from analytics.credit.concentration import Concentration, concentration, lorenz
from analytics.task import Task
from dashboards import numbers
from dashboards.charts.chart import Axis, Chart
from dashboards.domains.finance.parts import explain, show_rows
from dashboards.domains.finance.wording import value_words
from dashboards.queries.finance import CURRENCY
from dashboards.queries.finance_loss import exposure_by
from dashboards.reports.report import Column
from dashboards.screens.here import Here
from dashboards.screens.parts.choosing import choose
from dashboards.screens.parts.columns import Shown, masked
from dashboards.screens.parts.export import day_told
from dashboards.screens.parts.figure import show_figure
from dashboards.screens.parts.headline import Headline, show_headlines

_LARGEST = 10  # rows of the table
_COLUMNS = {
    "customer_id": Shown("value", "finance.loans", "customer_id"),
    "city": Shown("value", "finance.customers", "city"),
    "purpose": Shown("value", "finance.loans", "purpose"),
    "currency": Shown("value", "finance.loans", "currency"),
}


def show_concentration(here: Here, task: Task, as_of: datetime) -> None:
    """Figures and curve of one way to divide the amounts applied for, and who has most."""
    _ = here.say
    by = {"customer_id": _("Customer"), "city": _("City"), "purpose": _("Purpose"), "currency": _("Currency")}
    column = choose("over", _("Spread over"), by)
    found = here.ask(exposure_by, task, as_of, column)
    told = concentration(found["exposure"].to_numpy())
    if told is None:
        st.info(_("No amount is known, so there is nothing to be concentrated."), icon=":material/inbox:")
        return
    show_headlines(_headlines(here, told))
    taken = [day_told(here, as_of), by[column]]
    show_figure(here, _curve(here, found, told), told=taken)
    shares = masked(here, found.head(_LARGEST), [_COLUMNS[column]]).with_columns(
        share=pl.col("exposure") / told.total
    )
    words = value_words(_)
    named = shares.with_columns(pl.col("value").replace(words))
    columns = (
        Column("value", by[column]),
        Column("exposure", _("EAD"), "integer", CURRENCY),
        Column("share", _("Share"), "percent"),
    )
    show_rows(here, "largest", _("The largest"), columns, named, taken)
    explain(
        here,
        {
            _("Herfindahl-Hirschman index"): _(
                "The sum of the squared shares: 1 if one has everything, 1 divided by their number if all "
                "have the same. Its inverse is how many equal parts would be as concentrated."
            ),
            _("Gini coefficient"): _(
                "0 if all have the same, near 1 if one has nearly everything: twice the area between the "
                "curve and the diagonal."
            ),
            _("Lorenz curve"): _("What share of the money the smallest so many per cent have together."),
        },
    )


def _headlines(here: Here, told: Concentration) -> list[Headline]:
    _, language = here.say, here.language
    tops = [
        Headline(
            _("Share of the largest") if most == 1 else _("Share of the largest {most}").format(most=most),
            numbers.percent(share, language),
        )
        for most, share in told.top.items()
    ]
    return [
        Headline(
            _("Herfindahl-Hirschman index"),
            numbers.number(told.hhi, language),
            _("The sum of the squared shares; 1 if one has everything."),
            _("{all} in all, as concentrated as {parts} equal ones").format(
                all=numbers.integer(told.parts, language),
                parts=numbers.number(told.effective, language, 1 if told.effective < 100 else 0),
            ),
        ),
        Headline(
            _("Gini coefficient"),
            numbers.number(told.gini, language, 2),
            _("0 if all have the same, near 1 if one has nearly everything."),
        ),
        *tops,
    ]


def _curve(here: Here, found: pl.DataFrame, told: Concentration) -> Chart:
    _, language = here.say, here.language
    parts, money = lorenz(found["exposure"].to_numpy())
    spread, equal = _("as it is"), _("if all had the same")
    half = float(money[parts <= 0.5][-1])
    sentence = _("The smaller half has {share} of the money; the Gini coefficient is {gini}.").format(
        share=numbers.percent(half, language, 0), gini=numbers.number(told.gini, language, 2)
    )
    data = pl.DataFrame(
        {
            "parts": [*parts, 0.0, 1.0],
            "money": [*money, 0.0, 1.0],
            "line": [spread] * len(parts) + [equal] * 2,
        }
    )
    return Chart(
        name="lorenz",
        kind="curve",
        title=_("How unequally it is spread"),
        sentence=sentence,
        data=data,
        x=Axis("parts", _("Share of the parts, smallest first"), "percent"),
        y=Axis("money", _("Share of the amount"), "percent"),
        group="line",
        tones={spread: "plain", equal: "muted"},
    )
