"""The lake's own book-keeping: what each load brought, what it refused, and what each source remembers."""

from collections.abc import Iterable
from pathlib import Path

import duckdb
import polars as pl

from pipelines.queries import literal
from pipelines.warehouse import columns_of, quoted

LOADS = "meta.loads"
STATES = "meta.states"
QUARANTINE = "quarantine.records"
# A replay counts as a load of its source, but says nothing of the source's present state.
NO_REPLAY = "load_id NOT LIKE 'replay-%'"

_TABLES = {
    LOADS: {
        "load_id": "VARCHAR",
        "source": "VARCHAR",
        "table": "VARCHAR",
        "mode": "VARCHAR",
        "rows_in": "BIGINT",
        "rows_clean": "BIGINT",
        "rows_quarantined": "BIGINT",
        "rows_changed": "BIGINT",
        "started_at": "TIMESTAMP",
        "finished_at": "TIMESTAMP",
        "contract_version": "VARCHAR",
        "schema": "VARCHAR",  # JSON: source column -> kind
        "files": "VARCHAR",  # JSON: [{"file", "rows"}]
    },
    STATES: {"source": "VARCHAR", "load_id": "VARCHAR", "state": "VARCHAR"},
    QUARANTINE: {
        "record_id": "VARCHAR",
        "load_id": "VARCHAR",
        "source": "VARCHAR",
        "table": "VARCHAR",
        "rule": "VARCHAR",
        "reason": "VARCHAR",
        "column": "VARCHAR",
        "contract_version": "VARCHAR",
        "file": "VARCHAR",
        "position": "BIGINT",
        "record": "VARCHAR",  # JSON of the record as it came
        "quarantined_at": "TIMESTAMP",
        "replayed_at": "TIMESTAMP",
    },
}


def ensure_records(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates the book-keeping tables where they are missing (within the caller's transaction)."""
    for table, columns in _TABLES.items():
        ensure_table(connection, table, columns)


def ensure_table(connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str]) -> None:
    """Creates `schema.table` with `columns`, or adds those it lacks."""
    existing = columns_of(connection, table)
    if not existing:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(table.split('.', maxsplit=1)[0])}")
        body = ", ".join(f"{quoted_column(name)} {kind}" for name, kind in columns.items())
        connection.execute(f"CREATE TABLE {quoted(table)} ({body})")
        return
    for name, kind in columns.items():
        if name not in existing:
            connection.execute(f"ALTER TABLE {quoted(table)} ADD COLUMN {quoted_column(name)} {kind}")


def insert(
    connection: duckdb.DuckDBPyConnection, table: str, rows: pl.DataFrame, names: Iterable[str]
) -> None:
    """Adds the columns `names` of `rows` to `schema.table`."""
    listed = quoted_columns(names)
    connection.register("rows_to_insert", rows.to_arrow())
    connection.execute(f"INSERT INTO {quoted(table)} ({listed}) SELECT {listed} FROM rows_to_insert")
    connection.unregister("rows_to_insert")


def quoted_column(name: str) -> str:
    """A column name as a SQL identifier; a dot in it is part of the name."""
    return '"' + name.replace('"', '""') + '"'


def quoted_columns(names: Iterable[str]) -> str:
    """Column names as a SQL list."""
    return ", ".join(map(quoted_column, names))


def parquet(files: Iterable[Path]) -> str:
    """Parquet files as a SQL relation."""
    return f"read_parquet([{', '.join(literal(str(file)) for file in files)}])"
