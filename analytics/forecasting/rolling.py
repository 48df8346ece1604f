"""Forecasts for every evening of a past time, each from what was known that evening: for backtests.

A backtest needs a forecast a day for a year; the search of `forecast` over methods would take hours. Here
every series has a few exponential smoothings side by side (a level, and factors of the season), updated day
by day; the one that has foretold the demand of the next days best so far speaks. What may come is drawn from
its own misses: whole stretches of past errors, so that what belongs together over time stays together. No
step looks ahead: what is said of an evening stays the same whatever comes after it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_SMOOTHINGS = (0.01, 0.03, 0.08, 0.2, 0.4, 0.7, 1.0)
_SEASONAL = 0.1  # smoothing of a factor of the season, once a season
_MEMORY = 0.99  # of past misses, a day, when smoothings are compared
_NEWEST = 250  # evenings whose misses make the sample paths
_EVERY = 2  # of them: neighbours overlap in all but a day
_GUESSES = 200
_FEWEST = 10  # of them, to say anything
_GROWTH = (0.25, 4.0)  # how much smaller or larger than then the level may be taken for
_SURE = 4.0  # shape of the gamma distribution of a mean that is only guessed


@dataclass(frozen=True)
class Rolling:
    """`levels` (smoothing, series, day): what each expects of an average day, at the end of that day.
    `season` (series, day, period): the factors then. `best` (series, day): the smoothing that speaks.
    """

    demand: Array
    levels: Array
    season: Array
    best: NDArray[np.int64]
    horizon: int

    def paths(self, row: int, day: int) -> Array:
        """Sample paths (sample, `horizon`) of the days after `day`, from the evening of `day`."""
        expected = self._expected(row, np.asarray([day]), int(self.best[row, day]))[0]
        misses = self.misses(row, day)
        return guessed(expected) if misses is None else expected + misses

    def misses(self, row: int, day: int) -> Array | None:
        """By how much the forecasts of the evenings before were wrong, (sample, `horizon`), sized for today.

        None where the series is too young to know.
        """
        sold = np.flatnonzero(self.demand[row, : day + 1])
        end = day - self.horizon + 1
        origins = np.arange(max(end - _NEWEST, int(sold[0]) + 1 if len(sold) else 0), end)[::-_EVERY]
        if len(origins) < _FEWEST:
            return None
        smoothing = int(self.best[row, day])
        spoke = self._expected(row, origins, smoothing)
        came = np.lib.stride_tricks.sliding_window_view(self.demand[row], self.horizon)[origins + 1]
        # Misses grow with the level, as those of counts do: by its root.
        now = max(float(self.levels[smoothing, row, day]), 0.0)
        grown = np.sqrt(np.clip(now / np.maximum(spoke.mean(axis=1), 1e-9), *_GROWTH))
        sized: Array = (came - spoke) * grown[:, None]
        return sized

    def _expected(self, row: int, days: NDArray[np.int64], smoothing: int) -> Array:
        """The forecast of the `horizon` days after each of `days`."""
        period = self.season.shape[2]
        ahead = (days[:, None] + 1 + np.arange(self.horizon)) % period
        found: Array = self.levels[smoothing, row, days][:, None] * self.season[row, days[:, None], ahead]
        return found


def guessed(expected: Array) -> Array:
    """Sample paths where no miss is known yet: counts, around a mean that may as well be half or double."""
    rng = np.random.default_rng(0)
    uncertain = rng.gamma(_SURE, 1 / _SURE, (_GUESSES, 1))
    return rng.poisson(np.maximum(expected, 0) * uncertain).astype(float)


def roll(demand: Array, period: int, horizon: int, aim: int) -> Rolling:
    """Follows all series (series, day) through time. `period`: days of the season, 1 for none; `horizon`: how
    far the paths reach; `aim`: the days whose sum is to be foretold well (the usual time an order protects).
    """
    levels, season = _smoothed(demand, period)
    return Rolling(demand, levels, season, _best(demand, levels, season, aim), horizon)


def _smoothed(demand: Array, period: int) -> tuple[Array, Array]:
    series, days = demand.shape
    rates = np.asarray(_SMOOTHINGS)[:, None]
    levels = np.zeros((len(rates), series, days))
    season = np.ones((series, days, period))
    level = np.zeros((len(rates), series))
    factors = np.ones((series, period))
    slow = np.zeros(series)  # the level that factors are measured against: the mean of about two seasons
    begun = np.zeros(series)
    for day in range(days):
        at = day % period
        begun += (begun > 0) | (demand[:, day] != 0)  # a series begins with its first sale
        adjusted = demand[:, day] / np.maximum(factors[:, at], 0.05)
        # At first a plain mean: a smoothing must not lean on the first value for long.
        first = 1 / np.maximum(begun, 1)
        level += np.maximum(rates, first) * (adjusted - level)
        slow += np.maximum(1 / (2 * period + 1), first) * (adjusted - slow)
        if period > 1 and day >= period:
            ratio = np.clip(demand[:, day] / np.where(slow > 0, slow, 1.0), 0.0, 5.0)
            step = np.where(slow > 0, _SEASONAL, 0.0) * (ratio - factors[:, at])
            factors[:, at] += step
            factors /= np.maximum(factors.mean(axis=1, keepdims=True), 1e-9)
        levels[:, :, day] = level
        season[:, day] = factors
    return levels, season


def _best(demand: Array, levels: Array, season: Array, aim: int) -> NDArray[np.int64]:
    """By series and day: the smoothing with the least squared misses so far of sums over `aim` days."""
    series, days = demand.shape
    period = season.shape[2]
    missed = np.zeros(levels.shape[:2])
    best = np.zeros((series, days), dtype=np.int64)
    sums = np.cumsum(np.pad(demand, ((0, 0), (1, 0))), axis=1)
    for day in range(days):
        origin = day - aim
        if origin >= 0:
            came = sums[:, day + 1] - sums[:, origin + 1]
            ahead = (origin + 1 + np.arange(aim)) % period
            share = season[:, origin][:, ahead].sum(axis=1)
            missed = _MEMORY * missed + (came - levels[:, :, origin] * share) ** 2
        best[:, day] = missed.argmin(axis=0)
    return best
