"""What the home page says: what changed since a moment, and how data, models and deliveries stand."""

from datetime import UTC, datetime

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


def loaded_since(read: Read, since: datetime) -> tuple[int, int, int]:
    """Since a moment: loads, rows that were new or changed, records that were refused."""
    if not has_table(read, LOADS):
        return 0, 0, 0
    sql = f"""
        SELECT
            count(*) AS loads,
            CAST(coalesce(sum(rows_changed), 0) AS BIGINT) AS changed,
            CAST(coalesce(sum(rows_quarantined), 0) AS BIGINT) AS refused
        FROM {quoted(LOADS)} WHERE finished_at >= $since
    """
    loads, changed, refused = read(sql, {"since": since.astimezone(UTC).replace(tzinfo=None)}).row(0)
    return loads, changed, refused


def waiting_in_quarantine(read: Read) -> int:
    """How many records wait in quarantine."""
    if not has_table(read, QUARANTINE):
        return 0
    sql = f"SELECT count(*) AS records FROM {quoted(QUARANTINE)} WHERE replayed_at IS NULL"
    return int(read(sql, None).item())


def sources_loaded(read: Read) -> dict[str, datetime]:
    """The sources that were ever loaded well, and when last."""
    if not has_table(read, LOADS):
        return {}
    found = read(f"SELECT source, max(finished_at) AS newest FROM {quoted(LOADS)} GROUP BY source", None)
    return {source: newest.replace(tzinfo=UTC) for source, newest in found.rows()}


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
