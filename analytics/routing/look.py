"""A quick look at a route with something put into it: which rules it breaks if the vehicle leaves at once.

Leaving at once is the least late of all ways to drive it, so what is late here is late anyhow. How long the
duty is depends on when the vehicle leaves, which `schedule.timed` finds out; it is at least the driving in
the quickest traffic and the service.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analytics.routing.problem import FOREVER, Problem, Route
from analytics.routing.schedule import begins_at, home_by, lateness, leave_within, leg_seconds, path_of

Rule = Literal["skill", "capacity", "window", "distance", "shift", "others"]
MORE = 1e-6  # a difference below is rounding


@dataclass(frozen=True)
class Look:
    """A route as it is, to be looked at with further stops in it; `quickest` are seconds, shape (n, n)."""

    problem: Problem
    route: Route
    quickest: NDArray[np.float64]

    def at(self, stops: tuple[int, ...], job: tuple[int, ...]) -> tuple[frozenset[Rule], float]:
        """What the route with these stops, those of `job` among them, breaks at least; and its metres."""
        same = next(k for k, stop in enumerate(stops) if stop in job)
        moment, metres = self._begun[same]
        problem, vehicle = self.problem, self.problem.vehicles[self.route.vehicle]
        here = problem.location(stops[same - 1]) if same else vehicle.start
        broken: set[Rule] = set()
        for number in stops[same:]:
            stop, there = problem.stops[number], problem.location(number)
            metres += problem.travel.metres[here, there]
            begins = begins_at(stop.windows, moment + leg_seconds(problem.travel, here, there, moment))
            late = lateness(stop.windows, begins)
            if late > self._late.get(number, 0.0) + MORE:
                broken.add("window" if number in job else "others")
            moment, here = begins + stop.service, there
        metres += problem.travel.metres[here, vehicle.end]
        home = moment + leg_seconds(problem.travel, here, vehicle.end, moment)
        if home > max(home_by(problem, vehicle).closes, self._home) + MORE:
            broken.add("shift")
        if self._duty(stops) > max(vehicle.most_seconds, self._duty(self.route.stops)) + MORE:
            broken.add("shift")
        if metres > max(vehicle.most_metres, self._metres) + MORE:
            broken.add("distance")
        return frozenset(broken), float(metres)

    def _duty(self, stops: tuple[int, ...]) -> float:
        """Seconds that the vehicle is on duty at least."""
        if self.problem.vehicles[self.route.vehicle].most_seconds >= FOREVER:
            return 0.0
        path = path_of(self.problem, Route(self.route.vehicle, stops))
        service = sum(self.problem.stops[number].service for number in stops)
        return float(self.quickest[path[:-1], path[1:]].sum()) + service

    @cached_property
    def _drive(self) -> tuple[list[tuple[float, float]], dict[int, float], float, float]:
        """Moment of leaving and metres after each stop (first: the start), lateness by stop, home, metres."""
        problem, vehicle = self.problem, self.problem.vehicles[self.route.vehicle]
        moment, metres, here = leave_within(problem, vehicle).opens, 0.0, vehicle.start
        begun, late = [(moment, metres)], {}
        for number in self.route.stops:
            stop, there = problem.stops[number], problem.location(number)
            metres += problem.travel.metres[here, there]
            begins = begins_at(stop.windows, moment + leg_seconds(problem.travel, here, there, moment))
            late[number] = lateness(stop.windows, begins)
            moment, here = begins + stop.service, there
            begun.append((moment, metres))
        home = moment + leg_seconds(problem.travel, here, vehicle.end, moment)
        return begun, late, home, metres + float(problem.travel.metres[here, vehicle.end])

    @property
    def _begun(self) -> list[tuple[float, float]]:
        return self._drive[0]

    @property
    def _late(self) -> dict[int, float]:
        return self._drive[1]

    @property
    def _home(self) -> float:
        return self._drive[2] if self.route.stops else 0.0

    @property
    def _metres(self) -> float:
        return self._drive[3] if self.route.stops else 0.0
