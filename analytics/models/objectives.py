"""What a model with free coefficients minimises: the loss of raw scores, and the search for the least."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from analytics.calibration import sigmoid, softmax
from analytics.task import Kind

Array = NDArray[np.float64]
Valued = Callable[[Array], tuple[float, Array]]


def loss_per_row(kind: Kind, labels: Array, margins: Array) -> Array:
    """Negative log likelihood of raw scores, or half the squared error of values, shape (rows,)."""
    if kind == "regression":
        return np.asarray(0.5 * (margins - labels) ** 2)
    if kind == "binary":
        return np.asarray(np.logaddexp(0.0, margins) - labels * margins)
    highest = margins.max(axis=1, keepdims=True)
    total = highest[:, 0] + np.log(np.exp(margins - highest).sum(axis=1))
    return np.asarray(total - margins[np.arange(len(labels)), labels.astype(int)])


def gradient(kind: Kind, labels: Array, margins: Array) -> Array:
    """The derivative of `loss_per_row` by the raw scores, in their shape."""
    if kind == "regression":
        return margins - labels
    if kind == "binary":
        return sigmoid(margins) - labels
    shares = softmax(margins)
    shares[np.arange(len(labels)), labels.astype(int)] -= 1.0
    return shares


def minimised(
    valued: Valued,
    start: Array,
    rounds: int,
    bounds: Sequence[tuple[float | None, float | None]] | None = None,
) -> Array:
    """Where a smooth convex function (value, gradient) is least: L-BFGS-B (Byrd et al. 1995)."""
    from scipy.optimize import minimize

    found = minimize(
        valued, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": rounds, "ftol": 1e-9}
    )
    return np.asarray(found.x)
