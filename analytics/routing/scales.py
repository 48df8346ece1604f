"""Lengths, times, money and loads as the integers a solver counts in.

Lengths and times are multiplied by a power of ten and rounded so that what is feasible in integers is
so indeed (travel and service up, windows inwards). Money is scaled so that the cheapest rate keeps four
digits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.routing.problem import FOREVER, Problem, Window

UNLIMITED = int(np.iinfo(np.int64).max)
_LARGEST = 1e8  # of a scaled length or time: sums of products with penalties stay far below 2**63


@dataclass(frozen=True)
class Scales:
    """What one metre or second, one unit of money and one unit of each load are in integers.

    `wall` is a scaled length beyond any route, between a vehicle and what its skills rule out.
    """

    length: float
    money: float
    loads: tuple[float, ...]
    wall: int

    def up(self, values: Any) -> NDArray[np.int64]:
        return _whole(np.ceil(np.asarray(values, dtype=np.float64) * self.length - 1e-6))

    def down(self, values: Any) -> NDArray[np.int64]:
        return _whole(np.floor(np.asarray(values, dtype=np.float64) * self.length + 1e-6))

    def nearest(self, values: Any) -> NDArray[np.int64]:
        return _whole(np.rint(np.asarray(values, dtype=np.float64) * self.length))

    def room(self, capacity: Sequence[float]) -> list[int]:
        pairs = zip(capacity, self.loads, strict=True)
        return [int(np.floor(min(amount, FOREVER) * scale + 1e-6)) for amount, scale in pairs]

    def load(self, amounts: Sequence[float]) -> list[int]:
        given = amounts or (0.0,) * len(self.loads)
        return [int(np.ceil(amount * scale - 1e-6)) for amount, scale in zip(given, self.loads, strict=True)]

    def open(self, window: Window) -> tuple[int, int]:
        closes = max(0, self.limit(window.closes))
        return min(int(self.up(max(0.0, window.opens))), closes), closes

    def limit(self, value: float) -> int:
        """A length or moment rounded down; what is far away is no limit."""
        return UNLIMITED if value >= FOREVER else int(self.down(value))


def scales_of(problem: Problem, seconds: NDArray[np.float64]) -> Scales:
    spans = [span for stop in problem.stops for span in stop.windows]
    spans += [vehicle.shift for vehicle in problem.vehicles] + [depot.window for depot in problem.depots]
    edges = [edge for span in spans for edge in (span.opens, span.closes) if edge < FOREVER]
    services = [stop.service for stop in problem.stops]
    values = np.concatenate([problem.travel.metres.ravel(), seconds.ravel(), edges, services])
    length = 1.0
    if not np.all(values == np.rint(values)):
        length = 10.0 ** np.clip(np.floor(np.log10(_LARGEST / max(1.0, values.max()))), 0, 4)
    money = length
    if problem.objective == "cost":
        rates = {vehicle.cost_per_km / 1_000 for vehicle in problem.vehicles}
        rates |= {vehicle.cost_per_hour / 3_600 for vehicle in problem.vehicles}
        least = min((rate for rate in rates if rate > 0), default=1.0)
        money = 1_000.0 * length / least
    loads = tuple(_load_scale(problem, d) for d in range(len(problem.dimensions)))
    wall = int(length * (problem.travel.metres.max(initial=1.0) + 1)) * (len(problem.stops) + 2)
    return Scales(length, money, loads, wall)


def _load_scale(problem: Problem, dimension: int) -> float:
    """One where all amounts of the dimension are whole numbers, else thousandths count."""
    rows = [row for stop in problem.stops for row in (stop.delivery, stop.pickup) if row]
    rows += [row for vehicle in problem.vehicles for row in (vehicle.capacity, vehicle.on_board) if row]
    return 1.0 if all(float(row[dimension]).is_integer() for row in rows) else 1_000.0


def _whole(values: Any) -> NDArray[np.int64]:
    return np.asarray(values, dtype=np.int64)
