"""From raw scores to probabilities that mean what they say: the map, and which one is chosen.

Two classes: no change, Platt's line on the log-odds (Platt 1999), a beta curve (Kull, Silva Filho and Flach
2017) or an isotonic curve (Zadrozny and Elkan 2002). Several classes: no change or one temperature for all
(Guo et al. 2017). Each is fitted and judged on different cases; the simplest wins whose mean log loss is
within one standard error (of the paired differences) of the best: Breiman's rule. Two standard errors would
leave distortions of three points in place that five thousand cases do show. All are stored as a few numbers
in JSON.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Method = Literal["none", "platt", "beta", "isotonic", "temperature"]

FOLDS = 5
FEWEST_FOR_ISOTONIC = 1_000  # cases; with fewer the curve follows noise
SMALLEST = 1e-6  # no probability is nearer to 0 or 1 than this


@dataclass(frozen=True)
class Calibration:
    """One fitted map from raw scores to probabilities.

    Log-odds become `intercept` + `low_slope` x ln p of the raw probability p + `high_slope` x -ln(1 - p):
    the beta curve, which is Platt's line where both slopes are the same (temperature: slope = 1/T). The knots
    belong to isotonic. `losses`: the mean log loss of every method that was tried, on cases it had not seen.
    """

    method: Method = "none"
    low_slope: float = 1.0
    high_slope: float = 1.0
    intercept: float = 0.0
    knots: tuple[float, ...] = ()
    values: tuple[float, ...] = ()
    losses: Mapping[str, float] = field(default_factory=dict)

    def probabilities(self, margins: Array) -> Array:
        """Probabilities of the same shape: (rows,) for two classes, (rows, classes) for several."""
        if margins.ndim == 2:
            return softmax(margins * self.low_slope)
        if self.method == "isotonic":
            return np.interp(margins, self.knots, self.values)
        log_odds = margins * self.low_slope
        if self.method == "beta":
            log_odds = -softplus(-margins) * self.low_slope + softplus(margins) * self.high_slope
        return np.clip(sigmoid(log_odds + self.intercept), SMALLEST, 1 - SMALLEST)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> "Calibration":
        return cls(**{**given, "knots": tuple(given["knots"]), "values": tuple(given["values"])})


def calibrate(margins: Array, labels: Array) -> Calibration:
    """The calibration of held-out raw scores; labels are 0/1, or class numbers for several classes."""
    from analytics.calibrators import METHODS, SEVERAL

    several = margins.ndim == 2
    methods = {
        name: fit
        for name, fit in (SEVERAL if several else METHODS).items()
        if name != "isotonic" or len(labels) >= FEWEST_FOR_ISOTONIC
    }
    # Dealt out in the order of the scores: every fold spans all of them.
    order = np.argsort(margins[:, 0] if several else margins, kind="stable")
    folds = np.empty(len(labels), dtype=np.int64)
    folds[order] = np.arange(len(labels)) % FOLDS
    losses: dict[str, Array] = {}
    for name, fit in methods.items():
        losses[name] = np.empty(len(labels))
        for fold in np.unique(folds):
            out = folds == fold
            fitted = fit(margins[~out], labels[~out]) if (~out).any() else Calibration()
            losses[name][out] = _losses(labels[out], fitted.probabilities(margins[out]))
    chosen = simplest_within_noise(losses)
    means = {name: float(each.mean()) for name, each in losses.items()}
    return replace(methods[chosen](margins, labels), losses=means)


def simplest_within_noise(losses: Mapping[str, Array]) -> str:
    """Of methods, simplest first, with their losses of the same cases (rows,): the one that is chosen."""
    best = min(losses.values(), key=lambda each: float(each.mean()))
    for name, each in losses.items():
        behind = each - best
        if behind.mean() <= behind.std() / np.sqrt(len(behind)):
            return name
    raise ValueError("no losses were given")


def sigmoid(margins: Array) -> Array:
    """1 / (1 + exp(-x)) without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * margins)))


def softplus(margins: Array) -> Array:
    """ln(1 + exp(x)) without overflow: -ln(1 - p) of the log-odds x."""
    return np.asarray(np.logaddexp(0.0, margins))


def softmax(margins: Array) -> Array:
    """Probabilities over the last axis, without overflow."""
    powers = np.exp(margins - margins.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def log_loss(labels: Array, probabilities: Array) -> float:
    """Mean negative log likelihood of 0/1 labels."""
    return float(_losses(labels, probabilities).mean())


def _losses(labels: Array, probabilities: Array) -> Array:
    """The negative log likelihood of each case."""
    if probabilities.ndim == 2:
        likelihood = probabilities[np.arange(len(labels)), labels.astype(int)]
        return np.asarray(-np.log(np.maximum(likelihood, SMALLEST)))
    p = np.clip(probabilities, SMALLEST, 1 - SMALLEST)
    return np.asarray(-(labels * np.log(p) + (1 - labels) * np.log1p(-p)))
