"""The figures of a plan that are compared: vehicles, late stops, kilometres, hours, cost, CO2."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from analytics.routing.problem import Vehicle


@dataclass(frozen=True)
class Figures:
    """Sums over the routes that are driven; cost is money, whatever the objective was."""

    vehicles: int
    stops: int
    unserved: int
    late_stops: int
    distance_km: float
    driving_hours: float
    duration_hours: float
    cost: float
    co2_kg: float

    def as_json(self) -> dict[str, float]:
        return asdict(self)

    def less(self, other: "Figures") -> dict[str, float]:
        """What `other` has less of, by name: the saving if it replaces this."""
        theirs = other.as_json()
        return {name: value - theirs[name] for name, value in self.as_json().items()}


def figures_of(routes: Sequence[Mapping[str, Any]], unserved: int) -> Figures:
    """The figures of a plan from the rows of its routes; a vehicle that does two tours is one vehicle."""

    def total(name: str) -> float:
        return float(sum(route[name] for route in routes))

    return Figures(
        vehicles=len({route["vehicle_id"] for route in routes}),
        stops=int(total("stops")),
        unserved=unserved,
        late_stops=int(total("late_stops")),
        distance_km=total("distance_km"),
        driving_hours=total("driving_hours"),
        duration_hours=total("duration_hours"),
        cost=total("cost"),
        co2_kg=total("co2_kg"),
    )


def co2_kg(vehicle: Vehicle, metres: float) -> float:
    """What a way emits, by the vehicle's grams per kilometre."""
    return metres / 1_000 * vehicle.co2_g_per_km / 1_000
