"""Intervals for predicted values whose width follows the case: conformalised quantile regression.

Romano, Patterson and Candès (2019): two models learn the 5 % and the 95 % quantile; how far held-out values
fall outside what they say is added on both sides, so that the intervals hold nine in ten further values,
whatever the quantile models are worth. It is measured in widths of the interval (CQR-r of Sesia and Candès,
2020): added in the unit of the values it would make narrow intervals too wide and leave wide ones too
narrow (arrivals: 97 % of the first stops of a trip held, 88 % of the last; by width 95 and 90 %). With
fewer than FEWEST_ROWS held-out values two more models only add noise, and the binned errors of the model
itself make the interval (`analytics.conformal`).
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.conformal import COVERAGE, Conformal, conformal
from analytics.models import families
from analytics.models.learner import Effort, Fitted, Inputs, Problem, Scorer

Array = NDArray[np.float64]

FEWEST_ROWS = 500
SHARE = 0.1  # of the seconds, for each quantile
LEAST_WIDTH = 0.1  # of the average width, added to each where widening is measured in it
_LOWER, _UPPER = "lower", "upper"


@dataclass(frozen=True)
class Quantiles:
    """Models of the lower and the upper quantile, and how far their values are moved apart.

    `widening` is in widths of the interval, each `least` wider; where that is None, in the unit of the values
    (models of earlier versions).
    """

    lower: Scorer
    upper: Scorer
    widening: float
    least: float | None

    def bounds(self, inputs: Inputs) -> tuple[Array, Array]:
        """Lower and upper bound of the value of each case, both of shape (rows,)."""
        low, high = _ordered(self.lower.margins(inputs), self.upper.margins(inputs))
        middle = (low + high) / 2
        apart = self.widening if self.least is None else self.widening * (high - low + self.least)
        # A negative widening may not turn an interval inside out.
        return np.minimum(low - apart, middle), np.maximum(high + apart, middle)

    def save(self, folder: Path) -> dict[str, Any]:
        """Writes both models into folders of their own within `folder`; returns the rest, for the card."""
        content: dict[str, Any] = {"widening": self.widening, "least": self.least}
        for name, scorer in ((_LOWER, self.lower), (_UPPER, self.upper)):
            own = folder / name
            own.mkdir()
            content[name] = scorer.save(own)
        return content

    @classmethod
    def load(cls, folder: Path, content: dict[str, Any], threads: int) -> "Quantiles":
        """What `save` wrote."""
        lower, upper = (families.load(folder / name, content[name], threads) for name in (_LOWER, _UPPER))
        return cls(lower, upper, content["widening"], content.get("least"))


def bounds_of(
    problem: Problem, folds: NDArray[np.int64], effort: Effort, fitted: Fitted
) -> Quantiles | Conformal:
    """The intervals of predicted values, from the rows that a `fitted` model of `problem` has not seen.

    `folds` as in `models.learner`; the quantile models are fitted over the same. They come after a fit that
    was given all the seconds, so each of the two takes no more than SHARE of them.
    """
    if len(fitted.held_out) < FEWEST_ROWS:
        return conformal(fitted.margins, problem.labels[fitted.held_out])
    short = replace(effort, seconds=None if effort.seconds is None else effort.seconds * SHARE)
    tail = (1 - COVERAGE) / 2
    lower, upper = (_quantile(problem, folds, short, level) for level in (tail, 1 - tail))
    widening, least = _widening(problem.labels[lower.held_out], lower.margins, upper.margins, COVERAGE)
    return Quantiles(lower.scorer, upper.scorer, widening, least)


def _quantile(problem: Problem, folds: NDArray[np.int64], effort: Effort, level: float) -> Fitted:
    from analytics.models import boosting

    # Monotone directions hold for the mean; LightGBM does not keep them where it renews leaves to quantiles.
    free = replace(problem, monotone=())
    usual = boosting.parameters(problem.kind, len(problem.labels), seed=problem.seed)
    return boosting.fit(free, folds, effort, {**usual, "objective": "quantile", "alpha": level})


def _widening(truths: Array, lower: Array, upper: Array, coverage: float) -> tuple[float, float]:
    """The distance beyond the quantiles that `coverage` of held-out values keep within (negative: inside).

    In widths of the interval, each widened by the second number: also one without width has a measure.
    """
    low, high = _ordered(lower, upper)
    least = float(LEAST_WIDTH * np.mean(high - low)) or 1.0
    beyond = np.sort(np.maximum(low - truths, truths - high) / (high - low + least))
    rank = int(np.ceil(coverage * (len(beyond) + 1)))
    return float(beyond[min(rank, len(beyond)) - 1]), least


def _ordered(lower: Array, upper: Array) -> tuple[Array, Array]:
    """Two models may cross where there is little between them."""
    return np.minimum(lower, upper), np.maximum(lower, upper)
