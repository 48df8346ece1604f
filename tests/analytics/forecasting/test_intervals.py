"""Conformal intervals hold as often as they say, for series of any size."""

import numpy as np
import pytest

from analytics.forecasting.intervals import Spread, spread_of

STEPS = 8


def misses(random: np.random.Generator, series: int, windows: int) -> tuple[np.ndarray, np.ndarray]:
    """Skewed errors that grow with the horizon, of series whose sizes differ a hundredfold; and the sizes."""
    sizes = 10 ** random.uniform(-1, 1, series)
    raw = random.gamma(2, 1, (series, windows, STEPS)) - 2
    return raw * sizes[:, None, None] * np.sqrt(1 + np.arange(STEPS)), sizes


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
@pytest.mark.parametrize(("series", "windows"), [(40, 4), (100, 3), (3, 12)])
def test_the_next_errors_lie_within_as_often_as_said(level: float, series: int, windows: int) -> None:
    held = []
    for seed in range(60):
        random = np.random.default_rng(seed)
        errors, sizes = misses(random, series, windows + 1)
        spread = spread_of(errors[:, 1:], sizes)
        assert spread is not None
        low, high = spread.quantiles(np.array([(1 - level) / 2, (1 + level) / 2]))
        now = errors[:, 0]
        held.append(((now >= spread.sizes[:, None] * low) & (now <= spread.sizes[:, None] * high)).mean())
    assert np.mean(held) == pytest.approx(level, abs=0.03)


def test_the_spread_grows_as_the_errors_do_and_leans_as_they_lean() -> None:
    errors, sizes = misses(np.random.default_rng(0), 100, 4)
    spread = spread_of(errors, sizes)
    assert spread is not None
    low, high = spread.quantiles(np.array([0.05, 0.95]))
    assert (high - low)[-1] > 2 * (high - low)[0]
    assert (high > -low).all()


def test_quantiles_do_not_cross() -> None:
    errors, sizes = misses(np.random.default_rng(0), 5, 3)
    spread = spread_of(errors, sizes)
    assert spread is not None
    assert (np.diff(spread.quantiles(np.linspace(0.01, 0.99, 40)), axis=0) >= -1e-12).all()


def test_a_series_without_errors_of_its_own_takes_the_usual_size() -> None:
    errors, _ = misses(np.random.default_rng(0), 10, 4)
    errors[4] = np.nan
    spread = spread_of(errors, np.ones(10))
    assert spread is not None
    assert spread.sizes[4] == pytest.approx(np.nanmean(np.abs(errors)), rel=1e-6)


def test_without_any_error_there_is_no_spread() -> None:
    assert spread_of(np.full((2, 3, STEPS), np.nan), np.ones(2)) is None


def test_without_a_window_only_the_others_speak() -> None:
    spread = Spread(np.array([[1.0], [2.0], [3.0]]), np.array([0, 1, 1]), np.ones(1))
    assert spread.without(1).paths.tolist() == [[1.0]]
    assert spread.without(0).without(1).paths.tolist() == [[2.0], [3.0]]
