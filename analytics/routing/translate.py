"""A routing problem in the terms of the solver PyVRP, and its answers back.

The solver counts in integers: lengths and times are multiplied by a power of ten and rounded so that what it
holds for feasible is feasible (travel and service up, windows inwards). Money is scaled so that the cheapest
rate keeps four digits. A stop with several windows becomes a group of alternatives, a pair of pickup and
delivery a shipment, what a vehicle's skills rule out an unreachable place of its profile. Traffic is averaged
over the shifts.

A shipment has one window at each end: of several the longest is used.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.routing.problem import FOREVER, Problem, Route, Stop, Vehicle, Window
from analytics.routing.reach import mean_seconds, out_of_reach
from analytics.routing.schedule import pickup_of, timed
from connectors.errors import UsageError

_LARGEST = 1e8  # of a scaled length or time: sums of products with penalties stay far below 2**63
_UNLIMITED = int(np.iinfo(np.int64).max)
_WEIGHTS = {1: 9.0, 2: 3.0, 3: 1.0}  # of leaving out a required stop, by priority
_DROP = 3.0  # the lightest of these, in routes that serve one stop alone


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
        served = {stop for route in self.routes(solution) for stop in route.stops}
        stops = self.problem.stops
        missed = sum(stop.prize or 0.0 for number, stop in enumerate(stops) if number not in served)
        return float(spent / self.unit + missed)

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

        here = set(route.stops)
        made = []
        for stop, window in zip(route.stops, self._windows(route), strict=True):
            if stop in self.by_stop:
                made.append(pyvrp.Activity(pyvrp.ActivityType.CLIENT, self.by_stop[stop][window]))
            elif stop in self._ends:
                number, kind = self._ends[stop]
                if here.issuperset(self.shipments[number]):
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


@dataclass(frozen=True)
class _Scales:
    """What one metre or second, one unit of money and one unit of each load are in integers.

    `wall` is a scaled length beyond any route, between a vehicle and what its skills rule out.
    """

    length: float
    money: float
    loads: tuple[float, ...]
    wall: int

    def up(self, values: Any) -> NDArray[np.int64]:
        return _whole(np.ceil(np.asarray(values, dtype=np.float64) * self.length - 1e-6))

    def down(self, values: Any) -> NDArray[np.int64]:
        return _whole(np.floor(np.asarray(values, dtype=np.float64) * self.length + 1e-6))

    def nearest(self, values: Any) -> NDArray[np.int64]:
        return _whole(np.rint(np.asarray(values, dtype=np.float64) * self.length))

    def room(self, capacity: Sequence[float]) -> list[int]:
        pairs = zip(capacity, self.loads, strict=True)
        return [int(np.floor(min(amount, FOREVER) * scale + 1e-6)) for amount, scale in pairs]

    def load(self, amounts: Sequence[float]) -> list[int]:
        given = amounts or (0.0,) * len(self.loads)
        return [int(np.ceil(amount * scale - 1e-6)) for amount, scale in zip(given, self.loads, strict=True)]

    def open(self, window: Window) -> tuple[int, int]:
        closes = max(0, self.limit(window.closes))
        return min(int(self.up(max(0.0, window.opens))), closes), closes

    def limit(self, value: float) -> int:
        """A length or moment rounded down; what is far away is no limit."""
        return _UNLIMITED if value >= FOREVER else int(self.down(value))


def translate(problem: Problem, *, required: bool = True) -> Translated:
    """The problem in the solver's terms. Raises UsageError where goods are passed on in ways it cannot."""
    import pyvrp

    pairs = _pairs(problem)
    seconds = mean_seconds(problem)
    scales = _scales(problem, seconds)
    alone = out_of_reach(problem, seconds)
    for first, second in pairs:
        if first in alone or second in alone or _never_meet(problem, first, second, scales):
            alone |= {first, second}
    served = [number for number in range(len(problem.stops)) if number not in alone]
    pairs = [pair for pair in pairs if pair[0] not in alone]
    paired = {number for pair in pairs for number in pair}
    kinds = _kinds(problem)
    profiles = _Profiles(problem, scales, seconds, [problem.vehicles[kind[0]] for kind in kinds])
    types = [_vehicle_type(problem, kind, scales, profiles) for kind in kinds]
    drop = _drop(problem, scales, seconds)
    weights = {n: _weight(stop, drop, scales, required) for n, stop in enumerate(problem.stops)}

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
        shipments=[_shipment(problem, pair, scales, weights) for pair in pairs],
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


def _pairs(problem: Problem) -> list[tuple[int, int]]:
    """Stops of pickup and of delivery that belong together."""
    pairs = []
    for number, stop in enumerate(problem.stops):
        origin = pickup_of(problem, stop)
        if origin is None:
            continue
        source = problem.stops[origin]
        if origin == number or pickup_of(problem, source) is not None or any(source.delivery):
            raise UsageError(
                f"Stop {source.name} passes goods on to {stop.name} and receives some as well.",
                "Make it two stops at the same place.",
            )
        if any(stop.pickup):
            raise UsageError(
                f"Stop {stop.name} receives the goods of {source.name} and has its own to fetch.",
                "Make it two stops at the same place.",
            )
        pairs.append((origin, number))
    origins = [origin for origin, _ in pairs]
    twice = {problem.stops[origin].name for origin in origins if origins.count(origin) > 1}
    if twice:
        raise UsageError(
            f"The goods of {', '.join(sorted(twice))} go to more than one stop.",
            "Make it one pickup for each of them.",
        )
    return pairs


def _kinds(problem: Problem) -> list[tuple[int, ...]]:
    """Vehicles that differ in nothing but their name, together."""
    kinds: dict[Vehicle, list[int]] = defaultdict(list)
    for number, vehicle in enumerate(problem.vehicles):
        kinds[replace(vehicle, name="", co2_g_per_km=0.0)].append(number)
    return [tuple(numbers) for numbers in kinds.values()]


def _scales(problem: Problem, seconds: NDArray[np.float64]) -> _Scales:
    spans = [span for stop in problem.stops for span in stop.windows]
    spans += [vehicle.shift for vehicle in problem.vehicles] + [depot.window for depot in problem.depots]
    edges = [edge for span in spans for edge in (span.opens, span.closes) if edge < FOREVER]
    services = [stop.service for stop in problem.stops]
    values = np.concatenate([problem.travel.metres.ravel(), seconds.ravel(), edges, services])
    length = 1.0
    if not np.all(values == np.rint(values)):
        length = 10.0 ** np.clip(np.floor(np.log10(_LARGEST / max(1.0, values.max()))), 0, 4)
    money = length
    if problem.objective == "cost":
        rates = {vehicle.cost_per_km / 1_000 for vehicle in problem.vehicles}
        rates |= {vehicle.cost_per_hour / 3_600 for vehicle in problem.vehicles}
        least = min((rate for rate in rates if rate > 0), default=1.0)
        money = 1_000.0 * length / least
    loads = tuple(_load_scale(problem, d) for d in range(len(problem.dimensions)))
    wall = int(length * (problem.travel.metres.max(initial=1.0) + 1)) * (len(problem.stops) + 2)
    return _Scales(length, money, loads, wall)


def _load_scale(problem: Problem, dimension: int) -> float:
    """One where all amounts of the dimension are whole numbers, else thousandths count."""
    rows = [row for stop in problem.stops for row in (stop.delivery, stop.pickup) if row]
    rows += [row for vehicle in problem.vehicles for row in (vehicle.capacity, vehicle.on_board) if row]
    return 1.0 if all(float(row[dimension]).is_integer() for row in rows) else 1_000.0


class _Profiles:
    """Distances and times as each set of skills sees them: what it cannot serve is unreachable."""

    def __init__(
        self, problem: Problem, scales: _Scales, seconds: NDArray[np.float64], vehicles: Sequence[Vehicle]
    ) -> None:
        base, times = scales.nearest(problem.travel.metres), scales.up(seconds)
        np.fill_diagonal(base, 0)
        np.fill_diagonal(times, 0)
        self._numbers: dict[frozenset[int], int] = {}
        self.metres: list[Any] = []
        self.seconds: list[Any] = []
        for vehicle in vehicles:
            closed = self._closed(problem, vehicle)
            if closed in self._numbers:
                continue
            self._numbers[closed] = len(self.metres)
            barred = np.zeros(len(base), dtype=bool)
            barred[[problem.location(stop) for stop in closed]] = True
            wall = barred[:, np.newaxis] | barred
            np.fill_diagonal(wall, val=False)
            self.metres.append(np.where(wall, scales.wall, base) if closed else base)
            self.seconds.append(times)

    def of(self, problem: Problem, vehicle: Vehicle) -> int:
        return self._numbers[self._closed(problem, vehicle)]

    @staticmethod
    def _closed(problem: Problem, vehicle: Vehicle) -> frozenset[int]:
        return frozenset(n for n, stop in enumerate(problem.stops) if stop.skills - vehicle.skills)


def _vehicle_type(problem: Problem, kind: tuple[int, ...], scales: _Scales, profiles: _Profiles) -> Any:
    import pyvrp

    vehicle = problem.vehicles[kind[0]]
    opens, closes = scales.open(vehicle.shift)
    barred = any(stop.skills - vehicle.skills for stop in problem.stops)
    fixed, per_length, per_time = 0, 1, 0
    if problem.objective == "cost":
        unit = scales.money / scales.length
        fixed = round(vehicle.fixed_cost * scales.money)
        per_length = round(vehicle.cost_per_km / 1_000 * unit)
        per_time = round(vehicle.cost_per_hour / 3_600 * unit)
    elif problem.objective == "vehicles":
        fixed = _vehicle_worth(problem, scales)
    return pyvrp.VehicleType(
        num_available=len(kind),
        capacity=scales.room(vehicle.capacity),
        start_depot=vehicle.start,
        end_depot=vehicle.end,
        fixed_cost=fixed,
        tw_early=opens,
        tw_late=closes,
        shift_duration=scales.limit(vehicle.most_seconds),
        # What a vehicle cannot serve breaks this limit, so it is ruled out and not merely dear.
        max_distance=min(scales.limit(vehicle.most_metres), scales.wall - 1 if barred else _UNLIMITED),
        unit_distance_cost=per_length,
        unit_duration_cost=per_time,
        profile=profiles.of(problem, vehicle),
        initial_load=scales.load(vehicle.on_board) if vehicle.on_board else [],
        name=vehicle.name,
    )


def _vehicle_worth(problem: Problem, scales: _Scales) -> int:
    """A fixed cost that no detour makes up for: the length of serving every stop on a trip of its own."""
    first = len(problem.depots)
    out, back = problem.travel.metres[:first, first:], problem.travel.metres[first:, :first]
    star = out.max(axis=0, initial=0.0).sum() + back.max(axis=1, initial=0.0).sum()
    return int(scales.length * (float(star) + 1.0))


def _drop(problem: Problem, scales: _Scales, seconds: NDArray[np.float64]) -> float:
    """What leaving out a stop of the lowest priority must cost at least, scaled."""
    metres, longest = float(problem.travel.metres.max(initial=1.0)), float(seconds.max(initial=1.0))
    alone = 2 * metres
    if problem.objective == "cost":
        alone = max(
            v.fixed_cost + 2 * metres * v.cost_per_km / 1_000 + 4 * longest * v.cost_per_hour / 3_600
            for v in problem.vehicles
        )
    elif problem.objective == "vehicles":
        alone += _vehicle_worth(problem, scales) / scales.length
    return _DROP * max(alone, 1.0) * scales.money


def _weight(stop: Stop, drop: float, scales: _Scales, required: bool) -> tuple[int, bool]:
    """Prize and whether the stop must be served."""
    if stop.prize is not None:
        return round(max(0.0, stop.prize) * scales.money), False
    return (0, True) if required else (round(drop * _WEIGHTS.get(stop.priority, 1.0)), False)


def _clients(
    problem: Problem,
    number: int,
    scales: _Scales,
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


def _widest(stop: Stop) -> Window:
    return max(stop.windows or (Window(),), key=lambda span: span.closes - span.opens)


def _never_meet(problem: Problem, origin: int, number: int, scales: _Scales) -> bool:
    """Whether goods are wanted before they can be fetched: the solver takes no such pair."""
    (opens, _), (_, closes) = (scales.open(_widest(problem.stops[end])) for end in (origin, number))
    return closes < opens


def _shipment(
    problem: Problem, pair: tuple[int, int], scales: _Scales, weights: dict[int, tuple[int, bool]]
) -> Any:
    import pyvrp

    ends = {}
    for number, end in zip(pair, ("pickup", "delivery"), strict=True):
        stop = problem.stops[number]
        opens, closes = scales.open(_widest(stop))
        ends[f"{end}_location"] = problem.location(number)
        ends[f"{end}_tw_early"], ends[f"{end}_tw_late"] = opens, closes
        ends[f"{end}_service_duration"] = int(scales.up(stop.service))
    return pyvrp.Shipment(
        **ends,
        amount=scales.load(problem.stops[pair[0]].pickup),
        prize=sum(weights[number][0] for number in pair),
        required=any(weights[number][1] for number in pair),
        name=problem.stops[pair[1]].name,
    )


def _whole(values: Any) -> NDArray[np.int64]:
    return np.asarray(values, dtype=np.int64)
