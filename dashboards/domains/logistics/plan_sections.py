"""What the carrier's report says of the next day: the routes, what they save, what is left out."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from dashboards.domains.logistics.plan_charts import route_map, route_names
from dashboards.domains.logistics.plan_figures import CURRENCY, against, broken_rules, figures, in_use_of
from dashboards.domains.logistics.plan_words import clock, kind_of_reason, plan_in_use, unserved_reason
from dashboards.numbers import day, integer
from dashboards.queries.routes import PlanRows, plan_in_force, planning_days
from dashboards.reports.desk import Desk
from dashboards.reports.report import Column, Headline, Headlines, Paragraph, Section, Table
from dashboards.wording import together, with_commas
from pipelines.logistics.planning import STOPS

_COMPARED = ("distance_km", "duration_hours", "cost", "late_stops", "co2_kg")
_MOST_MAPS = 4  # a mail of more depots would be nothing but maps


def plans_ahead(desk: Desk) -> list[PlanRows]:
    """The plan made last of each depot, if it is for a day after the data; by depot."""
    planned = planning_days(desk.read).drop_nulls("plan_id").filter(pl.col("day") > desk.as_of.date())
    newest = planned.sort("made_at", descending=True).unique("depot_id", keep="first").sort("depot_id")
    found = (plan_in_force(desk.read, row["depot_id"], row["day"]) for row in newest.iter_rows(named=True))
    return [plan for plan in found if plan is not None]


def plan_sections(desk: Desk, plans: Sequence[PlanRows]) -> list[Section]:
    """The plans in figures, on maps and in tables; nothing where there is no plan."""
    if not plans:
        return []
    return [
        _opening(desk, plans),
        _figures(desk, plans),
        *_maps(desk, plans),
        *_routes(desk, plans),
        *_unserved(desk, plans),
    ]


def in_a_sentence(desk: Desk, plans: Sequence[PlanRows]) -> str:
    """The plans as the summary of a report names them; "" where there are none."""
    if not plans:
        return ""
    _ = desk.say
    words = _("{stops} stops are planned on {routes} routes for {day}.").format(
        stops=integer(sum(plan.stops.height for plan in plans), desk.language),
        routes=integer(sum(plan.routes.height for plan in plans), desk.language),
        day=_days(desk, plans),
    )
    left = sum(plan.unserved.height for plan in plans)
    cannot = _("Not served: {stops}.").format(stops=integer(left, desk.language))
    return together([words, cannot if left else ""], desk.language)


def _days(desk: Desk, plans: Sequence[PlanRows]) -> str:
    days = sorted({plan.plan["day"] for plan in plans})
    return with_commas((day(each, desk.language) for each in days), desk.language)


def _opening(desk: Desk, plans: Sequence[PlanRows]) -> Paragraph:
    _ = desk.say
    today = [in_use_of(plan.plan) for plan in plans]
    sentences = []
    if all(today):
        hows = dict.fromkeys(plan_in_use(each["how"], _) for each in today)
        words = (
            _("All depots together, compared with {today}.")
            if len(plans) > 1
            else _("Compared with {today}.")
        )
        sentences.append(words.format(today=with_commas(hows, desk.language)))
    if broken := broken_rules(_broken(today), desk.language):
        sentences.append(_("Its routes break rules that nobody checks today: {rules}.").format(rules=broken))
    if any(plan.routes.height for plan in plans):
        sentences.append(_("The page of each driver is attached."))
    return Paragraph(_("Routes of {day}").format(day=_days(desk, plans)), together(sentences, desk.language))


def _figures(desk: Desk, plans: Sequence[PlanRows]) -> Headlines:
    """The sums over the depots, each against what is done today where all of them know that."""
    today = [in_use_of(plan.plan) for plan in plans]
    now, other = _total([plan.plan for plan in plans]), _total(today) if all(today) else {}
    shown = [figure for figure in figures(desk.language) if figure.name in _COMPARED]
    return Headlines(
        tuple(
            Headline(figure.label, figure.write(now[figure.name]), against(figure, now, other, desk.language))
            for figure in shown
        )
    )


def _total(plans: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    return {name: sum(float(plan.get(name) or 0) for plan in plans) for name in _COMPARED}


def _broken(today: Sequence[Mapping[str, Any]]) -> dict[str, Counter[str]]:
    """How many of today's routes break which rule, over all depots."""
    return {"broken": sum((Counter(each.get("broken") or {}) for each in today), Counter())}


def _maps(desk: Desk, plans: Sequence[PlanRows]) -> Iterator[Section]:
    _ = desk.say
    for plan in plans[:_MOST_MAPS]:
        title = _("Routes from {depot}").format(depot=plan.depot["name"])
        yield replace(route_map(plan, desk.language), name=f"map-{plan.plan['depot_id']}", title=title)


def _routes(desk: Desk, plans: Sequence[PlanRows]) -> Iterator[Section]:
    _ = desk.say
    rows = [
        {
            **route,
            "name": route_names(plan)[route["route"]],
            "depot": plan.depot["name"],
            "leaves": clock(route["starts_at"], plan.zone),
            "back": clock(route["ends_at"], plan.zone),
        }
        for plan in plans
        for route in plan.routes.iter_rows(named=True)
    ]
    if not rows:  # nothing could be served
        return
    columns = (
        Column("name", _("Vehicle")),
        Column("depot", _("Depot"), wraps=True),
        Column("stops", _("Stops"), "integer"),
        Column("leaves", _("Leaves")),
        Column("back", _("Back")),
        Column("distance_km", _("Distance"), "integer", "km"),
        Column("cost", _("Cost"), "integer", CURRENCY),
        Column("late_stops", _("Late stops"), "integer"),
    )
    yield Table("vehicles", _("Vehicles"), columns, pl.DataFrame(rows, infer_schema_length=None), most=12)


def _unserved(desk: Desk, plans: Sequence[PlanRows]) -> Iterator[Section]:
    _, language = desk.say, desk.language
    rows = [
        {
            **stop,
            "depot": plan.depot["name"],
            "binds": kind_of_reason(stop["binds"], _),
            "why": unserved_reason(stop["binds"], stop["detail"], language, plan.zone),
        }
        for plan in plans
        for stop in desk.seen(plan.unserved, STOPS).iter_rows(named=True)
    ]
    if not rows:
        return
    columns = (
        Column("stop_id", _("Stop")),
        Column("depot", _("Depot"), wraps=True),
        Column("customer", _("Customer"), wraps=True),
        Column("binds", _("What binds"), wraps=True),
        Column("why", _("Why it is not served"), wraps=True),
    )
    frame = pl.DataFrame(rows, infer_schema_length=None)
    yield Table("not-served", _("Not served"), columns, frame, most=12)
