"""From a task to its cases in the warehouse, all read from one snapshot."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any, Literal

import duckdb
import polars as pl

from analytics.cases import Cases
from analytics.events import MOST_EVENTS, events_of
from analytics.flat import flat_cases, flat_parts, flat_rows, learnable
from analytics.task import Task
from connectors.errors import AssistantError
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

KEYS = ["entity_id", "as_of"]
ALSO = "also_"  # columns of the population that are further outcomes
PART = 100_000  # cases of a part: so many are in memory at a time

# Numbered in the order in which `events_of` puts them, an entity's events are kept where a case stops at them
# or less than MOST_EVENTS later: no case is asked for on its own, so that long histories stay cheap.
_NEWEST = """
WITH numbered AS MATERIALIZED (
    SELECT
        entity_id,
        known_at,
        event_time,
        event_type,
        value,
        text,
        row_number() OVER (
            PARTITION BY entity_id
            ORDER BY known_at, event_time, event_type, value NULLS FIRST, text NULLS FIRST
        ) AS number
    FROM ({events})
    WHERE known_at IS NOT NULL AND event_time IS NOT NULL AND event_type IS NOT NULL
),

moments AS (SELECT entity_id, known_at, max(number) AS number FROM numbered GROUP BY entity_id, known_at),

stops AS (
    SELECT DISTINCT population.entity_id, moments.number
    FROM population
    ASOF JOIN moments
        ON moments.entity_id = population.entity_id AND moments.known_at <= population.as_of
)

SELECT numbered.* EXCLUDE (number)
FROM numbered
ASOF JOIN stops ON stops.entity_id = numbered.entity_id AND stops.number >= numbered.number
WHERE stops.number - numbered.number < {most}
"""


def settled_cases(settings: Settings, task: Task, *, events: bool = True) -> Cases:
    """All cases whose outcome is known: what a model is trained and judged on.

    Without `events` those are not read: a model that has no book of events has no use for them. So in all
    functions here.
    """
    warehouse = Warehouse(settings)
    snapshot = warehouse.snapshot()
    if task.flat:
        cases = learnable(task, flat_cases(task, flat_rows(warehouse, task, snapshot)))
    else:
        sql = f"FROM (\n{task.population}\n) WHERE label IS NOT NULL"
        with _reading(warehouse, task, snapshot) as connection:
            cases = _with_features(connection, task, connection.execute(sql).pl(), events=events)
    return replace(cases, snapshot_id=snapshot)


def sampled_settled_cases(settings: Settings, task: Task, most: int, *, events: bool = True) -> Cases:
    """At most `most` cases whose outcome is known: always the same ones, whatever else is in the lake.

    Features are made of those alone, so it costs little however many cases there are.
    """
    warehouse = Warehouse(settings)
    snapshot = warehouse.snapshot()
    if task.flat:
        cases = flat_cases(task, flat_rows(warehouse, task, snapshot)).settled()
        chosen = cases.keys.select(by=pl.struct("entity_id", "as_of").hash(seed=0)).with_row_index()
        places = chosen.sort("by", "index").head(most)["index"].sort()
        cases = cases.rows(places.cast(pl.Int64).to_numpy())
    else:
        sql = f"""
            FROM (\n{task.population}\n) WHERE label IS NOT NULL
            ORDER BY hash(CAST(entity_id AS VARCHAR), as_of), entity_id, as_of LIMIT {int(most)}
        """
        with _reading(warehouse, task, snapshot) as connection:
            cases = _with_features(connection, task, connection.execute(sql).pl(), events=events)
    return replace(cases, snapshot_id=snapshot)


def candidate_cases(settings: Settings, task: Task, day: date, *, events: bool = True) -> Cases:
    """Whom to score on `day`.

    Of a flat task: the rows without an outcome, or every row where all outcomes are known.
    """
    warehouse = Warehouse(settings)
    snapshot = warehouse.snapshot()
    if task.flat:
        cases = flat_cases(task, flat_rows(warehouse, task, snapshot))
        cases = cases.open() if len(cases.open()) else cases
    else:
        with _reading(warehouse, task, snapshot) as connection:
            asked = _candidates(connection, task, day)
            cases = _with_features(connection, task, asked, events=events)
    return replace(cases, labels=None, snapshot_id=snapshot)


def cases_on(
    settings: Settings,
    task: Task,
    day: date,
    entities: Sequence[str],
    *,
    events: bool = True,
    snapshot: int | None = None,
) -> Cases:
    """These entities as scoring on `day` sees them, by the lake of `snapshot` (default: the newest).

    Who is not to be scored that day, a loan of long ago, is seen at its end as far as anything is known; who
    is not known at all is left out. Of a flat task: their rows without an outcome, else all of them.
    """
    warehouse = Warehouse(settings)
    snapshot = warehouse.snapshot() if snapshot is None else snapshot
    if task.flat:
        cases = flat_cases(task, flat_rows(warehouse, task, snapshot, entities))
        if cases.labels is not None:
            rows = cases.keys.select("entity_id", is_open=cases.labels.is_null())
            chosen = rows.select(pl.col("is_open") | ~pl.col("is_open").any().over("entity_id"))
            cases = cases.rows(chosen["is_open"].arg_true().to_numpy())
    else:
        with _reading(warehouse, task, snapshot) as connection:
            asked = _candidates(connection, task, day, entities)
            rest = pl.DataFrame({"entity_id": [*entities]}, schema={"entity_id": pl.String})
            rest = rest.join(asked, on="entity_id", how="anti").unique()
            if rest.height:
                moment = pl.lit(datetime.combine(day, time(23, 59, 59)), pl.Datetime("us"))
                others = rest.with_columns(as_of=moment)
                known = _with_features(connection, task, others, known_only=True, events=False)
                asked = pl.concat([asked, known.keys])
            cases = _with_features(connection, task, asked, events=events)
    return replace(cases, labels=None, snapshot_id=snapshot)


def candidate_parts(
    settings: Settings, task: Task, day: date, *, events: bool = True, rows: int = PART
) -> Iterator[Cases]:
    """The same as `candidate_cases`, at most `rows` of them at a time and all from one snapshot.

    Only who is asked about is in memory as a whole; features and events are those of one part. Nothing is
    yielded where there is nobody to score.
    """
    warehouse = Warehouse(settings)
    snapshot = warehouse.snapshot()
    if task.flat:
        parts = (flat_cases(task, part) for part in flat_parts(warehouse, task, snapshot, rows))
        yield from (replace(part, labels=None, snapshot_id=snapshot) for part in parts)
        return
    with _reading(warehouse, task, snapshot) as connection:
        # Whoever has several cases has them in one part: sorted by entity, and read once.
        asked = _candidates(connection, task, day).sort(KEYS)
        for part in asked.iter_slices(rows):
            cases = _with_features(connection, task, part, events=events)
            yield replace(cases, snapshot_id=snapshot)


def named_cases(
    settings: Settings,
    task: Task,
    keys: pl.DataFrame,
    *,
    events: bool = True,
    snapshot: int | None = None,
    beside: Mapping[str, pl.DataFrame] = MappingProxyType({}),
) -> Cases:
    """The cases that `keys` (entity_id, as_of) name, as far as anything is known about them by then.

    The SQL of the task finds the frames of `beside` under their names, beside the tables of the lake at
    `snapshot` (default: the newest).
    """
    warehouse = Warehouse(settings)
    snapshot = warehouse.snapshot() if snapshot is None else snapshot
    with _reading(warehouse, task, snapshot) as connection:
        for name, frame in beside.items():
            connection.register(name, frame.to_arrow())
        cases = _with_features(connection, task, keys, known_only=True, events=events)
    return replace(cases, snapshot_id=snapshot)


def newest_events(task: Task) -> str:
    """SQL over the relation `population` for the events of its cases: the newest MOST_EVENTS of each."""
    return _NEWEST.replace("{most}", str(MOST_EVENTS)).replace("{events}", f"\n{task.events}\n")


def last_complete_day(settings: Settings, task: Task) -> date:
    """The default day of scoring; raises AssistantError where the task's tables hold no rows yet."""
    day = Warehouse(settings).query(task.last_day).item()
    if day is None:
        raise AssistantError(f"{task.name}: its tables are empty.", "Run `sda ingest` first.")
    return day if type(day) is date else day.date()


@contextmanager
def _reading(warehouse: Warehouse, task: Task, snapshot: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection for the SQL of a task; raises AssistantError where one of its tables is not there yet."""
    with warehouse.reading(snapshot) as connection:
        # DuckDB joins «as of» by nested loops where it guesses few rows, and of a task's SQL it often guesses
        # far too few: a thousand times slower on large tables.
        connection.execute("SET asof_loop_join_threshold = 0")
        try:
            yield connection
        except duckdb.CatalogException as error:
            raise AssistantError(
                f"{task.name} needs a table that is not there: {str(error).splitlines()[0]}",
                "Run `sda ingest` for its domain first.",
            ) from None


def _candidates(
    connection: duckdb.DuckDBPyConnection, task: Task, day: date, entities: Sequence[str] | None = None
) -> pl.DataFrame:
    given: dict[str, Any] = {"as_of": day}
    these = ""
    if entities is not None:
        these = " WHERE CAST(entity_id AS VARCHAR) IN (SELECT unnest(CAST($entities AS VARCHAR[])))"
        given["entities"] = list(entities)
    asked = connection.execute(f"SELECT entity_id, as_of FROM (\n{task.candidates}\n){these}", given).pl()
    return asked.with_columns(pl.col("entity_id").cast(pl.String), pl.col("as_of").cast(pl.Datetime("us")))


def _with_features(
    connection: duckdb.DuckDBPyConnection,
    task: Task,
    population: pl.DataFrame,
    *,
    known_only: bool = False,
    events: bool = True,
) -> Cases:
    """Joins the population with its features and events, over the relation `population(entity_id, as_of)`."""
    typed = population.with_columns(
        pl.col("entity_id").cast(pl.String), pl.col("as_of").cast(pl.Datetime("us"))
    ).sort(KEYS)
    connection.register("population", typed.select(KEYS).unique(maintain_order=True).to_arrow())
    features = (
        connection.execute(task.features)
        .pl()
        .with_columns(pl.col("entity_id").cast(pl.String), pl.col("as_of").cast(pl.Datetime("us")))
    )
    happened = connection.execute(newest_events(task)).pl() if task.events and events else None
    connection.unregister("population")
    how: Literal["inner", "left"] = "inner" if known_only else "left"
    joined = typed.join(features, on=KEYS, how=how, maintain_order="left", validate="m:1")
    keys = joined.select(KEYS)
    also = joined.select(name for name in typed.columns if name.startswith(ALSO))
    return Cases(
        keys,
        joined.select(features.drop(KEYS).columns),
        joined["label"] if "label" in typed.columns else None,
        events=None if happened is None else events_of(keys, happened),
        also=also if also.width else None,
    )
