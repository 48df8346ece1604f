"""The hours of a day put together into periods in which traffic is alike."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_ALIKE = 0.02  # of log pace, over the areas (root mean square)
_MOST_PERIODS = 8  # a matrix each


def merged_periods(hourly: Array) -> tuple[list[int], Array]:
    """First hours of the periods, and the mean log pace of each by area.

    `hourly` has shape (hours, areas). The two neighbours that differ least are put together until none are
    alike and there are few enough (Ward's rule with neighbours only, on means).
    """
    starts, means, lengths = list(range(len(hourly))), [*hourly], [1] * len(hourly)
    while len(means) > 1:
        apart = [float(np.sqrt(np.mean((after - before) ** 2))) for before, after in pairwise(means)]
        nearest = int(np.argmin(apart))
        if apart[nearest] > _ALIKE and len(means) <= _MOST_PERIODS:
            break
        both = lengths[nearest] + lengths[nearest + 1]
        means[nearest] = (
            means[nearest] * lengths[nearest] + means[nearest + 1] * lengths[nearest + 1]
        ) / both
        lengths[nearest] = both
        del starts[nearest + 1], means[nearest + 1], lengths[nearest + 1]
    return starts, np.array(means)
