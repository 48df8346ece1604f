"""Which stops no vehicle can serve even on a trip of its own, and the travel times the search works with."""

import numpy as np
from numpy.typing import NDArray

from analytics.routing.problem import FOREVER, Problem, Stop, Vehicle, Window
from analytics.routing.schedule import TOLERANCE, home_by, leave_within, pickup_of


def mean_seconds(problem: Problem) -> NDArray[np.float64]:
    """Travel times averaged over the periods, by how long each falls into the shifts; shape (n, n)."""
    travel = problem.travel
    if len(travel.periods) == 1:
        return np.asarray(travel.seconds[0], dtype=np.float64)
    shifts = [leave_within(problem, vehicle) for vehicle in problem.vehicles]
    known = [edge for shift in shifts for edge in (shift.opens, shift.closes) if edge < FOREVER]
    horizon = max([*known, travel.periods[-1] + 3_600.0])
    ends = [*travel.periods[1:], horizon]
    weights = np.array(
        [
            sum(max(0.0, min(end, shift.closes) - max(start, shift.opens)) for shift in shifts)
            for start, end in zip(travel.periods, ends, strict=True)
        ]
    )
    if weights.sum() <= 0:
        weights = np.ones(len(travel.periods))
    return np.asarray(np.tensordot(weights / weights.sum(), travel.seconds, axes=1), dtype=np.float64)


def out_of_reach(problem: Problem, seconds: NDArray[np.float64]) -> set[int]:
    """Stops that no vehicle of the problem can serve, alone on its route, within all rules.

    A stop of a pair is judged without its partner, so a pair may still be impossible.
    """
    served = np.zeros(len(problem.stops), dtype=bool)
    for vehicle in problem.vehicles:
        served |= _alone(problem, vehicle, seconds)
        if served.all():
            return set()
    return {int(number) for number in np.flatnonzero(~served)}


def _alone(problem: Problem, vehicle: Vehicle, seconds: NDArray[np.float64]) -> NDArray[np.bool_]:
    """For each stop whether the vehicle can serve it alone."""
    first = len(problem.depots)
    out, back = seconds[vehicle.start, first:], seconds[first:, vehicle.end]
    metres = problem.travel.metres[vehicle.start, first:] + problem.travel.metres[first:, vehicle.end]
    service = np.array([stop.service for stop in problem.stops])
    leaving, home = leave_within(problem, vehicle), home_by(problem, vehicle)
    fits = np.array([_carries(problem, vehicle, stop) for stop in problem.stops], dtype=bool)
    fits &= metres <= vehicle.most_metres + TOLERANCE
    fits &= out + service + back <= vehicle.most_seconds + TOLERANCE
    arrives = leaving.opens + out
    late = home.closes - back - service  # the last moment service may begin
    in_time = [
        any(
            max(window.opens, arrives[number]) <= min(window.closes, late[number]) + TOLERANCE
            for window in stop.windows or (Window(),)
        )
        for number, stop in enumerate(problem.stops)
    ]
    return np.asarray(fits & np.array(in_time, dtype=bool) & (leaving.opens <= leaving.closes))


def _carries(problem: Problem, vehicle: Vehicle, stop: Stop) -> bool:
    """Whether skills and room suffice."""
    if stop.skills - vehicle.skills:
        return False
    dimensions = range(len(problem.dimensions))
    on_board = vehicle.on_board or (0.0,) * len(dimensions)
    paired = pickup_of(problem, stop) is not None
    return all(
        on_board[d]
        + max(
            0.0 if paired else stop.delivery[d] if stop.delivery else 0.0,
            stop.pickup[d] if stop.pickup else 0.0,
        )
        <= vehicle.capacity[d] + TOLERANCE
        for d in dimensions
    )
