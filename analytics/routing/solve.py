"""The search for a plan: `solve(problem) -> Solution`.

First every required stop must be served. Where no such plan turns up early (`GIVE_UP`), leaving one out
costs a weight by its priority and the search goes on: the plan then serves what it can, on time, and names
the rest in `unserved`.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from threading import Event
from typing import Any

from analytics.routing.budget import Budget
from analytics.routing.climber import Begin
from analytics.routing.problem import Problem, Route, Solution
from analytics.routing.schedule import evaluated
from analytics.routing.search import Search
from analytics.routing.translate import Translated, translate
from analytics.routing.trim import within_rules
from connectors.errors import UsageError

_SECONDS = 20.0

Progress = Callable[[float, float], None]


def solve(  # noqa: PLR0913 -- each is a choice of the caller's
    problem: Problem,
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    seed: int = 0,
    threads: int = 2,
    start: Solution | None = None,
    on_progress: Progress | None = None,
    stop: Event | None = None,
) -> Solution:
    """The best plan found within wall `seconds`, or `iterations` of each thread, or until `stop` is set.

    `start` is a plan to begin from; `on_progress(seconds, cost)` hears of each best so far, from a thread of
    the search. With iterations and no seconds the same seed and threads give the same plan.
    """
    _check(seconds, iterations, threads)
    if seconds is None and iterations is None:
        seconds = _SECONDS
    budget = Budget(seconds, iterations, stop or Event())
    log: list[tuple[float, float]] = []
    if not problem.vehicles or not problem.stops:
        return _answer(problem, (), budget, 0, seed, log)
    routes, done = start.routes if start else (), 0
    found: tuple[Route, ...] = ()
    for required in (True, False):
        translated = translate(problem, required=required)
        if not translated.clients and not translated.shipments:
            break
        search = Search(translated.data, budget, _reporter(translated, budget, log, on_progress))
        begun = translated.solution(routes) if routes else None
        if not required:
            begun = within_rules(translated.data, begun)
        begin = Begin(begun, warm=required and begun is not None, iterations=done // threads)
        search.run(seed, threads, begin, patient=not required)
        done += search.iterations
        best = search.best if required else search.best or begun
        if best is not None:
            found = translated.routes(best)
            break
        routes = translated.routes(search.nearest)
    return _answer(problem, found, budget, done, seed, log)


def solution_of(problem: Problem, routes: Iterable[Route]) -> Solution:
    """A plan given by its routes: what is late, unserved, and what it costs."""
    driven = tuple(route for route in routes if route.stops)
    served = {stop for route in driven for stop in route.stops}
    unserved = tuple(number for number in range(len(problem.stops)) if number not in served)
    return evaluated(problem, Solution(driven, unserved, cost=0.0, metres=0.0, seconds=0.0, feasible=False))


def _answer(
    problem: Problem,
    routes: tuple[Route, ...],
    budget: Budget,
    iterations: int,
    seed: int,
    log: list[tuple[float, float]],
) -> Solution:
    return replace(
        solution_of(problem, routes),
        iterations=iterations,
        search_seconds=budget.elapsed(),
        seed=seed,
        log=tuple(log),
    )


def _reporter(
    translated: Translated, budget: Budget, log: list[tuple[float, float]], on_progress: Progress | None
) -> Callable[[Any], None]:
    """Notes each improvement and tells the caller. The search calls it one at a time."""

    def improved(solution: Any) -> None:
        moment, cost = budget.elapsed(), translated.value(solution)
        log.append((moment, cost))
        if on_progress is not None:
            on_progress(moment, cost)

    return improved


def _check(seconds: float | None, iterations: int | None, threads: int) -> None:
    for value, what in ((seconds, "Seconds"), (iterations, "Iterations"), (threads, "Threads")):
        if value is not None and not value > 0:
            raise UsageError(f"{what} must be above 0, not {value}.", "Give a positive number.")
