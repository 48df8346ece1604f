"""Forecasts that add up: what the parts and their sums say, brought to one answer.

Every sum (a family, a depot, all) is forecast by itself too: it is steadier than its parts. Then the smallest
change is made that lets the sums be sums: reconciliation (Hyndman et al. 2011; minimum trace with shrunken
covariance, Wickramasuriya et al. 2019). Which way is taken is chosen on the windows of cross-validation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

Array = NDArray[np.float64]
Way = Literal["bottom_up", "ols", "wls", "mint"]
WAYS: tuple[Way, ...] = ("bottom_up", "ols", "wls", "mint")
_LEAST_SHRUNKEN = 1e-4  # so that errors that always went together can still be told apart


@dataclass(frozen=True)
class Tree:
    """`names` of all nodes, sums first, parts last; `sums` (node, part): which part belongs to which node."""

    names: tuple[str, ...]
    sums: Array

    @property
    def parts(self) -> tuple[str, ...]:
        """The names at the bottom."""
        return self.names[-self.sums.shape[1] :]


def tree_of(parts: pl.DataFrame, levels: Sequence[Sequence[str]]) -> Tree:
    """The tree over `parts` (unique_id and columns to sum over); a level names the columns kept apart.

    `()` is the sum of all, named Σ. A sum of one part, or of the same parts as an earlier one, is left out.
    """
    bottom = parts["unique_id"].to_list()
    names: list[str] = []
    rows: list[Array] = []
    seen: set[bytes] = set()
    for level in levels:
        rows_of_level = parts.select(level).iter_rows() if level else [()] * len(parts)
        labels = [" | ".join(f"{n}={v}" for n, v in zip(level, row, strict=True)) for row in rows_of_level]
        for label in dict.fromkeys(labels):
            row = np.array([1.0 if one == label else 0.0 for one in labels])
            if row.sum() > 1 and row.tobytes() not in seen:
                seen.add(row.tobytes())
                names.append(f"Σ {label}".strip())
                rows.append(row)
    return Tree((*names, *bottom), np.vstack([*rows, np.eye(len(bottom))]))


def with_sums(series: pl.DataFrame, tree: Tree) -> pl.DataFrame:
    """The series (unique_id, ds, y) of the parts and of every sum; a part without a value counts nothing."""
    series = series.select("unique_id", "ds", pl.col("y").cast(pl.Float64))
    found = []
    for name, row in zip(tree.names, tree.sums[: -len(tree.parts)], strict=False):
        within = [tree.parts[part] for part in np.flatnonzero(row)]
        summed = series.filter(pl.col("unique_id").is_in(within)).group_by("ds").agg(pl.col("y").sum())
        found.append(summed.select(pl.lit(name).alias("unique_id"), "ds", "y"))
    return pl.concat([*found, series])


def projection(tree: Tree, way: Way, errors: Array) -> Array:
    """(part, node): what each forecast of a node adds to each part; from `errors` (node, sample)."""
    nodes, parts = tree.sums.shape
    if way == "bottom_up":
        return np.hstack([np.zeros((parts, nodes - parts)), np.eye(parts)])
    weight = np.diag(np.ones(nodes) if way == "ols" else _variances(errors))
    if way == "mint":
        weight = shrunken(errors)
    inverse = np.linalg.pinv(weight, hermitian=True)
    of_parts = tree.sums.T @ inverse
    return np.asarray(np.linalg.solve(of_parts @ tree.sums, of_parts), dtype=np.float64)


def shrunken(errors: Array) -> Array:
    """Covariance of the rows, shrunken towards its diagonal as far as few samples ask for.

    The intensity is that of Schäfer and Strimmer (2005), for correlations.
    """
    count = errors.shape[1]
    deviation = np.sqrt(_variances(errors))
    standard = (errors - errors.mean(axis=1, keepdims=True)) / deviation[:, None]
    correlation = standard @ standard.T / count
    # Variance of each correlation: of the products whose mean it is.
    spread = ((standard**2) @ (standard**2).T / count - correlation**2) / max(count - 1, 1)
    apart = ~np.eye(len(errors), dtype=bool)
    total = float((correlation[apart] ** 2).sum())
    # Of two errors every correlation looks certain.
    certain = total > 0 and count > 2
    intensity = float(np.clip(spread[apart].sum() / total, _LEAST_SHRUNKEN, 1)) if certain else 1.0
    kept = np.where(apart, (1 - intensity) * correlation, 1.0)
    covariance: Array = kept * np.outer(deviation, deviation)
    return covariance


def chosen_way(tree: Tree, past: Array, truth: Array, scales: Array) -> Way:
    """The way with the least mean scaled error over all nodes, windows and steps; of equals the simplest.

    `past` and `truth` (node, window, step), without NaN; `scales` (node). A window is judged with the errors
    of the others.
    """
    windows = past.shape[1]
    losses = []
    for way in WAYS:
        loss = 0.0
        for window in range(windows):
            others = [at for at in range(windows) if at != window] or [window]
            errors = (truth - past)[:, others].reshape(len(truth), -1)
            whole = tree.sums @ projection(tree, way, errors) @ past[:, window]
            loss += float((np.abs(whole - truth[:, window]) / scales[:, None]).mean())
        losses.append(loss)
    # A way that gains less than a thousandth is not worth changing every forecast.
    best = min(losses)
    return next(way for way, loss in zip(WAYS, losses, strict=True) if loss <= best * 1.001 + 1e-12)


def _variances(errors: Array) -> Array:
    """Of each row, never zero: a series that was always met is trusted a thousand times the middle one."""
    variances = (errors**2).mean(axis=1)
    middle = float(np.median(variances[variances > 0])) if (variances > 0).any() else 1.0
    floored: Array = np.maximum(variances, middle * 1e-3)
    return floored
