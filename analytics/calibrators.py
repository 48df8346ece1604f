"""The ways to calibrate, each fitted to raw scores and labels of cases the model has not learned from."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from analytics.calibration import SMALLEST, Calibration, sigmoid, softmax, softplus

Array = NDArray[np.float64]
Fit = Callable[[Array, Array], Calibration]

TILT = 1e-4  # how far a step of the isotonic curve rises to either side


def unchanged(margins: Array, labels: Array) -> Calibration:  # noqa: ARG001
    """Raw scores are believed."""
    return Calibration()


def platt(margins: Array, labels: Array) -> Calibration:
    """Logistic regression of the label on the raw score (Platt 1999)."""
    slope, intercept = _logistic(np.column_stack([margins, np.ones_like(margins)]), labels)
    # A falling line would turn the ranking round: then the scores say nothing, and only the rate is kept.
    slope = max(slope, 0.0)
    return Calibration("platt", slope, slope, intercept)


def beta(margins: Array, labels: Array) -> Calibration:
    """Logistic regression on ln p and -ln(1 - p): a slope of its own for low and for high probabilities.

    A slope that would fall is left out and the other fitted again (Kull, Silva Filho and Flach 2017).
    """
    design = np.column_stack([-softplus(-margins), softplus(margins), np.ones_like(margins)])
    low, high, intercept = _logistic(design, labels)
    if low < 0:
        low, (high, intercept) = 0.0, _logistic(design[:, 1:], labels)
    elif high < 0:
        high, (low, intercept) = 0.0, _logistic(design[:, [0, 2]], labels)
    return Calibration("beta", max(low, 0.0), max(high, 0.0), intercept)


def isotonic(margins: Array, labels: Array) -> Calibration:
    """The isotonic curve; its steps rise by a hair from end to end, so that it ranks within them as well."""
    from sklearn.isotonic import isotonic_regression

    # Cases of one score are one point: apart, their order would decide, and the last of them would speak.
    scores, place = np.unique(margins, return_inverse=True)
    cases, events = np.bincount(place).astype(float), np.bincount(place, weights=labels)
    curve = isotonic_regression(events / cases, sample_weight=cases)
    _, first, step = np.unique(curve, return_index=True, return_inverse=True)
    last = np.append(first[1:], len(scores)) - 1
    # One imagined case of the mean rate in each step: none is ever quite 0 or 1. It lifts the steps of few
    # cases most, so the curve is made to rise again.
    weights = np.bincount(step, weights=cases) + 1.0
    lifted = (np.bincount(step, weights=events) + labels.mean()) / weights
    values = np.clip(isotonic_regression(lifted, sample_weight=weights), SMALLEST, 1 - SMALLEST)
    hair = np.minimum(TILT, np.diff(values, prepend=0.0, append=1.0) / 3)
    knots = np.column_stack([scores[first], scores[last]]).ravel()
    ends = np.column_stack([values - hair[:-1], values + hair[1:]]).ravel()
    return Calibration("isotonic", knots=tuple(knots.tolist()), values=tuple(ends.tolist()))


def temperature(margins: Array, labels: Array) -> Calibration:
    """The one temperature of least log loss, found by golden-section search on its logarithm."""
    rows, classes = np.arange(len(labels)), labels.astype(int)

    def loss(log_slope: float) -> float:
        p = softmax(margins * np.exp(log_slope))[rows, classes]
        return float(-np.mean(np.log(np.maximum(p, SMALLEST))))

    low, high, golden = -3.0, 3.0, (5**0.5 - 1) / 2
    for _ in range(60):
        a, b = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, b) if loss(a) < loss(b) else (a, high)
    slope = float(np.exp((low + high) / 2))
    return Calibration("temperature", slope, slope)


# Simplest first: the order in which ties are broken.
METHODS: Mapping[str, Fit] = {"none": unchanged, "platt": platt, "beta": beta, "isotonic": isotonic}
SEVERAL: Mapping[str, Fit] = {"none": unchanged, "temperature": temperature}


def _logistic(design: Array, labels: Array) -> tuple[float, ...]:
    """Weights of a logistic regression, the last the intercept, by Newton's method with a trace of ridge.

    The ridge pulls towards the identity (slopes 1, intercept 0), so separable cases stay finite.
    """
    identity = np.ones(design.shape[1])
    identity[-1] = 0.0
    weights, ridge = identity, np.eye(len(identity))
    for _ in range(100):
        p = sigmoid(design @ weights)
        gradient = design.T @ (p - labels) + ridge @ (weights - identity)
        hessian = design.T @ (design * (p * (1 - p))[:, None]) + ridge
        step = np.linalg.solve(hessian, gradient)
        step *= min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-12))
        weights = weights - step
        if np.abs(step).max() < 1e-9:
            break
    return tuple(weights.tolist())
