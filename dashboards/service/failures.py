"""Who comes with links that are none: after some of them, the answer is to wait.

A valid link is served however many others failed: behind a proxy many readers may look like one, and nobody
must be able to lock the others out. Guessing a link is hopeless anyhow; this keeps the noise down.
"""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import monotonic

_MOST_KNOWN = 10_000  # visitors remembered at once


class Failures:
    """Counts the failures of each visitor in windows of `seconds`; more than `most` in one are too many."""

    def __init__(self, most: int = 20, seconds: float = 60.0, clock: Callable[[], float] = monotonic) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._known: OrderedDict[str, tuple[float, int]] = (
            OrderedDict()
        )  # start of the window, failures in it
        self._lock = Lock()

    def note(self, visitor: str) -> int:
        """Counts one failure; the seconds to wait where they are too many, else 0."""
        with self._lock:
            moment = self._clock()
            started, count = self._known.pop(visitor, (moment, 0))
            if moment - started >= self._seconds:
                started, count = moment, 0
            self._known[visitor] = started, count + 1
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
            return 0 if count < self._most else int(started + self._seconds - moment) + 1
