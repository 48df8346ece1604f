"""A judge of plans that shares no code with the product or the solver.

Times follow Savelsbergh's forward slack for every choice of one window per stop, so the least time on duty is
found in another way than `schedule` finds it. For one travel-time matrix (no periods).
"""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise, permutations, product

from analytics.routing.problem import FOREVER, Problem, Solution

ALMOST = 1e-6


def duties(problem: Problem, vehicle: int, stops: tuple[int, ...]) -> list[tuple[float, float, float]]:
    """(time on duty, leaves, comes home) of the route for each choice of windows that is in time."""
    car, travel = problem.vehicles[vehicle], problem.travel.seconds[0]
    start, end = problem.depots[car.start].window, problem.depots[car.end].window
    choices = [[(w.opens, w.closes) for w in problem.stops[s].windows] or [(0.0, FOREVER)] for s in stops]
    places = [car.start, *(len(problem.depots) + s for s in stops), car.end]
    services = [0.0, *(problem.stops[s].service for s in stops), 0.0]
    first = (max(car.shift.opens, start.opens), min(car.shift.closes, start.closes))
    last = (max(car.shift.opens, end.opens), min(car.shift.closes, end.closes))
    found = []
    for chosen in product(*choices):
        now, waited, spare, in_time = 0.0, 0.0, FOREVER, True
        for k, (opens, closes) in enumerate([first, *chosen, last]):
            if k:
                now += services[k - 1] + float(travel[places[k - 1], places[k]])
                waited += max(0.0, opens - now)
            now = max(now, opens)
            in_time = in_time and now <= closes + ALMOST
            spare = min(spare, waited + closes - now)
        if in_time:
            later = max(0.0, min(waited, spare))
            found.append((now - first[0] - later, first[0] + later, now))
    return found


def route_faults(problem: Problem, vehicle: int, stops: tuple[int, ...]) -> list[str]:
    """What is wrong with a route, in words; empty where it keeps every rule."""
    car = problem.vehicles[vehicle]
    faults = [f"skill {s}" for s in stops if not problem.stops[s].skills <= car.skills]
    shortest = min(duties(problem, vehicle, stops), default=None)
    if shortest is None:
        faults.append("late")
    elif shortest[0] > car.most_seconds + ALMOST:
        faults.append("too long on duty")
    if metres(problem, vehicle, stops) > car.most_metres + ALMOST:
        faults.append("too far")
    by_name = {stop.name: number for number, stop in enumerate(problem.stops)}
    for dimension in range(len(problem.dimensions)):
        load = car.on_board[dimension] if car.on_board else 0.0
        load += sum(problem.stops[s].delivery[dimension] for s in stops if not problem.stops[s].picked_up_at)
        levels = [load]
        for s in stops:
            stop = problem.stops[s]
            source = by_name.get(stop.picked_up_at)
            given = stop.delivery if source is None else problem.stops[source].pickup
            load += (stop.pickup[dimension] if stop.pickup else 0.0) - given[dimension]
            levels.append(load)
        if max(levels) > car.capacity[dimension] + ALMOST:
            faults.append(f"overloaded by {max(levels) - car.capacity[dimension]}")
    for receiver, stop in enumerate(problem.stops):
        if stop.picked_up_at:
            pair = [by_name[stop.picked_up_at], receiver]
            if [s for s in stops if s in pair] not in ([], pair):
                faults.append(f"pair {pair} torn")
    return faults


def metres(problem: Problem, vehicle: int, stops: tuple[int, ...]) -> float:
    car = problem.vehicles[vehicle]
    places = [car.start, *(len(problem.depots) + s for s in stops), car.end]
    return sum(float(problem.travel.metres[a, b]) for a, b in pairwise(places))


def cost(problem: Problem, routes: list[tuple[int, tuple[int, ...]]], unserved: set[int]) -> float:
    """What a plan costs in the terms of the objective, the prizes of what is left out included."""
    prizes = sum(problem.stops[s].prize or 0.0 for s in unserved)
    if problem.objective != "cost":
        return prizes + sum(metres(problem, *route) for route in routes)
    total = prizes
    for vehicle, stops in routes:
        car = problem.vehicles[vehicle]
        duty = min(duties(problem, vehicle, stops))[0]
        total += car.fixed_cost + metres(problem, vehicle, stops) * car.cost_per_km / 1000
        total += duty * car.cost_per_hour / 3600
    return total


def faults(problem: Problem, solution: Solution) -> list[str]:
    """Everything wrong with a plan that says it is feasible, or with the routes of one that is not."""
    found = []
    for vehicle, times in Counter(route.vehicle for route in solution.routes).items():
        if times > 1:
            found.append(f"vehicle {vehicle} drives {times} routes")
    visits = Counter(stop for route in solution.routes for stop in route.stops)
    visits.update(solution.unserved)
    if visits != Counter(range(len(problem.stops))):
        found.append(f"not each stop once: {visits}")
    for route in solution.routes:
        found += route_faults(problem, route.vehicle, route.stops)
    if solution.feasible:
        found += [f"required {s} left out" for s in solution.unserved if problem.stops[s].prize is None]
    if not any(fault == "late" for fault in found):
        routes = [(route.vehicle, route.stops) for route in solution.routes]
        right = cost(problem, routes, set(solution.unserved))
        if abs(right - solution.cost) > ALMOST * max(1.0, abs(right)):
            found.append(f"costs {right}, not {solution.cost}")
    return found


def missed(problem: Problem, unserved: Iterable[int]) -> int:
    """How grave it is to leave these out: of required stops one of the first counts as nine of the last."""
    return sum(
        {1: 9, 2: 3, 3: 1}[problem.stops[s].priority] for s in unserved if problem.stops[s].prize is None
    )


def brute_force(problem: Problem) -> tuple[int, int, float]:
    """The best plan's (`missed`, number of vehicles where they count first, cost).

    Tries every assignment of stops to vehicles, in every order, and leaving out any; for a few stops only.
    """
    best = (10**9, 0, 0.0)
    orders: dict[tuple[int, frozenset[int]], tuple[int, ...] | None] = {}

    def cheapest(vehicle: int, stops: frozenset[int]) -> tuple[int, ...] | None:
        if (vehicle, stops) not in orders:
            fitting = [o for o in permutations(sorted(stops)) if not route_faults(problem, vehicle, o)]
            orders[vehicle, stops] = min(
                fitting, key=lambda order: cost(problem, [(vehicle, order)], set()), default=None
            )
        return orders[vehicle, stops]

    for places in product(range(len(problem.vehicles) + 1), repeat=len(problem.stops)):
        routes = []
        for vehicle in range(len(problem.vehicles)):
            stops = frozenset(s for s, place in enumerate(places) if place == vehicle)
            if stops:
                order = cheapest(vehicle, stops)
                if order is None:
                    break
                routes.append((vehicle, order))
        else:
            out = {s for s, place in enumerate(places) if place == len(problem.vehicles)}
            used = len(routes) if problem.objective == "vehicles" else 0
            best = min(best, (missed(problem, out), used, cost(problem, routes, out)))
    return best
