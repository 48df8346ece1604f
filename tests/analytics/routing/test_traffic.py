"""A stop that only the rush makes late is found and mended; what is better stays."""

from dataclasses import replace

import numpy as np
import pytest

from analytics.routing.problem import Problem, Solution
from analytics.routing.schedule import timed
from analytics.routing.traffic import Search, quality, search
from tests.analytics.routing.towns import HOUR, between, solution, stop, town, van


def rush(problem: Problem, opens: float, closes: float, slower: float) -> Problem:
    """The problem with legs that take so many times as long if they begin in those hours."""
    base = problem.travel.seconds[0]
    travel = replace(
        problem.travel,
        seconds=np.stack([base, base * slower, base]),
        periods=(0.0, opens * HOUR, closes * HOUR),
    )
    return replace(problem, travel=travel)


def late_in(problem: Problem, found: Solution) -> list[str]:
    visits = [visit for route in found.routes for visit in timed(problem, route).visits]
    return [problem.stops[visit.stop].name for visit in visits if visit.late > 0]


def test_a_plan_that_is_late_in_the_rush_is_made_again() -> None:
    # On the mean B can be reached from A within its window. Leaving A at ten, in the rush, it cannot:
    # somebody else has to come.
    stops = [stop("A", 30, windows=(between(10, 10.1),)), stop("B", 60, windows=(between(10, 11),))]
    calm = town(stops, [van(), van("V2")])
    problem = rush(calm, 10, 10.7, 3.0)
    alone = solution(problem, (0, 1), ())
    assert late_in(problem, alone) == ["B"]
    found = search(problem, Search(iterations=300), alone)
    assert late_in(problem, found) == []
    assert len(found.routes) == 2
    assert found.feasible
    assert found.cost == pytest.approx(sum(timed(problem, route).cost for route in found.routes))


def test_the_same_steps_give_the_same_plan() -> None:
    problem = rush(town([stop(f"S{n}", 5 * n, n % 3) for n in range(1, 9)], [van(), van("V2")]), 8, 9, 1.5)
    one, other = (search(problem, Search(iterations=60, seed=3)) for _ in range(2))
    assert (one.routes, one.cost) == (other.routes, other.cost)


def test_a_stop_in_time_counts_before_what_it_costs() -> None:
    problem = town([stop("A", 60, windows=(between(8, 9.2),)), stop("B", -10)], [van(), van("V2")])
    cheap, punctual, lacking = (
        solution(problem, *routes) for routes in (((1, 0), ()), ((0,), (1,)), ((0,), ()))
    )
    priced = [replace(each, cost=cost) for each, cost in ((cheap, 1.0), (punctual, 9.0), (lacking, 0.0))]
    assert sorted(priced, key=lambda each: quality(problem, each)) == [priced[1], priced[0], priced[2]]
