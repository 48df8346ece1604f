"""What a forecast is: expected values, intervals, quantiles and sample paths of many series."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.forecasting.errors import mase
from analytics.forecasting.intervals import Spread
from analytics.forecasting.panel import Panel

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SeriesForecast:
    """The forecast of one series, and errors of its like with the size they have here.

    `truth` and `past` (window, step) are the cross-validation: what was and what would have been forecast,
    NaN where nothing could be tried. `scale`: what the naive forecast misses; `least`: zero where no value
    was ever negative, else minus infinity. `spread` None: nothing is known of the errors.
    """

    mean: Array  # (step)
    method: str
    kind: str
    truth: Array
    past: Array
    scale: float
    least: float
    spread: Spread | None
    size: float

    @property
    def mase(self) -> float:
        """Mean absolute scaled error in cross-validation; NaN where nothing could be tried."""
        return mase(self.truth, self.past, self.scale)

    def quantiles(self, probabilities: Sequence[float]) -> Array:
        """(probability, step); NaN where nothing is known of the errors."""
        wanted = np.asarray(probabilities, dtype=np.float64)
        if self.spread is None:
            return np.full((len(wanted), len(self.mean)), np.nan)
        return np.maximum(self.mean + self.size * self.spread.quantiles(wanted), self.least)

    def samples(self, paths: int, seed: int) -> Array:
        """(path, step): ways the next steps may go, drawn from whole paths of errors of like series."""
        if self.spread is None:
            return np.tile(self.mean, (paths, 1))
        whole = self.spread.paths[~np.isnan(self.spread.paths).any(axis=1)]
        if not len(whole):
            whole = np.nan_to_num(self.spread.paths)
        drawn = np.random.default_rng(seed).integers(0, len(whole), paths)
        return np.maximum(self.mean + self.size * whole[drawn], self.least)

    def moved(
        self, mean: Array, past: Array, spread: Spread | None, size: float, word: str
    ) -> "SeriesForecast":
        """The same series with another mean, as reconciliation gives it."""
        named = f"{self.method}, {word}" if word else self.method
        return replace(
            self,
            mean=np.maximum(mean, self.least),
            truth=self.truth[: len(past)],
            past=past,
            spread=spread,
            size=size,
            method=named,
        )


@dataclass(frozen=True)
class Forecast:
    """Forecasts of many series. `frame`: unique_id, ds, mean, lower, upper, method, one row per step ahead;
    lower and upper belong to the first level, further levels add lower_80, upper_80 and so on.
    """

    frame: pl.DataFrame
    series: Mapping[str, SeriesForecast] = field(repr=False)
    panel: Panel = field(repr=False)
    scores: pl.DataFrame = field(repr=False)  # group, method, series, mase, weight
    notes: tuple[str, ...] = ()
    seed: int = 0

    def samples(self, unique_id: str, paths: int = 500) -> Array:
        """Sample paths of one series, (paths, horizon); the same ones for the same seed."""
        return self.series[unique_id].samples(paths, self.seed + zlib.crc32(unique_id.encode()))

    def quantiles(self, unique_id: str, probabilities: Sequence[float]) -> Array:
        """Quantiles of one series, (probability, horizon)."""
        return self.series[unique_id].quantiles(probabilities)

    def mase(self) -> float:
        """Mean over the series of their error in cross-validation; NaN where nothing could be tried."""
        errors = [one.mase for one in self.series.values() if not np.isnan(one.mase)]
        return float(np.mean(errors)) if errors else float("nan")

    def coverage(self, level: float) -> float:
        """Share of the values of each window that lie in intervals made from the errors of the others."""
        held = total = 0
        wanted = np.array([(1 - level) / 2, (1 + level) / 2])
        spreads = {id(one.spread): one.spread for one in self.series.values() if one.spread is not None}
        for spread in spreads.values():
            for window in np.unique(spread.windows):
                low, high = spread.without(window).quantiles(wanted)
                misses = spread.paths[spread.windows == window]  # in sizes that the others say
                held += int(((misses >= low) & (misses <= high)).sum())
                total += int((~np.isnan(misses)).sum())
        return held / total if total else float("nan")


def framed(
    panel: Panel, found: Mapping[str, SeriesForecast], horizon: int, levels: Sequence[float]
) -> pl.DataFrame:
    """The frame of a `Forecast`, series in the order of the panel."""
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
