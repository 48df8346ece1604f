"""Candidates are weighed by how they did, and judged on windows that did not weigh them."""

import numpy as np
import pytest

from analytics.forecasting.combination import combine, mixed

SERIES, WINDOWS, STEPS = 8, 4, 12


def world(*noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Candidates that miss the truth by so much, independently: past, truth, future, scales."""
    random = np.random.default_rng(seed)
    truth = random.normal(0, 5, (SERIES, WINDOWS, STEPS))
    past = np.stack([truth + random.normal(0, size, truth.shape) for size in noise])
    future = np.zeros((len(noise), SERIES, STEPS))
    return past, truth, future, np.ones(SERIES)


def test_the_only_one_that_is_right_is_followed() -> None:
    found = combine(*world(0.01, 5, 5))
    assert found.weights[0].min() > 0.98
    assert np.abs(found.past - world(0.01, 5, 5)[1]).mean() < 0.1


def test_equals_are_averaged_and_better_than_each() -> None:
    past, truth, future, scales = world(1, 1, 1, 1, 1)
    found = combine(past, truth, future, scales)
    assert found.weights.max() < 0.5
    assert np.abs(found.past - truth).mean() < 0.6 * np.abs(past[0] - truth).mean()


def test_series_differ_in_what_suits_them() -> None:
    past, truth, future, scales = world(0.1, 0.1)
    random = np.random.default_rng(1)
    past[0, ::2] += random.normal(0, 10, past[0, ::2].shape)
    past[1, 1::2] += random.normal(0, 10, past[1, 1::2].shape)
    weights = combine(past, truth, future, scales).weights
    assert weights[0, ::2].max() < 0.2
    assert weights[0, 1::2].min() > 0.8


def test_one_that_does_not_work_for_a_series_hands_on_its_weight() -> None:
    past, truth, future, scales = world(0.1, 1)
    past[0, 3], future[0, 3] = np.nan, np.nan
    found = combine(past, truth, future, scales)
    assert found.weights[:, 3].tolist() == [0, 1]
    assert np.isfinite(found.past).all()


def test_weights_sum_to_one_whatever_fails() -> None:
    past, truth, future, scales = world(1, 2, 3)
    past[1:, :, 2:] = np.nan  # two windows only
    found = combine(past, truth, future, scales)
    assert found.weights.sum(axis=0) == pytest.approx(1)


def test_the_window_that_is_judged_does_not_weigh() -> None:
    past, truth, future, scales = world(3, 3)
    # Right in window 0 alone, by chance: followed there, it would look like knowledge.
    past[0, :, 0] = truth[:, 0]
    found = combine(past, truth, future, scales)
    assert np.abs(found.past[:, 0] - truth[:, 0]).mean() > 0.5


def test_a_mean_is_forecast_where_errors_are_squared() -> None:
    random = np.random.default_rng(0)
    truth = random.poisson(0.3, (SERIES, WINDOWS, STEPS)).astype(float)
    past = np.stack([np.zeros_like(truth), np.full_like(truth, 0.3)])
    future = past[:, :, 0]
    assert combine(past, truth, future, np.ones(SERIES)).weights[0].min() > 0.5  # the median is zero
    assert combine(past, truth, future, np.ones(SERIES), squared=True).weights[1].min() > 0.5


def test_a_window_in_which_hardly_anything_was_missed_decides_nothing() -> None:
    past, truth, future, scales = world(1, 2, 2, 2, 2)
    # One series and window: a millionth is missed by one, by the others a billionth.
    past[:, 0, 0] = truth[0, 0] + 1e-9
    past[0, 0, 0] += 1e-6
    weights = combine(past, truth, future, scales).weights
    assert weights[0, 1:].min() > weights[1:, 1:].max()


def test_mixing_is_a_weighted_mean() -> None:
    forecasts = np.array([[[1.0, np.nan]], [[3.0, 5.0]]])
    assert mixed(forecasts, np.array([[0.25], [0.75]])).tolist() == [[2.5, 5.0]]
