"""The rows of a plan: its routes and stops as the tables `plans.*` hold them, from timed routes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from analytics.routing.figures import co2_kg
from analytics.routing.problem import FOREVER, Problem, Stop, Vehicle, Window
from analytics.routing.schedule import Timed, Visit, money, pickup_of
from analytics.routing.tables import COLUMNS

_SUMS = (
    *("stops", "distance_km", "driving_hours", "waiting_hours", "duration_hours"),
    *("cost", "co2_kg", "late_stops"),
)
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

    `stops` are rows of `plans.stops`, in their order; the sums reach from leaving the depot to `ends_at`,
    where the rest begins. `cost` is money and includes using the vehicle at all.
    """

    vehicle: Vehicle
    stops: tuple[Mapping[str, Any], ...]
    starts_at: datetime
    ends_at: datetime
    shift: tuple[datetime | None, datetime | None]
    metres: float
    driving: float
    waiting: float
    load_share: float

    @property
    def duration(self) -> float:
        return (self.ends_at - self.starts_at).total_seconds()

    @property
    def cost(self) -> float:
        return money(self.vehicle, self.metres, self.duration)

    def row(self, number: int) -> dict[str, Any]:
        """The route of a vehicle that does no more today."""
        return {
            "route": number,
            "vehicle_id": self.vehicle.name,
            "stops": len(self.stops),
            "starts_at": self.starts_at,
            "ends_at": self.ends_at,
            "shift_starts_at": self.shift[0],
            "shift_ends_at": self.shift[1],
            "distance_km": self.metres / 1_000,
            "driving_hours": self.driving / 3_600,
            "waiting_hours": self.waiting / 3_600,
            "duration_hours": self.duration / 3_600,
            "load_share": self.load_share,
            "cost": self.cost,
            "co2_kg": co2_kg(self.vehicle, self.metres),
            "late_stops": sum(row["late_minutes"] > 0 for row in self.stops),
        }


def frame(table: str, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows as a frame with exactly the columns of a table of plans."""
    schema = {name: _TYPES[kind] for name, kind in COLUMNS[table].items()}
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def route_row(problem: Problem, number: int, route: Timed, past: Past | None = None) -> dict[str, Any]:
    """One route; what the vehicle has behind it is part of it."""
    vehicle = problem.vehicles[route.route.vehicle]
    row = {
        "route": number,
        "vehicle_id": vehicle.name,
        "stops": len(route.visits),
        "starts_at": at(problem, route.starts),
        "ends_at": at(problem, route.ends),
        "shift_starts_at": at(problem, vehicle.shift.opens),
        "shift_ends_at": at(problem, vehicle.shift.closes),
        "distance_km": route.metres / 1_000,
        "driving_hours": route.driving / 3_600,
        "waiting_hours": route.waiting / 3_600,
        "duration_hours": route.duration / 3_600,
        "load_share": _share(vehicle, route.most_load),
        "cost": route.cost,
        "co2_kg": co2_kg(vehicle, route.metres),
        "late_stops": sum(visit.late > 0 for visit in route.visits),
    }
    if past is None:
        return row
    before = past.row(number)
    sums = {name: before[name] + row[name] for name in _SUMS}
    fullest = max(before["load_share"], row["load_share"])
    return {**before, "ends_at": row["ends_at"], "load_share": fullest, **sums}


def past_rows(number: int, past: Past) -> list[dict[str, Any]]:
    """The stops behind a vehicle, in their order."""
    return [{**row, "route": number, "position": n} for n, row in enumerate(past.stops, 1)]


def stop_rows(problem: Problem, number: int, route: Timed, past: Past | None = None) -> list[dict[str, Any]]:
    """The stops of a route in their order, those behind it first."""
    vehicle = problem.vehicles[route.route.vehicle]
    behind = past_rows(number, past) if past else []
    ahead = [
        _stop_row(problem, vehicle, visit) | {"route": number, "position": n}
        for n, visit in enumerate(route.visits, len(behind) + 1)
    ]
    return behind + ahead


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
