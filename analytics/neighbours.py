"""Past cases that resemble one case in what the model goes by, and what became of them.

Distance after Gower (1971): the mean over features of how far two values lie apart, each between 0 and 1. Of
numbers that is the share of the sample that lies between them, so that no unit and no outlier counts more;
of categories, yes and no, and of a value that one of both lacks, it is 0 or 1. Features weigh as much as
the model goes by them on the whole (`analytics.importance`; feature weighting in nearest neighbours:
Wettschereck, Aha and Mohri 1997). Of events the number of each type counts like a number.

What happened later than the case is asked about is never looked at, nor the case's own fate.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.cases import Cases, fates
from analytics.dataset import sampled_settled_cases
from analytics.matrix import kind_of
from analytics.model import Model
from analytics.task import Task
from pipelines.settings import Settings

Array = NDArray[np.float64]

SEARCHED = 3_000  # settled cases that are compared with
NEAREST = 30
_EVENT = "␟event "  # before the name of an event type; no feature begins so


def pool_of(settings: Settings, task: Task, model: Model, most: int = SEARCHED) -> Cases:
    """At most `most` settled cases to compare with, their outcomes as they are known by now.

    Drawn the same way every time, so that the same case has the same neighbours.
    """
    return sampled_settled_cases(settings, task, most, events=model.event_book is not None)


def nearest(
    task: Task, pool: Cases, case: Cases, importance: Sequence[Mapping[str, Any]], most: int = NEAREST
) -> pl.DataFrame:
    """The cases of the pool that are nearest to `case` (one row), the nearest first, one of each fate.

    Columns `place` (in the pool), `entity_id`, `as_of`, `label`, `distance` (0 alike to 1). None of them is
    of the fate of the case, and none is as of a later moment. `importance` is that of the model's card;
    without any all features weigh the same.
    """
    keys = pool.keys.with_columns(fate=fates(task, pool.keys)["entity_id"])
    own = fates(task, case.keys)["entity_id"][0]
    moment: datetime | None = case.keys["as_of"][0]
    earlier = pl.lit(value=True) if moment is None else (pl.col("as_of") < moment).fill_null(value=True)
    allowed = keys.select((pl.col("fate") != own) & earlier).to_series().arg_true().to_numpy()
    past = pool.rows(allowed)
    found = keys[allowed].with_columns(
        pl.Series("place", allowed, pl.Int64),
        pl.lit(None).alias("label") if past.labels is None else past.labels.alias("label"),
        pl.Series("distance", distances(past, case, importance)),
    )
    ranked = found.sort("distance", "entity_id").unique("fate", keep="first", maintain_order=True)
    return ranked.head(most).select("place", "entity_id", "as_of", "label", "distance")


def distances(past: Cases, case: Cases, importance: Sequence[Mapping[str, Any]]) -> Array:
    """How far each past case is from `case`, shape (cases,), between 0 and 1."""
    weights = {
        (_EVENT if each.get("event") else "") + str(each["feature"]): float(each["share"])
        for each in importance
    }
    features, one = _described(past), _described(case)
    names = [name for name in features.columns if name in one.columns]
    if any(weights.get(name) for name in names):
        names = [name for name in names if weights.get(name)]
    total, apart = 0.0, np.zeros(len(past))
    for name in names:
        weight = weights.get(name, 1.0) if weights else 1.0
        apart += weight * _apart(features[name], one[name])
        total += weight
    return apart / total if total else apart


def _described(cases: Cases) -> pl.DataFrame:
    """The features, and the number of events of each type that a case has seen."""
    if cases.events is None:
        return cases.features
    seen = pl.DataFrame(
        {"case": np.arange(len(cases)), "start": cases.events.starts, "stop": cases.events.stops}
    )
    rows = seen.with_columns(row=pl.int_ranges("start", "stop")).explode("row").drop_nulls("row")
    types = cases.events.table["event_type"].gather(rows["row"])
    counts = pl.DataFrame({"case": rows["case"], "type": types}).group_by("case", "type").len()
    wide = seen.select("case")
    for name in counts["type"].unique().sort():
        of_type = counts.filter(pl.col("type") == name).select("case", pl.col("len").alias(_EVENT + name))
        wide = wide.join(of_type, on="case", how="left", maintain_order="left")
    return cases.features.hstack(wide.drop("case").fill_null(0))


def _apart(values: pl.Series, one: pl.Series) -> Array:
    """How far each value is from the one, between 0 and 1."""
    kind = kind_of(values.dtype)
    if kind is None:
        return np.zeros(len(values))
    if kind in ("category", "boolean") or kind_of(one.dtype) != kind:
        same = values.cast(pl.String).eq_missing(pl.Series([one[0]], dtype=one.dtype).cast(pl.String)[0])
        return np.asarray(1.0 - same.cast(pl.Float64).to_numpy())
    numbers, there = _numbers(values), _numbers(one)[0]
    known = ~np.isnan(numbers)
    if np.isnan(there):
        return known.astype(float)
    ordered = np.sort(numbers[known])
    ranks = _rank(ordered, numbers)
    return np.where(known, np.abs(ranks - _rank(ordered, np.array([there]))[0]), 1.0)


def _rank(ordered: Array, values: Array) -> Array:
    """The share of the sample below each value, ties halved."""
    below, upto = np.searchsorted(ordered, values, "left"), np.searchsorted(ordered, values, "right")
    return np.asarray((below + upto) / 2 / max(len(ordered), 1))


def _numbers(values: pl.Series) -> Array:
    physical = values.to_physical() if values.dtype.is_temporal() else values
    found = physical.cast(pl.Float64, strict=False).to_numpy().astype(float)
    return np.where(np.isfinite(found), found, np.nan)
