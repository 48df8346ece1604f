"""Routes put together anew, solutions cut down to the rules, and the solver's terms of a problem."""

from dataclasses import replace
from itertools import combinations, permutations

import numpy as np
import pytest
import pyvrp

from analytics.routing.problem import Problem, Route, Travel, Window
from analytics.routing.reach import mean_seconds
from analytics.routing.recombine import rearranged, recombine
from analytics.routing.solve import solution_of
from analytics.routing.translate import translate
from analytics.routing.trim import within_rules
from tests.analytics.routing.made import a_problem, a_stop, a_vehicle

POINTS = [(10.0, 0.0), (12.0, 3.0), (-8.0, 1.0), (-9.0, -4.0), (1.0, 20.0)]


def a_star(**stop: object) -> Problem:
    fleet = [a_vehicle(f"v{k}", room=3.0) for k in range(3)]
    stops = [(point, a_stop(f"s{k}", **stop)) for k, point in enumerate(POINTS)]
    return a_problem([(0.0, 0.0)], fleet, stops)


def every_route(data: pyvrp.ProblemData, most: int) -> list[pyvrp.Route]:
    clients = range(data.num_clients)
    orders = [order for size in range(1, most + 1) for order in permutations(clients, size)]
    return [pyvrp.Route(data, list(order), 0) for order in orders]


def test_of_all_routes_the_cheapest_that_serve_each_stop_once_are_chosen() -> None:
    data = translate(a_star()).data
    routes = [route for route in every_route(data, 3) if route.is_feasible()]
    cheapest: dict[frozenset[int], int] = {}
    for route in routes:
        served = frozenset(activity.idx for activity in route if activity.is_client())
        cheapest[served] = min(cheapest.get(served, 10**12), route.distance())
    everyone = frozenset(range(5))
    best = min(
        sum(cheapest[part] for part in parts)
        for count in (2, 3)
        for parts in combinations(cheapest, count)
        if frozenset.union(*parts) == everyone and sum(map(len, parts)) == 5
    )
    chosen = recombine(data, [(1.0, route) for route in routes], 2.0 * best, float("inf"))
    assert chosen is not None
    assert sum(route.distance() for route in chosen) == best
    assert pyvrp.Solution(data, chosen).is_feasible()
    assert recombine(data, [(1.0, route) for route in routes], float(best), float("inf")) is None


def test_routes_that_cannot_serve_everyone_form_no_plan() -> None:
    data = translate(a_star()).data
    one = pyvrp.Route(data, [0, 1], 0)
    assert recombine(data, [(1.0, one)], 1e9, float("inf")) is None
    assert recombine(data, [], 1e9, float("inf")) is None


def test_a_stop_that_may_be_left_out_is_where_it_costs_more_than_its_prize() -> None:
    data = translate(a_star(prize=18.0)).data
    chosen = recombine(data, [(1.0, route) for route in every_route(data, 3)], 1e9, float("inf"))
    assert chosen is not None
    served = {activity.idx for route in chosen for activity in route if activity.is_client()}
    assert 4 not in served  # forty metres for eighteen
    assert served >= {0, 1}


def test_a_solution_that_breaks_rules_is_cut_down_to_them() -> None:
    data = translate(a_star(windows=(Window(0, 25),)), required=False).data
    crowded = pyvrp.Solution(data, [pyvrp.Route(data, [0, 1, 2, 3, 4], 0)])
    assert not crowded.is_feasible()
    kept = within_rules(data, crowded)
    assert kept.is_feasible()
    assert kept.num_clients() >= 2
    assert within_rules(data, None).num_routes() == 0


def test_two_short_routes_are_tried_as_one() -> None:
    data = translate(a_star()).data
    split = pyvrp.Solution(data, [pyvrp.Route(data, [0], 0), pyvrp.Route(data, [1], 0)])
    tried = {tuple(a.idx for a in route if a.is_client()) for route in rearranged(data, split)}
    assert tried >= {(0,), (1,), (0, 1), (1, 0)}


@pytest.mark.parametrize("objective", ["distance", "cost", "vehicles"])
def test_the_solver_counts_as_the_schedule_does(objective: str) -> None:
    problem = a_star(service=3.3, prize=7.0, windows=(Window(0, 15), Window(40.5, 90)))
    fleet = tuple(
        replace(car, fixed_cost=4.5, cost_per_km=130.0, cost_per_hour=77.0) for car in problem.vehicles
    )
    problem = replace(problem, vehicles=fleet, objective=objective)
    routes = (Route(0, (0, 1)), Route(1, (2, 3)))
    translated = translate(problem)
    solution = translated.solution(routes)
    assert translated.routes(solution) == routes
    assert translated.value(solution) == pytest.approx(solution_of(problem, routes).cost, rel=1e-3)


def test_traffic_counts_by_how_long_it_falls_into_the_shifts() -> None:
    problem = a_star()
    base = problem.travel.metres
    travel = Travel(base, np.stack([base, 4 * base]), "rush", periods=(0.0, 75.0))
    fleet = tuple(replace(car, shift=Window(0, 100)) for car in problem.vehicles)
    assert np.allclose(mean_seconds(replace(problem, travel=travel, vehicles=fleet)), 1.75 * base)
    assert np.allclose(mean_seconds(problem), base)
