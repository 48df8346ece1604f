"""Whether a model treats the groups of each protected attribute alike: figures by group, with intervals.

Figures by group are fairlearn's (MetricFrame), with 95 % intervals: of rates Wilson's, which have a width
where a rate is 0 too; of the rest bootstrap percentiles by weights on sorted cases, as fairlearn's own
resampling took 60 ms a resample of a thousand cases. Groups too small for a
figure are named, not hidden. Of several classes the question is whether the named class is right; of values
how large the errors are.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.evaluation import BINS, auroc, expected_calibration_error, wilson
from analytics.groups import Groups, groups_of
from analytics.resampling import resampled
from analytics.task import Kind, Task

Array = NDArray[np.float64]
Metric = Callable[[Array, Array], float]

FEWEST_CASES = 30
FEWEST_PER_BIN = 50  # of the calibration error
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
        return {"ece": _calibration_error}
    from fairlearn import metrics

    def acted(rate: Any) -> Metric:
        return lambda truths, scores: float(rate(truths, (scores >= threshold).astype(float), pos_label=1))

    return {
        "selection_rate": acted(metrics.selection_rate),
        "auroc": auroc,
        "ece": _calibration_error,
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
            figures = {metric: float(table.loc[name, metric]) for metric in metrics}
            for metric, (low, high) in _intervals(kind, truths[own], scores[own], figures).items():
                # The calibration error of a resample is larger than that of the cases themselves.
                row[metric] = [figures[metric], min(low, figures[metric]), max(high, figures[metric])]
        else:
            row |= dict.fromkeys(["observed", "mean_score", *metrics])
        rows.append(row)
    return rows


def _intervals(
    kind: Kind, truths: Array, scores: Array, figures: dict[str, float]
) -> dict[str, tuple[float, float]]:
    """The interval of each figure of one group."""
    found = resampled(kind, truths, scores, _bins(len(truths)))
    if kind == "binary":
        events = int(truths.sum())
        asked = {
            "selection_rate": len(truths),
            "false_negative_rate": events,
            "false_positive_rate": len(truths) - events,
        }
        found |= {name: wilson(figures[name], cases) for name, cases in asked.items()}
    return {name: found[name] for name in figures}


def _calibration_error(truths: Array, scores: Array) -> float:
    return expected_calibration_error(truths, scores, _bins(len(truths)))


def _bins(cases: int) -> int:
    """So many that the rate of a bin means something; a small group is one bin."""
    return min(BINS, max(1, cases // FEWEST_PER_BIN))


def _enough(kind: Kind, truths: Array) -> bool:
    if kind == "binary" and not FEWEST_OF_EACH <= truths.sum() <= len(truths) - FEWEST_OF_EACH:
        return False
    return len(truths) >= FEWEST_CASES
