"""Boosted trees: exact contributions, honest held-out scores, a budget that is kept."""

from pathlib import Path

import numpy as np
import pytest

from analytics.calibration import sigmoid
from analytics.evaluation import auroc
from analytics.models.boosting import Boosters, Effort, Shape, fit, parameters


@pytest.fixture
def table() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A matrix with a column of categories and one missing now and then, 0/1 labels, and their truth."""
    random = np.random.default_rng(0)
    matrix = random.normal(size=(2_500, 5)).astype(np.float32)
    matrix[:, 4] = random.integers(0, 12, 2_500)
    truth = sigmoid(matrix[:, 0] - matrix[:, 1] + 1.5 * (matrix[:, 4] == 3))
    matrix[::7, 2] = np.nan
    return matrix, (random.random(2_500) < truth).astype(float), truth


FOLDS = np.arange(2_500) % 5


def test_contributions_and_base_sum_to_the_raw_score(table: tuple[np.ndarray, ...]) -> None:
    matrix, labels, _ = table
    binary = fit(matrix, labels, FOLDS, parameters("binary", 2_500), Shape((4,))).boosters
    assert binary.contributions(matrix[:50]).sum(axis=1) == pytest.approx(binary.margins(matrix[:50]))
    thirds = (labels + (matrix[:, 0] > 1)).astype(float)
    several = fit(matrix, thirds, FOLDS, parameters("multiclass", 2_500, 3), Shape((4,))).boosters
    assert several.contributions(matrix[:50]).shape == (50, 3, 6)
    assert several.contributions(matrix[:50]).sum(axis=2) == pytest.approx(several.margins(matrix[:50]))


def test_held_out_scores_come_from_models_that_have_not_seen_the_row(table: tuple[np.ndarray, ...]) -> None:
    random = np.random.default_rng(1)
    matrix, _, _ = table
    noise = random.integers(0, 2, 2_500).astype(float)
    fitted = fit(matrix, noise, FOLDS, {**parameters("binary", 2_500), "num_leaves": 63})
    assert sorted(fitted.held_out.tolist()) == list(range(2_500))
    assert auroc(noise[fitted.held_out], fitted.margins) == pytest.approx(0.5, abs=0.05)


def test_the_ranking_is_nearly_that_of_the_truth(table: tuple[np.ndarray, ...]) -> None:
    matrix, labels, truth = table
    fitted = fit(matrix, labels, FOLDS, parameters("binary", 2_500), Shape((4,)))
    assert auroc(labels[fitted.held_out], fitted.margins) > auroc(labels, truth) - 0.03


def test_one_fold_holds_out_only_its_rows_and_equals_itself(table: tuple[np.ndarray, ...]) -> None:
    matrix, labels, _ = table
    folds = np.where(np.arange(2_500) < 500, 0, -1)
    first, second = (
        fit(matrix, labels, folds, parameters("binary", 2_500, seed=3), Shape((4,)), Effort(threads))
        for threads in (1, 2)
    )
    assert first.held_out.tolist() == list(range(500))
    assert len(first.boosters.boosters) == 1
    assert first.margins == pytest.approx(second.margins)


def test_a_monotone_feature_only_ever_raises_the_score(table: tuple[np.ndarray, ...]) -> None:
    matrix, labels, _ = table
    shape = Shape((4,), (0, 1, 0, 0, 0))  # against the truth, where it falls
    boosters = fit(matrix, labels, FOLDS, parameters("binary", 2_500), shape).boosters
    ladder = np.repeat(matrix[:1], 50, axis=0)
    ladder[:, 1] = np.linspace(-3, 3, 50)
    assert (np.diff(boosters.margins(ladder)) >= 0).all()


def test_no_time_still_gives_a_model(table: tuple[np.ndarray, ...]) -> None:
    matrix, labels, _ = table
    told: list[str] = []
    fitted = fit(matrix, labels, FOLDS, parameters("binary", 2_500), effort=Effort(1, 0.0, told.append))
    assert all(rounds <= 2 for rounds in fitted.boosters.rounds)
    assert len(told) == 5


def test_a_saved_model_predicts_the_same_and_is_plain_text(
    table: tuple[np.ndarray, ...], tmp_path: Path
) -> None:
    matrix, labels, _ = table
    boosters = fit(matrix, labels, FOLDS, parameters("binary", 2_500), Shape((4,))).boosters
    paths = boosters.save(tmp_path)
    assert all(path.read_text().startswith("tree\n") for path in paths)
    assert (Boosters.load(paths, 1).margins(matrix) == boosters.margins(matrix)).all()
