"""Penalised logistic, multinomial and linear regression: the honest floor, and often the best of few rows.

One model per part of the folds. The strength of the ridge, and whether lines may break at hinges
(`linear_design`), are those of least loss in an inner cross-validation of the rows the part learns from. All
parts share one design, so their mean is again one linear model: a table of numbers, stored as JSON.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.models.learner import (
    Contributions,
    Effort,
    Fitted,
    Inputs,
    Part,
    Problem,
    out_of_fold,
    parts,
    run_length,
)
from analytics.models.linear_design import Design, learn_design
from analytics.models.objectives import gradient, loss_per_row, minimised
from analytics.task import Kind

Array = NDArray[np.float64]
Rows = NDArray[np.int64]

NAME = "linear"
STRENGTHS = (
    100_000.0,
    10_000.0,
    1_000.0,
    300.0,
    100.0,
    30.0,
    10.0,
    3.0,
    1.0,
    0.3,
)  # of the ridge, strongest first
MOST_NUMBERS = 20_000_000  # of the design: of more rows an even selection is learned from
FEW_ROWS = 5_000  # so many are cross-validated inside, more are checked on one part
INNER_FOLDS = 5
ERRORS = 1.0  # standard errors
ROUNDS = 200
AT_ONCE = 50_000


@dataclass(frozen=True)
class Linear:
    """intercept + coefficients x (columns - means): raw scores of rows whose columns are all at their mean.

    `coefficients` (outputs, columns), `intercepts` (outputs,): one output, or one per class.
    """

    design: Design
    means: Array
    coefficients: Array
    intercepts: Array
    strengths: tuple[float, ...] = ()  # chosen, one per part

    @property
    def family(self) -> str:
        return NAME

    @property
    def reads_events(self) -> bool:
        return False

    def margins(self, inputs: Inputs) -> Array:
        """Raw scores, shape (rows,), for several classes (rows, classes)."""
        found = [
            (self.design.columns(inputs.matrix[start : start + AT_ONCE]) - self.means) @ self.coefficients.T
            for start in range(0, max(len(inputs), 1), AT_ONCE)
        ]
        scores = np.concatenate(found) + self.intercepts
        return scores[:, 0] if len(self.intercepts) == 1 else scores

    def contributions(self, inputs: Inputs) -> Contributions:
        """Exact: each coefficient times the distance of its column from the mean."""
        away = self.design.columns(inputs.matrix) - self.means
        ends = np.cumsum(self.design.widths)
        columns = np.stack(
            [
                away[:, end - width : end] @ self.coefficients[:, end - width : end].T
                for end, width in zip(ends, self.design.widths, strict=True)
            ],
            axis=-1,
        )
        base = np.tile(self.intercepts, (len(inputs), 1))
        if len(self.intercepts) == 1:
            return Contributions(columns[:, 0], base[:, 0])
        return Contributions(columns, base)

    def save(self, folder: Path) -> dict[str, Any]:  # noqa: ARG002
        """Everything is in the card; no file is needed."""
        return {
            "family": NAME,
            "design": self.design.as_json(),
            "means": self.means.tolist(),
            "coefficients": self.coefficients.tolist(),
            "intercepts": self.intercepts.tolist(),
            "strengths": list(self.strengths),
        }


def load(folder: Path, content: Mapping[str, Any], threads: int) -> Linear:  # noqa: ARG001
    """The model that `Linear.save` wrote."""
    return Linear(
        Design.from_json(content["design"]),
        np.array(content["means"], dtype=float),
        np.array(content["coefficients"], dtype=float),
        np.array(content["intercepts"], dtype=float),
        tuple(content["strengths"]),
    )


def fit(problem: Problem, folds: Rows, effort: Effort) -> Fitted:
    """Fits one model per part of `folds` and takes their mean.

    Straight lines are always tried with every strength; broken ones where there is time.
    """
    return _fitted(
        problem, folds, effort, learn_design(problem.inputs.matrix, problem.code_book, problem.monotone), None
    )


def update(scorer: Linear, problem: Problem, folds: Rows, effort: Effort) -> Fitted:
    """Continues `scorer` on the rows of `problem`: the ridge pulls towards what it has learned so far."""
    return _fitted(problem, folds, effort, scorer.design, scorer)


@dataclass(frozen=True)
class _Table:
    """The standardised design of some rows, the last column 1, and their labels in units of their spread.

    `directions` are the signs that weights must have, 0 for either; `start` (columns, outputs) is where a fit
    starts and the ridge pulls to, 0 but in an update.
    """

    kind: Kind
    columns: Array
    labels: Array
    hinges: NDArray[np.bool_]
    directions: Rows
    start: Array

    def rows(self, places: Rows) -> "_Table":
        return replace(self, columns=self.columns[places], labels=self.labels[places])

    def straight(self) -> "_Table":
        """The same without the hinges."""
        kept = ~self.hinges
        return replace(
            self,
            columns=self.columns[:, kept],
            hinges=self.hinges[kept],
            directions=self.directions[kept],
            start=self.start[kept],
        )

    @cached_property
    def curvature(self) -> Array:
        """About the second derivative of the loss: products of columns, times the spread of labels."""
        spread = 1.0
        if self.kind != "regression":
            shares = np.unique(self.labels, return_counts=True)[1] / len(self.labels)
            spread = max(float(np.mean(shares * (1 - shares))), 0.01)
        return np.asarray(self.columns.T @ self.columns) * spread

    def scores(self, weights: Array) -> Array:
        found = self.columns @ weights
        return found[:, 0] if found.shape[1] == 1 else np.asarray(found)


def _fitted(problem: Problem, folds: Rows, effort: Effort, design: Design, before: Linear | None) -> Fitted:
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    # Products of small matrices take ten times as long where two threads wait for each other.
    with threadpool_limits(1, user_api="blas"):
        matrix, shares = problem.inputs.matrix, parts(folds)
        used = _evenly(len(matrix), sum(design.widths))
        sample = design.columns(matrix[used])
        means = sample.mean(axis=0) if before is None else before.means
        # Categories and marks keep their 0 and 1: so the rare are drawn to the mean more than the common.
        spreads = np.where(design.numbers, sample.std(axis=0), 1.0)
        spreads = np.append(np.where(spreads == 0, 1.0, spreads), 1.0)
        unit = float(problem.labels.std()) if problem.kind == "regression" else 1.0
        table = _Table(
            problem.kind,
            np.column_stack([(sample - means) / spreads[:-1], np.ones(len(used))]),
            problem.labels[used] / unit,
            np.append(design.hinges, False),
            np.append(design.directions, 0),
            _start(problem, before, sample.shape[1]) * spreads[:, None] / unit,
        )
        models: list[Linear] = []
        held: list[tuple[Rows, Array]] = []
        seconds = None if effort.seconds is None else effort.seconds / len(shares)
        for part in shares:
            places = np.flatnonzero(np.isin(used, part.learn))
            inner = _inner_folds(part, used[places], folds)
            weights, strength = _fit_part(table.rows(places), inner, seconds)
            weights = (weights / spreads[:, None] * unit).T
            models.append(Linear(design, means, weights[:, :-1], weights[:, -1], (strength,)))
            held.append((part.check, models[-1].margins(problem.inputs.rows(part.check))))
            effort.tell(f"model {part.number + 1} of {len(shares)}: ridge of {strength:g}")
    return Fitted(_mean(models), *out_of_fold(len(matrix), iter(held)))


def _start(problem: Problem, before: Linear | None, width: int) -> Array:
    """Weights (columns and the intercept, outputs) to start from."""
    if before is not None:
        return np.vstack([before.coefficients.T, before.intercepts])
    start = np.zeros((width + 1, problem.classes if problem.kind == "multiclass" else 1))
    if problem.kind == "regression":
        start[-1] = problem.labels.mean()
    return start


def _fit_part(table: _Table, inner: Rows, seconds: float | None) -> tuple[Array, float]:
    """The weights learned from the rows of `table`, and the strength of their ridge."""
    breaks, strength = _searched(table, inner, seconds)
    if breaks:
        return _solved(table, strength, table.start), strength
    weights = table.start.copy()
    weights[~table.hinges] = _solved(table.straight(), strength, table.start[~table.hinges])
    return weights, strength


def _searched(table: _Table, inner: Rows, seconds: float | None) -> tuple[bool, float]:
    """Whether to break lines, and the strength: of least loss on rows not learned from inside."""
    end = None if seconds is None else time.monotonic() + seconds
    numbers = np.unique(inner) if len(inner) <= FEW_ROWS else np.unique(inner)[:1]
    found: list[tuple[bool, float, Array]] = []
    for breaks in (False, True):
        given = table if breaks else table.straight()
        pairs = [(given.rows(inner != number), given.rows(inner == number)) for number in numbers]
        weights = [given.start] * len(pairs)
        least = np.inf
        for strength in STRENGTHS:
            weights = [
                _solved(learn, strength, last) for (learn, _), last in zip(pairs, weights, strict=True)
            ]
            losses = [
                loss_per_row(out.kind, out.labels, out.scores(given_weights))
                for (_, out), given_weights in zip(pairs, weights, strict=True)
            ]
            found.append((breaks, strength, np.concatenate(losses)))
            loss = float(found[-1][2].mean())
            if loss > least:
                break
            least = loss
        if end is not None and time.monotonic() >= end:
            break
    return _simplest(found)


def _simplest(found: list[tuple[bool, float, Array]]) -> tuple[bool, float]:
    """The first that is not worse than the best by more than a standard error of the paired differences.

    So where there is nothing to learn, chance does not find something (Breiman et al. 1984, section 3.4.3).
    """
    best = min(found, key=lambda each: float(each[2].mean()))[2]
    for breaks, strength, losses in found:
        behind = losses - best
        if behind.mean() <= ERRORS * behind.std() / np.sqrt(len(behind)):
            return breaks, strength
    raise ValueError("nothing was tried")


def _solved(table: _Table, strength: float, begin: Array) -> Array:
    """The weights of least loss plus ridge, searched from `begin`.

    The search goes along the axes of the curvature, which takes a tenth of the steps; where weights must have
    a sign, along the weights themselves.
    """
    from scipy.linalg import cholesky, solve_triangular

    ridge = np.full(len(begin), strength)
    ridge[-1] = 0.01  # keeps the intercept finite where a class is absent
    rows = len(table.labels)

    def valued(weights: Array) -> tuple[float, Array]:
        scores, away = table.scores(weights), weights - table.start
        slopes = gradient(table.kind, table.labels, scores).reshape(rows, -1)
        loss = float(loss_per_row(table.kind, table.labels, scores).sum())
        penalty = 0.5 * float((ridge[:, None] * away**2).sum())
        return (loss + penalty) / rows, (table.columns.T @ slopes + ridge[:, None] * away) / rows

    if table.directions.any():
        bounds = [(0.0 if sign > 0 else None, 0.0 if sign < 0 else None) for sign in table.directions]

        def along_weights(flat: Array) -> tuple[float, Array]:
            value, slope = valued(flat.reshape(begin.shape))
            return value, slope.ravel()

        return minimised(along_weights, begin.ravel(), ROUNDS, bounds).reshape(begin.shape)

    root = cholesky(table.curvature + np.diag(ridge), lower=True)

    def along_axes(flat: Array) -> tuple[float, Array]:
        value, slope = valued(solve_triangular(root, flat.reshape(begin.shape), lower=True, trans=1))
        return value, solve_triangular(root, slope, lower=True).ravel()

    found = minimised(along_axes, (root.T @ begin).ravel(), ROUNDS).reshape(begin.shape)
    return np.asarray(solve_triangular(root, found, lower=True, trans=1))


def _inner_folds(part: Part, rows: Rows, folds: Rows) -> Rows:
    """Folds inside a part: the other outer folds; runs of neighbouring rows where there is only one fold."""
    for column in folds.reshape(len(folds), -1).T:
        if np.unique(column[column >= 0]).size > 2 and len(np.unique(column[part.check])) == 1:
            return column[rows]
    return np.arange(len(rows)) // run_length(len(rows)) % INNER_FOLDS


def _evenly(rows: int, width: int) -> Rows:
    """All rows, or as many of them, evenly spaced, as the memory allows."""
    most = max(MOST_NUMBERS // width, 1)
    return np.unique(np.linspace(0, rows - 1, min(rows, most)).astype(np.int64))


def _mean(models: list[Linear]) -> Linear:
    return Linear(
        models[0].design,
        models[0].means,
        np.mean([model.coefficients for model in models], axis=0),
        np.mean([model.intercepts for model in models], axis=0),
        tuple(strength for model in models for strength in model.strengths),
    )
