"""A search for a plan while a person waits: a bar with the best cost so far."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event
from typing import TypeVar

import streamlit as st

from dashboards import numbers
from dashboards.screens.here import Here

Found = TypeVar("Found")
Progress = Callable[[float, float], None]  # seconds since the start, best cost so far
_LOOK = 0.25  # seconds between two looks at the search


def searched(here: Here, seconds: float, work: Callable[[Progress, Event], Found]) -> Found:
    """What `work(on_progress, stop)` finds within about `seconds`.

    It runs in a thread of its own, which knows nothing of the page. A reader who goes elsewhere stops it.
    """
    best: list[float] = []
    stop, bar, began = Event(), st.progress(0.0), time.monotonic()

    def tell(_seconds: float, cost: float) -> None:
        best.append(cost)

    with ThreadPoolExecutor(1) as alone:
        future = alone.submit(work, tell, stop)
        try:
            while not future.done():
                wait([future], timeout=_LOOK)
                gone = (time.monotonic() - began) / max(seconds, _LOOK)
                bar.progress(min(1.0, gone), text=_state(here, best, gone))
            return future.result()
        finally:
            stop.set()
            bar.empty()


def _state(here: Here, best: list[float], gone: float) -> str:
    """What the search is at; `gone` is the share of its time that is over."""
    _ = here.say
    if not best:
        return _("Reading stops and travel times …")
    words = (
        _("Searching; best cost so far: {cost}") if gone < 1 else _("Best cost: {cost}. Timing the routes …")
    )
    return words.format(cost=numbers.number(best[-1], here.language, 0))
