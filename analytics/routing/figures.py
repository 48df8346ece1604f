"""The figures of a plan that are compared: vehicles, late stops, kilometres, hours, cost, CO2."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

from analytics.routing.problem import Problem
from analytics.routing.schedule import Timed


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
        names = [field.name for field in fields(self)]
        return {name: getattr(self, name) - getattr(other, name) for name in names}


def figures_of(problem: Problem, routes: Sequence[Timed], unserved: int) -> Figures:
    """The figures of a plan; a vehicle that does two tours is one vehicle."""
    return Figures(
        vehicles=len({problem.vehicles[timed.route.vehicle].name for timed in routes}),
        stops=sum(len(timed.visits) for timed in routes),
        unserved=unserved,
        late_stops=sum(visit.late > 0 for timed in routes for visit in timed.visits),
        distance_km=sum(timed.metres for timed in routes) / 1_000,
        driving_hours=sum(timed.driving for timed in routes) / 3_600,
        duration_hours=sum(timed.duration for timed in routes) / 3_600,
        cost=sum(timed.cost for timed in routes),
        co2_kg=sum(co2_kg(problem, timed) for timed in routes),
    )


def co2_kg(problem: Problem, timed: Timed) -> float:
    """What the kilometres of a route emit, by the vehicle's grams per kilometre."""
    return timed.metres / 1_000 * problem.vehicles[timed.route.vehicle].co2_g_per_km / 1_000
