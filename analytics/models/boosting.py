"""Gradient-boosted trees (LightGBM): fitted part by part, so that every held-out score is honest.

Many rows: one part, checked on the calibration rows. Few rows: five folds over all of them; the models
together are the model, their scores of the rows they have not seen calibrate it, and no row is wasted
(cross-fitting; as good as logistic regression on tables of a few hundred rows, where one model with a
held-out part is clearly worse). The fewer the rows, the more the shape of the trees decides: a small table
gets trees of several shapes, whose mean is steadier than each. A larger one gets one shape, searched for
(`analytics.models.tuning`) where there is time.
"""

import time
from dataclasses import replace
from typing import Any

from analytics.models.trees import NAME, Boosters, Group, load  # isort: skip # sets how LightGBM's threads wait
import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from analytics.models.learner import Effort, Fitted, Problem, out_of_fold, parts
from analytics.models.series import Series, extended, find_series
from analytics.models.tree_training import MOST_ROUNDS, PATIENCE, Parameters, Trainer
from analytics.models.tree_update import continued
from analytics.models.tuning import FEWEST_ROWS, is_worse, tuned
from analytics.task import Kind
from connectors.errors import AssistantError

__all__ = ["MOST_ROUNDS", "NAME", "PATIENCE", "Boosters", "fit", "load", "parameters", "update"]

Array = NDArray[np.float64]

OBJECTIVES: dict[Kind, str] = {"binary": "binary", "multiclass": "multiclass", "regression": "regression"}
# Of a small table: greedy trees, trees of chance splits (Geurts et al. 2006), trees of one split (additive).
SMALL_SHAPES: tuple[Parameters, ...] = (
    {},
    {"extra_trees": True},
    {"num_leaves": 2, "learning_rate": 0.1},
)
SMALL = FEWEST_ROWS
SEARCH_SHARE = 0.8  # of the seconds; the rest is for what cannot be foreseen


def parameters(kind: Kind, rows: int, classes: int = 0, **given: Any) -> Parameters:
    """LightGBM's parameters for a table of so many rows: the fewer, the smaller and more shrunken the trees.

    `given` (threads, device, seed ...) is passed on and wins.
    """
    leaves, least, columns, share = (4, 10, 0.5, 0.7)
    if rows >= SMALL:
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
        # Splits on sets of categories overfit; they need support and smoothing.
        "min_data_per_group": max(10, min(100, rows // 50)),
        "cat_smooth": 20.0,
        "feature_pre_filter": False,
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
    """Fits one model (of a small table several shapes) per part of `folds`, within the seconds allowed.

    `chosen` are LightGBM's parameters, by default the best that the time allows to find, without a limit
    those of `parameters`. Raises AssistantError if LightGBM refuses (a device that is not there, say).
    """
    series = find_series(problem.code_book, problem.inputs.matrix, problem.monotone)
    seen = _seen(problem, series)
    try:
        trainer = Trainer(seen, folds, effort)
        models = _models(trainer, effort.seconds, chosen)
    except lgb.basic.LightGBMError as error:
        raise AssistantError(
            f"LightGBM could not train: {error}.", "SDA_LIGHTGBM_DEVICE=cpu works everywhere."
        ) from error
    groups = tuple(
        Group(boosters, data.encoding) for boosters, data in zip(models, trainer.data, strict=True)
    )
    for number, group in enumerate(groups, 1):
        trees = sum(booster.current_iteration() for booster in group.boosters)
        effort.tell(f"model {number} of {len(groups)}: {trees} trees")
    scorer = Boosters(groups, effort.threads, series)
    return Fitted(scorer, *out_of_fold(len(problem.labels), trainer.judged(groups)))


def update(scorer: Boosters, problem: Problem, folds: NDArray[np.int64], effort: Effort) -> Fitted:
    """Continues `scorer` on the rows of `problem`, coded by its books, in a fraction of the time of `fit`.

    Model k continues on part k of `folds`; the shorter of the two lists is gone through again. The held-out
    scores are honest for rows that the scorer had not learned from.
    """
    shares, matrix = parts(folds), extended(problem.inputs.matrix, scorer.series)
    chosen = parameters(problem.kind, len(matrix), problem.classes, seed=problem.seed)
    groups = scorer.groups
    number = max(len(groups), len(shares))
    jobs = [(groups[k % len(groups)], shares[k % len(shares)]) for k in range(number)]
    models = sum(len(group.boosters) for group, _ in jobs)
    each = replace(effort, seconds=None if effort.seconds is None else effort.seconds / models)
    kept: list[Group] = []
    judged: list[tuple[NDArray[np.int64], Array]] = []
    for group, part in jobs:
        read = group.read(matrix)
        changed = [continued(booster, problem, read, part, chosen, each) for booster in group.boosters]
        kept.append(Group(tuple(booster for booster, _ in changed), group.encoding))
        judged.append((part.check, np.mean([margins for _, margins in changed], axis=0)))
        effort.tell(f"model {len(kept)} of {number} continued")
    return Fitted(replace(scorer, groups=tuple(kept)), *out_of_fold(len(matrix), iter(judged)))


def _seen(problem: Problem, series: tuple[Series, ...]) -> Problem:
    """The problem as the models see it: with the values of the series."""
    matrix = extended(problem.inputs.matrix, series)
    free = (0,) * (matrix.shape[1] - problem.inputs.matrix.shape[1])
    monotone = problem.monotone + free if problem.monotone else ()
    return replace(problem, inputs=replace(problem.inputs, matrix=matrix), monotone=monotone)


def _models(
    trainer: Trainer, seconds: float | None, chosen: Parameters | None
) -> list[tuple[lgb.Booster, ...]]:
    """For each part its models, one per shape."""
    problem = trainer.problem
    rows = len(problem.labels)
    usual = chosen or parameters(problem.kind, rows, problem.classes, seed=problem.seed)
    if chosen is None and seconds is not None and rows >= SMALL:
        return [(booster,) for booster in _searched(trainer, usual, seconds)]
    shapes = SMALL_SHAPES if chosen is None and rows < SMALL else ({},)
    each = None if seconds is None else seconds / len(shapes)
    grown = [trainer.boosters(trainer.grown({**usual, **shape}, each)) for shape in shapes]
    return list(zip(*grown, strict=True))


def _searched(trainer: Trainer, usual: Parameters, seconds: float) -> list[lgb.Booster]:
    """The models of the best parameters there is time to find, at worst those of the usual ones."""
    end = time.monotonic() + seconds
    kept = {_key(usual): trainer.boosters(trainer.grown(usual, seconds))}
    least = trainer.losses(kept[_key(usual)])

    def race(given: Parameters, rivals: Array) -> Array | None:
        """Out after the first part if it is behind there."""
        left = max(0.0, end - time.monotonic())
        first = trainer.grown(given, left, trainer.data[:1])
        start = trainer.losses(trainer.boosters(first, trainer.data[:1]), trainer.data[:1])
        if is_worse(start, rivals[: len(start)]):
            return None
        models = trainer.boosters(first + trainer.grown(given, left, trainer.data[1:]))
        found = trainer.losses(models)
        if found.mean() < rivals.mean():
            kept[_key(given)] = models
        return found

    best = tuned(usual, least, race, SEARCH_SHARE * (end - time.monotonic()), trainer.problem.seed)
    return kept[_key(best)]


def _key(given: Parameters) -> str:
    return repr(sorted(given.items()))
