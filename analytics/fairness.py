"""Whether a model treats the groups of each protected attribute alike: figures by group, with intervals.

Figures by group are fairlearn's (MetricFrame). Their 95 % bootstrap intervals are made here, by weights on
sorted cases: fairlearn's own resampling took 60 ms a resample of a thousand cases. Groups too small for a
figure are named, not hidden. Of several classes the question is whether the named class is right; of values
how large the errors are.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.evaluation import auroc, expected_calibration_error
from analytics.groups import Groups, groups_of
from analytics.resampling import resampled
from analytics.task import Kind, Task

Array = NDArray[np.float64]
Metric = Callable[[Array, Array], float]

FEWEST_CASES = 30
FEWEST_OF_EACH = 5  # events and cases without; below them a rate is an anecdote


def protected_groups(task: Task, features: pl.DataFrame) -> dict[str, Groups]:
    """The groups of each protected attribute of the task that is among the features."""
    return {
        name: groups_of(features[name])
        for name, info in task.feature_info.items()
        if info.protected and name in features.columns
    }


def fairness(
    kind: Kind, groups: dict[str, Groups], truths: Array, scores: Array, threshold: float
) -> dict[str, list[dict[str, Any]]]:
    """For each attribute a row per group: `group`, `cases`, `observed`, `mean_score`, and [figure, low, high]
    of each of `figures_of(kind)`. A group below the minimum has `too_small` true and no other figures.

    truths (rows,) 0/1 or values, scores (rows,) probabilities or predicted values; those at or above
    `threshold` are acted on.
    """
    return {name: _rows(kind, each, truths, scores, threshold) for name, each in groups.items()}


def figures_of(kind: Kind, threshold: float) -> dict[str, Metric]:
    """The figures of one group: functions of truths and scores."""
    if kind == "regression":
        return {
            "mean_error": lambda truths, scores: float(np.mean(scores - truths)),
            "mean_absolute_error": lambda truths, scores: float(np.mean(np.abs(scores - truths))),
        }
    if kind == "multiclass":
        return {"ece": expected_calibration_error}
    from fairlearn import metrics

    def acted(rate: Any) -> Metric:
        return lambda truths, scores: float(rate(truths, (scores >= threshold).astype(float), pos_label=1))

    return {
        "selection_rate": acted(metrics.selection_rate),
        "auroc": auroc,
        "ece": expected_calibration_error,
        "false_negative_rate": acted(metrics.false_negative_rate),
        "false_positive_rate": acted(metrics.false_positive_rate),
    }


def _rows(kind: Kind, groups: Groups, truths: Array, scores: Array, threshold: float) -> list[dict[str, Any]]:
    from fairlearn.metrics import MetricFrame

    enough = {name: _enough(kind, truths[own]) for name, own in groups.masks()}
    metrics = figures_of(kind, threshold)
    judged = np.array([enough[name] for name in groups.names])[groups.places]
    if judged.any():
        names = np.array(groups.names)[groups.places[judged]]
        table = MetricFrame(
            metrics=metrics, y_true=truths[judged], y_pred=scores[judged], sensitive_features=names
        ).by_group
    rows = []
    for name, own in groups.masks():
        row = {"group": name, "cases": int(own.sum()), "too_small": not enough[name]}
        if enough[name]:
            row |= {"observed": float(truths[own].mean()), "mean_score": float(scores[own].mean())}
            intervals = resampled(kind, truths[own], scores[own], threshold)
            for metric in metrics:
                figure, (low, high) = float(table.loc[name, metric]), intervals[metric]
                # The calibration error of a resample is larger than that of the cases themselves.
                row[metric] = [figure, min(low, figure), max(high, figure)]
        else:
            row |= dict.fromkeys(["observed", "mean_score", *metrics])
        rows.append(row)
    return rows


def _enough(kind: Kind, truths: Array) -> bool:
    if kind == "binary" and not FEWEST_OF_EACH <= truths.sum() <= len(truths) - FEWEST_OF_EACH:
        return False
    return len(truths) >= FEWEST_CASES
