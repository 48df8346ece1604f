"""Columns of many categories: they help where they say something, and never by their own outcomes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analytics.calibration import sigmoid
from analytics.evaluation import auroc
from analytics.matrix import CodeBook, CodedColumn
from analytics.models import target_encoding
from analytics.models.boosting import fit, load
from analytics.models.learner import Array, Effort, Inputs, Problem, Rows
from analytics.models.target_encoding import TargetEncoding, learn_encoding

LEVELS, ROWS = 600, 6_000
NO_GROUPS = np.full(ROWS, -1)
FOLDS = np.arange(ROWS) % 5


@pytest.fixture(scope="module")
def codes_and_truth() -> tuple[np.ndarray, Array]:
    """Two numbers and a column of 600 codes, some missing; each code has its own log-odds."""
    random = np.random.default_rng(0)
    matrix = random.normal(size=(ROWS, 3)).astype(np.float32)
    matrix[:, 1] = random.integers(0, LEVELS, ROWS)
    truth = sigmoid(matrix[:, 0] + random.normal(size=LEVELS)[matrix[:, 1].astype(int)])
    matrix[::50, 1] = np.nan
    return matrix, truth


def problem(matrix: np.ndarray, labels: Array, kind: str = "binary", classes: int = 2) -> Problem:
    codes = tuple(f"code {number}" for number in range(LEVELS))
    book = CodeBook(
        (CodedColumn("a", "number"), CodedColumn("code", "category", codes), CodedColumn("b", "number"))
    )
    return Problem(kind, classes, Inputs(matrix), labels, book, seed=1)  # type: ignore[arg-type]


def outcomes(truth: Array) -> Array:
    return (np.random.default_rng(1).random(ROWS) < truth).astype(float)


def held_out_auroc(given: Problem) -> float:
    fitted = fit(given, FOLDS, Effort())
    return auroc(given.labels[fitted.held_out], fitted.margins)


def test_it_is_clearly_ahead_of_splits_on_sets_of_codes(
    codes_and_truth: tuple[np.ndarray, Array], monkeypatch: pytest.MonkeyPatch
) -> None:
    matrix, truth = codes_and_truth
    given = problem(matrix, outcomes(truth))
    encoded = held_out_auroc(given)
    monkeypatch.setattr(target_encoding, "MANY_CATEGORIES", LEVELS)
    assert encoded > held_out_auroc(given) + 0.03


def test_outcomes_of_pure_chance_stay_unpredictable(codes_and_truth: tuple[np.ndarray, Array]) -> None:
    matrix, truth = codes_and_truth
    given = problem(matrix, outcomes(np.full_like(truth, 0.4)))
    assert held_out_auroc(given) == pytest.approx(0.5, abs=0.03)
    _, crossed = learn_encoding(given, np.arange(ROWS), NO_GROUPS)
    seen = ~np.isnan(crossed[:, 1])
    assert auroc(given.labels[seen], crossed[seen, 1].astype(float)) == pytest.approx(0.5, abs=0.03)


def test_a_row_is_encoded_without_its_own_outcome(codes_and_truth: tuple[np.ndarray, Array]) -> None:
    matrix, truth = codes_and_truth
    given = problem(matrix, outcomes(truth))
    rows: Rows = np.arange(ROWS)
    _, crossed = learn_encoding(given, rows, FOLDS)
    flipped = np.where(FOLDS == 2, 1 - given.labels, given.labels)
    _, again = learn_encoding(replace(given, labels=flipped), rows, FOLDS)
    assert np.array_equal(crossed[FOLDS == 2], again[FOLDS == 2], equal_nan=True)
    assert not np.array_equal(crossed[FOLDS == 1], again[FOLDS == 1], equal_nan=True)


def test_missing_stays_missing_and_unknown_codes_have_the_overall_mean(
    codes_and_truth: tuple[np.ndarray, Array],
) -> None:
    matrix, truth = codes_and_truth
    given = problem(matrix, outcomes(truth))
    encoding, _ = learn_encoding(given, np.arange(ROWS), NO_GROUPS)
    found = encoding.encode(np.array([[0, np.nan, 0], [0, LEVELS, 7]], dtype=np.float32))
    assert np.isnan(found[0, 1])
    assert found[1].tolist() == pytest.approx([0, given.labels.mean(), 7])


def test_means_are_drawn_to_the_overall_mean_the_less_is_known() -> None:
    often, seldom = np.zeros(900), np.ones(3)
    codes = np.concatenate([often, seldom, np.arange(2, LEVELS).repeat(5)])
    labels = (np.random.default_rng(3).random(len(codes)) < 0.3 + 0.4 * (codes % 2)).astype(float)
    labels[codes == 0], labels[codes == 1] = 1.0, 1.0
    matrix = np.zeros((len(codes), 3), dtype=np.float32)
    matrix[:, 1] = codes
    encoding, _ = learn_encoding(problem(matrix, labels), np.arange(len(codes)), np.full(len(codes), -1))
    means = encoding.columns[0].means[:, 0]
    assert 0.97 < means[0] <= 1
    assert labels.mean() < means[1] < 0.95


def test_several_classes_have_a_mean_each_and_reasons_stay_with_the_column(
    codes_and_truth: tuple[np.ndarray, Array], tmp_path: Path
) -> None:
    matrix, truth = codes_and_truth
    classes = outcomes(truth) + (matrix[:, 2] > 0.5)
    given = problem(matrix, classes, "multiclass", 3)
    fitted = fit(given, np.where(FOLDS == 0, 0, -1), Effort())
    some = Inputs(matrix[:40])
    found = fitted.scorer.contributions(some)
    assert found.columns.shape == (40, 3, 3)
    assert found.base + found.columns.sum(axis=2) == pytest.approx(fitted.scorer.margins(some))
    again = load(tmp_path, fitted.scorer.save(tmp_path), 1)
    assert (again.margins(some) == fitted.scorer.margins(some)).all()
    assert {path.suffix for path in tmp_path.iterdir()} == {".txt", ".json"}


def test_it_survives_json(codes_and_truth: tuple[np.ndarray, Array]) -> None:
    matrix, truth = codes_and_truth
    encoding, _ = learn_encoding(problem(matrix, truth, "regression"), np.arange(ROWS), NO_GROUPS)
    again = TargetEncoding.from_json(encoding.as_json())
    assert np.array_equal(again.encode(matrix), encoding.encode(matrix), equal_nan=True)
