"""From raw scores to probabilities that mean what they say.

Binary: no change, Platt's line on the log-odds (Platt 1999) or an isotonic curve (Zadrozny and Elkan 2002),
whichever has the lowest log loss on cases it was not fitted to. Several classes: one temperature for all
(Guo et al. 2017). All are stored as a few numbers in JSON.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Method = Literal["none", "platt", "isotonic", "temperature"]

FOLDS = 5
FEWEST_FOR_ISOTONIC = 1_000  # cases; with fewer the curve follows noise
SMALLEST = 1e-6  # no probability is nearer to 0 or 1 than this


@dataclass(frozen=True)
class Calibration:
    """One fitted map from raw scores to probabilities.

    `slope` and `intercept` belong to platt (and temperature: slope = 1/T), the knots to isotonic.
    """

    method: Method = "none"
    slope: float = 1.0
    intercept: float = 0.0
    knots: tuple[float, ...] = ()
    values: tuple[float, ...] = ()

    def probabilities(self, margins: Array) -> Array:
        """Probabilities of the same shape: (rows,) binary, (rows, classes) for several classes."""
        if margins.ndim == 2:
            return softmax(margins * self.slope)
        if self.method == "isotonic":
            return np.interp(margins, self.knots, self.values)
        return np.clip(sigmoid(self.slope * margins + self.intercept), SMALLEST, 1 - SMALLEST)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> "Calibration":
        return cls(**{**given, "knots": tuple(given["knots"]), "values": tuple(given["values"])})


def calibrate(margins: Array, labels: Array) -> Calibration:
    """The best calibration of held-out raw scores; labels are 0/1, or class numbers for several classes."""
    if margins.ndim == 2:
        return _temperature(margins, labels.astype(int))
    fits = {"none": lambda *_: Calibration(), "platt": _platt}
    if len(labels) >= FEWEST_FOR_ISOTONIC:
        fits["isotonic"] = _isotonic
    folds = np.argsort(np.argsort(margins, kind="stable")) % FOLDS  # every fold spans all scores
    losses = {method: _cross_fitted_loss(fit, margins, labels, folds) for method, fit in fits.items()}
    return fits[min(losses, key=losses.__getitem__)](margins, labels)


def sigmoid(margins: Array) -> Array:
    """1 / (1 + exp(-x)) without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * margins)))


def softmax(margins: Array) -> Array:
    """Probabilities over the last axis, without overflow."""
    powers = np.exp(margins - margins.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def log_loss(labels: Array, probabilities: Array) -> float:
    """Mean negative log likelihood of 0/1 labels."""
    p = np.clip(probabilities, SMALLEST, 1 - SMALLEST)
    return float(-np.mean(labels * np.log(p) + (1 - labels) * np.log1p(-p)))


def _cross_fitted_loss(fit: Any, margins: Array, labels: Array, folds: NDArray[np.int64]) -> float:
    probabilities = np.empty_like(margins)
    for fold in range(FOLDS):
        out = folds == fold
        if out.any():
            probabilities[out] = fit(margins[~out], labels[~out]).probabilities(margins[out])
    return log_loss(labels, probabilities)


def _platt(margins: Array, labels: Array) -> Calibration:
    """Logistic regression of the label on the raw score, by Newton's method with a trace of ridge.

    The ridge pulls towards the identity (slope 1, intercept 0), so separable cases stay finite.
    """
    design = np.column_stack([margins, np.ones_like(margins)])
    start = weights = np.array([1.0, 0.0])
    ridge = np.eye(2)
    for _ in range(100):
        p = sigmoid(design @ weights)
        gradient = design.T @ (p - labels) + ridge @ (weights - start)
        hessian = design.T @ (design * (p * (1 - p))[:, None]) + ridge
        step = np.linalg.solve(hessian, gradient)
        step *= min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-12))
        weights = weights - step
        if np.abs(step).max() < 1e-9:
            break
    # A falling line would turn the ranking round: then the scores say nothing, and only the rate is kept.
    return Calibration("platt", float(max(weights[0], 0.0)), float(weights[1]))


def _isotonic(margins: Array, labels: Array) -> Calibration:
    """The isotonic curve, drawn through the middle of its steps so that it ranks within them as well."""
    from sklearn.isotonic import isotonic_regression

    order = np.argsort(margins, kind="stable")
    fitted = isotonic_regression(labels[order])
    _, step = np.unique(fitted, return_inverse=True)
    counts = np.bincount(step)
    middles = np.bincount(step, weights=margins[order]) / counts
    # One imagined case of the mean rate in each step: none is ever quite 0 or 1.
    values = (np.bincount(step, weights=labels[order]) + labels.mean()) / (counts + 1)
    values = np.clip(np.maximum.accumulate(values), SMALLEST, 1 - SMALLEST)
    return Calibration("isotonic", knots=tuple(middles.tolist()), values=tuple(values.tolist()))


def _temperature(margins: Array, labels: NDArray[np.int64]) -> Calibration:
    """The one temperature of least log loss, found by golden-section search on its logarithm."""
    rows = np.arange(len(labels))

    def loss(log_slope: float) -> float:
        p = softmax(margins * np.exp(log_slope))[rows, labels]
        return float(-np.mean(np.log(np.maximum(p, SMALLEST))))

    low, high, golden = -3.0, 3.0, (5**0.5 - 1) / 2
    for _ in range(60):
        a, b = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, b) if loss(a) < loss(b) else (a, high)
    return Calibration("temperature", slope=float(np.exp((low + high) / 2)))
