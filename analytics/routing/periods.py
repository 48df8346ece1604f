"""The hours of a day put together into periods in which traffic is alike."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_ALIKE = 0.03  # of log pace, over the areas (root mean square)
_MOST_PERIODS = 6  # a matrix each, and every route is timed through all of them


def merged_periods(hourly: Array, seen: Array) -> tuple[list[int], Array]:
    """First hours of the periods, and the mean log pace of each by area.

    `hourly` has shape (hours, areas), `seen`, (hours,) and positive, says how many cases an hour's pace
    stands on. Neighbours are put together, those first whose merging changes least (Ward's criterion with
    `seen` as weights: an hour that nobody drove joins its neighbours), until no two are alike and there are
    few enough.
    """
    starts, means, weights = list(range(len(hourly))), [*hourly], [*map(float, seen)]
    while len(means) > 1:
        apart = [float(np.mean((after - before) ** 2)) for before, after in pairwise(means)]
        change = [
            part * one * other / (one + other)
            for part, (one, other) in zip(apart, pairwise(weights), strict=True)
        ]
        least = int(np.argmin(change))
        alike = apart[least] <= _ALIKE**2 or change[least] <= _ALIKE**2
        if not alike and len(means) <= _MOST_PERIODS:
            break
        both = weights[least] + weights[least + 1]
        means[least] = (means[least] * weights[least] + means[least + 1] * weights[least + 1]) / both
        weights[least] = both
        del starts[least + 1], means[least + 1], weights[least + 1]
    return starts, np.array(means)
