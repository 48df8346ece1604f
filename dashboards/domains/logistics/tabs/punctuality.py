"""On-time rates by carrier, lane, depot and service, over time; ranked where there are enough shipments."""

from datetime import datetime

import polars as pl
import streamlit as st

from analytics.task import Task
from dashboards import numbers
from dashboards.domains.logistics.tabs.period import Period, chosen_period
from dashboards.domains.logistics.tabs.punctuality_charts import (
    FEWEST,
    by_month,
    rates_table,
    with_names,
    worst,
)
from dashboards.domains.logistics.wording import value_words
from dashboards.explore.view import View
from dashboards.queries.logistics_punctuality import By, on_time, on_time_by_month
from dashboards.screens.here import Here
from dashboards.screens.parts.choosing import choose_listed
from dashboards.screens.parts.export import show_table
from dashboards.screens.parts.figure import escaped, show_figure
from dashboards.screens.parts.headline import Headline, show_headlines
from dashboards.screens.parts.list_link import link_to_list
from dashboards.screens.tab import Tab
from dashboards.wording import Say

_MONTHS = 12
_ROWS = 14  # a longer table scrolls


def _title(_: Say) -> str:
    return _("On time")


def _kinds(_: Say) -> dict[By, str]:
    return {
        "carrier": _("Carrier"),
        "city": _("Lane to a city"),
        "country": _("Lane to a country"),
        "depot": _("Depot"),
        "service": _("Service"),
    }


def _draw(here: Here, task: Task, as_of: datetime) -> None:
    _, language = here.say, here.language
    st.markdown(
        _(
            "Of the shipments whose promised time has passed, how many had arrived by then. Bars show the "
            "95% interval: where two overlap widely, the difference may be chance. It says nothing about "
            "the work of a single driver."
        )
    )
    kinds = _kinds(_)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        period = chosen_period(here, as_of)
        by = choose_listed(here, "by", _("Compare"), kinds, width=220)
    overall = here.ask(on_time, task, period.since, period.until)
    if overall.is_empty():
        st.info(_("No promise fell into these days."), icon=":material/inbox:")
        return
    show_headlines(_headlines(here, task, overall, period))
    codes = value_words(_) if by == "service" else {}
    rates, before = (
        with_names(here.ask(on_time, task, each.since, each.until, by), codes)
        for each in (period, period.before)
    )
    enough = rates.filter(pl.col("shipments") >= FEWEST)
    told = [period.told(language), kinds[by]]
    if enough.is_empty():
        st.info(_("None has {fewest} shipments in these days, too few to compare.").format(fewest=FEWEST))
        return
    show_figure(here, worst(enough, overall["share"][0], kinds[by], language), told=told)
    table = rates_table(enough, before, kinds[by], language)
    right = {name: st.column_config.TextColumn(alignment="right") for name in table.columns[1:]}
    height = "content" if table.height <= _ROWS else 560
    show_table(here, "on-time", table, told, title=_title(_), column_config=right, height=height)
    if left := rates.height - enough.height:
        few = _("{count} with fewer than {fewest} shipments are left out: too few to rank.")
        st.caption(few.format(count=numbers.integer(left, language), fewest=FEWEST))
    if by in ("carrier", "depot", "service"):
        months = here.ask(on_time_by_month, task, period.until, _MONTHS, by)
        show_figure(here, by_month(months, codes, language), told=[kinds[by]])
    _link(here, by, enough)


def _headlines(here: Here, task: Task, overall: pl.DataFrame, period: Period) -> list[Headline]:
    _, language = here.say, here.language
    now = overall.row(0, named=True)
    before = here.ask(on_time, task, period.before.since, period.before.until)
    note = ""
    if not before.is_empty():
        note = _("{points} points against the {days} days before").format(
            points=numbers.points(now["share"] - before["share"][0], language),
            days=(period.until - period.since).days + 1,
        )
    return [
        Headline(
            _("On time"),
            numbers.percent(now["share"], language),
            _("95% interval: {low} to {high}.").format(
                low=numbers.percent(now["lower"], language), high=numbers.percent(now["upper"], language)
            ),
            note,
        ),
        Headline(_("Shipments"), numbers.integer(now["shipments"], language)),
        Headline(_("Late"), numbers.integer(now["shipments"] - now["on_time"], language)),
    ]


def _link(here: Here, by: By, rates: pl.DataFrame) -> None:
    """From one of those compared to its shipments that are under way now."""
    _ = here.say
    choices = rates.sort("share", "label").to_dicts()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = st.selectbox(
            _("Shipments under way now"),
            range(len(choices)),
            format_func=lambda place: choices[place]["label"],
            key=f"on-time-link-{by}",
            width=300,
        )
        chosen = choices[place or 0]
        view = View().choosing({"city": "depot", "country": "depot"}.get(by, by), (chosen["name"],))
        if by in ("city", "country"):
            view = view.choosing(f"destination_{by}", (chosen["towards"] or "",))
        link_to_list(here, here.page, view, _("Show them in the list"))
    st.caption(escaped(_("Lowest on-time rate first.")))


PUNCTUALITY = Tab("on-time", _title, ":material/schedule_send:", _draw)
