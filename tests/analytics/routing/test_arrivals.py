"""The intervals of a plan: on the office's clock, carried over waits, from the model or from past trips."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from analytics import registry
from analytics.cases import Cases
from analytics.model import Predictions
from analytics.routing.arrivals import PAST_TRIPS, expected
from connectors.errors import AssistantError
from pipelines.contract import DUCKDB_TYPES
from pipelines.logistics.contracts import CONTRACTS
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, quoted

DAY = date(2026, 6, 1)
BEGIN = datetime(2026, 6, 1, 6)
LATE, A_KM, A_LEG = 7, 2.0, 1.0  # how the made-up office plans, and how late its vehicles leave


def trips_of_the_past(late: np.ndarray) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Trips of four stops, 3 km apart, each reached `late` minutes after its plan."""
    trips, stops = [], []
    for number, minutes in enumerate(late):
        left = BEGIN - timedelta(days=1 + number % 60, minutes=-LATE)
        trips.append({"trip_id": f"T{number}", "depot_id": "D1", "vehicle_id": "V1", "day": left.date(),
                      "left_at": left})  # fmt: skip
        clock = left - timedelta(minutes=LATE)
        for position in range(1, 5):
            km = 2.0 + position
            clock += timedelta(minutes=A_LEG + A_KM * km)
            came = clock + timedelta(minutes=float(minutes))
            stops.append(
                {"trip_id": f"T{number}", "position": position, "stop_id": f"S{number}-{position}",
                 "latitude": 50.0, "longitude": 10.0, "place": "home", "parcels": 1, "kg": 1.0,
                 "leg_km": km, "planned_at": clock, "planned_minutes": 5.0, "arrived_at": came,
                 "left_at": came + timedelta(minutes=5)}
            )  # fmt: skip
            clock += timedelta(minutes=5)
    return pl.DataFrame(trips), pl.DataFrame(stops)


@dataclass(frozen=True)
class Home:
    settings: Settings
    routes: pl.DataFrame
    stops: pl.DataFrame

    def bounds(self) -> tuple[list[tuple[datetime, datetime]], str]:
        found, made_by = expected(self.settings, self.routes, self.stops, depot_id="D1", day=DAY)
        ordered = self.stops.select("stop_id").join(found, on="stop_id", maintain_order="left")
        return [(low, high) for _, low, high in ordered.iter_rows()], made_by


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Six hundred trips, late by 0 to 20 minutes, evenly."""
    settings = Settings(home=tmp_path_factory.mktemp("arrivals"))
    trips, stops = trips_of_the_past(np.linspace(0, 20, 600))
    depots = pl.DataFrame({"depot_id": ["D1"], "timezone": ["Europe/Berlin"]})
    ordered = pl.DataFrame(
        {"stop_id": ["A", "B", "C"], "place": ["home", None, "site"], "parcels": [1, 2, 3]}
    )
    rows = {"trips": trips, "trip_stops": stops, "depots": depots, "stops": ordered}

    def fill(connection: object) -> None:
        for contract in CONTRACTS:
            name = contract.table.split(".")[1]
            if name not in rows:
                continue
            frame = rows[name]
            connection.register("given", frame.to_arrow())  # type: ignore[attr-defined]
            columns = ", ".join(
                f"CAST({quoted(c.name) if c.name in frame.columns else 'NULL'} AS {DUCKDB_TYPES[c.type]})"
                f" AS {quoted(c.name)}"
                for c in contract.columns
            )
            connection.execute("CREATE SCHEMA IF NOT EXISTS logistics")  # type: ignore[attr-defined]
            connection.execute(  # type: ignore[attr-defined]
                f"CREATE TABLE {quoted(contract.table)} AS SELECT {columns} FROM given"
            )
            connection.unregister("given")  # type: ignore[attr-defined]

    Warehouse(settings).write(fill)
    return settings


def plan(settings: Settings, **changes: list[object]) -> Home:
    """One route: A after 5 km, B after 10, C after 4; 5, 8 and 6 minutes are planned there."""
    none: list[object] = [None] * 3
    given: dict[str, list[object]] = {
        "route": [1] * 3,
        "position": [1, 2, 3],
        "stop_id": ["A", "B", "C"],
        "latitude": [50.0] * 3,
        "longitude": [10.0] * 3,
        "leg_km": [5.0, 10.0, 4.0],
        "service_minutes": [5.0, 8.0, 6.0],
        "opens_at": none,
        "arrives_at": none,
        "leaves_at": none,
        "driven": [False] * 3,
    }
    moments = {name: pl.Datetime("us") for name in ("opens_at", "arrives_at", "leaves_at")}
    stops = pl.DataFrame(given | changes, schema_overrides=moments)
    routes = pl.DataFrame({"route": [1], "vehicle_id": ["V1"], "starts_at": [BEGIN]})
    return Home(settings, routes, stops.with_columns(pl.col("route", "position").cast(pl.Int64)))


def after(minutes: float) -> datetime:
    return BEGIN + timedelta(minutes=minutes)


# The office: 1 + 2 x 5 minutes to A, 5 there, 21 to B, 8 there (no place is known), 9 to C.
CLOCK = (11, 37, 54)


class Model:
    """A model in service that says 4 minutes early to 6 late, and remembers what it was asked."""

    event_book = None

    def __init__(self) -> None:
        self.asked: list[Cases] = []
        self.half = np.array([5.0, 5.0, 5.0])  # of each interval

    @property
    def scorer(self) -> SimpleNamespace:
        return SimpleNamespace(reads_events=False)

    def predict(self, cases: Cases) -> Predictions:
        self.asked.append(cases)
        count, half = len(cases), self.half[-len(cases) :]
        return Predictions(np.ones(count), 1 - half, 1 + half, ["on time"] * count)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Model:
    made = Model()
    monkeypatch.setattr(registry, "serving", lambda *_: (SimpleNamespace(version="v7"), made))
    return made


def test_without_a_model_the_bounds_hold_nine_in_ten_of_the_past(lake: Settings) -> None:
    bounds, made_by = plan(lake).bounds()
    assert made_by == PAST_TRIPS
    for (low, high), clock in zip(bounds, CLOCK, strict=True):
        assert abs((low - after(clock + 1)).total_seconds()) < 20
        assert abs((high - after(clock + 19)).total_seconds()) < 20


def test_a_model_speaks_of_the_offices_clock_and_of_the_hour_of_the_depot(
    lake: Settings, model: Model
) -> None:
    bounds, made_by = plan(lake).bounds()
    assert made_by == "v7"
    assert bounds == [(max(after(c - 4), after(LATE)), after(c + 6)) for c in CLOCK]
    asked = model.asked[0]
    assert asked.keys["entity_id"].to_list() == ["plan-1/1", "plan-1/2", "plan-1/3"]
    assert asked.keys["as_of"].unique().to_list() == [after(LATE)]
    assert asked.features["planned_ahead"].to_list() == [clock - LATE for clock in CLOCK]
    assert asked.features["hour_planned"][0] == pytest.approx(8 + 11 / 60)
    assert asked.features["km_ahead"].to_list() == [5, 15, 19]
    assert asked.features["vehicle_pace"][0] > 0


def test_waiting_for_a_window_takes_up_what_is_early_and_what_is_late(lake: Settings, model: Model) -> None:
    model.half = np.array([5.0, 12.0, 13.0])
    bounds, _ = plan(lake, opens_at=[None, after(60), None]).bounds()
    assert bounds[1] == (after(26), after(50))
    # Served from 60 on; to C it is 17 more by the clock, and 13² - 12² = 5² of the spread is still to come.
    assert bounds[2] == (after(60 + 17 - 5), after(60 + 17 + 5))


def test_a_window_that_opens_within_the_bounds_takes_up_what_lies_before(
    lake: Settings, model: Model
) -> None:
    bounds, _ = plan(lake, opens_at=[None, after(39), None]).bounds()
    assert bounds[1] == (after(33), after(43))
    assert bounds[2] == (after(39 + 17), after(43 + 17))


def test_what_is_driven_has_no_bounds_and_the_rest_is_asked_from_there(lake: Settings, model: Model) -> None:
    home = plan(
        lake,
        arrives_at=[after(20), None, None],
        leaves_at=[after(26), None, None],
        driven=[True, False, False],
    )
    found, _ = expected(home.settings, home.routes, home.stops, depot_id="D1", day=DAY)
    assert found["stop_id"].to_list() == ["B", "C"]
    asked = model.asked[0]
    assert asked.keys["as_of"].unique().to_list() == [after(26)]
    assert asked.features["last_late"].to_list() == [9, 9]  # the clock said 11, it was 20
    assert asked.features["km_ahead"].to_list() == [10, 14]


def test_a_damaged_model_gives_way_to_past_trips(lake: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise AssistantError("No model.")

    monkeypatch.setattr(registry, "serving", broken)
    assert plan(lake).bounds()[1] == PAST_TRIPS


def test_where_nothing_was_driven_yet_nothing_is_promised(tmp_path_factory: pytest.TempPathFactory) -> None:
    empty = plan(Settings(home=tmp_path_factory.mktemp("empty")))
    assert empty.bounds() == ([], "")
