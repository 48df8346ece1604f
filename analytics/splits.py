"""Which cases a model learns from and which judge it. Leakage is the cardinal sin.

Where `as_of` varies the latest cases are the test, whole days kept together: the model is judged on its
future. Else the split is by entity, by a hash that never changes, so that a case once held out stays held out
for every later version and two versions can be compared on rows neither has seen.

Candidates are compared in the same way before the test (`Choice`): where there is time on the latest part of
the learning rows, by models of what came before; else by cross-validation, repeated where rows are few.
"""

from dataclasses import dataclass, replace
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
FEWEST_EARLY = 0.4  # of the learning rows; if fewer come before the latest, candidates are compared otherwise
FEW_ROWS = 2_000  # to learn from: chance in how five folds fall is averaged out over REPEATS of them
REPEATS = 3


@dataclass(frozen=True)
class Choice:
    """What candidates are compared on: `rows` are positions of the learning rows, `folds` belongs to them.

    Rows of fold 0 judge models of the rows of fold -1.
    """

    rows: Rows
    folds: Rows


@dataclass(frozen=True)
class Split:
    """Row positions of the parts. Cross-fitted: `calibration` is `train`, scored by models without the row.

    `folds` belongs to `learning` (train and calibration together): the model that must not learn the row,
    with one column per repeat where there are several. `choice`: what candidates are compared on, None where
    it is the same folds.
    """

    train: Rows
    calibration: Rows
    test: Rows
    folds: Rows
    by_time: bool
    choice: Choice | None = None

    @property
    def cross_fitted(self) -> bool:
        return self.calibration is self.train

    @property
    def compared_on(self) -> str:
        """In words what candidates are compared on."""
        if self.choice is not None or (self.by_time and not self.cross_fitted):
            return "forward in time"
        if not self.cross_fitted:
            return "held-out entities"
        return f"{FOLDS} folds" if self.folds.ndim == 1 else f"{self.folds.shape[1]} x {FOLDS} folds"

    @property
    def learning(self) -> Rows:
        return self.train if self.cross_fitted else np.concatenate([self.train, self.calibration])


def split(
    keys: pl.DataFrame,
    labels: NDArray[np.float64],
    horizon_days: int = 0,
    classes: bool = True,
    repeats: int = 1,
) -> Split:
    """Parts of the cases `keys` (entity_id, as_of; one row a case) with settled `labels`, shape (rows,).

    `classes`: labels are class numbers, of which every part needs more than one. `repeats`: how often five
    folds are drawn where rows are few.
    """
    found = _forward(keys, horizon_days, TEST_SHARE)
    if found is None or (classes and not _mixed(found, labels)):
        found = _by_entity(keys["entity_id"], labels, classes)
        by_time = False
    else:
        by_time = True
    before, test = found
    inner = without_test(keys[before], labels[before], horizon_days, classes, repeats, by_time=by_time)
    train = before[inner.train]
    calibration = train if inner.cross_fitted else before[inner.calibration]
    return replace(inner, train=train, calibration=calibration, test=test)


def without_test(
    keys: pl.DataFrame,
    labels: NDArray[np.float64],
    horizon_days: int = 0,
    classes: bool = True,
    repeats: int = 1,
    *,
    by_time: bool = True,
) -> Split:
    """The parts of cases that are all to be learned from; as `split`, with no test cases."""
    nobody = np.empty(0, np.int64)
    forward = _forward(keys, horizon_days, CALIBRATION_SHARE) if by_time else None
    if forward is not None and (
        len(forward[0]) < FEWEST_EARLY * len(keys) or (classes and not _mixed(forward, labels))
    ):
        forward = None
    if len(keys) <= MOST_CROSS_FITTED:
        folds, everyone = repeated_folds(keys["entity_id"], labels, repeats), np.arange(len(keys))
        choice = None if forward is None else _choice(*forward)
        return Split(everyone, everyone, nobody, folds, by_time, choice)
    if forward is None:
        late = _hashed(keys["entity_id"], "calibration") < CALIBRATION_SHARE
        forward = np.flatnonzero(~late), np.flatnonzero(late)
    train, calibration = forward
    folds = np.concatenate([np.full(len(train), -1), np.zeros(len(calibration), int)])
    return Split(train, calibration, nobody, folds, by_time)


def repeated_folds(entities: pl.Series, labels: NDArray[np.float64], repeats: int = REPEATS) -> Rows:
    """Five folds as `entity_folds` draws them, shape (rows,); of few rows several times: (rows, repeats)."""
    if len(labels) >= FEW_ROWS or repeats == 1:
        return entity_folds(entities, labels)
    return np.column_stack([entity_folds(entities, labels, salt=f"folds{n or ''}") for n in range(repeats)])


def entity_folds(
    entities: pl.Series, labels: NDArray[np.float64], count: int = FOLDS, salt: str = "folds"
) -> Rows:
    """A fold number per row: all rows of an entity in one fold, every fold with its share of each label.

    Where all rows are of one entity they are dealt out one by one.
    """
    if entities.n_unique() == 1:
        entities = pl.int_range(len(entities), eager=True).cast(pl.String)
    table = pl.DataFrame({"entity": entities, "label": labels, "hash": _hashed(entities, salt)})
    ranked = table.group_by("entity").agg(pl.max("label"), pl.first("hash")).sort("label", "hash", "entity")
    numbered = ranked.select("entity", fold=pl.int_range(pl.len()) % count)
    return table.join(numbered, on="entity", how="left", maintain_order="left")["fold"].to_numpy()


def _choice(early: Rows, late: Rows) -> Choice:
    folds = np.concatenate([np.full(len(early), -1), np.zeros(len(late), int)])
    order = np.argsort(np.concatenate([early, late]), kind="stable")
    return Choice(np.concatenate([early, late])[order], folds[order])


def _forward(keys: pl.DataFrame, horizon_days: int, share: float) -> tuple[Rows, Rows] | None:
    """Positions of the cases before the latest `share`, less those that overlap with it, and of the latest.

    None where time cannot divide them.
    """
    late = _latest(keys["as_of"], share)
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
    if not all(map(len, parts)) or (classes and not _mixed(parts, labels)):
        # Few entities, or few rows of a class: each part gets its share of them.
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
