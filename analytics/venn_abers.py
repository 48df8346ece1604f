"""Venn-Abers bounds: between which two probabilities the truth lies, with no assumption but exchangeability.

Vovk, Petej and Fedorova (2015), "Large-scale probabilistic predictors with and without guarantees of
validity", section 3. For a new case the isotonic fit is made twice, once as if its label were 0 and once
as if it were 1; the two values at the case are the bounds. Both are precomputed for every calibration
score in O(n log n), so that a million cases are looked up at once.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Point = tuple[float, float]

# The table is stored with the model: more distinct scores than this are merged into bins of equal size.
MOST_SCORES = 4_000


@dataclass(frozen=True)
class VennAbers:
    """For each calibration score (ascending): the fit at it with an extra case there, of label 0 and of 1."""

    scores: Array
    as_negative: Array
    as_positive: Array

    def bounds(self, scores: Array) -> tuple[Array, Array]:
        """Lower and upper probability of each score, both of shape (rows,)."""
        # A case of label 0 joins the block of the next score below it, one of label 1 that of the next above.
        below = np.searchsorted(self.scores, scores, side="right") - 1
        above = np.searchsorted(self.scores, scores, side="left")
        lower = np.where(below < 0, 0.0, self.as_negative[np.maximum(below, 0)])
        upper = np.where(above == len(self.scores), 1.0, self.as_positive[above % len(self.scores)])
        return lower, upper

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name).tolist() for name in ("scores", "as_negative", "as_positive")}

    @classmethod
    def from_json(cls, table: dict[str, Any]) -> "VennAbers":
        return cls(*(np.asarray(table[name], float) for name in ("scores", "as_negative", "as_positive")))


def venn_abers(scores: Array, labels: Array) -> VennAbers:
    """The table from calibration scores and their 0/1 labels, both of shape (cases,), at least one case."""
    distinct, place = np.unique(_merged(scores), return_inverse=True)
    weights = np.bincount(place).astype(float)
    positives = np.bincount(place, weights=labels).astype(float)
    as_positive = _fits_with_a_positive(weights, positives)
    # Label 0 is label 1 seen in a mirror: scores reversed, labels swapped.
    as_negative = 1.0 - _fits_with_a_positive(weights[::-1], (weights - positives)[::-1])[::-1]
    return VennAbers(distinct, as_negative, as_positive)


def _merged(scores: Array) -> Array:
    """Scores themselves, or, where there are too many distinct ones, the mean of their bin."""
    if len(np.unique(scores)) <= MOST_SCORES:
        return scores
    edges = np.unique(np.quantile(scores, np.linspace(0, 1, MOST_SCORES + 1)[1:-1]))
    bins = np.searchsorted(edges, scores, side="right")
    sums, counts = np.bincount(bins, weights=scores), np.bincount(bins)
    return np.asarray((sums / np.maximum(counts, 1))[bins])


def _fits_with_a_positive(weights: Array, positives: Array) -> Array:
    """The isotonic fit at each score once a positive case of that score is added (algorithms 1 and 2).

    The fit is the slope of the greatest convex minorant of the points (cases so far, positives so far). The
    added case is a step (1, 1) that is moved along the path one score at a time.
    """
    path = np.cumsum(np.column_stack([weights, positives]), axis=0)
    points: list[Point] = [(-1.0, -1.0), (0.0, 0.0), *map(tuple, path.tolist())]
    corners: list[Point] = points[:2]
    for point in points[2:]:
        while len(corners) > 1 and not _turns_left(corners[-2], corners[-1], point):
            corners.pop()
        corners.append(point)
    corners.reverse()  # the leftmost corner is on top of the stack
    fits = np.empty(len(weights))
    for i in range(len(weights)):
        fits[i] = _slope(corners[-1], corners[-2])
        before, here, after = points[i], points[i + 1], points[i + 2]
        moved = (before[0] + after[0] - here[0], before[1] + after[1] - here[1])
        points[i + 1] = moved
        if not _below(moved, corners[-1], corners[-2]):
            continue
        corners.pop()
        while len(corners) > 1 and not _turns_left(moved, corners[-1], corners[-2]):
            corners.pop()
        corners.append(moved)
    return fits


def _slope(a: Point, b: Point) -> float:
    return (b[1] - a[1]) / (b[0] - a[0])


def _turns_left(a: Point, b: Point, c: Point) -> bool:
    return (b[0] - a[0]) * (c[1] - b[1]) > (b[1] - a[1]) * (c[0] - b[0])


def _below(point: Point, a: Point, b: Point) -> bool:
    """Whether the point lies below the line through a and b (a left of b)."""
    return (b[0] - a[0]) * (point[1] - a[1]) < (b[1] - a[1]) * (point[0] - a[0])
