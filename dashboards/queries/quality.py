"""How good the data is: loads, tables, quarantine, and where a number comes from."""

import polars as pl

from dashboards.queries.reading import Read, has_table
from pipelines.records import LOADS, QUARANTINE, quoted_column
from pipelines.warehouse import quoted


def loads(read: Read, most: int) -> pl.DataFrame:
    """The newest loads: `load_id, source, table, mode, rows_*, finished_at`."""
    if not has_table(read, LOADS):
        return pl.DataFrame()
    sql = f"""
        SELECT
            source, "table", mode, rows_in, rows_clean, rows_quarantined, rows_changed,
            finished_at, load_id
        FROM {quoted(LOADS)} ORDER BY finished_at DESC, load_id DESC LIMIT $most
    """
    return read(sql, {"most": most})


def quarantine_by_rule(read: Read) -> pl.DataFrame:
    """What waits in quarantine: `table, rule, column, records, reason` (an example), `newest`; most first."""
    if not has_table(read, QUARANTINE):
        return pl.DataFrame()
    sql = f"""
        SELECT
            "table", rule, "column", count(*) AS records, min(reason) AS reason, max(quarantined_at) AS newest
        FROM {quoted(QUARANTINE)} WHERE replayed_at IS NULL
        GROUP BY "table", rule, "column" ORDER BY records DESC, "table", rule, "column"
    """
    return read(sql, None)


def quarantined(read: Read, table: str, rule: str, column: str, most: int) -> pl.DataFrame:
    """The newest records of one table that broke one rule, as they came: JSON text in `record`."""
    sql = f"""
        SELECT reason, file, position, record, load_id, quarantined_at
        FROM {quoted(QUARANTINE)}
        WHERE
            replayed_at IS NULL AND "table" = $table AND rule = $rule
            AND coalesce("column", '') = $column
        ORDER BY quarantined_at DESC, file, position LIMIT $most
    """
    return read(sql, {"table": table, "rule": rule, "column": column, "most": most})


def rows_of(read: Read, table: str, column: str, value: str, most: int = 20) -> pl.DataFrame:
    """Rows of a table whose `column` is `value`, with `_load_id`, `_source` and `_loaded_at`."""
    sql = f"""
        SELECT * FROM {quoted(table)} WHERE CAST({quoted_column(column)} AS VARCHAR) = $value
        ORDER BY _loaded_at DESC LIMIT $most
    """
    return read(sql, {"value": value, "most": most})


def load(read: Read, load_id: str, table: str) -> pl.DataFrame:
    """The record of one load of one table, with its `files` (JSON list of file and rows)."""
    sql = f'SELECT * FROM {quoted(LOADS)} WHERE load_id = $load_id AND "table" = $table'
    return read(sql, {"load_id": load_id, "table": table})


def an_example(read: Read, table: str, column: str) -> str:
    """Some value of a column, to start a search with; empty if the table is."""
    sql = f"SELECT CAST(max({quoted_column(column)}) AS VARCHAR) AS value FROM {quoted(table)}"
    return str(read(sql, None).item() or "")


def row_counts(read: Read, tables: list[str]) -> dict[str, int]:
    """How many rows each table holds; tables that do not exist yet are left out."""
    return {
        table: int(read(f"SELECT count(*) AS rows FROM {quoted(table)}", None).item())
        for table in tables
        if has_table(read, table)
    }
