"""Our figures against scikit-learn's."""

import numpy as np
import pytest
from scipy.stats import ks_2samp
from sklearn import metrics

from analytics.evaluation import (
    brier_parts,
    evaluate,
    expected_calibration_error,
    intervals,
    loss_per_case,
)


@pytest.fixture
def binary() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    probabilities = random.random(2_000).round(2)  # ties on purpose
    return (random.random(2_000) < probabilities**2).astype(float), probabilities


def test_binary_figures_are_scikit_learns(binary: tuple[np.ndarray, np.ndarray]) -> None:
    labels, probabilities = binary
    ours = evaluate("binary", labels, probabilities)
    assert ours["auroc"] == pytest.approx(metrics.roc_auc_score(labels, probabilities))
    assert ours["auprc"] == pytest.approx(metrics.average_precision_score(labels, probabilities))
    assert ours["brier"] == pytest.approx(metrics.brier_score_loss(labels, probabilities))
    clipped = np.clip(probabilities, 1e-6, 1 - 1e-6)
    assert ours["log_loss"] == pytest.approx(metrics.log_loss(labels, clipped))
    gap = ks_2samp(probabilities[labels == 1], probabilities[labels == 0]).statistic
    assert ours["ks"] == pytest.approx(gap)


def test_several_classes_and_values_are_scikit_learns() -> None:
    random = np.random.default_rng(1)
    probabilities = random.dirichlet(np.ones(3), 900)
    labels = np.array([random.choice(3, p=p) for p in probabilities]).astype(float)
    ours = evaluate("multiclass", labels, probabilities)
    chosen = probabilities.argmax(axis=1)
    assert ours["macro_f1"] == pytest.approx(metrics.f1_score(labels, chosen, average="macro"))
    assert ours["auroc_ovr"] == pytest.approx(metrics.roc_auc_score(labels, probabilities, multi_class="ovr"))
    assert ours["log_loss"] == pytest.approx(metrics.log_loss(labels, probabilities), abs=1e-4)
    values = random.normal(size=500)
    predictions = values + random.normal(size=500)
    found = evaluate("regression", values, predictions)
    assert found["r2"] == pytest.approx(metrics.r2_score(values, predictions))
    assert found["mae"] == pytest.approx(metrics.mean_absolute_error(values, predictions))


def test_calibration_error_of_a_known_gap() -> None:
    labels = np.array([0.0, 1.0] * 50)
    assert expected_calibration_error(labels, np.full(100, 0.8)) == pytest.approx(0.3)


def test_the_parts_of_the_brier_score_are_murphys_and_sum_to_it() -> None:
    random = np.random.default_rng(2)
    levels = np.repeat(np.arange(0.05, 1, 0.1), 400)  # ten probabilities, so bins are what Murphy summed over
    labels = (random.random(4_000) < levels).astype(float)
    parts = brier_parts(labels, levels)
    rates = labels.reshape(10, 400).mean(axis=1)
    assert parts["reliability"] == pytest.approx(np.mean((np.unique(levels) - rates) ** 2))
    assert parts["resolution"] == pytest.approx(np.mean((rates - labels.mean()) ** 2))
    assert parts["uncertainty"] == pytest.approx(np.var(labels))
    fine = random.beta(2, 5, 4_000)
    found = brier_parts(labels, fine)
    total = found["reliability"] - found["resolution"] + found["uncertainty"]
    assert total == pytest.approx(metrics.brier_score_loss(labels, fine))
    off = brier_parts(labels, np.clip(levels + 0.1, 0, 1))
    assert off["reliability"] == pytest.approx(0.01, abs=0.003)
    assert off["resolution"] == pytest.approx(parts["resolution"])


def test_one_class_leaves_out_what_needs_two() -> None:
    assert set(evaluate("binary", np.zeros(10), np.full(10, 0.1))) == {"brier", "log_loss", "ece"}


def test_intervals_hold_the_figure_and_narrow_with_more_cases(binary: tuple[np.ndarray, np.ndarray]) -> None:
    labels, probabilities = binary
    low, high = intervals("binary", labels, probabilities)["auroc"]
    assert low < evaluate("binary", labels, probabilities)["auroc"] < high
    few_low, few_high = intervals("binary", labels[:200], probabilities[:200])["auroc"]
    assert few_high - few_low > 2 * (high - low)


def test_the_loss_of_a_case_is_its_negative_log_likelihood() -> None:
    assert loss_per_case("binary", np.array([1.0, 0.0]), np.array([0.8, 0.8])) == pytest.approx(
        -np.log([0.8, 0.2])
    )
    both = np.array([[0.2, 0.8], [0.5, 0.5]])
    assert loss_per_case("multiclass", np.array([1.0, 0.0]), both) == pytest.approx(-np.log([0.8, 0.5]))
    assert loss_per_case("regression", np.array([3.0]), np.array([1.0])).tolist() == [4.0]
