"""The methods that are tried: each takes histories and gives their next values.

Local methods look at one series at a time (statsforecast, C++ below); the global one learns from all series
(`analytics.forecasting.global_model`). They stand in the order of their cost, so that a short time limit
leaves out the dearest.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.global_model import GlobalModel
from analytics.forecasting.history import History
from analytics.forecasting.kinds import Kind

Array = NDArray[np.float64]
# Histories, horizon, whether time is up -> (series, step); a row of NaN where it does not work for a series.
Method = Callable[[Sequence[History], int, Callable[[], bool]], Array]

LONGEST_OF_ARIMA = 4
_STEADY: frozenset[Kind] = frozenset(("seasonal", "plain"))
_ALL: frozenset[Kind] = frozenset(("seasonal", "plain", "intermittent"))


@dataclass(frozen=True)
class Candidate:
    """A method by name and the kinds of series it is tried on; `whole`: it learns from all series at once."""

    name: str
    method: Method = field(repr=False)
    kinds: frozenset[Kind] = _STEADY
    whole: bool = False

    def forecast(self, histories: Sequence[History], horizon: int, enough: Callable[[], bool]) -> Array:
        """(series, horizon) with NaN for what failed or ran away: ten times the range beyond all that was."""
        try:
            found = self.method(histories, horizon, enough)
        except Exception:  # noqa: BLE001 - as below: a method that fails is left out, not the forecast
            found = np.full((len(histories), horizon), np.nan)
        for row, history in enumerate(histories):
            low, high = float(history.values.min()), float(history.values.max())
            reach = 10 * (high - low) + 1e-9 * max(abs(low), abs(high))
            if not np.all((found[row] >= low - reach) & (found[row] <= high + reach)):
                found[row] = np.nan
        return found


def seasonal_naive(values: Array, season: int, horizon: int) -> Array:
    """The last season again; the last value where there is no whole season."""
    period = season if len(values) >= season else 1
    last = values[-period:]
    return np.tile(last, -(-horizon // period))[:horizon]


def candidates(seasons: Sequence[int]) -> list[Candidate]:
    """Every method for series with these seasons (the shortest first), cheapest first."""
    season = seasons[0]
    longer = [period for period in seasons if period > 1] or [1]
    of = tuple(seasons)
    return [
        Candidate("SeasonalNaive", _each(lambda y, h: seasonal_naive(y, season, h)), _ALL),
        Candidate("WindowAverage", _each(lambda y, h: _flat(y[-max(season, h) :].mean(), h)), _ALL),
        Candidate("CrostonSBA", _fitted("CrostonSBA"), frozenset(("intermittent",))),
        Candidate("TSB", _fitted("TSB", alpha_d=0.1, alpha_p=0.1), frozenset(("intermittent",))),
        Candidate("SES", _fitted("SimpleExponentialSmoothingOptimized"), frozenset(("intermittent",))),
        Candidate("Theta", _fitted("Theta", season_length=season)),
        Candidate("LightGBM-mean", GlobalModel(of, 0, "l2"), frozenset(("intermittent",)), whole=True),
        *(
            Candidate(f"LightGBM-{lag}" if lag else "LightGBM", GlobalModel(of, lag, "l1"), whole=True)
            for lag in sorted({0, 1, *seasons})
        ),
        Candidate("MFLES", _fitted("MFLES", season_length=longer), _ALL),
        *([Candidate("MSTL", _fitted("MSTL", season_length=longer))] if season > 1 else []),
        Candidate("DynamicTheta", _fitted("DynamicOptimizedTheta", season_length=season)),
        Candidate("CES", _fitted("AutoCES", season_length=season)),
        Candidate("AutoARIMA", _each(lambda y, h: _arima(y, h, seasons))),
        Candidate("AutoETS", _fitted("AutoETS", season_length=season)),
    ]


def _each(one: Callable[[Array, int], Array]) -> Method:
    """A method of one series for many. A series it fails on gets NaN; so do those left when time is up."""

    def run(histories: Sequence[History], horizon: int, enough: Callable[[], bool]) -> Array:
        found = np.full((len(histories), horizon), np.nan)
        for row, history in enumerate(histories):
            if enough():
                break
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                try:
                    found[row] = one(history.values, horizon)
                except Exception:  # noqa: BLE001, S112 - any numeric trouble: the others forecast this series
                    continue
        return found

    return run


def _fitted(name: str, **options: Any) -> Method:
    """A class of `statsforecast.models`, one model a series."""

    def one(values: Array, horizon: int) -> Array:
        from statsforecast import models

        forecast: Array = getattr(models, name)(**options).forecast(y=values, h=horizon)["mean"]
        return np.asarray(forecast, dtype=np.float64)

    return _each(one)


def _arima(values: Array, horizon: int, seasons: Sequence[int]) -> Array:
    """An ARIMA with its season up to a year of quarters; longer seasons are taken out by MSTL first.

    A seasonal ARIMA takes half a second a fit with a week of days, half a minute with a day of hours and many
    minutes with a year of weeks; with MSTL all take a tenth of a second.
    """
    from statsforecast.models import MSTL, AutoARIMA

    model: Any = AutoARIMA(season_length=seasons[0])
    if seasons[0] > LONGEST_OF_ARIMA:
        model = MSTL(season_length=list(seasons), trend_forecaster=AutoARIMA(max_p=3, max_q=3))
    return np.asarray(model.forecast(y=values, h=horizon)["mean"], dtype=np.float64)


def _flat(value: float, horizon: int) -> Array:
    return np.full(horizon, value)
