"""Between which moments a planned vehicle will reach its stops, nine times in ten.

The model of `logistics.stop_arrival` knows how late vehicles are against the office's plan: one speed, one
time for each kind of place. A plan made from learned times is another clock. So the routes are put on the
office's clock first (its rule is read off past trips), the model says how late they will be against it, and
the sum is the moment of arrival. Waiting for a window takes up what is late or early, so the bounds are
carried along the route.
"""

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import polars as pl

from analytics import registry
from analytics.dataset import named_cases
from analytics.tasks.logistics import STOP_ARRIVAL
from connectors.errors import AssistantError
from pipelines.queries import read_sql
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

PAST_TRIPS = "past trips"  # in place of a model's version
FEWEST_LEGS = 50  # of which the office's rule is read off
EMPTY = pl.DataFrame(
    schema={"stop_id": pl.String, "lower_at": pl.Datetime("us"), "upper_at": pl.Datetime("us")}
)
_TABLES = ("logistics.trips", "logistics.trip_stops", "logistics.stops")
_LATE = {"trip_id": pl.String, "position": pl.Int64, "lower": pl.Float64, "upper": pl.Float64}


@dataclass(frozen=True)
class Office:
    """How the office plans: minutes by kilometres and by kind of place; minutes that vehicles leave late."""

    minutes_a_km: float
    minutes_a_leg: float
    leaves_late: float
    places: dict[str, float]


def expected(
    settings: Settings,
    routes: pl.DataFrame,
    stops: pl.DataFrame,
    *,
    depot_id: str,
    day: date,
    snapshot: int | None = None,
) -> tuple[pl.DataFrame, str]:
    """Bounds of the arrivals of a plan (`stop_id, lower_at, upper_at`, UTC), and what they were made by.

    `routes` and `stops` are rows of `plans.routes` and `plans.stops`; of a plan for the rest of a day, stops
    that are `driven` have arrived, and get no bounds. Made by: the version of the model in service, else
    `PAST_TRIPS`; where there are no past trips either, no row and "".
    """
    warehouse = Warehouse(settings)
    snapshot = warehouse.snapshot() if snapshot is None else snapshot
    if stops.is_empty() or not all(warehouse.exists(table) for table in _TABLES):
        return EMPTY, ""
    begins = routes["starts_at"].min()
    with warehouse.reading(snapshot) as connection:
        office = _office(connection, begins)
        if office is None:
            return EMPTY, ""
        trips, legs = _on_the_offices_clock(connection, office, routes, stops, depot_id, day)
        late, made_by = _by_past_trips(connection, trips, legs, begins), PAST_TRIPS
    with suppress(AssistantError):  # no model in service, or none that reads these features
        late, made_by = _by_model(settings, trips, legs, snapshot)
    return _along_the_routes(trips, legs.join(late, on=["trip_id", "position"], how="left")), made_by


def _office(connection: duckdb.DuckDBPyConnection, before: Any) -> Office | None:
    """The rule of the office, None where too few legs were planned by it."""
    given = {"before": before}
    legs, a_km, a_leg, late = connection.execute(read_sql("logistics", "office_clock"), given).fetchall()[0]
    if legs < FEWEST_LEGS or a_km is None or late is None:
        return None
    places = connection.execute(read_sql("logistics", "office_places"), given).fetchall()
    return Office(a_km, a_leg, late, dict(places))


def _on_the_offices_clock(
    connection: duckdb.DuckDBPyConnection,
    office: Office,
    routes: pl.DataFrame,
    stops: pl.DataFrame,
    depot_id: str,
    day: date,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The routes as rows of `logistics.trips`, with `as_of`; their stops as rows of `logistics.trip_stops`.

    The stops keep `opens_at` and `driven` of the plan.
    """
    asked = stops.select("stop_id").unique()
    connection.register("planned_stop_ids", asked.to_arrow())
    sql = "SELECT stop_id, place, parcels, kg FROM logistics.stops SEMI JOIN planned_stop_ids USING (stop_id)"
    known = connection.execute(sql).pl()
    trip = "plan-" + pl.col("route").cast(pl.String)
    late = pl.duration(seconds=round(60 * office.leaves_late))
    legs = (
        stops.join(known, on="stop_id", how="left")
        .join(routes.select("route", "starts_at"), on="route")
        .sort("route", "position")
        .with_columns(
            trip_id=trip,
            planned_minutes=pl.col("place").replace_strict(
                office.places, default=None, return_dtype=pl.Float64
            ).fill_null(pl.col("service_minutes")),
            minutes=office.minutes_a_leg + office.minutes_a_km * pl.col("leg_km"),
        )
        .with_columns(
            since=(pl.col("minutes") + pl.col("planned_minutes")).cum_sum().over("trip_id")
            - pl.col("planned_minutes")
        )
        .select(
            "trip_id", "position", "stop_id", "latitude", "longitude", "place", "parcels", "kg", "leg_km",
            planned_at=pl.col("starts_at") + pl.duration(seconds=(60 * pl.col("since")).round()),
            planned_minutes="planned_minutes",
            arrived_at=pl.when("driven").then("arrives_at"),
            left_at=pl.when("driven").then("leaves_at"),
            opens_at="opens_at",
            driven="driven",
        )
    )  # fmt: skip
    under_way = legs.filter("driven").group_by("trip_id").agg(as_of=pl.max("left_at"))
    trips = (
        routes.with_columns(trip_id=trip)
        .join(under_way, on="trip_id", how="left")
        .select(
            "trip_id",
            "vehicle_id",
            depot_id=pl.lit(depot_id),
            day=pl.lit(day),
            left_at=pl.when(pl.col("as_of").is_null())
            .then(pl.col("starts_at") + late)
            .otherwise("starts_at"),
            as_of=pl.coalesce("as_of", pl.col("starts_at") + late),
        )
    )
    return trips, legs


def _by_model(
    settings: Settings, trips: pl.DataFrame, legs: pl.DataFrame, snapshot: int
) -> tuple[pl.DataFrame, str]:
    """Bounds of the minutes late of each open stop by the model in service, and its version."""
    row, model = registry.serving(settings, STOP_ARRIVAL)
    columns = ("trip_id", "position", "stop_id", "latitude", "longitude", "place", "parcels", "kg", "leg_km")
    beside = {
        "planned_trips": trips.drop("as_of"),
        "planned_stops": legs.select(*columns, "planned_at", "planned_minutes", "arrived_at", "left_at"),
    }
    keys = legs.filter(~pl.col("driven")).join(trips.select("trip_id", "as_of"), on="trip_id")
    named = keys.select("as_of", entity_id=pl.format("{}/{}", "trip_id", "position"))
    reads_events = model.event_book is not None and model.scorer.reads_events
    cases = named_cases(settings, _PLANNED, named, events=reads_events, snapshot=snapshot, beside=beside)
    found = model.predict(cases)
    parts = cases.keys["entity_id"].str.split("/").list
    late = pl.DataFrame(
        {
            "trip_id": parts.first(),
            "position": parts.last().cast(pl.Int64),
            "lower": found.lower,
            "upper": found.upper,
        },
        schema=_LATE,
    )
    return late, row.version


def _by_past_trips(
    connection: duckdb.DuckDBPyConnection, trips: pl.DataFrame, legs: pl.DataFrame, before: Any
) -> pl.DataFrame:
    """The same bounds from how late stops were reached that were planned as long after leaving."""
    past = connection.execute(read_sql("logistics", "past_lateness"), {"before": before}).pl()
    open_legs = legs.filter(~pl.col("driven")).join(trips.select("trip_id", left="left_at"), on="trip_id")
    hours = (pl.col("planned_at") - pl.col("left")).dt.total_minutes() // 60
    return (
        open_legs.select("trip_id", "position", hours=hours.clip(0, 8).cast(pl.Int32))
        .sort("hours")
        .join_asof(past.sort("hours"), on="hours", strategy="nearest", check_sortedness=False)
        .select("trip_id", "position", pl.col("lower", "upper").cast(pl.Float64))
    )


def _along_the_routes(trips: pl.DataFrame, legs: pl.DataFrame) -> pl.DataFrame:
    """The bounds as moments, each carried along its route; without those that nothing is known of."""
    leaving = dict(trips.select("trip_id", "as_of").iter_rows())
    rows = [
        {"stop_id": stop["stop_id"], "lower_at": low, "upper_at": high}
        for _, route in legs.sort("trip_id", "position").group_by("trip_id", maintain_order=True)
        for stop, low, high in _carried(route.rows(named=True), leaving[route["trip_id"][0]])
    ]
    return pl.DataFrame(rows, schema=EMPTY.schema)


def _carried(
    stops: list[dict[str, Any]], leaves: datetime
) -> Iterator[tuple[dict[str, Any], datetime, datetime]]:
    """Each open stop of a route with its bounds.

    A wait moves what follows, and takes away the part of the spread that lies before the window opens; what
    the spread grows by afterwards, as the variance of independent delays grows, is still to come.
    """
    moved, absorbed = 0.0, 0.0  # minutes, and minutes squared
    before = leaves
    for stop in stops:
        if stop["driven"] or stop["lower"] is None:
            continue
        half = (stop["upper"] - stop["lower"]) / 2
        middle = stop["lower"] + half + moved
        left = math.sqrt(max(half**2 - absorbed, 0.0))
        low, high = (stop["planned_at"] + timedelta(minutes=middle + side) for side in (-left, left))
        before = max(low, before)
        yield stop, before, max(high, before)
        if stop["opens_at"] is not None and stop["opens_at"] > low:
            opens = (stop["opens_at"] - stop["planned_at"]) / timedelta(minutes=1)
            kept = max(middle + left - opens, 0.0) / 2
            moved += opens + kept - middle
            absorbed = half**2 - kept**2


# The trips of the depot in the months before, beside those of the plan: older ones would say little more.
_RECENT = """
    FROM logistics.trips
    WHERE
        depot_id IN (SELECT depot_id FROM planned_trips)
        AND left_at >= (SELECT min(left_at) - INTERVAL 120 DAY FROM planned_trips)
"""
_PARTS = {
    "trips": f"({_RECENT} UNION ALL BY NAME FROM planned_trips)",
    "stops": f"""(
        FROM logistics.trip_stops WHERE trip_id IN (SELECT trip_id {_RECENT})
        UNION ALL BY NAME FROM planned_stops
    )""",
}
_PLANNED = replace(
    STOP_ARRIVAL,
    features=read_sql("logistics", "stop_arrival_features", **_PARTS),
    events=read_sql("logistics", "stop_arrival_events", **_PARTS),
)
