"""Whether what is in the lake may be relied on: how old the loads of tables are, and what they refused."""

from collections.abc import Collection
from datetime import datetime

from dashboards.queries.reading import Read, has_table
from pipelines.records import LOADS, NO_REPLAY, QUARANTINE
from pipelines.warehouse import quoted

_OF_TABLES = f"""
    FROM {quoted(LOADS)} WHERE list_contains($tables, "table") AND mode <> 'derived' AND {NO_REPLAY}
"""


def last_loads_of(read: Read, tables: Collection[str]) -> dict[str, datetime]:
    """When each source of the tables was last loaded well (naive UTC)."""
    if not has_table(read, LOADS):
        return {}
    sql = f"SELECT source, max(finished_at) AS at {_OF_TABLES} GROUP BY source ORDER BY source"
    return dict(read(sql, {"tables": list(tables)}).rows())


def refusals_of(read: Read, tables: Collection[str], most: int) -> dict[str, list[tuple[int, int]]]:
    """Of the last loads of each table (`most` of them, the newest first): rows read and rows refused; of the
    newest load only those that still wait in quarantine."""
    if not has_table(read, LOADS):
        return {}
    sql = f"""
        WITH waiting AS (
            SELECT "table", quarantined_at FROM {quoted(QUARANTINE)} WHERE replayed_at IS NULL
        ),
        loads AS (
            SELECT
                "table", rows_in, rows_quarantined, started_at, finished_at,
                row_number() OVER (PARTITION BY "table" ORDER BY finished_at DESC) AS place
            {_OF_TABLES} AND rows_in > 0
        )
        SELECT "table", rows_in, least(rows_quarantined, CASE WHEN place = 1 THEN (
            SELECT count(*) FROM waiting
            WHERE waiting."table" = loads."table" AND waiting.quarantined_at >= loads.started_at
        ) ELSE rows_quarantined END)
        FROM loads WHERE place <= $most ORDER BY "table", place
    """
    found: dict[str, list[tuple[int, int]]] = {}
    for table, rows, refused in read(sql, {"tables": list(tables), "most": most}).rows():
        found.setdefault(table, []).append((rows, refused))
    return found
