"""Loads and predictions as the lake remembers them, without anything being read or trained."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import duckdb

from analytics.catalog import task_named
from pipelines.records import LOADS, QUARANTINE, ensure_records, ensure_table
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, quoted


@contextmanager
def open_lake(settings: Settings) -> Iterator[None]:
    """Keeps the lake attached meanwhile, which takes longer than what these tests do with it."""
    warehouse = Warehouse(settings)
    warehouse.snapshot()
    yield
    del warehouse


def loaded(
    settings: Settings,
    table: str,
    finished: datetime,
    *,
    source: str = "trucks",
    rows: int = 100,
    refused: int = 0,
    changed: int | None = None,
    mode: str = "merge",
) -> int:
    """Notes a load that was finished then (UTC); the snapshot that holds it."""
    naive = finished.replace(tzinfo=None)
    row = {
        "load_id": f"{finished:%Y%m%dT%H%M%S}-{source}",
        "source": source,
        "table": table,
        "mode": mode,
        "rows_in": rows,
        "rows_clean": rows - refused,
        "rows_quarantined": refused,
        "rows_changed": rows - refused if changed is None else changed,
        "started_at": naive - timedelta(minutes=1),
        "finished_at": naive,
    }

    def work(connection: duckdb.DuckDBPyConnection) -> None:
        ensure_records(connection)
        names = ", ".join(f'"{name}"' for name in row)
        places = ", ".join("?" for _ in row)
        connection.execute(f"INSERT INTO {quoted(LOADS)} ({names}) VALUES ({places})", list(row.values()))
        connection.execute(
            f'INSERT INTO {quoted(QUARANTINE)} (load_id, "table", quarantined_at, rule, "column") '
            "SELECT ?, ?, ?, 'required', 'depot' FROM range(?)",
            [row["load_id"], table, row["started_at"], refused],
        )

    Warehouse(settings).write(work)
    return Warehouse(settings).snapshot()


def scored(settings: Settings, task: str, as_of: datetime, snapshot: int, at: datetime) -> None:
    """Notes predictions of a task made from a snapshot, in place of those of the same moment."""
    table = task_named(task, settings).predictions_table

    def work(connection: duckdb.DuckDBPyConnection) -> None:
        columns = {"as_of": "TIMESTAMP", "snapshot_id": "BIGINT", "scored_at": "TIMESTAMP"}
        ensure_table(connection, table, {"entity_id": "VARCHAR", **columns})
        connection.execute(f"DELETE FROM {quoted(table)} WHERE as_of = ?", [as_of])
        connection.execute(
            f"INSERT INTO {quoted(table)} (entity_id, as_of, snapshot_id, scored_at) VALUES ('S-1', ?, ?, ?)",
            [as_of, snapshot, at.replace(tzinfo=None)],
        )

    Warehouse(settings).write(work)
