"""The vehicles of a problem from the rows of logistics.fleet."""

from collections.abc import Sequence
from datetime import date

from analytics.routing.orders import skills_of
from analytics.routing.problem import FOREVER, Vehicle
from analytics.routing.remarks import Remarks
from analytics.routing.rows import Row
from analytics.routing.shifts import WHOLE_DAY, shift_window, usual_shift


def vehicles_of(rows: Sequence[Row], day: date, timezone: str, remarks: Remarks) -> list[Vehicle]:
    """Vehicles that start and end at the one depot; capacities in kg and litres.

    One without a shift, or with half of one, drives the usual hours of the depot: it is in the fleet, and
    leaving it out would leave stops unserved for an empty cell. A limit that is not given does not bind.
    """
    usual = usual_shift([(row["shift_start"], row["shift_end"]) for row in rows])
    hours = "the whole day" if usual == WHOLE_DAY else f"{usual[0]} to {usual[1]}"
    vehicles = []
    for row in rows:
        if not (row["shift_start"] and row["shift_end"]):
            remarks.add(
                f"Without a shift, so the depot's usual hours were taken ({hours})", row["vehicle_id"]
            )
        shift = row["shift_start"] or usual[0], row["shift_end"] or usual[1]
        vehicles.append(
            Vehicle(
                name=row["vehicle_id"],
                start=0,
                end=0,
                capacity=(_limit(row["capacity_kg"]), _limit(row["capacity_l"])),
                shift=shift_window(day, shift, timezone),
                most_seconds=_limit(row["most_hours"], 3_600),
                most_metres=_limit(row["most_km"], 1_000),
                fixed_cost=row["fixed_cost"] or 0.0,
                cost_per_km=row["cost_per_km"] or 0.0,
                cost_per_hour=row["cost_per_hour"] or 0.0,
                co2_g_per_km=row["co2_g_per_km"] or 0.0,
                skills=skills_of(row["skills"]),
            )
        )
    return vehicles


def _limit(value: float | None, unit: float = 1.0) -> float:
    return FOREVER if value is None else unit * value
