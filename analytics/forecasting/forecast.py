"""Forecasts of many series at once: the best of many methods for each, with intervals and sample paths."""

import time
from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.forecasting.calendars import calendar_features
from analytics.forecasting.candidates import candidates, seasonal_naive
from analytics.forecasting.choice import Group, choose, grouped
from analytics.forecasting.errors import scale_of
from analytics.forecasting.frequency import Frequency
from analytics.forecasting.history import History
from analytics.forecasting.intervals import Spread
from analytics.forecasting.kinds import kind_of
from analytics.forecasting.outcome import Forecast, SeriesForecast, framed
from analytics.forecasting.panel import Panel, filled, panel_of
from analytics.forecasting.trials import Trials, plan_for, run_trials
from connectors.errors import UsageError

Array = NDArray[np.float64]


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
    and tried methods give the same forecast. Raises UsageError for a horizon or season below one and for a
    level that is none.
    """
    _check(season, horizon, levels)
    deadline = None if seconds is None else time.monotonic() + seconds
    panel = panel_of(series, frequency)
    kinds = [kind_of(values, season, horizon) for values in panel.values]
    plan = plan_for(sum(kind not in {"constant", "short"} for kind in kinds), horizon, season)
    tried = candidates(seasons_of(season))
    trials = run_trials(panel.values, _histories(panel, season, horizon), kinds, plan, tried, deadline)
    scales = np.array([_scale(values, season) for values in panel.values])
    groups = choose(trials, grouped(kinds), scales)
    found = {
        panel.ids[row]: one for group in groups for row, one in _of_group(group, panel, trials, kinds, scales)
    }
    for row, kind in enumerate(kinds):
        if kind in {"constant", "short"}:
            found[panel.ids[row]] = _untried(panel.values[row], kind, plan.season, trials.truth[row], groups)
    frame = framed(panel, found, horizon, levels)
    return Forecast(frame, found, panel, _scores(groups), tuple(trials.notes), seed)


def seasons_of(season: int) -> list[int]:
    """The season and the longer one that comes with it: hours have days and weeks."""
    return [season, 7 * season] if season in {24, 48, 96} else [season]


def _check(season: int, horizon: int, levels: Sequence[float]) -> None:
    if horizon < 1 or season < 1:
        raise UsageError("Horizon and season are at least one step.", "Give whole numbers from 1.")
    if not levels or not all(0 < level < 1 for level in levels):
        raise UsageError("A level is a share between 0 and 1.", "Give for example 0.9.")


def _histories(panel: Panel, season: int, horizon: int) -> list[History]:
    return [
        History(filled(values, season), calendar_features(panel.moments(row, horizon), panel.frequency))
        for row, values in enumerate(panel.values)
    ]


def _scale(values: Array, season: int) -> float:
    scale = scale_of(values, season)
    return scale if scale > 0 else max(scale_of(values, 1), 1e-9)


def _least(values: Array) -> float:
    known = values[~np.isnan(values)]
    return 0.0 if len(known) and known.min() >= 0 else -np.inf


def _of_group(
    group: Group, panel: Panel, trials: Trials, kinds: Sequence[str], scales: Array
) -> Iterator[tuple[int, SeriesForecast]]:
    for index, row in enumerate(group.rows):
        least = _least(panel.values[row])
        yield (
            row,
            SeriesForecast(
                mean=np.maximum(group.means[index], least),
                method=group.method(index),
                kind=kinds[row],
                truth=trials.truth[row],
                past=group.combined.past[index],
                scale=float(scales[row]),
                least=least,
                spread=group.spread,
                size=float(group.spread.sizes[index]) if group.spread else 0.0,
            ),
        )


def _untried(
    values: Array, kind: str, season: int, nothing: Array, groups: Sequence[Group]
) -> SeriesForecast:
    """A series on which nothing can be tried: what it always was, or its last season again.

    A short one borrows the errors of the largest group: they are to its scale there what they are to its own
    here; of a single value only the level is known, and the scale is to the level what it is there.
    """
    horizon = nothing.shape[1]
    whole, least = filled(values, season), _least(values)
    mean = seasonal_naive(whole, season, horizon)
    scale = _scale(values, season)
    spread: Spread | None = None
    size = 0.0
    if kind == "constant":
        spread = Spread(np.zeros((1, horizon)), np.zeros(1, dtype=np.int64), np.zeros(1))
    else:
        lender = max((one for one in groups if one.spread), key=lambda one: len(one.rows), default=None)
        if lender is not None and lender.spread is not None:
            spread = lender.spread
            if np.ptp(whole) == 0:
                scale = float(np.nanmedian(lender.scales / lender.levels)) * abs(float(whole[0]))
            size = float(np.median(lender.spread.sizes / lender.scales)) * scale
    method = "Constant" if kind == "constant" else "SeasonalNaive"
    return SeriesForecast(mean, method, kind, nothing, nothing, scale, least, spread, size)


def _scores(groups: Sequence[Group]) -> pl.DataFrame:
    """Every method of every group: its mean loss in cross-validation and its mean weight."""
    rows = [
        {
            "group": group.name,
            "series": len(group.rows),
            "method": name,
            "loss": float(group.combined.loss[at]),
            "weight": float(group.combined.weights[at].mean()),
        }
        for group in groups
        for at, name in enumerate(group.candidates)
    ]
    kinds = {
        "group": pl.String,
        "series": pl.Int64,
        "method": pl.String,
        "loss": pl.Float64,
        "weight": pl.Float64,
    }
    return pl.DataFrame(rows, schema=kinds)
