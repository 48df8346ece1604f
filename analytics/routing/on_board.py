"""Whose goods are on which vehicle under way, and what stays there until it is home."""

import json
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from analytics.routing.problem import Problem
from analytics.routing.whereabouts import Whereabouts


def bound_to(problem: Problem, found: Sequence[Whereabouts], over: Collection[str]) -> dict[str, str]:
    """The vehicle on which the goods of a stop lie already: loaded in the depot, or fetched on the way.

    `over` are stops served or cancelled.
    """
    loaded = {row["stop_id"]: at.vehicle for at in found for row in at.ahead[: at.loaded]}
    fetched = {row["stop_id"]: at.vehicle for at in found for row in at.behind}
    bound = {}
    for stop in problem.stops:
        vehicle = (fetched if stop.picked_up_at else loaded).get(stop.picked_up_at or stop.name)
        if vehicle and any(stop.delivery) and stop.name not in over:
            bound[stop.name] = vehicle
    return bound


def carried(problem: Problem, at: Whereabouts, bound: Mapping[str, str]) -> tuple[float, ...]:
    """What stays on board until the end: what was fetched, and goods of stops cancelled after loading.

    That is the load of the plan where the free way begins, put right for stops passed over, without what is
    for stops ahead.
    """
    if at.under_way is None:
        return ()
    planned = json.loads(at.under_way.stops[-1]["load"])
    load = np.array([float(planned.get(name, 0.0)) for name in problem.dimensions])
    for name in at.missed:
        load += _more_on_board(problem, name)
    for name, vehicle in bound.items():
        if vehicle == at.vehicle:
            load -= np.array(problem.stops[problem.stop_numbers[name]].delivery)
    return tuple(round(max(0.0, float(amount)), 6) for amount in load)


def _more_on_board(problem: Problem, name: str) -> NDArray[np.float64]:
    """What is on board more because a stop of the plan was not served; nothing known of one that is gone."""
    nothing = np.zeros(len(problem.dimensions))
    number = problem.stop_numbers.get(name)
    if number is None:
        return nothing
    stop = problem.stops[number]
    brought = nothing if stop.picked_up_at else np.array(stop.delivery or nothing)
    change: NDArray[np.float64] = brought - np.array(stop.pickup or nothing)
    return change
