"""Intervals for predicted values that hold the truth as often as they say.

Split-conformal prediction (Vovk et al. 2005; Lei et al. 2018) with the residuals binned by predicted value
(Mondrian: Boström and Johansson 2020), so the interval is wide where errors are large, and with separate
lower and upper quantiles, so it leans to the side on which errors fall.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

COVERAGE = 0.9
FEWEST_PER_BIN = 100  # residuals, so that both tail quantiles rest on several cases
MOST_BINS = 10


@dataclass(frozen=True)
class Conformal:
    """Residual quantiles per bin of the predicted value; `edges` separate the bins."""

    edges: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]

    def bounds(self, predictions: Array) -> tuple[Array, Array]:
        """Lower and upper bound of each predicted value, both of shape (rows,)."""
        bins = np.searchsorted(self.edges, predictions, side="right")
        return predictions + np.asarray(self.lower)[bins], predictions + np.asarray(self.upper)[bins]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> "Conformal":
        return cls(*(tuple(given[name]) for name in ("edges", "lower", "upper")))


def conformal(predictions: Array, truths: Array, coverage: float = COVERAGE) -> Conformal:
    """The interval of held-out predictions, both of shape (cases,), covering `coverage` of new cases."""
    count = int(np.clip(len(predictions) // FEWEST_PER_BIN, 1, MOST_BINS))
    edges = np.unique(np.quantile(predictions, np.linspace(0, 1, count + 1)[1:-1]))
    bins = np.searchsorted(edges, predictions, side="right")
    residuals = truths - predictions
    tail = (1 - coverage) / 2
    quantiles = [
        _tails(residuals[bins == b] if (bins == b).any() else residuals, tail) for b in range(len(edges) + 1)
    ]
    lower, upper = zip(*quantiles, strict=True)
    return Conformal(tuple(edges.tolist()), lower, upper)


def _tails(residuals: Array, tail: float) -> tuple[float, float]:
    """Both tail quantiles with the finite-sample step outwards; the extremes where cases are too few."""
    ordered = np.sort(residuals)
    rank = int(np.ceil((1 - tail) * (len(ordered) + 1))) - 1
    top = min(rank, len(ordered) - 1)
    return float(ordered[len(ordered) - 1 - top]), float(ordered[top])
