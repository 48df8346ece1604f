"""Predictions of cases that arrive in batches, with reasons for those that people will look at."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from analytics.cases import Cases
from analytics.model import Model
from analytics.reasons import strongest_reasons

Reasons = int | Literal["all"]

REASONS = 1_000  # cases of the highest scores; exact contributions cost about two hundred predictions each
EXPLAINED_AT_ONCE = 2_000

_COLUMNS = {
    "entity_id": pl.String,
    "score": pl.Float64,
    "lower": pl.Float64,
    "upper": pl.Float64,
    "band": pl.String,
    "reasons": pl.String,
}


def predicted(model: Model, batches: Iterable[Cases], reasons: Reasons = REASONS) -> pl.DataFrame:
    """`entity_id, score, lower, upper, band, reasons` of the cases in their order.

    `reasons` is JSON, null beyond the highest scores; for several classes there is `p_<class>` for each. Of
    the features only those of the cases to explain are kept, so memory does not grow with them.
    """
    frames = []
    highest = _Highest(reasons)
    done = 0
    for cases in batches:
        frame = _scored(model, cases)
        frames.append(frame)
        highest.add(cases, frame["score"], done)
        done += len(cases)
    if not frames:
        return pl.DataFrame(schema=_COLUMNS)
    scored = pl.concat(frames)
    told = pl.Series("reasons", [None] * scored.height, pl.String)
    for cases, places in zip(highest.cases, highest.places, strict=True):
        told = told.scatter(places, _told(model, cases))
    scored = scored.with_columns(told)
    return scored.select(*_COLUMNS, pl.exclude(*_COLUMNS))


@dataclass
class _Highest:
    """Keeps the cases of the highest scores seen so far (or all), and their places among all cases."""

    most: Reasons
    cases: list[Cases] = field(default_factory=list)
    places: list[pl.Series] = field(default_factory=list)
    _scores: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.Float64))

    def add(self, cases: Cases, scores: pl.Series, first: int) -> None:
        places = pl.int_range(first, first + len(cases), eager=True)
        if self.most == "all" or not self.cases:
            self.cases.append(cases)
            self.places.append(places)
            self._scores = scores
        else:
            self.cases = [self.cases[0].followed_by(cases)]
            self.places = [self.places[0].append(places)]
            self._scores = pl.concat([self._scores, scores])
        if self.most != "all":
            top = self._scores.arg_sort(descending=True).head(self.most)
            self.cases = [self.cases[0].rows(top.to_numpy())]
            self.places, self._scores = [self.places[0][top]], self._scores[top]


def _scored(model: Model, cases: Cases) -> pl.DataFrame:
    found = model.predict(cases)
    frame = cases.keys.select("entity_id").with_columns(
        pl.Series("score", found.score),
        pl.Series("lower", found.lower),
        pl.Series("upper", found.upper),
        pl.Series("band", found.band, pl.String),
    )
    if found.probabilities is None:
        return frame
    return frame.with_columns(
        pl.Series(f"p_{name}", found.probabilities[:, place]) for place, name in enumerate(model.classes)
    )


def _told(model: Model, cases: Cases) -> pl.Series:
    """The reasons of each case as JSON."""
    texts = []
    for start in range(0, len(cases), EXPLAINED_AT_ONCE):
        part = cases.part(start, EXPLAINED_AT_ONCE)
        found = strongest_reasons(model, part)
        texts += [json.dumps(reasons, ensure_ascii=False) for reasons in found]
    return pl.Series(texts, dtype=pl.String)
