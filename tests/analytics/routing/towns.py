"""Small problems with known answers: a depot at kilometre 0 of a plane, a kilometre a minute."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from analytics.routing.problem import (
    Depot,
    Place,
    Problem,
    Route,
    Solution,
    Stop,
    Travel,
    Vehicle,
    Window,
)

MIDNIGHT = datetime(2026, 11, 2)
HOUR = 3_600.0
DAY_SHIFT = Window(8 * HOUR, 16 * HOUR)


def between(opens: float, closes: float) -> Window:
    """A window in hours since midnight."""
    return Window(opens * HOUR, closes * HOUR)


def stop(name: str, east: float, north: float = 0.0, kg: float = 10.0, **changes: Any) -> Stop:
    """A delivery at so many kilometres east and north of the depot."""
    return replace(Stop(name, Place(north, east), (kg,), service=300.0), **changes)


def pickup(name: str, east: float, kg: float = 10.0, **changes: Any) -> Stop:
    return stop(name, east, delivery=(0.0,), pickup=(kg,), **changes)


def van(name: str = "V1", kg: float = 100.0, **changes: Any) -> Vehicle:
    costs = {"fixed_cost": 50.0, "cost_per_km": 1.0, "cost_per_hour": 30.0, "co2_g_per_km": 200.0}
    return replace(Vehicle(name, 0, 0, (kg,), DAY_SHIFT), **{**costs, **changes})


def town(stops: Sequence[Stop], vehicles: Sequence[Vehicle] = (van(),), **changes: Any) -> Problem:
    """The problem with those stops and vehicles, distances as the crow flies."""
    depots = (Depot("D1", Place(0.0, 0.0)),)
    spots = np.array([[p.place.longitude, p.place.latitude] for p in (*depots, *stops)])
    km = np.linalg.norm(spots[:, None] - spots[None], axis=2)
    travel = Travel(km * 1_000, (km * 60)[None], "as the crow flies")
    problem = Problem("town", depots, tuple(vehicles), tuple(stops), travel, ("kg",), begins=MIDNIGHT)
    return replace(problem, **changes)


def solution(problem: Problem, *routes: tuple[int, ...]) -> Solution:
    """One route per vehicle, by stop numbers; what no route has is left out."""
    driven = tuple(Route(n, stops) for n, stops in enumerate(routes) if stops)
    left = tuple(n for n in range(len(problem.stops)) if not any(n in stops for stops in routes))
    return Solution(driven, left, 0.0, 0.0, 0.0, feasible=not left)
