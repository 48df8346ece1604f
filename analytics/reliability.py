"""Whether predicted shares came true: predicted beside observed rate, bin by bin (a reliability diagram)."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

BINS = 10  # of equal size, as in the expected calibration error


def reliability(labels: Array, probabilities: Array, bins: int = BINS) -> dict[str, list[float]]:
    """Columns `predicted`, `observed`, `cases` over bins of equal size, lowest probabilities first.

    labels (rows,) of 0/1, probabilities (rows,).
    """
    order = np.argsort(probabilities, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return {
        "predicted": [float(probabilities[part].mean()) for part in parts],
        "observed": [float(labels[part].mean()) for part in parts],
        "cases": [len(part) for part in parts],
    }
