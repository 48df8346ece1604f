"""What the home page says: what changed since a moment, and how data, models and deliveries stand."""

from datetime import UTC, datetime

import polars as pl
from sqlalchemy import func, select

from dashboards.queries.reading import Read, has_table
from pipelines.records import LOADS, QUARANTINE
from pipelines.store import Delivery, Notice, Run, Store, Subscription
from pipelines.warehouse import quoted


def last_load(read: Read, table: str = "") -> datetime | None:
    """When anything was last loaded well, or anything into one table."""
    if not has_table(read, LOADS):
        return None
    sql = f"SELECT max(finished_at) AS newest FROM {quoted(LOADS)} WHERE $table IN (\"table\", '')"
    newest: datetime | None = read(sql, {"table": table}).item()
    return newest.replace(tzinfo=UTC) if newest else None


def loaded_since(read: Read, since: datetime) -> pl.DataFrame:
    """New loads per table: `table, loads, rows_in, rows_changed, rows_quarantined, finished_at`."""
    if not has_table(read, LOADS):
        return pl.DataFrame()
    sql = f"""
        SELECT
            "table",
            count(*) AS loads,
            CAST(sum(rows_in) AS BIGINT) AS rows_in,
            CAST(sum(rows_changed) AS BIGINT) AS rows_changed,
            CAST(sum(rows_quarantined) AS BIGINT) AS rows_quarantined,
            max(finished_at) AS finished_at
        FROM {quoted(LOADS)} WHERE finished_at >= $since
        GROUP BY "table" ORDER BY rows_changed DESC, "table"
    """
    return read(sql, {"since": since.astimezone(UTC).replace(tzinfo=None)})


def waiting_in_quarantine(read: Read) -> int:
    """How many records wait in quarantine."""
    if not has_table(read, QUARANTINE):
        return 0
    sql = f"SELECT count(*) AS records FROM {quoted(QUARANTINE)} WHERE replayed_at IS NULL"
    return int(read(sql, None).item())


def sources_loaded(read: Read) -> set[str]:
    """The sources that were ever loaded well."""
    if not has_table(read, LOADS):
        return set()
    return set(read(f"SELECT DISTINCT source FROM {quoted(LOADS)}", None)["source"])


def moved_bands(read: Read, predictions: str, as_of: datetime, before: datetime) -> pl.DataFrame:
    """Who changed band between two moments: `before, band, cases`; `before` is null for new cases."""
    table = quoted(predictions)
    sql = f"""
        SELECT earlier.band AS before, today.band AS band, count(*) AS cases
        FROM (FROM {table} WHERE as_of = $as_of) AS today
        LEFT JOIN (FROM {table} WHERE as_of = $before) AS earlier ON earlier.entity_id = today.entity_id
        WHERE today.band IS DISTINCT FROM earlier.band
        GROUP BY ALL ORDER BY cases DESC, band, before
    """
    return read(sql, {"as_of": as_of, "before": before})


def open_notices(store: Store, kinds: tuple[str, ...] = ()) -> list[Notice]:
    """What somebody should know and nobody has settled, newest first; of these kinds only, if named."""
    query = select(Notice).where(Notice.resolved_at.is_(None)).order_by(Notice.at.desc()).limit(50)
    if kinds:
        query = query.where(Notice.kind.in_(kinds))
    with store.session() as session:
        return list(session.scalars(query))


def deliveries_since(store: Store, since: datetime) -> dict[str, int]:
    """How many deliveries changed since then, by state."""
    query = select(Delivery.state, func.count()).where(Delivery.updated_at >= since).group_by(Delivery.state)
    with store.session() as session:
        return dict(session.execute(query).tuples().all())


def deliveries_in_doubt(store: Store) -> int:
    """How many deliveries failed or may or may not have arrived: a person decides about them."""
    query = select(func.count()).select_from(Delivery).where(Delivery.state.in_(("failed", "unknown")))
    with store.session() as session:
        return session.scalar(query) or 0


def active_subscriptions(store: Store) -> int:
    """How many subscriptions are active."""
    query = select(func.count()).select_from(Subscription).where(Subscription.status == "active")
    with store.session() as session:
        return session.scalar(query) or 0


def failed_runs(store: Store) -> list[Run]:
    """The flows whose newest run failed."""
    newest = select(func.max(Run.id)).group_by(Run.flow)
    query = select(Run).where(Run.id.in_(newest), Run.state == "failed").order_by(Run.flow)
    with store.session() as session:
        return list(session.scalars(query))
