"""Concentration and default rates against closed forms and other libraries."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from analytics.credit.concentration import concentration, lorenz
from analytics.credit.rates import with_jeffreys

amounts = st.lists(st.floats(0.01, 1e7), min_size=2, max_size=60)


@given(amounts)
def test_gini_and_hhi_are_those_of_all_pairs_and_all_shares(sizes: list[float]) -> None:
    values = np.array(sizes)
    found = concentration(sizes)
    assert found is not None
    pairs = np.abs(values[:, None] - values[None, :]).sum()
    assert found.gini == pytest.approx(pairs / (2 * len(values) ** 2 * values.mean()), abs=1e-9)
    assert found.hhi == pytest.approx(((values / values.sum()) ** 2).sum())
    assert 1 <= found.effective <= len(sizes) + 1e-6
    assert found.top[1] == pytest.approx(values.max() / values.sum())


@given(amounts)
def test_the_area_under_the_lorenz_curve_gives_the_gini_coefficient(sizes: list[float]) -> None:
    parts, money = lorenz(sizes)
    found = concentration(sizes)
    assert found is not None
    assert 1 - 2 * np.trapezoid(money, parts) == pytest.approx(found.gini, abs=1e-9)
    assert (parts[0], money[0], parts[-1], money[-1]) == pytest.approx((0, 0, 1, 1))


def test_equal_parts_and_one_that_has_all_are_the_ends() -> None:
    equal, all_in_one = concentration([5.0] * 20), concentration([0.0] * 19 + [7.0])
    assert equal is not None
    assert all_in_one is not None
    assert (equal.gini, equal.hhi, equal.effective) == pytest.approx((0, 1 / 20, 20))
    assert (all_in_one.gini, all_in_one.hhi, all_in_one.effective) == pytest.approx((0.95, 1, 1))
    assert equal.top == pytest.approx({1: 0.05, 10: 0.5})
    assert concentration([]) is None
    assert concentration([0.0, 0.0]) is None


def test_jeffreys_interval_is_that_of_statsmodels_and_reaches_the_ends() -> None:
    found = with_jeffreys(
        pl.DataFrame(
            {"cases": [500, 40, 12, 0], "defaults": [13, 0, 12, 0], "predicted": [0.02, 0.01, 0.9, 0.1]}
        )
    )
    lower, upper = proportion_confint(13, 500, method="jeffreys")
    assert found.row(0, named=True)["lower"] == pytest.approx(lower)
    assert found.row(0, named=True)["upper"] == pytest.approx(upper)
    assert (found["lower"][1], found["upper"][2]) == (0.0, 1.0)
    assert found.row(3, named=True)["observed"] is None
    assert found["p"][0] == pytest.approx(stats.beta.cdf(0.02, 13.5, 487.5))
