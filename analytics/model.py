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
from analytics.matrix import CodeBook, learn_code_book
from analytics.models.boosting import Boosters, Effort, Shape, fit, parameters
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
    """Code book, trees, calibration, bounds and bands of one version of one task."""

    kind: Kind
    classes: tuple[str, ...]
    code_book: CodeBook
    boosters: Boosters
    calibration: Calibration
    bounds: VennAbers | Conformal
    bands: tuple[tuple[str, float], ...]  # name and upper limit; the last has none

    def predict(self, features: pl.DataFrame, as_of: pl.Series | None = None) -> Predictions:
        """Predictions of the rows of `features`; raises UsageError for a missing column."""
        margins = self.boosters.margins(self.code_book.encode(features, as_of))
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

    def reasons(
        self, features: pl.DataFrame, as_of: pl.Series | None = None, most: int = 5
    ) -> list[list[dict[str, Any]]]:
        """For each row its strongest reasons: `feature`, `value`, signed `contribution`, strongest first.

        Contributions are in log-odds (several classes: of the likeliest class), or in the unit of the value.
        Those of the parts of a date are added up; all of them and the base sum to the raw score.
        """
        matrix = self.code_book.encode(features, as_of)
        exact = self.boosters.contributions(matrix)
        if exact.ndim == 3:
            likeliest = exact.sum(axis=2).argmax(axis=1)
            exact = exact[np.arange(len(exact)), likeliest]
        names = self.code_book.names
        place = {name: number for number, name in enumerate(names)}
        owner = np.array([place[source] for source in self.code_book.sources])
        total = np.zeros((len(exact), len(names)))
        np.add.at(total.T, owner, exact[:, :-1].T)
        order = np.argsort(-np.abs(total), axis=1, kind="stable")[:, :most]
        values = features.select(names).rows()
        return [
            [
                {
                    "feature": names[c],
                    "value": _plain(values[row][c]),
                    "contribution": round(float(total[row, c]), 6),
                }
                for c in columns
                if total[row, c]
            ]
            for row, columns in enumerate(order)
        ]

    def _bands(self, scores: Array) -> list[str]:
        names = [name for name, _ in self.bands]
        limits = [limit for _, limit in self.bands[:-1]]
        return [names[place] for place in np.searchsorted(limits, scores, side="right")]


def fit_model(
    task: Task,
    cases: Cases,
    folds: NDArray[np.int64],
    effort: Effort,
    device: str = "cpu",
) -> Model:
    """A model of the settled `cases`; `folds`, shape (rows,), as in `analytics.models.boosting`.

    The rows that a model has not learned from calibrate it. Raises AssistantError where no column is usable.
    """
    if cases.labels is None:
        raise AssistantError(f"{task.name}: these cases have no outcomes.")
    classes = task.classes or _classes(task.kind, cases.labels)
    labels = numbered_labels(task.kind, cases.labels, classes)
    code_book = learn_code_book(cases.features, cases.keys["as_of"])
    if not code_book.columns:
        raise AssistantError(f"{task.name}: no column is left to learn from.", "See `sda task show`.")
    matrix = code_book.encode(cases.features, cases.keys["as_of"])
    chosen = parameters(task.kind, len(cases), len(classes), seed=SEED, device_type=device)
    fitted = fit(matrix, labels, folds, chosen, _shape(task, code_book), effort)
    truths = labels[fitted.held_out]
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
    return Model(task.kind, classes, code_book, fitted.boosters, calibration, bounds, bands)


def _classes(kind: Kind, labels: pl.Series) -> tuple[str, ...]:
    """Class names of a task that declares none: found for several classes, 0/1 for two."""
    from analytics.proposal import inferred_classes

    return inferred_classes(labels, kind) if kind == "multiclass" else ()


def _shape(task: Task, code_book: CodeBook) -> Shape:
    kinds = {column.name: column.kind for column in code_book.columns}
    directions = [
        task.feature_info[name].monotone
        if name in task.feature_info and kinds[name] in ("number", "boolean") and task.kind != "multiclass"
        else 0
        for name in code_book.sources
    ]
    return Shape(tuple(code_book.category_positions), tuple(directions))


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
