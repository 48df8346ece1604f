"""What is done today, in the figures of a plan: the plan in use, or today's assignment driven as people do.

Where stops have a vehicle and a position, that order is driven. A vehicle whose stops have no positions
drives to the nearest next. Stops without a vehicle go by a simple rule: vehicle after vehicle, by name,
drives on to the nearest stop that still fits, and where none of the ten nearest does, home.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from analytics.routing.figures import Figures, figures_of
from analytics.routing.insertion import Job, jobs, place
from analytics.routing.plan_rows import route_row
from analytics.routing.problem import Problem, Route
from analytics.routing.schedule import pickup_of, timed
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

How = Literal["assigned", "nearest neighbour", "rule"]
Assignment = tuple[str | None, int | None]  # vehicle, position
_NEAREST = 10


@dataclass(frozen=True)
class InUse:
    """What is done today. `broken` counts the routes that break a rule: nobody checks it today."""

    how: How
    figures: Figures
    broken: Mapping[str, int]
    routes: tuple[Route, ...]

    def against(self, plan: Figures) -> dict[str, Any]:
        """The figures and what the plan saves, as `plans.plans.in_use` holds them."""
        saved = self.figures.less(plan)
        return {"how": self.how, **self.figures.as_json(), "broken": dict(self.broken), "saved": saved}


def in_use(problem: Problem, assigned: Mapping[str, Assignment]) -> InUse:
    """What is done today with the stops of a problem, given vehicle and position by stop name."""
    vehicles = {vehicle.name: number for number, vehicle in enumerate(problem.vehicles)}
    by_vehicle: dict[int, list[int]] = {}
    for number, stop in enumerate(problem.stops):
        name, _ = assigned.get(stop.name, (None, None))
        if name in vehicles:
            by_vehicle.setdefault(vehicles[name], []).append(number)
    positions = [position for name, position in assigned.values() if name in vehicles]
    how: How = "rule" if not by_vehicle else "nearest neighbour" if None in positions else "assigned"
    routes = {
        vehicle: _in_position(problem, numbers, assigned) or _nearest_next(problem, vehicle, numbers)
        for vehicle, numbers in by_vehicle.items()
    }
    placed = {number for numbers in routes.values() for number in numbers}
    left = [number for number in range(len(problem.stops)) if number not in placed]
    unserved = _by_rule(problem, routes, left)
    together = tuple(Route(vehicle, tuple(stops)) for vehicle, stops in sorted(routes.items()) if stops)
    driven = [timed(problem, route) for route in together]
    rows = [route_row(problem, n, route) for n, route in enumerate(driven, 1)]
    broken = Counter(rule for route in driven for rule in route.broken)
    return InUse(how, figures_of(rows, unserved), broken, together)


def assignments(
    settings: Settings, depot_id: str, day: date, snapshot: int | None = None
) -> dict[str, Assignment]:
    """Vehicle and position of each stop of a day in the plan in use."""
    rows = Warehouse(settings).query(
        "SELECT stop_id, assigned_vehicle, assigned_position FROM logistics.stops "
        "WHERE depot_id = ? AND day = ?",
        [depot_id, day],
        snapshot=snapshot,
    )
    return {stop: (vehicle, position) for stop, vehicle, position in rows.iter_rows()}


def _in_position(problem: Problem, numbers: Sequence[int], assigned: Mapping[str, Assignment]) -> list[int]:
    """The stops in the order of their positions; empty where one has none."""
    placed = [(assigned[problem.stops[number].name][1], number) for number in numbers]
    known = [(position, number) for position, number in placed if position is not None]
    return [number for _, number in sorted(known)] if len(known) == len(placed) else []


def _nearest_next(problem: Problem, vehicle: int, numbers: Sequence[int]) -> list[int]:
    """The stops as someone drives them who always goes to the nearest next; goods are fetched before."""
    here, left, order = problem.vehicles[vehicle].start, list(numbers), list[int]()
    while left:
        ready = [number for number in left if pickup_of(problem, problem.stops[number]) not in left]
        number = min(ready, key=lambda number: problem.travel.metres[here, problem.location(number)])
        here = problem.location(number)
        left.remove(number)
        order.append(number)
    return order


def _by_rule(problem: Problem, routes: dict[int, list[int]], left: Sequence[int]) -> int:
    """Puts the stops left at the end of routes by the simple rule; returns how many find no place."""
    waiting = jobs(problem, left)
    for vehicle in sorted(range(len(problem.vehicles)), key=lambda n: problem.vehicles[n].name):
        route = routes.setdefault(vehicle, [])
        while waiting and (job := _next_job(problem, vehicle, route, waiting)):
            route.extend(job)
            waiting.remove(job)
    return sum(len(job) for job in waiting)


def _next_job(problem: Problem, vehicle: int, route: Sequence[int], waiting: Sequence[Job]) -> Job | None:
    here = problem.location(route[-1]) if route else problem.vehicles[vehicle].start
    before = timed(problem, Route(vehicle, tuple(route))) if route else None
    nearest = sorted(waiting, key=lambda job: problem.travel.metres[here, problem.location(job[0])])
    for job in nearest[:_NEAREST]:
        if not place(problem, Route(vehicle, (*route, *job)), job, before).broken:
            return job
    return None
