"""The problem of a depot and a day as the warehouse holds it, and every contradiction in it."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from analytics.routing.problem import FOREVER, Vehicle, Window
from analytics.routing.reading import planning_days, problem_of
from connectors.errors import AssistantError, UsageError
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.analytics.routing.lake import BEGINS, DAY, DEPOT, fill, stop, van, window

HOUR = 3_600


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """One home for these tests, its lake kept open: to open one takes longer than any of them."""
    folder = tmp_path_factory.mktemp("carrier")
    settings = Settings(home=folder / "var", config=folder / "assistant.toml", threads=2)
    warehouse = Warehouse(settings)
    warehouse.snapshot()
    yield settings
    del warehouse


def test_a_day_without_contradictions(lake: Settings) -> None:
    stops = [
        stop("S1", skills="lift|cold", prize=35, priority=1),
        stop("S2", kind="pickup", latitude=53.5, kg=4.0, litres=None),
        stop("S3", picked_up_at="S2", kg=4.0, litres=None),
        stop("OTHER DAY", day=DAY + timedelta(days=1)),
        stop("OTHER DEPOT", depot_id="D02"),
    ]
    vans = [
        van("V2", skills="lift", most_hours=9, most_km=160, capacity_l=None),
        van("V1", shift_start="22:00", shift_end="06:30"),
        van("X", depot_id="D02"),
    ]
    windows = [window("S1", 13, 17), window("S1", 8, 12), window("OTHER DAY", 1, 2)]
    fill(lake, {"fleet": vans, "stops": stops, "stop_windows": windows})
    problem = problem_of(lake, "D01", DAY)
    assert problem.notes == ()
    assert (problem.name, problem.begins, problem.timezone) == ("D01 2026-11-02", BEGINS, "Europe/Berlin")
    assert (problem.dimensions, problem.objective) == (("kg", "l"), "cost")
    assert problem.depots[0].window == Window(7 * HOUR, 30.5 * HOUR)
    assert [vehicle.name for vehicle in problem.vehicles] == ["V1", "V2"]
    assert problem.vehicles[0].shift == Window(22 * HOUR, 30.5 * HOUR)
    assert problem.vehicles[1] == Vehicle(
        "V2", 0, 0, (900, FOREVER), Window(7 * HOUR, 16 * HOUR), 9 * HOUR, 160_000,
        50, 0.3, 27.5, 240, frozenset({"lift"}),
    )  # fmt: skip
    first, second, third = problem.stops
    assert first.windows == (Window(8 * HOUR, 12 * HOUR), Window(13 * HOUR, 17 * HOUR))
    assert (first.delivery, first.pickup, first.service) == ((12, 80), (0, 0), 300)
    assert (first.skills, first.prize, first.priority) == (frozenset({"lift", "cold"}), 35, 1)
    assert (second.delivery, second.pickup, second.windows) == ((0, 0), (4, 0), ())
    assert (third.picked_up_at, third.delivery, third.prize, third.priority) == ("S2", (4, 0), None, 2)
    assert problem.travel.metres.shape == (4, 4)
    assert problem.travel.source == "great-circle distance x 1.35 at 35 km/h"
    assert problem_of(lake, "D01", DAY, objective="vehicles").objective == "vehicles"
    assert planning_days(lake).rows() == [
        ("D01", DAY, 3),
        ("D02", DAY, 1),
        ("D01", DAY + timedelta(days=1), 1),
    ]


def test_what_contradicts_itself_is_mended_or_left_out_and_said(lake: Settings) -> None:
    stops = [
        stop("null island", latitude=0.0, longitude=0.0),
        stop("swapped", latitude=10.01, longitude=53.56),
        stop("twice"),
        stop("twice", kg=99.0),
        stop("backwards"),
        stop("overlapping"),
        stop("yesterday"),
        stop("from nowhere", picked_up_at="never ordered"),
        stop("from a delivery", picked_up_at="overlapping"),
        stop("lost pickup", kind="pickup", latitude=0.0, longitude=0.0),
        stop("from a lost pickup", picked_up_at="lost pickup"),
        stop("pickup", kind="pickup", kg=7.0),
        stop("receives", picked_up_at="pickup", kg=8.0),
        stop("receives too", picked_up_at="pickup", kg=7.0),
        stop("pickup from another", kind="pickup", picked_up_at="pickup"),
    ]
    windows = [
        window("backwards", 12, 9),
        window("overlapping", 8, 11),
        window("overlapping", 10, 13),
        window("overlapping", 15, 16),
        window("yesterday", -14, -12),
    ]
    vans = [van("V1"), van("V2", shift_start=None, shift_end=None), van("V3", shift_end=None)]
    fill(lake, {"fleet": vans, "stops": stops, "stop_windows": windows})
    problem = problem_of(lake, "D01", DAY)
    assert set(problem.notes) == {
        "Without a shift, so the depot's usual hours were taken (07:00 to 16:00): V2, V3.",
        "A stop that comes more than once was taken as first given: twice.",
        "Latitude and longitude of a stop were exchanged: put right: swapped.",
        "Left out, for its coordinates are missing or (0, 0): lost pickup, null island.",
        "A window that closes before it opens was ignored: backwards.",
        "Windows that overlap were merged: overlapping.",
        "Every window lies outside the hours in which vehicles drive: yesterday.",
        (
            "The stop where its goods are picked up is not among the day's stops: its goods are taken to "
            "come from the depot: from nowhere."
        ),
        (
            "The stop where its goods are picked up picks nothing up: its goods are taken to come from the "
            "depot: from a delivery."
        ),
        "Left out, for the stop where its goods are picked up is left out: from a lost pickup.",
        "Brings another amount than is picked up for it, which is what counts: receives.",
        (
            "The stop where its goods are picked up already gives them to another one: its goods are taken "
            "to come from the depot: receives too."
        ),
        (
            "A pickup that names a stop where its goods are picked up: its goods are taken to come from the "
            "depot: pickup from another."
        ),
    }
    by_name = {stop.name: stop for stop in problem.stops}
    assert by_name.keys() == {row["stop_id"] for row in stops} - {
        "null island", "lost pickup", "from a lost pickup",
    }  # fmt: skip
    assert (by_name["swapped"].place.latitude, by_name["swapped"].place.longitude) == (53.56, 10.01)
    assert by_name["backwards"].windows == ()
    assert by_name["overlapping"].windows == (Window(8 * HOUR, 13 * HOUR), Window(15 * HOUR, 16 * HOUR))
    assert by_name["yesterday"].windows == (Window(-14 * HOUR, -12 * HOUR),)  # cannot be kept: that is said
    assert by_name["receives"].delivery == by_name["pickup"].pickup == (7, 80)
    assert {stop.name for stop in problem.stops if stop.picked_up_at} == {"receives"}
    assert {vehicle.shift for vehicle in problem.vehicles} == {Window(7 * HOUR, 16 * HOUR)}
    assert len(problem.travel.metres) == 1 + len(problem.stops)


def test_what_cannot_be_planned_at_all_is_said_with_what_to_do(lake: Settings) -> None:
    fill(lake, {"trips": []})
    with pytest.raises(AssistantError, match=r"There is no table logistics\.fleet"):
        problem_of(lake, "D01", DAY)
    assert planning_days(lake).is_empty()
    depots = [
        DEPOT,
        {**DEPOT, "depot_id": "D02"},
        {**DEPOT, "depot_id": "D03", "latitude": 0, "longitude": 0},
    ]
    nowhere = stop("S2", depot_id="D04", latitude=0.0, longitude=0.0)
    rows = {
        "depots": [*depots, {**DEPOT, "depot_id": "D04"}],
        "fleet": [van("V1"), van("V2", depot_id="D04")],
        "stops": [stop("S1"), nowhere],
    }
    fill(lake, rows)
    with pytest.raises(UsageError, match="no depot «D1».*D01"):
        problem_of(lake, "D1", DAY)
    with pytest.raises(AssistantError, match="D02 has no vehicles"):
        problem_of(lake, "D02", DAY)
    with pytest.raises(AssistantError, match=r"D03 has no coordinates, or \(0, 0\)"):
        problem_of(lake, "D03", DAY)
    with pytest.raises(AssistantError, match=r"None of the 1 stops.*Left out, for its coordinates.*S2"):
        problem_of(lake, "D04", DAY)
    with pytest.raises(
        AssistantError, match=r"no stops on 2026-01-01.*Newest days with stops: 2026-11-02 \(1\)"
    ):
        problem_of(lake, "D01", date(2026, 1, 1))
    assert problem_of(lake, "D01", DAY).stops[0].windows == ()  # there is no table of windows


def test_on_the_day_of_the_clock_change_shift_and_window_still_meet(lake: Settings) -> None:
    """At 8 on the morning after the clock went back, nine hours after midnight, the shift and window open."""
    day = date(2026, 10, 25)
    opens = BEGINS.replace(month=10, day=25, hour=7)  # UTC: it is 8 in Berlin, an hour ahead again
    windows = [{"stop_id": "S1", "opens_at": opens, "closes_at": opens + timedelta(hours=1)}]
    rows = {
        "fleet": [van("V1", shift_start="08:00")],
        "stops": [stop("S1", day=day)],
        "stop_windows": windows,
    }
    fill(lake, rows)
    problem = problem_of(lake, "D01", day)
    assert problem.stops[0].windows == (Window(9 * HOUR, 10 * HOUR),)
    assert problem.vehicles[0].shift == Window(9 * HOUR, 17 * HOUR)


@pytest.mark.parametrize(
    ("given", "note"),
    [
        (None, "The depot has no time zone: its shifts are taken in UTC."),
        ("Mars/Base", "The depot has an unknown time zone, «Mars/Base»: its shifts are taken in UTC."),
    ],
)
def test_a_depot_without_a_time_zone(lake: Settings, given: str | None, note: str) -> None:
    fill(lake, {"depots": [{**DEPOT, "timezone": given}], "fleet": [van("V1")], "stops": [stop("S1")]})
    problem = problem_of(lake, "D01", DAY)
    assert problem.notes == (note,)
    assert problem.vehicles[0].shift.opens == 7 * HOUR


def test_the_matrix_file_is_asked_by_the_names_of_depot_and_stops(lake: Settings) -> None:
    (lake.config.parent / "ways.csv").write_text(
        "from,to,metres,seconds\nD01,S1,1000,100\nS1,D01,1100,110\nD01,S2,2000,200\nS2,D01,2100,210\n"
    )
    routing = lake.routing.model_copy(update={"matrix": "ways.csv"})
    settings = lake.model_copy(update={"routing": routing})
    fill(lake, {"fleet": [van("V1")], "stops": [stop("S1"), stop("S2"), stop("S3")]})
    problem = problem_of(settings, "D01", DAY)
    assert problem.travel.source == "the matrix in ways.csv"
    assert problem.travel.seconds[0, :3, :3].tolist() == [[0, 100, 200], [110, 0, 310], [210, 310, 0]]
    assert problem.travel.notes[:3] == (
        "Places that the matrix file does not hold: 1 of 4 (S3).",
        "Missing pairs: 2 of 12; filled with the quickest way over other places.",
        "Missing pairs that no way over others leads to: 6 of 12; estimated.",
    )
    assert problem.travel.notes[-1] == "Estimated by: great-circle distance x 1.35 at 35 km/h."
