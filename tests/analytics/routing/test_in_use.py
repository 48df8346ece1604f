"""What is done today, in the same figures: assigned, driven to the nearest next, or by the simple rule."""

from datetime import date

import pytest

from analytics.routing.in_use import in_use
from analytics.routing.plan import Origin, plan_of
from pipelines.settings import Settings
from tests.analytics.routing.towns import between, pickup, solution, stop, town, van

STREET = [stop("A", 10), stop("B", 20), stop("C", 30)]


def driven(problem, assigned):
    found = in_use(problem, assigned)
    names = [[problem.stops[n].name for n in route.stops] for route in found.routes]
    return found, names


def test_assigned_positions_are_driven_as_they_are() -> None:
    found, routes = driven(town(STREET), {"A": ("V1", 2), "B": ("V1", 1), "C": ("V1", 3)})
    assert (found.how, routes) == ("assigned", [["B", "A", "C"]])
    assert found.figures.distance_km == pytest.approx(20 + 10 + 20 + 30)


def test_without_positions_the_nearest_is_next() -> None:
    found, routes = driven(town(STREET[::-1]), dict.fromkeys("ABC", ("V1", None)))
    assert (found.how, routes) == ("nearest neighbour", [["A", "B", "C"]])


def test_goods_are_fetched_before_they_are_brought() -> None:
    bring = stop("near", 10, delivery=(0.0,), picked_up_at="far")
    _, routes = driven(town([bring, pickup("far", 50)]), dict.fromkeys(("near", "far"), ("V1", None)))
    assert routes == [["far", "near"]]


def test_without_any_assignment_the_simple_rule_keeps_every_rule() -> None:
    stops = [*STREET, stop("D", 15, kg=90), stop("E", 40, skills=frozenset({"lift"}))]
    vehicles = [van("V2", skills=frozenset({"lift"})), van("V1")]
    found, routes = driven(town(stops, vehicles), {})
    assert found.how == "rule"
    assert routes == [["B", "C", "E"], ["A", "D"]]  # V2 first: in the order of the problem
    assert not found.broken
    assert found.figures.unserved == 0


def test_a_new_stop_joins_what_is_assigned_and_what_fits_nowhere_is_counted() -> None:
    stops = [*STREET, stop("new", 35), stop("heavy", 5, kg=500)]
    found, routes = driven(town(stops), {name: ("V1", n) for n, name in enumerate("ABC", 1)})
    assert routes == [["A", "B", "C", "new"]]
    assert (found.how, found.figures.unserved, found.figures.stops) == ("assigned", 1, 4)


def test_a_vehicle_that_is_not_there_assigns_nothing() -> None:
    found, routes = driven(town(STREET), dict.fromkeys("ABC", ("gone", 1)))
    assert (found.how, routes) == ("rule", [["A", "B", "C"]])


def test_what_nobody_checks_today_is_counted() -> None:
    stops = [stop("A", 60, windows=(between(8, 8.5),)), stop("B", 10, kg=95)]
    found, _ = driven(town(stops), {"A": ("V1", 1), "B": ("V1", 2)})
    assert found.figures.late_stops == 1
    assert found.broken == {"window": 1, "capacity": 1}


def test_a_plan_says_what_it_saves(home: Settings) -> None:
    problem = town(STREET)
    today = in_use(problem, {"A": ("V1", 2), "B": ("V1", 1), "C": ("V1", 3)})
    plan = plan_of(
        home, problem, solution(problem, (0, 1, 2)), Origin("D1", date(2026, 11, 2)), compared=today
    )
    saved = today.against(plan.figures)["saved"]
    # 80 km instead of 60, at a kilometre a minute, one unit of money each and thirty an hour
    assert saved["distance_km"] == pytest.approx(20)
    assert saved["driving_hours"] == pytest.approx(20 / 60)
    assert saved["cost"] == pytest.approx(20 + 10)
    assert saved["co2_kg"] == pytest.approx(4)
    assert saved["late_stops"] == saved["vehicles"] == 0
