"""How much of a search is done: by the clock, by iterations, or stopped from outside."""

import time
from dataclasses import dataclass, field
from threading import Event


@dataclass(frozen=True)
class Budget:
    """What a search may use: wall seconds, iterations of each thread, or whichever ends first.

    With iterations alone nothing depends on the clock.
    """

    seconds: float | None
    iterations: int | None
    stop: Event = field(default_factory=Event)
    started: float = field(default_factory=time.perf_counter)

    def elapsed(self) -> float:
        return time.perf_counter() - self.started

    def share(self, iterations: int) -> float:
        """The part that is used up after so many iterations of the asking thread; 1 or more ends it."""
        if self.stop.is_set():
            return 1.0
        by_clock = self.elapsed() / self.seconds if self.seconds is not None else 0.0
        by_count = iterations / self.iterations if self.iterations is not None else 0.0
        return max(by_clock, by_count)

    def seconds_of(self, share: float) -> float:
        """A part of the wall time; unlimited where only iterations count."""
        return float("inf") if self.seconds is None else share * self.seconds
