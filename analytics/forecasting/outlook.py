"""Sample paths of the demand ahead: the forecast in force, with what forecasts used to miss.

forecasts.demand says what is expected of each day and how wide nine in ten days spread. What a stretch of
days adds up to hangs on how their misses go together: whole stretches of past misses (`rolling`) tell,
widened or narrowed to the spread of the forecast.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.forecasting.rolling import Rolling, guessed
from analytics.forecasting.tables import DEMAND
from connectors.errors import AssistantError
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

Array = NDArray[np.float64]

_WIDENED = (0.5, 2.0)  # a spread is taken for no more different from that of past misses than so
_BETWEEN = (0.05, 0.95)  # forecasts.demand: nine in ten days
_NOTHING = 1e-9  # units a day: a forecast of no more expects nothing


@dataclass(frozen=True)
class Outlook:
    """The forecast in force: `days` holds sku, depot_id, day, mean, lower, upper of the days ahead."""

    as_of: date
    days: pl.DataFrame
    snapshot: int

    def after(self, day: date) -> dict[tuple[str, str], Array]:
        """By article and depot: mean, lower and upper (rows) of the days after `day`; null as NaN."""
        later = self.days.filter(pl.col("day") > day).sort("day")
        return {
            (str(sku), str(depot)): rows.select("mean", "lower", "upper").to_numpy().T
            for (sku, depot), rows in later.group_by("sku", "depot_id", maintain_order=True)
        }


def read_outlook(settings: Settings, as_of: date | None = None) -> Outlook:
    """The newest forecast of demand that was made from no day after `as_of` (default: from any).

    Raises AssistantError where there is none, or none that reaches beyond `as_of`.
    """
    warehouse = Warehouse(settings)
    snapshot = warehouse.snapshot()
    if not warehouse.exists(DEMAND):
        raise AssistantError("There is no forecast of demand yet.", _REMEDY)
    days = warehouse.query(
        f"SELECT sku, depot_id, day, mean, lower, upper, as_of FROM {DEMAND} WHERE made_at = "
        f"(SELECT max(made_at) FROM {DEMAND} WHERE $as_of IS NULL OR as_of <= $as_of)",
        {"as_of": as_of},
        snapshot=snapshot,
    )
    if days.filter(pl.col("day") > (as_of or pl.col("as_of"))).is_empty():
        known = f"that was known on {as_of} reaches beyond it" if as_of else "is there yet"
        raise AssistantError(f"No forecast of demand {known}.", _REMEDY)
    return Outlook(days["as_of"].max(), days, snapshot)  # type: ignore[arg-type]


_REMEDY = "Run `sda flow run plan`, which forecasts first."


def paths_around(forecast: Array, rolling: Rolling, row: int) -> Array:
    """Sample paths (sample, day) around a forecast (mean, lower, upper; day) of a series, whose own misses up
    to its last day say how days go together.
    """
    mean, lower, upper = forecast
    misses = rolling.misses(row, rolling.demand.shape[1] - 1)
    if misses is None or not mean.max() > _NOTHING:  # around nothing, rounding would say what is expected
        return guessed(mean)
    misses = misses[:, : len(mean)] - misses[:, : len(mean)].mean(axis=0)
    usual = float(np.diff(np.quantile(misses, _BETWEEN, axis=0), axis=0).sum())
    spread = float(np.nansum(upper - lower))
    widened = float(np.clip(spread / usual, *_WIDENED)) if usual > 0 and spread > 0 else 1.0
    sampled: Array = mean + widened * misses
    return sampled
