"""The features of an arrival counted once more from the tables, and what they are worth."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from analytics.task import Task
from tests.sample_data.lake import TASKS, features, lake, population, sample

TASK: Task = TASKS["logistics.stop_arrival"]


@pytest.fixture(scope="module")
def cases() -> pl.DataFrame:
    return population(lake("logistics"), TASK)


@pytest.fixture(scope="module")
def found(cases: pl.DataFrame) -> pl.DataFrame:
    return features(lake("logistics"), TASK, cases)


def trip_of(case: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]], int]:
    """The trip of a case, its stops in order, and the place of the case among them."""
    trip_id, _, position = case["entity_id"].partition("/")
    tables = sample("logistics").tables
    trip = tables["trips"].row(by_predicate=pl.col("trip_id") == trip_id, named=True)
    stops = tables["trip_stops"].filter(pl.col("trip_id") == trip_id).sort("position").to_dicts()
    return trip, stops, int(position) - 1


def minutes(later: datetime, earlier: datetime) -> float:
    return (later - earlier).total_seconds() / 60


def test_the_way_ahead_is_counted_from_where_the_vehicle_was_last_heard_of(found: pl.DataFrame) -> None:
    under_way = 0
    for case in found.sample(150, seed=1).iter_rows(named=True):
        trip, stops, own = trip_of(case)
        reached = [n for n, stop in enumerate(stops) if stop["arrived_at"] <= case["as_of"]]
        gone = [n for n, stop in enumerate(stops) if stop["left_at"] <= case["as_of"]]
        first, unserved = len(reached), range(len(gone), own)
        under_way += bool(reached)
        assert own >= first
        assert case["stops_ahead"] == own + 1 - first
        assert case["km_ahead"] == pytest.approx(sum(stops[n]["leg_km"] for n in range(first, own + 1)))
        assert case["parcels_ahead"] == sum(stops[n]["parcels"] for n in unserved)
        assert case["planned_serve_ahead"] == sum(stops[n]["planned_minutes"] for n in unserved)
        assert case["planned_ahead"] == minutes(stops[own]["planned_at"], case["as_of"])
        last = stops[reached[-1]] if reached else None
        assert case["last_late"] == (minutes(last["arrived_at"], last["planned_at"]) if last else None)
        heard = [
            trip["left_at"],
            *(stops[n]["arrived_at"] for n in reached),
            *(stops[n]["left_at"] for n in gone),
        ]
        assert case["since_heard"] == minutes(case["as_of"], max(heard))
    assert under_way > 20


def test_a_vehicle_is_compared_with_what_its_legs_usually_take(found: pl.DataFrame) -> None:
    """The slow and the quick drivers of the last weeks are told apart, and the pace is right on average."""
    leaving = found.filter(pl.col("last_late").is_null() & (pl.col("as_of") > datetime(2026, 9, 7)))
    assert leaving["vehicle_pace"].mean() == pytest.approx(1, abs=0.05)
    assert leaving["vehicle_pace"].std() > 0.04  # type: ignore[operator]
    assert found.filter(pl.col("weather") == "rain")["depot_pace"].len() > 1_000
    rain = found.filter(pl.col("last_late").is_not_null()).group_by("weather").agg(pl.mean("depot_pace"))
    pace = dict(rain.iter_rows())
    assert pace["rain"] > pace["dry"] + 0.03


def test_an_address_that_takes_long_is_known_by_its_past(found: pl.DataFrame) -> None:
    """The pace of an address rises with the time that its next stop takes."""
    tables = sample("logistics").tables
    stops = tables["trip_stops"].with_columns(
        entity_id=pl.format("{}/{}", "trip_id", "position"),
        served=(pl.col("left_at") - pl.col("arrived_at")).dt.total_seconds() / 60,
    )
    late = found.filter(pl.col("as_of") > datetime(2026, 9, 21)).unique("entity_id")
    both = late.join(stops, on="entity_id").drop_nulls("served")
    share = both["served"] / both["planned_minutes"]
    assert np.corrcoef(both["address_pace"], share.clip(0, 4))[0, 1] > 0.25


def test_the_minutes_to_expect_are_nearer_than_the_plan_and_than_the_last_delay(
    cases: pl.DataFrame, found: pl.DataFrame
) -> None:
    later = cases.join(found, on=["entity_id", "as_of"]).filter(pl.col("as_of") > datetime(2026, 9, 1))
    late = later["label"]
    error = (later["late_to_expect"] - late).abs().mean()
    assert error < 0.65 * late.abs().mean()  # type: ignore[operator]
    under_way = later["last_late"].is_not_null()
    beside = (later["last_late"] - late).filter(under_way).abs().mean()
    assert (later["late_to_expect"] - late).filter(under_way).abs().mean() < beside  # type: ignore[operator]


def test_moments_under_way_do_not_follow_from_the_arrival(cases: pl.DataFrame) -> None:
    """They lie 15, 45 or 90 minutes before the planned arrival, whatever came of it."""
    stops = (
        sample("logistics")
        .tables["trip_stops"]
        .with_columns(entity_id=pl.format("{}/{}", "trip_id", "position"))
    )
    trips = sample("logistics").tables["trips"].select("trip_id", departed="left_at")
    rows = cases.join(stops, on="entity_id").join(trips, on="trip_id")
    under_way = rows.filter(pl.col("as_of") > pl.col("departed"))
    ahead = (under_way["planned_at"] - under_way["as_of"]).unique().sort().to_list()
    assert ahead == [timedelta(minutes=each) for each in (15, 45, 90)]
    assert (rows["as_of"] < rows["arrived_at"]).all()


def test_a_stop_without_a_record_makes_no_leg_long(cases: pl.DataFrame, found: pl.DataFrame) -> None:
    """What a leg usually takes hardly changes where some stops were never recorded, or their rows lack."""
    connection = lake("logistics")
    connection.execute("BEGIN")
    some = "position = 3 AND trip_id LIKE '%3'"
    for change in (
        "UPDATE logistics.trip_stops SET arrived_at = NULL, left_at = NULL WHERE ",
        "DELETE FROM logistics.trip_stops WHERE ",
    ):
        connection.execute(change + some)
        changed = (
            found.select("entity_id", "as_of", "usual_drive_ahead")
            .join(features(connection, TASK, cases), on=["entity_id", "as_of"])
            .filter(pl.col("stops_ahead") == 1)
        )
        share = changed["usual_drive_ahead_right"].sum() / changed["usual_drive_ahead"].sum()
        assert share == pytest.approx(1, abs=0.01)
    connection.execute("ROLLBACK")


def test_of_two_stops_reached_in_the_same_minute_the_one_furthest_along_counts(cases: pl.DataFrame) -> None:
    """Two parcels for one house: both stops are reached, and left, together."""
    connection = lake("logistics")
    connection.execute("BEGIN")
    connection.execute(
        "UPDATE logistics.trip_stops AS one SET arrived_at = other.arrived_at, left_at = other.left_at "
        "FROM logistics.trip_stops AS other WHERE other.trip_id = one.trip_id "
        "AND other.position = one.position + 1 AND one.position % 2 = 1"
    )
    under_way = cases.filter(~pl.col("entity_id").str.ends_with("/1")).sample(300, seed=2)
    found = features(connection, TASK, under_way)
    stops = connection.execute("SELECT trip_id, position, arrived_at FROM logistics.trip_stops").pl()
    connection.execute("ROLLBACK")
    together = 0
    for case in found.iter_rows(named=True):
        trip_id, _, position = case["entity_id"].partition("/")
        reached = stops.filter(pl.col("trip_id") == trip_id, pl.col("arrived_at") <= case["as_of"])[
            "position"
        ]
        assert case["stops_ahead"] == int(position) - (reached.max() or 0)
        together += len(reached) > 1
    assert together > 20
