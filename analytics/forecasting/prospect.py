"""What becomes of one article until an order of the next review would be there, with and without one today.

Simulated over sample paths of demand with lead times drawn for the orders on their way, today's and the next;
the order of a day is that of `lead_time_demand`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.lead_time_demand import lasting, protection
from analytics.forecasting.lead_times import LeadTime

Array = NDArray[np.float64]

_SAMPLES = 400


@dataclass(frozen=True)
class Prospect:
    """For each quantity that may be ordered today: `short`, the expected units short until an order of the
    next review would be there, and `risk`, the probability that any is.
    """

    short: Array
    risk: Array


def prospect(
    paths: Array,
    on_hand: float,
    coming: Sequence[tuple[int, float]],
    lead_time: LeadTime,
    review: int,
    quantities: Sequence[float],
) -> Prospect:
    """Looks ahead from this evening.

    `paths` (sample, days from tomorrow on); `coming`: age in days and units of the orders on their way, age
    -1 for one of which nothing is known but that it comes (it counts as placed now). Always the same draws.
    """
    rng = np.random.default_rng(0)
    rows = np.arange(_SAMPLES) % len(paths)
    window = protection(lead_time.longest, review)
    demand = lasting(paths, window)[rows]
    ends = review + np.maximum(lead_time.draw(rng, _SAMPLES), 1) - 1  # days until the next review's order
    today = np.maximum(lead_time.draw(rng, _SAMPLES), 1) - 1
    arriving = np.zeros((_SAMPLES, window + 1))
    for age, units in coming:
        waits = (lead_time if age < 0 else lead_time.remaining(age)).draw(rng, _SAMPLES)
        np.add.at(arriving, (np.arange(_SAMPLES), np.clip(waits - 1, 0, window)), units)
    ordered = np.asarray(quantities, dtype=np.float64)[:, None]
    shelf, lost = np.full((len(ordered), _SAMPLES), on_hand), np.zeros((len(ordered), _SAMPLES))
    for day in range(window):
        shelf = shelf + arriving[:, day] + ordered * (today == day)
        asked = np.where(day < ends, demand[:, day], 0.0)
        served = np.minimum(asked, np.maximum(shelf, 0.0))
        lost += asked - served
        shelf = shelf - served
    return Prospect(lost.mean(axis=1), (lost > 0).mean(axis=1))


def days_left(paths: Array, position: float) -> float | None:
    """Days that so many units last at the expected demand, parts of a day included; None: forever."""
    if position <= 0:
        return 0.0 if paths.mean() > 0 else None
    expected = np.cumsum(paths.mean(axis=0))
    reached = np.flatnonzero(expected >= position)
    if len(reached):
        day = int(reached[0])
        before = float(expected[day - 1]) if day else 0.0
        return day + (position - before) / (float(expected[day]) - before)
    rate = float(paths.mean())
    return len(expected) + (position - float(expected[-1])) / rate if rate > 0 else None
