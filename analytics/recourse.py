"""What would change it: the smallest change of actionable features that moves a case to a better band.

A statement about the model, not about cause: it says for which other values the model would have spoken
otherwise, not what follows from changing them. What the task derives from a feature (a payment from an
amount) moves along with it. A lower band counts as better, as where what is feared is predicted.

Only values seen in training count (between their quantiles of 1 and 99 %, whole numbers stay whole; for a
category those that are known), only in the direction the task allows. Size is measured in quantiles: from the
median to the 60 % quantile is 0.1; another category is 1 (Gower 1971).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from math import comb, isfinite
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics import registry
from analytics.cases import Cases
from analytics.decisions.shocks import with_values
from analytics.matrix import kind_of
from analytics.model import Model
from analytics.rescoring import case_of
from analytics.task import Feature, Stress, Task, Words
from connectors.errors import AssistantError
from pipelines.settings import Settings

MOST_FEATURES = 3
MOST_TRIED = 30_000  # combinations of values: a second or two
MOST_TRIED_OF_EVENTS = 5_000  # a model of sequences takes longer
AT_ONCE = 1_000
FINENESS = (99, 50, 20, 10, 6, 4, 3, 2, 1)  # values tried of each feature, as many as MOST_TRIED allows
NOTE: Words = {
    "en": "A statement about the model, not about cause.",
    "zh": "这是关于模型的陈述，不是因果关系。",
}


@dataclass(frozen=True)
class Step:
    """One feature and its value before and after."""

    feature: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Change:
    """The change, and the band and score the model gives without and with it. `size` is in quantiles.

    `followed` are features that moved because the task derives them from those of `steps`.
    """

    band_now: str
    band_then: str
    score_now: float
    score_then: float
    steps: tuple[Step, ...]
    size: float
    followed: tuple[Step, ...] = ()


def smallest_change(
    settings: Settings, task: Task, entity_id: str, as_of: date | None = None
) -> Change | None:
    """The smallest change for one case as of a day (default: the last complete one).

    None where it is in the best band, or nothing plausible moves it. Raises AssistantError if there is no
    model in service or nothing is known of the entity.
    """
    row, model = registry.serving(settings, task)
    known = plausible_by(registry.card(settings, row), task, row.version)
    case = case_of(settings, task, entity_id, as_of, events=model.event_book is not None)
    return smallest_change_of(model, case, known, task)


def plausible_by(card: Mapping[str, Any], task: Task, version: str) -> dict[str, Any]:
    """The plausible values that the card of a version holds. Raises AssistantError if it holds none."""
    known: dict[str, Any] | None = card.get("plausible")
    if known is None:
        raise AssistantError(
            f"Version {version} of {task.name} does not say which values are plausible.",
            f"Train it anew: sda train {task.name}",
        )
    return known


def plausible(cases: Cases, task: Task) -> dict[str, Any]:
    """The values that actionable features may take, by the training cases; JSON for the card.

    Of a number `values` and their `ranks` (the share of cases below, ties halved); of a category `values`.
    """
    found: dict[str, Any] = {}
    for name, info in task.feature_info.items():
        if not info.actionable or name not in cases.features.columns:
            continue
        column = cases.features[name]
        kind = kind_of(column.dtype)
        if kind in ("category", "boolean"):
            given = column.cast(pl.String).drop_nulls() if kind == "category" else column.drop_nulls()
            found[name] = {"values": given.filter(given.cast(pl.String) != "").unique().sort().to_list()}
        elif kind == "number":
            found[name] = _numbers(column)
    return {name: entry for name, entry in found.items() if entry["values"]}


def smallest_change_of(
    model: Model,
    case: Cases,
    plausible: Mapping[str, Any],
    task: Task,
    most: int = MOST_FEATURES,
) -> Change | None:
    """The smallest change of at most `most` features of `case` (one row) that moves it to a better band.

    Combinations of values are tried from the smallest on, so on the values tried there is no smaller one;
    where these were thinned out, each step is then made as small as the values left out allow.
    """
    now = model.predict(case)
    options = [
        option
        for name, info in task.feature_info.items()
        if info.actionable and name in plausible and name in model.code_book.names
        if (option := _option(name, info, plausible[name], case.features[name]))
    ]
    search = _Search(model, case, options, now.band[0], task.stress)
    if model.kind == "multiclass" or search.place_now == 0 or not options:
        return None
    count = _fineness(len(options), most, MOST_TRIED if case.events is None else MOST_TRIED_OF_EVENTS)
    chosen = search.first(_combinations([_thinned(option, count) for option in options], most))
    if chosen is None:
        return None
    chosen = search.shortened(chosen)
    changed, followed = search.changed(chosen[None])
    then = model.predict(changed)
    return Change(
        now.band[0],
        then.band[0],
        float(now.score[0]),
        float(then.score[0]),
        tuple(
            Step(option.feature, option.values[0], option.values[place])
            for option, place in zip(options, chosen.tolist(), strict=True)
            if place
        ),
        search.size(chosen),
        tuple(Step(name, case.features[name][0], changed.features[name][0]) for name in followed),
    )


def value_text(value: Any, info: Feature | None) -> str:
    """A value as people read it, with its unit; empty where it is not known."""
    unit = f" {info.unit}" if info and info.unit not in ("", "1") and value is not None else ""
    return _text(value) + unit


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1_000 else f"{value:,.0f}"
    return str(value)


@dataclass(frozen=True)
class _Option:
    """The values a feature may take, the present one (distance 0) first, then from the nearest on."""

    feature: str
    values: list[Any]
    distances: NDArray[np.float64]


@dataclass(frozen=True)
class _Search:
    """Combinations are rows of places in the values of each option; 0 leaves a feature as it is."""

    model: Model
    case: Cases
    options: list[_Option]
    band_now: str
    stress: Stress

    @property
    def place_now(self) -> int:
        return self._place_of(self.band_now)

    def size(self, chosen: NDArray[np.int64]) -> float:
        return float(sum(option.distances[place] for option, place in zip(self.options, chosen, strict=True)))

    def changed(self, chosen: NDArray[np.int64]) -> tuple[Cases, tuple[str, ...]]:
        """The case, once for each combination, with its values; and what moved along in any of them."""
        cases = self.case.rows(np.zeros(len(chosen), np.int64))
        schema = cases.features.schema
        values, changed = {}, {}
        for option, places in zip(self.options, chosen.T, strict=True):
            if places.any():
                given = pl.Series(option.feature, option.values, schema[option.feature], strict=False)
                values[option.feature], changed[option.feature] = given[places], pl.Series(places != 0)
        features, followed = with_values(cases.features, values, changed, self.stress)
        return Cases(cases.keys, features, events=cases.events), followed

    def first(self, chosen: NDArray[np.int64]) -> NDArray[np.int64] | None:
        """The first combination that the model puts into a better band."""
        for start in range(0, len(chosen), AT_ONCE):
            some = chosen[start : start + AT_ONCE]
            places = [self._place_of(band) for band in self.model.predict(self.changed(some)[0]).band]
            better = np.flatnonzero(np.array(places) < self.place_now)
            if len(better):
                found: NDArray[np.int64] = some[better[0]]
                return found
        return None

    def shortened(self, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        """Takes back each step as far as the others allow, until none can be taken back further."""
        while True:
            before = chosen
            for column, place in enumerate(chosen.tolist()):
                nearer = np.repeat(chosen[None], place, axis=0)
                nearer[:, column] = np.arange(place)
                shorter = self.first(nearer)
                chosen = chosen if shorter is None else shorter
            if (chosen == before).all():
                return chosen

    def _place_of(self, band: str) -> int:
        names = [name for name, _ in self.model.bands]
        return names.index(band) if band in names else 0


def _numbers(column: pl.Series) -> dict[str, Any]:
    given = np.sort(column.cast(pl.Float64).drop_nulls().to_numpy())
    given = given[np.isfinite(given)]
    if not len(given):
        return {"values": []}
    whole = bool((given == given.round()).all())
    grid = np.quantile(given, np.arange(1, 100) / 100, method="nearest")
    # Three digits are what people say; what rounding carries beyond the ends is left out.
    told = grid if whole else np.array([float(f"{value:.3g}") for value in grid])
    values = np.unique(np.concatenate([grid[[0, -1]], told]).clip(grid[0], grid[-1]))
    below, upto = np.searchsorted(given, values, "left"), np.searchsorted(given, values, "right")
    ranks = (below + upto) / 2 / len(given)
    return {"values": [int(v) if whole else float(v) for v in values], "ranks": ranks.round(4).tolist()}


def _option(feature: str, info: Feature, known: Mapping[str, Any], present: pl.Series) -> _Option | None:
    """What one feature of the case may become; None where its value is missing or nothing else is allowed."""
    before = present[0]
    if before is None or (isinstance(before, float) and not isfinite(before)):
        return None  # nobody knows what a change would start from
    values = np.array(known["values"], dtype=object)
    if "ranks" in known:
        numbers, ranks = values.astype(float), np.array(known["ranks"])
        distances = np.abs(ranks - np.interp(float(before), numbers, ranks, left=0.0, right=1.0))
        rise = np.sign(numbers - float(before))
        allowed = rise == info.change if info.change else rise != 0
    else:
        distances = np.ones(len(values))
        allowed = np.array([value != before for value in values])
        if info.change and isinstance(before, bool):
            allowed &= values.astype(bool) == (info.change > 0)
    order = np.flatnonzero(allowed)[np.argsort(distances[allowed], kind="stable")]
    if not len(order):
        return None
    return _Option(feature, [before, *values[order]], np.concatenate([[0.0], distances[order]]))


def _thinned(option: _Option, count: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Places and distances to try: all, or `count` evenly spaced ones with the last among them."""
    last = len(option.values) - 1
    first = last if count == 1 else 1
    places = np.unique(np.linspace(first, last, min(count, last)).round().astype(np.int64))
    return places, option.distances[places]


def _fineness(options: int, most: int, tried: int) -> int:
    """How many values of each feature may be tried."""
    sizes = range(1, most + 1)
    return next((n for n in FINENESS if sum(comb(options, size) * n**size for size in sizes) <= tried), 1)


def _combinations(given: list[tuple[NDArray[np.int64], NDArray[np.float64]]], most: int) -> NDArray[np.int64]:
    """All combinations of up to `most` changed features, the smallest first; of equals, fewer steps."""
    rows, sizes = [], []
    for size in range(1, min(most, len(given)) + 1):
        for columns in combinations(range(len(given)), size):
            places = np.meshgrid(*(given[column][0] for column in columns), indexing="ij")
            distances = np.meshgrid(*(given[column][1] for column in columns), indexing="ij")
            block = np.zeros((places[0].size, len(given)), np.int64)
            block[:, columns] = np.stack([each.ravel() for each in places], axis=1)
            rows.append(block)
            sizes.append(np.sum([each.ravel() for each in distances], axis=0))
    order = np.argsort(np.concatenate(sizes), kind="stable")
    chosen: NDArray[np.int64] = np.concatenate(rows)[order]
    return chosen
