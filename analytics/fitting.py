"""From settled cases to a model: what is to be learned, who learns it, how its scores become predictions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.calibration import Calibration, calibrate
from analytics.cases import Cases, fates, numbered_labels
from analytics.conformal import Conformal
from analytics.events import learn_event_book
from analytics.label_sets import LabelSets, label_sets
from analytics.ladder import Ladder, climb
from analytics.matrix import CodeBook, learn_code_book
from analytics.model import Model, encoded
from analytics.models.learner import Effort, Fitted, Problem
from analytics.quantiles import Quantiles, bounds_of
from analytics.splits import Choice
from analytics.task import Kind, Task
from analytics.venn_abers import VennAbers, venn_abers
from connectors.errors import AssistantError

Array = NDArray[np.float64]

SEED = 20_240_229
DEFAULT_BANDS = (("low", 0.6), ("medium", 0.9), ("high", 1.0))  # shares of the calibration scores below


def problem_of(task: Task, cases: Cases, classes: tuple[str, ...], books: Model | None = None) -> Problem:
    """What the settled `cases` ask a model to learn, coded by the `books` of a model or by their own.

    Raises AssistantError where no column is usable.
    """
    if cases.labels is None:
        raise AssistantError(f"{task.name}: these cases have no outcomes.")
    code_book = books.code_book if books else learn_code_book(cases.features, cases.keys["as_of"])
    if not code_book.columns:
        raise AssistantError(f"{task.name}: no column is left to learn from.", "See `sda task show`.")
    if books:
        event_book = books.event_book
    else:
        event_book = learn_event_book(cases.events) if cases.events is not None else None
    return Problem(
        kind=task.kind,
        classes=len(classes),
        inputs=encoded(cases, code_book, event_book),
        labels=numbered_labels(task.kind, cases.labels, classes),
        code_book=code_book,
        event_book=event_book,
        monotone=_monotone(task, code_book),
        also=None if cases.also is None else cases.also.cast(pl.Float64).to_numpy(),
        seed=SEED,
    )


@dataclass(frozen=True)
class Fit:
    """A model, what it was asked to learn, and the ladder it was chosen from."""

    model: Model
    problem: Problem
    ladder: Ladder


def fit_model(
    task: Task, cases: Cases, folds: NDArray[np.int64], effort: Effort, choice: Choice | None = None
) -> Fit:
    """The best model of the settled `cases` that `effort` allows; `ladder.climb` says how it is chosen.

    `folds`, shape (rows,) or (rows, repeats), as in `models.learner`; `choice` as in `splits`. Raises
    AssistantError where no column is usable.
    """
    classes = task.classes or _classes(task.kind, cases)
    problem = problem_of(task, cases, classes)
    ladder = climb(problem, folds, effort, choice, _owners(task, cases))
    return Fit(model_of(task, problem, classes, ladder.fitted, folds, effort), problem, ladder)


def _owners(task: Task, cases: Cases) -> NDArray[np.int64]:
    """The number of the entity of each case, or of those that share its fate, shape (rows,)."""
    return (fates(task, cases.keys)["entity_id"].rank("dense") - 1).cast(pl.Int64).to_numpy()


def model_of(
    task: Task,
    problem: Problem,
    classes: tuple[str, ...],
    fitted: Fitted,
    folds: NDArray[np.int64],
    effort: Effort,
) -> Model:
    """The model whose scores become predictions by what the rows teach that it has not learned from."""
    truths = problem.labels[fitted.held_out]
    sets: LabelSets | None = None
    if task.kind == "regression":
        bounds: VennAbers | Conformal | Quantiles = bounds_of(problem, folds, effort, fitted)
        calibration, scores = Calibration(), fitted.margins
    else:
        calibration = calibrate(fitted.margins, truths)
        probabilities = calibration.probabilities(fitted.margins)
        if task.kind == "multiclass":
            scores = probabilities.max(axis=1)
            bounds = venn_abers(scores, (probabilities.argmax(axis=1) == truths).astype(float))
            sets = label_sets(probabilities, truths, classes)
        else:
            scores = probabilities
            bounds = venn_abers(fitted.margins, truths)
            sets = label_sets(fitted.margins, truths, classes)
    bands = tuple((band.name, band.upper) for band in task.bands) or _default_bands(scores)
    return Model(
        task.kind,
        classes,
        problem.code_book,
        fitted.scorer,
        calibration,
        bounds,
        bands,
        problem.event_book if fitted.scorer.reads_events else None,
        sets,
    )


def _classes(kind: Kind, cases: Cases) -> tuple[str, ...]:
    """Class names of a task that declares none: found for several classes, 0/1 for two."""
    from analytics.proposal import inferred_classes

    if kind != "multiclass" or cases.labels is None:
        return ()
    return inferred_classes(cases.labels, kind)


def _monotone(task: Task, code_book: CodeBook) -> tuple[int, ...]:
    kinds = {column.name: column.kind for column in code_book.columns}
    return tuple(
        task.feature_info[name].monotone
        if name in task.feature_info and kinds[name] in ("number", "boolean") and task.kind != "multiclass"
        else 0
        for name in code_book.sources
    )


def _default_bands(scores: Array) -> tuple[tuple[str, float], ...]:
    limits: Sequence[float] = np.quantile(scores, [share for _, share in DEFAULT_BANDS]).tolist()
    return tuple((name, limit) for (name, _), limit in zip(DEFAULT_BANDS, limits, strict=True))
