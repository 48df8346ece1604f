"""Probabilities against truth: calibration, Venn-Abers bounds, conformal intervals."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import isotonic_regression

from analytics.calibration import Calibration, calibrate, sigmoid, softmax
from analytics.conformal import Conformal, conformal
from analytics.evaluation import expected_calibration_error
from analytics.venn_abers import VennAbers, venn_abers

CASES = st.lists(st.tuples(st.integers(-8, 8), st.integers(0, 1)), min_size=1, max_size=30)


def fit_with_one_more(scores: np.ndarray, labels: np.ndarray, score: float, label: float) -> float:
    """The definition: the isotonic fit at a case that is added with a label."""
    _, place = np.unique(np.append(scores, score), return_inverse=True)
    weights = np.bincount(place).astype(float)
    means = np.bincount(place, weights=np.append(labels, label)) / weights
    return float(isotonic_regression(means, sample_weight=weights)[place[-1]])


@settings(max_examples=150, deadline=None)
@given(CASES)
def test_venn_abers_is_the_isotonic_fit_with_either_label(cases: list[tuple[int, int]]) -> None:
    scores, labels = np.array(cases, float).T
    table = venn_abers(scores, labels)
    asked = np.arange(-9, 9.5, 0.5)
    lower, upper = table.bounds(asked)
    assert lower == pytest.approx([fit_with_one_more(scores, labels, s, 0.0) for s in asked])
    assert upper == pytest.approx([fit_with_one_more(scores, labels, s, 1.0) for s in asked])
    assert (lower <= upper).all()


def test_venn_abers_bounds_hold_the_true_probability_and_survive_json() -> None:
    random = np.random.default_rng(1)
    margins = random.normal(size=20_000)
    labels = (random.random(20_000) < sigmoid(2 * margins)).astype(float)
    table = VennAbers.from_json(json.loads(json.dumps(venn_abers(margins, labels).as_json())))
    asked = np.linspace(-1, 1, 9)
    lower, upper = table.bounds(asked)
    assert np.abs((lower + upper) / 2 - sigmoid(2 * asked)).max() < 0.06
    assert (upper - lower).max() < 0.02


@pytest.mark.parametrize(
    ("truth", "method"),
    [
        (sigmoid, "none"),
        (lambda m: sigmoid(0.4 * m - 1), "platt"),
        (lambda m: np.where(m > 0, 0.8, 0.1), "isotonic"),
    ],
)
def test_the_calibration_that_fits_the_truth_is_chosen(truth: object, method: str) -> None:
    random = np.random.default_rng(3)
    margins = random.normal(0, 2, size=8_000)
    labels = (random.random(8_000) < truth(margins)).astype(float)  # type: ignore[operator]
    found = calibrate(margins, labels)
    probabilities = found.probabilities(margins)
    assert found.method in {method, "platt"} if method == "none" else found.method == method
    assert expected_calibration_error(labels, probabilities) < 0.02
    assert np.mean(np.abs(probabilities - truth(margins))) < 0.02  # type: ignore[operator]
    assert Calibration.from_json(json.loads(json.dumps(found.as_json()))) == found


def test_calibration_never_turns_the_ranking_round() -> None:
    margins = np.linspace(-3, 3, 400)
    labels = (margins < 0).astype(float)
    assert (np.diff(calibrate(margins, labels).probabilities(margins)) >= 0).all()


def test_one_temperature_undoes_overconfidence() -> None:
    random = np.random.default_rng(5)
    margins = random.normal(size=(5_000, 4))
    labels = np.array([random.choice(4, p=p) for p in softmax(margins)]).astype(float)
    found = calibrate(3 * margins, labels)
    assert found.slope == pytest.approx(1 / 3, rel=0.1)
    assert found.probabilities(margins).sum(axis=1) == pytest.approx(1)


def test_conformal_intervals_cover_as_often_as_they_say_where_errors_differ() -> None:
    random = np.random.default_rng(7)
    predictions = random.uniform(0, 10, 20_000)
    values = predictions + random.normal(size=20_000) * (0.5 + predictions)
    fitted = conformal(predictions[:10_000], values[:10_000])
    fitted = Conformal.from_json(json.loads(json.dumps(fitted.as_json())))
    lower, upper = fitted.bounds(predictions[10_000:])
    covered = (lower <= values[10_000:]) & (values[10_000:] <= upper)
    assert covered.mean() == pytest.approx(0.9, abs=0.015)
    assert covered[predictions[10_000:] < 2].mean() == pytest.approx(0.9, abs=0.03)
    assert (upper - lower)[predictions[10_000:] > 9].mean() > 3 * (upper - lower)[
        predictions[10_000:] < 1
    ].mean()


def test_conformal_intervals_of_few_cases_reach_the_largest_errors() -> None:
    fitted = conformal(np.zeros(5), np.array([-2.0, -1.0, 0.0, 1.0, 3.0]))
    assert [float(bound[0]) for bound in fitted.bounds(np.zeros(1))] == [-2.0, 3.0]
