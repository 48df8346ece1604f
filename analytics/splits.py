"""Which cases a model learns from and which judge it. Leakage is the cardinal sin.

Where `as_of` varies the latest cases are the test, whole days kept together: the model is judged on its
future. Else the split is by entity, by a hash that never changes, so that a case once held out stays held out
for every later version and two versions can be compared on rows neither has seen.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b

import numpy as np
import polars as pl
from numpy.typing import NDArray

Rows = NDArray[np.int64]

TEST_SHARE = 0.2
CALIBRATION_SHARE = 0.15  # of the rows before the test
FOLDS = 5
# With up to so many rows to learn from, five models calibrate each other and no row is set aside for it.
MOST_CROSS_FITTED = 50_000
FEWEST_DAYS = 3


@dataclass(frozen=True)
class Split:
    """Row positions of the parts. Cross-fitted: `calibration` is `train`, scored by models without the row.

    `folds` belongs to `learning` (train and calibration together): the model that must not learn the row.
    """

    train: Rows
    calibration: Rows
    test: Rows
    folds: Rows
    by_time: bool

    @property
    def cross_fitted(self) -> bool:
        return self.calibration is self.train

    @property
    def learning(self) -> Rows:
        return self.train if self.cross_fitted else np.concatenate([self.train, self.calibration])


def split(
    keys: pl.DataFrame, labels: NDArray[np.float64], horizon_days: int = 0, classes: bool = True
) -> Split:
    """Parts of the cases `keys` (entity_id, as_of; one row a case) with settled `labels`, shape (rows,).

    `classes`: labels are class numbers, of which every part needs more than one.
    """
    found = _by_time(keys, horizon_days)
    if found is None or (classes and not _mixed(found, labels)):
        found = _by_entity(keys["entity_id"], labels, classes)
        by_time = False
    else:
        by_time = True
    before, test = found
    if len(before) <= MOST_CROSS_FITTED:
        return Split(before, before, test, entity_folds(keys["entity_id"][before], labels[before]), by_time)
    inner = _latest(keys["as_of"][before], CALIBRATION_SHARE) if by_time else None
    late = (
        inner if inner is not None else _hashed(keys["entity_id"][before], "calibration") < CALIBRATION_SHARE
    )
    train, calibration = before[~late], before[late]
    folds = np.concatenate([np.full(len(train), -1), np.zeros(len(calibration), int)])
    return Split(train, calibration, test, folds, by_time)


def entity_folds(entities: pl.Series, labels: NDArray[np.float64], count: int = FOLDS) -> Rows:
    """A fold number per row: all rows of an entity in one fold, every fold with its share of each label."""
    table = pl.DataFrame({"entity": entities, "label": labels, "hash": _hashed(entities, "folds")})
    ranked = table.group_by("entity").agg(pl.max("label"), pl.first("hash")).sort("label", "hash", "entity")
    numbered = ranked.select("entity", fold=pl.int_range(pl.len()) % count)
    return table.join(numbered, on="entity", how="left", maintain_order="left")["fold"].to_numpy()


def _by_time(keys: pl.DataFrame, horizon_days: int) -> tuple[Rows, Rows] | None:
    late = _latest(keys["as_of"], TEST_SHARE)
    if late is None:
        return None
    days = keys["as_of"].dt.date()
    return np.flatnonzero(~late & ~_overlapping(keys, days, late, horizon_days)), np.flatnonzero(late)


def _latest(as_of: pl.Series, share: float) -> NDArray[np.bool_] | None:
    """Marks the latest days that hold about `share` of the rows; None where time cannot divide them."""
    days = as_of.dt.date()
    if days.null_count() or days.n_unique() < FEWEST_DAYS:
        return None
    counts = days.value_counts().sort(as_of.name)
    total = counts["count"].cum_sum()
    first: date = counts[as_of.name][int(np.searchsorted(total.to_numpy(), (1 - share) * len(days)))]
    late = (days >= first).to_numpy()
    return late if share / 2 <= late.mean() <= 0.5 else None


def _overlapping(
    keys: pl.DataFrame, days: pl.Series, late: NDArray[np.bool_], horizon: int
) -> NDArray[np.bool_]:
    """Marks early cases of an entity whose label looks into the time of a late case of the same entity.

    One event would be the answer to both: the model could have learned it by heart.
    """
    first: date = days.filter(late).min()  # type: ignore[assignment]
    again = keys["entity_id"].is_in(keys["entity_id"].filter(late).unique().implode())
    return (again & (days > first - timedelta(days=horizon))).to_numpy() & ~late


def _by_entity(entities: pl.Series, labels: NDArray[np.float64], classes: bool) -> tuple[Rows, Rows]:
    test = _hashed(entities, "test") < TEST_SHARE
    parts = np.flatnonzero(~test), np.flatnonzero(test)
    if classes and not _mixed(parts, labels):  # few rows of a class: deal them out one by one
        test = entity_folds(entities, labels) == 0
        parts = np.flatnonzero(~test), np.flatnonzero(test)
    return parts


def _mixed(parts: tuple[Rows, Rows], labels: NDArray[np.float64]) -> bool:
    return all(len(np.unique(labels[part])) > 1 for part in parts)


def _hashed(entities: pl.Series, purpose: str) -> NDArray[np.float64]:
    """A number in [0, 1) per entity, the same on every machine and in every version."""
    salt = purpose.encode()
    distinct = entities.unique()
    numbers = [
        int.from_bytes(blake2b(name.encode(), digest_size=8, key=salt).digest(), "big") / 2**64
        for name in distinct.to_list()
    ]
    table = pl.DataFrame({"entity": distinct, "number": numbers}, schema_overrides={"number": pl.Float64})
    rows = pl.DataFrame({"entity": entities})
    return rows.join(table, on="entity", how="left", maintain_order="left")["number"].to_numpy()
