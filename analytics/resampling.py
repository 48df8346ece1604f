"""Bootstrap intervals of figures of one group, by weights on its cases instead of copies."""

import numpy as np
from numpy.typing import NDArray

from analytics.evaluation import RESAMPLED_ROWS, RESAMPLES
from analytics.task import Kind

Array = NDArray[np.float64]

_AT_ONCE = 20  # resamples; bounds the memory
_LEVELS = (0.025, 0.975)


def resampled(
    kind: Kind, truths: Array, scores: Array, bins: int, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """95 % intervals of those figures of `fairness` that are no rates: of classes `auroc` and `ece` (over so
    many bins), of values their errors. Truths and scores as there, shape (rows,).
    """
    random = np.random.default_rng(seed)
    if len(truths) > RESAMPLED_ROWS:
        chosen = random.choice(len(truths), RESAMPLED_ROWS, replace=False)
        truths, scores = truths[chosen], scores[chosen]
    order = np.argsort(scores, kind="stable")
    figures = _of_values if kind == "regression" else _of_classes
    found: dict[str, list[Array]] = {}
    for _ in range(RESAMPLES // _AT_ONCE):
        weights = _weights(random, len(scores))
        for name, values in figures(truths[order], scores[order], bins, weights).items():
            found.setdefault(name, []).append(values)
    return {name: _interval(np.concatenate(values)) for name, values in found.items()}


def _weights(random: np.random.Generator, rows: int) -> Array:
    """How often each case is drawn in each of some resamples, shape (resamples, rows)."""
    drawn = random.integers(0, rows, (_AT_ONCE, rows)) + np.arange(_AT_ONCE)[:, None] * rows
    return np.bincount(drawn.ravel(), minlength=_AT_ONCE * rows).reshape(_AT_ONCE, rows).astype(float)


def _of_values(truths: Array, scores: Array, _bins: int, weights: Array) -> dict[str, Array]:
    errors = scores - truths
    return {
        "mean_error": weights @ errors / len(errors),
        "mean_absolute_error": weights @ np.abs(errors) / len(errors),
    }


def _of_classes(truths: Array, scores: Array, bins: int, weights: Array) -> dict[str, Array]:
    """Both figures of each resample; cases in ascending order of their score. NaN where a class is absent."""
    events, others = weights * truths, weights * (1 - truths)
    runs = np.flatnonzero(np.append(True, np.diff(scores) != 0))  # where each run of equal scores begins
    won, lost = np.add.reduceat(events, runs, axis=1), np.add.reduceat(others, runs, axis=1)
    beaten = np.cumsum(lost, axis=1) - lost / 2
    starts = [part[0] for part in np.array_split(np.arange(len(scores)), bins) if len(part)]
    gaps = np.add.reduceat(weights * (truths - scores), starts, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "auroc": (won * beaten).sum(axis=1) / (events.sum(axis=1) * others.sum(axis=1)),
            "ece": np.abs(gaps).sum(axis=1) / len(scores),
        }


def _interval(values: Array) -> tuple[float, float]:
    low, high = np.nanquantile(values, _LEVELS)
    return float(low), float(high)
