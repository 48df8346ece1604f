"""Portfolios against closed forms and against themselves: what is fitted knows nothing of what follows."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from sklearn.covariance import ledoit_wolf

from analytics.market.frontier import AIMS, MONTH, YEAR, frontier, held, portfolio, walked

ROWS = YEAR + 2 * MONTH + 5


def returns_of(values: np.ndarray) -> pl.DataFrame:
    days = [date(2025, 1, 1) + timedelta(days=place) for place in range(len(values))]
    return pl.DataFrame({"day": days} | {f"I{place}": values[:, place] for place in range(values.shape[1])})


@pytest.fixture(scope="module")
def market() -> pl.DataFrame:
    rng = np.random.default_rng(2)
    mixed = rng.normal(size=(ROWS, 3)) @ np.array([[1, 0.2, 0], [0, 0.8, 0.1], [0, 0, 1.5]])
    return returns_of(0.01 * mixed + np.array([0.0002, 0.0005, 0.0012]))


def test_the_least_risk_is_the_closed_form_of_markowitz(market: pl.DataFrame) -> None:
    covariance, _ = ledoit_wolf(market.drop("day").to_numpy())
    inverse = np.linalg.solve(covariance, np.ones(3))
    assert (inverse > 0).all()  # so that the ban on short positions does not bind
    found = portfolio(market, "least_risk")
    assert list(found.weights.values()) == pytest.approx(inverse / inverse.sum(), abs=2e-3)


def test_the_best_ratio_beats_every_portfolio_drawn_at_random(market: pl.DataFrame) -> None:
    values, chosen = market.drop("day").to_numpy(), portfolio(market, "best_ratio")
    mean, (covariance, _) = values.mean(axis=0), ledoit_wolf(values)

    def ratio(weights: np.ndarray) -> float:
        return float(mean @ weights / np.sqrt(weights @ covariance @ weights))

    drawn = np.random.default_rng(0).dirichlet(np.ones(3), 3000)
    assert ratio(np.array(list(chosen.weights.values()))) >= max(map(ratio, drawn)) - 1e-4


def test_the_frontier_rises_from_the_least_risk_to_the_highest_return(market: pl.DataFrame) -> None:
    found = frontier(market, size=6)
    gains = [each.gain for each in found]
    assert gains == sorted(gains)
    assert found[0].volatility == pytest.approx(portfolio(market, "least_risk").volatility, rel=1e-3)
    highest = max(found[-1].weights, key=lambda name: float(market[name].mean()))  # type: ignore[arg-type]
    assert found[-1].weights[highest] == pytest.approx(1, abs=1e-3)
    for each in found:
        weights = np.array(list(each.weights.values()))
        assert weights.sum() == pytest.approx(1)
        assert (weights > -1e-6).all()
        daily = held(market, each.weights)
        assert each.volatility == pytest.approx(daily.std(ddof=1) * np.sqrt(252))


def test_one_instrument_is_its_own_portfolio_and_losers_are_held_at_least_risk(market: pl.DataFrame) -> None:
    alone = market.select("day", "I1")
    assert [each.weights for each in frontier(alone)] == [{"I1": 1.0}]
    assert portfolio(alone, "best_ratio").weights == {"I1": 1.0}
    losing = market.with_columns(pl.exclude("day") - 0.01)
    ratio, least = portfolio(losing, "best_ratio").weights, portfolio(losing, "least_risk").weights
    assert list(ratio.values()) == pytest.approx(list(least.values()))


@pytest.mark.parametrize("aim", AIMS)
def test_a_month_is_held_with_weights_of_the_year_before_it(market: pl.DataFrame, aim: str) -> None:
    found = walked(market, aim)  # type: ignore[arg-type]
    assert found["day"].to_list() == market["day"][YEAR:].to_list()
    second = portfolio(market[MONTH : YEAR + MONTH], aim)  # type: ignore[arg-type]
    expected = held(market[YEAR + MONTH : YEAR + 2 * MONTH], second.weights)
    assert found["return"][MONTH : 2 * MONTH].to_list() == pytest.approx(expected.tolist())
    assert walked(market[:YEAR], aim).is_empty()  # type: ignore[arg-type]


def test_a_frontier_of_losses_still_goes_from_least_risk_to_least_loss(market: pl.DataFrame) -> None:
    losing = market.with_columns(pl.exclude("day") - 0.01)
    found = frontier(losing, size=5)
    assert all(each.gain < 0 for each in found)
    assert [each.gain for each in found] == sorted(each.gain for each in found)
    assert found[0].weights == pytest.approx(portfolio(losing, "least_risk").weights, abs=1e-3)


def test_prices_that_stand_still_and_twins_have_portfolios(market: pl.DataFrame) -> None:
    still = market.with_columns(pl.lit(0.0).alias(name) for name in ("I0", "I1", "I2"))
    twins = market.select("day", "I0", pl.col("I0").alias("twin"))
    for same in (still, twins):
        (alone,) = frontier(same)
        assert len({round(weight, 6) for weight in alone.weights.values()}) == 1
    half = market.with_columns(pl.lit(0.0).alias("I0"))
    assert portfolio(half, "least_risk").weights["I0"] > 0.9
