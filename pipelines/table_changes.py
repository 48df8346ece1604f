"""Which snapshot changed each table last: for what is derived from tables and made again when they change."""

import duckdb

# The tables of DuckLake's own catalog, as its specification has them.
_OF_LAKE = "__ducklake_metadata_lake"
_CHANGES = f"""
    WITH changes AS (
        SELECT table_id, unnest([begin_snapshot, end_snapshot]) AS at FROM {_OF_LAKE}.ducklake_data_file
        UNION ALL
        SELECT table_id, unnest([begin_snapshot, end_snapshot]) FROM {_OF_LAKE}.ducklake_delete_file
        UNION ALL
        SELECT table_id, unnest([begin_snapshot, end_snapshot]) FROM {_OF_LAKE}.ducklake_column
    )
    SELECT
        schemas.schema_name || '.' || tables.table_name AS name,
        greatest(max(tables.begin_snapshot), max(changes.at)) AS changed
    FROM {_OF_LAKE}.ducklake_table AS tables
    JOIN {_OF_LAKE}.ducklake_schema AS schemas ON schemas.schema_id = tables.schema_id
    LEFT JOIN changes ON changes.table_id = tables.table_id AND changes.at <= $snapshot
    WHERE tables.begin_snapshot <= $snapshot
        AND (tables.end_snapshot IS NULL OR tables.end_snapshot > $snapshot)
    GROUP BY name
"""


def last_changes(connection: duckdb.DuckDBPyConnection, snapshot: int) -> dict[str, int]:
    """`schema.table` -> the newest snapshot, up to this one, in which rows or columns of it changed.

    Merging small files may count as a change; a change never fails to. `connection` is one of the warehouse.
    """
    return dict(connection.execute(_CHANGES, {"snapshot": snapshot}).fetchall())
