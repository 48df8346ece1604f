"""A trained model as the rest of the house sees it: features in, calibrated predictions and reasons out."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.calibration import Calibration, calibrate
from analytics.cases import Cases, numbered_labels
from analytics.conformal import Conformal, conformal
from analytics.events import EventBook, learn_event_book
from analytics.matrix import CodeBook, learn_code_book
from analytics.models import boosting
from analytics.models.learner import Effort, Inputs, Problem, Scorer
from analytics.task import Kind, Task
from analytics.venn_abers import VennAbers, venn_abers
from connectors.errors import AssistantError

Array = NDArray[np.float64]

SEED = 20_240_229
DEFAULT_BANDS = (("low", 0.6), ("medium", 0.9), ("high", 1.0))  # shares of the calibration scores below


@dataclass(frozen=True)
class Predictions:
    """Predictions of some cases, all arrays of shape (rows,).

    `score` is a probability (several classes: of the likeliest one) or a value; `probabilities` has shape
    (rows, classes) for several classes, else None.
    """

    score: Array
    lower: Array
    upper: Array
    band: list[str]
    probabilities: Array | None = None

    @property
    def judged(self) -> Array:
        """What `evaluation` takes: probabilities per class where there are several, else the score."""
        return self.score if self.probabilities is None else self.probabilities


@dataclass(frozen=True)
class Model:
    """Books, scorer, calibration, bounds and bands of one version of one task."""

    kind: Kind
    classes: tuple[str, ...]
    code_book: CodeBook
    scorer: Scorer
    calibration: Calibration
    bounds: VennAbers | Conformal
    bands: tuple[tuple[str, float], ...]  # name and upper limit; the last has none
    event_book: EventBook | None = None

    def inputs(self, cases: Cases) -> Inputs:
        """The cases as the scorer reads them; raises UsageError for a missing column."""
        return encoded(cases, self.code_book, self.event_book)

    def predict(self, cases: Cases) -> Predictions:
        """Predictions of the cases; raises UsageError for a missing column."""
        margins = self.scorer.margins(self.inputs(cases))
        if isinstance(self.bounds, Conformal):
            lower, upper = self.bounds.bounds(margins)
            return Predictions(margins, lower, upper, self._bands(margins))
        probabilities = self.calibration.probabilities(margins)
        if self.kind == "multiclass":
            score = probabilities.max(axis=1)
            lower, upper = self.bounds.bounds(score)
            band = [self.classes[chosen] for chosen in probabilities.argmax(axis=1)]
        else:
            score = probabilities
            lower, upper = self.bounds.bounds(margins)
            band = self._bands(score)
        # The score is another calibration of the same cases; the interval is widened to hold it.
        lower, upper = np.minimum(lower, score), np.maximum(upper, score)
        several = probabilities if self.kind == "multiclass" else None
        return Predictions(score, lower, upper, band, several)

    def reasons(self, cases: Cases, most: int = 5) -> list[list[dict[str, Any]]]:
        """For each case its strongest reasons: `feature`, `value`, signed `contribution`, strongest first.

        Contributions are in log-odds (several classes: of the likeliest class), or in the unit of the value.
        Those of the parts of a date are added up; all of them and the base sum to the raw score.
        """
        exact = self.scorer.contributions(self.inputs(cases))
        columns = exact.columns
        if columns.ndim == 3:
            likeliest = (exact.base + columns.sum(axis=2)).argmax(axis=1)
            columns = columns[np.arange(len(columns)), likeliest]
        names = self.code_book.names
        place = {name: number for number, name in enumerate(names)}
        owner = np.array([place[source] for source in self.code_book.sources])
        total = np.zeros((len(columns), len(names)))
        np.add.at(total.T, owner, columns.T)
        order = np.argsort(-np.abs(total), axis=1, kind="stable")[:, :most]
        values = cases.features.select(names).rows()
        return [
            [
                {
                    "feature": names[c],
                    "value": _plain(values[row][c]),
                    "contribution": round(float(total[row, c]), 6),
                }
                for c in chosen
                if total[row, c]
            ]
            for row, chosen in enumerate(order)
        ]

    def _bands(self, scores: Array) -> list[str]:
        names = [name for name, _ in self.bands]
        limits = [limit for _, limit in self.bands[:-1]]
        return [names[place] for place in np.searchsorted(limits, scores, side="right")]


def encoded(cases: Cases, code_book: CodeBook, event_book: EventBook | None) -> Inputs:
    """The cases as models read them."""
    matrix = code_book.encode(cases.features, cases.keys["as_of"])
    events = event_book.encode(cases.events) if event_book and cases.events is not None else None
    return Inputs(matrix, events)


def problem_of(task: Task, cases: Cases, classes: tuple[str, ...]) -> Problem:
    """What the settled `cases` ask a model to learn. Raises AssistantError where no column is usable."""
    if cases.labels is None:
        raise AssistantError(f"{task.name}: these cases have no outcomes.")
    code_book = learn_code_book(cases.features, cases.keys["as_of"])
    if not code_book.columns:
        raise AssistantError(f"{task.name}: no column is left to learn from.", "See `sda task show`.")
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


def fit_model(task: Task, cases: Cases, folds: NDArray[np.int64], effort: Effort) -> Model:
    """A model of the settled `cases`; `folds`, shape (rows,) or (rows, repeats), as in `models.learner`.

    The rows that a model has not learned from calibrate it. Raises AssistantError where no column is usable.
    """
    classes = task.classes or _classes(task.kind, cases)
    problem = problem_of(task, cases, classes)
    fitted = boosting.fit(problem, folds, effort)
    truths = problem.labels[fitted.held_out]
    if task.kind == "regression":
        bounds: VennAbers | Conformal = conformal(fitted.margins, truths)
        calibration, scores = Calibration(), fitted.margins
    else:
        calibration = calibrate(fitted.margins, truths)
        probabilities = calibration.probabilities(fitted.margins)
        if task.kind == "multiclass":
            scores = probabilities.max(axis=1)
            bounds = venn_abers(scores, (probabilities.argmax(axis=1) == truths).astype(float))
        else:
            scores = probabilities
            bounds = venn_abers(fitted.margins, truths)
    bands = tuple((band.name, band.upper) for band in task.bands) or _default_bands(scores)
    return Model(
        task.kind,
        classes,
        problem.code_book,
        fitted.scorer,
        calibration,
        bounds,
        bands,
        problem.event_book,
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


def _plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if isinstance(value, Decimal):
        return float(value)
    return str(value).removesuffix(" 00:00:00")  # dates and times
