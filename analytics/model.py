"""A trained model as the rest of the house sees it: features in, calibrated predictions and reasons out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.calibration import Calibration
from analytics.cases import Cases
from analytics.conformal import Conformal
from analytics.events import EventBook
from analytics.matrix import CodeBook
from analytics.models.learner import Inputs, Scorer
from analytics.task import Kind
from analytics.venn_abers import VennAbers

Array = NDArray[np.float64]


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

    def _bands(self, scores: Array) -> list[str]:
        names = [name for name, _ in self.bands]
        limits = [limit for _, limit in self.bands[:-1]]
        return [names[place] for place in np.searchsorted(limits, scores, side="right")]


def encoded(cases: Cases, code_book: CodeBook, event_book: EventBook | None) -> Inputs:
    """The cases as models read them."""
    matrix = code_book.encode(cases.features, cases.keys["as_of"])
    events = event_book.encode(cases.events) if event_book and cases.events is not None else None
    return Inputs(matrix, events)
