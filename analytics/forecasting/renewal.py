"""From one order to the next: where reviews find the stock on its way down, and how large orders get."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_FAR = 8  # mean demands from one level to the other, beyond which the limit of renewal theory holds
_DRAWS = 300
_POINTS = 4


@dataclass(frozen=True)
class Descent:
    """`seen`: how far above the least position that orders nothing the stock is when more is asked for.
    `often`: how often from there, in any unit. `batch`: units of an average order.
    """

    seen: Array
    often: Array
    batch: float


def descent(between: Array, gap: float) -> Descent:
    """The stock position from `gap` above the least one that orders nothing until it is below that.

    `between`: demands from one review to the next, some of them above zero. When nothing is asked for nothing
    changes, so only the others count. A gap of many demands is seen everywhere alike, but at its top as often
    as undershoot / mean demand (the limit of the renewal function); one of few is walked down by draws.
    """
    asked = between[between > 0]
    mean = float(asked.mean())
    if gap <= 0:
        return Descent(np.zeros(1), np.ones(1), mean)
    if gap > _FAR * mean:
        undershoot = mean_undershoot(between)
        reach = min(gap, float(asked.max()))  # no demand reaches the reorder point from further up
        inside = np.floor((np.arange(_POINTS) + 0.5) / _POINTS * reach)  # stock is in whole units
        often = np.append(np.full(_POINTS, reach / _POINTS), undershoot)
        return Descent(np.append(inside, gap), often, gap + undershoot)
    drawn = np.random.default_rng(0).integers(0, len(asked), (_DRAWS, 3 * _FAR))
    left = gap - np.cumsum(asked[drawn], axis=1)
    above = left[left >= 0]
    reviews = len(above) / _DRAWS
    if not len(above):
        return Descent(np.full(1, gap), np.ones(1), mean)
    inside = np.quantile(above, (np.arange(_POINTS) + 0.5) / _POINTS)
    often = np.append(np.full(_POINTS, reviews / _POINTS), 1.0)
    return Descent(np.append(inside, gap), often, (1 + reviews) * mean)


def mean_undershoot(between: Array) -> float:
    """How far below the reorder point a review that orders finds the stock, on average, after many."""
    return float((between**2).mean() / (2 * between.mean()))
