"""The part of a solution that keeps the rules: what a route cannot hold is taken off it."""

from typing import Any


def within_rules(data: Any, solution: Any | None) -> Any:
    """A PyVRP solution whose every route is feasible, from any one; empty without one.

    Of each route that breaks a rule the activity goes whose absence leaves the least violation, a shipment
    with both its ends, until none is broken. All stops of `data` must be optional for it to be a plan.
    """
    import pyvrp

    routes = [] if solution is None else [_trimmed(data, route) for route in solution.routes()]
    return pyvrp.Solution(data, [route for route in routes if route is not None])


def _trimmed(data: Any, route: Any) -> Any | None:
    import pyvrp

    while not route.is_feasible():
        activities = [activity for activity in route if not activity.is_depot()]
        shorter = [
            [other for other in activities if not _goes_with(other, activity)] for activity in activities
        ]
        fewer = [pyvrp.Route(data, rest, route.vehicle_type()) for rest in shorter if rest]
        if not fewer:
            return None
        route = min(fewer, key=_violation)
    return route


def _goes_with(other: Any, activity: Any) -> bool:
    """Whether it is the same activity, or the other end of the same shipment."""
    return bool(other.is_client() == activity.is_client() and other.idx == activity.idx)


def _violation(route: Any) -> tuple[float, float]:
    excess = float(sum(route.excess_load()) + route.excess_distance() + route.time_warp())
    return excess, float(route.distance_cost() + route.duration_cost())
