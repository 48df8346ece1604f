"""Whether one model is better than another beyond noise, on the same cases."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rows = NDArray[np.int64]

RESAMPLES = 1_000
MOST_BLOCKS = 2_000  # entities are pooled into so many blocks by chance: as valid, and fast for any number
LEVEL = 0.95  # of the intervals that are shown
# Of the interval that decides: one standard error on either side, the rule of Breiman et al. (1984, section
# 3.4.3), as for calibration and the search. At 95 % a table of a few hundred rows could never leave the line.
BEYOND_NOISE = 0.6827


def mean_interval(values: Array, groups: Rows, seed: int = 0, level: float = LEVEL) -> tuple[float, float]:
    """The interval of the mean of `values` (rows,): a bootstrap over `groups`, numbers from 0 up.

    Cases of one group (an entity) are drawn together, for they tell the same story twice.
    """
    random = np.random.default_rng(seed)
    count = int(groups.max()) + 1
    if count > MOST_BLOCKS:
        groups = (random.permutation(count) % MOST_BLOCKS)[groups]
        count = MOST_BLOCKS
    sums, sizes = np.bincount(groups, values, count), np.bincount(groups, minlength=count)
    drawn = random.integers(0, count, (RESAMPLES, count))
    means = sums[drawn].sum(axis=1) / np.maximum(sizes[drawn].sum(axis=1), 1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def simplest_of_the_best(losses: Mapping[str, Array], groups: Rows) -> str:
    """The first of the candidates (simplest first) that the best one is not better than beyond noise.

    `losses` of each candidate are of the same cases, shape (rows,). The best has the lowest mean loss; it is
    better beyond noise where the interval of the paired differences lies above 0.
    """
    best = min(losses, key=lambda name: float(losses[name].mean()))
    for name, each in losses.items():
        if name == best or mean_interval(each - losses[best], groups, level=BEYOND_NOISE)[0] <= 0:
            return name
    raise ValueError("no losses were given")
