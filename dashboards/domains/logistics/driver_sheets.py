"""The plan per driver, on paper: a page for each route with its stops, for whoever drives it.

All times are on the clock of the depot. Names and addresses are as the reader's role may see them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import polars as pl

from dashboards.domains.logistics.plan_charts import route_map, route_names, window
from dashboards.domains.logistics.plan_notes import source_in_words
from dashboards.domains.logistics.plan_words import clock, equipment, kind_of_stop, place
from dashboards.numbers import day, integer, moment, number, percent
from dashboards.queries.routes import PlanRows
from dashboards.reports.desk import Desk
from dashboards.reports.document import (
    Beside,
    Block,
    Cell,
    Document,
    Drawing,
    Facts,
    Grid,
    GridColumn,
    Part,
    Words,
)
from dashboards.wording import Say, together, with_commas
from pipelines.access import visible_to
from pipelines.logistics.planning import STOPS

Row = dict[str, Any]
# Millimetres: what a page leaves for map and stops; a notice, a stop's row, a tight one; the map's width.
_LEFT, _NOTICE, _STOP, _TIGHT_STOP, _MAP = 228.0, 9.0, 8.8, 7.2, 111.0
_FLATTEST, _USUAL, _TALLEST = 0.34, 0.56, 0.8  # the map's height by its width


def driver_sheets(desk: Desk, plans: Sequence[PlanRows]) -> Document:
    """One part for each route of the plans."""
    _, days = desk.say, sorted({plan.plan["day"] for plan in plans})
    return Document(
        name="routes",
        title=_("Routes of {day}").format(
            day=with_commas((day(each, desk.language) for each in days), desk.language)
        ),
        organisation=desk.organisation,
        language=desk.language,
        made_at=desk.period,
        parts=tuple(part for plan in plans for part in _parts(desk, plan)),
        few_pages=True,
    )


def _parts(desk: Desk, plan: PlanRows) -> Iterator[Part]:
    plan = replace(plan, stops=_seen(desk, plan.stops))
    for route, name in route_names(plan).items():
        alone = replace(
            plan,
            routes=plan.routes.filter(pl.col("route") == route),
            stops=plan.stops.filter(pl.col("route") == route),
            unserved=plan.unserved.clear(),
        )
        yield _part(desk, alone, name)


def _seen(desk: Desk, stops: pl.DataFrame) -> pl.DataFrame:
    """The stops as the reader may see them; a street that is hidden is no help to anyone."""
    if "address" in visible_to(desk.role):
        return desk.seen(stops, STOPS)
    return desk.seen(stops, STOPS).with_columns(pl.lit("").alias("street"))


def _part(desk: Desk, plan: PlanRows, name: str) -> Part:
    """One route; `plan` holds nothing else."""
    _ = desk.say
    route, when = plan.routes.row(0, named=True), day(plan.plan["day"], desk.language)
    rows = tuple(_rows(plan, route, _, desk.language))
    chart = replace(route_map(plan, desk.language), title=name, sentence="")
    notices = tuple(_notices(desk, route))
    ratio, tight = _shape(len(rows), len(notices))
    return Part(
        title=_("Vehicle {vehicle}").format(vehicle=name),
        subtitle=f"{plan.depot['name']} · {when}",
        head=f"{name} · {plan.depot['name']} · {when}",
        foot=_foot(desk, plan),
        blocks=(
            Beside((_facts(plan, route, _, desk.language),), (Drawing(chart, ratio, bare=True),), 0.36),
            *notices,
            Grid(_columns(_), rows, tight=tight),
        ),
    )


def _shape(rows: int, notices: int) -> tuple[float, bool]:
    """How tall the map may be, and whether rows must be tight, for all of them to stand on one page."""
    for tight, height in ((False, _STOP), (True, _TIGHT_STOP)):
        ratio = (_LEFT - _NOTICE * notices - height * rows) / _MAP
        if ratio >= _FLATTEST:
            return min(ratio, _TALLEST), tight
    return _USUAL, False  # a second page is needed anyway


def _facts(plan: PlanRows, route: Row, _: Say, language: str) -> Facts:
    shift = [clock(at, plan.zone) if at else "" for at in (route["shift_starts_at"], route["shift_ends_at"])]
    rows = (
        (_("Shift"), "–".join(shift) if any(shift) else ""),
        (_("Leaves the depot"), clock(route["starts_at"], plan.zone)),
        (_("Back at the depot"), clock(route["ends_at"], plan.zone)),
        (_("Stops"), integer(route["stops"], language)),
        (_("Distance"), f"{number(route['distance_km'], language, 1)} km"),
        (_("Driving"), _hours(route["driving_hours"])),
        (_("Load at the start"), _load_at_start(plan, language, _)),
        (_("Fullest on the way"), percent(route["load_share"], language, 0)),
    )
    return Facts(tuple((label, value) for label, value in rows if value))


def _hours(hours: float) -> str:
    """`3:05`: hours and minutes."""
    minutes = round(hours * 60)
    return f"{minutes // 60}:{minutes % 60:02}"


def _load_at_start(plan: PlanRows, language: str, _: Say) -> str:
    """What is loaded at the depot: all that is delivered, less what is fetched on the way for it."""
    loaded = plan.stops.filter((pl.col("kind") == "delivery") & pl.col("picked_up_at").is_null())
    if loaded.is_empty():
        return _("nothing")
    return _amounts({name: loaded[name].sum() for name in ("parcels", "kg", "litres")}, language, _)


def _amounts(row: Row, language: str, _: Say) -> str:
    """`3 parcels · 12.5 kg · 80 l`, what is not known or nothing left out."""
    parcels = _("1 parcel") if row["parcels"] == 1 else _("{parcels} parcels")
    parts = [
        parcels.format(parcels=integer(row["parcels"], language)) if row["parcels"] else "",
        f"{number(row['kg'], language)} kg" if row["kg"] else "",
        f"{number(row['litres'], language)} l" if row["litres"] else "",
    ]
    return " · ".join(part for part in parts if part)


def _notices(desk: Desk, route: Row) -> Iterator[Block]:
    _ = desk.say
    if route["late_stops"]:
        told = _("Stops reached after their window closes: {late}. Say so to the customers before you leave.")
        yield Words(told.format(late=integer(route["late_stops"], desk.language)), "notice")


def _columns(_: Say) -> tuple[GridColumn, ...]:
    return (
        GridColumn("#", "right"),
        GridColumn(_("Arrival")),
        GridColumn(_("Window")),
        GridColumn(_("Customer"), share=3.5),
        GridColumn(_("Deliver or fetch"), share=3),
        GridColumn(_("Minutes"), "right"),
        GridColumn(_("Notes"), share=3.5),
    )


def _rows(plan: PlanRows, route: Row, _: Say, language: str) -> Iterator[tuple[Cell, ...]]:
    """The way from the depot to the depot."""
    yield _at_home(route["starts_at"], _("load"), plan)
    for stop in plan.stops.iter_rows(named=True):
        yield tuple(_stop(stop, plan, _, language))
    yield _at_home(route["ends_at"], _("end"), plan)


def _at_home(at: datetime, what: str, plan: PlanRows) -> tuple[Cell, ...]:
    none, when = Cell(""), Cell(clock(at, plan.zone), strong=True)
    return none, when, none, Cell(str(plan.depot["name"])), Cell(what), none, none


def _stop(stop: Row, plan: PlanRows, _: Say, language: str) -> Iterator[Cell]:
    bounds = (stop["lower_at"], stop["upper_at"])
    interval = "" if None in bounds else "–".join(clock(at, plan.zone) for at in bounds)
    yield Cell(str(stop["position"]))
    yield Cell(clock(stop["arrives_at"], plan.zone), interval, strong=True)
    yield Cell(window(stop, plan.zone))
    address = " · ".join(part for part in (stop["street"], stop["stop_id"]) if part)
    yield Cell(str(stop["customer"] or stop["stop_id"]), address)
    yield Cell(kind_of_stop(stop["kind"], _), _amounts(stop, language, _))
    yield Cell(number(stop["service_minutes"], language, 0))
    yield Cell(" · ".join(_notes(stop, plan, _, language)))


def _notes(stop: Row, plan: PlanRows, _: Say, language: str) -> Iterator[str]:
    """What the driver must know beside the figures."""
    if stop["driven"]:
        yield _("done")
    if stop["late_minutes"] > 0:
        yield _("{minutes} min late").format(minutes=number(stop["late_minutes"], language, 0))
    if stop["waiting_minutes"] >= 1:
        yield _("wait {minutes} min").format(minutes=number(stop["waiting_minutes"], language, 0))
    if stop["skills"]:
        yield equipment(stop["skills"], language)
    if stop["priority"] == 1:
        yield _("first priority")
    if stop["picked_up_at"]:
        fetched = plan.stops.filter(pl.col("stop_id") == stop["picked_up_at"])["position"].to_list()
        yield _("goods of stop {stop}").format(stop=fetched[0] if fetched else stop["picked_up_at"])
    if kind := place(stop["place"], _):
        yield kind


def _foot(desk: Desk, plan: PlanRows) -> str:
    """Which plan this is, what its times come from, whose eyes it was printed for."""
    _ = desk.say
    made = plan.plan
    words = [
        _("Plan {plan}, made {moment}.").format(
            plan=made["plan_id"], moment=moment(made["made_at"], desk.language, plan.zone)
        ),
        _("Times: {source}.").format(source=source_in_words(made["travel_source"] or "", desk.language)),
        _("Nine in ten arrivals lie in the interval below the time.")
        if plan.stops["lower_at"].is_not_null().any()
        else "",
        "" if {"name", "address"} <= visible_to(desk.role) else _("Names and addresses are hidden."),
    ]
    return together(words, desk.language)
