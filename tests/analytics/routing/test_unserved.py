"""Every reason why a stop is left out, planted one by one: exactly that one is found."""

from dataclasses import replace

import pytest

from analytics.routing.insertion import completed
from analytics.routing.problem import Problem, Window
from analytics.routing.unserved import Unserved, reasons
from tests.analytics.routing.towns import DAY_SHIFT, HOUR, between, solution, stop, town, van


def only(problem: Problem, *routes: tuple[int, ...]) -> Unserved:
    (found,) = reasons(problem, solution(problem, *routes))
    return found


def test_a_window_that_closes_before_anybody_can_come() -> None:
    found = only(town([stop("A", 60, windows=(between(8, 8.5),))]), ())
    assert (found.stop, found.binds) == (0, "window")
    assert found.detail == {"earliest": "2026-11-02T09:00:00", "closes": "2026-11-02T08:30:00"}


def test_a_window_at_night_binds_though_a_longer_shift_would_do_as_well() -> None:
    found = only(town([stop("A", 10, windows=(between(22, 23),))]), ())
    assert found.binds == "window"
    assert found.detail["or"] == ["shift"]
    assert found.detail["ends"] == "2026-11-02T16:00:00"
    assert "earliest" not in found.detail


def test_of_several_windows_the_last_one_is_quoted() -> None:
    found = only(town([stop("A", 60, windows=(between(1, 2), between(8, 8.25)))]), ())
    assert (found.binds, found.detail["closes"]) == ("window", "2026-11-02T08:15:00")


def test_more_than_any_vehicle_holds() -> None:
    found = only(town([stop("A", 10, kg=150)], [van(), van("V2", 120)]), (), ())
    assert (found.binds, found.detail) == ("capacity", {"dimension": "kg", "needs": 150, "most": 120})


def test_equipment_that_no_vehicle_has() -> None:
    lift = frozenset({"tail_lift", "cooled"})
    found = only(town([stop("A", 10, skills=lift)], [van(skills=frozenset({"cooled"}))]), ())
    assert (found.binds, found.detail) == ("skill", {"missing": ["tail_lift"]})


def test_too_far_to_be_back_within_the_shift() -> None:
    found = only(town([stop("A", 300)]), ())
    assert found.binds == "shift"
    assert found.detail == {"back": "2026-11-02T18:05:00", "ends": "2026-11-02T16:00:00"}


def test_too_far_for_the_longest_duty() -> None:
    found = only(town([stop("A", 100)], [van(most_seconds=2 * HOUR)]), ())
    assert found.binds == "shift"
    assert found.detail == {"needs_hours": pytest.approx(205 / 60), "most_hours": 2.0}


def test_farther_than_any_vehicle_may_drive() -> None:
    found = only(town([stop("A", 100)], [van(most_metres=150_000)]), ())
    assert (found.binds, found.detail) == ("distance", {"needs_km": 200.0, "most_km": 150.0})


def test_rules_that_must_fall_together_are_all_named() -> None:
    found = only(town([stop("A", 10, kg=150, skills=frozenset({"lift"}))]), ())
    assert (found.binds, found.detail["and"]) == ("skill", ["capacity"])


def test_two_vehicles_that_each_lack_something_else() -> None:
    lift = frozenset({"lift"})
    found = only(town([stop("A", 10, kg=90, skills=lift)], [van(), van("V2", 50, skills=lift)]), (), ())
    assert (found.binds, found.detail) == ("skill", {"or": ["capacity"]})


LIFT = frozenset({"lift"})
SHORT = between(8, 9)  # too short for the way to A


@pytest.mark.parametrize(
    ("binds", "wants", "vehicles"),
    [
        ("distance", {}, [van(most_metres=80_000), van("V2", shift=SHORT, skills=LIFT, kg=20)]),
        ("capacity", {"kg": 150}, [van(), van("V2", 200, shift=SHORT, most_metres=50_000)]),
        ("skill", {"kg": 50, "skills": LIFT}, [van(), van("V2", 10, shift=SHORT, skills=LIFT)]),
        ("shift", {"kg": 50, "skills": LIFT}, [van(shift=SHORT, skills=LIFT), van("V2", 10)]),
        (
            "window",
            {"kg": 50, "windows": (between(7, 8.5),)},
            [van(), van("V2", 10, shift=between(6, 16), most_metres=50_000)],
        ),
    ],
)
def test_no_number_is_quoted_that_another_vehicle_keeps(binds, wants, vehicles) -> None:
    found = only(town([stop("A", 50, **wants)], vehicles), (), ())
    assert found.binds == binds
    assert set(found.detail) <= {"or"}


def test_when_every_shift_is_over_nobody_is_taken_up() -> None:
    found = only(replace(town([stop("A", 10)]), vehicles=()), ())
    assert (found.binds, found.detail) == ("shift", {})


def test_a_full_fleet() -> None:
    found = only(town([stop("A", 10, kg=80), stop("B", 20, kg=30)]), (0,))
    assert (found.stop, found.binds) == (1, "capacity")
    assert found.detail == {"vehicles": 1, "vehicle": "V1", "dimension": "kg", "needs": 30, "free": 20}


def test_hours_that_are_used_up_say_how_much_overtime_would_do() -> None:
    far = stop("A", 200)
    found = only(town([far, stop("B", -100)]), (0,))
    assert (found.binds, found.detail["vehicle"], found.detail["vehicles"]) == ("shift", "V1", 1)
    assert found.detail["overtime_minutes"] == pytest.approx(600 + 10 - 480)


def test_the_only_vehicle_with_the_equipment_is_full() -> None:
    lift = frozenset({"lift"})
    vehicles = [van("V1", skills=lift), van("V2")]
    stops = [stop("A", 10, kg=95, skills=lift), stop("B", 20, kg=20, skills=lift)]
    found = only(town(stops, vehicles), (0,), ())
    assert found.binds == "skill"
    assert found.detail["or"] == ["capacity"]
    assert found.detail["able"] == 1


def test_a_window_in_which_everybody_is_elsewhere() -> None:
    noon = between(12, 12.1)
    found = only(town([stop("A", 60, windows=(noon,)), stop("B", -60, windows=(noon,))]), (0,))
    assert (found.stop, found.binds, found.detail["vehicles"]) == (1, "window", 1)


def test_kilometres_that_are_used_up() -> None:
    found = only(town([stop("A", 50), stop("B", -50)], [van(most_metres=150_000)]), (0,))
    assert (found.binds, found.detail["over_km"]) == ("distance", 50.0)


def test_only_one_more_vehicle_would_help() -> None:
    noon = between(12, 12.1)
    stops = [stop("A", 60, kg=60, windows=(noon,)), stop("B", -60, kg=60, windows=(noon,))]
    found = only(town(stops), (0,))
    assert (found.stop, found.binds, found.detail) == (1, "fleet", {"vehicles": 1})


def test_a_prize_below_what_the_way_costs() -> None:
    problem = town([stop("A", 10), stop("B", 40, prize=60.0)])
    found = only(problem, (0,))
    # 60 km and 60 minutes of driving more, and five minutes of service.
    assert (found.binds, found.detail) == ("prize", {"prize": 60.0, "cost": pytest.approx(60 + 32.5)})
    assert not reasons(problem, completed(problem, solution(problem, (0, 1))))


def test_a_rule_does_not_bind_what_would_not_be_worth_it_without() -> None:
    noon = between(12, 12.1)
    stops = [stop("A", 60, windows=(noon,)), stop("B", -60, windows=(noon,), prize=100.0)]
    found = only(town(stops), (0,))
    assert (found.binds, found.detail["prize"]) == ("prize", 100)
    assert found.detail["cost"] > 120  # kilometres there and back, and their time
    worth_more = [stops[0], replace(stops[1], prize=1_000.0)]
    assert only(town(worth_more), (0,)).binds == "window"


def test_a_stop_worth_its_way_is_put_into_the_plan() -> None:
    problem = town([stop("A", 10), stop("B", 40, prize=100.0), stop("C", 10, 1)])
    done = completed(problem, solution(problem, (0,)))
    assert not done.unserved
    assert done.feasible
    assert sorted(done.routes[0].stops) == [0, 1, 2]


def test_goods_fetched_elsewhere_bind_together() -> None:
    fetch = stop("A", 10, delivery=(0.0,), pickup=(150.0,))
    bring = stop("B", 20, delivery=(0.0,), picked_up_at="A")
    problem = town([fetch, bring, stop("C", 5)])
    found = reasons(problem, solution(problem, (2,)))
    assert [(reason.stop, reason.binds) for reason in found] == [(0, "capacity"), (1, "capacity")]
    assert found[0].detail["needs"] == 150
    assert found[1].detail["pair"] == ["A", "B"]
    light = replace(fetch, pickup=(90.0,))
    done = completed(problem := town([light, bring, stop("C", 5)]), solution(problem, (2,)))
    assert not done.unserved
    assert done.feasible


def test_a_problem_without_a_calendar_quotes_its_own_seconds() -> None:
    problem = town([stop("A", 60, windows=(Window(0, 10),))], [van(shift=DAY_SHIFT)], begins=None)
    assert only(problem, ()).detail == {"earliest": 9 * HOUR, "closes": 10}
