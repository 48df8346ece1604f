"""Simulated losses against closed forms: the binomial distribution and Vasicek's limit."""

import numpy as np
import pytest
from scipy.stats import binom, multivariate_normal, norm

from analytics.decisions.credit_loss import LEVELS, Portfolio, basel_other_retail, simulated


def _equal(cases: int, probability: float, loss: float) -> Portfolio:
    return Portfolio(np.array([cases]), np.array([probability]), np.array([loss]))


def _alone(portfolio: Portfolio) -> Portfolio:
    """The same portfolio, case by case."""
    cases = portfolio.cases
    return Portfolio(
        np.ones(cases.sum(), np.int64),
        np.repeat(portfolio.probability, cases),
        np.repeat(portfolio.loss, cases),
    )


@pytest.mark.parametrize("case_by_case", [True, False])
def test_independent_equal_loans_lose_as_the_binomial_distribution_says(case_by_case: bool) -> None:
    classes = _equal(200, 0.05, 1_000.0)
    losses = simulated(_alone(classes) if case_by_case else classes, 0.0, 20_000)
    assert abs(losses.mean - 10_000) < 4 * losses.mean_error
    for level in LEVELS:
        defaults = losses.tail(level).value_at_risk / 1_000
        # Whole defaults: the empirical quantile is that of the distribution, or a neighbour by chance.
        low, high = (binom.ppf(level + side * 4 * _spread(level, 20_000), 200, 0.05) for side in (-1, 1))
        assert low <= defaults <= high


def _spread(level: float, scenarios: int) -> float:
    """The standard error of the share of scenarios below the quantile."""
    return min(float(np.sqrt(level * (1 - level) / scenarios)), (1 - level) / 5)


def test_a_large_homogeneous_portfolio_has_the_quantiles_and_shortfalls_of_vasicek() -> None:
    probability, rho, scenarios = 0.02, 0.12, 100_000
    losses = simulated(_equal(10_000_000, probability, 1e-7), rho, scenarios)
    limit = norm.ppf(probability)
    for level in LEVELS:
        tail = losses.tail(level)
        quantile = norm.cdf((limit + np.sqrt(rho) * norm.ppf(level)) / np.sqrt(1 - rho))
        joint = multivariate_normal([0, 0], [[1, np.sqrt(rho)], [np.sqrt(rho), 1]])
        shortfall = joint.cdf([limit, norm.ppf(1 - level)]) / (1 - level)
        assert abs(tail.value_at_risk - quantile) < 4 * tail.value_at_risk_error
        assert abs(tail.shortfall - shortfall) < 4 * tail.shortfall_error
        assert 0 < tail.value_at_risk_error < quantile / 10
    assert abs(losses.mean - probability) < 4 * losses.mean_error


def test_standard_errors_are_the_spread_between_seeds() -> None:
    classes = _equal(5_000, 0.03, 1.0)
    tails = [simulated(classes, 0.1, 4_000, seed).tail(0.99) for seed in range(60)]
    for value, error in (("value_at_risk", "value_at_risk_error"), ("shortfall", "shortfall_error")):
        spread = np.std([getattr(tail, value) for tail in tails], ddof=1)
        told = np.mean([getattr(tail, error) for tail in tails])
        assert 0.7 < told / spread < 1.4


def test_expected_loss_and_tail_do_not_depend_on_how_a_portfolio_is_put_into_classes() -> None:
    rng = np.random.default_rng(3)
    classes = Portfolio(rng.integers(2, 30, 12), rng.uniform(0.01, 0.3, 12), rng.uniform(500, 9_000, 12))
    rho = basel_other_retail(classes.probability)
    together = simulated(classes, rho, 20_000)
    apart = simulated(_alone(classes), np.repeat(rho, classes.cases), 20_000, seed=7)
    assert abs(together.mean - classes.expected) < 4 * together.mean_error
    assert abs(apart.mean - classes.expected) < 4 * apart.mean_error
    one, other = together.tail(0.99), apart.tail(0.99)
    assert abs(one.shortfall - other.shortfall) < 4 * np.hypot(one.shortfall_error, other.shortfall_error)


def test_the_same_seed_draws_the_same_losses_and_the_tail_grows_with_correlation() -> None:
    classes = _equal(300, 0.05, 100.0)
    first, again = simulated(classes, 0.05, 5_000), simulated(classes, 0.05, 5_000)
    assert (first.sorted == again.sorted).all()
    assert simulated(classes, 0.3, 5_000).tail(0.99).shortfall > first.tail(0.99).shortfall
    assert first.sorted.min() >= 0
    assert first.sorted.max() <= classes.at_stake


def test_certain_and_impossible_defaults_and_an_empty_portfolio() -> None:
    sure = Portfolio(np.array([1, 5]), np.array([1.0, 0.0]), np.array([70.0, 900.0]))
    assert set(simulated(sure, 0.2, 100).sorted) == {70.0}
    nobody = Portfolio(np.array([], np.int64), np.array([]), np.array([]))
    assert simulated(nobody, 0.2, 100).tail(0.99).shortfall == 0


def test_histogram_holds_every_scenario_and_exceedance_agrees_with_it() -> None:
    losses = simulated(_equal(400, 0.04, 10.0), 0.15, 5_000)
    assert losses.histogram()["share"].sum() == pytest.approx(1)
    assert (losses.sorted > losses.tail(0.95).value_at_risk).mean() <= 0.05 + 1e-9


def test_basel_correlation_runs_from_16_to_3_percent() -> None:
    # CRE31.16 worked by hand: 0.03 w + 0.16 (1 - w) with w = (1 - exp(-35 PD)) / (1 - exp(-35)).
    at = basel_other_retail(np.array([0.0, 0.01, 0.05, 1.0]))
    assert at == pytest.approx([0.16, 0.12160942, 0.05259061, 0.03], abs=1e-6)
