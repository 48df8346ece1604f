"""How good the data is: loads, tables, quarantine, and where a number comes from."""

from datetime import datetime

import polars as pl
from sqlalchemy import func, select

from dashboards.queries.reading import Read, has_table
from pipelines.records import LOADS, NO_REPLAY, QUARANTINE, quoted_column
from pipelines.store import Delivery, Notice, Store, Subscription
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


def last_loads(read: Read) -> pl.DataFrame:
    """The newest good load of each source: `source, last_load, rows_clean, rows_quarantined`."""
    if not has_table(read, LOADS):
        schema = {"source": pl.String, "last_load": pl.Datetime, "rows_clean": pl.Int64}
        return pl.DataFrame(schema={**schema, "rows_quarantined": pl.Int64})
    sql = f"""
        SELECT
            source, max(finished_at) AS last_load,
            CAST(sum(rows_clean) AS BIGINT) AS rows_clean,
            CAST(sum(rows_quarantined) AS BIGINT) AS rows_quarantined
        FROM {quoted(LOADS)} WHERE mode <> 'derived' AND {NO_REPLAY}
        GROUP BY source, load_id  -- one load may fill several tables
        QUALIFY row_number() OVER (PARTITION BY source ORDER BY max(finished_at) DESC) = 1
        ORDER BY last_load, source
    """
    return read(sql, None)


def loads_between(read: Read, since: datetime, until: datetime) -> pl.DataFrame:
    """The loads finished after `since` and until `until` (naive UTC), as `loads` gives them, newest first."""
    sql = f"""
        SELECT
            source, "table", mode, rows_in, rows_clean, rows_quarantined, rows_changed, finished_at, load_id
        FROM {quoted(LOADS)} WHERE finished_at > $since AND finished_at <= $until
        ORDER BY finished_at DESC, load_id DESC, "table"
    """
    return read(sql, {"since": since, "until": until})


def rows_by_day(read: Read, since: datetime, until: datetime) -> pl.DataFrame:
    """`day, clean, quarantined`: what was read from sources on each day with loads."""
    sql = f"""
        SELECT
            CAST(finished_at AS DATE) AS day,
            CAST(sum(rows_clean) AS BIGINT) AS clean,
            CAST(sum(rows_quarantined) AS BIGINT) AS quarantined
        FROM {quoted(LOADS)}
        WHERE finished_at > $since AND finished_at <= $until AND mode <> 'derived' AND {NO_REPLAY}
        GROUP BY day ORDER BY day
    """
    return read(sql, {"since": since, "until": until})


def contract_changes(read: Read, since: datetime, until: datetime) -> pl.DataFrame:
    """Loads under another contract than those before: `table, before, after, finished_at`, newest first."""
    sql = f"""
        WITH loads AS (
            SELECT
                "table", contract_version AS after, finished_at,
                lag(contract_version) OVER (PARTITION BY "table" ORDER BY finished_at, load_id) AS before
            FROM {quoted(LOADS)} WHERE mode <> 'derived'
        )
        SELECT "table", before, after, finished_at FROM loads
        WHERE before <> after AND finished_at > $since AND finished_at <= $until
        ORDER BY finished_at DESC, "table"
    """
    return read(sql, {"since": since, "until": until})


def notices_between(store: Store, kinds: tuple[str, ...], since: datetime, until: datetime) -> list[Notice]:
    """What somebody was told of these kinds, newest first; moments in UTC with their zone."""
    query = select(Notice).where(Notice.kind.in_(kinds), Notice.at > since, Notice.at <= until)
    with store.session() as session:
        return list(session.scalars(query.order_by(Notice.at.desc(), Notice.id.desc())))


def not_delivered(store: Store, since: datetime, until: datetime) -> list[tuple[str, str, int]]:
    """Deliveries that failed, may or may not have arrived, or are held: `(report, state, number)`."""
    query = (
        select(Subscription.report, Delivery.state, func.count())
        .join(Subscription, Subscription.id == Delivery.subscription_id)
        .where(Delivery.state.in_(("failed", "unknown", "held")))
        .where(Delivery.period > since, Delivery.period <= until)
        .group_by(Subscription.report, Delivery.state)
        .order_by(Subscription.report, Delivery.state)
    )
    with store.session() as session:
        return [(report, state, number) for report, state, number in session.execute(query)]
