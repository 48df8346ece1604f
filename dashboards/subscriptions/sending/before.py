"""The issue that a subscriber got last: what a new one is compared with."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from pipelines.store import ArchivedIssue, Delivery


@dataclass(frozen=True)
class Before:
    """An issue sent earlier: the snapshot it was made from, the moment of its data, how many rows it had."""

    period: datetime
    snapshot: int
    as_of: datetime
    rows: float | None


def sent_last(connection: Connection, subscriptions: Collection[int] | None = None) -> dict[int, Before]:
    """The newest issue sent to each of the subscriptions (None: all), by the subscription's number."""
    newest = select(Delivery.subscription_id, func.max(Delivery.period).label("period")).where(
        Delivery.kind == "issue", Delivery.state == "sent", Delivery.issue_key != ""
    )
    if subscriptions is not None:
        newest = newest.where(Delivery.subscription_id.in_(subscriptions))
    last = newest.group_by(Delivery.subscription_id).subquery()
    found = (
        select(
            last.c.subscription_id,
            last.c.period,
            ArchivedIssue.snapshot_id,
            ArchivedIssue.as_of,
            ArchivedIssue.values,
        )
        .join(
            Delivery,
            and_(
                Delivery.subscription_id == last.c.subscription_id,
                Delivery.period == last.c.period,
                Delivery.kind == "issue",
            ),
        )
        .join(ArchivedIssue, ArchivedIssue.key == Delivery.issue_key)
    )
    return {
        row.subscription_id: Before(row.period, row.snapshot_id, row.as_of, row.values.get("rows"))
        for row in connection.execute(found)
    }
