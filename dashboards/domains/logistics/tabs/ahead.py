"""What is planned: tomorrow's routes and what to order, in figures, with the way to their pages."""

from datetime import datetime

import polars as pl
import streamlit as st

from analytics.task import Task
from dashboards import numbers
from dashboards.domains.logistics.stock_tables import CURRENCY
from dashboards.queries.routes import planning_days
from dashboards.queries.stock import proposals
from dashboards.screens.here import Here
from dashboards.screens.parts.figure import escaped
from dashboards.screens.tab import Tab
from dashboards.wording import Say

_MOST = 5


def _title(_: Say) -> str:
    return _("Plans")


def _draw(here: Here, _task: Task, as_of: datetime) -> None:
    routes, stock = st.columns(2)
    with routes, st.container(border=True, height="stretch"):
        _show_routes(here, as_of)
    with stock, st.container(border=True, height="stretch"):
        _show_orders(here)


def _show_routes(here: Here, as_of: datetime) -> None:
    _, language = here.say, here.language
    st.header(_("Routes"), anchor=False)
    ahead = here.ask(planning_days).filter(pl.col("day") > as_of.date()).sort("day", "depot").head(_MOST)
    if ahead.is_empty():
        st.markdown(_("No stop waits for a day to come."))
    for row in ahead.iter_rows(named=True):
        words = _("{day}, {depot}: {stops} stops, planned.")
        if row["unserved"]:
            words = _("{day}, {depot}: {stops} stops, planned; {unserved} of them are not served.")
        if not row["plan_id"]:
            words = _("{day}, {depot}: {stops} stops wait for a plan.")
        st.markdown(
            escaped(
                words.format(
                    day=numbers.day(row["day"], language),
                    depot=row["depot"],
                    stops=numbers.integer(row["stops"], language),
                    unserved=numbers.integer(row["unserved"], language),
                )
            )
        )
    st.page_link(here.pages["routes"], label=_("Map and timelines of the routes"), icon=":material/route:")


def _show_orders(here: Here) -> None:
    _, language = here.say, here.language
    st.header(_("Stock"), anchor=False)
    rows = here.ask(proposals)
    if rows.is_empty():
        st.markdown(_("There are no order proposals yet."))
    else:
        orders = rows.filter(pl.col("quantity") > 0)
        st.markdown(
            escaped(
                _("To order today: {orders} of {lines} articles and depots, {cost} in all.").format(
                    orders=numbers.integer(orders.height, language),
                    lines=numbers.integer(rows.height, language),
                    cost=numbers.money(float(orders["cost"].sum() or 0), CURRENCY, language),
                )
            )
        )
        st.caption(_("As the stock stood on {day}.").format(day=numbers.day(rows["as_of"][0], language)))
    st.page_link(here.pages["stock"], label=_("What to order and why"), icon=":material/inventory_2:")


AHEAD = Tab("plans", _title, ":material/event_upcoming:", _draw)
