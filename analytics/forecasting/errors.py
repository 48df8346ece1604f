"""Errors that series of any size share: divided by what the seasonal naive forecast misses in the past."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def scale_of(values: Array, season: int) -> float:
    """Mean |y(t) - y(t - m)| over the history, as the M4 organisers scale (Hyndman and Koehler 2006).

    m is the season up to 24 steps, else 1 (their weekly series have m = 1); 1 too where the history is
    shorter than two seasons. NaN (gaps) count in no pair. Zero where nothing ever changes.
    """
    lag = season if season <= 24 and len(values) >= 2 * season else 1
    apart = np.abs(values[lag:] - values[:-lag])
    apart = apart[~np.isnan(apart)]
    return float(apart.mean()) if len(apart) else 0.0


def mase(truth: Array, predicted: Array, scale: float) -> float:
    """Mean absolute scaled error; NaN of the truth counts nowhere."""
    error = np.abs(truth - predicted)
    known = ~np.isnan(error)
    return float(error[known].mean() / scale) if known.any() and scale > 0 else float("nan")
