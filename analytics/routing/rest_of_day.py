"""The problem of the rest of a day: vehicles begin where they are, with what they have on board.

A vehicle under way begins at a depot of its own, the place from where it is free to go. Goods loaded for a
stop are on that vehicle alone; what still lies in the depot goes with a vehicle that loads there: one that
has not left yet, or is back. Both are said with skills that begin with `insertion.BOUND`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from analytics.routing.insertion import BOUND, completed
from analytics.routing.on_board import bound_to, carried
from analytics.routing.plan_rows import Past, seconds_at
from analytics.routing.problem import Depot, Problem, Route, Solution, Stop, Travel, Vehicle, Window
from analytics.routing.schedule import Timed, timed
from analytics.routing.tours_behind import done_tours, tour_under_way
from analytics.routing.whereabouts import Whereabouts

LOADS = BOUND + "loads at the depot"
# Seconds a vehicle may leave early: a plan that is just in time must not be late because the search and the
# microseconds of timestamps round a little on every leg.
_ROUNDING = 0.05


@dataclass(frozen=True)
class Rest:
    """The rest of a day as a problem, and where the plan in force stands in it.

    `under_way` is what vehicles, by name, have behind them of the tour they are on, `done` are whole tours.
    """

    problem: Problem
    start: Solution
    under_way: Mapping[str, Past]
    done: tuple[Past, ...]


def rest_of_day(
    problem: Problem, found: Sequence[Whereabouts], now: datetime, cancelled: frozenset[str] = frozenset()
) -> Rest:
    """The rest of the day of `problem` from `now`, with vehicles where they were `found`."""
    over = {str(row["stop_id"]) for at in found for row in at.behind} | cancelled
    bound = bound_to(problem, found, over)
    stops = [_waiting(stop, bound.get(stop.name, "")) for stop in problem.stops if stop.name not in over]
    numbers = {stop.name: number for number, stop in enumerate(stops)}
    known = {vehicle.name: vehicle for vehicle in problem.vehicles}
    places, vehicles, routes = list(problem.depots), list[Vehicle](), list[Route]()
    under_way, done = dict[str, Past](), list[Past]()
    for at in found:
        vehicle = known.get(at.vehicle) or _lost(problem, at.vehicle)
        tours, current = done_tours(problem, vehicle, at), tour_under_way(vehicle, at)
        done += tours
        if current is not None:
            under_way[at.vehicle] = current
        here = _from_here(vehicle, at, now, problem)
        if at.vehicle not in known or (current is None and here.shift.opens >= here.shift.closes):
            continue
        if current is not None:
            name = current.stops[-1]["stop_id"]
            opens = Window(here.shift.opens, here.shift.opens + 1)
            places.append(Depot(name, problem.stops[problem.stop_numbers[name]].place, opens))
            here = replace(here, start=len(places) - 1, on_board=carried(problem, at, bound))
        vehicles.append(_without(here, [*tours, *([current] if current else [])]))
        # What a later tour brings still lies in the depot: `with_second_tours` finds it a place again.
        coming = at.ahead if current is None else at.ahead[: at.loaded]
        ahead = tuple(numbers[row["stop_id"]] for row in coming if row["stop_id"] in numbers)
        if ahead or current is not None:
            routes.append(Route(len(vehicles) - 1, ahead))
    rest = replace(
        problem,
        depots=tuple(places),
        vehicles=tuple(vehicles),
        stops=tuple(stops),
        travel=_part(problem, places[len(problem.depots) :], stops),
    )
    return Rest(rest, _solution(rest, routes), under_way, tuple(done))


def with_ways_home(problem: Problem, solution: Solution) -> Solution:
    """The solution with a route home for each vehicle under way that has no stop left."""
    driving = {route.vehicle for route in solution.routes}
    home = [
        Route(number, ())
        for number, vehicle in enumerate(problem.vehicles)
        if vehicle.start and number not in driving
    ]
    return replace(solution, routes=(*solution.routes, *home))


def with_second_tours(problem: Problem, solution: Solution) -> tuple[Problem, Solution]:
    """What is left out goes, where it can, with a vehicle that comes home in time to load again."""
    if not solution.unserved:
        return problem, solution
    again = [_again(problem, timed(problem, route)) for route in solution.routes]
    more = [vehicle for vehicle in again if vehicle and vehicle.shift.opens < vehicle.shift.closes]
    wider = replace(problem, vehicles=(*problem.vehicles, *more))
    fuller = completed(wider, solution)
    return (problem, solution) if fuller is solution else (wider, fuller)


def _again(problem: Problem, route: Timed) -> Vehicle | None:
    """The vehicle of a route under way as it is when it has come home."""
    vehicle = problem.vehicles[route.route.vehicle]
    if not vehicle.start:
        return None
    return replace(
        vehicle,
        start=vehicle.end,
        shift=Window(route.ends, vehicle.shift.closes),
        most_seconds=vehicle.most_seconds - route.duration,
        most_metres=vehicle.most_metres - route.metres,
        skills=vehicle.skills | {LOADS},
        on_board=(),
    )


def _waiting(stop: Stop, on_board_of: str) -> Stop:
    """A stop still to be served, bound to where its goods are."""
    if on_board_of:
        return replace(stop, skills=stop.skills | {BOUND + on_board_of}, picked_up_at="")
    if stop.picked_up_at or not any(stop.delivery):
        return stop
    return replace(stop, skills=stop.skills | {LOADS})


def _from_here(vehicle: Vehicle, at: Whereabouts, now: datetime, problem: Problem) -> Vehicle:
    """The vehicle from now on: it can still load unless it is on a tour, then it goes on at once."""
    own = vehicle.skills | {BOUND + vehicle.name}
    if at.under_way is not None:
        begins = seconds_at(problem, at.free_at) - _ROUNDING
        return replace(vehicle, shift=Window(begins, max(begins, vehicle.shift.closes)), skills=own)
    begins = max(vehicle.shift.opens, seconds_at(problem, max(at.free_at, now)) - _ROUNDING)
    return replace(vehicle, shift=Window(begins, vehicle.shift.closes), skills=own | {LOADS})


def _without(vehicle: Vehicle, behind: Sequence[Past]) -> Vehicle:
    """The vehicle without what it has used up already."""
    if not behind:
        return vehicle
    return replace(
        vehicle,
        fixed_cost=0.0,
        most_seconds=vehicle.most_seconds - sum(tour.duration for tour in behind),
        most_metres=vehicle.most_metres - sum(tour.metres for tour in behind),
    )


def _lost(problem: Problem, name: str) -> Vehicle:
    """A vehicle that is no longer in the fleet: only what it has behind it counts, at no known cost."""
    return Vehicle(name, 0, 0, (0.0,) * len(problem.dimensions))


def without(problem: Problem, names: Collection[str]) -> Problem:
    """The problem without some of its stops."""
    stops = tuple(stop for stop in problem.stops if stop.name not in names)
    return replace(problem, stops=stops, travel=_part(problem, (), stops)) if names else problem


def _part(problem: Problem, starts: Sequence[Depot], stops: Sequence[Stop]) -> Travel:
    """Travel between the depots, the starts of vehicles under way and the stops that wait."""
    named = [*(depot.name for depot in starts), *(stop.name for stop in stops)]
    kept = [*range(len(problem.depots)), *(problem.location(problem.stop_numbers[name]) for name in named)]
    grid = np.ix_(kept, kept)
    return replace(
        problem.travel,
        metres=problem.travel.metres[grid],
        seconds=problem.travel.seconds[(slice(None), *grid)],
    )


def _solution(problem: Problem, routes: Sequence[Route]) -> Solution:
    driven = {number for route in routes for number in route.stops}
    left = tuple(number for number in range(len(problem.stops)) if number not in driven)
    return Solution(tuple(routes), left, 0.0, 0.0, 0.0, feasible=False)
