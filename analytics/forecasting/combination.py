"""One forecast of many: how much each candidate counts for each series.

Weights fall with the error in cross-validation. The errors of one series over a few windows are mostly
chance, so they are mixed with those of its group before the candidates are weighed. How strongly, how many
candidates stay, and how sharply they are told apart is chosen by leaving one window out: the weights come
from the others, the error from this one.
"""

import itertools
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
NEAR = 1.01


@dataclass(frozen=True)
class Way:
    """`kept`: so many candidates, the best of the group; `sharpness` p: weight ~ error^-p; `pull`: how many
    windows the mean of the group counts for against the windows of the series itself.
    """

    kept: int
    sharpness: float
    pull: float


def ways(candidates: int) -> Iterator[Way]:
    """All that are compared."""
    kept = sorted({min(count, candidates) for count in (1, 2, 3, 5, 8, candidates)})
    for count in kept:
        yield Way(count, 0.0, 1.0)
    for count, sharpness, pull in itertools.product(kept[1:], (1.0, 2.0, 4.0, 8.0), (4.0, 1.0, 0.25)):
        yield Way(count, sharpness, pull)


@dataclass(frozen=True)
class Combined:
    """The combination of one group: `weights` (candidate, series) for the future; `past` (series, window,
    step) as it would have been forecast with weights of the other windows; `loss` (candidates) for the group.
    """

    way: Way
    weights: Array
    past: Array
    loss: Array


def combine(past: Array, truth: Array, future: Array, scales: Array, *, squared: bool = False) -> Combined:
    """The best way for a group of series.

    `past` (candidate, series, window, step), `truth` (series, window, step), `scales` (series); `future`
    (candidate, series, step) only tells which candidate works for which series. `squared`: errors are
    squared, so that the mean is forecast and not the median (for demand that is mostly zero).
    """
    losses = _losses(past, truth, scales, squared=squared)
    works: Flags = ~np.any(np.isnan(future), axis=2)
    windows = np.flatnonzero(~np.isnan(losses).all(axis=(0, 1)))
    tried = [(way, _left_out(past, losses, works, windows, way)) for way in ways(len(past))]
    errors = [_loss_of(left_out, truth, scales, squared=squared) for _, left_out in tried]
    # Differences below a hundredth are chance: of such ways one that trusts most candidates.
    near = [at for at, error in enumerate(errors) if error <= min(errors) * NEAR]
    way, left_out = tried[max(near, key=lambda at: (tried[at][0].kept, -errors[at]))]
    loss = np.array([np.nanmean(of_one) if not np.isnan(of_one).all() else np.inf for of_one in losses])
    return Combined(way, _weights(losses, works, way), left_out, loss)


def mixed(forecasts: Array, weights: Array) -> Array:
    """Weighted mean over candidates of (candidate, series, …); one that says NaN hands on its weight."""
    spread = weights.reshape(weights.shape + (1,) * (forecasts.ndim - 2))
    there = ~np.isnan(forecasts)
    total = np.where(there, spread, 0.0).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: Array = np.where(there, spread * np.nan_to_num(forecasts), 0.0).sum(axis=0) / total
    return mean


def _left_out(past: Array, losses: Array, works: Flags, windows: NDArray[np.intp], way: Way) -> Array:
    found = np.full(past.shape[1:], np.nan)
    for window in windows:
        others = losses.copy()
        if len(windows) > 1:
            others[:, :, window] = np.nan
        found[:, window] = mixed(past[:, :, window], _weights(others, works, way))
    return found


def _weights(losses: Array, works: Flags, way: Way) -> Array:
    """(candidate, series), each column summing to one, from losses (candidate, series, window)."""
    relative = _relative(losses)
    of_group = np.array([np.nanmean(one) if not np.isnan(one).all() else np.inf for one in relative])
    tried = ~np.isnan(relative)
    own = np.where(tried, relative, 0.0).sum(axis=2)
    expected = (own + way.pull * np.where(np.isinf(of_group), 0, of_group)[:, None]) / (
        tried.sum(axis=2) + way.pull
    )
    keep = np.zeros(len(losses), dtype=bool)
    keep[np.argsort(of_group, kind="stable")[: way.kept]] = True
    usable = works & keep[:, None] & np.isfinite(of_group)[:, None]
    # A series on which no kept candidate works takes all that work.
    usable = np.where(usable.any(axis=0)[None, :], usable, works)
    weights = np.where(usable, np.maximum(expected, 1e-6) ** -way.sharpness, 0.0)
    total = weights.sum(axis=0)
    shares: Array = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    return shares


def _relative(losses: Array) -> Array:
    """Losses divided by the middle one of the same series and window: hard windows count like easy ones."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # no candidate at all: NaN, as it should be
        middle = np.nanmedian(losses, axis=0)
        # Where almost nothing was missed, almost everything would be many times as much.
        least = 0.01 * float(np.nanmedian(middle))
    relative: Array = losses / np.where(middle > least, middle, least or 1.0)
    return relative


def _losses(past: Array, truth: Array, scales: Array, *, squared: bool) -> Array:
    error = (past - truth[None]) / scales[None, :, None, None]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        losses: Array = np.nanmean(error**2 if squared else np.abs(error), axis=3)
    return losses


def _loss_of(found: Array, truth: Array, scales: Array, *, squared: bool) -> float:
    error = (found - truth) / scales[:, None, None]
    known = ~np.isnan(error)
    if not known.any():
        return float("inf")
    return float(np.mean(error[known] ** 2 if squared else np.abs(error[known])))
