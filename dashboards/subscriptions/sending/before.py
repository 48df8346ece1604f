"""The issue that a subscriber got last: what a new one is compared with."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, select

from dashboards.reports.reader import attributes_of
from pipelines.store import ArchivedIssue, Delivery, Subscription


@dataclass(frozen=True)
class Before:
    """An issue sent earlier: the snapshot it was made from, the moment of its data, how many rows it had.

    `rows` is None where they are not to be compared: the subscriber's attributes were others then.
    """

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
            ArchivedIssue.attributes,
            Subscription.attributes.label("attributes_now"),
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
        .join(Subscription, Subscription.id == last.c.subscription_id)
    )
    return {
        row.subscription_id: Before(
            row.period,
            row.snapshot_id,
            row.as_of,
            row.values.get("rows") if _alike(row.attributes, row.attributes_now) else None,
        )
        for row in connection.execute(found)
    }


def _alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return attributes_of(one) == attributes_of(other)
