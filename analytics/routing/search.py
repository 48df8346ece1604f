"""Several climbers in threads, their routes pooled and recombined, the best handed round.

Between marks of the budget the threads climb on their own (PyVRP releases the GIL). At a mark their routes
are recombined and who is behind goes on from the best. The marks are shares of the budget, so with a number
of iterations the same seed gives the same plan.
"""

import math
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

from analytics.routing.budget import Budget
from analytics.routing.climber import Begin, Climber
from analytics.routing.recombine import rearranged, recombine

GIVE_UP = 0.35  # where nothing kept all rules so far
_MARKS = (0.6, 0.85)
_RECOMBINING = 0.04  # of the wall time, at each mark


class Search:
    """A search over one translated problem. `improved(solution)` is called at each best so far.

    `best` is None where no solution kept all rules; `nearest` is then the one at hand.
    """

    def __init__(self, data: Any, budget: Budget, improved: Callable[[Any], None]) -> None:
        self.data, self.budget, self.improved = data, budget, improved
        self.best: Any | None = None
        self.best_cost = math.inf
        self.nearest: Any | None = None
        self.iterations = 0
        self._lock = Lock()

    def run(self, seed: int, threads: int, begin: Begin, *, patient: bool = True) -> None:
        """Uses up the budget; without `patient` it gives up early where nothing keeps all rules."""
        from pyvrp.exceptions import PenaltyBoundWarning

        warnings.filterwarnings("ignore", category=PenaltyBoundWarning)  # the answer says what does not fit
        with ThreadPoolExecutor(threads) as pool:
            begun = [
                pool.submit(Climber, self.data, seed * 1_000 + number, self.budget, self._found, begin)
                for number in range(threads)
            ]
            climbers = [climber.result() for climber in begun]
            self._climb(pool, climbers, GIVE_UP)
            if patient or self.best is not None:
                for mark in _MARKS:
                    self._climb(pool, climbers, mark)
                    self._share(climbers)
                self._climb(pool, climbers, 1.0)
        self.nearest = climbers[0].current
        self.iterations += sum(climber.iterations - begin.iterations for climber in climbers)

    def _found(self, climber: Climber) -> None:
        """Reports a climber's best, where it is the best of all."""
        with self._lock:
            if climber.best_cost < self.best_cost:
                self.best, self.best_cost = climber.best, climber.best_cost
                self.improved(self.best)

    def _climb(self, pool: ThreadPoolExecutor, climbers: list[Climber], mark: float) -> None:
        list(pool.map(Climber.climb, climbers, [mark] * len(climbers)))
        self._lead(climbers)

    def _lead(self, climbers: list[Climber]) -> None:
        """The best of all; of equals the first climber's, whoever was there first by the clock."""
        leader = min(climbers, key=lambda climber: climber.best_cost)
        self.best, self.best_cost = leader.best, leader.best_cost

    def _share(self, climbers: list[Climber]) -> None:
        """At a mark: a better plan from the routes of all; who is behind goes on from the best."""
        if self.best is None:
            return
        seen = [pair for climber in climbers for pair in climber.routes.values()]
        seen += [(self.best_cost, route) for route in rearranged(self.data, self.best)]
        routes = recombine(self.data, seen, self.best_cost, self.budget.seconds_of(_RECOMBINING))
        if routes is not None:
            self._take(routes)
        for climber in climbers:
            if climber.best_cost > self.best_cost:
                climber.adopt(self.best, self.best_cost)

    def _take(self, routes: list[Any]) -> None:
        import pyvrp

        solution = pyvrp.Solution(self.data, routes)
        cost = pyvrp.CostEvaluator([0.0] * self.data.num_load_dimensions, 0.0, 0.0).cost(solution)
        if solution.is_feasible() and cost < self.best_cost:
            self.best, self.best_cost = solution, cost
            self.improved(solution)
