"""Whether predicted shares came true at each site, and not only on average over all of them.

Observed over expected is the ratio of the events seen to the sum of the probabilities; its 95 % interval is
Wilson's (1927) of the observed share over the mean probability, which is taken as given. Where a site has
enough cases, Cox's (1958) recalibration says how: the intercept with the slope held at 1 (calibration in the
large; above 0: more events than predicted) and the slope on the log-odds (below 1: the probabilities are too
extreme), with 95 % intervals from the information matrix.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.calibration import SMALLEST, sigmoid
from analytics.evaluation import wilson

Array = NDArray[np.float64]
Estimate = tuple[float, float, float]  # the value and its 95 % interval

FEWEST_CASES, FEWEST_EXPECTED = 30, 5.0  # below them a ratio is an anecdote: the site is pooled
FEWEST_FOR_SLOPE, FEWEST_OF_A_KIND = 100, 10
_SURE, _STEPS, _CLOSE = 1.959964, 50, 1e-10


@dataclass(frozen=True)
class Site:
    """How predictions and outcomes of one site (or of `sites` pooled small ones) compare."""

    name: str
    sites: int
    cases: int
    observed: int
    expected: float
    ratio: Estimate | None = None
    in_the_large: Estimate | None = None
    slope: Estimate | None = None


def calibration_by_site(cases: pl.DataFrame) -> list[Site]:
    """The sites of `cases` (`site`, `score`: a probability, `label`: 0 or 1), the largest first.

    Sites too small to be judged are one entry, the last, without a name. That too has no ratio where all of
    them together are too few.
    """
    apart = [each.drop("site") for each in cases.drop_nulls("site").partition_by("site", maintain_order=True)]
    names = cases.drop_nulls("site")["site"].unique(maintain_order=True).to_list()
    named = sorted(zip(names, apart, strict=True), key=lambda each: (-each[1].height, each[0]))
    judged = [_site(name, 1, each) for name, each in named if _enough(each)]
    small = [each for _name, each in named if not _enough(each)]
    if nobodys := cases.filter(pl.col("site").is_null()).drop("site").height:
        small.append(cases.filter(pl.col("site").is_null()).drop("site"))
    return [*judged, _site("", len(small), pl.concat(small))] if small or nobodys else judged


def _enough(cases: pl.DataFrame) -> bool:
    return cases.height >= FEWEST_CASES and float(cases["score"].sum()) >= FEWEST_EXPECTED


def _site(name: str, sites: int, cases: pl.DataFrame) -> Site:
    scores, labels = cases["score"].to_numpy(), cases["label"].cast(pl.Float64).to_numpy()
    observed, expected = int(labels.sum()), float(scores.sum())
    if not _enough(cases):
        return Site(name, sites, len(labels), observed, expected)
    mean = expected / len(labels)
    low, high = wilson(observed / len(labels), len(labels))
    ratio = (observed / expected, low / mean, high / mean)
    if len(labels) < FEWEST_FOR_SLOPE or min(observed, len(labels) - observed) < FEWEST_OF_A_KIND:
        return Site(name, sites, len(labels), observed, expected, ratio)
    return Site(name, sites, len(labels), observed, expected, ratio, *_recalibrated(scores, labels))


def _recalibrated(scores: Array, labels: Array) -> tuple[Estimate | None, Estimate | None]:
    """The intercept beside a slope of 1, and the slope."""
    clipped = np.clip(scores, SMALLEST, 1 - SMALLEST)
    log_odds = np.log(clipped) - np.log1p(-clipped)
    ones = np.ones((len(labels), 1))
    large = _fitted(ones, labels, offset=log_odds)
    both = _fitted(np.column_stack([ones[:, 0], log_odds]), labels, offset=np.zeros(len(labels)))
    return (large[0] if large else None), (both[1] if both else None)


def _fitted(inputs: Array, labels: Array, offset: Array) -> list[Estimate] | None:
    """Logistic regression by Newton's method: an estimate for each column of `inputs` (rows, columns).

    None where there is no maximum: the outcomes are divided by the inputs without exception.
    """
    weights = np.zeros(inputs.shape[1])
    for _step in range(_STEPS):
        probabilities = sigmoid(inputs @ weights + offset)
        information = (inputs * (probabilities * (1 - probabilities))[:, None]).T @ inputs
        try:
            step = np.linalg.solve(information, inputs.T @ (labels - probabilities))
        except np.linalg.LinAlgError:
            return None
        weights = weights + step
        if np.abs(step).max() < _CLOSE:
            errors = _SURE * np.sqrt(np.diag(np.linalg.inv(information)))
            return [
                (float(value), float(value - error), float(value + error))
                for value, error in zip(weights, errors, strict=True)
            ]
    return None
