"""Whether sets and intervals hold the truth as often as they say, overall, by class and by group.

A label set or an interval says «the outcome is in here, nine times in ten», which can be counted.
Venn-Abers bounds say something else: that the probability, were it calibrated on the cases before, lies
between them. No single outcome can show that; the rate of many alike can. So cases are put into bins of equal
size by score, and a bin agrees where its observed rate lies within its mean bounds, give or take what chance
does to a rate.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.evaluation import wilson
from analytics.groups import Groups
from analytics.reliability import BINS

Array = NDArray[np.float64]
Marks = NDArray[np.bool_]


def coverage_of_sets(
    sets: Marks, truths: Array, classes: tuple[str, ...], nominal: float, groups: dict[str, Groups]
) -> dict[str, Any]:
    """How often the label sets (rows, classes) hold the class numbers `truths` (rows,); their mean size."""
    numbers = truths.astype(int)
    held = sets[np.arange(len(sets)), numbers]
    by_class = {
        name: float(held[numbers == place].mean())
        for place, name in enumerate(classes)
        if (numbers == place).any()
    }
    return _coverage(held, nominal, by_class, float(sets.sum(axis=1).mean()), groups)


def coverage_of_intervals(
    lower: Array, upper: Array, truths: Array, nominal: float, groups: dict[str, Groups]
) -> dict[str, Any]:
    """How often the intervals hold the values `truths`, all (rows,); `mean_size` is their mean width."""
    held = (lower <= truths) & (truths <= upper)
    return _coverage(held, nominal, {}, float((upper - lower).mean()), groups)


def agreement_of_bounds(lower: Array, upper: Array, scores: Array, truths: Array) -> dict[str, Any]:
    """Of how many `bins` the observed rate agrees with the Venn-Abers bounds; all arguments (rows,)."""
    order = np.argsort(scores, kind="stable")
    bins = [part for part in np.array_split(order, BINS) if len(part)]
    agreeing = 0
    for part in bins:
        low, high = wilson(float(truths[part].mean()), len(part))
        agreeing += int(low <= upper[part].mean() and lower[part].mean() <= high)
    return {"bins": len(bins), "agreeing": agreeing, "mean_width": float((upper - lower).mean())}


def _coverage(
    held: Marks, nominal: float, by_class: dict[str, float], size: float, groups: dict[str, Groups]
) -> dict[str, Any]:
    return {
        "nominal": nominal,
        "rows": len(held),
        "overall": float(held.mean()),
        "by_class": by_class,
        "mean_size": size,
        "by_group": {
            attribute: [
                {"group": name, "cases": int(own.sum()), "coverage": float(held[own].mean())}
                for name, own in each.masks()
                if own.any()
            ]
            for attribute, each in groups.items()
        },
    }
