"""All that is said of a model's predictions on cases it has not learned from: the figures of its card."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.cases import Cases
from analytics.evaluation import evaluate, intervals
from analytics.model import Predictions
from analytics.reliability import reliability
from analytics.task import Task

Array = NDArray[np.float64]


def judged(task: Task, test: Cases, truths: Array, predictions: Predictions) -> dict[str, Any]:  # noqa: ARG001
    """The figures of the `test` cases, whose settled outcomes are `truths`, shape (rows,)."""
    metrics = evaluate(task.kind, truths, predictions.judged)
    if task.kind == "regression":
        metrics["coverage"] = float(np.mean((predictions.lower <= truths) & (truths <= predictions.upper)))
    figures: dict[str, Any] = {
        "test": metrics,
        "intervals": intervals(task.kind, truths, predictions.judged),
    }
    if task.kind == "binary":
        figures["reliability"] = reliability(truths, predictions.judged)
    return figures
