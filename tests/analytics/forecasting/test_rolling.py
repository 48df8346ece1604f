"""Forecasts of past evenings: right where the truth is simple, and never wiser than their evening."""

import numpy as np
import pytest

from analytics.forecasting.backtest import level_arrays, outlooks
from analytics.forecasting.lead_times import LeadTime
from analytics.forecasting.policy import Terms
from analytics.forecasting.rolling import roll

WEEK = np.array([1.0, 1.0, 1.0, 1.0, 2.0, 0.7, 0.3])


def weekly(days: int, level: float, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.poisson(level * WEEK[np.arange(days) % 7]).astype(float)


def test_a_week_is_learned_and_paths_spread_as_demand_does() -> None:
    demand = weekly(400, 40)[None]
    paths = roll(demand, 7, 7, 5).paths(0, 398)
    expected = 40 * WEEK[(399 + np.arange(7)) % 7]
    assert paths.mean(axis=0) == pytest.approx(expected, rel=0.12)
    truth = np.array([weekly(7, 40, seed)[:5].sum() for seed in range(400)])
    assert paths[:, :5].sum(axis=1).std() == pytest.approx(truth.std(), rel=0.35)


def test_a_level_that_moves_is_followed() -> None:
    demand = np.concatenate([weekly(300, 5), weekly(60, 30)])[None]
    assert roll(demand, 7, 7, 5).paths(0, 359).mean() == pytest.approx(30, rel=0.15)


@pytest.mark.parametrize("demand", [[0] * 80, [7], [0, 0, 3], [-2] * 40, [0] * 79 + [5]])
def test_odd_series_give_finite_paths(demand: list[int]) -> None:
    paths = roll(np.array([demand], dtype=float), 7, 14, 5).paths(0, len(demand) - 1)
    assert paths.shape[1] == 14
    assert np.isfinite(paths).all()
    if not any(demand):
        assert not paths.any()


def test_no_evening_knows_what_came_after_it() -> None:
    """Whatever is changed after an evening, its levels stay the same to the last digit."""
    rng = np.random.default_rng(1)
    demand = np.stack([weekly(200, 9), rng.poisson(0.2, 200).astype(float), np.zeros(200)])
    other = demand.copy()
    other[:, 151:] = rng.integers(0, 500, (3, 49))
    terms = [Terms(0.01, 5, 1, 0.95)] * 3
    leads = [LeadTime(np.array([0.0, 0.5, 0.5]))] * 3
    days = range(120, 151)
    known, changed = (
        level_arrays(outlooks(given, 7, days, lambda _: leads, terms, 1), terms) for given in (demand, other)
    )
    assert np.array_equal(known[0], changed[0])
    assert np.array_equal(known[1], changed[1])
    later = [outlooks(given, 7, range(160, 161), lambda _: leads, terms, 1) for given in (demand, other)]
    assert level_arrays(later[1], terms)[0][0] > 5 * level_arrays(later[0], terms)[0][0]  # the days after do
