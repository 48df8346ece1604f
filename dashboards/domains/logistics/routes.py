"""The dispatcher's page: the routes of a depot and day, against what is done today, and what would be if."""

from collections.abc import Callable
from datetime import UTC, date
from typing import Any

import polars as pl
import streamlit as st

from dashboards import numbers
from dashboards.domains.logistics.plan_charts import (
    route_map,
    route_names,
    vehicle_timeline,
    window_timeline,
)
from dashboards.domains.logistics.plan_figures import against, broken_rules, figures, in_use_of
from dashboards.domains.logistics.plan_files import offer_plan_file, told_of
from dashboards.domains.logistics.plan_notes import intervals_in_words, notes_of, source_in_words
from dashboards.domains.logistics.plan_tables import show_stops, show_unserved, show_vehicles
from dashboards.domains.logistics.plan_words import plan_in_use
from dashboards.domains.logistics.planning import offer_plan
from dashboards.domains.logistics.replan_panel import show_replan
from dashboards.domains.logistics.what_if_panel import show_what_if
from dashboards.queries.routes import PlanRows, plan_in_force, planning_days
from dashboards.screens.guard import errors_in_words
from dashboards.screens.here import Here
from dashboards.screens.parts.choosing import choose_listed
from dashboards.screens.parts.figure import escaped, show_figure
from dashboards.screens.parts.headline import Headline, show_headlines
from dashboards.screens.parts.heard import head_unseen
from dashboards.screens.parts.known import show_known
from dashboards.screens.planning import Screen
from dashboards.wording import Say, together


def _title(_: Say) -> str:
    return _("Routes")


def _draw(here: Here) -> None:
    _ = here.say
    st.title(_title(_), anchor=False)
    st.markdown(_("Which vehicle serves which stop and when, compared with what is done today."))
    days = here.ask(planning_days)
    if days.is_empty():
        st.info(_("There are no stops to plan yet."), icon=":material/inbox:")
        st.markdown(
            _(
                "Run `sda demo` to see routes of sample data, or load your stops and vehicles "
                "into logistics.stops and logistics.fleet."
            )
        )
        return
    asked = _choose(here, days)
    rows = here.ask(plan_in_force, asked["depot_id"], asked["day"])
    if rows is None:
        offer_plan(here, asked["depot_id"], asked["day"], asked["stops"])
    elif rows.stops.is_empty() and rows.unserved.is_empty():
        st.info(_("This plan has no stops."), icon=":material/inbox:")
    else:
        _show_plan(here, rows)


def _choose(here: Here, days: pl.DataFrame) -> dict[str, Any]:
    """The row of `planning_days` of the depot and day that the reader chose; the newest plan first."""
    _ = here.say
    planned = days.filter(pl.col("plan_id").is_not_null())
    first = (days if planned.is_empty() else planned).row(0, named=True)
    depots = dict(days.select("depot_id", "depot").unique(maintain_order=True).sort("depot_id").iter_rows())
    named = {depot: f"{name} · {depot}" for depot, name in depots.items()}
    with st.container(horizontal=True, key="filters"):
        depot = choose_listed(
            here,
            "depot",
            _("Depot"),
            named,
            width=260,
            default=first["depot_id"],
            within=("day", "vehicle"),
        )
        own = days.filter(pl.col("depot_id") == depot)
        choice = {each.isoformat(): numbers.day(each, here.language) for each in own["day"]}
        newest = first["day"].isoformat()
        day = choose_listed(
            here,
            "day",
            _("Day"),
            choice,
            width=230,
            default=newest if newest in choice else None,
            within=("vehicle",),
        )
    return own.filter(pl.col("day") == date.fromisoformat(day)).row(0, named=True)


def _show_plan(here: Here, rows: PlanRows) -> None:
    _ = here.say
    today = in_use_of(rows.plan)
    show_headlines(
        [
            Headline(
                each.label,
                each.write(rows.plan[each.name]),
                each.help,
                against(each, rows.plan, today, here.language) if today else "",
            )
            for each in figures(here.language)
        ]
    )
    _say_origin(here, rows, today)
    with st.container(gap=None):
        name = _choose_route(here, rows)
        head_unseen(_title(here.say))
    route = next((route for route, each in route_names(rows).items() if each == name), None)
    told = told_of(here, rows)
    show_figure(here, route_map(rows, here.language, only=name), told=told)
    _say_ground(here)
    show_figure(
        here,
        vehicle_timeline(rows, here.language)
        if route is None
        else window_timeline(rows, route, here.language),
        told=told,
    )
    st.caption(_("Times are those of the depot's clock ({zone}).").format(zone=rows.zone))
    _show_tabs(here, rows, route)


def _say_origin(here: Here, rows: PlanRows, today: dict[str, Any]) -> None:
    """What the figures are compared with, and what the times rest on."""
    _ = here.say
    sentences = []
    if today:
        sentences.append(_("Compared with {today}.").format(today=plan_in_use(today["how"], _)))
        if broken := broken_rules(today, here.language):
            sentences.append(
                _("Its routes break rules that nobody checks today: {rules}.").format(rules=broken)
            )
    source = source_in_words(rows.plan["travel_source"] or "", here.language)
    sentences.append(_("Travel times: {source}.").format(source=source or numbers.ABSENT))
    if rows.plan["arrival_model"]:
        model = intervals_in_words(rows.plan["arrival_model"], here.language)
        sentences.append(_("Arrival intervals: {model}.").format(model=model))
    elif rows.stops["lower_at"].null_count() == rows.stops.height:
        sentences.append(_("The arrival times of this plan have no intervals."))
    st.caption(escaped(together(sentences, here.language)))


def _choose_route(here: Here, rows: PlanRows) -> str:
    """The name of the route to look at; "" for all."""
    _ = here.say
    names = {each: each for each in route_names(rows).values()}
    return choose_listed(
        here, "vehicle", _("Look at one vehicle"), {"": _("all vehicles"), **names}, width=260
    )


def _say_ground(here: Here) -> None:
    _ = here.say
    lines = _("Lines join the stops in their order; they are not the roads.")
    tiles = here.settings.routing.tiles
    if not tiles:
        st.caption(lines)
        return
    host = tiles.partition("://")[2].partition("/")[0]
    owner = "© OpenStreetMap contributors" if "openstreetmap" in host else host
    st.caption(escaped(together([lines, _("Map: {owner}.").format(owner=owner)], here.language)))


def _show_tabs(here: Here, rows: PlanRows, route: int | None) -> None:
    _ = here.say
    unserved = _("Not served ({count})").format(count=numbers.integer(rows.unserved.height, here.language))

    def stops() -> None:
        show_stops(here, rows, route)
        offer_plan_file(here, rows)

    parts: list[tuple[str, Callable[[], None]]] = [
        (_("Vehicles"), lambda: show_vehicles(here, rows)),
        (_("Stops"), stops),
        (unserved, lambda: show_unserved(here, rows)),
        (_("What if …"), lambda: show_what_if(here, rows)),
        (_("Replan the day"), lambda: show_replan(here, rows)),
        (_("How it was made"), lambda: _show_making(here, rows)),
    ]
    tabs = st.tabs([name for name, _draw in parts], key="routes-tabs", on_change="rerun")
    for tab, (_name, draw) in zip(tabs, parts, strict=True):
        if tab.open:
            with tab, errors_in_words(_):
                draw()


def _show_making(here: Here, rows: PlanRows) -> None:
    """What the plan was made from, and what was wrong with the input."""
    _, language, plan = here.say, here.language, rows.plan
    objective = {
        "cost": _("least cost"),
        "distance": _("least distance"),
        "vehicles": _("fewest vehicles, then least cost"),
    }
    made = plan["made_at"].replace(tzinfo=UTC)
    facts = {
        _("Planned at"): numbers.moment(made, language, here.zone),
        _("Aim"): objective.get(plan["objective"], str(plan["objective"])),
        _("Travel times"): source_in_words(plan["travel_source"] or "", language) or numbers.ABSENT,
        _("Arrival intervals"): intervals_in_words(plan["arrival_model"], language) or numbers.ABSENT,
        _("Search"): _("{seconds} s, seed {seed}").format(
            seconds=numbers.number(plan["search_seconds"], language, 1), seed=plan["seed"]
        ),
        _("Number of the plan"): str(plan["plan_id"]),
        _("Made from plan"): plan["replaces"] or numbers.ABSENT,
        _("Snapshot of the data"): str(plan["snapshot_id"] or numbers.ABSENT),
    }
    show_known(here, facts)
    if told := notes_of(plan["notes"], language):
        st.markdown("### " + _("What was wrong with the input, and how it was taken"))
        st.markdown("\n".join(f"- {escaped(note)}" for note in told))


ROUTES = Screen("routes", _title, ":material/route:", _draw, order=1)
