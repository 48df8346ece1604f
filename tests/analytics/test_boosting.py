"""Boosted trees: exact contributions, honest held-out scores, a budget that is kept."""

from pathlib import Path

import numpy as np
import pytest

from analytics.calibration import sigmoid
from analytics.evaluation import auroc
from analytics.matrix import CodeBook, CodedColumn
from analytics.models.boosting import Boosters, fit, load, parameters, update
from analytics.models.learner import Effort, Inputs, Problem
from analytics.models.objectives import loss_per_row
from analytics.task import Kind


@pytest.fixture
def table() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A matrix with a column of categories and one missing now and then, 0/1 labels, and their truth."""
    random = np.random.default_rng(0)
    matrix = random.normal(size=(2_500, 5)).astype(np.float32)
    matrix[:, 4] = random.integers(0, 12, 2_500)
    truth = sigmoid(matrix[:, 0] - matrix[:, 1] + 1.5 * (matrix[:, 4] == 3))
    matrix[::7, 2] = np.nan
    return matrix, (random.random(2_500) < truth).astype(float), truth


def problem(
    matrix: np.ndarray,
    labels: np.ndarray,
    kind: Kind = "binary",
    classes: int = 2,
    monotone: tuple[int, ...] = (),
) -> Problem:
    numbers = tuple(CodedColumn(f"x{place}", "number") for place in range(4))
    book = CodeBook((*numbers, CodedColumn("group", "category", tuple("abcdefghijkl"))))
    return Problem(kind, classes, Inputs(matrix), labels, book, monotone=monotone, seed=3)


def fitted_boosters(given: Problem) -> Boosters:
    scorer = fit(given, FOLDS, Effort()).scorer
    assert isinstance(scorer, Boosters)
    return scorer


FOLDS = np.arange(2_500) % 5


def test_contributions_and_base_sum_to_the_raw_score(table: tuple[np.ndarray, ...]) -> None:
    matrix, labels, _ = table
    some = Inputs(matrix[:50])
    binary = fitted_boosters(problem(matrix, labels))
    found = binary.contributions(some)
    assert found.base + found.columns.sum(axis=1) == pytest.approx(binary.margins(some))
    thirds = (labels + (matrix[:, 0] > 1)).astype(float)
    several = fitted_boosters(problem(matrix, thirds, "multiclass", 3))
    found = several.contributions(some)
    assert found.columns.shape == (50, 3, 5)
    assert found.base + found.columns.sum(axis=2) == pytest.approx(several.margins(some))


def test_held_out_scores_come_from_models_that_have_not_seen_the_row(table: tuple[np.ndarray, ...]) -> None:
    random = np.random.default_rng(1)
    matrix, _, _ = table
    noise = random.integers(0, 2, 2_500).astype(float)
    fitted = fit(
        problem(matrix, noise), FOLDS, Effort(), chosen={**parameters("binary", 2_500), "num_leaves": 63}
    )
    assert sorted(fitted.held_out.tolist()) == list(range(2_500))
    assert auroc(noise[fitted.held_out], fitted.margins) == pytest.approx(0.5, abs=0.05)


def test_the_ranking_is_nearly_that_of_the_truth(table: tuple[np.ndarray, ...]) -> None:
    matrix, labels, truth = table
    fitted = fit(problem(matrix, labels), FOLDS, Effort())
    assert auroc(labels[fitted.held_out], fitted.margins) > auroc(labels, truth) - 0.03


def test_one_fold_holds_out_only_its_rows_and_equals_itself(table: tuple[np.ndarray, ...]) -> None:
    matrix, labels, _ = table
    folds = np.where(np.arange(2_500) < 500, 0, -1)
    first, second = (fit(problem(matrix, labels), folds, Effort(threads)) for threads in (1, 2))
    assert first.held_out.tolist() == list(range(500))
    assert isinstance(first.scorer, Boosters)
    assert len(first.scorer.boosters) == 1
    assert first.margins == pytest.approx(second.margins)


def test_a_monotone_feature_only_ever_raises_the_score(table: tuple[np.ndarray, ...]) -> None:
    matrix, labels, _ = table
    against_the_truth = (0, 1, 0, 0, 0)  # where it falls
    boosters = fitted_boosters(problem(matrix, labels, monotone=against_the_truth))
    ladder = np.repeat(matrix[:1], 50, axis=0)
    ladder[:, 1] = np.linspace(-3, 3, 50)
    assert (np.diff(boosters.margins(Inputs(ladder))) >= 0).all()


def test_no_time_still_gives_a_model(table: tuple[np.ndarray, ...]) -> None:
    matrix, labels, _ = table
    told: list[str] = []
    fitted = fit(problem(matrix, labels), FOLDS, Effort(1, 0.0, told.append))
    assert isinstance(fitted.scorer, Boosters)
    assert all(rounds <= 2 for rounds in fitted.scorer.rounds)
    assert len(told) == 5


@pytest.mark.parametrize(("kind", "classes"), [("binary", 2), ("multiclass", 3), ("regression", 0)])
def test_an_update_learns_what_has_changed_and_keeps_what_has_not(kind: Kind, classes: int) -> None:
    random = np.random.default_rng(5)
    matrix = random.normal(size=(6_000, 5)).astype(np.float32)
    matrix[:, 4] = random.integers(0, 12, 6_000)
    late = np.arange(6_000) >= 2_500
    shift = np.where(late, 1.5, 0.0)  # the first number has come to matter in the other direction
    value = matrix[:, 1] + (1 - shift) * matrix[:, 0] + 0.5 * random.normal(size=6_000)
    labels = {"binary": value > 0, "multiclass": np.digitize(value, [-0.7, 0.7]), "regression": value}[kind]
    labels = labels.astype(float)
    once = np.where(FOLDS == 0, 0, -1)
    old = fit(problem(matrix[~late], labels[~late], kind, classes), once, Effort()).scorer
    assert isinstance(old, Boosters)
    new, future = np.flatnonzero(late)[:2_500], np.flatnonzero(late)[2_500:]
    updated = update(old, problem(matrix[new], labels[new], kind, classes), FOLDS, Effort())
    assert sorted(updated.held_out.tolist()) == list(range(2_500))
    rest = Inputs(matrix[future])
    before, after = (
        loss_per_row(kind, labels[future], scorer.margins(rest)).mean() for scorer in (old, updated.scorer)
    )
    assert after < 0.9 * before
    assert loss_per_row(kind, labels[new], updated.margins).mean() == pytest.approx(after, rel=0.2)


def test_an_update_by_noise_changes_little(table: tuple[np.ndarray, ...]) -> None:
    matrix, labels, truth = table
    old = fitted_boosters(problem(matrix, labels))
    few = np.arange(0, 2_500, 25)
    noise = np.random.default_rng(0).integers(0, 2, len(few)).astype(float)
    updated = update(old, problem(matrix[few], noise), np.arange(len(few)) % 5, Effort())
    assert auroc(labels, updated.scorer.margins(Inputs(matrix))) > auroc(labels, truth) - 0.03


def test_one_model_continues_on_every_part(table: tuple[np.ndarray, ...]) -> None:
    matrix, labels, _ = table
    given = problem(matrix, labels)
    one = fit(given, np.where(FOLDS == 0, 0, -1), Effort()).scorer
    assert isinstance(one, Boosters)
    updated = update(one, given, FOLDS, Effort(seconds=5.0))
    assert isinstance(updated.scorer, Boosters)
    assert len(updated.scorer.boosters) == 5
    assert len(updated.held_out) == len(labels)


def test_a_saved_model_predicts_the_same_and_is_plain_text(
    table: tuple[np.ndarray, ...], tmp_path: Path
) -> None:
    matrix, labels, _ = table
    boosters = fitted_boosters(problem(matrix, labels))
    content = boosters.save(tmp_path)
    assert all(path.read_text().startswith("tree\n") for path in tmp_path.iterdir())
    inputs = Inputs(matrix)
    assert (load(tmp_path, content, 1).margins(inputs) == boosters.margins(inputs)).all()
