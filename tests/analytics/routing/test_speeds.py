"""Learned speeds against speeds that were planted, and against the future."""

from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from analytics.routing.geography import cells, distances
from analytics.routing.past_legs import Legs, past_legs
from analytics.routing.problem import Place, Travel
from analytics.routing.speeds import AREA_KM, LEAST_LEGS, learn
from analytics.routing.travel import travel_for
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.analytics.routing.lake import BEGINS, fill

ACCESS, DETOUR, OVERHEAD = 150.0, 1.3, 50.0
CENTRE = Place(53.55, 9.99)
STOPS = [CENTRE, Place(53.59, 10.02), Place(53.55, 10.05)]  # the depot first
Ints = NDArray[np.int64]


def true_kmh(latitude: Any, longitude: Any, hour: Any, weekend: Any) -> NDArray[np.float64]:
    """The centre is slow, the rush of working days slows all."""
    out = np.hypot(111 * (latitude - CENTRE.latitude), 66 * (longitude - CENTRE.longitude))
    kmh: NDArray[np.float64] = np.where(out < 8, 24.0, 48.0) * np.where(
        np.isin(hour, (7, 8, 16)) & (np.asarray(weekend) == 0), 0.6, 1.0
    )
    return kmh


def planted(count: int = 12_000, seed: int = 0, noise: float = 0.2) -> Legs:
    """Legs around the centre; every twentieth has a lunch break, two quick drivers drive afternoons only."""
    random = np.random.default_rng(seed)
    latitude = CENTRE.latitude + random.uniform(-0.18, 0.18, count)
    longitude = CENTRE.longitude + random.uniform(-0.3, 0.3, count)
    straight = random.lognormal(8.2, 0.8, count)
    metres = (ACCESS + DETOUR * straight) * np.exp(random.normal(0, 0.08, count))
    hour, weekend = random.integers(7, 19, count), (random.random(count) < 0.2).astype(np.int64)
    vehicle = np.where(hour >= 13, random.integers(4, 7, count), random.integers(0, 5, count))
    quick = np.where(vehicle >= 5, 0.8, 1.0)
    driving = metres / (true_kmh(latitude, longitude, hour, weekend) / 3.6) * quick
    seconds = OVERHEAD + driving * np.exp(random.normal(0, noise, count))
    seconds[random.random(count) < 0.05] += 2_700
    return Legs(metres, straight, seconds, hour, weekend, latitude, longitude, vehicle)


def road(straight: NDArray[np.float64]) -> NDArray[np.float64]:
    """The planted way by road."""
    return np.where(straight > 0, ACCESS + DETOUR * straight, 0.0)


def kmh(travel: Travel, hour: int, overhead: float) -> NDArray[np.float64]:
    """Speeds between places 0-1, 2-3 … in an hour of the travel's day."""
    period = np.searchsorted(travel.periods, 3_600 * hour, side="right") - 1
    first = np.arange(0, len(travel.metres), 2)
    metres, seconds = travel.metres[first, first + 1], travel.seconds[period, first, first + 1]
    speeds: NDArray[np.float64] = 3.6 * metres / (seconds - overhead)
    return speeds


def test_planted_speeds_roads_and_starts_are_found() -> None:
    speeds = learn(planted())
    assert speeds is not None
    assert speeds.overhead == pytest.approx(OVERHEAD, abs=25)
    assert speeds.access == pytest.approx(ACCESS, abs=60)
    inside = [Place(53.54, 9.97), Place(53.56, 10.01)]
    outside = [Place(53.66, 10.2), Place(53.7, 10.24)]
    monday, sunday = BEGINS, BEGINS - timedelta(days=1)
    for begins, weekend in ((monday, 0), (sunday, 1)):
        travel = speeds.travel([*inside, *outside], begins, "Europe/Berlin")
        for hour in (8, 11, 14):
            # The noise of a leg is lognormal: on average it takes longer than in the middle.
            slow = true_kmh(CENTRE.latitude, CENTRE.longitude, hour, weekend)
            expected = np.array([1, 2]) * slow / np.exp(0.2**2 / 2)
            assert kmh(travel, hour, speeds.overhead) == pytest.approx(expected, rel=0.12)
    assert travel.metres == pytest.approx(road(distances([*inside, *outside])), rel=0.03)
    assert len(travel.periods) > 1
    assert travel.periods[0] == 0
    assert "speeds learned from" in travel.source


def test_all_times_together_come_out_right() -> None:
    """Over all credible legs of the past the expected seconds add up to those that were driven."""
    legs = planted(noise=0.35)
    usual = legs.seconds < 2_700
    speeds = learn(legs)
    assert speeds is not None
    kept = Legs(*(getattr(legs, field.name)[usual] for field in fields(legs))).longer_than(300)
    pace = np.exp(speeds.log_pace(cells(*kept.middle, AREA_KM), kept.hour, kept.weekend))
    assert (speeds.overhead + kept.metres * pace).sum() == pytest.approx(kept.seconds.sum(), rel=0.05)


def test_few_trips_teach_nothing() -> None:
    assert learn(planted(LEAST_LEGS // 2)) is None
    empty = Legs(*(getattr(planted(1), field.name)[:0] for field in fields(Legs)))
    assert learn(empty) is None


def test_a_stretch_of_hours_is_right_where_the_clock_changes() -> None:
    """On the night to 25 October 2026 the clock goes back: 8 o'clock is nine hours after midnight."""
    legs = planted()
    rush = legs.hour == 8
    slow = replace(legs, seconds=np.where(rush, 3, 1) * legs.metres / 10, weekend=np.zeros(len(legs), int))
    speeds = learn(replace(slow, weekend=np.ones(len(legs), dtype=np.int64)))  # that day is a Sunday
    assert speeds is not None
    travel = speeds.travel([CENTRE, Place(53.6, 10.0)], datetime(2026, 10, 24, 22), "Europe/Berlin")
    seconds = [
        travel.seconds[np.searchsorted(travel.periods, 3_600 * hour, side="right") - 1, 0, 1]
        for hour in range(24)
    ]
    assert int(np.argmax(seconds)) == 9


def trips(left_at: list[datetime], seconds: float, name: str) -> dict[str, pl.DataFrame]:
    """Trips to two stops and between them: 6.5 km by road in so many seconds, 5 minutes at each."""
    rows, stops = [], []
    spots = [(stop.latitude, stop.longitude) for stop in STOPS[1:]]
    for number, left in enumerate(left_at):
        trip = f"{name}{number}"
        rows.append(
            {"trip_id": trip, "depot_id": "D01", "vehicle_id": "V1", "day": left.date(), "left_at": left}
        )
        now = left
        for position, (latitude, longitude) in enumerate(spots, start=1):
            arrives = now + timedelta(seconds=seconds)
            now = arrives + timedelta(minutes=5)
            stops.append(
                {"trip_id": trip, "position": position, "stop_id": f"{trip}-{position}", "latitude": latitude,
                 "longitude": longitude, "leg_km": 6.5, "arrived_at": arrives, "left_at": now}
            )  # fmt: skip
    return {"trips": pl.DataFrame(rows), "trip_stops": pl.DataFrame(stops)}


def test_speeds_come_from_the_lake_and_nothing_from_the_future(home: Settings) -> None:
    """What the past teaches stays the same when trips of the day and later come in."""
    past = trips([BEGINS - timedelta(days=days, hours=-8) for days in range(1, 110)], 600, "P")
    # One under way at midnight: its first leg is known, the second not yet.
    late = trips([BEGINS - timedelta(minutes=12)], 600, "L")
    future = trips([BEGINS + timedelta(hours=hours) for hours in range(150)], 60, "F")
    known = {name: pl.concat([past[name], late[name]]) for name in past}
    warehouse = Warehouse(home)  # keeps the lake open
    fill(home, known)
    before = travel_for(home, STOPS, BEGINS, timezone="Europe/Berlin")
    assert before.source == "speeds learned from 219 legs of past trips, by hour and area"
    assert before.metres[0, 1] == pytest.approx(6_500, rel=0.25)  # both legs have one detour here
    with warehouse.reading() as connection:
        legs = past_legs(connection, STOPS, BEGINS, "Europe/Berlin")
    assert set(legs.seconds) == {600}
    assert set(legs.hour) == {8, 9, 23}  # on the clock of Berlin, in summer and in winter
    fill(home, {name: pl.concat([known[name], future[name]]) for name in known})
    after = travel_for(home, STOPS, BEGINS, timezone="Europe/Berlin")
    assert np.array_equal(before.seconds, after.seconds)
    assert np.array_equal(before.metres, after.metres)
    assert before.source == after.source
    tomorrow = travel_for(home, STOPS, BEGINS + timedelta(days=9), timezone="Europe/Berlin")
    assert tomorrow.source != before.source

    # Where, or when, there were no trips, the distance has to do; too few are told.
    milano = travel_for(home, [Place(45.46, 9.19), Place(45.5, 9.2)], BEGINS)
    assert milano.source.startswith("great-circle distance")
    assert milano.notes == ()
    early = travel_for(home, STOPS, BEGINS - timedelta(days=107))
    assert early.source.startswith("great-circle distance")
    assert early.notes == ("Too few past trips near to learn speeds from: 4 legs, 200 are needed.",)
    assert travel_for(home, STOPS, None).notes == ()
