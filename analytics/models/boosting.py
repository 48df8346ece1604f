"""Gradient-boosted trees (LightGBM): fitted fold by fold, so that every held-out score is honest.

`folds` says who checks whom: model k learns from the rows whose fold is not k and stops early on the rows
whose fold is k. Rows with fold -1 are learned by every model. Many rows: one fold, the calibration part.
Few rows: five folds over all of them; the five models together are the model, their scores of the rows they
have not seen calibrate it, and no row is wasted (cross-fitting; as good as logistic regression on tables of
a few hundred rows, where one model with a held-out part is clearly worse).
"""

import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Threads that spin while they wait make a fit a hundred times slower as soon as a neighbour is busy on the
# same cores; libgomp reads this once, when LightGBM loads it.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from analytics.matrix import Matrix
from analytics.task import Kind
from connectors.errors import AssistantError

Array = NDArray[np.float64]
Parameters = dict[str, Any]
Progress = Callable[[str], None]

OBJECTIVES: dict[Kind, str] = {"binary": "binary", "multiclass": "multiclass", "regression": "regression"}
MOST_ROUNDS = 3000
PATIENCE = 50  # rounds without improvement before a model stops


@dataclass(frozen=True)
class Boosters:
    """One or more LightGBM models whose mean raw score is the score.

    A raw score is log-odds (binary), one log-odds per class (multiclass) or the value itself (regression).
    """

    boosters: tuple[lgb.Booster, ...]
    threads: int = 1

    @property
    def rounds(self) -> list[int]:
        return [booster.current_iteration() for booster in self.boosters]

    def margins(self, matrix: Matrix) -> Array:
        """Raw scores, shape (rows,), for several classes (rows, classes)."""
        return self._mean(matrix, raw_score=True)

    def contributions(self, matrix: Matrix) -> Array:
        """Exact tree contributions (Lundberg et al. 2020), shape (rows, columns + 1); the last is the base.

        For several classes (rows, classes, columns + 1). They sum to the raw score. Costs about two hundred
        times a prediction: a few thousand rows a second.
        """
        total = self._mean(matrix, pred_contrib=True)
        width = matrix.shape[1] + 1
        return total if total.shape[1] == width else total.reshape(len(matrix), -1, width)

    def _mean(self, matrix: Matrix, **what: bool) -> Array:
        # Starting threads for a handful of rows takes longer than the rows.
        threads = self.threads if len(matrix) > 1_000 else 1
        total = np.zeros(1)
        for booster in self.boosters:
            total = total + np.asarray(booster.predict(matrix, num_threads=threads, **what))
        return total / len(self.boosters)

    def save(self, folder: Path) -> list[Path]:
        """Writes each model as LightGBM text, which cannot carry code; returns the files."""
        paths = [folder / f"model_{number}.txt" for number in range(len(self.boosters))]
        for path, booster in zip(paths, self.boosters, strict=True):
            path.write_text(booster.model_to_string(), encoding="utf-8")
        return paths

    @classmethod
    def load(cls, paths: list[Path], threads: int) -> "Boosters":
        return cls(
            tuple(lgb.Booster(model_str=path.read_text(encoding="utf-8")) for path in paths), threads=threads
        )


@dataclass(frozen=True)
class Fitted:
    """The models, and the raw scores of the rows (by position) that a model has not learned from."""

    boosters: Boosters
    held_out: NDArray[np.int64]
    margins: Array


@dataclass(frozen=True)
class Shape:
    """What LightGBM must know of the matrix: which columns hold categories, which way the score may move."""

    categories: tuple[int, ...] = ()
    monotone: tuple[int, ...] = ()


@dataclass(frozen=True)
class Effort:
    """What a fit may use: threads, seconds (None: as long as it takes), and where to tell how far it is."""

    threads: int = 1
    seconds: float | None = None
    progress: Progress | None = None


def parameters(kind: Kind, rows: int, classes: int = 0, **given: Any) -> Parameters:
    """LightGBM's parameters for a table of so many rows: the fewer, the smaller and more shrunken the trees.

    `given` (threads, device, seed ...) is passed on and wins.
    """
    leaves, least, columns, share = (4, 10, 0.5, 0.7)
    if rows >= 2_000:
        leaves, least, columns, share = (15, 30, 0.6, 0.8)
    if rows >= 15_000:
        leaves, least, columns, share = (31, 50, 0.7, 0.8)
    chosen: Parameters = {
        "objective": OBJECTIVES[kind],
        "learning_rate": 0.05,
        "num_leaves": leaves,
        "min_data_in_leaf": least,
        "feature_fraction": columns,
        "bagging_fraction": share,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
        # Splits on categories of hundreds of values overfit; they need support and smoothing.
        "min_data_per_group": max(10, min(100, rows // 50)),
        "cat_smooth": 20.0,
        "force_col_wise": True,
        "deterministic": True,
        "verbosity": -1,
        **given,
    }
    if kind == "multiclass":
        chosen["num_class"] = classes
    return chosen


def fit(
    matrix: Matrix,
    label: Array,
    folds: NDArray[np.int64],
    chosen: Mapping[str, Any],
    shape: Shape = Shape(),
    effort: Effort = Effort(),
) -> Fitted:
    """Fits one model per fold; all of it ends within the seconds allowed, with the trees grown by then.

    matrix (rows, columns), label (rows,), folds (rows,) as the module says. One fold uses all threads;
    several are fitted side by side with one thread each, which keeps every core busy without waiting.
    Raises AssistantError if LightGBM refuses (a device that is not there, say).
    """
    numbers = [int(number) for number in np.unique(folds) if number >= 0]
    workers = min(effort.threads, len(numbers))
    given = {**chosen, "num_threads": effort.threads // workers}
    if any(shape.monotone):
        given["monotone_constraints"] = list(shape.monotone)
    share = None if effort.seconds is None else effort.seconds / -(-len(numbers) // workers)

    def fit_fold(number: int, learn: lgb.Dataset, check: lgb.Dataset) -> lgb.Booster:
        booster = _fit_one({**given, "seed": given.get("seed", 0) + number}, learn, check, share)
        if effort.progress:
            effort.progress(f"model {number + 1} of {len(numbers)}: {booster.current_iteration()} trees")
        return booster

    try:
        parts = _parts(matrix, label, folds, numbers, given, shape)
        with ThreadPoolExecutor(workers) as pool:
            boosters = list(pool.map(lambda part: fit_fold(*part), parts))
    except lgb.basic.LightGBMError as error:
        raise AssistantError(
            f"LightGBM could not train: {error}.", "SDA_LIGHTGBM_DEVICE=cpu works everywhere."
        ) from error
    held_out = [np.flatnonzero(folds == number) for number in numbers]
    margins = [
        Boosters((booster,), effort.threads).margins(matrix[rows])
        for booster, rows in zip(boosters, held_out, strict=True)
    ]
    return Fitted(
        Boosters(tuple(boosters), effort.threads), np.concatenate(held_out), np.concatenate(margins)
    )


def _parts(
    matrix: Matrix,
    label: Array,
    folds: NDArray[np.int64],
    numbers: list[int],
    chosen: Parameters,
    shape: Shape,
) -> list[tuple[int, lgb.Dataset, lgb.Dataset]]:
    """For each fold the rows to learn from and those to stop on. Values are binned once for all folds."""
    how: dict[str, Any] = {"params": chosen, "categorical_feature": list(shape.categories)}
    if len(numbers) == 1:
        held_out = folds == numbers[0]
        learn = lgb.Dataset(matrix[~held_out], label[~held_out], **how)
        check = learn.create_valid(matrix[held_out], label[held_out], params=chosen)
        return [(numbers[0], learn, check)]
    data = lgb.Dataset(matrix, label, **how)
    return [
        (
            number,
            data.subset(np.flatnonzero(folds != number).tolist()).construct(),
            data.subset(np.flatnonzero(folds == number).tolist()).construct(),
        )
        for number in numbers
    ]


def _fit_one(
    chosen: Parameters, learn: lgb.Dataset, check: lgb.Dataset, seconds: float | None
) -> lgb.Booster:
    callbacks: list[Any] = [lgb.early_stopping(PATIENCE, first_metric_only=True, verbose=False)]
    if seconds is not None:
        callbacks.append(_stop_after(seconds))
    booster = lgb.train(chosen, learn, MOST_ROUNDS, valid_sets=[check], callbacks=callbacks)
    # Read back from text: the same trees up to the best round, without the training data.
    return lgb.Booster(model_str=booster.model_to_string(num_iteration=booster.best_iteration))


def _stop_after(seconds: float) -> Callable[[Any], None]:
    """A callback that ends training once its time is spent; the trees grown so far are kept."""
    end = time.monotonic() + seconds

    def stop(env: Any) -> None:
        if time.monotonic() >= end:
            raise lgb.callback.EarlyStopException(env.iteration, env.evaluation_result_list)

    stop.order = 40  # type: ignore[attr-defined] # after early stopping has taken note of the round
    return stop
