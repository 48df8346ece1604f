"""Probabilities against truth: calibration, Venn-Abers bounds, conformal intervals."""

import json
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import isotonic_regression

from analytics.calibration import Calibration, calibrate, sigmoid, simplest_within_noise, softmax, softplus
from analytics.calibrators import beta, isotonic
from analytics.conformal import Conformal, conformal
from analytics.evaluation import expected_calibration_error
from analytics.venn_abers import VennAbers, venn_abers

Curve = Callable[[np.ndarray], np.ndarray]
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
        (lambda m: sigmoid(0.3 * -softplus(-m) + 1.5 * softplus(m) - 1), "beta"),
        (lambda m: np.where(m > 0, 0.8, 0.1), "isotonic"),
    ],
)
@pytest.mark.parametrize("seed", [3, 4])
def test_the_calibration_that_fits_the_truth_is_chosen(truth: Curve, method: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    margins = random.normal(0, 2, size=8_000)
    labels = (random.random(8_000) < truth(margins)).astype(float)
    found = calibrate(margins, labels)
    probabilities = found.probabilities(margins)
    assert found.method == method
    assert set(found.losses) == {"none", "platt", "beta", "isotonic"}
    assert found.losses[method] <= min(found.losses.values()) + 0.001
    assert expected_calibration_error(labels, probabilities) < 0.02
    assert np.mean(np.abs(probabilities - truth(margins))) < 0.02
    assert Calibration.from_json(json.loads(json.dumps(found.as_json()))) == found


def test_a_beta_curve_recovers_its_slopes() -> None:
    random = np.random.default_rng(6)
    margins = random.normal(0, 2, size=60_000)
    truth = sigmoid(0.5 * -softplus(-margins) + 1.5 * softplus(margins) - 0.7)
    found = beta(margins, (random.random(60_000) < truth).astype(float))
    assert (found.low_slope, found.high_slope, found.intercept) == pytest.approx((0.5, 1.5, -0.7), abs=0.07)


def test_a_beta_curve_never_falls() -> None:
    margins = np.linspace(-3, 3, 400)
    for labels in (margins < 0, np.abs(margins) > 2, np.abs(margins) < 1):
        assert (np.diff(beta(margins, labels.astype(float)).probabilities(margins)) >= 0).all()


@pytest.mark.parametrize("order", ["by chance", "by outcome"])
def test_an_isotonic_curve_gives_cases_of_one_score_their_rate(order: str) -> None:
    random = np.random.default_rng(0)
    rates = {-2.0: 0.02, -1.0: 0.5, 1.5: 0.6}
    margins = random.choice(list(rates), 8_000)
    labels = (random.random(8_000) < np.vectorize(rates.get)(margins)).astype(float)
    if order == "by outcome":
        margins, labels = margins[labels.argsort()], np.sort(labels)
    found = isotonic(margins, labels).probabilities(np.array(list(rates)))
    assert found == pytest.approx([labels[margins == score].mean() for score in rates], abs=0.001)


def test_the_simpler_wins_unless_the_other_is_better_beyond_noise() -> None:
    noise = np.random.default_rng(0).normal(size=400)
    assert simplest_within_noise({"simple": noise, "complex": np.roll(noise, 1) - 0.01}) == "simple"
    assert simplest_within_noise({"simple": noise, "complex": noise - 0.01}) == "complex"


def test_few_cases_and_one_class_still_calibrate() -> None:
    one_in_many = np.zeros(2_000)
    one_in_many[7] = 1.0
    for labels in (np.array([0.0, 1.0, 1.0]), np.ones(60), np.zeros(1), np.zeros(1_500), one_in_many):
        found = calibrate(np.linspace(-1, 1, len(labels)), labels)
        probabilities = found.probabilities(np.array([-5.0, 0.0, 5.0]))
        assert ("isotonic" in found.losses) == (len(labels) >= 1_000)
        assert ((probabilities > 0) & (probabilities < 1)).all()


def test_calibration_never_turns_the_ranking_round() -> None:
    margins = np.linspace(-3, 3, 400)
    labels = (margins < 0).astype(float)
    assert (np.diff(calibrate(margins, labels).probabilities(margins)) >= 0).all()


def test_one_temperature_undoes_overconfidence() -> None:
    random = np.random.default_rng(5)
    margins = random.normal(size=(5_000, 4))
    labels = np.array([random.choice(4, p=p) for p in softmax(margins)]).astype(float)
    found = calibrate(3 * margins, labels)
    assert found.low_slope == pytest.approx(1 / 3, rel=0.1)
    assert found.losses["temperature"] < found.losses["none"]
    assert calibrate(margins, labels).method == "none"
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
