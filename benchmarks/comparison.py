"""Figures of several models on the same test rows, and whether one is really ahead of another.

The interval of a difference is a paired bootstrap over rows: each resample weighs the rows once and judges
both models by these weights, fold by fold, so what makes a row hard for both cancels out.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from analytics.evaluation import auroc, expected_calibration_error, loss_per_case
from benchmarks.shared import Array, mean_and_spread
from benchmarks.tables import Table

RESAMPLES = 1_000
_AT_ONCE = 4_000_000  # weights in memory at a time

Scores = list[Array]  # probabilities of the test rows, per fold


def figures(table: Table, scores: Scores) -> dict[str, Any]:
    """AUROC and log loss over folds, and ECE over all test rows."""
    truths = [table.labels[test] for _, test in table.folds]
    pairs = list(zip(truths, scores, strict=True))
    return {
        "auroc": mean_and_spread([auroc(*pair) for pair in pairs]),
        "log_loss": mean_and_spread([float(loss_per_case("binary", *pair).mean()) for pair in pairs]),
        "ece": round(expected_calibration_error(np.concatenate(truths), np.concatenate(scores)), 4),
    }


def lead(table: Table, ours: Scores, others: dict[str, Scores]) -> dict[str, dict[str, Any]]:
    """By how much ours is better than each other in AUROC and log loss (95 % intervals)."""
    everyone = [ours, *others.values()]
    point = _measured(table, everyone, np.ones((1, len(table.labels))))[:, :, 0]
    resampled = np.concatenate(
        [_measured(table, everyone, weights) for weights in _resamples(len(table.labels))], axis=2
    )
    found = {}
    for place, name in enumerate(others, 1):
        better, spread = point[0] - point[place], resampled[0] - resampled[place]
        found[name] = {
            "auroc": _with_interval(better[0], spread[0]),
            "log_loss": _with_interval(-better[1], -spread[1]),
        }
    return found


def mean_ranks(values: list[dict[str, float]], lowest_first: bool) -> dict[str, float]:
    """The mean place of each name over the sets where all names have a value; ties share their places."""
    names = set.intersection(*(set(row) for row in values)) if values else set()
    places: dict[str, list[float]] = {name: [] for name in sorted(names)}
    for row in values:
        for name, found in places.items():
            others = [row[other] for other in names]
            before = sum(other < row[name] if lowest_first else other > row[name] for other in others)
            found.append(before + (1 + sum(other == row[name] for other in others)) / 2)
    return {name: round(float(np.mean(found)), 2) for name, found in places.items()}


def _resamples(rows: int) -> Iterator[Array]:
    """Weights of the rows in each resample, shape (some, rows): Poisson, which needs no fixed total."""
    random = np.random.default_rng(0)
    left = RESAMPLES
    while left:
        some = min(left, max(1, _AT_ONCE // rows))
        yield random.poisson(1.0, (some, rows)).astype(np.float64)
        left -= some


def _measured(table: Table, everyone: list[Scores], weights: Array) -> Array:
    """Mean over folds of AUROC and log loss, shape (models, 2, resamples)."""
    found = np.zeros((len(everyone), 2, len(weights)))
    for fold, (_, test) in enumerate(table.folds):
        truths, given = table.labels[test], weights[:, test]
        for model, scores in enumerate(everyone):
            losses = loss_per_case("binary", truths, scores[fold])
            found[model, 0] += _weighted_auroc(truths, scores[fold], given)
            found[model, 1] += given @ losses / given.sum(axis=1)
    return found / len(table.folds)


def _weighted_auroc(truths: Array, scores: Array, weights: Array) -> Array:
    """AUROC by each row of weights (resamples, rows); ties count half."""
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(scores[order]) != 0))
    weights, truths = weights[:, order], truths[order]
    positive = np.add.reduceat(weights * truths, starts, axis=1)
    negative = np.add.reduceat(weights * (1 - truths), starts, axis=1)
    below = np.cumsum(negative, axis=1) - negative / 2
    wins: Array = (positive * below).sum(axis=1)
    pairs: Array = positive.sum(axis=1) * negative.sum(axis=1)
    return np.asarray(wins / pairs)


def _with_interval(value: float, resampled: Array) -> dict[str, Any]:
    low, high = np.nanquantile(resampled, [0.025, 0.975])
    return {"ahead": round(float(value), 4), "interval": [round(float(low), 4), round(float(high), 4)]}
