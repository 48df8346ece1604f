"""Drift: silent where nothing moved, at any sample size; loud where it did, and only where it matters."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import drift

CITIES = ["Köln", "北京", "Brno", "Oslo"]


def people(rows: int, seed: int) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    glucose = pl.Series(random.normal(5.4, 0.9, rows))
    return pl.DataFrame(
        {
            "glucose": glucose.set(pl.Series(random.random(rows) < 0.2), None),
            "visits": random.poisson(1.5, rows),
            "spend": random.lognormal(3, 1, rows),
            "city": random.choice(CITIES, rows, p=[0.5, 0.3, 0.15, 0.05]),
            "postcode": random.integers(0, 400, rows).astype(str),
            "smoker": random.random(rows) < 0.3,
            "bmi": random.normal(26, 4, rows),
            "age": random.uniform(18, 90, rows),
        }
    )


def references(frame: pl.DataFrame, groups: pl.Series | None = None) -> dict[str, drift.Reference]:
    found = {name: drift.reference(frame[name], groups) for name in frame.columns}
    return {name: before for name, before in found.items() if before}


@pytest.fixture(scope="module")
def before() -> dict[str, drift.Reference]:
    return references(people(5_000, 0))


def verdict_of(before: dict[str, drift.Reference], frame: pl.DataFrame) -> drift.Verdict:
    return drift.worst([entry["verdict"] for entry in drift.compared(before, frame)])


@pytest.mark.parametrize("rows", [100, 150, 500, 2_000])
def test_where_nothing_moved_the_verdict_is_fine_in_nearly_all_of_200_samples(rows: int) -> None:
    fine = 0
    for number in range(200):
        size = 300 if number % 2 else 3_000  # of the reference, which is a sample as well
        fine += verdict_of(references(people(size, 10_000 + number)), people(rows, number)) == "fine"
    assert fine >= 190


def test_with_very_many_rows_a_trifle_is_significant_and_still_fine(
    before: dict[str, drift.Reference],
) -> None:
    large = references(people(200_000, 1))
    moved = people(200_000, 2).with_columns(pl.col("bmi") + 0.2)
    found = {entry["feature"]: entry for entry in drift.compared(large, moved)}
    assert found["bmi"]["p_adjusted"] < 1e-6
    assert found["bmi"]["verdict"] == "fine"


PLANTED: dict[str, tuple[Callable[[pl.DataFrame], pl.DataFrame], str, set[str]]] = {
    "a shift of a half": (lambda f: f.with_columns(pl.col("bmi") + 2), "bmi", {"watch", "act"}),
    "a shift of one": (lambda f: f.with_columns(pl.col("bmi") + 4), "bmi", {"act"}),
    "mmol/L to mg/dL": (lambda f: f.with_columns(pl.col("glucose") * 18.02), "glucose", {"act"}),
    "mg/dL to mmol/L": (lambda f: f.with_columns(pl.col("glucose") / 18.02), "glucose", {"act"}),
    "wider spread": (lambda f: f.with_columns((pl.col("bmi") - 26) * 2.5 + 26), "bmi", {"act"}),
    "a new category": (
        lambda f: f.with_columns(
            city=pl.when(pl.int_range(pl.len()) % 8 == 0).then(pl.lit("Lima")).otherwise("city")
        ),
        "city",
        {"act"},
    ),
    "all missing": (lambda f: f.with_columns(glucose=pl.lit(None, pl.Float64)), "glucose", {"act"}),
    "column gone": (lambda f: f.drop("smoker"), "smoker", {"act"}),
    "all true": (lambda f: f.with_columns(smoker=True), "smoker", {"act"}),
    "numbers as words": (lambda f: f.with_columns(bmi=pl.lit("heavy")), "bmi", {"act"}),
    "infinite": (lambda f: f.with_columns(bmi=pl.lit(float("inf"))), "bmi", {"act"}),
    "other postcodes": (lambda f: f.with_columns(pl.col("postcode") + "X"), "postcode", {"act"}),
}


@pytest.mark.parametrize("planted", PLANTED)
@pytest.mark.parametrize("rows", [400, 5_000])
def test_what_is_planted_is_found_and_nothing_else(
    before: dict[str, drift.Reference], planted: str, rows: int
) -> None:
    change, feature, verdicts = PLANTED[planted]
    found = drift.compared(before, change(people(rows, 77)))
    assert found[0]["feature"] == feature
    assert found[0]["verdict"] in verdicts
    assert {entry["verdict"] for entry in found[1:]} == {"fine"}


def test_too_few_rows_are_said_to_be_too_few(before: dict[str, drift.Reference]) -> None:
    found = drift.compared(before, people(99, 3).with_columns(pl.col("bmi") + 100))
    assert {entry["verdict"] for entry in found} == {"fine"}
    assert found[0]["note"] == "too few: 99 rows, 5000 before"


def test_a_feature_that_moves_every_day_may_move_but_not_go_missing() -> None:
    days = pl.Series(np.repeat(np.arange(1, 13), 300))
    before = references(pl.DataFrame({"month": days}), days)
    assert before["month"]["usual"] > 0.8
    assert verdict_of(before, pl.DataFrame({"month": [11] * 300})) == "fine"
    assert verdict_of(before, pl.DataFrame({"month": [None] * 300}, {"month": pl.Int64})) == "act"


def test_psi_and_effect_are_those_of_the_books() -> None:
    before, now = np.array([500.0, 500.0]), np.array([700.0, 300.0])
    assert drift.psi(before, now) == pytest.approx(0.2 * np.log(0.7 / 0.5) - 0.2 * np.log(0.3 / 0.5))
    assert drift.effect(before * 1e6, before * 1e6) == 0
    apart = np.array([1e6, 0.0]), np.array([0.0, 1e6])
    assert drift.effect(*apart) == pytest.approx(1, abs=1e-3)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_holm_never_lowers_a_p_value_and_keeps_their_order(p_values: list[float]) -> None:
    corrected = drift.holm(p_values)
    assert all(0 <= p <= c <= 1 for p, c in zip(p_values, corrected, strict=True))
    order = np.argsort(p_values)
    assert np.all(np.diff(np.array(corrected)[order]) >= 0)
    assert min(corrected) == pytest.approx(min(1.0, len(p_values) * min(p_values)))
