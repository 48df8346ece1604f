"""From a task to its cases in the warehouse, all read from one snapshot."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Literal

import duckdb
import polars as pl

from analytics.cases import Cases
from analytics.events import events_of
from analytics.flat import flat_cases, flat_rows, learnable
from analytics.task import Task
from connectors.errors import AssistantError
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

KEYS = ["entity_id", "as_of"]
ALSO = "also_"  # columns of the population that are further outcomes


def settled_cases(settings: Settings, task: Task) -> Cases:
    """All cases whose outcome is known: what a model is trained and judged on."""
    warehouse = Warehouse(settings)
    snapshot = warehouse.snapshot()
    if task.flat:
        cases = learnable(task, flat_cases(task, flat_rows(warehouse, task, snapshot)))
    else:
        sql = f"FROM (\n{task.population}\n) WHERE label IS NOT NULL"
        cases = _cases(warehouse, task, sql, {}, snapshot)
    return replace(cases, snapshot_id=snapshot)


def candidate_cases(settings: Settings, task: Task, day: date, entity_id: str | None = None) -> Cases:
    """Whom to score on `day`, all of them or one entity.

    Of a flat task: the rows without an outcome, or every row where all outcomes are known.
    """
    warehouse = Warehouse(settings)
    snapshot = warehouse.snapshot()
    if task.flat:
        cases = flat_cases(task, flat_rows(warehouse, task, snapshot, entity_id))
        cases = cases.open() if len(cases.open()) else cases
    else:
        one = "" if entity_id is None else " WHERE CAST(entity_id AS VARCHAR) = $entity_id"
        sql = f"SELECT entity_id, as_of FROM (\n{task.candidates}\n){one}"
        given = {"as_of": day} | ({} if entity_id is None else {"entity_id": entity_id})
        cases = _cases(warehouse, task, sql, given, snapshot)
    return replace(cases, labels=None, snapshot_id=snapshot)


def named_cases(settings: Settings, task: Task, keys: pl.DataFrame) -> Cases:
    """The cases that `keys` (entity_id, as_of) name, as far as anything is known about them by then."""
    warehouse = Warehouse(settings)
    snapshot = warehouse.snapshot()
    with warehouse.reading(snapshot) as connection:
        cases = _with_features(connection, task, keys, known_only=True)
    return replace(cases, snapshot_id=snapshot)


def last_complete_day(settings: Settings, task: Task) -> date:
    """The default day of scoring; raises AssistantError where the task's tables hold no rows yet."""
    day = Warehouse(settings).query(task.last_day).item()
    if day is None:
        raise AssistantError(f"{task.name}: its tables are empty.", "Run `sda ingest` first.")
    return day if type(day) is date else day.date()


def _cases(warehouse: Warehouse, task: Task, sql: str, given: Mapping[str, Any], snapshot: int) -> Cases:
    with warehouse.reading(snapshot) as connection:
        try:
            population = connection.execute(sql, given or None).pl()
            return _with_features(connection, task, population)
        except duckdb.CatalogException as error:
            raise AssistantError(
                f"{task.name} needs a table that is not there: {str(error).splitlines()[0]}",
                "Run `sda ingest` for its domain first.",
            ) from None


def _with_features(
    connection: duckdb.DuckDBPyConnection, task: Task, population: pl.DataFrame, *, known_only: bool = False
) -> Cases:
    """Joins the population with its features and events, over the relation `population(entity_id, as_of)`."""
    typed = population.with_columns(
        pl.col("entity_id").cast(pl.String), pl.col("as_of").cast(pl.Datetime("us"))
    ).sort(KEYS)
    keys = typed.select(KEYS)
    connection.register("population", keys.unique(maintain_order=True).to_arrow())
    features = (
        connection.execute(task.features)
        .pl()
        .with_columns(pl.col("entity_id").cast(pl.String), pl.col("as_of").cast(pl.Datetime("us")))
    )
    how: Literal["inner", "left"] = "inner" if known_only else "left"
    joined = typed.join(features, on=KEYS, how=how, maintain_order="left", validate="m:1")
    labels = joined["label"] if "label" in typed.columns else None
    also = joined.select(name for name in typed.columns if name.startswith(ALSO))
    happened = connection.execute(task.events).pl() if task.events else None
    connection.unregister("population")
    chosen = joined.select(KEYS)
    return Cases(
        chosen,
        joined.select(features.drop(KEYS).columns),
        labels,
        events=None if happened is None else events_of(chosen, happened),
        also=also if also.width else None,
    )
