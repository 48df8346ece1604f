"""How far off a forecast may be: conformal intervals and sample paths from the errors of cross-validation.

The errors of a group are made comparable (divided by how far off the forecasts of their series were in the
*other* windows), pooled, and multiplied by the size of the series' own errors: split conformal prediction
with normalised scores (Lei et al. 2018), step by step of the horizon. A path of errors is taken whole, so
that sample paths keep what belongs together over time.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Below so many errors neighbouring steps of the horizon are pooled too.
ENOUGH = 100


@dataclass(frozen=True)
class Spread:
    """Errors of one group: `paths` (path, step), normalised; `windows` (path) says which one each is from;
    `sizes` (series), in units of the series.
    """

    paths: Array
    windows: NDArray[np.int64]
    sizes: Array

    def without(self, window: int) -> "Spread":
        """What the other windows say; this one too where there is no other."""
        others = self.windows != window
        return Spread(self.paths[others], self.windows[others], self.sizes) if others.any() else self

    def quantiles(self, probabilities: Array) -> Array:
        """(probability, step) of the normalised errors, with the correction for a finite number of them."""
        count, steps = self.paths.shape
        typical = _typical(self.paths)
        equal = self.paths / typical
        reach = max(0, -(-(ENOUGH // max(count, 1)) // 2))
        found = np.empty((len(probabilities), steps))
        for step in range(steps):
            around = equal[:, max(0, step - reach) : step + reach + 1]
            pool = np.sort(around[~np.isnan(around)])
            found[:, step] = _corrected(pool, probabilities) * typical[step]
        return found


def spread_of(errors: Array, scales: Array) -> Spread | None:
    """The spread of a group from its errors (series, window, step; NaN where there was none).

    `scales` (series): what the naive forecast misses, from which the size of a series without errors of its
    own is estimated. None where the group has no error at all.
    """
    known = ~np.isnan(errors)
    if not known.any():
        return None
    counts = known.sum(axis=2)
    sums = np.where(known, np.abs(errors), 0.0).sum(axis=2)
    usual = float(sums.sum() / (counts * scales[:, None]).sum())
    sizes = _sizes(sums.sum(axis=1), counts.sum(axis=1), scales, usual, errors.shape[2])
    paths, windows = [], []
    for window in range(errors.shape[1]):
        other_sums = sums.sum(axis=1) - sums[:, window]
        other_counts = counts.sum(axis=1) - counts[:, window]
        without = _sizes(other_sums, other_counts, scales, usual, errors.shape[2])
        tried = counts[:, window] > 0
        paths.append(errors[tried, window] / without[tried, None])
        windows.append(np.full(int(tried.sum()), window))
    return Spread(np.concatenate(paths), np.concatenate(windows), sizes)


def _sizes(sums: Array, counts: Array, scales: Array, usual: float, steps: int) -> Array:
    """Mean |error| of each series, the group's counting for one window."""
    found: Array = (sums + steps * usual * scales) / (counts + steps)
    floored: Array = np.maximum(found, 1e-12)
    return floored


def _typical(paths: Array) -> Array:
    """Mean |error| by step, smoothed over as many neighbours as few paths ask for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a step that was a gap in every window
        means = np.nanmean(np.abs(paths), axis=0)
    means = np.where(np.isnan(means), np.nanmean(means), means)
    reach = min(len(means) // 2, ENOUGH // max(len(paths), 1))
    smooth = [means[max(0, step - reach) : step + reach + 1].mean() for step in range(len(means))]
    typical: Array = np.maximum(np.array(smooth), 1e-12)
    return typical


def _corrected(pool: Array, probabilities: Array) -> Array:
    """Quantiles that a new error of the same kind falls below as often as said: ranks among count + 1.

    What lies beyond the outermost errors cannot be known from so few: the outermost one stands for it.
    """
    count = len(pool)
    ranks = probabilities * (count + 1) - 1
    found: Array = np.interp(ranks, np.arange(count), pool)
    return found
