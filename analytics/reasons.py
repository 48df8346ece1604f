"""What moved the score of each case, strongest first: what is known of it, and what happened to it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.cases import Cases
from analytics.events import Events
from analytics.model import Model

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Moved:
    """How far each feature, and each event, moved the raw scores of some cases.

    `features` has shape (rows, features) or (rows, classes, features), the parts of a date added up; `events`
    (events,) or (events, classes), event k belonging to case `case[k]`. They and `base`, (rows,) or
    (rows, classes), sum to the raw score.
    """

    features: Array
    events: Array
    case: NDArray[np.int64]
    base: Array

    def of_likeliest_class(self) -> "Moved":
        """The same of the class with the highest raw score; itself where there are no classes."""
        if self.features.ndim == 2:
            return self
        margins = self.base + self.features.sum(axis=2)
        np.add.at(margins, self.case, self.events)
        rows, likeliest = np.arange(len(margins)), margins.argmax(axis=1)
        events = self.events[np.arange(len(self.case)), likeliest[self.case]]
        return Moved(self.features[rows, likeliest], events, self.case, self.base[rows, likeliest])


def moved(model: Model, cases: Cases) -> Moved:
    """What moved the raw scores of these cases."""
    inputs = model.inputs(cases)
    exact = model.scorer.contributions(inputs)
    place = {name: number for number, name in enumerate(model.code_book.names)}
    features = np.zeros((*exact.columns.shape[:-1], len(place)))
    for column, source in enumerate(model.code_book.sources):
        features[..., place[source]] += exact.columns[..., column]
    if exact.events is None or inputs.events is None:
        return Moved(features, np.zeros((0, *exact.base.shape[1:])), np.zeros(0, np.int64), exact.base)
    return Moved(features, exact.events, np.repeat(np.arange(len(cases)), inputs.events.lengths), exact.base)


def strongest_reasons(model: Model, cases: Cases, most: int = 5) -> list[list[dict[str, Any]]]:
    """For each case its strongest reasons: `feature`, `value`, signed `contribution`, strongest first.

    An event is told by its type, its value and `days_before`, the key that marks it as one. Contributions are
    in log-odds (several classes: of the likeliest class), or in the unit of the value.
    """
    found = moved(model, cases).of_likeliest_class()
    first = np.searchsorted(found.case, np.arange(len(cases) + 1))
    told = []
    for row in range(len(cases)):
        strength = np.concatenate([found.features[row], found.events[first[row] : first[row + 1]]])
        strongest = np.argsort(-np.abs(strength), kind="stable")[:most]
        reasons = []
        for place in strongest[strength[strongest] != 0].tolist():
            contribution = {"contribution": round(float(strength[place]), 6)}
            reasons.append(told_of(model, cases, row, place) | contribution)
        told.append(reasons)
    return told


def told_of(model: Model, cases: Cases, row: int, place: int) -> dict[str, Any]:
    """What the `place`-th contribution of a case is about: the model's features first, then its events."""
    names = model.code_book.names
    if place < len(names):
        return {"feature": names[place], "value": _plain(cases.features[names[place]][row])}
    return _event(cases.events, row, place - len(names))


def _event(events: Events | None, row: int, place: int) -> dict[str, Any]:
    """An event of a case: what it was and how long before the case's `as_of`."""
    assert events is not None  # noqa: S101 - only cases with events have contributions of events
    happened = events.table.row(int(events.starts[row]) + place, named=True)
    days = (events.as_of[row] - happened["event_time"]).total_seconds() / 86_400
    return {
        "feature": happened["event_type"],
        "value": _plain(happened["value"]),
        "days_before": round(days, 2),
    }


def _plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if isinstance(value, Decimal):
        return float(value)
    return str(value).removesuffix(" 00:00:00")  # dates and times
