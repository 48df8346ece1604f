"""Predictions of cases that arrive in batches, with reasons for those that people will look at."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import polars as pl

from analytics.cases import Cases
from analytics.model import Model
from analytics.reasons import strongest_reasons
from analytics.staging import Stage
from analytics.task import Exposure

Reasons = int | Literal["all"]

REASONS = 1_000  # cases of the highest scores; exact contributions cost many predictions each
EXPLAINED_AT_ONCE = 2_000

_COLUMNS = {
    "entity_id": "VARCHAR",
    "score": "DOUBLE",
    "lower": "DOUBLE",
    "upper": "DOUBLE",
    "band": "VARCHAR",
    "label_set": "VARCHAR",
    "reasons": "VARCHAR",
}


def columns_of(model: Model, exposure: Exposure | None = None) -> dict[str, str]:
    """The columns of predictions and their DuckDB types: what the `stage` of `predict` must have.

    `label_set` holds the classes that cannot be ruled out, joined by «|» (null for values); for several
    classes there is `p_<class>` for each, where something is at stake `expected_loss`.
    """
    several = {f"p_{name}": "DOUBLE" for name in model.classes if model.kind == "multiclass"}
    return _COLUMNS | ({"expected_loss": "DOUBLE"} if exposure else {}) | several


def predict(
    model: Model,
    batches: Iterable[Cases],
    stage: Stage,
    reasons: Reasons = REASONS,
    exposure: Exposure | None = None,
) -> None:
    """Stages the predictions of the cases in their order.

    `reasons` is JSON, null beyond the highest scores. Of the cases only those to explain are kept, so memory
    does not grow with them.
    """
    highest = _Highest(reasons) if reasons != "all" else None
    for cases in batches:
        frame = _scored(model, cases, exposure)
        if highest is None:
            frame = frame.with_columns(reasons=_told(model, cases))
        else:
            highest.add(cases, frame["score"], stage.rows)
        stage.add(frame)
    if highest is not None:
        for cases, places in zip(highest.cases, highest.places(), strict=True):
            stage.explain(places, _told(model, cases))


@dataclass
class _Highest:
    """The cases of the highest scores seen so far, batch by batch, and their places among all cases."""

    most: int
    cases: list[Cases] = field(default_factory=list)
    _kept: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(
            schema={"score": pl.Float64, "place": pl.Int64, "batch": pl.Int64, "row": pl.Int64}
        )
    )

    def add(self, cases: Cases, scores: pl.Series, first: int) -> None:
        """Takes in a batch whose first case has the place `first`."""
        rows = pl.int_range(len(cases), eager=True)
        batch = pl.DataFrame({"score": scores, "place": rows + first, "row": rows}).select(
            "score", "place", pl.lit(len(self.cases), pl.Int64).alias("batch"), "row"
        )
        # Of equal scores the earlier case, however the cases were cut into batches.
        order = pl.concat([self._kept, batch]).sort("score", "place", descending=[True, False])
        self._kept, before = order.head(self.most).sort("place"), self.cases
        self.cases, renumbered = [], []
        for (number,), part in self._kept.group_by("batch", maintain_order=True):
            whole = cases if number == len(before) else before[number]
            renumbered.append(
                part.with_columns(
                    batch=pl.lit(len(self.cases), pl.Int64), row=pl.int_range(pl.len(), dtype=pl.Int64)
                )
            )
            self.cases.append(_alone(whole.rows(part["row"].to_numpy())))
        self._kept = pl.concat(renumbered) if renumbered else self._kept

    def places(self) -> list[pl.Series]:
        """The places of each batch's cases, in their order."""
        return [part["place"] for _, part in self._kept.group_by("batch", maintain_order=True)]


def _alone(cases: Cases) -> Cases:
    """The cases with the events they have seen and no others, so that the rest can be forgotten."""
    if cases.events is None:
        return cases
    lengths = cases.events.stops - cases.events.starts
    stops = np.cumsum(lengths)
    taken = np.repeat(cases.events.starts - (stops - lengths), lengths) + np.arange(lengths.sum())
    own = replace(cases.events, table=cases.events.table[taken], starts=stops - lengths, stops=stops)
    return replace(cases, events=own)


def _scored(model: Model, cases: Cases, exposure: Exposure | None) -> pl.DataFrame:
    found = model.predict(cases)
    sets = None
    if model.label_sets is not None and found.label_sets is not None:
        sets = model.label_sets.named(found.label_sets)
    frame = cases.keys.select("entity_id").with_columns(
        pl.Series("score", found.score),
        pl.Series("lower", found.lower),
        pl.Series("upper", found.upper),
        pl.Series("band", found.band, pl.String),
        pl.lit(None, pl.String).alias("label_set") if sets is None else sets,
        pl.lit(None, pl.String).alias("reasons"),
    )
    if exposure:
        at_stake = _exposed(cases.features, exposure)
        frame = frame.with_columns(expected_loss=pl.col("score") * exposure.share * at_stake)
    if found.probabilities is None:
        return frame
    return frame.with_columns(
        pl.Series(f"p_{name}", found.probabilities[:, place]) for place, name in enumerate(model.classes)
    )


def _exposed(features: pl.DataFrame, exposure: Exposure) -> pl.Series:
    """What is at stake in each case; null where it is not known."""
    if exposure.feature not in features.columns:
        return pl.Series([None] * features.height, dtype=pl.Float64)
    values = features[exposure.feature].cast(pl.Float64, strict=False)
    return values.set(~values.is_finite().fill_null(value=True), None)


def _told(model: Model, cases: Cases) -> pl.Series:
    """The reasons of each case as JSON."""
    texts = []
    for start in range(0, len(cases), EXPLAINED_AT_ONCE):
        part = cases.part(start, EXPLAINED_AT_ONCE)
        found = strongest_reasons(model, part)
        texts += [json.dumps(reasons, ensure_ascii=False) for reasons in found]
    return pl.Series(texts, dtype=pl.String)
