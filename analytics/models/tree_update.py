"""Continuing fitted trees on further rows, in a fraction of the time of growing them anew.

A model is offered two changes: its leaves take in the outcomes of the new rows (LightGBM's refit), and a few
small trees are added to it. The rows of the part that neither learns from decide which it gets, if any.
"""

from typing import Any

from analytics.models.trees import Array  # isort: skip # sets how LightGBM's threads wait
import lightgbm as lgb
import numpy as np

from analytics.matrix import Matrix
from analytics.models.learner import Effort, Part, Problem
from analytics.models.objectives import loss_per_row
from analytics.models.target_encoding import unencoded_categories
from analytics.models.tree_training import Parameters, light, stop_after

KEPT = 0.9  # of a leaf's value; the rest comes from the new rows
ROUNDS, PATIENCE = 60, 10
RATE = 0.4  # of the usual learning rate


def continued(
    booster: lgb.Booster,
    problem: Problem,
    matrix: Matrix,
    part: Part,
    chosen: Parameters,
    effort: Effort,
) -> tuple[lgb.Booster, Array]:
    """The model after the new rows, and its raw scores of the part's check rows.

    `matrix` holds the rows of the problem as this model reads them, and `chosen` the parameters of its size.
    """
    learn, labels = matrix[part.learn], problem.labels[part.learn]
    given = {**chosen, "num_threads": effort.threads, "device_type": effort.lightgbm_device}
    offered = [
        booster,
        booster.refit(learn, labels, decay_rate=KEPT, **given),
        _grown(booster, problem, matrix, part, given, effort.seconds),
    ]
    margins = [_margins(each, matrix[part.check], effort.threads) for each in offered]
    truths = problem.labels[part.check]
    best = int(np.argmin([loss_per_row(problem.kind, truths, each).mean() for each in margins]))
    return offered[best], margins[best]


def _grown(
    booster: lgb.Booster,
    problem: Problem,
    matrix: Matrix,
    part: Part,
    given: Parameters,
    seconds: float | None,
) -> lgb.Booster:
    """The model and a few trees more."""
    parameters = {**given, "learning_rate": RATE * given["learning_rate"]}
    learn = lgb.Dataset(
        matrix[part.learn],
        problem.labels[part.learn],
        params=parameters,
        categorical_feature=unencoded_categories(problem.code_book),
    )
    check = learn.create_valid(matrix[part.check], problem.labels[part.check], params=parameters)
    callbacks: list[Any] = [lgb.early_stopping(PATIENCE, first_metric_only=True, verbose=False)]
    if seconds is not None:
        callbacks.append(stop_after(seconds))
    return light(
        lgb.train(parameters, learn, ROUNDS, valid_sets=[check], init_model=booster, callbacks=callbacks)
    )


def _margins(booster: lgb.Booster, matrix: Matrix, threads: int) -> Array:
    return np.asarray(booster.predict(matrix, raw_score=True, num_threads=threads))
