"""Numbers of markets against other ways to compute them: loops, scipy, statsmodels, closed forms."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from scipy import stats

from analytics.market.backtest import backtest, christoffersen, kupiec
from analytics.market.drawdown import deepest, drawdowns
from analytics.market.returns import rebased, returns, together, yearly
from analytics.market.value_at_risk import FEWEST, METHODS, risk, rolled
from analytics.market.volatility import DECAY, WARM_UP, ewma, volatility

DAYS = [date(2025, 1, 1) + timedelta(days=place) for place in range(400)]


def priced(name: str, values: list[float], first: int = 0) -> pl.DataFrame:
    days = DAYS[first : first + len(values)]
    return pl.DataFrame({"day": days, "instrument": name, "price": [float(each) for each in values]})


def noise(count: int, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0003, 0.01, count)


def test_returns_span_days_without_a_price_and_begin_with_each_instrument() -> None:
    both = pl.concat([priced("A", [100, 110, 99]), priced("B", [50, 55], first=1)])
    found = returns(both.filter(~((pl.col("instrument") == "A") & (pl.col("day") == DAYS[1]))))
    assert found.rows() == [
        (DAYS[2], "A", pytest.approx(-0.01)),
        (DAYS[2], "B", pytest.approx(0.1)),
    ]
    assert rebased(both)["index"].to_list() == pytest.approx([100, 110, 99, 100, 110])


def test_returns_together_are_of_the_days_that_all_have_in_the_order_asked_for() -> None:
    both = pl.concat([priced("A", [100, 110, 99, 108.9]), priced("B", [50, 55, 66], first=1)])
    wide = together(both.sample(fraction=1, shuffle=True, seed=1), ["B", "A"])
    assert wide.columns == ["day", "B", "A"]
    assert wide["day"].to_list() == DAYS[2:4]
    assert wide["B"].to_list() == pytest.approx([0.1, 0.2])
    assert wide["A"].to_list() == pytest.approx([-0.1, 0.1])


def test_a_mean_daily_return_compounds_over_a_year() -> None:
    assert yearly(0.001) == pytest.approx(np.prod(np.full(252, 1.001)) - 1)


def test_ewma_is_the_weighted_sum_of_squares_of_riskmetrics() -> None:
    seen = noise(120)
    found = ewma(seen)
    start = np.mean(seen[:WARM_UP] ** 2)
    for day in (WARM_UP, 50, 120):
        later = seen[WARM_UP:day][::-1]
        weights = (1 - DECAY) * DECAY ** np.arange(len(later))
        expected = (weights * later**2).sum() + DECAY ** len(later) * start
        assert found[day] == pytest.approx(np.sqrt(expected))
    assert np.isnan(found[:WARM_UP]).all()
    assert np.isnan(ewma(seen[: WARM_UP - 1])).all()


def test_moving_volatility_is_that_of_numpy_over_the_window() -> None:
    seen = noise(100)
    frame = pl.DataFrame({"day": DAYS[:100], "instrument": "A", "return": seen})
    found = volatility(frame, window=20)
    assert found["moving"][:19].null_count() == 19
    assert found["moving"][99] == pytest.approx(np.std(seen[80:], ddof=1) * np.sqrt(252))
    assert found["weighted"][99] == pytest.approx(ewma(seen)[100] * np.sqrt(252))


def test_drawdowns_are_those_of_a_loop_over_all_earlier_days() -> None:
    prices = (100 * np.cumprod(1 + noise(200, seed=5))).tolist()
    found = drawdowns(priced("A", prices))["drawdown"].to_list()
    assert found == pytest.approx(
        [price / max(prices[: place + 1]) - 1 for place, price in enumerate(prices)]
    )
    (fall,) = deepest(priced("A", prices))
    assert fall.depth == pytest.approx(min(found))
    assert fall.peak < fall.trough


def test_the_deepest_fall_ends_when_the_price_is_back_or_has_no_end() -> None:
    back, gone, risen = deepest(
        pl.concat([priced("A", [10, 20, 10, 15, 20, 30]), priced("B", [10, 5, 6]), priced("C", [1, 2, 3])])
    )
    assert (back.depth, back.peak, back.trough, back.recovered) == (-0.5, DAYS[1], DAYS[2], DAYS[4])
    assert (gone.depth, gone.recovered) == (-0.5, None)
    assert (risen.depth, risen.recovered) == (0.0, None)


def test_normal_risk_is_that_of_scipy() -> None:
    seen = noise(500)
    found = risk(seen, 0.99, "normal")
    fitted = stats.norm(seen.mean(), seen.std(ddof=1))
    assert found.value_at_risk == pytest.approx(-fitted.ppf(0.01))
    tail = fitted.expect(lambda x: x, lb=-np.inf, ub=fitted.ppf(0.01), conditional=True)
    assert found.shortfall == pytest.approx(-tail, rel=1e-6)


def test_historical_risk_is_the_quantile_and_the_mean_beyond_it() -> None:
    losses = np.arange(1, 101) / 1000
    found = risk(-losses, 0.95, "historical")
    assert found.value_at_risk == pytest.approx(np.quantile(losses, 0.95))
    assert found.shortfall == pytest.approx(np.mean([0.096, 0.097, 0.098, 0.099, 0.1]))


def test_filtered_risk_grows_with_the_swings_of_the_last_days_and_not_of_the_first() -> None:
    calm, wild = noise(200, seed=1), 5 * noise(30, seed=2)
    now, long_ago = np.concatenate([calm, wild]), np.concatenate([wild, calm])
    assert risk(now, 0.99, "filtered").value_at_risk > 2 * risk(long_ago, 0.99, "filtered").value_at_risk
    expected = ewma(now)
    scaled = now[WARM_UP:] / expected[WARM_UP:-1] * expected[-1]
    assert risk(now, 0.95, "filtered").value_at_risk == pytest.approx(-np.quantile(scaled, 0.05))


@pytest.mark.parametrize("method", METHODS)
def test_what_is_said_of_a_day_knows_only_the_days_before(method: str) -> None:
    seen = noise(130)
    found = rolled(pl.Series(DAYS[:130]), seen, 0.95, method, window=100)  # type: ignore[arg-type]
    assert found["day"].to_list() == DAYS[100:130]
    later = seen.copy()
    later[115:] *= 10
    again = rolled(pl.Series(DAYS[:130]), later, 0.95, method, window=100)  # type: ignore[arg-type]
    assert again["value_at_risk"][:16].to_list() == found["value_at_risk"][:16].to_list()
    assert again["value_at_risk"][29] > found["value_at_risk"][29]


def test_a_price_that_stood_still_has_no_risk_and_too_few_days_are_refused() -> None:
    still = np.zeros(100)
    assert {risk(still, 0.99, method).value_at_risk for method in METHODS} == {0.0}
    assert rolled(pl.Series(DAYS[:100]), still, 0.99, "normal").is_empty()
    with pytest.raises(ValueError, match="too few"):
        risk(still[: FEWEST - 1], 0.99, "historical")


@pytest.mark.parametrize(("days", "found"), [(250, 0), (250, 2), (250, 10), (500, 500), (255, 7)])
def test_kupiecs_ratio_is_that_of_binomial_likelihoods(days: int, found: int) -> None:
    best, promised = stats.binom.logpmf(found, days, found / days), stats.binom.logpmf(found, days, 0.01)
    assert kupiec(days, found, 0.01) == pytest.approx(2 * (best - promised))


def test_kupiecs_test_rejects_what_his_table_rejects() -> None:
    """Kupiec (1995), table 3: 255 days at 99 %: less than 7 exceedances are not rejected at 5 %."""
    verdicts = [backtest(np.arange(255) * 37 % 255 < count, 0.99).p > 0.05 for count in (1, 6, 7)]
    assert verdicts == [True, True, False]


def test_christoffersens_ratio_is_the_g_test_of_the_table_of_days_before_and_after() -> None:
    exceeded = np.random.default_rng(4).random(600) < 0.08
    exceeded[100:106] = True
    table = np.zeros((2, 2))
    np.add.at(table, (exceeded[:-1].astype(int), exceeded[1:].astype(int)), 1)
    g = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    judged = backtest(exceeded, 0.95)
    assert christoffersen(exceeded) == pytest.approx(g.statistic)
    assert judged.runs_p == pytest.approx(g.pvalue)
    assert judged.both_p == pytest.approx(stats.chi2.sf(judged.ratio + g.statistic, 2))


def test_verdicts_name_what_is_wrong() -> None:
    spread, clustered = np.zeros(500, dtype=bool), np.zeros(500, dtype=bool)
    spread[::100], clustered[:25] = True, True
    assert backtest(spread, 0.99).verdict == "kept"
    assert backtest(np.arange(500) % 10 == 0, 0.99).verdict == "too_often"
    assert backtest(np.zeros(800, dtype=bool), 0.99).verdict == "too_seldom"
    assert backtest(np.zeros(800, dtype=bool), 0.99).runs_p is None
    assert backtest(clustered, 0.95).verdict == "in_runs"
