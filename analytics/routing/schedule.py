"""When a vehicle is where, with which load: the times, loads and costs of a route.

Everyone who needs a time of a plan asks here, so a page, a report and the search never disagree. A vehicle
leaves as late as costs nothing: of all moments of leaving the one with the least lateness, then the least
time on duty, then the earliest return. At each stop it begins in the first window that is still open, else
at once and late; it drives on as soon as it has served. A leg takes what traffic takes at the moment of
leaving, `Travel.periods`.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from analytics.routing.departures import departures
from analytics.routing.problem import FOREVER, Problem, Route, Solution, Stop, Travel, Vehicle, Window

_ALIKE = 6  # decimals of a second below which two schedules are equally good
TOLERANCE = 10**-_ALIKE  # seconds, metres: what sums of floating-point numbers may be off by


@dataclass(frozen=True)
class Visit:
    """One stop of a route: seconds since `Problem.begins`, metres; `load` is what is on board when leaving.

    `slack` is how much later it may arrive without anything on the route being late; 0 where it is late.
    """

    stop: int
    arrives: float
    waits: float
    begins: float
    leaves: float
    late: float
    slack: float
    leg_metres: float
    leg_seconds: float
    load: tuple[float, ...]


@dataclass(frozen=True)
class Timed:
    """A route with its times. `metres` and `driving` include the way home, `duration` is the time on duty.

    `late` sums the lateness at stops and at the end of the route, `late_home`. `cost` is money: fixed,
    kilometres and hours. `broken` names each rule that is not kept: window, shift, duration, distance,
    capacity, skill, order.
    """

    route: Route
    visits: tuple[Visit, ...]
    starts: float
    ends: float
    metres: float
    driving: float
    waiting: float
    service: float
    load_at_start: tuple[float, ...]
    most_load: tuple[float, ...]
    last_leg_metres: float
    last_leg_seconds: float
    late_home: float
    cost: float
    broken: tuple[str, ...]

    @property
    def duration(self) -> float:
        return self.ends - self.starts

    @property
    def late(self) -> float:
        return self.late_home + sum(visit.late for visit in self.visits)


@dataclass(frozen=True)
class Totals:
    """Sums over the routes of a plan. `cost` is in the terms of the problem's objective."""

    metres: float
    driving: float
    waiting: float
    duration: float
    money: float
    cost: float
    late: tuple[int, ...]
    broken: tuple[str, ...]


@dataclass(frozen=True)
class _Drive:
    """One way through a route: a row per stop of (arrives, begins, leaves), then the end."""

    starts: float
    rows: tuple[tuple[float, float, float], ...]
    ends: float


@dataclass(frozen=True)
class _Way:
    """The legs of a route: `legs[leg][period]` seconds. As lists, since each is looked up many times."""

    periods: tuple[float, ...]
    legs: list[list[float]]

    def seconds(self, leg: int, leaving: float) -> float:
        return self.legs[leg][max(0, bisect_right(self.periods, leaving) - 1)]


def _way(travel: Travel, path: Sequence[int]) -> _Way:
    return _Way(travel.periods, travel.seconds[:, path[:-1], path[1:]].T.tolist())


def timed(problem: Problem, route: Route) -> Timed:
    """The route with arrival, waiting, service, load, slack and lateness at each stop, and what it costs."""
    vehicle = problem.vehicles[route.vehicle]
    stops = [problem.stops[number] for number in route.stops]
    path = path_of(problem, route)
    way = _way(problem.travel, path)
    drive = _best_drive(problem, vehicle, stops, way)
    loads, at_start = _loads(problem, vehicle, route)
    latest = _latest_arrivals(problem, vehicle, stops, way, drive)
    metres = [float(problem.travel.metres[leg]) for leg in pairwise(path)]
    left = [drive.starts, *(leaves for *_, leaves in drive.rows)]
    seconds = [way.seconds(leg, moment) for leg, moment in enumerate(left)]
    visits = tuple(
        Visit(
            stop=route.stops[k],
            arrives=arrives,
            waits=begins - arrives,
            begins=begins,
            leaves=leaves,
            late=lateness(stops[k].windows, begins),
            slack=max(0.0, latest[k] - arrives),
            leg_metres=metres[k],
            leg_seconds=seconds[k],
            load=loads[k],
        )
        for k, (arrives, begins, leaves) in enumerate(drive.rows)
    )
    duration = drive.ends - drive.starts
    most = tuple(max(column) for column in zip(at_start, *loads, strict=True))
    late_home = _beyond(drive.ends, home_by(problem, vehicle).closes)
    broken = {
        "window": any(visit.late > 0 for visit in visits),
        "shift": late_home > 0,
        "duration": duration > vehicle.most_seconds + TOLERANCE,
        "distance": sum(metres) > vehicle.most_metres + TOLERANCE,
        "capacity": any(load > room + TOLERANCE for load, room in zip(most, vehicle.capacity, strict=True)),
        "skill": any(stop.skills - vehicle.skills for stop in stops),
        "order": not _in_order(problem, route.stops),
    }
    return Timed(
        route=route,
        visits=visits,
        starts=drive.starts,
        ends=drive.ends,
        metres=sum(metres),
        driving=sum(seconds),
        waiting=max(0.0, duration - sum(seconds) - sum(stop.service for stop in stops)),
        service=sum(stop.service for stop in stops),
        load_at_start=at_start,
        most_load=most,
        last_leg_metres=metres[-1],
        last_leg_seconds=seconds[-1],
        late_home=late_home,
        cost=money(vehicle, sum(metres), duration),
        broken=tuple(rule for rule, is_broken in broken.items() if is_broken),
    )


def totals(problem: Problem, routes: Sequence[Timed], unserved: Iterable[int]) -> Totals:
    """The sums of a plan; `broken` also names required stops left out, as `unserved`.

    `cost` by objective: metres, or money; fewest vehicles are compared before the metres (`rank`). The
    prizes of optional stops left out count in the unit of the objective.
    """
    left_out = [problem.stops[number] for number in unserved]
    metres = sum(route.metres for route in routes)
    spent = sum(route.cost for route in routes)
    missed = sum(stop.prize or 0.0 for stop in left_out)
    broken = {rule for route in routes for rule in route.broken}
    if any(stop.prize is None for stop in left_out):
        broken.add("unserved")
    return Totals(
        metres=metres,
        driving=sum(route.driving for route in routes),
        waiting=sum(route.waiting for route in routes),
        duration=sum(route.duration for route in routes),
        money=spent,
        cost=(spent if problem.objective == "cost" else metres) + missed,
        late=tuple(visit.stop for route in routes for visit in route.visits if visit.late > 0),
        broken=tuple(sorted(broken)),
    )


def evaluated(problem: Problem, solution: Solution) -> Solution:
    """The solution with the figures that `timed` gives its routes."""
    sums = totals(problem, [timed(problem, route) for route in solution.routes], solution.unserved)
    return replace(
        solution,
        cost=sums.cost,
        metres=sums.metres,
        seconds=sums.duration,
        feasible=not sums.broken,
        late=sums.late,
    )


def money(vehicle: Vehicle, metres: float, seconds: float) -> float:
    """What a route costs: the vehicle, its kilometres and its hours on duty."""
    return vehicle.fixed_cost + vehicle.cost_per_km * metres / 1_000 + vehicle.cost_per_hour * seconds / 3_600


def path_of(problem: Problem, route: Route) -> list[int]:
    """The locations a route passes, its start and end included: indices into the matrices."""
    vehicle = problem.vehicles[route.vehicle]
    return [vehicle.start, *(problem.location(stop) for stop in route.stops), vehicle.end]


def leg_seconds(travel: Travel, origin: int, target: int, leaving: float) -> float:
    """How long a leg takes when it is begun at `leaving`."""
    period = max(0, bisect_right(travel.periods, leaving) - 1)
    return float(travel.seconds[period, origin, target])


def begins_at(windows: Sequence[Window], arrives: float) -> float:
    """When service begins: in the first window still open, else at once, which is late."""
    ahead = (window for window in windows if arrives <= window.closes + TOLERANCE)
    return next((max(arrives, window.opens) for window in ahead), arrives)


def lateness(windows: Sequence[Window], begins: float) -> float:
    """Seconds after the last window."""
    return _beyond(begins, windows[-1].closes) if windows else 0.0


def leave_within(problem: Problem, vehicle: Vehicle) -> Window:
    """When the vehicle may leave: its shift and the hours of the depot it starts from."""
    return _both(vehicle.shift, problem.depots[vehicle.start].window)


def home_by(problem: Problem, vehicle: Vehicle) -> Window:
    """When the vehicle may come home: its shift and the hours of the depot it ends at."""
    return _both(vehicle.shift, problem.depots[vehicle.end].window)


def pickup_of(problem: Problem, stop: Stop) -> int | None:
    """The stop where the goods of this one are fetched; None where they come from the depot."""
    return problem.stop_numbers.get(stop.picked_up_at) if stop.picked_up_at else None


def _beyond(moment: float, closes: float) -> float:
    return moment - closes if moment > closes + TOLERANCE else 0.0


def _both(one: Window, other: Window) -> Window:
    return Window(max(one.opens, other.opens), min(one.closes, other.closes))


def _best_drive(problem: Problem, vehicle: Vehicle, stops: Sequence[Stop], way: _Way) -> _Drive:
    """The best moment of leaving. The most promising is driven first; mostly it tells that none is better."""
    leaving, home = leave_within(problem, vehicle), home_by(problem, vehicle)
    windows = [stop.windows for stop in stops]
    services = [stop.service for stop in stops]

    def worth(drive: _Drive) -> tuple[float, ...]:
        late = sum(lateness(open_, row[1]) for open_, row in zip(windows, drive.rows, strict=True))
        late += _beyond(drive.ends, home.closes)
        return round(late, _ALIKE), *duty(drive.starts, drive.ends)

    def duty(starts: float, ends: float) -> tuple[float, ...]:
        over = max(0.0, ends - starts - vehicle.most_seconds)
        return round(over, _ALIKE), round(ends - starts, _ALIKE), round(ends, _ALIKE)

    returns = departures(way.periods, way.legs, windows, services, leaving, home)
    bounds = sorted((duty(starts, ends), starts) for starts, ends in returns.items())
    best = _drive(way, stops, home, bounds[0][1])
    for bound, starts in bounds[1:]:
        if worth(best) <= (0.0, *bound):
            break
        best = min(best, _drive(way, stops, home, starts), key=worth)
    return best


def _drive(way: _Way, stops: Sequence[Stop], home: Window, starts: float) -> _Drive:
    rows, leaves = [], starts
    for leg, stop in enumerate(stops):
        arrives = leaves + way.seconds(leg, leaves)
        begins = begins_at(stop.windows, arrives)
        leaves = begins + stop.service
        rows.append((arrives, begins, leaves))
    ends = leaves + way.seconds(len(stops), leaves)
    return _Drive(starts, tuple(rows), max(ends, home.opens))


def _loads(
    problem: Problem, vehicle: Vehicle, route: Route
) -> tuple[list[tuple[float, ...]], tuple[float, ...]]:
    """What is on board when leaving each stop, and when leaving the depot; one entry per dimension."""
    dimensions = range(len(problem.dimensions))
    on_board = vehicle.on_board or (0.0,) * len(problem.dimensions)
    brought, fetched = [], []
    for number in route.stops:
        stop = problem.stops[number]
        paired = pickup_of(problem, stop)
        nothing = (0.0,) * len(problem.dimensions)
        brought.append((stop.delivery or nothing) if paired is None else nothing)
        handed = nothing if paired is None else (problem.stops[paired].pickup or nothing)
        taken = stop.pickup or nothing
        fetched.append(tuple(taken[d] - handed[d] for d in dimensions))
    load = tuple(on_board[d] + sum(row[d] for row in brought) for d in dimensions)
    at_start, after = load, []
    for gives, takes in zip(brought, fetched, strict=True):
        load = tuple(load[d] - gives[d] + takes[d] for d in dimensions)
        after.append(load)
    return after, at_start


def _latest_arrivals(
    problem: Problem, vehicle: Vehicle, stops: Sequence[Stop], way: _Way, drive: _Drive
) -> list[float]:
    """Until when each stop may be reached so that nothing after it is late, by a pass from the end."""
    by = min(home_by(problem, vehicle).closes, drive.starts + vehicle.most_seconds)
    latest = [0.0] * len(stops)
    for k in reversed(range(len(stops))):
        leaves = drive.rows[k][2]
        leave_by = _leave_by(way.periods, way.legs[k + 1], leaves, by)
        begin_by = leave_by - stops[k].service
        usable = [window for window in stops[k].windows if window.opens <= begin_by]
        by = min(begin_by, usable[-1].closes) if usable else begin_by
        latest[k] = by
    return latest


def _leave_by(periods: Sequence[float], seconds: Sequence[float], leaves: float, arrive_by: float) -> float:
    """The last moment such that leaving at any time from `leaves` until then arrives in time."""
    first = max(0, bisect_right(periods, leaves) - 1)
    for period in range(first, len(periods)):
        changes = 2.0 * FOREVER if period + 1 == len(periods) else periods[period + 1]
        leave_by = arrive_by - seconds[period]
        if leave_by < changes:
            return max(leave_by, periods[period]) if period > first else leave_by
    return 2.0 * FOREVER


def _in_order(problem: Problem, numbers: Sequence[int]) -> bool:
    """Whether each stop that receives goods fetched elsewhere comes after that place, on this route."""
    seen: set[int] = set()
    for number in numbers:
        paired = pickup_of(problem, problem.stops[number])
        if paired is not None and paired not in seen:
            return False
        seen.add(number)
    fetched = {pickup_of(problem, problem.stops[number]) for number in numbers}
    receivers = {pickup_of(problem, stop) for stop in problem.stops} - {None}
    return all(number in fetched for number in numbers if number in receivers)
