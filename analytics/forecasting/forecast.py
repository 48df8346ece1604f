"""Forecasts of many series at once: the best of many methods for each, with intervals and sample paths."""

import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.forecasting.calendars import calendar_features
from analytics.forecasting.candidates import candidates, seasonal_naive
from analytics.forecasting.choice import Group, choose, grouped
from analytics.forecasting.errors import mase, scale_of
from analytics.forecasting.frequency import Frequency
from analytics.forecasting.history import History
from analytics.forecasting.intervals import Spread
from analytics.forecasting.kinds import kind_of
from analytics.forecasting.panel import Panel, filled, panel_of
from analytics.forecasting.trials import plan_for, run_trials
from connectors.errors import UsageError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SeriesForecast:
    """The forecast of one series: what is expected, and normalised errors with the size they have here."""

    mean: Array  # (step)
    method: str
    kind: str
    mase: float  # of the combination in cross-validation; NaN where nothing could be tried
    spread: Spread | None
    size: float
    least: float  # demand that was never negative stays so

    def quantiles(self, probabilities: Sequence[float]) -> Array:
        """(probability, step); NaN where nothing is known of the errors."""
        wanted = np.asarray(probabilities, dtype=np.float64)
        if self.spread is None:
            return np.full((len(wanted), len(self.mean)), np.nan)
        found = self.mean + self.size * self.spread.quantiles(wanted)
        return np.maximum(found, self.least)

    def samples(self, paths: int, seed: int) -> Array:
        """(path, step): ways the next steps may go, drawn from whole paths of errors of like series."""
        if self.spread is None:
            return np.tile(self.mean, (paths, 1))
        whole = self.spread.paths[~np.isnan(self.spread.paths).any(axis=1)]
        if not len(whole):
            whole = np.nan_to_num(self.spread.paths)
        drawn = np.random.default_rng(seed).integers(0, len(whole), paths)
        return np.maximum(self.mean + self.size * whole[drawn], self.least)


@dataclass(frozen=True)
class Forecast:
    """Forecasts of many series. `frame`: unique_id, ds, mean, lower, upper, method, one row per step ahead;
    lower and upper belong to the first level, further levels add lower_80, upper_80 and so on.
    """

    frame: pl.DataFrame
    series: dict[str, SeriesForecast] = field(repr=False)
    groups: tuple[Group, ...] = field(repr=False)
    notes: tuple[str, ...]
    seed: int = 0

    def samples(self, unique_id: str, paths: int = 500) -> Array:
        """Sample paths of one series, (paths, horizon); the same ones for the same seed."""
        return self.series[unique_id].samples(paths, self.seed + zlib.crc32(unique_id.encode()))

    def quantiles(self, unique_id: str, probabilities: Sequence[float]) -> Array:
        """Quantiles of one series, (probability, horizon)."""
        return self.series[unique_id].quantiles(probabilities)


def forecast(
    series: pl.DataFrame,
    season: int,
    horizon: int,
    seconds: float | None = None,
    levels: Sequence[float] = (0.9,),
    *,
    frequency: Frequency | None = None,
    seed: int = 0,
) -> Forecast:
    """The next `horizon` steps of every series of a frame (unique_id, ds, y; y may be null in gaps).

    `seconds` bounds what is tried (the cheapest method always is); None: everything. The same series, seed
    and tried methods give the same forecast. Raises UsageError for a horizon or season below one.
    """
    if horizon < 1 or season < 1:
        raise UsageError("Horizon and season are at least one step.", "Give whole numbers from 1.")
    deadline = None if seconds is None else time.monotonic() + seconds
    panel = panel_of(series, frequency)
    kinds = [kind_of(values, season, horizon) for values in panel.values]
    plan = plan_for(sum(kind not in {"constant", "short"} for kind in kinds), horizon, season)
    tried = candidates(seasons_of(season))
    trials = run_trials(panel.values, _histories(panel, season, horizon), kinds, plan, tried, deadline)
    scales = np.array([_scale(values, season) for values in panel.values])
    groups = choose(trials, grouped(kinds), scales)
    found: dict[str, SeriesForecast] = {}
    for group in groups:
        for index, row in enumerate(group.rows):
            error = mase(trials.truth[row], group.combined.past[index], scales[row])
            size = float(group.spread.sizes[index]) if group.spread else 0.0
            found[panel.ids[row]] = SeriesForecast(
                np.maximum(group.means[index], _least(panel.values[row])),
                group.method(index),
                kinds[row],
                error,
                group.spread,
                size,
                _least(panel.values[row]),
            )
    for row, kind in enumerate(kinds):
        if kind in {"constant", "short"}:
            found[panel.ids[row]] = _untried(panel.values[row], kind, season, horizon, groups, scales[row])
    frame = _frame(panel, found, horizon, levels)
    return Forecast(frame, found, tuple(groups), tuple(trials.notes), seed)


def seasons_of(season: int) -> list[int]:
    """The season and the longer one that comes with it: hours have days and weeks."""
    return [season, 7 * season] if season in {24, 48, 96} else [season]


def _histories(panel: Panel, season: int, horizon: int) -> list[History]:
    return [
        History(
            filled(values, season),
            calendar_features(panel.moments(row, horizon), panel.frequency),
        )
        for row, values in enumerate(panel.values)
    ]


def _scale(values: Array, season: int) -> float:
    scale = scale_of(values, season)
    return scale if scale > 0 else max(scale_of(values, 1), 1e-9)


def _least(values: Array) -> float:
    known = values[~np.isnan(values)]
    return 0.0 if len(known) and known.min() >= 0 else -np.inf


def _untried(
    values: Array, kind: str, season: int, horizon: int, groups: Sequence[Group], scale: float
) -> SeriesForecast:
    """A series on which nothing can be tried: what it always was, or its last season again."""
    whole = filled(values, season)
    if kind == "constant":
        level = float(whole[-1])
        none = Spread(np.zeros((1, horizon)), np.zeros(1))
        return SeriesForecast(
            np.full(horizon, level), "Constant", kind, float("nan"), none, 0.0, _least(values)
        )
    mean = seasonal_naive(whole, season, horizon)
    # Errors of the other series, in units of what the naive forecast misses here.
    lender = max((group for group in groups if group.spread), key=lambda group: len(group.rows), default=None)
    if lender is None or lender.spread is None:
        return SeriesForecast(mean, "SeasonalNaive", kind, float("nan"), None, 0.0, _least(values))
    relative = float(np.median(lender.spread.sizes))
    return SeriesForecast(
        mean, "SeasonalNaive", kind, float("nan"), lender.spread, relative * scale, _least(values)
    )


def _frame(
    panel: Panel, found: dict[str, SeriesForecast], horizon: int, levels: Sequence[float]
) -> pl.DataFrame:
    parts = []
    for row, name in enumerate(panel.ids):
        one = found[name]
        columns = {"unique_id": [name] * horizon, "ds": panel.after(row, horizon), "mean": one.mean}
        for place, level in enumerate(levels):
            suffix = f"_{level * 100:g}" if place else ""
            columns[f"lower{suffix}"], columns[f"upper{suffix}"] = one.quantiles(
                [(1 - level) / 2, (1 + level) / 2]
            )
        parts.append(pl.DataFrame(columns).with_columns(pl.lit(one.method).alias("method")))
    return pl.concat(parts).with_columns(pl.col(pl.Float64).fill_nan(None))
