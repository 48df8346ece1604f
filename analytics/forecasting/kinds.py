"""What kind of series one is: methods are chosen for each kind, and some suit only one."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.panel import filled

Array = NDArray[np.float64]
Kind = Literal["constant", "short", "intermittent", "seasonal", "plain"]

# Mean steps between two demands above which Syntetos, Boylan and Croston (2005) call a series intermittent.
INTERMITTENT = 1.32
# Of Hyndman's strength of seasonality (1 - variance of the remainder / variance without the trend).
SEASONAL = 0.4
# So many equal values in a row and no other make a series constant; fewer are merely short.
CONSTANT = 6


def kind_of(values: Array, season: int, horizon: int) -> Kind:
    """The kind of a series with NaN where it has gaps. "short": nothing is left to try a method on."""
    known = values[~np.isnan(values)]
    if len(known) >= CONSTANT and np.ptp(known) == 0:
        return "constant"
    if len(known) == 0 or np.ptp(known) == 0 or len(values) < least_history(season, horizon) + horizon:
        return "short"
    demands = np.count_nonzero(known)
    if len(known) / demands >= INTERMITTENT:
        return "intermittent"
    return "seasonal" if seasonal_strength(filled(values, season), season) >= SEASONAL else "plain"


def least_history(season: int, horizon: int) -> int:
    """Steps a method must have before its first trial: a season or twice the horizon, at least six."""
    return max(min(season, 2 * horizon) + 1, 6)


def seasonal_strength(values: Array, season: int) -> float:
    """Share of the variance around a moving mean that one profile of the season explains, 0 to 1."""
    if season < 2 or len(values) < 2 * season:
        return 0.0
    level = np.convolve(values, np.full(season, 1 / season), mode="valid")
    start = season // 2
    around = values[start : start + len(level)] - level
    spread = float(np.var(around))
    if spread == 0:
        return 0.0
    position = (np.arange(len(around)) + start) % season
    profile = np.array([around[position == at].mean() for at in range(season)])
    cycles = len(around) / season
    # One profile over few cycles explains much by chance: degrees of freedom put that right.
    left = float(np.var(around - profile[position])) * cycles / max(cycles - 1, 0.5)
    return max(0.0, 1 - left / spread)
