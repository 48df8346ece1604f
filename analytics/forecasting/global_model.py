"""One LightGBM for all series (mlforecast): short and noisy series borrow from the others.

Every series is brought to one scale; then lags, moving means over the season and the calendar predict the
next value, and each prediction is fed back for the one after it.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.forecasting.history import History

Array = NDArray[np.float64]

TREES: dict[str, Any] = {
    "n_estimators": 200,
    "learning_rate": 0.05,
    "num_leaves": 31,
    "min_child_samples": 30,
    "subsample": 0.8,
    "subsample_freq": 1,
    "colsample_bytree": 0.8,
    "verbose": -1,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "n_jobs": 1,
}


@dataclass(frozen=True)
class GlobalModel:
    """`difference`: 0 for levels, else the lag whose value is subtracted first (1: changes, a season: what
    differs from the same step of the last one). `objective`: l1 forecasts the median, l2 the mean.
    """

    seasons: tuple[int, ...]
    difference: int
    objective: str

    def __call__(self, histories: Sequence[History], horizon: int, enough: Callable[[], bool]) -> Array:
        """(series, horizon); NaN for series too short for the difference, and for all once time is up."""
        found = np.full((len(histories), horizon), np.nan)
        lags = self._lags(histories)
        least = self.difference + 12
        rows = [
            row
            for row, history in enumerate(histories)
            if len(history.values) >= least and _varies(history.values, self.difference)
        ]
        if enough() or not rows:
            return found
        used = [histories[row] for row in rows]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found[rows] = self._fitted(used, lags, horizon)
        return found

    def _fitted(self, histories: Sequence[History], lags: Sequence[int], horizon: int) -> Array:
        from lightgbm import LGBMRegressor
        from mlforecast import MLForecast
        from mlforecast.target_transforms import Differences, LocalStandardScaler

        past = pl.concat(
            [_rows(row, history, 0, len(history.values)) for row, history in enumerate(histories)]
        )
        steps = [Differences([self.difference])] if self.difference else []
        model = MLForecast(
            {"y": LGBMRegressor(objective=self.objective, **TREES)},
            freq=1,
            lags=list(lags),
            lag_transforms=self._means(max(lags)),
            target_transforms=[*steps, LocalStandardScaler()],
        )
        model.fit(past, static_features=[])
        ahead = [
            _rows(row, history, len(history.values), len(history.values) + horizon)
            for row, history in enumerate(histories)
        ]
        known = pl.concat(ahead).drop("y")
        predicted = model.predict(horizon, X_df=known if known.width > 2 else None).sort("unique_id", "ds")
        values: Array = predicted["y"].to_numpy().reshape(len(histories), horizon)
        return values

    def _lags(self, histories: Sequence[History]) -> list[int]:
        """The last steps, at most a season of them, whole seasons and the steps around them.

        None reaches beyond a third of the middle history, so that most of it is left to learn from.
        """
        season = self.seasons[0]
        wanted = {*range(1, min(season, 24) + 1), *range(1, 14)}
        for period in self.seasons:
            wanted |= {period - 1, period, period + 1, 2 * period, 3 * period}
        length = int(np.median([len(history.values) for history in histories]))
        longest = max((length - self.difference) // 3, 1)
        return sorted(lag for lag in wanted if 1 <= lag <= longest)

    def _means(self, longest: int) -> dict[int, list[Any]]:
        from mlforecast.lag_transforms import RollingMean, RollingStd, SeasonalRollingMean

        season = self.seasons[0]
        spans = sorted({span for span in (4, 13, *self.seasons) if 1 < span <= longest})
        found: dict[int, list[Any]] = {1: [RollingMean(span) for span in spans]}
        if spans:
            found[1].append(RollingStd(spans[min(1, len(spans) - 1)]))
        if season > 1 and 3 * season <= longest:
            found[season] = [SeasonalRollingMean(season_length=season, window_size=3)]
        return found


def _rows(row: int, history: History, begin: int, end: int) -> pl.DataFrame:
    values = np.full(end - begin, np.nan)
    values[: max(0, len(history.values) - begin)] = history.values[begin:end]
    calendar = history.calendar[begin:end]
    columns = {f"calendar_{at}": calendar[:, at] for at in range(calendar.shape[1])}
    return pl.DataFrame(
        {"unique_id": np.full(end - begin, row), "ds": np.arange(begin, end), "y": values} | columns
    )


def _varies(values: Array, difference: int) -> bool:
    """Whether anything is left to scale once the difference is taken, as in no series that repeats itself."""
    changes = values[difference:] - values[:-difference] if difference else values
    return bool(np.std(changes) > 1e-9 * max(1.0, float(np.abs(values).max())))
