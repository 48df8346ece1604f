"""The search for parameters: better ones are found and kept, luck is not taken for skill, time is kept."""

import numpy as np
import pytest

from analytics.models import boosting, tuning
from analytics.models.boosting import parameters
from analytics.models.learner import Array, Effort
from analytics.models.tuning import Parameters, is_worse, tuned
from tests.analytics.test_boosting import problem

START = parameters("binary", 5_000)
FOLDS = np.arange(2_500) % 5


def losses(given: Parameters) -> Array:
    """The nearer the learning rate is to 0.02 the better; rows differ, but the same for all parameters."""
    rows = np.random.default_rng(0).normal(size=4_000)
    return np.asarray(0.5 + abs(np.log(given["learning_rate"] / 0.02)) / 10 + rows)


def test_better_parameters_are_found_and_the_same_again() -> None:
    first, second = (
        tuned(START, losses(START), lambda given, _: losses(given), 3_600, seed=3) for _ in range(2)
    )
    assert first == second
    assert first["learning_rate"] == pytest.approx(0.02, rel=0.2)
    assert first["objective"] == "binary"


def test_the_usual_parameters_stay_where_others_are_only_luckier() -> None:
    random = np.random.default_rng(0)

    def chance(_: Parameters, __: Array) -> Array:
        return np.asarray(1 + random.normal(size=200))

    assert all(tuned(START, chance(START, np.zeros(0)), chance, 60, seed) == START for seed in range(3))
    assert not is_worse(np.array([1.0, 2.0, 3.0]), np.array([1.1, 2.1, 2.7]))


def test_no_seconds_no_search() -> None:
    def never(_: Parameters, __: Array) -> Array:
        raise AssertionError("there was no time for it")

    assert tuned(START, losses(START), never, 0.0, seed=0) == START


def test_a_fit_with_seconds_serves_the_models_of_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    matrix = random.normal(size=(2_500, 5)).astype(np.float32)
    matrix[:, 4] = random.integers(0, 12, 2_500)
    labels = (random.random(2_500) < 1 / (1 + np.exp(-matrix[:, 0]))).astype(float)
    given = problem(matrix, labels)
    found = {**parameters("binary", 2_500, 2, seed=given.seed), "num_leaves": 3}

    def search(_: Parameters, least: Array, race: tuning.Race, *__: object) -> Parameters:
        assert race(found, least - 10) is None  # far behind on the first part: out
        assert race(found, least + 10) is not None
        return found

    monkeypatch.setattr(boosting, "tuned", search)
    searched = boosting.fit(given, FOLDS, Effort(seconds=60.0))
    assert searched.margins == pytest.approx(boosting.fit(given, FOLDS, Effort(), found).margins)
