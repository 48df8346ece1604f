"""Ctrl-C while something is being improved: the first keeps the best so far, the second ends."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

from flows.progress import progress


@contextmanager
def keeping_the_best() -> Iterator[Event]:
    """An event that the first Ctrl-C sets, which is said; after it, or outside, Ctrl-C is what it was."""
    stop = Event()
    before = signal.getsignal(signal.SIGINT)

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signal.SIGINT, before)
        progress("Stopping; the best so far is kept. Ctrl-C again ends at once.")

    signal.signal(signal.SIGINT, interrupted)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
