"""From which score on to act, and what follows from it for the cases at hand.

Calibrated probabilities add up to expected events. So the sums over the cases from a threshold on answer
every threshold: they are made once, and moving the threshold looks them up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from analytics.decision import best_threshold
from analytics.task import Costs

Array = NDArray[np.float64]
Number = TypeVar("Number", np.int64, np.float64)

STEPS = 10_000  # thresholds are whole ten-thousandths


@dataclass(frozen=True)
class Sums:
    """Some of the cases: how many, the events expected among them, and of those whose stake is known the
    expected loss and what all of them would lose together if each had its event.
    """

    cases: int
    events: float
    loss: float
    at_stake: float

    @property
    def without_event(self) -> float:
        """How many of the cases are expected to stay without the event."""
        return self.cases - self.events

    def less(self, others: "Sums") -> "Sums":
        """What is left without `others`, which are among them."""
        return Sums(
            self.cases - others.cases,
            self.events - others.events,
            self.loss - others.loss,
            self.at_stake - others.at_stake,
        )


@dataclass(frozen=True)
class Split:
    """The cases from a threshold on, which are acted on, and those below it."""

    threshold: float
    acted: Sums
    rest: Sums

    @property
    def cases(self) -> int:
        return self.acted.cases + self.rest.cases

    @property
    def events(self) -> float:
        return self.acted.events + self.rest.events

    def cost(self, costs: Costs) -> float:
        """What the decisions are expected to cost together: events passed unseen and false alarms."""
        return costs.miss * self.rest.events + costs.false_alarm * self.acted.without_event


@dataclass(frozen=True, eq=False)
class Curve:
    """The sums from each threshold on.

    `steps` are the occupied ten-thousandths of the score, rising, shape (m,). The others have shape (m + 1,):
    at place i they hold the sum of all cases from `steps[i]` on, at m nothing.
    """

    steps: NDArray[np.int64]
    cases: NDArray[np.int64]
    events: Array
    loss: Array
    at_stake: Array

    @classmethod
    def of(
        cls,
        steps: Sequence[int],
        cases: Sequence[int],
        events: Sequence[float],
        loss: Sequence[float],
        at_stake: Sequence[float],
    ) -> "Curve":
        """The curve of cases that are counted by the ten-thousandth that their score lies in; steps rise."""
        return cls(
            np.asarray(steps, np.int64),
            _from_each_on(np.asarray(cases, np.int64)),
            _from_each_on(np.asarray(events, np.float64)),
            _from_each_on(np.asarray(loss, np.float64)),
            _from_each_on(np.asarray(at_stake, np.float64)),
        )

    @property
    def total(self) -> Sums:
        return self._sums(0)

    @property
    def highest(self) -> float:
        """The least threshold from which nobody is acted on."""
        return (int(self.steps[-1]) + 1) / STEPS if len(self.steps) else 0.0

    def at(self, threshold: float) -> Split:
        """The cases from `threshold` on and below it; rounded to a ten-thousandth."""
        step = round(threshold * STEPS)
        acted = self._sums(int(np.searchsorted(self.steps, step)))
        return Split(step / STEPS, acted, self.total.less(acted))

    def for_capacity(self, most: int) -> float:
        """The least threshold from which at most `most` cases are acted on."""
        place = int(np.argmax(self.cases <= most))  # the last holds nobody, so there is one
        if place == 0:
            return 0.0
        return (int(self.steps[place - 1]) + 1) / STEPS

    def cheapest(self, costs: Costs) -> Split:
        """The threshold of least expected cost: that of theory, on the next ten-thousandth."""
        return self.at(ceil(best_threshold(costs) * STEPS - 1e-9) / STEPS)

    def _sums(self, place: int) -> Sums:
        return Sums(
            int(self.cases[place]),
            float(self.events[place]),
            float(self.loss[place]),
            float(self.at_stake[place]),
        )


def _from_each_on(values: NDArray[Number]) -> NDArray[Number]:
    return np.append(np.cumsum(values[::-1])[::-1], values.dtype.type(0))
