"""A day of a carrier in the lake: planned, tried otherwise, planned again while it is driven."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import polars as pl
import pytest

from analytics.routing import publishing
from analytics.routing.plan import Frames, Plan, latest, plan_with
from analytics.routing.replan import News, replan_with
from analytics.routing.traffic import Search
from analytics.routing.what_if import LaterShift, NewStop, WithoutVehicle, what_if_with
from connectors.errors import AssistantError, UsageError
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.analytics.routing.lake import BEGINS, DAY, fill, stop, van, window

HOW = Search(iterations=60, threads=1)
NOW = BEGINS + timedelta(hours=10)


def rows() -> list[dict[str, object]]:
    """Twenty deliveries around the depot, one to be fetched, one heavier than any van."""
    around = [(53.55 + 0.02 * (n % 5 - 2), 9.99 + 0.03 * (n // 5 - 2) + 0.004) for n in range(20)]
    stops = [
        stop(
            f"S{n:02}",
            latitude=north,
            longitude=east,
            assigned_vehicle=f"V{n % 3}",
            assigned_position=n // 3 + 1,
        )
        for n, (north, east) in enumerate(around)
    ]
    return [*stops, stop("fetch", kind="pickup", latitude=53.57), stop("heavy", kg=5_000.0)]


def lake(home: Settings, stops: list[dict[str, object]], **more: object) -> None:
    hours = [window(f"S{n:02}", 7 + n % 8, 8.5 + n % 8) for n in range(20)]
    fleet = [van(f"V{n}", capacity_kg=130.0) for n in range(3)]
    tables = {"fleet": fleet, "stops": stops, "stop_windows": hours, "trips": [], "trip_stops": []}
    fill(home, {**tables, **more})


@pytest.fixture
def planned(home: Settings) -> Iterator[Plan]:
    held = Warehouse(home)  # the lake is opened once
    held.snapshot()
    lake(home, rows())
    yield plan_with(home, "D01", DAY, HOW)
    assert held.exists("plans.plans")


def sound(plan: Frames, capacity: float = 130.0) -> None:
    """What a plan must keep, whoever made it: an order of moments, loads, every stop once."""
    for (_,), stops in plan.stops.sort("position").group_by("route", maintain_order=True):
        rows = stops.rows(named=True)
        assert [row["position"] for row in rows] == list(range(1, len(rows) + 1))
        for before, after in pairwise(rows):
            way = timedelta(minutes=after["leg_minutes"])
            assert after["arrives_at"] >= before["leaves_at"] + way - timedelta(seconds=2)
        for row in rows:
            assert row["arrives_at"] <= row["begins_at"] <= row["leaves_at"]
            assert json.loads(row["load"])["kg"] <= capacity + 1e-6
    ids = [*plan.stops["stop_id"], *plan.unserved["stop_id"]]
    assert len(ids) == len(set(ids))
    head = plan.plans.row(0, named=True)
    assert head["distance_km"] == pytest.approx(plan.routes["distance_km"].sum())
    assert head["stops"] == plan.stops.height


def names(plan: Frames, **where: object) -> set[str]:
    return set(plan.stops.filter(**where)["stop_id"])


def test_a_day_is_planned_compared_and_published(home: Settings, planned: Plan) -> None:
    sound(planned)
    assert planned.unserved.select("stop_id", "binds").rows() == [("heavy", "capacity")]
    head = planned.plans.row(0, named=True)
    assert (head["stops"], head["late_stops"], head["objective"]) == (21, 0, "cost")
    today = json.loads(head["in_use"])
    # The fleet is too small to carry all of it as it is assigned, and nobody minds the windows.
    assert (today["how"], today["stops"], today["unserved"]) == ("assigned", 21, 1)
    assert today["saved"]["cost"] == pytest.approx(today["cost"] - head["cost"])
    assert today["saved"]["cost"] > 0
    stored = latest(home, "D01", DAY)
    assert stored is not None
    assert stored.stops.equals(planned.stops)
    again = plan_with(home, "D01", DAY, HOW)
    same = ("route", "position", "stop_id", "arrives_at")
    assert again.stops.select(same).equals(planned.stops.select(same))


def test_what_would_be_is_never_stored(home: Settings, planned: Plan) -> None:
    used = planned.routes["vehicle_id"][0]
    without = what_if_with(home, "D01", DAY, WithoutVehicle(used), HOW)
    sound(without)
    assert used not in without.routes["vehicle_id"].to_list()
    later = what_if_with(home, "D01", DAY, LaterShift("", 120), HOW)
    assert later.routes["starts_at"].min() >= BEGINS + timedelta(hours=9)
    assert set(later.routes["shift_ends_at"]) == {BEGINS + timedelta(hours=18)}
    new = NewStop(53.56, 10.0, kg=3, opens_at=NOW, closes_at=NOW + timedelta(hours=1))
    more = what_if_with(home, "D01", DAY, new, HOW)
    sound(more)
    (row,) = more.stops.filter(stop_id="new").rows(named=True)
    assert NOW <= row["begins_at"] <= NOW + timedelta(hours=1)
    assert names(planned) < names(more)
    assert publishing.plans(home)["plan_id"].to_list() == [planned.plan_id]
    for wrong in (WithoutVehicle("V9"), NewStop(53.56, 10.0, stop_id="S01")):
        with pytest.raises(UsageError):
            what_if_with(home, "D01", DAY, wrong, HOW)


def new_orders(ordered_at: datetime) -> Iterable[dict[str, object]]:
    yield stop("new delivery", latitude=53.565, kg=1.0, ordered_at=ordered_at)
    yield stop("new pickup", kind="pickup", latitude=53.545, kg=1.0, ordered_at=ordered_at)
    yield stop("tomorrow's news", latitude=53.545, ordered_at=NOW + timedelta(hours=3))


def test_a_day_is_planned_again_while_it_is_driven(home: Settings, planned: Plan) -> None:
    gone = planned.stops.filter(pl.col("arrives_at") > NOW)["stop_id"][-1]
    kept = [row for row in rows() if row["stop_id"] != gone]
    lake(home, [*kept, *new_orders(NOW - timedelta(minutes=5))])
    late = planned.stops.filter(pl.col("arrives_at") < NOW)["vehicle_id"][0]
    again = replan_with(home, "D01", DAY, News(NOW, {late: 20.0}), HOW)
    sound(again)
    assert again.plans["replaces"].to_list() == [planned.plan_id]
    stored = latest(home, "D01", DAY)
    assert stored is not None
    assert stored.plan_id == again.plan_id
    # Nothing is lost and nothing invented.
    everything = {row["stop_id"] for row in kept} | {"new delivery", "new pickup"}
    assert names(again) | set(again.unserved["stop_id"]) == everything
    assert "new pickup" in names(again)
    # What is driven is what began before now, on the vehicle and in the order of the plan before.
    began = pl.col("begins_at") + pl.when(vehicle_id=late).then(pl.duration(minutes=20)).otherwise(
        pl.duration()
    )
    driven = planned.stops.filter(began <= NOW)
    assert names(again, driven=True) == set(driven["stop_id"])
    order = ["vehicle_id", "stop_id"]
    assert (
        again.stops.filter("driven")
        .sort("route", "position")
        .select(order)
        .equals(driven.sort("vehicle_id", "position").select(order))
    )
    # Goods on board stay: a delivery of a vehicle that has left is on no other.
    left = set(planned.routes.filter(pl.col("starts_at") <= NOW - timedelta(minutes=20))["vehicle_id"])
    before = dict(planned.stops.filter(kind="delivery").select("stop_id", "vehicle_id").iter_rows())
    for stop_id, vehicle in again.stops.select("stop_id", "vehicle_id").iter_rows():
        if before.get(stop_id) in left:
            assert vehicle == before[stop_id], stop_id
    # Nobody is anywhere before now.
    assert again.stops.filter(~pl.col("driven"))["arrives_at"].min() >= NOW
    for row in again.stops.filter(stop_id="new delivery").rows(named=True):
        own = again.routes.filter(vehicle_id=row["vehicle_id"], route=row["route"])
        assert own["starts_at"][0] >= NOW  # it was loaded after it was ordered


def test_what_was_really_reached_counts(home: Settings, planned: Plan) -> None:
    first = planned.stops.filter(route=1).sort("position").rows(named=True)[:2]
    trip = {"trip_id": "T1", "depot_id": "D01", "day": DAY, "vehicle_id": first[0]["vehicle_id"]}
    arrived = first[0]["arrives_at"] + timedelta(minutes=7)
    reached = {
        "trip_id": "T1",
        "position": 1,
        "stop_id": first[0]["stop_id"],
        "arrived_at": arrived,
        "left_at": arrived + timedelta(minutes=9),
    }
    lake(home, rows(), trips=[trip], trip_stops=[reached])
    again = replan_with(home, "D01", DAY, News(arrived + timedelta(minutes=10)), HOW)
    own = again.stops.filter(vehicle_id=first[0]["vehicle_id"]).sort("position").rows(named=True)
    assert (own[0]["stop_id"], own[0]["driven"], own[0]["arrives_at"]) == (
        first[0]["stop_id"],
        True,
        arrived,
    )
    assert (own[1]["stop_id"], own[1]["driven"]) == (first[1]["stop_id"], False)


def test_the_same_day_may_be_planned_again_and_again(home: Settings, planned: Plan) -> None:
    plan: Frames = planned
    for hours in (3, 12):
        plan = replan_with(home, "D01", DAY, News(BEGINS + timedelta(hours=6 + hours)), HOW)
        sound(plan)
        assert names(plan) == names(planned)
        stored = latest(home, "D01", DAY)
        assert stored is not None
        assert stored.stops.equals(plan.stops)
        for wrong in (News(NOW, {"V12": 5.0}), News(NOW, cancelled=["S77"])):
            with pytest.raises(UsageError, match="There is no"):
                replan_with(home, "D01", DAY, wrong, HOW)
        assert set(plan.routes["shift_starts_at"]) == {BEGINS + timedelta(hours=7)}
    assert publishing.plans(home).height == 3
    assert plan.stops["driven"].all()
    assert plan.plans["distance_km"][0] == pytest.approx(plan.routes["distance_km"].sum())


def test_a_cancelled_stop_stays_so_with_what_it_was_fetched_for(home: Settings) -> None:
    pair = [
        stop("from", kind="pickup", latitude=53.57, longitude=10.02, kg=1.0),
        stop("to", latitude=53.53, longitude=10.02, kg=1.0, picked_up_at="from"),
    ]
    lake(home, [*rows(), *pair])
    whole = plan_with(home, "D01", DAY, HOW)
    early = BEGINS + timedelta(hours=6)
    once = replan_with(home, "D01", DAY, News(early, cancelled=["S00", "from"]), HOW)
    assert names(whole) - names(once) == {"S00", "from", "to"}
    assert "is left out: to." in once.plans["notes"][0]
    twice = replan_with(home, "D01", DAY, News(early + timedelta(minutes=5)), HOW)
    assert names(twice) == names(once)
    tried = what_if_with(home, "D01", DAY, WithoutVehicle("V2"), HOW)
    assert not {"S00", "from", "to"} & (names(tried) | set(tried.unserved["stop_id"]))
    for plan in (once, twice):
        in_use = json.loads(plan.plans["in_use"][0])
        assert in_use["stops"] + in_use["unserved"] == plan.stops.height + plan.unserved.height


def test_without_a_plan_there_is_nothing_to_plan_again(home: Settings) -> None:
    lake(home, rows())
    with pytest.raises(AssistantError, match="no plan of D01"):
        replan_with(home, "D01", DAY, News(NOW), HOW)
