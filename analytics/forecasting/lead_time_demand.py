"""What will be asked for until an order would be there: sample paths of demand, weighed by the lead time.

The order of a day (here and in `simulation`): arrivals in the morning, demand, then a look at the stock in
the evening of every review day, when orders are placed. An order with a lead time of l days is on the shelf
in the morning l days later; one with lead time zero comes in the same night, so it serves from the next
morning as one of a day does.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.lead_times import LeadTime

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Spread:
    """A distribution as points with weights: `values` ascending, `weights` summing to one."""

    values: Array
    weights: Array

    @classmethod
    def of(cls, values: Array, weights: Array) -> "Spread":
        """From points in any order with weights of any size."""
        order = np.argsort(values, axis=None)
        sorted_weights = weights.ravel()[order]
        return cls(values.ravel()[order], sorted_weights / sorted_weights.sum())

    @property
    def mean(self) -> float:
        return float(self.values @ self.weights)

    def quantile(self, share: float) -> float:
        """The smallest value that is not exceeded with a probability of `share`."""
        reached = np.searchsorted(np.cumsum(self.weights), share - 1e-9)
        return float(self.values[min(int(reached), len(self.values) - 1)])

    @cached_property
    def _tails(self) -> tuple[Array, Array]:
        """At each point: the weight at and beyond it, and the mean of what goes beyond it."""
        tail = np.cumsum(self.weights[::-1])[::-1]
        steps = np.diff(self.values, append=self.values[-1])
        return tail, np.cumsum((steps * np.append(tail[1:], 0.0))[::-1])[::-1]

    def level_leaving(self, expected: float) -> float:
        """The smallest level at or above zero beyond which no more than `expected` is to be expected."""
        tail, beyond = self._tails
        if expected >= beyond[0]:  # to the left of all points the slope is -1
            return max(float(self.values[0] - (expected - beyond[0])), 0.0)
        # Between two points what goes beyond falls along a line.
        piece = int(np.flatnonzero(beyond > expected)[-1])
        return max(float(self.values[piece] + (beyond[piece] - expected) / tail[piece + 1]), 0.0)


def protection(lead_days: int, review: int) -> int:
    """Days that the stock must last from the evening of an order on, until the next review's order is there.

    The next look is `review` evenings away, and what is ordered then serves from the morning after its lead
    time.
    """
    return review + max(lead_days, 1) - 1


def protected_demand(paths: Array, lead_time: LeadTime, review: int) -> tuple[Array, Array]:
    """The demand from tomorrow on until an order placed at the next review would be there.

    Totals (sample, lead time) of sample paths (sample, days from tomorrow on), and the weight of each lead
    time. Paths that end too early go on at their own mean. Returns on a path count against its demand.
    """
    days, chances = lead_time.points
    ends = np.asarray([protection(int(each), review) for each in days])
    return np.cumsum(lasting(paths, int(ends.max())), axis=1)[:, ends - 1], chances


def lasting(paths: Array, days: int) -> Array:
    """The first `days` days of every path; a path that is shorter goes on at its own mean."""
    missing = days - paths.shape[1]
    if missing <= 0:
        return paths[:, :days]
    return np.concatenate([paths, np.repeat(paths.mean(axis=1, keepdims=True), missing, axis=1)], axis=1)
