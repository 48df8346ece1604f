"""Prices on the market page: what they did, how much they swung, how deep they fell."""

import polars as pl
import streamlit as st

from analytics.market.drawdown import deepest, drawdowns
from analytics.market.returns import rebased, returns, yearly
from analytics.market.volatility import volatility
from dashboards.domains.finance.market_charts import fall_chart, price_chart, volatility_chart
from dashboards.domains.finance.market_choice import Chosen
from dashboards.domains.finance.parts import explain, show_rows
from dashboards.queries.finance import CURRENCY
from dashboards.queries.market import prices
from dashboards.reports.report import Column
from dashboards.screens.here import Here
from dashboards.screens.parts.figure import show_figure


def show_prices(here: Here, chosen: Chosen) -> None:
    """The three charts, and one row of figures for each instrument."""
    _ = here.say
    found = here.ask(prices, chosen.names, chosen.since)
    moved = returns(found)
    if moved.is_empty():
        st.info(_("There are too few prices in this period. Choose a longer one."), icon=":material/inbox:")
        return
    swings = volatility(moved)
    show_figure(here, price_chart(rebased(found), here.language), told=chosen.told)
    show_figure(here, volatility_chart(swings, here.language), told=chosen.told)
    show_figure(here, fall_chart(drawdowns(found), deepest(found), here.language), told=chosen.told)
    _show_figures(here, chosen, found, moved)
    explain(
        here,
        {
            _("Return"): _("The change of a price as a share of what it was before."),
            _("Volatility"): _(
                "How much daily returns swing around their mean, as a standard deviation of a year: with 20% "
                "a year, a usual day moves by about 1.3%."
            ),
            _("EWMA"): _(
                "A volatility that forgets: every day weighs 6% less than the one after it, as in "
                "RiskMetrics (1996). It rises quickly when markets turn wild."
            ),
            _("Drawdown"): _("How far a price stands below its highest so far."),
        },
    )


def _show_figures(here: Here, chosen: Chosen, found: pl.DataFrame, moved: pl.DataFrame) -> None:
    _ = here.say
    falls = {fall.instrument: fall for fall in deepest(found)}
    last = found.group_by("instrument", maintain_order=True).agg(
        pl.col("price").last(),
        (pl.col("price").last() / pl.col("price").first() - 1).alias("change"),
        pl.len(),
    )
    daily = moved.group_by("instrument").agg(
        pl.col("return").mean().alias("mean"), (pl.col("return").std() * 252**0.5).alias("volatility")
    )
    rows = last.join(daily, on="instrument", how="left", maintain_order="left").with_columns(
        pl.col("mean").map_elements(yearly, pl.Float64),
        pl.Series("fall", [falls[name].depth for name in last["instrument"]]),
        pl.Series("trough", [falls[name].trough for name in last["instrument"]]),
        pl.Series("recovered", [falls[name].recovered for name in last["instrument"]], dtype=pl.Date),
    )
    columns = (
        Column("instrument", _("Instrument")),
        Column("price", _("Last price"), "number", CURRENCY),
        Column("change", _("Change in the period"), "percent"),
        Column("mean", _("Mean return a year"), "percent"),
        Column("volatility", _("Volatility a year"), "percent"),
        Column("fall", _("Deepest fall"), "percent"),
        Column("trough", _("Lowest on"), "date"),
        Column("recovered", _("Made up by"), "date"),
        Column("len", _("Days with a price"), "integer"),
    )
    show_rows(here, "instruments", _("Instrument by instrument"), columns, rows, chosen.told)
