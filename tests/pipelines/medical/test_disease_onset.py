"""The clinic's cases and features, found once more by other means."""

from datetime import datetime, timedelta

import polars as pl
import pytest

from analytics.tasks.medical import disease_onset
from connectors.errors import UsageError
from pipelines.medical.contracts import OBSERVATIONS
from pipelines.medical.value_sets import value_set
from tests.sample_data.lake import features, lake, population, sample, task_of, transformed

GLUCOSE = ("2345-7", "14749-6")


@pytest.fixture(scope="module")
def cases() -> pl.DataFrame:
    return population(lake("medical"), task_of("medical")).sample(400, seed=3).sort("entity_id", "as_of")


@pytest.fixture(scope="module")
def found(cases: pl.DataFrame) -> pl.DataFrame:
    return features(lake("medical"), task_of("medical"), cases)


def first_diagnosis(condition: str) -> dict[str, datetime]:
    chosen = value_set(condition)
    first: dict[str, datetime] = {}
    rows = sample("medical").tables["conditions"].sort("recorded_at", descending=True)
    for row in rows.iter_rows(named=True):
        if row["verification_status"] != "refuted" and chosen.contains(row["code_system"], row["code"]):
            first[row["patient_id"]] = row["recorded_at"]
    return first


@pytest.mark.parametrize("condition", ["type-2-diabetes", "hypertension", "prediabetes"])
def test_labels_are_first_diagnoses_within_a_year_of_a_patient_never_diagnosed(condition: str) -> None:
    first = first_diagnosis(condition)
    everyone = population(lake("medical"), disease_onset(condition))
    assert set(everyone["label"].unique()) == {0, 1}
    for patient, as_of, label in everyone.select("entity_id", "as_of", "label").iter_rows():
        diagnosed = first.get(patient)
        assert diagnosed is None or diagnosed > as_of
        assert label == int(diagnosed is not None and diagnosed <= as_of + timedelta(days=365))


def test_hypertension_is_a_further_outcome_of_those_who_never_had_it() -> None:
    first = first_diagnosis("hypertension")
    everyone = population(lake("medical"), task_of("medical"))
    for patient, as_of, outcome in everyone.select("entity_id", "as_of", "also_hypertension").iter_rows():
        diagnosed = first.get(patient)
        before = diagnosed is not None and diagnosed <= as_of
        within = diagnosed is not None and diagnosed <= as_of + timedelta(days=365)
        assert outcome == (None if before else int(within))


def test_the_level_of_glucose_weighs_all_tests_by_their_kind_and_age(
    cases: pl.DataFrame, found: pl.DataFrame
) -> None:
    tests = transformed(OBSERVATIONS, sample("medical").tables["observations"]).filter(
        pl.col("code_text").is_in(["Glucose", "Hemoglobin A1c", "Hemoglobin A1c (IFCC)"])
    )
    levels = {row[:2]: row[2] for row in found.select("entity_id", "as_of", "glucose_level").iter_rows()}
    for patient, as_of in cases.select("entity_id", "as_of").head(80).iter_rows():
        own = tests.filter(pl.col("patient_id") == patient, pl.col("issued_at") <= as_of)
        total, weights = 0.15 * 5.3, 0.15
        for row in own.iter_rows(named=True):
            sugar = row["code_text"] == "Glucose"
            days = (as_of.date() - row["effective_at"].date()).days
            weight = (1.0 if sugar else 0.4) * 0.5 ** (days / 1461)
            total += weight * (row["value"] if sugar else 5.3 + (row["value"] - 5.4) * 0.6 / 0.33)
            weights += weight
        assert levels[patient, as_of] == (pytest.approx(total / weights) if len(own) else None)


def test_nobody_is_a_case_after_death_or_out_of_care() -> None:
    tables = sample("medical").tables
    died = dict(tables["patients"].drop_nulls("deceased_at").select("patient_id", "deceased_at").iter_rows())
    visits = dict(tables["encounters"].group_by("patient_id").agg("started_at").iter_rows())
    cases = population(lake("medical"), task_of("medical")).select("entity_id", "as_of")
    for patient, as_of in cases.iter_rows():
        assert died.get(patient, datetime.max) > as_of
        assert any(as_of - timedelta(days=730) < moment <= as_of for moment in visits[patient])


def test_the_last_glucose_is_in_mmol_per_litre_whatever_the_laboratory_wrote(
    cases: pl.DataFrame, found: pl.DataFrame
) -> None:
    raw = sample("medical").tables["observations"]
    assert set(raw.filter(pl.col("code").is_in(GLUCOSE))["unit"]) == {"mg/dL", "mmol/L"}
    measured = transformed(OBSERVATIONS, raw).filter(pl.col("code").is_in(GLUCOSE))
    expected = (
        cases.join(measured, left_on="entity_id", right_on="patient_id")
        .filter(
            pl.col("issued_at") <= pl.col("as_of"),
            pl.col("effective_at") > pl.col("as_of") - pl.duration(days=1095),
        )
        .sort("effective_at")
        .group_by("entity_id", "as_of")
        .agg(last=pl.col("value").last(), highest=pl.col("value").max())
    )
    both = found.join(expected, on=["entity_id", "as_of"], how="left")
    assert both["glucose"].equals(both["last"], null_equal=True)
    assert both["glucose_highest"].equals(both["highest"], null_equal=True)
    assert 3 < both["glucose"].mean() < 9  # type: ignore[operator]


def test_visits_of_the_year_before(cases: pl.DataFrame, found: pl.DataFrame) -> None:
    visits = sample("medical").tables["encounters"]
    expected = (
        cases.join(visits, left_on="entity_id", right_on="patient_id")
        .filter(
            pl.col("started_at") <= pl.col("as_of"),
            pl.col("started_at") > pl.col("as_of") - pl.duration(days=365),
        )
        .group_by("entity_id", "as_of")
        .len()
    )
    both = found.join(expected, on=["entity_id", "as_of"], how="left")
    assert both["visits_year"].to_list() == both["len"].fill_null(0).to_list()


def test_a_result_issued_after_the_landmark_is_not_known_at_it() -> None:
    connection, task = lake("medical"), task_of("medical")
    case = population(connection, task).head(1)
    as_of = case["as_of"].item()
    connection.execute("BEGIN")
    before = features(connection, task, case)
    for name, issued in (("late", as_of + timedelta(hours=1)), ("in-time", as_of - timedelta(minutes=1))):
        connection.execute(
            "INSERT INTO medical.observations"
            " (observation_id, patient_id, code, effective_at, issued_at, value)"
            " VALUES (?, ?, '2345-7', ?, ?, 33.3)",
            [name, case["entity_id"].item(), as_of - timedelta(hours=2), issued],
        )
        after = features(connection, task, case)
        assert after.equals(before) is (name == "late")
    connection.execute("ROLLBACK")
    assert after["glucose"].item() == 33.3


@pytest.mark.parametrize("values", [(11.1, 22.2), (22.2, 11.1)])
def test_of_two_results_of_a_moment_the_same_is_the_last_every_time(values: tuple[float, float]) -> None:
    connection, task = lake("medical"), task_of("medical")
    case = population(connection, task).head(1)
    taken = case["as_of"].item() - timedelta(hours=2)
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO medical.observations"
        " (observation_id, patient_id, code, effective_at, issued_at, value)"
        " VALUES (?, ?, '2345-7', ?, ?, ?)",
        [[f"tie-{value}", case["entity_id"].item(), taken, taken, value] for value in values],
    )
    after = features(connection, task, case)
    connection.execute("ROLLBACK")
    assert after["glucose"].item() == 22.2


def test_the_condition_is_a_setting() -> None:
    usual, other = disease_onset(), disease_onset("hypertension")
    assert usual.name == "medical.disease_onset"
    assert other.name == "medical.disease_onset_hypertension"
    assert "hypertension" in other.meaning.positive["en"]
    assert "高血压" in other.meaning.title["zh"]
    with pytest.raises(UsageError, match="hypertension"):
        disease_onset("hypertenson")
