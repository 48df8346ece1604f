"""The search keeps every rule, finds the best plan of small problems, and repeats itself."""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from analytics.routing.files import read_problem
from analytics.routing.problem import Problem, Solution, Window
from analytics.routing.solve import solution_of, solve
from connectors.errors import UsageError
from tests.analytics.routing.checker import brute_force, faults, missed
from tests.analytics.routing.made import a_problem, a_stop, a_vehicle, problems, travel_between

SLOW = settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),  # shrinking would search for minutes
    suppress_health_check=list(HealthCheck),
)


def a_town(stops: int, seed: int = 0, **vehicle: object) -> Problem:
    """Stops of one item each around a depot, three vehicles."""
    points = [tuple(map(float, row)) for row in np.random.default_rng(seed).integers(0, 100, (stops + 1, 2))]
    fleet = [a_vehicle(f"v{k}", room=stops / 2, **vehicle) for k in range(3)]
    return a_problem(points[:1], fleet, [(p, a_stop(f"s{k}")) for k, p in enumerate(points[1:])])


@SLOW
@given(problems())
def test_what_it_calls_feasible_is_and_its_routes_always_keep_the_rules(problem: Problem) -> None:
    assert faults(problem, solve(problem, iterations=60, threads=1)) == []


@settings(SLOW, max_examples=12, derandomize=True)
@given(problems(most_stops=4, pairs=False))
def test_a_tiny_problem_is_solved_to_the_optimum(problem: Problem) -> None:
    grave, used, cost = brute_force(problem)
    found = solve(problem, iterations=800, threads=1)
    assert missed(problem, found.unserved) == grave
    assert used == (len(found.routes) if problem.objective == "vehicles" else 0)
    assert found.cost == pytest.approx(cost, rel=2e-3)


@settings(SLOW, max_examples=12, derandomize=True)
@given(problems(most_stops=2))
def test_pairs_of_fetching_and_bringing_come_near_the_optimum(problem: Problem) -> None:
    grave, used, cost = brute_force(problem)
    found = solve(problem, iterations=300, threads=1)
    assert missed(problem, found.unserved) == grave
    assert used == (len(found.routes) if problem.objective == "vehicles" else 0)
    assert found.cost <= 1.15 * cost + 1e-6  # the solver's moves of shipments are fewer


def test_the_same_seed_and_iterations_give_the_same_plan_with_threads() -> None:
    problem = a_town(40)
    plans = [solve(problem, iterations=150, seed=4, threads=2) for _ in range(2)]
    assert plans[0].routes == plans[1].routes
    assert plans[0].cost == plans[1].cost


def test_a_stop_event_keeps_the_best_so_far() -> None:
    stop, heard = threading.Event(), []

    def improved(seconds: float, cost: float) -> None:
        heard.append(cost)
        stop.set()

    problem = a_town(40)
    found = solve(problem, seconds=600, threads=2, stop=stop, on_progress=improved)
    assert heard
    assert found.feasible
    assert found.cost <= heard[0] + 1e-3
    assert faults(problem, found) == []


def test_progress_falls_to_the_cost_of_the_plan() -> None:
    heard: list[float] = []
    found = solve(a_town(30), iterations=100, on_progress=lambda _, cost: heard.append(cost))
    assert heard == sorted(heard, reverse=True)
    assert [cost for _, cost in found.log] == heard
    assert heard[-1] == pytest.approx(found.cost, abs=0.01)


def test_a_plan_to_start_from_is_never_made_worse() -> None:
    problem = a_town(40)
    good = solve(problem, iterations=600, threads=1)
    again = solve(problem, iterations=1, threads=1, seed=7, start=good)
    assert again.cost <= good.cost + 1e-6


def test_what_fits_nowhere_is_left_out_and_the_rest_served() -> None:
    stops = [
        ((10.0, 0.0), a_stop("near")),
        ((20.0, 0.0), a_stop("too late", windows=(Window(0, 5),))),
        ((30.0, 0.0), a_stop("too heavy", amount=11)),
        ((40.0, 0.0), a_stop("no skill", skills=frozenset({"cold"}))),
        ((500.0, 0.0), a_stop("after the shift")),
    ]
    problem = a_problem([(0.0, 0.0)], [a_vehicle(shift=Window(0, 900))], stops)
    found = solve(problem, iterations=30)
    assert [problem.stops[stop].name for stop in found.unserved] == [stop.name for _, stop in stops[1:]]
    assert not found.feasible
    assert faults(problem, found) == []


def test_where_not_all_fit_together_the_least_urgent_stays() -> None:
    stops = [
        ((10.0, float(k)), a_stop(f"s{k}", amount=4, priority=priority))
        for k, priority in enumerate((3, 1, 2))
    ]
    problem = a_problem([(0.0, 0.0)], [a_vehicle(room=8)], stops)
    found = solve(problem, iterations=100, threads=2)
    assert found.unserved == (0,)
    assert found.iterations <= 200
    assert faults(problem, found) == []


def test_fewest_vehicles_come_before_a_shorter_way() -> None:
    stops = [((10.0, 0.0), a_stop("east")), ((-10.0, 0.0), a_stop("west"))]
    depots = [(10.0, 1.0), (-10.0, 1.0)]
    fleet = [a_vehicle("e", start=0, end=0), a_vehicle("w", start=1, end=1)]
    problem = a_problem(depots, fleet, stops)
    assert len(solve(problem, iterations=50).routes) == 2
    assert len(solve(replace(problem, objective="vehicles"), iterations=50).routes) == 1


@pytest.mark.parametrize("without", ["vehicles", "stops"])
def test_a_problem_without_vehicles_or_stops_has_an_empty_plan(without: str) -> None:
    problem = a_town(4)
    if without == "stops":
        problem = replace(problem, stops=(), travel=travel_between([(0.0, 0.0)]))
    else:
        problem = replace(problem, vehicles=())
    found = solve(problem, iterations=5)
    assert (found.routes, found.unserved) == ((), tuple(range(len(problem.stops))))
    assert found.feasible == (without == "stops")


def test_goods_passed_on_twice_and_a_budget_of_nothing_are_said() -> None:
    stops = [((1.0, k), a_stop(f"s{k}", picked_up_at="s0" if k else "")) for k in range(3)]
    problem = a_problem([(0.0, 0.0)], [a_vehicle()], stops)
    with pytest.raises(UsageError, match="s0"):
        solve(problem, iterations=5)
    with pytest.raises(UsageError, match="Seconds"):
        solve(a_town(4), seconds=0)


def test_goods_wanted_before_they_can_be_fetched_are_not_served() -> None:
    shelf = a_stop("shelf", 0.0, pickup=(1.0,), windows=(Window(500, 600),))
    desk = a_stop("desk", 0.0, picked_up_at="shelf", windows=(Window(0, 100),))
    other = a_stop("other")
    stops = [((1.0, 0.0), shelf), ((2.0, 0.0), desk), ((3.0, 0.0), other)]
    found = solve(a_problem([(0.0, 0.0)], [a_vehicle()], stops), iterations=20)
    assert found.unserved == (0, 1)


def test_evaluating_its_routes_gives_the_figures_of_a_plan() -> None:
    problem = a_town(12)
    found = solve(problem, iterations=50)
    again: Solution = solution_of(problem, found.routes)
    assert (again.cost, again.metres, again.unserved) == (found.cost, found.metres, found.unserved)


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["C101", "R105", "RC206"])
def test_solomon_instances_come_within_a_few_percent_of_the_verified_solutions(
    shared_data: Path, name: str
) -> None:
    folder = shared_data / "logistics/solomon_vrptw_100"
    problem = read_problem(folder / "instances" / f"{name}.txt")
    found = solve(problem, iterations=500)
    listed = (folder / "best_known.csv").read_text().splitlines()
    columns = listed[0].split(",")
    known = dict(zip(columns, next(row for row in listed if row.startswith(name)).split(","), strict=True))
    assert found.feasible
    assert faults(problem, found) == []
    assert found.cost <= 1.04 * float(known["min_distance_objective_distance"])
