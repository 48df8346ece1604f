"""Rolling-origin cross-validation: every candidate forecasts stretches of the past it has not seen.

Window 0 is the newest stretch of `horizon` steps, window 1 begins `step` steps earlier, and so on. A series
has as many windows as leave a method enough history. Gaps of the truth count in no error.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.candidates import Candidate
from analytics.forecasting.history import History
from analytics.forecasting.kinds import Kind, least_history
from analytics.forecasting.panel import filled

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """Which windows are tried: `count` of `horizon` steps, each `step` before the newer one."""

    horizon: int
    season: int
    count: int
    step: int

    def origin(self, length: int, window: int) -> int:
        """Where the truth of a window begins in a series of `length`."""
        return length - self.horizon - window * self.step

    def has(self, length: int, window: int) -> bool:
        """Whether a series is long enough for a window."""
        return self.origin(length, window) >= least_history(self.season, self.horizon)


def plan_for(series: int, horizon: int, season: int) -> Plan:
    """Four windows end to end, of many series three; of few more that overlap: errors to learn from."""
    count = min(max(math.ceil(60 / max(series, 1)), 3 if series > 100 else 4), 12)
    return Plan(horizon, season, count, horizon if count <= 4 else max(1, horizon // 2))


@dataclass
class Trials:
    """What the candidates said: `past` (candidate, series, window, step), `future` (candidate, series, step).

    `truth` (series, window, step) is NaN in gaps and where a series has no such window; so are forecasts of
    candidates that did not work or do not suit a series.
    """

    plan: Plan
    truth: Array
    names: list[str] = field(default_factory=list)
    past: list[Array] = field(default_factory=list)
    future: list[Array] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def run_trials(
    values: Sequence[Array],
    whole: Sequence[History],
    kinds: Sequence[Kind],
    plan: Plan,
    tried: Sequence[Candidate],
    deadline: float | None,
) -> Trials:
    """Tries the candidates in their order until `deadline` (of time.monotonic; None: no limit).

    `values` have NaN in gaps, `whole` are the same series without. The first candidate is always tried; of
    the others one that would not be done in time is left out with a note.
    """
    trials = Trials(plan, _truth(values, kinds, plan))
    for place, candidate in enumerate(tried):
        suited = [row for row, kind in enumerate(kinds) if kind in candidate.kinds]
        if not suited:
            continue
        late = _Watch(None if place == 0 else deadline)
        if late.before(_first_guess(candidate, whole, suited, plan, late)):
            trials.notes.append(f"{candidate.name} was left out: not enough time.")
            continue
        found = _tried(candidate, values, whole, suited, plan, late)
        if found is None:
            trials.notes.append(f"{candidate.name} was left out: it was not done in time.")
        elif np.isnan(found[1][suited]).all():
            trials.notes.append(f"{candidate.name} was left out: it failed on every series.")
        else:
            trials.names.append(candidate.name)
            trials.past.append(found[0])
            trials.future.append(found[1])
    return trials


class _Watch:
    """Whether time is up; called between two fits."""

    def __init__(self, deadline: float | None) -> None:
        self._deadline = deadline

    def __call__(self) -> bool:
        return self.before(0.0)

    def before(self, seconds: float) -> bool:
        """Whether so many seconds more would be too many."""
        return self._deadline is not None and time.monotonic() + seconds > self._deadline


def _first_guess(
    candidate: Candidate, whole: Sequence[History], suited: Sequence[int], plan: Plan, late: "_Watch"
) -> float:
    """Seconds the candidate would take: one fit is timed. A global method is watched while it runs."""
    if candidate.whole:
        return 0.0
    middle = sorted(suited, key=lambda row: len(whole[row].values))[len(suited) // 2]
    fits = sum(1 + sum(plan.has(len(whole[row].values), w) for w in range(plan.count)) for row in suited)
    took = math.inf
    for _ in range(2):  # the first fit of a process may compile: it says nothing about the others
        begun = time.monotonic()
        candidate.forecast([whole[middle]], plan.horizon, late)
        took = min(took, time.monotonic() - begun)
        if not late.before(took * fits):
            break
    return took * fits


def _tried(
    candidate: Candidate,
    values: Sequence[Array],
    whole: Sequence[History],
    suited: Sequence[int],
    plan: Plan,
    late: "_Watch",
) -> tuple[Array, Array] | None:
    """Forecasts of the past windows and of the future; None once it is clear that time will not do."""
    past = np.full((len(whole), plan.count, plan.horizon), np.nan)
    future = np.full((len(whole), plan.horizon), np.nan)
    begun = time.monotonic()
    future[suited] = candidate.forecast([whole[row] for row in suited], plan.horizon, late)
    took = time.monotonic() - begun
    for window in range(plan.count):
        rows = [row for row in suited if plan.has(len(whole[row].values), window)]
        if rows and late.before(took * (plan.count - window) if candidate.whole else 0.0):
            return None
        if rows:
            cut = [_before(values[row], whole[row], plan, window) for row in rows]
            past[rows, window] = candidate.forecast(cut, plan.horizon, late)
    return None if late() else (past, future)


def _before(values: Array, whole: History, plan: Plan, window: int) -> History:
    """The history before a window; its gaps are filled from what was known then, not from the window."""
    origin = plan.origin(len(values), window)
    return History(filled(values[:origin], plan.season), whole.calendar)


def _truth(values: Sequence[Array], kinds: Sequence[Kind], plan: Plan) -> Array:
    truth = np.full((len(values), plan.count, plan.horizon), np.nan)
    for row, series in enumerate(values):
        for window in range(plan.count):
            if kinds[row] not in {"constant", "short"} and plan.has(len(series), window):
                origin = plan.origin(len(series), window)
                truth[row, window] = series[origin : origin + plan.horizon]
    return truth
