"""Value at risk and expected shortfall of daily returns, three ways, and rolled through the past.

Value at risk at 99 %: the loss that is exceeded on one day in a hundred. Expected shortfall: the mean loss on
such days. Both are positive shares of what is held.

- historical: quantile and tail mean of the returns seen;
- normal: from their mean and standard deviation, as if they were normally distributed;
- filtered: the returns seen, each divided by the volatility expected of its day and multiplied by the one
  expected of the day to come (filtered historical simulation, Hull and White 1998, Barone-Adesi et al. 1999;
  the volatility is the exponentially weighted one of RiskMetrics).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from analytics.market.volatility import WARM_UP, Floats, ewma

Method = Literal["historical", "normal", "filtered"]
METHODS: tuple[Method, ...] = ("filtered", "historical", "normal")  # the most careful with wild days first
WINDOW = 250  # returns that each day's value at risk is taken from
FEWEST = 60  # below as many returns a quantile of one in a hundred is a guess


@dataclass(frozen=True)
class Risk:
    """Shares of what is held: the loss exceeded once in `1 / (1 - level)` days, and the mean beyond it."""

    value_at_risk: float
    shortfall: float


def risk(returns: Floats, level: float, method: Method) -> Risk:
    """The risk of the day after `returns`, which are in the order of time; at least FEWEST of them."""
    if len(returns) < FEWEST:
        raise ValueError(f"{len(returns)} returns are too few: {FEWEST} are needed.")
    if method == "normal":
        return _normal(returns, level)
    if method == "filtered":
        expected = ewma(returns)
        past, ahead = expected[WARM_UP:-1], expected[-1]
        # Days of a price that stood still expect no swing, and have none to be scaled.
        returns = np.divide(returns[WARM_UP:], past, out=np.zeros_like(past), where=past > 0) * ahead
    return _empirical(returns, level)


def rolled(
    days: pl.Series, returns: Floats, level: float, method: Method, window: int = WINDOW
) -> pl.DataFrame:
    """`day, return, value_at_risk, shortfall`: what was said of each day from the `window` returns before it.

    Empty where there are no more than `window` returns.
    """
    places = range(window, len(returns))
    said = [risk(returns[place - window : place], level, method) for place in places]
    return pl.DataFrame(
        {
            "day": days[window:],
            "return": returns[window:],
            "value_at_risk": [each.value_at_risk for each in said],
            "shortfall": [each.shortfall for each in said],
        },
        schema_overrides={"value_at_risk": pl.Float64, "shortfall": pl.Float64},
    )


def _empirical(returns: Floats, level: float) -> Risk:
    quantile = float(np.quantile(returns, 1 - level))
    return Risk(-quantile, -float(returns[returns <= quantile].mean()))


def _normal(returns: Floats, level: float) -> Risk:
    from scipy.stats import norm

    mean, deviation = float(returns.mean()), float(returns.std(ddof=1))
    point = float(norm.ppf(level))
    return Risk(deviation * point - mean, deviation * float(norm.pdf(point)) / (1 - level) - mean)
