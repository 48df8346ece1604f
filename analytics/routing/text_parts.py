"""What the readers of text files share: numbers with the place they stand at, and the parts of a problem."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.routing.problem import FOREVER, Depot, Place, Stop, Vehicle, Window
from connectors.errors import UsageError


@dataclass(frozen=True)
class Parts:
    """A problem as its file has it. `explicit`: the distances are a matrix of the file."""

    name: str
    depots: tuple[Depot, ...]
    vehicles: tuple[Vehicle, ...]
    stops: tuple[Stop, ...]
    metres: NDArray[np.float64]
    explicit: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class At:
    """A line of a file, for errors: `file` is its name, `line` counts from 1, `within` is the section."""

    file: str
    line: int
    within: str = ""

    def wrong(self, problem: str, remedy: str = "Correct the line.") -> UsageError:
        section = f" ({self.within})" if self.within else ""
        return UsageError(f"{self.file}, line {self.line}{section}: {problem}", remedy)

    def number(self, word: str, what: str) -> float:
        """A finite number of at most 10^9 in size."""
        try:
            value = float(word)
        except ValueError:
            raise self.wrong(f"{what} is '{word[:40]}', not a number.") from None
        if not math.isfinite(value) or abs(value) > FOREVER:
            raise self.wrong(f"{what} is {word[:40]}, which is beyond 1,000,000,000.")
        return value

    def count(self, word: str, what: str) -> int:
        """A whole number, at least 1."""
        value = self.number(word, what)
        if value != int(value) or value < 1:
            raise self.wrong(f"{what} is {word[:40]}; it must be a whole number of at least 1.")
        return int(value)

    def not_negative(self, word: str, what: str) -> float:
        value = self.number(word, what)
        if value < 0:
            raise self.wrong(f"{what} is {word[:40]}; it cannot be negative.")
        return value

    def window(self, opens: str, closes: str) -> Window:
        span = Window(self.number(opens, "The begin of the window"), self.number(closes, "Its end"))
        if span.closes < span.opens:
            raise self.wrong(f"the window closes at {closes} before it opens at {opens}.")
        return span


def straight_lines(places: list[Place]) -> NDArray[np.float64]:
    """Euclidean distances, shape (n, n)."""
    points = np.array([(place.longitude, place.latitude) for place in places], dtype=np.float64)
    apart = points[:, np.newaxis] - points[np.newaxis]
    return np.asarray(np.hypot(apart[..., 0], apart[..., 1]), dtype=np.float64)


def brought_or_fetched(demand: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Delivery and pickup of a demand: a negative one is a return, fetched to the depot."""
    return ((demand,), (0.0,)) if demand >= 0 else ((0.0,), (-demand,))


def returns_note(stops: list[Stop]) -> tuple[str, ...]:
    returned = [stop.name for stop in stops if any(stop.pickup)]
    if not returned:
        return ()
    return (f"Negative demand is taken as a return to the depot: {', '.join(returned[:10])}.",)
