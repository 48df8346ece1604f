"""A trained model as the rest of the house sees it: features in, calibrated predictions and reasons out."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.calibration import Calibration
from analytics.cases import Cases
from analytics.conformal import Conformal
from analytics.events import EventBook
from analytics.label_sets import LabelSets, Sets
from analytics.matrix import CodeBook
from analytics.models import families
from analytics.models.learner import Inputs, Scorer
from analytics.quantiles import Quantiles
from analytics.task import Kind
from analytics.venn_abers import VennAbers

Array = NDArray[np.float64]

BOUNDS: dict[type[Any], str] = {VennAbers: "venn_abers", Conformal: "conformal", Quantiles: "quantiles"}


@dataclass(frozen=True)
class Predictions:
    """Predictions of some cases, all arrays of shape (rows,).

    `score` is a probability (several classes: of the likeliest one) or a value; `probabilities` has shape
    (rows, classes) for several classes, else None. `label_sets`, shape (rows, classes), marks the classes
    that cannot be ruled out; None for values.
    """

    score: Array
    lower: Array
    upper: Array
    band: list[str]
    probabilities: Array | None = None
    label_sets: Sets | None = None

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
    bounds: VennAbers | Conformal | Quantiles  # the first of classes, the others of values
    bands: tuple[tuple[str, float], ...]  # name and upper limit; the last has none
    event_book: EventBook | None = None
    label_sets: LabelSets | None = None  # none of values

    def inputs(self, cases: Cases) -> Inputs:
        """The cases as the scorer reads them; raises UsageError for a missing column."""
        return encoded(cases, self.code_book, self.event_book)

    def predict(self, cases: Cases) -> Predictions:
        """Predictions of the cases; raises UsageError for a missing column."""
        inputs = self.inputs(cases)
        margins = self.scorer.margins(inputs)
        if self.kind == "regression":
            found = Predictions(margins, *self._interval(inputs, margins), self._bands(margins))
        elif self.kind == "multiclass":
            probabilities = self.calibration.probabilities(margins)
            score = probabilities.max(axis=1)
            band = [self.classes[chosen] for chosen in probabilities.argmax(axis=1)]
            found = Predictions(
                score, *self._interval(inputs, score), band, probabilities, self._sets(probabilities)
            )
        else:
            score = self.calibration.probabilities(margins)
            sets = self._sets(margins)
            found = Predictions(score, *self._interval(inputs, margins), self._bands(score), label_sets=sets)
        # The score was found another way than its bounds; they are widened to hold it.
        lower, upper = np.minimum(found.lower, found.score), np.maximum(found.upper, found.score)
        return replace(found, lower=lower, upper=upper)

    def save(self, folder: Path) -> dict[str, Any]:
        """Writes what is not JSON into `folder`; returns the rest, for the card."""
        method = BOUNDS[type(self.bounds)]
        bounds = self.bounds.save(folder) if isinstance(self.bounds, Quantiles) else self.bounds.as_json()
        return {
            "kind": self.kind,
            "classes": list(self.classes),
            "code_book": self.code_book.as_json(),
            "event_book": self.event_book.as_json() if self.event_book else None,
            "scorer": self.scorer.save(folder),
            "calibration": self.calibration.as_json(),
            "bounds": {"method": method, **bounds},
            "label_sets": self.label_sets.as_json() if self.label_sets else None,
            "bands": [list(band) for band in self.bands],
        }

    @classmethod
    def load(cls, folder: Path, content: dict[str, Any], threads: int) -> "Model":
        """The model that `save` wrote into `folder`."""
        events, sets = content["event_book"], content["label_sets"]
        return cls(
            kind=content["kind"],
            classes=tuple(content["classes"]),
            code_book=CodeBook.from_json(content["code_book"]),
            scorer=families.load(folder, content["scorer"], threads),
            calibration=Calibration.from_json(content["calibration"]),
            bounds=_bounds(folder, content["bounds"], threads),
            bands=tuple((name, limit) for name, limit in content["bands"]),
            event_book=EventBook.from_json(events) if events else None,
            label_sets=LabelSets.from_json(sets) if sets else None,
        )

    def _interval(self, inputs: Inputs, scores: Array) -> tuple[Array, Array]:
        if isinstance(self.bounds, Quantiles):
            return self.bounds.bounds(inputs)
        return self.bounds.bounds(scores)

    def _sets(self, scores: Array) -> Sets | None:
        return self.label_sets.sets(scores) if self.label_sets else None

    def _bands(self, scores: Array) -> list[str]:
        names = [name for name, _ in self.bands]
        limits = [limit for _, limit in self.bands[:-1]]
        return [names[place] for place in np.searchsorted(limits, scores, side="right")]


def _bounds(folder: Path, content: dict[str, Any], threads: int) -> VennAbers | Conformal | Quantiles:
    stored = {name: value for name, value in content.items() if name != "method"}
    if content["method"] == "quantiles":
        return Quantiles.load(folder, stored, threads)
    return VennAbers.from_json(stored) if content["method"] == "venn_abers" else Conformal.from_json(stored)


def encoded(cases: Cases, code_book: CodeBook, event_book: EventBook | None) -> Inputs:
    """The cases as models read them."""
    matrix = code_book.encode(cases.features, cases.keys["as_of"])
    events = event_book.encode(cases.events) if event_book and cases.events is not None else None
    return Inputs(matrix, events)
