"""A routing problem in the terms of the solver PyVRP, and its answers back.

A stop with several windows becomes a group of alternatives, a pair of pickup and delivery a shipment, what a
vehicle's skills rule out an unreachable place of its profile. Traffic is averaged over the shifts.

A shipment has one window at each end: of several the longest is used.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from analytics.routing.fleet import Profiles, drop_of, kinds_of, vehicle_type, weight_of
from analytics.routing.pairs import never_meet, pairs_of, shipment
from analytics.routing.problem import Problem, Route, Window
from analytics.routing.reach import mean_seconds, out_of_reach
from analytics.routing.scales import Scales, scales_of
from analytics.routing.schedule import timed


@dataclass(frozen=True)
class Translated:
    """The problem as PyVRP data. `left_out` are stops that no vehicle can serve even alone.

    `required`: whether every other required stop must be served; else leaving one out costs a weight that
    outbids any detour, by priority.
    """

    problem: Problem
    data: Any  # pyvrp.ProblemData
    clients: tuple[int, ...]  # client -> stop
    shipments: tuple[tuple[int, int], ...]  # shipment -> the stops of pickup and delivery
    types: tuple[tuple[int, ...], ...]  # vehicle type -> its vehicles
    left_out: tuple[int, ...]
    unit: float  # scaled cost of one unit of the objective
    required: bool
    by_stop: dict[int, list[int]] = field(default_factory=dict)  # stop -> its clients, one per window

    def routes(self, solution: Any) -> tuple[Route, ...]:
        """The routes of a PyVRP solution, each with a vehicle of its type."""
        free = [list(vehicles) for vehicles in self.types]
        found = []
        for route in solution.routes():
            stops = tuple(self.stop_of(activity) for activity in route if not activity.is_depot())
            if stops:
                found.append(Route(free[route.vehicle_type()].pop(0), stops))
        return tuple(sorted(found, key=lambda route: route.vehicle))

    def stop_of(self, activity: Any) -> int:
        """The stop an activity of a PyVRP route stands for."""
        number = int(activity.idx)
        if activity.is_client():
            return self.clients[number]
        return self.shipments[number][0 if activity.is_pickup() else 1]

    def value(self, solution: Any) -> float:
        """The cost of a solution in the terms of the objective; required stops left out do not count."""
        spent = solution.distance_cost() + solution.duration_cost()
        if self.problem.objective == "cost":
            spent += solution.fixed_vehicle_cost()
        return float(spent / self.unit) + self._missed(solution)

    def _missed(self, solution: Any) -> float:
        """The prizes of the optional stops that a solution leaves out."""
        prizes = {n: stop.prize for n, stop in enumerate(self.problem.stops) if stop.prize is not None}
        if not prizes:
            return 0.0
        served = {stop for route in self.routes(solution) for stop in route.stops}
        return sum(prize for number, prize in prizes.items() if number not in served)

    def solution(self, routes: Sequence[Route]) -> Any:
        """Routes as a PyVRP solution; stops that are no longer there, or left out, are skipped."""
        import pyvrp

        type_of = {vehicle: kind for kind, vehicles in enumerate(self.types) for vehicle in vehicles}
        made = []
        for route in routes:
            kind = type_of.get(route.vehicle)
            activities = self._activities(route)
            if kind is not None and activities:
                made.append(pyvrp.Route(self.data, activities, kind))
        return pyvrp.Solution(self.data, made)

    @cached_property
    def _ends(self) -> dict[int, tuple[int, Any]]:
        import pyvrp

        kinds = (pyvrp.ActivityType.PICKUP, pyvrp.ActivityType.DELIVERY)
        return {
            stop: (number, kind)
            for number, pair in enumerate(self.shipments)
            for stop, kind in zip(pair, kinds, strict=True)
        }

    def _activities(self, route: Route) -> list[Any]:
        import pyvrp

        at = {stop: place for place, stop in enumerate(route.stops)}
        made = []
        for stop, window in zip(route.stops, self._windows(route), strict=True):
            if stop in self.by_stop:
                made.append(pyvrp.Activity(pyvrp.ActivityType.CLIENT, self.by_stop[stop][window]))
            elif stop in self._ends:
                number, kind = self._ends[stop]
                first, second = self.shipments[number]
                if at.get(first, len(at)) < at.get(second, -1):
                    made.append(pyvrp.Activity(kind, number))
        return made

    def _windows(self, route: Route) -> list[int]:
        """Which of its windows each stop of a route is served in."""
        if all(len(self.by_stop.get(stop, ())) <= 1 for stop in route.stops):
            return [0] * len(route.stops)
        return [
            max(0, sum(window.opens <= visit.begins for window in self.problem.stops[visit.stop].windows) - 1)
            for visit in timed(self.problem, route).visits
        ]


def translate(problem: Problem, *, required: bool = True) -> Translated:
    """The problem in the solver's terms. Raises UsageError where goods are passed on in ways it cannot."""
    import pyvrp

    pairs = pairs_of(problem)
    seconds = mean_seconds(problem)
    scales = scales_of(problem, seconds)
    alone = out_of_reach(problem, seconds)
    for first, second in pairs:
        if first in alone or second in alone or never_meet(problem, first, second, scales):
            alone |= {first, second}
    served = [number for number in range(len(problem.stops)) if number not in alone]
    pairs = [pair for pair in pairs if pair[0] not in alone]
    paired = {number for pair in pairs for number in pair}
    kinds = kinds_of(problem)
    profiles = Profiles(problem, scales, seconds, [problem.vehicles[kind[0]] for kind in kinds])
    types = [vehicle_type(problem, kind, scales, profiles) for kind in kinds]
    drop = drop_of(problem, scales, seconds)
    weights = {n: weight_of(stop, drop, scales, required) for n, stop in enumerate(problem.stops)}

    clients: list[Any] = []
    groups: list[Any] = []
    owners: list[int] = []
    for number in served:
        if number not in paired:
            made = _clients(problem, number, scales, weights[number], len(clients), len(groups))
            clients += made[0]
            groups += made[1]
            owners += [number] * len(made[0])
    places = range(len(problem.depots) + len(problem.stops))
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in places],
        clients=clients,
        depots=[pyvrp.Depot(place, *scales.open(depot.window)) for place, depot in enumerate(problem.depots)],
        vehicle_types=types,
        distance_matrices=profiles.metres,
        duration_matrices=profiles.seconds,
        groups=groups,
        shipments=[shipment(problem, pair, scales, weights) for pair in pairs],
    )
    by_stop: dict[int, list[int]] = defaultdict(list)
    for client, owner in enumerate(owners):
        by_stop[owner].append(client)
    return Translated(
        problem=problem,
        data=data,
        clients=tuple(owners),
        shipments=tuple(pairs),
        types=tuple(kinds),
        left_out=tuple(sorted(alone)),
        unit=scales.money,
        required=required,
        by_stop=dict(by_stop),
    )


def _clients(
    problem: Problem,
    number: int,
    scales: Scales,
    weight: tuple[int, bool],
    first: int,
    group: int,
) -> tuple[list[Any], list[Any]]:
    """The clients of a stop, one per window, and the group they form where there are several."""
    import pyvrp

    stop, (prize, must) = problem.stops[number], weight
    windows = stop.windows or (Window(),)
    alternatives = len(windows) > 1
    made = []
    for window in windows:
        opens, closes = scales.open(window)
        made.append(
            pyvrp.Client(
                location=problem.location(number),
                delivery=scales.load(stop.delivery),
                pickup=scales.load(stop.pickup),
                service_duration=int(scales.up(stop.service)),
                tw_early=opens,
                tw_late=closes,
                prize=prize,
                required=must and not alternatives,
                group=group if alternatives else None,
                name=stop.name,
            )
        )
    if not alternatives:
        return made, []
    return made, [pyvrp.ClientGroup(list(range(first, first + len(made))), required=must)]
