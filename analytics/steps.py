"""From the score of an average case to that of one case, step by step, so that the steps add up to the score.

The steps are the contributions of the case's features and events (`analytics.reasons`). They add up on the
axis the model adds on: log-odds of two classes, the value itself of values. Along the way stand the scores
that the calibration makes of it, so the ends are the scores that people know. Of several classes there is no
such axis: there the way is that of the probability of the likeliest class, as log-odds, the strongest step
first; another order would give the same ends and steps of other lengths.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.calibration import SMALLEST
from analytics.cases import Cases
from analytics.model import Model
from analytics.reasons import moved, told_of

Array = NDArray[np.float64]

_NICE = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5)
_MARKS = (*_NICE, *(round(1 - share, 3) for share in reversed(_NICE[:-1])))
_FINE = 4_001  # places at which the calibration is looked up


@dataclass(frozen=True)
class Step:
    """What one feature, or one event (then with `days_before`), moves; without a feature: all others.

    `begins` and `ends` are places on the axis, `score` what the score would be after it.
    """

    feature: str
    value: Any
    days_before: float | None
    begins: float
    ends: float
    score: float


@dataclass(frozen=True)
class Way:
    """From `base`, the score of an average case, over the steps to `score`, strongest first.

    `place` is where the way begins on the axis; `marks` are places and the shares that stand there (none of
    values, whose axis is the value itself). `others` is how many steps the last one is made of, 0 if none.
    """

    base: float
    place: float
    steps: tuple[Step, ...]
    others: int
    marks: tuple[tuple[float, float], ...] = ()

    @property
    def score(self) -> float:
        return self.steps[-1].score if self.steps else self.base


def way_of(model: Model, case: Cases, most: int = 8) -> Way:
    """The way to the score of `case` (one row): its `most` strongest steps, and the others as one."""
    found = moved(model, case)
    steps = np.concatenate([found.features[0].T, found.events])  # (steps,) or (steps, classes)
    sizes, chosen = steps, 0
    if model.kind == "multiclass":
        chosen = int((found.base[0] + steps.sum(axis=0)).argmax())
        sizes = steps[:, chosen] - steps.mean(axis=1)  # what moves all classes alike moves none
    order = np.argsort(-np.abs(sizes), kind="stable")
    order = order[sizes[order] != 0]
    named, rest = (order[:most], order[most:]) if len(order) > most + 1 else (order, order[:0])
    reached = [found.base[0]]
    for place in named:
        reached.append(reached[-1] + steps[place])
    if len(rest):
        reached.append(reached[-1] + steps[rest].sum(axis=0))
    margins = np.stack(reached)
    scores = _scores(model, margins, chosen)
    places = _log_odds(scores) if model.kind == "multiclass" else margins
    told = [told_of(model, case, 0, int(place)) for place in named]
    told += [{"feature": "", "value": None}] if len(rest) else []
    return Way(
        float(scores[0]),
        float(places[0]),
        tuple(
            Step(
                entry["feature"],
                entry["value"],
                entry.get("days_before"),
                float(places[number]),
                float(places[number + 1]),
                float(scores[number + 1]),
            )
            for number, entry in enumerate(told)
        ),
        len(rest),
        _marks(model, places),
    )


def _scores(model: Model, margins: Array, chosen: int) -> Array:
    """The scores along the way: of several classes the probability of the class `chosen`."""
    if model.kind == "regression":
        return margins
    probabilities = model.calibration.probabilities(margins)
    return probabilities[:, chosen] if model.kind == "multiclass" else probabilities


def _log_odds(shares: Array) -> Array:
    clipped = np.clip(shares, SMALLEST, 1 - SMALLEST)
    return np.asarray(np.log(clipped / (1 - clipped)))


def _marks(model: Model, places: Array) -> tuple[tuple[float, float], ...]:
    """Round shares that lie on the stretch of the axis that the way crosses, and where each lies."""
    if model.kind == "regression":
        return ()
    margin = 0.25 * (places.max() - places.min()) + 0.25
    grid = np.linspace(places.min() - margin, places.max() + margin, _FINE)
    if model.kind == "multiclass":
        shares = 1 / (1 + np.exp(-grid))
    else:
        shares = np.maximum.accumulate(model.calibration.probabilities(grid))
    inside = [share for share in _MARKS if shares[0] <= share <= shares[-1]]
    return tuple((float(grid[np.searchsorted(shares, share)]), share) for share in inside)
