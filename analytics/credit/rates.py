"""Default rates and what few cases allow to say of them.

Jeffreys' interval and test are those of the European Central Bank's instructions for reporting the
validation results of internal models (2019), section 2.5.3.1: with a Beta(1/2, 1/2) prior the true rate is
distributed as Beta(defaults + 1/2, cases - defaults + 1/2).
"""

import polars as pl

from analytics.market.volatility import Floats

COVERAGE = 0.95
UNLIKELY = 0.05  # a p-value below it speaks against the promise, one above 1 - it for too much caution


def with_jeffreys(found: pl.DataFrame, predicted: str = "predicted") -> pl.DataFrame:
    """`cases, defaults, predicted` with `observed`, its interval `lower, upper`, and `p`.

    `p` is that of Jeffreys' test: how likely the true rate is not above the predicted one. A small value says
    that the model promised too little. Without cases all of them are null.
    """
    from scipy.stats import beta

    cases, defaults = _of(found, "cases"), _of(found, "defaults")
    first, second, tail = defaults + 0.5, cases - defaults + 0.5, (1 - COVERAGE) / 2
    lower, upper = beta.ppf(tail, first, second), beta.ppf(1 - tail, first, second)
    # Where no case or every case defaulted the interval reaches the end (Brown, Cai and DasGupta 2001).
    told = pl.DataFrame(
        {
            "observed": defaults / cases.clip(min=1),
            "lower": lower * (defaults > 0),
            "upper": upper + (1 - upper) * (defaults == cases),
            "p": beta.cdf(_of(found, predicted), first, second),
        }
    )
    return found.with_columns(
        pl.when(pl.Series(cases > 0)).then(told[each].alias(each)) for each in told.columns
    )


def _of(found: pl.DataFrame, column: str) -> Floats:
    values: Floats = found[column].cast(pl.Float64).fill_null(0).to_numpy()
    return values
