"""The fleet's features counted once more, and the claim that what matters is the order of messages."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from analytics.dataset import newest_events
from analytics.task import Task
from tests.sample_data.lake import TASKS, features, lake, population, sample

TASK: Task = TASKS["logistics.vehicle_breakdown"]
LATE = date(2026, 8, 24)  # landmarks from here on judge, those before teach


@pytest.fixture(scope="module")
def cases() -> pl.DataFrame:
    truth = sample("logistics").truths[TASK.name]
    known = ["entity_id", "as_of"]
    return population(lake("logistics"), TASK).join(truth, on=known, how="left", maintain_order="left")


@pytest.fixture(scope="module")
def found(cases: pl.DataFrame) -> pl.DataFrame:
    return features(lake("logistics"), TASK, cases)


def auroc_of_late(cases: pl.DataFrame, scores: np.ndarray) -> float:
    late = (cases["as_of"].dt.date() >= LATE).to_numpy()
    return float(roc_auc_score(cases["label"].to_numpy()[late], scores[late]))


def test_counts_of_messages_are_those_of_the_last_four_weeks(
    cases: pl.DataFrame, found: pl.DataFrame
) -> None:
    messages = sample("logistics").tables["vehicle_events"]
    for case in found.sample(60, seed=4).iter_rows(named=True):
        own = messages.filter(pl.col("vehicle_id") == case["entity_id"], pl.col("event_at") <= case["as_of"])
        recent = own.filter(pl.col("event_at") > case["as_of"] - timedelta(days=28))
        hot = recent.filter(pl.col("code") == "engine_overheat")
        assert case["messages_28d"] == len(recent)
        assert case["engine_overheat_28d"] == len(hot)
        assert case["engine_temperature_highest"] == hot["value"].max()
        days = (
            case["as_of"].date() - own.filter(pl.col("code") == "undervoltage")["event_at"].dt.date()
        ).to_list()
        near = [day.days for day in days if day.days < 90]
        assert case["days_since_undervoltage"] == (min(near) if near else None)


def test_labels_are_breakdowns_of_the_fortnight_and_towing_is_among_them(cases: pl.DataFrame) -> None:
    broken = sample("logistics").tables["breakdowns"]
    for case in cases.sample(80, seed=2).iter_rows(named=True):
        after = broken.filter(
            pl.col("vehicle_id") == case["entity_id"],
            pl.col("happened_at") > case["as_of"],
            pl.col("happened_at") <= case["as_of"] + timedelta(days=14),
        )
        assert case["label"] == int(len(after) > 0)
        assert case["also_towed"] == int(after["towed"].any())


def test_landmarks_are_mondays_a_fortnight_apart(cases: pl.DataFrame) -> None:
    days = cases["as_of"].unique().sort()
    assert days.dt.weekday().unique().to_list() == [1]
    assert days.diff().drop_nulls().unique().to_list() == [timedelta(days=14)]


def test_aggregates_alone_stay_far_below_the_truth(cases: pl.DataFrame, found: pl.DataFrame) -> None:
    import lightgbm

    numbers = found.drop("entity_id", "as_of", "model", "depot").cast(pl.Float64).to_numpy()
    early = (cases["as_of"].dt.date() < LATE).to_numpy()
    told = {"num_leaves": 7, "learning_rate": 0.03, "min_data_in_leaf": 40, "num_threads": 1, "verbose": -1}
    data = lightgbm.Dataset(numbers[early], cases["label"].to_numpy()[early])
    model = lightgbm.train({"objective": "binary", "seed": 1, **told}, data, 150)
    reached = auroc_of_late(cases, np.asarray(model.predict(numbers)))
    best = auroc_of_late(cases, cases["probability"].to_numpy())
    assert best > 0.78
    assert reached < best - 0.15


def test_the_order_in_the_events_of_the_task_reaches_the_truth(
    cases: pl.DataFrame, found: pl.DataFrame
) -> None:
    """What a model that reads the messages can learn: three sums over neighbouring events, and the wear."""
    connection = lake("logistics")
    connection.register("population", cases.select("entity_id", "as_of"))
    told = connection.execute(newest_events(TASK)).pl().sort("entity_id", "event_time")
    connection.unregister("population")
    sums = cases.select("entity_id", "as_of").with_columns(order=_order(cases, told), gaps=_gaps(cases, told))
    wear = found.select("entity_id", "as_of", "age_years", "mileage_km")
    known = sums.join(wear, on=["entity_id", "as_of"], how="left", maintain_order="left")
    numbers = known.drop("entity_id", "as_of").cast(pl.Float64).to_numpy()
    numbers = (numbers - numbers.mean(0)) / numbers.std(0)
    early = (cases["as_of"].dt.date() < LATE).to_numpy()
    model = LogisticRegression().fit(numbers[early], cases["label"].to_numpy()[early])
    best = auroc_of_late(cases, cases["probability"].to_numpy())
    assert auroc_of_late(cases, model.decision_function(numbers)) > best - 0.05


def _within_four_weeks(cases: pl.DataFrame, counted: pl.DataFrame) -> pl.Series:
    """The sum of `sign` over the four weeks before each case."""
    window = pl.col("event_time").is_between(pl.col("as_of") - pl.duration(days=28), "as_of", closed="right")
    sums = (
        cases.select("entity_id", "as_of")
        .join(counted, on="entity_id")
        .filter(window)
        .group_by("entity_id", "as_of")
        .agg(pl.sum("sign"))
    )
    return cases.join(sums, on=["entity_id", "as_of"], how="left", maintain_order="left")["sign"].fill_null(0)


def _order(cases: pl.DataFrame, told: pl.DataFrame) -> pl.Series:
    """Overheating within a day of low oil pressure counts 1, the other way round -1."""
    engine = told.filter(pl.col("event_type").is_in(["oil_pressure_low", "engine_overheat"]))
    last, own = pl.col("event_type").shift(1).over("entity_id"), pl.col("event_type")
    near = pl.col("event_time").diff().over("entity_id") < pl.duration(hours=24)
    sign = pl.when(own == "engine_overheat").then(1).otherwise(-1)
    return _within_four_weeks(cases, engine.filter(near & (last != own)).with_columns(sign=sign))


def _gaps(cases: pl.DataFrame, told: pl.DataFrame) -> pl.Series:
    """An undervoltage that comes sooner than the last one did counts 1, later -1."""
    volts = told.filter(pl.col("event_type") == "undervoltage").with_columns(
        gap=pl.col("event_time").diff().over("entity_id").dt.total_minutes()
    )
    last = pl.col("gap").shift(1).over("entity_id")
    quick = (pl.col("gap") <= 30 * 60) & (last <= 30 * 60)
    return _within_four_weeks(
        cases,
        volts.with_columns(last=last)
        .filter(quick)
        .with_columns(sign=(pl.col("last") - pl.col("gap")).sign().cast(pl.Int32)),
    )
