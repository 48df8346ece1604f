"""A search that minds the hours of traffic: what it took for in time and is not, it looks at again.

The search works on one matrix of times, the mean over the day; `schedule.timed` knows the hour of every leg.
Where the rush makes a stop late that the search took for served in time, it goes on from what it found with
times nearer to those of the rush, and the better plan stays.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Event

from analytics.routing.insertion import completed
from analytics.routing.problem import Problem, Solution
from analytics.routing.schedule import evaluated, timed
from analytics.routing.travel import flattened

Progress = Callable[[float, float], None]  # seconds since the start, best cost so far
_FIRST = 0.7  # share of the search before a look at the hours
_SLOWEST = 0.5  # how far times move from the mean to the slowest hour


@dataclass(frozen=True)
class Search:
    """How long to search and from what: seconds, iterations or both, whichever ends first."""

    seconds: float | None = None
    iterations: int | None = None
    seed: int = 0
    threads: int = 2
    on_progress: Progress | None = None
    stop: Event | None = None

    def first(self) -> "Search":
        """The part before the look at the hours."""
        seconds = None if self.seconds is None else self.seconds * _FIRST
        iterations = None if self.iterations is None else max(1, round(self.iterations * _FIRST))
        return replace(self, seconds=seconds, iterations=iterations)

    def rest(self, gone: float) -> "Search":
        """The part after it; `gone` seconds are over."""
        seconds = None if self.seconds is None else max(0.01, self.seconds - gone)
        iterations = None if self.iterations is None else max(1, round(self.iterations * (1 - _FIRST)))
        return replace(self, seconds=seconds, iterations=iterations, seed=self.seed + 1)


def search(problem: Problem, how: Search, start: Solution | None = None) -> Solution:
    """The best plan found, its figures those of `schedule.timed`."""
    if len(problem.travel.periods) == 1:
        return completed(problem, _solve(problem, how, start))
    began = time.monotonic()
    first = completed(problem, _solve(problem, how.first(), start))
    gone = time.monotonic() - began
    rest = how.rest(gone)
    if _is_surprised(problem, first):
        # What a plan costs in the rush is no progress to tell.
        slower, rest = _as_in_the_rush(problem), replace(rest, on_progress=None)
    else:
        slower, rest = problem, replace(rest, on_progress=_later(how.on_progress, gone))
    second = completed(problem, evaluated(problem, _solve(slower, rest, first)))
    best = _better(problem, first, second)
    return replace(
        best,
        seed=how.seed,
        iterations=first.iterations + second.iterations,
        search_seconds=first.search_seconds + second.search_seconds,
        log=first.log,
    )


def _is_surprised(problem: Problem, solution: Solution) -> bool:
    """Whether a route breaks a rule at the hours it is driven, though the search took it for sound."""
    return not solution.feasible and any(timed(problem, route).broken for route in solution.routes)


def _better(problem: Problem, first: Solution, second: Solution) -> Solution:
    if first.feasible and second.feasible and problem.objective != "vehicles":
        return min(first, second, key=lambda solution: solution.cost)
    return min(first, second, key=lambda solution: quality(problem, solution))


def quality(problem: Problem, solution: Solution) -> tuple[float, ...]:
    """What makes one plan better than another, the worst first: required stops left out, rules broken,
    lateness, vehicles where they count first, cost."""
    routes = [timed(problem, route) for route in solution.routes]
    left_out = sum(problem.stops[number].prize is None for number in solution.unserved)
    broken = sum(len(route.broken) for route in routes)
    vehicles = len(routes) if problem.objective == "vehicles" else 0
    return left_out, broken, sum(route.late for route in routes), vehicles, solution.cost


def _as_in_the_rush(problem: Problem) -> Problem:
    shifts = [vehicle.shift for vehicle in problem.vehicles]
    return replace(problem, travel=flattened(problem.travel, shifts, slowest=_SLOWEST))


def _solve(problem: Problem, how: Search, start: Solution | None) -> Solution:
    from analytics.routing.solve import solve  # loads the solver

    return solve(
        problem,
        seconds=how.seconds,
        iterations=how.iterations,
        seed=how.seed,
        threads=how.threads,
        start=start,
        on_progress=how.on_progress,
        stop=how.stop,
    )


def _later(on_progress: Progress | None, by: float) -> Progress | None:
    return on_progress and (lambda seconds, cost: on_progress(seconds + by, cost))
