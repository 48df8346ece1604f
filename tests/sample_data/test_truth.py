"""The generator's claim: labels are drawn from the probabilities it writes down."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from tests.sample_data.lake import TASKS, lake, population, sample

COMMITTED = Path(__file__).parents[2] / "sample_data"


def settled(name: str) -> pl.DataFrame:
    task = TASKS[name]
    cases = population(lake(task.domain), task)
    return cases.join(sample(task.domain).truths[name], on=["entity_id", "as_of"], how="left")


@pytest.mark.parametrize("name", TASKS)
def test_every_case_has_a_true_probability(name: str) -> None:
    cases = settled(name)
    assert cases.select("entity_id", "as_of").is_unique().all()
    assert cases["probability"].null_count() == 0
    assert cases["probability"].is_between(0, 1, closed="none").all()


@pytest.mark.parametrize("name", TASKS)
def test_labels_follow_the_probabilities_in_every_tenth(name: str) -> None:
    cases = settled(name).sort("probability")
    for tenth in np.array_split(np.arange(len(cases)), 10):
        part = cases[tenth]
        truth = part["probability"].cast(pl.Float64).to_numpy()
        error = np.sqrt((truth * (1 - truth)).sum()) / len(part)
        assert abs(part["label"].mean() - truth.mean()) < 4 * error


@pytest.mark.parametrize(
    ("name", "rate", "auroc"),
    [
        ("finance.credit_default", (0.08, 0.15), (0.78, 0.85)),
        ("medical.disease_onset", (0.06, 0.10), (0.76, 0.86)),
        ("logistics.late_delivery", (0.08, 0.16), (0.70, 0.85)),
        ("logistics.vehicle_breakdown", (0.15, 0.25), (0.78, 0.85)),
    ],
)
def test_the_outcome_is_as_rare_and_as_predictable_as_in_life(
    name: str, rate: tuple[float, float], auroc: tuple[float, float]
) -> None:
    cases = settled(name)
    assert rate[0] < cases["label"].mean() < rate[1]
    assert auroc[0] < roc_auc_score(cases["label"], cases["probability"]) < auroc[1]


def test_the_bank_has_five_thousand_cases_in_its_latest_fifth() -> None:
    assert len(settled("finance.credit_default")) >= 25_000


@pytest.mark.parametrize("name", TASKS)
def test_the_committed_truth_is_the_one_the_generator_makes(name: str) -> None:
    committed = pl.read_parquet(COMMITTED / "truth" / f"{name}.parquet")
    made = sample(TASKS[name].domain).truths[name]
    assert committed["entity_id"].to_list() == made["entity_id"].to_list()
    assert committed["as_of"].to_list() == made["as_of"].to_list()
    assert np.allclose(committed["probability"], made["probability"], atol=6e-5)


def test_the_committed_files_stay_small() -> None:
    files = [path for path in COMMITTED.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert sum(path.stat().st_size for path in files) < 8_000_000
