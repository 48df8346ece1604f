"""What a model says of given cases, as they are or with other values: what-if, stress, versions compared.

Nothing is trained and nothing stored. Features are what scoring on that day sees, so an unchanged case gets
the prediction that scoring gives it. A changed feature moves alone: what a task derives from it (a share of
an income from the income) stays as it is unless it is changed too. All of it says what the model makes of
other values, not what follows from changing them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

import duckdb
import polars as pl

from analytics import registry
from analytics.cases import Cases
from analytics.dataset import cases_on, last_complete_day
from analytics.model import Model, Predictions
from analytics.task import Task
from connectors.errors import AssistantError, UsageError, did_you_mean
from pipelines.settings import Settings
from pipelines.store import ModelVersion
from pipelines.warehouse import Warehouse

# Another value for every case, or what makes one of the values that are there.
Change = Callable[[pl.Series], pl.Series] | str | int | float | bool | date | None


def day_of(as_of: date) -> date:
    """The day of a moment."""
    return as_of.date() if isinstance(as_of, datetime) else as_of


def cases_of(
    settings: Settings,
    task: Task,
    entity_ids: Sequence[str],
    as_of: date | None = None,
    *,
    events: bool = True,
    snapshot: int | None = None,
) -> Cases:
    """These entities as scoring on the day of `as_of` (default: the last complete one) sees them.

    In the order asked for, one case each (of several the last); who is not known by then is left out. With a
    `snapshot` they are what the lake knew then. Without `events` a model of sequences cannot score them.
    """
    warehouse = Warehouse(settings)
    snapshot = warehouse.snapshot() if snapshot is None else snapshot
    with warehouse.reading(snapshot):  # attached once for all the queries below
        day = day_of(as_of) if as_of else last_complete_day(settings, task)
        found = cases_on(settings, task, day, entity_ids, events=events, snapshot=snapshot)
    last = {entity: place for place, entity in enumerate(found.keys["entity_id"])}
    places = [last[entity] for entity in dict.fromkeys(entity_ids) if entity in last]
    return found.rows(pl.Series(places, dtype=pl.Int64).to_numpy())


def case_of(
    settings: Settings, task: Task, entity_id: str, as_of: date | None = None, *, events: bool = True
) -> Cases:
    """The one case of an entity as of a day (default: the last complete one); of several the last.

    Its events are read only where the model needs them.

    Raises AssistantError if nothing is known of the entity by then.
    """
    case = cases_of(settings, task, [entity_id], as_of, events=events)
    if not len(case):
        by = f" by {day_of(as_of)}" if as_of else ""
        raise AssistantError(f"{task.name}: nothing is known of «{entity_id}»{by}.", "Check the identifier.")
    return case


def kept_snapshot(settings: Settings, snapshot: int) -> int | None:
    """The snapshot if the lake still has it (upkeep lets old ones go), else None: the newest."""
    try:
        with Warehouse(settings).reading(snapshot):
            return snapshot
    except duckdb.Error:
        return None


def model_of(settings: Settings, task: Task, version: str = "") -> tuple[ModelVersion, Model]:
    """A version (default: the one in service) and its model.

    Raises AssistantError where there is no such version or its files are damaged.
    """
    if not version:
        return registry.serving(settings, task)
    row = registry.named(settings, task, version)
    return row, registry.load(settings, row)


def rescored(
    settings: Settings, task: Task, cases: Cases, changes: Mapping[str, Change], version: str = ""
) -> pl.DataFrame:
    """What a version (default: the one in service) says of the cases with changed features.

    Columns `entity_id, score, lower, upper, band`, several classes also `p_<class>`; the rows of `cases`.
    Raises UsageError for a feature that the cases do not have.
    """
    _, model = model_of(settings, task, version)
    return as_frame(model, cases, model.predict(changed(cases, changes)))


def as_frame(model: Model, cases: Cases, found: Predictions) -> pl.DataFrame:
    """Predictions beside the entities they are of."""
    frame = cases.keys.select("entity_id").with_columns(
        pl.Series("score", found.score),
        pl.Series("lower", found.lower),
        pl.Series("upper", found.upper),
        pl.Series("band", found.band, pl.String),
    )
    if found.probabilities is None:
        return frame
    shares = zip(model.classes, found.probabilities.T, strict=True)
    return frame.with_columns(pl.Series(f"p_{name}", share) for name, share in shares)


def changed(cases: Cases, changes: Mapping[str, Change]) -> Cases:
    """The cases with other values of some features; raises UsageError for one that they do not have."""
    features = cases.features
    for name, change in changes.items():
        if name not in features.columns:
            raise UsageError(f"There is no feature «{name}».", did_you_mean(name, features.columns))
        features = features.with_columns(_column(features[name], change).alias(name))
    return replace(cases, features=features)


def _column(values: pl.Series, change: Change) -> pl.Series:
    """The changed column, of a type that is coded as the one before: a whole number may become a part."""
    if callable(change):
        return change(values)
    dtype = pl.Float64() if values.dtype.is_numeric() else values.dtype
    return pl.Series([change] * len(values), dtype=dtype, strict=False)
