"""One thread of the search: PyVRP's local search, iterated, with annealed acceptance.

Each iteration disturbs the current solution and improves it again by local search, with penalties for what
breaks rules. A worse one is accepted with the probability of simulated annealing (Kirkpatrick et al. 1983);
the temperature falls with the share of the budget that is used, so a search of a second and one of a minute
both end greedy. Penalties follow what share of the candidates keeps each rule.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from analytics.routing.budget import Budget

_NEIGHBOURS = 30  # of a stop that the local search tries; fewer miss good moves, more cost iterations
_HOT, _COLD = 0.1, 0.003  # temperatures at start and end, in mean costs of an edge
_WARM = 0.03  # at the start from a plan: enough to leave it, too little to lose it
_NEAR = 3.0  # edges: how far from the best a candidate's routes are still worth keeping
_FIRST_PENALTY = 10.0  # of a unit of lateness, in units of what that time costs to drive
_MOST_PENALTY = 1e5  # times the first one

Found = Callable[["Climber"], None]


@dataclass(frozen=True)
class Begin:
    """Where a search starts: a PyVRP solution or a random one, and the iterations spent before."""

    solution: Any | None = None
    warm: bool = False
    iterations: int = 0


class Climber:
    """A search of its own: solution at hand, best feasible one, penalties, and the routes it came across.

    `warm` of where it begins says that this is a plan worth staying near; `iterations` counts on from those
    already spent.
    """

    def __init__(self, data: Any, seed: int, budget: Budget, found: Found, begin: Begin) -> None:
        import pyvrp
        from pyvrp import search

        rng = pyvrp.RandomNumberGenerator(seed)
        self.data, self.budget, self.found = data, budget, found
        disturbing = search.PerturbationManager()  # of its own: the default is shared between threads
        near = search.compute_neighbours(data, search.NeighbourhoodParams(num_neighbours=_NEIGHBOURS))
        self.search = search.LocalSearch(data, rng, near, disturbing)
        for operator in search.OPERATORS:
            if operator.supports(data):
                self.search.add_operator(operator(data))
        self.chance = random.Random(seed)  # noqa: S311 -- a search, no secret
        self.iterations = begin.iterations
        self.hot = _WARM if begin.warm else _HOT
        self.routes: dict[tuple[int, ...], tuple[float, Any]] = {}
        self.best: Any | None = None
        self.best_cost = math.inf
        dear = pyvrp.CostEvaluator([1e5] * data.num_load_dimensions, 1e5, 1e5)
        start = begin.solution
        begun = pyvrp.Solution.make_random(data, rng) if start is None else start
        self.current = self.search(begun, dear, exhaustive=True)
        self.edge = _edge(self.current)
        self.penalties = _penalties(data, self.current, self.edge)
        for solution in (start, self.current):
            if solution is not None:
                self._judge(solution, self._evaluator())

    def climb(self, mark: float) -> None:
        """Iterates until the share `mark` of the budget is used."""
        while (share := self.budget.share(self.iterations)) < mark:
            self.iterations += 1
            evaluator = self._evaluator()
            candidate = self.search(self.current, evaluator, exhaustive=False)
            self.penalties.register(candidate)
            if self._judge(candidate, evaluator):
                better = self.search(candidate, evaluator, exhaustive=True)
                if self._judge(better, evaluator):
                    candidate = better
            cost = evaluator.penalised_cost(candidate)
            if cost < self.best_cost + _NEAR * self.edge:
                self._keep_routes(candidate, cost)
            worse = cost - evaluator.penalised_cost(self.current)
            temperature = self.edge * self.hot * (_COLD / self.hot) ** share
            if worse <= 0 or self.chance.random() < math.exp(-worse / temperature):
                self.current = candidate

    def adopt(self, solution: Any, cost: float) -> None:
        """Goes on from a solution that was found elsewhere."""
        self.current = solution
        if cost < self.best_cost:
            self.best, self.best_cost = solution, cost

    def _evaluator(self) -> Any:
        return self.penalties.cost_evaluator()

    def _judge(self, solution: Any, evaluator: Any) -> bool:
        """Keeps a feasible solution that is the best so far."""
        if not solution.is_feasible() or (cost := evaluator.cost(solution)) >= self.best_cost:
            return False
        self.best, self.best_cost = solution, cost
        self._keep_routes(solution, cost)
        self.found(self)
        return True

    def _keep_routes(self, solution: Any, cost: float) -> None:
        """Every route that keeps the rules, with the cost of the best solution it was seen in."""
        for route in solution.routes():
            if route.is_feasible():
                key = (route.vehicle_type(), route.distance(), route.duration(), len(route), route.slack())
                known = self.routes.get(key)
                if known is None or cost < known[0]:
                    self.routes[key] = (cost, route)


def _edge(solution: Any) -> float:
    """The mean cost of a leg: what temperatures and penalties are measured in."""
    legs = solution.num_clients() + 2 * solution.num_shipments() + solution.num_routes()
    spent = solution.distance_cost() + solution.duration_cost()
    return max(1.0, float((spent or solution.fixed_vehicle_cost()) / max(1, legs)))


def _penalties(data: Any, solution: Any, edge: float) -> Any:
    """A unit of lateness ten times what it costs to drive as long; a mean load as much as a tenth of that."""
    import pyvrp

    legs = max(1, solution.num_clients() + 2 * solution.num_shipments() + solution.num_routes())
    times = sum(route.travel_duration() for route in solution.routes()) / legs
    metres = solution.distance() / legs
    late = _FIRST_PENALTY * edge / max(1.0, times)
    far = _FIRST_PENALTY * edge / max(1.0, metres)
    loads = [_FIRST_PENALTY * edge / max(1.0, mean) for mean in _mean_loads(data)]
    most = _MOST_PENALTY * max(late, far, *loads, 1.0) if loads else _MOST_PENALTY * max(late, far, 1.0)
    settings = pyvrp.PenaltyParams(
        solutions_between_updates=20,
        penalty_increase=1.2,
        penalty_decrease=0.85,
        target_feasible=0.5,
        min_penalty=min(0.1, late, far),
        max_penalty=most,
    )
    return pyvrp.PenaltyManager((loads, late, far), settings)


def _mean_loads(data: Any) -> list[float]:
    """The mean amount of a stop that has any, per dimension."""
    amounts: list[list[int]] = [[] for _ in range(data.num_load_dimensions)]
    for client in data.clients():
        for dimension, (brought, fetched) in enumerate(zip(client.delivery, client.pickup, strict=True)):
            amounts[dimension].append(max(brought, fetched))
    for shipment in data.shipments():
        for dimension, amount in enumerate(shipment.amount):
            amounts[dimension].append(amount)
    given = [[amount for amount in row if amount > 0] for row in amounts]
    return [sum(row) / len(row) if row else 1.0 for row in given]
