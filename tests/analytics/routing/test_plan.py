"""Plans by hand: every time, sum and saving by arithmetic; stored in one piece and found again."""

import json
from datetime import date, datetime

import duckdb
import polars as pl
import pytest

from analytics.routing import arrivals, publishing
from analytics.routing.plan import Origin, Plan, latest, plan_of
from analytics.routing.problem import Problem
from connectors.errors import AssistantError
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.analytics.routing.towns import between, pickup, solution, stop, town, van

DAY = date(2026, 11, 2)


def made(settings: Settings, problem: Problem, *routes: tuple[int, ...]) -> Plan:
    return plan_of(settings, problem, solution(problem, *routes), Origin("D1", DAY))


def test_times_loads_and_slack_of_a_stop(home: Settings) -> None:
    problem = town([stop("A", 30, kg=40, windows=(between(9, 10),)), pickup("B", 60, kg=80)])
    rows = made(home, problem, (0, 1)).stops.rows(named=True)
    assert [row["arrives_at"] for row in rows] == [datetime(2026, 11, 2, 9), datetime(2026, 11, 2, 9, 35)]
    first, second = rows
    assert (first["kind"], second["kind"]) == ("delivery", "pickup")
    assert first["leaves_at"] == datetime(2026, 11, 2, 9, 5)
    assert (first["opens_at"], first["closes_at"]) == (datetime(2026, 11, 2, 9), datetime(2026, 11, 2, 10))
    assert second["opens_at"] is None
    assert (first["slack_minutes"], first["late_minutes"]) == (pytest.approx(60), 0)
    assert (second["leg_km"], second["leg_minutes"]) == (30, 30)
    assert json.loads(first["load"]) == {"kg": 0}
    assert (first["load_share"], second["load_share"]) == (0, 0.8)
    assert (first["latitude"], first["longitude"]) == (0, 30)
    assert not any(row["driven"] for row in rows)


def test_the_sums_of_a_route_and_of_the_plan(home: Settings) -> None:
    problem = town([stop("A", 30, kg=40), stop("B", -10)], [van(), van("V2", co2_g_per_km=100.0)])
    plan = made(home, problem, (0,), (1,))
    first, second = plan.routes.rows(named=True)
    assert (first["vehicle_id"], first["distance_km"], first["driving_hours"]) == ("V1", 60, 1)
    assert first["duration_hours"] == pytest.approx(65 / 60)
    assert first["cost"] == pytest.approx(50 + 60 + 32.5)
    assert (first["load_share"], first["co2_kg"], second["co2_kg"]) == (0.4, 12, 2)
    assert first["shift_ends_at"] == datetime(2026, 11, 2, 16)
    head = plan.plans.row(0, named=True)
    assert (head["vehicles"], head["stops"], head["unserved"], head["late_stops"]) == (2, 2, 0, 0)
    assert head["distance_km"] == 80
    assert head["co2_kg"] == 14
    assert head["travel_source"] == "as the crow flies"


def test_a_late_stop_is_told_where_it_is_late(home: Settings) -> None:
    plan = made(home, town([stop("A", 60, windows=(between(8, 8.5),))]), (0,))
    assert plan.stops["late_minutes"].to_list() == [pytest.approx(30)]
    assert plan.plans["late_stops"].to_list() == plan.routes["late_stops"].to_list() == [1]


def test_what_is_left_out_has_its_reason(home: Settings) -> None:
    plan = made(home, town([stop("A", 10), stop("B", 10, kg=500)]), (0,))
    (row,) = plan.unserved.rows(named=True)
    assert (row["stop_id"], row["binds"], json.loads(row["detail"])["most"]) == ("B", "capacity", 100)
    assert plan.plans["unserved"].to_list() == [1]


def test_a_plan_is_found_again_as_it_was_and_the_newest_is_in_force(home: Settings) -> None:
    problem = town([stop("A", 30), stop("B", 10, kg=500)])
    assert latest(home, "D1", DAY) is None
    first = made(home, problem, (0,))
    publishing.publish(home, first)
    found = latest(home, "D1", DAY)
    assert found is not None
    for name in ("plans", "routes", "stops", "unserved"):
        assert getattr(found, name).equals(getattr(first, name)), name
    second = publishing.publish(home, made(home, problem, (0,)))
    assert [(row["plan_id"], row["in_force"]) for row in publishing.plans(home).rows(named=True)] == [
        (second, True),
        (first.plan_id, False),
    ]
    assert latest(home, "D1", date(2026, 11, 3)) is None
    with pytest.raises(AssistantError, match="no plan «D1-2026»"):
        publishing.stored(home, "D1-2026")


def test_a_plan_is_stored_whole_or_not_at_all(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = town([stop("A", 30)])
    publishing.publish(home, made(home, problem, (0,)))
    lacking = {**publishing.COLUMNS, publishing.STOPS: {"no_such_column": "BIGINT"}}
    monkeypatch.setattr(publishing, "COLUMNS", lacking)
    with pytest.raises(duckdb.Error):
        publishing.publish(home, made(home, problem, (0,)))
    counted = Warehouse(home).query("SELECT count(*) AS n FROM plans.plans")
    assert counted["n"].to_list() == [1]


def test_tables_of_an_older_release_get_the_columns_they_lack(home: Settings) -> None:
    problem = town([stop("A", 30)])
    first = publishing.publish(home, made(home, problem, (0,)))
    Warehouse(home).write(lambda connection: connection.execute("ALTER TABLE plans.stops DROP COLUMN driven"))
    second = publishing.publish(home, made(home, problem, (0,)))
    assert publishing.stored(home, first).stops["driven"].to_list() == [None]
    assert publishing.stored(home, second).stops["driven"].to_list() == [False]


def test_a_plan_without_any_route_is_a_plan(home: Settings) -> None:
    plan = made(home, town([stop("A", 10, kg=500)]), ())
    publishing.publish(home, plan)
    found = latest(home, "D1", DAY)
    assert found is not None
    assert found.stops.is_empty()
    assert found.plans["vehicles"].to_list() == [0]


def test_an_interval_holds_the_arrival_that_the_plan_foretells(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounds = {"A": (datetime(2026, 11, 2, 9, 1), datetime(2026, 11, 2, 9, 20)), "B": (None, None)}

    def beside(_: Settings, __: pl.DataFrame, stops: pl.DataFrame, **___: object) -> tuple[pl.DataFrame, str]:
        low, high = zip(*(bounds[stop] for stop in stops["stop_id"]), strict=True)
        return stops.select("stop_id").with_columns(
            pl.Series("lower_at", low, pl.Datetime("us")), pl.Series("upper_at", high, pl.Datetime("us"))
        ), "past trips"

    monkeypatch.setattr(arrivals, "expected", beside)
    problem = town([stop("A", 30, windows=(between(9, 10),)), stop("B", 60)])
    plan = plan_of(home, problem, solution(problem, (0, 1)), Origin("D1", DAY, snapshot=1))
    first, second = plan.stops.rows(named=True)
    assert (first["lower_at"], first["upper_at"]) == (datetime(2026, 11, 2, 9), bounds["A"][1])
    assert (second["lower_at"], second["upper_at"]) == (None, None)
    assert plan.plans["arrival_model"].to_list() == ["past trips"]
