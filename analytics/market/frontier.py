"""Portfolios of the least risk for their return (Markowitz 1952), and what they would really have brought.

skfolio solves them: no short positions, all money invested, covariance by shrinkage (Ledoit and Wolf 2004),
expected returns by the mean. A frontier fitted to the past flatters itself, so `walked` fits each portfolio
on a year, holds it for a month it has not seen, and goes on: that is the figure to trust.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import polars as pl

from analytics.market.returns import DAYS_A_YEAR, yearly
from analytics.market.volatility import Floats
from connectors.errors import AssistantError

if TYPE_CHECKING:
    from skfolio.optimization import MeanRisk

Aim = Literal["least_risk", "best_ratio", "equal"]
AIMS: tuple[Aim, ...] = ("least_risk", "best_ratio", "equal")
_STILL = 1e-8  # a standard deviation of daily returns below which a price does not move
_SAME = 1e-9  # returns closer together than this share of them are equal
YEAR, MONTH = DAYS_A_YEAR, 21  # trading days to fit on, and to hold


@dataclass(frozen=True)
class Portfolio:
    """Weights by instrument (they sum to one), with volatility and return of a year in the past they fit."""

    weights: Mapping[str, float]
    volatility: float
    gain: float


def frontier(returns: pl.DataFrame, size: int = 20) -> list[Portfolio]:
    """`size` portfolios from the least risk to the highest return; `returns` as of `returns.together`.

    One alone where there is nothing to choose: a single instrument, or prices that stood still. Raises
    AssistantError where no portfolio can be computed.
    """
    values, names = _values(returns)
    least = _weights(values, "least_risk")
    mean = values.mean(axis=0)
    lowest, highest = float(mean @ least), float(mean.max())
    if _stands_still(values) or highest - lowest < _SAME * abs(highest):
        return [_portfolio(values, names, least)]
    # The last one is a hair below the highest return, which no solver meets to the last digit.
    targets = np.linspace(lowest, highest - 1e-6 * (highest - lowest), size)
    fitted = np.atleast_2d(_solved(values, "least_risk", min_return=targets))
    return [_portfolio(values, names, weights) for weights in fitted]


def portfolio(returns: pl.DataFrame, aim: Aim) -> Portfolio:
    """The portfolio of one aim over all of `returns`."""
    values, names = _values(returns)
    return _portfolio(values, names, _weights(values, aim))


def walked(returns: pl.DataFrame, aim: Aim) -> pl.DataFrame:
    """`day, return` of portfolios fitted on the year before and held for a month, month after month.

    Within a month the weights are restored every day. Empty where there is no more than a year.
    """
    values, _names = _values(returns)
    parts = [
        values[start : start + MONTH] @ _weights(values[start - YEAR : start], aim)
        for start in range(YEAR, len(values), MONTH)
    ]
    found = np.concatenate(parts) if parts else np.empty(0)
    return pl.DataFrame({"day": returns["day"][YEAR:], "return": found})


def held(returns: pl.DataFrame, weights: Mapping[str, float]) -> Floats:
    """The daily returns of a portfolio whose weights are restored every day."""
    found: Floats = returns.select(list(weights)).to_numpy() @ np.asarray(list(weights.values()))
    return found


def _values(returns: pl.DataFrame) -> tuple[Floats, list[str]]:
    names = [each for each in returns.columns if each != "day"]
    return returns.select(names).to_numpy(), names


def _portfolio(values: Floats, names: list[str], weights: Floats) -> Portfolio:
    daily = values @ weights
    return Portfolio(
        dict(zip(names, map(float, weights), strict=True)),
        float(daily.std(ddof=1) * DAYS_A_YEAR**0.5),
        yearly(float(daily.mean())),
    )


def _weights(values: Floats, aim: Aim) -> Floats:
    equal = np.full(values.shape[1], 1 / values.shape[1])
    if aim == "equal" or values.shape[1] == 1 or _stands_still(values):
        return equal
    if aim == "best_ratio" and (values.mean(axis=0) <= 0).all():
        aim = "least_risk"  # nothing gained: the ratio would reward risk
    return _solved(values, aim)


def _stands_still(values: Floats) -> bool:
    return bool((values.std(axis=0) < _STILL).all())


def _solved(values: Floats, aim: Aim, **options: Any) -> Floats:
    """The weights that skfolio finds, a row for each target if `options` have several."""
    from skfolio.exceptions import SkfolioError

    try:
        weights: Floats = np.asarray(_estimator(aim, **options).fit(values).weights_, dtype=float)
    except (SkfolioError, ValueError) as error:
        raise AssistantError(
            "No portfolio can be computed from these prices.",
            "Choose other instruments or a longer time span.",
        ) from error
    return weights


def _estimator(aim: Aim, **options: Any) -> "MeanRisk":
    from skfolio import RiskMeasure
    from skfolio.moments import LedoitWolf
    from skfolio.optimization import MeanRisk, ObjectiveFunction
    from skfolio.prior import EmpiricalPrior

    aims = {
        "least_risk": ObjectiveFunction.MINIMIZE_RISK,
        "best_ratio": ObjectiveFunction.MAXIMIZE_RATIO,
    }
    return MeanRisk(
        objective_function=aims[aim],
        risk_measure=RiskMeasure.VARIANCE,
        prior_estimator=EmpiricalPrior(covariance_estimator=LedoitWolf()),
        **options,
    )
