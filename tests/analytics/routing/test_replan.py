"""Planning again during the day: who is where, what stays on whom, and that what is driven stays."""

from datetime import datetime, timedelta

import pytest

from analytics.routing.plan import Frames, Origin, plan_of
from analytics.routing.replan import _searched
from analytics.routing.rest_of_day import LOADS, Rest, rest_of_day, with_second_tours, with_ways_home
from analytics.routing.schedule import timed
from analytics.routing.traffic import Search, search
from analytics.routing.unserved import reasons
from analytics.routing.whereabouts import Moment, Reached, Whereabouts, whereabouts
from pipelines.settings import Settings
from tests.analytics.routing.towns import between, pickup, solution, stop, town, van

DAY = datetime(2026, 11, 2).date()
SOON = timedelta(seconds=1)  # the rest of a day begins a twentieth of a second early, for rounding


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 2, hour, minute)


# Opening at nine fixes the departure: at A 9:00 to 9:05, B 9:35 to 9:40, C 10:10 to 10:15, home 11:45.
STREET = [stop("A", 30, windows=(between(9, 12),)), stop("B", 60, kg=20), stop("C", 90, kg=30)]


@pytest.fixture
def plan(home: Settings) -> Frames:
    problem = town(STREET)
    return plan_of(home, problem, solution(problem, (0, 1, 2)), Origin("D1", DAY))


def where(
    plan: Frames, now: datetime, minutes: float = 0.0, reached=None, cancelled=(), stops=STREET, name="V1"
):
    then = Moment(town(stops), now, frozenset(cancelled)).of(name, minutes, reached or {})
    rows = [frame.filter(vehicle_id=name).rows(named=True) for frame in (plan.routes, plan.stops)]
    return whereabouts(name, *rows, then)


def names(rows) -> list[str]:
    return [row["stop_id"] for row in rows]


def test_before_it_leaves_everything_is_ahead_and_nothing_loaded(plan: Frames) -> None:
    found = where(plan, at(8, 10))
    assert (names(found.behind), names(found.ahead), found.loaded) == ([], ["A", "B", "C"], 0)
    assert (found.under_way, found.free_at) == (None, at(8, 10))


def test_a_late_start_is_the_planned_one_and_the_delay(plan: Frames) -> None:
    assert where(plan, at(8, 10), minutes=45).free_at == at(9, 15)


def test_the_stop_it_is_heading_for_stays_its_next(plan: Frames) -> None:
    found = where(plan, at(9, 20))
    assert (names(found.behind), names(found.ahead), found.loaded) == (["A", "B"], ["C"], 1)
    assert [row["driven"] for row in found.behind] == [True, False]
    assert (found.under_way.starts_at, found.under_way.ends_at, found.free_at) == (
        at(8, 30),
        at(9, 40),
        at(9, 40),
    )


def test_while_it_serves_it_is_free_for_any_next_stop(plan: Frames) -> None:
    found = where(plan, at(9, 37))
    assert (names(found.behind), found.free_at) == (["A", "B"], at(9, 40))


def test_a_delay_moves_what_is_behind_and_what_it_heads_for(plan: Frames) -> None:
    found = where(plan, at(9, 20), minutes=30)
    assert (names(found.behind), found.behind[0]["arrives_at"]) == (["A"], at(9, 30))
    assert (found.behind[0]["driven"], found.free_at) == (False, at(9, 35))


def test_a_delay_beyond_the_window_is_told_as_late(plan: Frames) -> None:
    found = where(plan, at(9, 20), minutes=200)
    assert found.under_way is None  # it has not left


def test_what_was_reached_counts_before_the_plan(plan: Frames) -> None:
    found = where(plan, at(9, 37), reached={"A": Reached(at(9, 2), at(9, 20))})
    assert names(found.behind) == ["A", "B"]
    assert (found.behind[0]["arrives_at"], found.behind[0]["leaves_at"]) == (at(9, 2), at(9, 20))
    assert (found.behind[1]["arrives_at"], found.free_at) == (at(9, 50), at(9, 55))
    overdue = where(plan, at(9, 58), reached={"A": Reached(at(9, 2), at(9, 20))})
    assert overdue.behind[1]["arrives_at"] == at(9, 58)  # it is not there yet: now at the earliest


def test_a_stop_passed_over_is_still_to_be_served(plan: Frames) -> None:
    reached = {"A": Reached(at(9), at(9, 5)), "C": Reached(at(10, 5), at(10, 10))}
    found = where(plan, at(10, 12), reached=reached)
    assert (names(found.behind), names(found.ahead), found.missed) == (["A", "C", "B"], [], ())
    serving = where(plan, at(10, 6), reached={**reached, "C": Reached(at(10, 5), None)})
    assert (names(serving.behind), names(serving.ahead), serving.missed) == (["A", "C"], ["B"], ("B",))


def test_on_its_way_home_it_is_at_the_depot_when_it_comes(plan: Frames) -> None:
    found = where(plan, at(11))
    assert (found.under_way, found.free_at, names(found.behind)) == (None, at(11, 45), ["A", "B", "C"])
    assert where(plan, at(14)).free_at == at(11, 45)


def test_a_cancelled_stop_is_passed_by(plan: Frames) -> None:
    found = where(plan, at(9, 20), cancelled=["B"])
    assert (names(found.behind), found.missed) == (["A", "C"], ("B",))
    assert found.free_at == at(9, 5) + timedelta(minutes=60 + 5)


def rest(stops, found: list[Whereabouts], now: datetime, vehicles=None, cancelled=()) -> Rest:
    problem = town(stops, vehicles or [van()])
    return rest_of_day(problem, found, now, frozenset(cancelled))


def test_goods_on_board_stay_there_and_new_orders_wait_for_a_vehicle_that_loads(plan: Frames) -> None:
    stops = [*STREET, stop("new", 10), pickup("fetch", 20)]
    found = [where(plan, at(9, 20)), Whereabouts("V2", at(9, 20))]
    made = rest(stops, found, at(9, 20), [van(), van("V2")])
    waiting = {waits.name: waits.skills for waits in made.problem.stops}
    assert waiting == {"C": {"only: V1"}, "new": {LOADS}, "fetch": frozenset()}
    one, two = made.problem.vehicles
    assert (LOADS in one.skills, LOADS in two.skills) == (False, True)
    assert made.problem.depots[one.start].name == "B"
    assert (one.fixed_cost, two.fixed_cost) == (0, 50)
    done = with_ways_home(made.problem, search(made.problem, Search(iterations=50)))
    by_vehicle = {
        made.problem.vehicles[route.vehicle].name: {made.problem.stops[n].name for n in route.stops}
        for route in done.routes
    }
    assert "C" in by_vehicle["V1"]
    assert "new" in by_vehicle["V2"]
    assert done.feasible


def test_the_rest_begins_where_the_vehicle_is_and_what_it_used_up_is_gone(plan: Frames) -> None:
    limited = [van(most_seconds=4 * 3_600.0, most_metres=200_000.0)]
    made = rest(STREET, [where(plan, at(9, 20))], at(9, 20), limited)
    (vehicle,) = made.problem.vehicles
    assert (vehicle.most_metres, vehicle.most_seconds) == (140_000, 4 * 3_600 - 70 * 60)
    route = timed(made.problem, made.start.routes[0])
    assert route.starts == pytest.approx(9 * 3_600 + 40 * 60, abs=0.1)
    assert (route.metres, route.driving) == (120_000, 120 * 60)
    assert route.load_at_start == (30.0,)
    assert not route.broken


def test_what_was_fetched_and_what_nobody_wants_any_more_takes_room(home: Settings) -> None:
    stops = [pickup("F", 30, kg=40, windows=(between(9, 12),)), stop("B", 60, kg=20), stop("C", 90, kg=30)]
    problem = town(stops)
    plan = plan_of(home, problem, solution(problem, (0, 1, 2)), Origin("D1", DAY))
    now = at(9, 3)  # at F, which is served
    full = rest(stops, [where(plan, now, stops=stops)], now)
    assert full.problem.vehicles[0].on_board == (40.0,)
    without = rest(stops, [where(plan, now, stops=stops, cancelled=["B"])], now, cancelled=["B"])
    assert without.problem.vehicles[0].on_board == (60.0,)
    passed = where(plan, at(9, 20), stops=stops, cancelled=["B"])  # on its way to C
    assert rest(stops, [passed], at(9, 20), cancelled=["B"]).problem.vehicles[0].on_board == (60.0,)


def test_goods_fetched_for_another_stop_are_brought_by_the_vehicle_that_has_them(home: Settings) -> None:
    stops = [
        pickup("F", 30, windows=(between(9, 12),)),
        stop("T", 60, delivery=(10.0,), picked_up_at="F"),
    ]
    problem = town(stops)
    plan = plan_of(home, problem, solution(problem, (0, 1)), Origin("D1", DAY))
    made = rest(stops, [where(plan, at(9, 3), stops=stops)], at(9, 3))
    (waits,) = made.problem.stops
    assert (waits.skills, waits.picked_up_at) == ({"only: V1"}, "")
    assert made.problem.vehicles[0].on_board == (0.0,)
    early = rest(stops, [where(plan, at(8, 0), stops=stops)], at(8, 0))
    assert [each.picked_up_at for each in early.problem.stops] == ["", "F"]


def test_a_new_order_goes_with_a_vehicle_that_comes_home_in_time(plan: Frames) -> None:
    stops = [*STREET, stop("new", 10), stop("too late", 150)]
    made = rest(stops, [where(plan, at(9, 20))], at(9, 20))
    done = with_ways_home(made.problem, search(made.problem, Search(iterations=20)))
    wider, more = with_second_tours(made.problem, done)
    tours = [(wider.vehicles[r.vehicle].name, [wider.stops[n].name for n in r.stops]) for r in more.routes]
    assert tours == [("V1", ["C"]), ("V1", ["new"])]
    second = timed(wider, more.routes[1])
    assert second.starts >= timed(wider, more.routes[0]).ends
    assert not second.broken
    assert [wider.stops[n].name for n in more.unserved] == ["too late"]


def test_a_second_tour_stays_one_when_the_day_is_planned_again(home: Settings, plan: Frames) -> None:
    stops = [*STREET, stop("new", 10)]
    made = rest(stops, [where(plan, at(9, 20))], at(9, 20))
    wider, more = with_second_tours(made.problem, with_ways_home(made.problem, made.start))
    then = plan_of(home, wider, more, Origin("D1", DAY), under_way=made.under_way, done=made.done)
    again = rest(stops, [where(then, at(9, 50), stops=stops)], at(9, 50))
    found = _searched(again, Search(iterations=20))
    wider, more = with_second_tours(again.problem, with_ways_home(again.problem, found))
    driven = [timed(wider, route) for route in more.routes]
    assert [[wider.stops[visit.stop].name for visit in route.visits] for route in driven] == [[], ["new"]]
    assert not any(route.broken for route in driven)


def test_a_delay_after_a_plan_was_made_again_counts(home: Settings, plan: Frames) -> None:
    made = rest(STREET, [where(plan, at(9, 6))], at(9, 6))
    then = plan_of(
        home, made.problem, made.start, Origin("D1", DAY), under_way=made.under_way, done=made.done
    )
    assert where(then, at(9, 10)).free_at == at(9, 40)
    assert where(then, at(9, 10), minutes=30).free_at == at(10, 10)
    serving = rest(STREET, [where(plan, at(9, 1))], at(9, 1))
    then = plan_of(
        home, serving.problem, serving.start, Origin("D1", DAY), under_way=serving.under_way, done=()
    )
    assert where(then, at(9, 2), minutes=30).free_at == at(9, 35)


def test_a_vehicle_beyond_its_shift_still_drives_home(home: Settings, plan: Frames) -> None:
    found = where(plan, at(15, 50), reached={"A": Reached(at(15, 40), at(15, 45))})
    assert (names(found.behind), names(found.ahead), found.free_at) == (["A", "B"], ["C"], at(16, 20))
    made = rest(STREET, [found], at(15, 50))
    done = with_ways_home(made.problem, _searched(made, Search(iterations=20)))
    again = plan_of(home, made.problem, done, Origin("D1", DAY), under_way=made.under_way, done=made.done)
    assert again.routes["distance_km"].to_list() == [180]
    assert (again.stops["stop_id"].to_list(), again.unserved.height) == (["A", "B", "C"], 0)
    assert "shift" in timed(made.problem, done.routes[0]).broken


def test_nothing_is_fetched_without_room_beside_what_was_cancelled(home: Settings) -> None:
    stops = [STREET[0], stop("B", 60, kg=60), pickup("F", 90, kg=50)]
    problem = town(stops)
    plan = plan_of(home, problem, solution(problem, (0, 1, 2)), Origin("D1", DAY))
    made = rest(stops, [where(plan, at(9, 3), stops=stops, cancelled=["B"])], at(9, 3), cancelled=["B"])
    assert timed(made.problem, made.start.routes[0]).broken == ("capacity",)
    found = with_ways_home(made.problem, _searched(made, Search(iterations=20)))
    assert not any(timed(made.problem, route).broken for route in found.routes)
    (reason,) = reasons(made.problem, found)
    assert (reason.binds, made.problem.stops[reason.stop].name) == ("capacity", "F")


def same_route(one: Frames, other: Frames) -> None:
    same = ["starts_at", "shift_starts_at", "shift_ends_at", "stops", "late_stops"]
    assert one.routes.select(same).rows() == other.routes.select(same).rows()
    assert abs(one.routes["ends_at"][0] - other.routes["ends_at"][0]) < SOON
    for name in ("distance_km", "driving_hours", "waiting_hours", "duration_hours", "cost", "co2_kg"):
        assert one.routes[name].to_list() == pytest.approx(other.routes[name].to_list(), rel=1e-4), name


def test_a_plan_carries_over_what_is_driven(home: Settings, plan: Frames) -> None:
    made = rest(STREET, [where(plan, at(9, 20))], at(9, 20))
    again = plan_of(
        home,
        made.problem,
        made.start,
        Origin("D1", DAY, None, plan.plan_id),
        under_way=made.under_way,
        done=made.done,
    )
    assert again.stops.select("stop_id", "position", "driven").rows() == [
        ("A", 1, True),
        ("B", 2, False),
        ("C", 3, False),
    ]
    for now, then in zip(again.stops["arrives_at"], plan.stops["arrives_at"], strict=True):
        assert abs(now - then) < SOON
    same_route(again, plan)
    assert again.plans["stops"].to_list() == [3]
    assert again.plans["replaces"].to_list() == [plan.plan_id]


def test_a_vehicle_that_is_home_and_stays_there_keeps_its_route(home: Settings, plan: Frames) -> None:
    made = rest(STREET, [where(plan, at(14))], at(14))
    assert not made.problem.stops
    again = plan_of(
        home, made.problem, made.start, Origin("D1", DAY), under_way=made.under_way, done=made.done
    )
    assert again.stops["driven"].to_list() == [True] * 3
    same_route(again, plan)


def test_a_vehicle_under_way_with_nothing_left_drives_home(home: Settings, plan: Frames) -> None:
    found = where(plan, at(9, 20), cancelled=["C"])
    made = rest(STREET, [found], at(9, 20), cancelled=["C"])
    done = with_ways_home(made.problem, made.start)
    again = plan_of(home, made.problem, done, Origin("D1", DAY), under_way=made.under_way, done=made.done)
    assert abs(again.routes["ends_at"][0] - at(10, 40)) < SOON
    assert again.routes["distance_km"].to_list() == [120]
