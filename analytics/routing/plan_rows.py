"""The rows of a plan: its routes and stops as the tables `plans.*` hold them, from timed routes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from analytics.routing.figures import co2_kg
from analytics.routing.problem import FOREVER, Problem, Stop, Vehicle, Window
from analytics.routing.schedule import Timed, Visit, pickup_of
from analytics.routing.tables import COLUMNS

_TYPES: Mapping[str, pl.DataType] = {
    "VARCHAR": pl.String(),
    "TIMESTAMP": pl.Datetime("us"),
    "DATE": pl.Date(),
    "BIGINT": pl.Int64(),
    "DOUBLE": pl.Float64(),
    "BOOLEAN": pl.Boolean(),
}


@dataclass(frozen=True)
class Past:
    """What a vehicle has behind it when a plan for the rest of its day is made.

    `stops` are rows of `plans.stops`, in their order; the sums reach from leaving the depot to where the rest
    begins. `cost` is money and includes using the vehicle at all.
    """

    stops: tuple[dict[str, Any], ...]
    starts_at: datetime
    shift_starts_at: datetime | None
    metres: float
    driving: float
    waiting: float
    duration: float
    cost: float
    load_share: float


def frame(table: str, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows as a frame with exactly the columns of a table of plans."""
    schema = {name: _TYPES[kind] for name, kind in COLUMNS[table].items()}
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def route_row(problem: Problem, number: int, route: Timed, past: Past | None) -> dict[str, Any]:
    """One route; what the vehicle has behind it is part of it."""
    vehicle = problem.vehicles[route.route.vehicle]
    driven = past.stops if past else ()
    metres = route.metres + (past.metres if past else 0.0)
    return {
        "route": number,
        "vehicle_id": vehicle.name,
        "stops": len(route.visits) + len(driven),
        "starts_at": past.starts_at if past else at(problem, route.starts),
        "ends_at": at(problem, route.ends),
        "shift_starts_at": past.shift_starts_at if past else at(problem, vehicle.shift.opens),
        "shift_ends_at": at(problem, vehicle.shift.closes),
        "distance_km": metres / 1_000,
        "driving_hours": (route.driving + (past.driving if past else 0.0)) / 3_600,
        "waiting_hours": (route.waiting + (past.waiting if past else 0.0)) / 3_600,
        "duration_hours": (route.duration + (past.duration if past else 0.0)) / 3_600,
        "load_share": max(_share(vehicle, route.most_load), past.load_share if past else 0.0),
        "cost": route.cost + (past.cost if past else 0.0),
        "co2_kg": co2_kg(vehicle, metres),
        "late_stops": sum(v.late > 0 for v in route.visits) + sum(row["late_minutes"] > 0 for row in driven),
    }


def stop_rows(problem: Problem, number: int, route: Timed, past: Past | None) -> list[dict[str, Any]]:
    """The stops of a route in their order, those behind it first."""
    vehicle = problem.vehicles[route.route.vehicle]
    behind = [{**row, "route": number} for row in (past.stops if past else ())]
    ahead = [_stop_row(problem, vehicle, visit) | {"route": number} for visit in route.visits]
    return [{**row, "position": position} for position, row in enumerate([*behind, *ahead], 1)]


def _stop_row(problem: Problem, vehicle: Vehicle, visit: Visit) -> dict[str, Any]:
    stop = problem.stops[visit.stop]
    window = served_in(stop, visit.begins)
    return {
        "vehicle_id": vehicle.name,
        "stop_id": stop.name,
        "kind": kind_of(problem, stop),
        "latitude": stop.place.latitude,
        "longitude": stop.place.longitude,
        "arrives_at": at(problem, visit.arrives),
        "begins_at": at(problem, visit.begins),
        "leaves_at": at(problem, visit.leaves),
        "opens_at": at(problem, window.opens) if window else None,
        "closes_at": at(problem, window.closes) if window else None,
        "leg_km": visit.leg_metres / 1_000,
        "leg_minutes": visit.leg_seconds / 60,
        "waiting_minutes": visit.waits / 60,
        "service_minutes": stop.service / 60,
        "load_share": _share(vehicle, visit.load),
        "load": json.dumps(dict(zip(problem.dimensions, visit.load, strict=True))),
        "slack_minutes": visit.slack / 60 if visit.slack < FOREVER / 2 else None,
        "late_minutes": visit.late / 60,
        "driven": False,
    }


def served_in(stop: Stop, begins: float) -> Window | None:
    """The window in which service begins, the last one where it is late; None where there is none."""
    if not stop.windows:
        return None
    return next((window for window in stop.windows if begins <= window.closes), stop.windows[-1])


def kind_of(problem: Problem, stop: Stop) -> str:
    """`pickup` where something is only fetched, else `delivery`."""
    brought = any(stop.delivery) or pickup_of(problem, stop) is not None
    return "pickup" if any(stop.pickup) and not brought else "delivery"


def _share(vehicle: Vehicle, load: Sequence[float]) -> float:
    """How full a vehicle is, by its fullest dimension."""
    return max(
        (amount / room for amount, room in zip(load, vehicle.capacity, strict=True) if room), default=0.0
    )


def at(problem: Problem, seconds: float) -> datetime | None:
    """A moment of the plan in naive UTC; None for what never comes."""
    if problem.begins is None or abs(seconds) >= FOREVER:
        return None
    return naive_utc(problem.begins) + timedelta(seconds=seconds)


def seconds_at(problem: Problem, moment: datetime) -> float:
    """A moment as seconds of the problem; raises ValueError for a problem without a calendar."""
    if problem.begins is None:
        raise ValueError("a problem without a calendar has no moments")
    return (naive_utc(moment) - naive_utc(problem.begins)).total_seconds()


def naive_utc(moment: datetime) -> datetime:
    """A moment as the lake holds it; a naive one is UTC already."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
