"""All that is said of a model's predictions on cases it has not learned from: the figures of its card."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.cases import Cases
from analytics.conformal import COVERAGE
from analytics.coverage import agreement_of_bounds, coverage_of_intervals, coverage_of_sets
from analytics.decision import best_threshold, decision
from analytics.evaluation import brier_parts, evaluate, intervals
from analytics.fairness import fairness, protected_groups
from analytics.groups import Groups
from analytics.model import Model, Predictions
from analytics.reliability import reliability
from analytics.task import Task

Array = NDArray[np.float64]
Figures = dict[str, Any]


def judged(task: Task, test: Cases, truths: Array, predictions: Predictions, model: Model) -> Figures:
    """What `model` predicted of `test` cases beside their outcomes `truths`, shape (rows,): figures as JSON.

    `test` and `intervals` of `analytics.evaluation`; of classes `calibration` (the method, the out-of-fold
    loss of each that was tried, the parts of the Brier score), of two of them also `reliability`, `bounds`
    (`coverage.agreement_of_bounds`) and, where the task states costs, `decision`; `coverage` of label sets or
    intervals; `fairness` where the task has protected attributes.
    """
    groups = protected_groups(task, test.features)
    figures: Figures = {
        "test": evaluate(task.kind, truths, predictions.judged),
        "intervals": intervals(task.kind, truths, predictions.judged),
    }
    if task.kind == "regression":
        interval = predictions.lower, predictions.upper
        figures["coverage"] = coverage_of_intervals(*interval, truths, COVERAGE, groups)
    else:
        figures |= _of_classes(model, truths, predictions, groups)
    if task.kind == "binary":
        figures |= _of_events(task, truths, predictions)
    if groups:
        figures["fairness"] = fairness(task.kind, groups, *_compared(task, truths, predictions))
    return figures


def _of_classes(model: Model, truths: Array, found: Predictions, groups: dict[str, Groups]) -> Figures:
    calibration: Figures = {"method": model.calibration.method, "losses": dict(model.calibration.losses)}
    if found.probabilities is None:
        calibration["brier"] = brier_parts(truths, found.score)
    figures: Figures = {"calibration": calibration}
    sets = model.label_sets
    if sets is not None and found.label_sets is not None:
        figures["coverage"] = coverage_of_sets(found.label_sets, truths, sets.classes, sets.coverage, groups)
    return figures


def _of_events(task: Task, truths: Array, found: Predictions) -> Figures:
    figures: Figures = {
        "reliability": reliability(truths, found.score),
        "bounds": agreement_of_bounds(found.lower, found.upper, found.score, truths),
    }
    if task.costs:
        figures["decision"] = decision(truths, found.score, task.costs)
    return figures


def _compared(task: Task, truths: Array, found: Predictions) -> tuple[Array, Array, float]:
    """What groups are compared by: truths, scores and the threshold from which a case is acted on.

    Without costs those count as acted on who are likelier than the average case to have the event. Of several
    classes the truth is whether the named class is right.
    """
    if found.probabilities is not None:
        return (found.probabilities.argmax(axis=1) == truths).astype(float), found.score, 0.0
    return truths, found.score, best_threshold(task.costs) if task.costs else float(truths.mean())
