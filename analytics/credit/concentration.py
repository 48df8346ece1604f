"""How unequally exposures are spread: Lorenz curve, Gini, Herfindahl-Hirschman index, top shares."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.market.volatility import Floats

TOPS = (1, 10, 50)


@dataclass(frozen=True)
class Concentration:
    """`hhi` is the sum of squared shares (1 / n if all are equal, 1 if one has all), `effective` one over it.

    `gini` is 0 where all have the same, and near 1 where one has all. `top` holds the share of the largest
    1, 10 and 50, as far as there are more than so many.
    """

    parts: int
    total: float
    hhi: float
    effective: float
    gini: float
    top: dict[int, float]


def concentration(exposures: Sequence[float] | Floats) -> Concentration | None:
    """Of exposures that are not negative; None where nothing is exposed."""
    sizes = np.sort(np.asarray(exposures, dtype=float))
    total = float(sizes.sum())
    if not total > 0:
        return None
    shares, count = sizes / total, len(sizes)
    hhi = float((shares**2).sum())
    ranks = np.arange(1, count + 1)
    return Concentration(
        parts=count,
        total=total,
        hhi=hhi,
        effective=1 / hhi,
        gini=float(2 * (ranks * shares).sum() / count - (count + 1) / count),
        top={most: float(shares[-most:].sum()) for most in TOPS if most < count},
    )


def lorenz(exposures: Sequence[float] | Floats, points: int = 100) -> tuple[Floats, Floats]:
    """The share of the smallest parts in number and in sum, from (0, 0) to (1, 1) in up to `points` steps."""
    sizes = np.sort(np.asarray(exposures, dtype=float))
    sums = np.concatenate([[0.0], np.cumsum(sizes)])
    places = np.unique(np.linspace(0, len(sizes), min(points, len(sizes)) + 1).round().astype(int))
    return places / max(len(sizes), 1), sums[places] / (sums[-1] or 1.0)
