"""The vehicles of a problem as PyVRP's types, what each may visit, and what leaving out a stop weighs."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.routing.problem import Problem, Stop, Vehicle
from analytics.routing.scales import UNLIMITED, Scales

_WEIGHTS = {1: 9.0, 2: 3.0, 3: 1.0}  # of leaving out a required stop, by priority
_DROP = 3.0  # the lightest of these, in routes that serve one stop alone


def kinds_of(problem: Problem) -> list[tuple[int, ...]]:
    """Vehicles that differ in nothing but their name, together."""
    kinds: dict[Vehicle, list[int]] = defaultdict(list)
    for number, vehicle in enumerate(problem.vehicles):
        kinds[replace(vehicle, name="", co2_g_per_km=0.0)].append(number)
    return [tuple(numbers) for numbers in kinds.values()]


class Profiles:
    """Distances and times as each set of skills sees them: what it cannot serve is unreachable."""

    def __init__(
        self, problem: Problem, scales: Scales, seconds: NDArray[np.float64], vehicles: Sequence[Vehicle]
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
        """The number of the vehicle's profile."""
        return self._numbers[self._closed(problem, vehicle)]

    @staticmethod
    def _closed(problem: Problem, vehicle: Vehicle) -> frozenset[int]:
        return frozenset(n for n, stop in enumerate(problem.stops) if stop.skills - vehicle.skills)


def vehicle_type(problem: Problem, kind: tuple[int, ...], scales: Scales, profiles: Profiles) -> Any:
    """The PyVRP type of alike vehicles; what a route costs follows the objective."""
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
        max_distance=min(scales.limit(vehicle.most_metres), scales.wall - 1 if barred else UNLIMITED),
        unit_distance_cost=per_length,
        unit_duration_cost=per_time,
        profile=profiles.of(problem, vehicle),
        initial_load=scales.load(vehicle.on_board) if vehicle.on_board else [],
        name=vehicle.name,
    )


def _vehicle_worth(problem: Problem, scales: Scales) -> int:
    """A fixed cost that no detour makes up for: the length of serving every stop on a trip of its own."""
    first = len(problem.depots)
    out, back = problem.travel.metres[:first, first:], problem.travel.metres[first:, :first]
    star = out.max(axis=0, initial=0.0).sum() + back.max(axis=1, initial=0.0).sum()
    return int(scales.length * (float(star) + 1.0))


def drop_of(problem: Problem, scales: Scales, seconds: NDArray[np.float64]) -> float:
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


def weight_of(stop: Stop, drop: float, scales: Scales, required: bool) -> tuple[int, bool]:
    """Prize and whether the stop must be served."""
    if stop.prize is not None:
        return round(max(0.0, stop.prize) * scales.money), False
    return (0, True) if required else (round(drop * _WEIGHTS.get(stop.priority, 1.0)), False)
