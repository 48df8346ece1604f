"""The routing problem of a depot and a day, read from the warehouse."""

from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from analytics.routing.coordinates import is_nowhere
from analytics.routing.orders import stops_of
from analytics.routing.problem import Depot, Objective, Place, Problem, Window
from analytics.routing.remarks import Remarks
from analytics.routing.rows import DEPOTS, FLEET, STOPS, Row, Tables
from analytics.routing.shifts import midnight
from analytics.routing.travel import travel_for
from analytics.routing.vans import vehicles_of
from connectors.errors import AssistantError, UsageError, did_you_mean
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

DIMENSIONS = ("kg", "l")


def problem_of(
    settings: Settings,
    depot_id: str,
    day: date,
    *,
    snapshot: int | None = None,
    objective: Objective | None = None,
) -> Problem:
    """What is to be planned: `depots[0]` is the depot, second 0 the midnight at which the day begins there.

    Vehicles and stops are in the order of their ids. Rows that contradict themselves are mended or left out,
    and `notes` says which and why; travel's own notes are with it. Raises AssistantError where the depot, its
    vehicles or the day's stops are not there.
    """
    warehouse = Warehouse(settings)
    snapshot = warehouse.snapshot() if snapshot is None else snapshot
    remarks = Remarks()
    with warehouse.reading(snapshot) as connection:
        tables = Tables(connection)
        depot = _depot(tables, depot_id)
        timezone = _timezone(depot, settings, remarks)
        begins = midnight(day, timezone)
        vehicles = vehicles_of(tables.fleet(depot_id), day, timezone, remarks)
        if not vehicles:
            raise AssistantError(
                f"Depot {depot_id} has no vehicles.", f"Load its vehicles into {FLEET} (see `sda ingest`)."
            )
        rows = tables.stops(depot_id, day)
        if not rows:
            raise _no_stops(tables, depot_id, day)
        opens = min(vehicle.shift.opens for vehicle in vehicles)
        closes = max(vehicle.shift.closes for vehicle in vehicles)
        spans = tables.spans(depot_id, day, begins)
        place, stops = stops_of(rows, spans, _place(depot), closes, remarks)
        if not stops:
            raise AssistantError(
                f"None of the {len(rows)} stops of depot {depot_id} on {day} can be planned.",
                " ".join(remarks.sentences()),
            )
        travel = travel_for(
            settings,
            [place, *(stop.place for stop in stops)],
            begins,
            snapshot=snapshot,
            names=[depot_id, *(stop.name for stop in stops)],
            timezone=timezone,
        )
    return Problem(
        name=f"{depot_id} {day}",
        depots=(Depot(depot_id, place, Window(opens, closes)),),
        vehicles=tuple(vehicles),
        stops=tuple(stops),
        travel=travel,
        dimensions=DIMENSIONS,
        objective=objective or settings.routing.objective,
        begins=begins,
        timezone=timezone,
        notes=remarks.sentences(),
    )


def planning_days(settings: Settings) -> pl.DataFrame:
    """Depots and days that have stops, earliest first: depot_id, day, stops (their number)."""
    warehouse = Warehouse(settings)
    if not warehouse.exists(STOPS):
        return pl.DataFrame(schema={"depot_id": pl.String, "day": pl.Date, "stops": pl.Int64})
    return warehouse.query(
        "SELECT depot_id, day, count(*) AS stops FROM logistics.stops GROUP BY ALL ORDER BY day, depot_id"
    )


def _depot(tables: Tables, depot_id: str) -> Row:
    depots = {row["depot_id"]: row for row in tables.depots()}
    if depot_id not in depots:
        raise UsageError(f"There is no depot «{depot_id}».", did_you_mean(depot_id, depots))
    if is_nowhere(_place(depots[depot_id])):
        raise AssistantError(
            f"Depot {depot_id} has no coordinates, or (0, 0).", f"Correct its row in {DEPOTS}."
        )
    return depots[depot_id]


def _place(depot: Row) -> Place:
    values = (depot["latitude"], depot["longitude"])
    return Place(*(float("nan") if value is None else value for value in values))


def _timezone(depot: Row, settings: Settings, remarks: Remarks) -> str:
    """The depot's time zone, where it has one that exists; else that of the settings, remarked."""
    name = depot["timezone"] or ""
    try:
        return ZoneInfo(name).key
    except (ValueError, ZoneInfoNotFoundError):
        given = f"an unknown time zone, «{name}»" if name else "no time zone"
        remarks.add(f"The depot has {given}: its shifts are taken in {settings.timezone}")
        return settings.timezone


def _no_stops(tables: Tables, depot_id: str, day: date) -> AssistantError:
    days = ", ".join(f"{other} ({stops})" for other, stops in tables.newest_days(depot_id))
    remedy = f"Newest days with stops: {days}." if days else f"It has none on any day: load {STOPS}."
    return AssistantError(f"Depot {depot_id} has no stops on {day}.", remedy)
