"""A routing problem as data: who drives, who waits to be served, how far and how long everything is.

Times are seconds since `Problem.begins`, distances metres, money the currency of the fleet. Nothing here
knows the solver, a file format or a table. A benchmark file has no calendar and its unit of length is taken
for a metre and a second.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Objective = Literal["distance", "cost", "vehicles"]
FOREVER = 10**9  # seconds; closes nothing in practice, and sums of it stay exact


@dataclass(frozen=True)
class Place:
    """Where something is: degrees (WGS 84), or the plane of a benchmark file."""

    latitude: float  # or y
    longitude: float  # or x


@dataclass(frozen=True)
class Window:
    """A span in which service may begin, ends included."""

    opens: float = 0.0
    closes: float = FOREVER

    def __contains__(self, second: float) -> bool:
        return self.opens <= second <= self.closes


@dataclass(frozen=True)
class Depot:
    """Where routes begin and end; also the present place of a vehicle under way."""

    name: str
    place: Place
    window: Window = Window()


@dataclass(frozen=True)
class Vehicle:
    """One vehicle. `capacity` has one entry per dimension of the problem.

    `on_board` is what it already carries at the start beyond what it will deliver: goods fetched earlier.
    """

    name: str
    start: int  # index into Problem.depots
    end: int
    capacity: tuple[float, ...]
    shift: Window = Window()
    most_seconds: float = FOREVER  # of duty, from leaving to coming home
    most_metres: float = FOREVER
    fixed_cost: float = 0.0
    cost_per_km: float = 0.0
    cost_per_hour: float = 0.0
    co2_g_per_km: float = 0.0
    skills: frozenset[str] = frozenset()
    on_board: tuple[float, ...] = ()


@dataclass(frozen=True)
class Stop:
    """One stop. `delivery` is brought from the depot, `pickup` fetched to it, one entry per dimension each.

    A stop that names another one in `picked_up_at` receives the pickup of that stop, by the same vehicle and
    after it, instead of goods from the depot. Without `prize` it must be served; with one it may be left out,
    which costs the prize. `windows` do not overlap and are in order; none means always.
    """

    name: str
    place: Place
    delivery: tuple[float, ...]
    pickup: tuple[float, ...] = ()
    windows: tuple[Window, ...] = ()
    service: float = 0.0
    skills: frozenset[str] = frozenset()
    priority: int = 2  # 1 first, 3 last: what is dropped last where not all can be served
    prize: float | None = None
    picked_up_at: str = ""


@dataclass(frozen=True)
class Travel:
    """Distances and times between all locations: depots first, then stops, in the order of the problem.

    `metres` has shape (n, n); `seconds` (periods, n, n), one matrix for each moment of `periods` (seconds
    since `Problem.begins`, ascending, first at most 0) at which traffic changes. A fixed matrix has one
    period. `source` says where they come from, in words a person reads; `notes` what had to be mended.
    """

    metres: NDArray[np.float64]
    seconds: NDArray[np.float64]
    source: str
    periods: tuple[float, ...] = (0.0,)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Problem:
    """Everything a plan follows from.

    `begins` is the moment of second 0 (UTC), None for files without a calendar.
    """

    name: str
    depots: tuple[Depot, ...]
    vehicles: tuple[Vehicle, ...]
    stops: tuple[Stop, ...]
    travel: Travel
    dimensions: tuple[str, ...] = ("load",)
    objective: Objective = "cost"
    begins: datetime | None = None
    timezone: str = "UTC"
    notes: tuple[str, ...] = field(default=())  # what was wrong with the input and how it was taken

    @cached_property
    def stop_numbers(self) -> dict[str, int]:
        """Stop name -> its index in `stops`."""
        return {stop.name: number for number, stop in enumerate(self.stops)}

    def location(self, stop: int) -> int:
        """The index of a stop in the matrices."""
        return len(self.depots) + stop


@dataclass(frozen=True)
class Route:
    """The stops of one vehicle in their order; indices into `Problem.vehicles` and `Problem.stops`."""

    vehicle: int
    stops: tuple[int, ...]


@dataclass(frozen=True)
class Solution:
    """What a search found. `cost` is in the terms of the objective, metres and seconds are sums over routes.

    `feasible` says that every rule is kept and every required stop served. `log` holds (seconds since the
    start, best cost) at each improvement.
    """

    routes: tuple[Route, ...]
    unserved: tuple[int, ...]
    cost: float
    metres: float
    seconds: float
    feasible: bool
    late: tuple[int, ...] = ()  # stops reached after their window, where no plan without was found
    iterations: int = 0
    search_seconds: float = 0.0
    seed: int = 0
    log: tuple[tuple[float, float], ...] = ()
