"""Series side by side, as arrays: what every candidate is given."""

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.forecasting.frequency import Frequency, frequency_of
from connectors.errors import AssistantError

Array = NDArray[np.float64]
Moment = date | datetime | int


@dataclass(frozen=True)
class Panel:
    """Regular series of any length. `values[i]` ends at `ends[i]`; NaN where nothing is known (a gap)."""

    ids: tuple[str, ...]
    values: tuple[Array, ...]
    ends: tuple[Moment, ...]
    frequency: Frequency

    def after(self, index: int, horizon: int) -> list[Moment]:
        """The `horizon` moments that follow series `index`."""
        return self.frequency.after(self.ends[index], horizon)

    def moments(self, index: int, horizon: int) -> list[Moment]:
        """All moments of series `index` and the `horizon` ones that follow."""
        length = len(self.values[index])
        return self.frequency.after(self.ends[index], length + horizon, -length)


def panel_of(series: pl.DataFrame, frequency: Frequency | None = None) -> Panel:
    """The series of a frame (unique_id, ds, y): one row per step, in any order; y may be null.

    Steps that lack become gaps. Raises AssistantError where a moment comes twice or lies between two steps:
    `analytics.forecasting.series` makes a regular frame of any table.
    """
    missing = {"unique_id", "ds", "y"} - set(series.columns)
    if missing:
        raise AssistantError(
            f"The series lack the column {', '.join(sorted(missing))}.", "Give unique_id, ds and y."
        )
    if series.is_empty():
        raise AssistantError("There is no series to forecast.", "Give at least one with one value.")
    series = series.sort("unique_id", "ds")
    steps = frequency or frequency_of(series["unique_id"], series["ds"])
    ids, values, ends = [], [], []
    for key, rows in series.group_by("unique_id", maintain_order=True):
        ids.append(str(key[0]))
        values.append(_placed(ids[-1], steps.positions(rows["ds"]), rows["y"]))
        ends.append(rows["ds"][-1])
    return Panel(tuple(ids), tuple(values), tuple(ends), steps)


def _placed(name: str, placed: NDArray[np.int64], values: pl.Series) -> Array:
    if len(placed) > 1 and np.diff(placed).min() < 1:
        raise AssistantError(
            f"Series «{name}» has two values for one moment.", "Sum or average them first, one value a step."
        )
    full = np.full(int(placed[-1]) + 1, np.nan)
    full[placed] = values.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    full[~np.isfinite(full)] = np.nan
    return full


def filled(values: Array, season: int) -> Array:
    """`values` without gaps: the mean of the known values one season before and after, else a line.

    What was not known stays out of every error that is measured; it only must not break a method.
    """
    gaps = np.flatnonzero(np.isnan(values))
    if not len(gaps):
        return values
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return np.zeros_like(values)
    whole = values.copy()
    whole[gaps] = np.interp(gaps, known, values[known])
    if season > 1:
        for gap in gaps:
            around = [values[at] for at in (gap - season, gap + season) if 0 <= at < len(values)]
            around = [value for value in around if not np.isnan(value)]
            if around:
                whole[gap] = np.mean(around)
    return whole
