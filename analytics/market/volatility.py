"""How much returns swing: a moving standard deviation, and the exponentially weighted one of RiskMetrics.

J.P. Morgan/Reuters, RiskMetrics Technical Document, 4th edition (1996), chapter 5: the variance expected of a
day is DECAY times that of the day before plus the rest times the square of the return seen then; the mean of
daily returns is taken as zero.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.market.returns import DAYS_A_YEAR

DECAY = 0.94  # for daily returns
WARM_UP = 20  # returns that the first variance is the mean square of

Floats = NDArray[np.float64]


def ewma(returns: Floats, decay: float = DECAY) -> Floats:
    """The standard deviation expected of each day from the days before it, and of the day to come.

    One longer than `returns`; the first WARM_UP are nan. Daily, not of a year.
    """
    expected = np.full(len(returns) + 1, np.nan)
    if len(returns) < WARM_UP:
        return expected
    variance = float(np.mean(returns[:WARM_UP] ** 2))
    expected[WARM_UP] = variance
    for place in range(WARM_UP, len(returns)):
        variance = decay * variance + (1 - decay) * float(returns[place]) ** 2
        expected[place + 1] = variance
    deviation: Floats = np.sqrt(expected)
    return deviation


def volatility(returns: pl.DataFrame, window: int = 63) -> pl.DataFrame:
    """`day, instrument, moving, weighted` from `day, instrument, return`, both of a year.

    `moving` is the standard deviation of the last `window` returns, null before there are as many.
    """
    parts = []
    for part in returns.sort("day").partition_by("instrument", maintain_order=True):
        expected = ewma(part["return"].to_numpy())[1:]  # after the day
        parts.append(
            part.select(
                "day",
                "instrument",
                (pl.col("return").rolling_std(window) * DAYS_A_YEAR**0.5).alias("moving"),
                pl.Series("weighted", expected * DAYS_A_YEAR**0.5).fill_nan(None),
            )
        )
    return pl.concat(parts) if parts else _NONE


_NONE = pl.DataFrame(
    schema={"day": pl.Date, "instrument": pl.String, "moving": pl.Float64, "weighted": pl.Float64}
)
