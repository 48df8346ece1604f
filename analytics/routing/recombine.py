"""The best plan that the routes seen so far can form: set partitioning, solved by HiGHS.

Each column is a route that keeps the rules, each row a stop that is served once, or at most once where it
may be left out. The relaxation comes first: a column whose reduced cost exceeds the gap between its bound and
the plan at hand is in no better plan and is dropped, which leaves little for the integer program.
"""

from collections.abc import Sequence
from itertools import islice, permutations, product
from typing import Any

import numpy as np

_MOST_COLUMNS = 5_000  # of the relaxation: those seen in the best solutions
_COLUMNS_IN_A_SECOND = 12_000  # what the relaxation gets through
_MOST_INTEGER = 1_000  # of the integer program: those of least reduced cost
_MOST_TRIED = 1_500
_NODES = 400  # of the search tree, so that the same columns give the same plan


def recombine(
    data: Any, seen: Sequence[tuple[float, Any]], best_cost: float, seconds: float
) -> list[Any] | None:
    """The routes of a better plan than one of `best_cost` (scaled), or None where these hold no better one.

    `seen` are routes with the cost of the best solution each was seen in. Takes `seconds` at most, which may
    be infinite.
    """
    from scipy.optimize import Bounds, LinearConstraint, linprog, milp
    from scipy.sparse import csc_matrix

    most = int(min(_MOST_COLUMNS, _COLUMNS_IN_A_SECOND * seconds))
    routes = [route for _, route in sorted(seen, key=lambda pair: pair[0])[:most]]
    if not routes:
        return None
    rows = _Rows(data)
    entries = [rows.of(route) for route in routes]
    costs = np.array([rows.cost(route) for route in routes])
    starts = np.concatenate([[0], np.cumsum([len(column) for column in entries])])
    matrix = csc_matrix(
        (np.ones(starts[-1]), np.concatenate(entries), starts), shape=(rows.count, len(routes))
    )
    must, may = rows.required, ~rows.required
    limit = {} if np.isinf(seconds) else {"time_limit": max(0.01, seconds)}
    unit = max(1.0, abs(best_cost))
    relaxed = linprog(
        costs / unit,
        A_eq=matrix[must] if must.any() else None,
        b_eq=rows.most[must] if must.any() else None,
        A_ub=matrix[may] if may.any() else None,
        b_ub=rows.most[may] if may.any() else None,
        bounds=(0, None),
        method="highs",
        options=limit,
    )
    if relaxed.x is None or relaxed.status != 0:
        return None
    gap = (best_cost - rows.all_prizes) / unit - relaxed.fun
    if gap <= 1e-9:
        return None
    reduced = relaxed.lower.marginals
    kept = np.flatnonzero(reduced < gap)
    kept = kept[np.argsort(reduced[kept], kind="stable")[:_MOST_INTEGER]]
    kept.sort()
    lowest = np.where(must, rows.most, -np.inf)
    answer = milp(
        costs[kept] / unit,
        constraints=LinearConstraint(matrix[:, kept], lowest, rows.most),
        integrality=np.ones(len(kept)),
        bounds=Bounds(0, 1),
        options={"node_limit": _NODES, **limit},
    )
    if answer.x is None or answer.fun >= (best_cost - rows.all_prizes) / unit - 1e-9:
        return None
    return [routes[kept[place]] for place in np.flatnonzero(answer.x > 0.5)]


def rearranged(data: Any, solution: Any) -> list[Any]:
    """What the local search does not try: routes changed as a whole, with every type of vehicle.

    Two routes one after the other, and with shipments one activity elsewhere on its route; `_MOST_TRIED` at
    most of those that keep the rules.
    """
    import pyvrp

    driven = [[activity for activity in route if not activity.is_depot()] for route in solution.routes()]
    joined = [one + other for one, other in permutations(driven, 2)]
    moved = [shifted for route in driven for shifted in _one_moved(route)] if data.num_shipments else []
    tried = islice(product([*driven, *moved, *joined], range(data.num_vehicle_types)), _MOST_TRIED)
    made = (pyvrp.Route(data, activities, kind) for activities, kind in tried)
    return [route for route in made if route.is_feasible()]


def _one_moved(route: list[Any]) -> list[list[Any]]:
    """The route with one of its activities in every other place."""
    found = []
    for place, activity in enumerate(route):
        rest = route[:place] + route[place + 1 :]
        found += [[*rest[:at], activity, *rest[at:]] for at in range(len(route)) if at != place]
    return [moved for moved in found if _fetched_first(moved)]


def _fetched_first(route: list[Any]) -> bool:
    """Whether each shipment is picked up before it is delivered."""
    fetched = set()
    for activity in route:
        if activity.is_pickup():
            fetched.add(activity.idx)
        elif activity.is_delivery() and activity.idx not in fetched:
            return False
    return True


class _Rows:
    """What is served or used once: clients or their groups, shipments, vehicles of a type."""

    def __init__(self, data: Any) -> None:
        groups, clients, shipments = data.num_groups, data.num_clients, data.num_shipments
        self._row = [
            number if client.group is None else clients + client.group
            for number, client in enumerate(data.clients())
        ]
        self._shipments = clients + groups
        self._types = self._shipments + shipments
        grouped = {client.group for client in data.clients()} - {None}
        required = [client.required for client in data.clients()]
        required += [data.group(group).required for group in range(groups)]
        required += [shipment.required for shipment in data.shipments()]
        used = [client.group is None for client in data.clients()]
        used += [group in grouped for group in range(groups)] + [True] * shipments
        available = [kind.num_available for kind in data.vehicle_types()]
        self.count = self._types + len(available)
        both = np.array(required, dtype=bool) & np.array(used, dtype=bool)
        self.required = np.concatenate([both, np.zeros(len(available), dtype=bool)])
        self.most = np.concatenate([np.ones(self._types), np.array(available, dtype=float)])
        self._prizes = [client.prize for client in data.clients()]
        self._shipment_prizes = [shipment.prize for shipment in data.shipments()]
        of_group: dict[int, float] = {}
        for client in data.clients():
            if client.group is not None:
                of_group[client.group] = max(of_group.get(client.group, 0.0), client.prize)
        alone = sum(client.prize for client in data.clients() if client.group is None)
        self.all_prizes = float(alone + sum(of_group.values()) + sum(self._shipment_prizes))

    def of(self, route: Any) -> list[int]:
        """The rows of a route, ascending."""
        rows = {self._types + route.vehicle_type()}
        for activity in route:
            if activity.is_client():
                rows.add(self._row[activity.idx])
            elif activity.is_shipment():
                rows.add(self._shipments + activity.idx)
        return sorted(rows)

    def cost(self, route: Any) -> float:
        """What the route costs, less the prizes it collects."""
        prizes = sum(self._prizes[activity.idx] for activity in route if activity.is_client())
        prizes += sum(self._shipment_prizes[activity.idx] for activity in route if activity.is_pickup())
        return float(route.distance_cost() + route.duration_cost() + route.fixed_vehicle_cost() - prizes)
