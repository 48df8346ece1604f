"""What a portfolio may lose: defaults drawn together, by one factor that all of them share.

A case defaults where sqrt(rho) Z + sqrt(1 - rho) e falls below the normal quantile of its probability: Z
is the state of the economy, common to all, e is the case's own luck (Vasicek 1987, 2002; the model behind
Basel's risk weights). Given Z the cases are independent. What is lost at a default is certain: the stake.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Array = NDArray[np.float64]

LEVELS = (0.95, 0.99, 0.999)
SCENARIOS = 50_000
SEED = 2002
_AT_ONCE = 2_000_000  # draws in memory at a time
_SURE = 1.96  # standard errors of a 95 % interval


@dataclass(frozen=True, eq=False)
class Portfolio:
    """Cases by classes of equals, arrays of shape (classes,).

    `cases` counts the cases of a class, `probability` is that of each one's default, `loss` what each then
    loses, in the reporting currency.
    """

    cases: NDArray[np.int64]
    probability: Array
    loss: Array

    @property
    def size(self) -> int:
        return int(self.cases.sum())

    @property
    def expected(self) -> float:
        """The expected loss, exactly: the simulation adds nothing to it."""
        return float((self.cases * self.probability * self.loss).sum())

    @property
    def at_stake(self) -> float:
        """What is lost if every case defaults."""
        return float((self.cases * self.loss).sum())


@dataclass(frozen=True)
class Tail:
    """The loss that is not exceeded with probability `level` (VaR), and the mean of the losses in the worst
    1 - `level` of all scenarios (expected shortfall), each with its standard error.
    """

    level: float
    value_at_risk: float
    value_at_risk_error: float
    shortfall: float
    shortfall_error: float


@dataclass(frozen=True, eq=False)
class Losses:
    """The losses of the scenarios, rising, shape (scenarios,)."""

    portfolio: Portfolio
    sorted: Array

    @property
    def mean(self) -> float:
        return float(self.sorted.mean())

    @property
    def mean_error(self) -> float:
        """The standard error of the mean."""
        return float(self.sorted.std(ddof=1) / np.sqrt(len(self.sorted)))

    def tail(self, level: float) -> Tail:
        """VaR and expected shortfall at a level.

        The error of VaR is from the order statistics around it (distribution-free: Serfling 1980, 2.6), that
        of the shortfall after Manistre and Hancock (2005).
        """
        count = len(self.sorted)
        place = min(int(np.ceil(level * count - 1e-9)), count) - 1
        value = float(self.sorted[place])
        half = _SURE * np.sqrt(count * level * (1 - level))
        low, high = (
            int(np.clip(round(at), 0, count - 1)) for at in (level * count - half, level * count + half)
        )
        worst = self.sorted[place + 1 :] if place + 1 < count else self.sorted[-1:]
        shortfall = float(worst.mean())
        spread = float(worst.var()) + level * (shortfall - value) ** 2
        return Tail(
            level,
            value,
            float(self.sorted[high] - self.sorted[low]) / (2 * _SURE),
            shortfall,
            float(np.sqrt(spread / (count * (1 - level)))),
        )

    def histogram(self, bins: int = 40) -> pl.DataFrame:
        """`start, end, share` of the losses up to the 99.95 % quantile; the last bin holds the rest."""
        top = max(float(np.quantile(self.sorted, 0.9995)), 1e-9)
        edges = np.linspace(0.0, top, bins + 1)
        counts, _edges = np.histogram(self.sorted.clip(max=top), edges)
        return pl.DataFrame({"start": edges[:-1], "end": edges[1:], "share": counts / len(self.sorted)})


def simulated(
    portfolio: Portfolio, correlation: Array | float, scenarios: int = SCENARIOS, seed: int = SEED
) -> Losses:
    """The losses of a portfolio in `scenarios` draws of the common factor; the same for the same seed.

    `correlation` (0 to below 1) is that of the assets, one for all classes or one for each. Memory does not
    grow with cases or scenarios. A class of one case is drawn itself, one of many by its number of defaults.
    """
    rho = np.broadcast_to(np.asarray(correlation, np.float64), portfolio.probability.shape)
    alone = portfolio.cases == 1
    drawer = np.random.default_rng(seed)
    at_once = int(np.clip(_AT_ONCE // max(len(rho), 1), 1, scenarios))
    found = np.zeros(scenarios)
    for start in range(0, scenarios, at_once):
        factor = drawer.standard_normal(min(at_once, scenarios - start))
        part = found[start : start + len(factor)]
        part += _lost_alone(drawer, portfolio, alone, rho, factor)
        part += _lost_in_classes(drawer, portfolio, ~alone, rho, factor)
    return Losses(portfolio, np.sort(found))


def basel_other_retail(probability: Array) -> Array:
    """The asset correlation that Basel takes for other retail exposures: 16 % falling to 3 % with the
    probability of default (Basel Committee, CRE31.16).
    """
    weight = -np.expm1(-35 * probability) / -np.expm1(-35.0)
    return np.asarray(0.03 * weight + 0.16 * (1 - weight))


def _limits(portfolio: Portfolio, which: NDArray[np.bool_], rho: Array, factor: Array) -> Array:
    """Below which luck of its own a case defaults, by the factor; shape (scenarios, classes)."""
    from scipy.special import ndtri

    own = rho[which]
    limit = ndtri(portfolio.probability[which])
    return np.asarray((limit - np.sqrt(own) * factor[:, None]) / np.sqrt(1 - own))


def _lost_alone(
    drawer: np.random.Generator, portfolio: Portfolio, which: NDArray[np.bool_], rho: Array, factor: Array
) -> Array:
    limits = _limits(portfolio, which, rho, factor)
    scenario, case = np.nonzero(drawer.standard_normal(limits.shape, np.float32) < limits)
    lost = portfolio.loss[which][case]
    return np.bincount(scenario, weights=lost, minlength=len(factor)).astype(np.float64)


def _lost_in_classes(
    drawer: np.random.Generator, portfolio: Portfolio, which: NDArray[np.bool_], rho: Array, factor: Array
) -> Array:
    from scipy.special import ndtr

    if not which.any():
        return np.zeros(len(factor))
    defaults = drawer.binomial(portfolio.cases[which], ndtr(_limits(portfolio, which, rho, factor)))
    return np.asarray(defaults @ portfolio.loss[which])
