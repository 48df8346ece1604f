"""The ladder: every family is tried, simplest first, and the simplest that none beats beyond noise is chosen.

The rule. Candidates are compared by log loss (of values by squared error) on the same cases, which none of
them has learned from: where there is time the latest part of the learning rows, else by cross-validation over
entities. Raw scores are calibrated on other cases first, as they are when they serve. The one of lowest loss
is chosen, unless a simpler one is not worse beyond noise: the interval of the paired differences (bootstrap
over entities, `comparison.BEYOND_NOISE`) does not lie above 0. Order of simplicity: linear, boosting,
transformer, blend.

Linear and boosting are always fitted. A transformer is tried where there are events or at least
FEWEST_FOR_TRANSFORMER rows, and LEAST_SECONDS are left for it. A candidate that fails is listed with a note.
The winner is then cross-fitted on all learning rows, if it was not compared in that way already. A
transformer for which there is no time left to do so serves as it was compared, calibrated on the latest part.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from analytics.calibration import Calibration, calibrate
from analytics.comparison import simplest_of_the_best
from analytics.evaluation import loss_per_case
from analytics.models import blend, families
from analytics.models.learner import Effort, Fitted, Part, Problem
from analytics.splits import Choice
from analytics.task import Kind
from connectors.errors import AssistantError

Array = NDArray[np.float64]
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]

FEWEST_FOR_TRANSFORMER = 1_000  # learning rows, where a case is only its features
LEAST_SECONDS = 10.0
COMPARED = 0.7  # of the seconds, where the winner is fitted once more afterwards
FREE = "may move against the directions that the task gives its features"
CROSS_FITS = 5  # parts of the compared cases: calibrated, and blended, on the others


@dataclass(frozen=True)
class Candidate:
    """One family on the ladder. What could not be fitted has only a name, and a note why.

    `losses` are those of the compared cases, shape (rows,); `calibration` is learned from all of them.
    """

    name: str
    seconds: float = 0.0
    note: str = ""
    fitted: Fitted | None = None
    calibration: Calibration = field(default_factory=Calibration)
    losses: Array = field(default_factory=lambda: np.empty(0))


@dataclass(frozen=True)
class Ladder:
    """All candidates, simplest first, the name of the chosen one, and what serves.

    `groups` (rows,) number the entities of the compared cases.
    """

    candidates: tuple[Candidate, ...]
    chosen: str
    groups: Rows
    fitted: Fitted

    @property
    def compared(self) -> tuple[Candidate, ...]:
        """The candidates that could be fitted."""
        return tuple(each for each in self.candidates if each.fitted)


class Clock:
    """The seconds that are left; None where there is no limit."""

    def __init__(self, seconds: float | None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds

    @property
    def left(self) -> float | None:
        return None if self._end is None else max(self._end - time.monotonic(), 0.0)

    def share(self, part: float) -> float | None:
        """A part of what is left."""
        return None if self.left is None else self.left * part


def climb(
    problem: Problem, folds: Rows, effort: Effort, choice: Choice | None = None, entities: Rows | None = None
) -> Ladder:
    """Tries the families on `problem` within about `effort.seconds`; without a limit linear, boosting, blend.

    `folds`, of the model that serves, as in `models.learner`. `choice`: rows and folds to compare on, by
    default the same. `entities` (rows,) number the entity of each row, by default each is its own. Raises
    AssistantError where no candidate could be fitted.
    """
    owners = np.arange(len(problem.labels)) if entities is None else entities
    compared, own, clock = problem, folds, Clock(effort.seconds)
    if choice is not None:
        compared, own, owners = problem.rows(choice.rows), choice.folds, owners[choice.rows]
    seconds = clock.share(1.0 if choice is None else COMPARED)
    tried = _tried(compared, own, effort, Clock(seconds))
    members = {each.name: each.fitted for each in tried if each.fitted}
    if not members:
        raise AssistantError("No model could be fitted. " + " ".join(each.note for each in tried))
    held_out = next(iter(members.values())).held_out
    _, groups = np.unique(owners[held_out], return_inverse=True)
    if groups.max() == 0:  # one entity: its cases are all there is to draw from
        groups = np.arange(len(groups))
    labels = compared.labels[held_out]
    candidates = [_judged(problem.kind, each, labels, groups) for each in tried]
    if len(members) > 1:
        candidates.append(_blend(problem.kind, members, labels, groups))
    losses = {each.name: each.losses for each in candidates if each.fitted}
    chosen = simplest_of_the_best(losses, groups)
    effort.tell(f"chosen: {chosen}")
    winner = next(each.fitted for each in candidates if each.name == chosen and each.fitted)
    if choice is not None:
        spent = {each.name: each.seconds for each in tried}
        as_compared = replace(winner, held_out=choice.rows[winner.held_out])  # where they are in `problem`
        winner = _on_all_rows(as_compared, problem, folds, effort, clock, spent)
    return Ladder(tuple(candidates), chosen, groups, winner)


def _tried(problem: Problem, folds: Rows, effort: Effort, clock: Clock) -> list[Candidate]:
    """The single families, each with its share of the seconds."""
    refusal = _why_no_transformer(problem, clock)
    linear = _attempt("linear", problem, folds, effort.within(clock.share(0.2)))
    boosting = _attempt("boosting", problem, folds, effort.within(clock.share(0.9 if refusal else 0.4)))
    left = clock.left
    if not refusal and left is not None and left < LEAST_SECONDS:
        refusal = "not tried: no time was left"
    if refusal:
        return [linear, boosting, Candidate("transformer", note=refusal)]
    # One drawing of the folds is enough of what costs the most.
    once = folds if folds.ndim == 1 else folds[:, 0]
    transformer = _attempt("transformer", problem, once, effort.within(left))
    if transformer.fitted and any(problem.monotone):
        transformer = replace(transformer, note=FREE)
    return [linear, boosting, transformer]


def _why_no_transformer(problem: Problem, clock: Clock) -> str:
    if problem.inputs.events is None and len(problem.labels) < FEWEST_FOR_TRANSFORMER:
        return f"not tried: no events, and fewer than {FEWEST_FOR_TRANSFORMER:,} rows"
    if clock.left is None:
        return "not tried: no seconds were given"
    return "not tried: too few seconds" if clock.left < 2 * LEAST_SECONDS else ""


def _attempt(name: str, problem: Problem, folds: Rows, effort: Effort) -> Candidate:
    begun = time.monotonic()
    effort.tell(f"{name} …")
    try:
        fitted = _fitted(name, problem, folds, effort)
    except Exception as error:  # noqa: BLE001 - whatever it is, the others can still be fitted
        effort.tell(f"{name} failed: {error}")
        return Candidate(name, time.monotonic() - begun, f"failed: {error}")
    seconds = time.monotonic() - begun
    if not np.isfinite(fitted.margins).all():
        return Candidate(name, seconds, "failed: its scores are not finite")
    return Candidate(name, seconds, fitted=fitted)


def _fitted(name: str, problem: Problem, folds: Rows, effort: Effort) -> Fitted:
    """Fits a family so that no held-out row has a part in the model that is compared on it.

    Of several folds the family sees to that itself. Where there is one, even the moment to stop is learned
    from other rows.
    """
    family = families.module(name)
    if folds.max() > 0:
        fitted: Fitted = family.fit(problem, folds, effort)
        return fitted
    learn, check = np.flatnonzero(folds < 0), np.flatnonzero(folds == 0)
    stops = np.full(len(learn), -1)
    stops[Part(0, np.arange(len(learn)), check).inside().check] = 0
    scorer = family.fit(problem.rows(learn), stops, effort).scorer
    return Fitted(scorer, check, scorer.margins(problem.inputs.rows(check)))


def _judged(kind: Kind, candidate: Candidate, labels: Array, groups: Rows) -> Candidate:
    if candidate.fitted is None:
        return candidate
    margins = candidate.fitted.margins
    return Candidate(
        candidate.name,
        candidate.seconds,
        candidate.note,
        candidate.fitted,
        _calibration(kind, margins, labels),
        _losses(kind, lambda _: margins, labels, groups),
    )


def _blend(kind: Kind, members: Mapping[str, Fitted], labels: Array, groups: Rows) -> Candidate:
    """The blend of all members, judged on cases that neither weights nor calibration were learned from."""
    begun = time.monotonic()
    margins = [each.margins for each in members.values()]

    def of_others(others: Mask) -> Array:
        return blend.learn_weights(kind, [each[others] for each in margins], labels[others]).margins(margins)

    weights = blend.learn_weights(kind, margins, labels)
    if not any(weights.members):
        return Candidate(blend.NAME, note="not made: no member says more than chance")
    losses = _losses(kind, of_others, labels, groups)
    fitted = blend.blended(members, weights)
    parts = ", ".join(f"{name} {weight:.2f}" for name, weight in zip(members, weights.members, strict=True))
    calibration = _calibration(kind, fitted.margins, labels)
    return Candidate(blend.NAME, time.monotonic() - begun, f"weights: {parts}", fitted, calibration, losses)


def _losses(kind: Kind, margins_from: Callable[[Mask], Array], labels: Array, groups: Rows) -> Array:
    """The loss of each case, its score made and calibrated by what the cases of other entities teach."""
    losses = np.empty(len(labels))
    parts = groups % CROSS_FITS
    for part in np.unique(parts):
        out = parts == part
        margins = margins_from(~out)
        calibration = _calibration(kind, margins[~out], labels[~out])
        losses[out] = loss_per_case(kind, labels[out], predictions(kind, calibration, margins[out]))
    return losses


def predictions(kind: Kind, calibration: Calibration, margins: Array) -> Array:
    """What `evaluation` judges: probabilities, or values."""
    return margins if kind == "regression" else calibration.probabilities(margins)


def _calibration(kind: Kind, margins: Array, labels: Array) -> Calibration:
    return Calibration() if kind == "regression" else calibrate(margins, labels)


def _on_all_rows(
    winner: Fitted, problem: Problem, folds: Rows, effort: Effort, clock: Clock, spent: Mapping[str, float]
) -> Fitted:
    """The winner, or its members, fitted anew over `folds` of all rows.

    A transformer for which the time that is left is far too short serves as it was compared.
    """
    scorer = winner.scorer
    members = list(scorer.members) if isinstance(scorer, blend.Blend) else [scorer]
    names = [each.family for each in members]
    left = clock.left
    if (
        left is not None
        and "transformer" in names
        and left < spent["transformer"] * len(np.unique(folds)) / 2
    ):
        effort.tell("no time to fit the transformer on all rows: it serves as it was compared")
        return winner
    again: dict[str, Fitted] = {}
    for name in names:
        seconds = clock.share(1.0 / (len(names) - len(again)))
        if seconds is not None:  # late or not, no less than it was compared with
            seconds = max(seconds, min(spent[name], LEAST_SECONDS))
        again[name] = families.module(name).fit(problem, folds, effort.within(seconds))
    return blend.blended(again, scorer.weights) if isinstance(scorer, blend.Blend) else again[names[0]]
