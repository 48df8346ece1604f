"""Calibration per site, against statsmodels and against sites that were made wrong on purpose."""

import numpy as np
import polars as pl
import pytest

from analytics.evaluation import wilson
from analytics.sites import Site, calibration_by_site


def _cases(
    site: str | None, count: int, shift: float = 0.0, slope: float = 1.0, seed: int = 0
) -> pl.DataFrame:
    """Cases whose true log-odds are `shift` + `slope` x those of the score."""
    chance = np.random.default_rng(seed)
    log_odds = chance.normal(-1.0, 1.2, count)
    truth = 1 / (1 + np.exp(-(shift + slope * log_odds)))
    return pl.DataFrame(
        {
            "site": pl.Series([site] * count, dtype=pl.String),
            "score": 1 / (1 + np.exp(-log_odds)),
            "label": (chance.random(count) < truth).astype(float),
        }
    )


def test_intercept_and_slope_are_those_of_a_logistic_regression() -> None:
    import statsmodels.api as sm

    cases = _cases("a", 800, shift=0.4, slope=0.7, seed=1)
    [site] = calibration_by_site(cases)

    scores, labels = cases["score"].to_numpy(), cases["label"].to_numpy()
    log_odds = np.log(scores / (1 - scores))
    both = sm.Logit(labels, sm.add_constant(log_odds)).fit(disp=0)
    large = sm.GLM(labels, np.ones((800, 1)), sm.families.Binomial(), offset=log_odds).fit()
    assert site.slope == pytest.approx((both.params[1], *both.conf_int()[1]), abs=1e-5)
    assert site.in_the_large == pytest.approx((large.params[0], *large.conf_int()[0]), abs=1e-5)


def test_a_site_whose_scores_are_too_low_stands_out_and_the_others_do_not() -> None:
    found = {
        site.name: site
        for site in calibration_by_site(
            pl.concat([_cases("right", 1500, seed=2), _cases("low", 1500, shift=1.0, seed=3)])
        )
    }

    assert found["low"].ratio is not None
    assert found["right"].ratio is not None
    assert found["low"].ratio[1] > 1.2
    assert found["right"].ratio[1] < 1 < found["right"].ratio[2]


def test_the_ratio_is_observed_over_expected_within_wilson_s_interval() -> None:
    cases = _cases("a", 60, seed=4)
    [site] = calibration_by_site(cases)

    observed, expected = int(cases["label"].sum()), float(cases["score"].sum())
    low, high = wilson(observed / 60, 60)
    assert site.observed == observed
    assert site.expected == pytest.approx(expected)
    assert site.ratio == pytest.approx((observed / expected, low * 60 / expected, high * 60 / expected))
    assert site.slope is None  # too few cases to say how the scores are off


def test_small_sites_and_cases_of_no_site_are_pooled_and_the_largest_stands_first() -> None:
    parts = [
        _cases("b", 400, seed=5),
        _cases("a", 900, seed=6),
        *(_cases(f"tiny {n}", 9, seed=n) for n in range(7)),
        _cases(None, 20, seed=9),
    ]
    sites = calibration_by_site(pl.concat(parts))

    assert [(site.name, site.sites, site.cases) for site in sites] == [
        ("a", 1, 900),
        ("b", 1, 400),
        ("", 8, 83),
    ]
    assert sites[-1].ratio is not None


def test_too_few_even_together_are_not_judged() -> None:
    [site] = calibration_by_site(_cases("a", 5))

    assert site == Site("", 1, 5, site.observed, site.expected)
    assert site.ratio is None
    assert calibration_by_site(_cases("a", 0)) == []


def test_outcomes_that_the_scores_divide_wholly_have_no_slope() -> None:
    scores = np.linspace(0.05, 0.95, 200)
    cases = pl.DataFrame({"site": ["a"] * 200, "score": scores, "label": (scores > 0.5).astype(float)})

    [site] = calibration_by_site(cases)

    assert site.ratio is not None
    assert site.slope is None or site.slope[2] > 100  # no finite slope is the best
