"""Queries over predictions, held against the same sums done in Polars."""

import json
from datetime import datetime, time, timedelta

import duckdb
import polars as pl
import pytest

from analytics.catalog import task_named
from dashboards.queries import changes, finance, logistics, medical, predictions
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, quoted
from tests.dashboards.lake import CASES, DAY_BEFORE, LAST_DAY

TASKS = ["finance.credit_default", "medical.disease_onset", "logistics.late_delivery"]


@pytest.mark.parametrize("name", TASKS)
def test_sums_over_the_scores_agree_with_polars(scored: Settings, name: str) -> None:
    task, read = task_named(name, scored), Warehouse(scored).query
    scores = predictions.scores(read, task, LAST_DAY)
    bands = predictions.by_band(read, task, LAST_DAY)
    histogram = predictions.histogram(read, task, LAST_DAY)
    assert scores.height == CASES
    assert scores["score"].is_sorted(descending=True)
    assert bands["band"].to_list() == [band.name for band in task.bands]
    for band, cases in bands.select("band", "cases").iter_rows():
        assert cases == scores.filter(pl.col("band") == band).height
    assert histogram["cases"].sum() == CASES
    assert histogram["start"][0] == 0
    assert histogram["end"][-1] == pytest.approx(scores["score"][0])


@pytest.mark.parametrize("name", TASKS)
def test_outcomes_are_those_of_the_population(scored: Settings, name: str) -> None:
    task, read = task_named(name, scored), Warehouse(scored).query
    outcomes = predictions.outcomes(read, task)
    population = read(task.population, None)
    assert outcomes["cases"].sum() == population.height > 0
    assert outcomes["events"].sum() == population["label"].sum() > 0


def test_changes_pair_the_cases_of_two_moments(scored: Settings) -> None:
    task, read = task_named(TASKS[0], scored), Warehouse(scored).query
    table = quoted(task.predictions_table)
    bands = changes.by_band(read, table, table, LAST_DAY, DAY_BEFORE)
    movers = changes.movers(read, table, table, LAST_DAY, DAY_BEFORE, CASES)
    scores = read(f"SELECT score, as_of, entity_id, band FROM {table}", None)
    now, before = scores.filter(as_of=LAST_DAY), scores.filter(as_of=DAY_BEFORE)
    pairs = now.join(before, on="entity_id", suffix="_before")
    moved = pairs.filter(pl.col("band") != pl.col("band_before"))
    assert bands["cases"].sum() == CASES
    assert bands.filter(kind="moved")["cases"].sum() == moved.height > 0
    assert movers["change"].to_list() == pytest.approx(
        (pairs["score"] - pairs["score_before"]).sort(descending=True).to_list()
    )


def test_nothing_scored_is_no_day(home: Settings) -> None:
    assert predictions.days(Warehouse(home).query, task_named(TASKS[0], home)) == []


def test_cases_come_with_what_people_know_them_by(scored: Settings) -> None:
    read = Warehouse(scored).query
    loans, patients, shipments = (
        read(cases(task_named(name, scored)), {"as_of": LAST_DAY})
        for name, cases in zip(
            TASKS, (finance.applications_sql, medical.patients_sql, logistics.shipments_sql), strict=True
        )
    )
    assert loans.height == patients.height == shipments.height == CASES
    assert loans["amount_eur"].null_count() == 0
    dollars = loans.filter(pl.col("currency") == "USD")
    assert dollars["amount_eur"].to_list() == pytest.approx([float(a) * 0.92 for a in dollars["amount"]])
    born = patients.filter(pl.col("entity_id") == "P-00011").row(0, named=True)  # 1946-12-12
    assert born["age"] == 79
    assert shipments["depot"].null_count() == 0


def test_last_seen_counts_the_whole_day(lake: Settings) -> None:
    evening = LAST_DAY.replace(hour=18)
    for number, moment in enumerate((evening, evening + timedelta(days=1))):
        row = [f"E-{number}", "P-00011", moment]
        Warehouse(lake).write(
            lambda connection, row=row: connection.execute(
                "INSERT INTO medical.encounters (encounter_id, patient_id, started_at) VALUES (?, ?, ?)", row
            )
        )
    midnight = datetime.combine(LAST_DAY, time())  # as `score` writes it
    table = quoted(task_named(TASKS[1], lake).predictions_table)
    Warehouse(lake).write(lambda connection: connection.execute(f"UPDATE {table} SET as_of = ?", [midnight]))
    patients = Warehouse(lake).query(medical.patients_sql(task_named(TASKS[1], lake)), {"as_of": midnight})
    assert patients.filter(entity_id="P-00011")["last_seen_at"][0] == evening


def test_reasons_count_once_for_each_of_the_three_strongest(lake: Settings) -> None:
    task, warehouse = task_named(TASKS[0], lake), Warehouse(lake)
    table, given = (
        quoted(task.predictions_table),
        [("d", 0.1), ("a", 1.0), ("b", -2.0), ("c", 0.5), ("e", 0.2)],
    )
    reasons = json.dumps([{"feature": name, "contribution": value, "value": 1} for name, value in given])

    def work(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(f"UPDATE {table} SET reasons = NULL")
        connection.execute(f"UPDATE {table} SET reasons = ? WHERE entity_id < 'L-00002'", [reasons])

    warehouse.write(work)
    top = predictions.top_reasons(warehouse.query, task, LAST_DAY)
    assert top.rows() == [("a", 2, 1.0), ("c", 2, 1.0), ("e", 2, 1.0)]


def test_the_expected_loss_is_that_of_the_prediction_else_made_of_score_amount_and_share(
    lake: Settings,
) -> None:
    task, warehouse = task_named(TASKS[0], lake), Warehouse(lake)
    older = warehouse.query(finance.applications_sql(task), {"as_of": LAST_DAY}).sort("entity_id")
    made = older["score"] * older["amount_eur"] * finance.share_lost(task)
    table = quoted(task.predictions_table)

    def work(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(f"ALTER TABLE {table} ADD COLUMN expected_loss DOUBLE")
        connection.execute(f"UPDATE {table} SET expected_loss = 7 WHERE entity_id = 'L-00003'")

    warehouse.write(work)
    now = warehouse.query(finance.applications_sql(task), {"as_of": LAST_DAY}).sort("entity_id")
    given = pl.col("entity_id") == "L-00003"

    assert older["expected_loss"].to_list() == pytest.approx(made.to_list())
    assert now.filter(given)["expected_loss"].to_list() == [7.0]
    assert now.filter(~given)["expected_loss"].sum() == pytest.approx(
        older.filter(~given)["expected_loss"].sum()
    )
