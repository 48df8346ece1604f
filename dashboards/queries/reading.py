"""What a query needs: a function that runs SQL and gives a frame.

`Warehouse.query` is one (each call sees the newest data); `reader(connection)` is another (every call sees
the one snapshot of that connection), so screens and reports share their queries.
"""

from collections.abc import Callable
from typing import Any

import duckdb
import polars as pl

from pipelines.warehouse import asked

Read = Callable[[str, Any], pl.DataFrame]


def reader(connection: duckdb.DuckDBPyConnection) -> Read:
    """Queries on `connection`, whose snapshot they all see."""
    return lambda sql, parameters: asked(connection, sql, parameters)


def has_table(read: Read, table: str) -> bool:
    """Whether `schema.table` is in the lake."""
    schema, _, name = table.partition(".")
    # Of its columns, not of the tables: for those DuckLake counts the rows of every table first.
    sql = (
        "SELECT 1 AS found FROM information_schema.columns "
        "WHERE table_catalog = current_database() AND table_schema = ? AND table_name = ? LIMIT 1"
    )
    return not read(sql, [schema, name]).is_empty()
