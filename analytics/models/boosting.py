"""Gradient-boosted trees (LightGBM): fitted part by part, so that every held-out score is honest.

Many rows: one part, checked on the calibration rows. Few rows: five folds over all of them; the models
together are the model, their scores of the rows they have not seen calibrate it, and no row is wasted
(cross-fitting; as good as logistic regression on tables of a few hundred rows, where one model with a
held-out part is clearly worse).
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
from analytics.models import tree_reasons
from analytics.models.learner import (
    Contributions,
    Effort,
    Fitted,
    Inputs,
    Part,
    Problem,
    out_of_fold,
    parts,
)
from analytics.task import Kind
from connectors.errors import AssistantError

Array = NDArray[np.float64]
Parameters = dict[str, Any]

NAME = "boosting"
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

    @property
    def family(self) -> str:
        return NAME

    def margins(self, inputs: Inputs) -> Array:
        """Raw scores, shape (rows,), for several classes (rows, classes)."""
        threads = self._threads(inputs.matrix)
        total = np.zeros(1)
        for booster in self.boosters:
            total = total + np.asarray(booster.predict(inputs.matrix, raw_score=True, num_threads=threads))
        return total / len(self.boosters)

    def contributions(self, inputs: Inputs) -> Contributions:
        """Exact tree contributions (Lundberg et al. 2020); they cost far more than a prediction."""
        threads = self._threads(inputs.matrix)
        parts = [tree_reasons.contributions(each, inputs.matrix, threads) for each in self.boosters]
        total = np.mean(parts, axis=0)
        width = inputs.matrix.shape[1] + 1
        exact = total if total.shape[1] == width else total.reshape(len(inputs), -1, width)
        return Contributions(exact[..., :-1], exact[..., -1])

    def _threads(self, matrix: Matrix) -> int:
        # Starting threads for a handful of rows takes longer than the rows.
        return self.threads if len(matrix) > 1_000 else 1

    def save(self, folder: Path) -> dict[str, Any]:
        """Writes each model as LightGBM text, which cannot carry code."""
        for number, booster in enumerate(self.boosters):
            path = folder / f"{NAME}_{number}.txt"
            path.write_text(booster.model_to_string(), encoding="utf-8")
        return {"family": NAME, "models": len(self.boosters), "rounds": self.rounds}


def load(folder: Path, content: Mapping[str, Any], threads: int) -> Boosters:
    """The models that `Boosters.save` wrote."""
    paths = [folder / f"{NAME}_{number}.txt" for number in range(content["models"])]
    return Boosters(tuple(lgb.Booster(model_str=path.read_text(encoding="utf-8")) for path in paths), threads)


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
    problem: Problem, folds: NDArray[np.int64], effort: Effort, chosen: Parameters | None = None
) -> Fitted:
    """Fits one model per part of `folds`; it ends within the seconds allowed, with the trees grown by then.

    `chosen` are LightGBM's parameters, by default those of `parameters`. One part uses all threads; several
    are fitted side by side with one thread each, which keeps every core busy without waiting. Raises
    AssistantError if LightGBM refuses (a device that is not there, say).
    """
    matrix, shares = problem.inputs.matrix, parts(folds)
    workers = min(effort.threads, len(shares))
    given = {
        **(chosen or parameters(problem.kind, len(matrix), problem.classes, seed=problem.seed)),
        "device_type": effort.lightgbm_device,
        "num_threads": effort.threads // workers,
    }
    if any(problem.monotone):
        given["monotone_constraints"] = list(problem.monotone)
    seconds = None if effort.seconds is None else effort.seconds / -(-len(shares) // workers)

    def fit_part(part: Part, learn: lgb.Dataset, check: lgb.Dataset) -> lgb.Booster:
        booster = _fit_one({**given, "seed": given.get("seed", 0) + part.number}, learn, check, seconds)
        effort.tell(f"model {part.number + 1} of {len(shares)}: {booster.current_iteration()} trees")
        return booster

    try:
        sets = _datasets(problem, shares, given)
        with ThreadPoolExecutor(workers) as pool:
            boosters = list(pool.map(lambda each: fit_part(*each), sets))
    except lgb.basic.LightGBMError as error:
        raise AssistantError(
            f"LightGBM could not train: {error}.", "SDA_LIGHTGBM_DEVICE=cpu works everywhere."
        ) from error
    judged = (
        (part.check, Boosters((booster,), effort.threads).margins(problem.inputs.rows(part.check)))
        for part, booster in zip(shares, boosters, strict=True)
    )
    return Fitted(Boosters(tuple(boosters), effort.threads), *out_of_fold(len(matrix), judged))


def _datasets(
    problem: Problem, shares: list[Part], chosen: Parameters
) -> list[tuple[Part, lgb.Dataset, lgb.Dataset]]:
    """For each part the rows to learn from and those to stop on. Values are binned once for all parts."""
    matrix, label = problem.inputs.matrix, problem.labels
    how: dict[str, Any] = {"params": chosen, "categorical_feature": problem.code_book.category_positions}
    if len(shares) == 1:
        [part] = shares
        learn = lgb.Dataset(matrix[part.learn], label[part.learn], **how)
        check = learn.create_valid(matrix[part.check], label[part.check], params=chosen)
        return [(part, learn, check)]
    data = lgb.Dataset(matrix, label, **how)
    return [
        (part, data.subset(part.learn.tolist()).construct(), data.subset(part.check.tolist()).construct())
        for part in shares
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
