"""Times, loads and costs of routes, by hand and against the independent checker."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.routing.problem import Problem, Route, Travel, Window
from analytics.routing.schedule import leg_seconds, timed, totals
from tests.analytics.routing.checker import duties, metres, route_faults
from tests.analytics.routing.made import a_problem, a_stop, a_vehicle, problems

LINE = [(10.0, 0.0), (20.0, 0.0), (30.0, 0.0)]
MANY = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


def on_a_line(*stops, **vehicle) -> Problem:
    """A depot at 0, stops at 10, 20, 30 on a line; a metre takes a second."""
    fleet = [a_vehicle(**{"room": 100.0, "cost_per_hour": 3600.0, **vehicle})]
    return a_problem([(0.0, 0.0)], fleet, list(zip(LINE, stops, strict=False)))


def whole(problem: Problem):
    return timed(problem, Route(0, tuple(range(len(problem.stops)))))


def test_it_leaves_as_late_as_costs_nothing_and_waits_only_where_it_must() -> None:
    problem = on_a_line(a_stop("a", windows=(Window(100, 110),), service=5), a_stop("b"))
    route = whole(problem)
    assert (route.starts, route.visits[0].arrives, route.visits[0].waits) == (90, 100, 0)
    assert [visit.leaves for visit in route.visits] == [105, 115]
    assert (route.ends, route.duration, route.driving, route.service, route.waiting) == (135, 45, 40, 5, 0)


def test_waiting_between_two_windows_is_what_is_left() -> None:
    near, far = Window(0, 30), Window(100, 110)
    route = whole(on_a_line(a_stop("a", windows=(near,)), a_stop("b", windows=(far,))))
    assert [visit.waits for visit in route.visits] == [0, 60]
    assert (route.starts, route.waiting) == (20, 60)
    assert [visit.slack for visit in route.visits] == [0, 70]


def test_of_several_windows_the_one_with_the_least_time_on_duty_is_used() -> None:
    windows = (Window(0, 20), Window(95, 105))
    route = whole(on_a_line(a_stop("a", windows=windows), a_stop("b", windows=(Window(100, 120),))))
    assert [visit.begins for visit in route.visits] == [95, 105]
    assert route.waiting == 0


def test_slack_is_what_a_stop_may_be_later_with_everything_after_it_in_time() -> None:
    windows = [(Window(0, 50),), (), (Window(0, 45),)]
    problem = on_a_line(*[a_stop(str(k), windows=spans) for k, spans in enumerate(windows)])
    route = whole(problem)
    assert [visit.slack for visit in route.visits] == [15, 15, 15]


def test_a_late_stop_is_late_by_its_seconds_without_slack_and_named() -> None:
    route = whole(on_a_line(a_stop("a", windows=(Window(0, 4),)), a_stop("b")))
    assert (route.visits[0].late, route.visits[0].slack, route.visits[1].late) == (6, 0, 0)
    assert (route.late, route.broken) == (6, ("window",))


def test_loads_start_with_what_is_delivered_and_end_with_what_was_fetched() -> None:
    stops = [
        a_stop("a", 4, pickup=(7,)),
        a_stop("from", 0, pickup=(3,)),
        a_stop("to", 0, picked_up_at="from"),
    ]
    route = whole(on_a_line(*stops, on_board=(2.0,)))
    assert route.load_at_start == (6,)
    assert [visit.load for visit in route.visits] == [(9,), (12,), (9,)]
    assert route.most_load == (12,)


@pytest.mark.parametrize(
    ("rule", "vehicle", "stop"),
    [
        ("shift", {"shift": Window(0, 15)}, {}),
        ("duration", {"most_seconds": 19.0}, {}),
        ("distance", {"most_metres": 19.0}, {}),
        ("capacity", {"room": 0.5}, {}),
        ("skill", {}, {"skills": frozenset({"cold"})}),
    ],
)
def test_each_broken_rule_is_named(rule: str, vehicle: dict, stop: dict) -> None:
    assert whole(on_a_line(a_stop("a", **stop), **vehicle)).broken == (rule,)
    assert whole(on_a_line(a_stop("a"))).broken == ()


def test_goods_received_before_they_are_fetched_break_the_order() -> None:
    stops = [a_stop("to", 0, picked_up_at="from"), a_stop("from", 0, pickup=(3,))]
    problem = on_a_line(*stops)
    assert "order" in whole(problem).broken
    assert timed(problem, Route(0, (1, 0))).broken == ()
    assert "order" in timed(problem, Route(0, (1,))).broken


def test_a_leg_takes_what_traffic_takes_when_it_is_begun() -> None:
    problem = on_a_line(a_stop("a", windows=(Window(60, 70),)))
    calm = problem.travel.metres
    rush = Travel(calm, np.stack([calm, 3 * calm]), "two speeds", periods=(0.0, 65.0))
    route = whole(replace(problem, travel=rush))
    assert (route.starts, route.visits[0].arrives, route.ends) == (50, 60, 70)
    late = whole(on_a_line(a_stop("a", windows=(Window(65, 70),))))
    later = whole(replace(problem, stops=late_stops(problem), travel=rush))
    assert (late.ends, later.last_leg_seconds) == (75, 30)


def late_stops(problem: Problem):
    return tuple(replace(stop, windows=(Window(65, 70),)) for stop in problem.stops)


def test_the_totals_are_in_the_terms_of_the_objective() -> None:
    problem = on_a_line(a_stop("a"), a_stop("b", prize=9.0), fixed_cost=5.0, cost_per_km=1000.0)
    routes = [timed(problem, Route(0, (0,)))]
    for objective, cost in (("distance", 29.0), ("vehicles", 29.0), ("cost", 5 + 20 + 20 + 9)):
        assert totals(replace(problem, objective=objective), routes, [1]).cost == pytest.approx(cost)
    assert totals(problem, routes, [1]).broken == ()
    assert totals(problem, [], [0, 1]).broken == ("unserved",)


@MANY
@given(problems(), st.randoms(use_true_random=False))
def test_a_route_keeps_the_rules_exactly_where_the_checker_says_so(problem: Problem, chance) -> None:
    stops = chance.sample(range(len(problem.stops)), chance.randint(1, min(4, len(problem.stops))))
    route = timed(problem, Route(0, tuple(stops)))
    assert (route.broken == ()) == (route_faults(problem, 0, tuple(stops)) == [])
    assert route.metres == pytest.approx(metres(problem, 0, tuple(stops)))
    possible = duties(problem, 0, tuple(stops))
    assert (route.late == 0) == bool(possible)
    if possible:
        assert route.duration == pytest.approx(min(possible)[0])


@MANY
@given(problems(), st.floats(0, 1))
def test_arriving_later_by_no_more_than_the_slack_makes_nothing_late(problem: Problem, share: float) -> None:
    problem = replace(problem, vehicles=tuple(replace(v, most_seconds=1e9) for v in problem.vehicles))
    stops = tuple(range(min(4, len(problem.stops))))
    route = timed(problem, Route(0, stops))
    if route.late:
        return
    for place, visit in enumerate(route.visits):
        now = visit.arrives + share * visit.slack
        for here, stop in enumerate(stops[place:], place):
            spans = problem.stops[stop].windows
            now = next((max(now, span.opens) for span in spans if now <= span.closes + 1e-6), now)
            assert not spans or now <= spans[-1].closes + 1e-6
            path = [problem.location(s) for s in stops] + [problem.vehicles[0].end]
            now += problem.stops[stop].service
            now += leg_seconds(problem.travel, path[here], path[here + 1], now)
        assert now <= problem.vehicles[0].shift.closes + 1e-6
