"""How good predictions are on cases the model has not seen, with the uncertainty of each figure.

Binary: AUROC, AUPRC (average precision), Brier score, log loss, ECE, KS. Several classes: log loss, accuracy,
macro F1, AUROC (one against the rest, mean). Values: MAE, RMSE, R2. Intervals are 95 % bootstrap percentiles.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from analytics.calibration import SMALLEST, log_loss
from analytics.task import Kind

Array = NDArray[np.float64]
Metrics = dict[str, float]

BINS = 10  # of equal size, for the expected calibration error
RESAMPLES = 200
RESAMPLED_ROWS = 50_000  # beyond this the intervals are narrower than anyone reads


def evaluate(kind: Kind, labels: Array, predictions: Array) -> Metrics:
    """The figures of one set of cases. Those that need both classes are left out where one is absent.

    labels (rows,): 0/1, class numbers or values; predictions (rows,) or (rows, classes) of probabilities.
    """
    measure: dict[Kind, Callable[[Array, Array], Metrics]] = {
        "binary": _binary,
        "multiclass": _multiclass,
        "regression": _regression,
    }
    return measure[kind](labels, predictions)


def intervals(kind: Kind, labels: Array, predictions: Array, seed: int = 0) -> dict[str, list[float]]:
    """For each figure of `evaluate` its 95 % bootstrap interval over cases."""
    random = np.random.default_rng(seed)
    rows = min(len(labels), RESAMPLED_ROWS)
    samples = [
        evaluate(kind, labels[chosen], predictions[chosen])
        for chosen in (random.integers(0, len(labels), rows) for _ in range(RESAMPLES))
    ]
    found: dict[str, list[float]] = {}
    for name in evaluate(kind, labels, predictions):
        values = [sample[name] for sample in samples if name in sample]
        if values:
            low, high = np.quantile(values, [0.025, 0.975])
            found[name] = [float(low), float(high)]
    return found


def loss_per_case(kind: Kind, labels: Array, predictions: Array) -> Array:
    """What promotion compares, shape (rows,): negative log likelihood, or the squared error of a value."""
    if kind == "regression":
        return np.asarray((labels - predictions) ** 2)
    chosen = predictions if kind == "binary" else predictions[np.arange(len(labels)), labels.astype(int)]
    likelihood = np.where(labels == 1, chosen, 1 - chosen) if kind == "binary" else chosen
    return np.asarray(-np.log(np.clip(likelihood, SMALLEST, 1.0)))


def auroc(labels: Array, scores: Array) -> float:
    """The chance that a positive case scores above a negative one (ties count half); both must be present."""
    ordered = np.sort(scores)
    ranks = (np.searchsorted(ordered, scores, "left") + np.searchsorted(ordered, scores, "right") + 1) / 2
    positives = labels.sum()
    wins = ranks[labels == 1].sum() - positives * (positives + 1) / 2
    return float(wins / (positives * (len(labels) - positives)))


def expected_calibration_error(labels: Array, probabilities: Array, bins: int = BINS) -> float:
    """Mean distance between predicted and observed rate over bins of equal size (Naeini et al. 2015)."""
    order = np.argsort(probabilities, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    gaps = [len(part) * abs(labels[part].mean() - probabilities[part].mean()) for part in parts]
    return float(sum(gaps) / len(labels))


def wilson(rate: float, cases: int) -> tuple[float, float]:
    """The 95 % interval of a rate seen in so many cases (Wilson 1927); it has a width at 0 and 1 too."""
    z = 1.959964
    middle = (rate + z**2 / (2 * cases)) / (1 + z**2 / cases)
    half = z / (1 + z**2 / cases) * float(np.sqrt(rate * (1 - rate) / cases + z**2 / (4 * cases**2)))
    return max(0.0, middle - half), min(1.0, middle + half)


def brier_parts(labels: Array, probabilities: Array, bins: int = BINS) -> Metrics:
    """The Brier score as `reliability` - `resolution` + `uncertainty` (Murphy 1973), which sum to it exactly.

    Over bins of equal size: distance from the observed rate (lower is better), what the bins tell apart
    (higher is better), what the rate alone leaves open. What probabilities tell apart within a bin is counted
    as resolution (Stephenson, Coelho and Jolliffe 2008).
    """
    order = np.argsort(probabilities, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    rate = float(labels.mean())
    gaps = [len(part) * (probabilities[part].mean() - labels[part].mean()) ** 2 for part in parts]
    reliability, uncertainty = float(sum(gaps) / len(labels)), rate * (1 - rate)
    brier = float(np.mean((labels - probabilities) ** 2))
    resolution = reliability + uncertainty - brier
    return {"reliability": reliability, "resolution": resolution, "uncertainty": uncertainty}


def _binary(labels: Array, probabilities: Array) -> Metrics:
    metrics = {
        "brier": float(np.mean((labels - probabilities) ** 2)),
        "log_loss": log_loss(labels, probabilities),
        "ece": expected_calibration_error(labels, probabilities),
    }
    if 0 < labels.sum() < len(labels):
        ranking = {
            "auroc": auroc(labels, probabilities),
            "auprc": _average_precision(labels, probabilities),
            "ks": _kolmogorov_smirnov(labels, probabilities),
        }
        metrics = {**ranking, **metrics}
    return metrics


def _average_precision(labels: Array, scores: Array) -> float:
    """Mean precision at each rise of recall; tied scores are taken together."""
    hits, last = _cumulated(labels, scores)
    precision = hits[last] / (last + 1)
    gained = np.diff(hits[last], prepend=0)
    return float(np.sum(precision * gained) / labels.sum())


def _kolmogorov_smirnov(labels: Array, scores: Array) -> float:
    """The widest gap between the score distributions of the two classes."""
    hits, last = _cumulated(labels, scores)
    positives = labels.sum()
    misses = last + 1 - hits[last]
    return float(np.max(np.abs(hits[last] / positives - misses / (len(labels) - positives))))


def _cumulated(labels: Array, scores: Array) -> tuple[Array, NDArray[np.int64]]:
    """Positives so far from the highest score down, and where each run of equal scores ends."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last = np.flatnonzero(np.append(np.diff(ranked) != 0, True))
    return np.cumsum(labels[order]), last


def _multiclass(labels: Array, probabilities: Array) -> Metrics:
    chosen = probabilities.argmax(axis=1)
    present = [c for c in range(probabilities.shape[1]) if 0 < (labels == c).sum() < len(labels)]
    metrics = {
        "log_loss": float(np.mean(loss_per_case("multiclass", labels, probabilities))),
        "accuracy": float(np.mean(chosen == labels)),
        "macro_f1": float(np.mean([_f1(labels == c, chosen == c) for c in present])) if present else 0.0,
    }
    if present:
        each = [auroc((labels == c).astype(float), probabilities[:, c]) for c in present]
        metrics["auroc_ovr"] = float(np.mean(each))
    return metrics


def _f1(truth: NDArray[np.bool_], chosen: NDArray[np.bool_]) -> float:
    return float(2 * np.sum(truth & chosen)) / max(1, int(np.sum(truth)) + int(np.sum(chosen)))


def _regression(values: Array, predictions: Array) -> Metrics:
    errors = values - predictions
    spread = float(np.mean((values - values.mean()) ** 2))
    metrics = {"mae": float(np.mean(np.abs(errors))), "rmse": float(np.sqrt(np.mean(errors**2)))}
    if spread > 0:
        metrics["r2"] = 1 - float(np.mean(errors**2)) / spread
    return metrics
