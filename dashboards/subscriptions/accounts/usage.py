"""What an account used: the issues that left for its readers, counted from the journal of deliveries.

Metered is an issue that a server took (`sent_at`), on the day it did in the account's time zone, whatever
came of it later; notices and confirmations are not. So what was used in a month that is over never changes.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select

from dashboards.subscriptions.accounts.terms import days_after, midnight, month_of
from pipelines.settings import Settings
from pipelines.store import Delivery, Store, Subscription

_NEVER_SENT = ("skipped", "held", "failed")


@dataclass(frozen=True)
class SubscriptionUsage:
    """What went to one reader of one report."""

    subscription: int
    reference: str
    email: str
    report: str
    issues: int
    bytes: int


@dataclass(frozen=True)
class Usage:
    """What an account used from one day to another (both included); `recipients` are mailboxes served."""

    account: str
    first: date
    last: date
    subscriptions: tuple[SubscriptionUsage, ...]

    @property
    def issues(self) -> int:
        return sum(each.issues for each in self.subscriptions)

    @property
    def bytes(self) -> int:
        return sum(each.bytes for each in self.subscriptions)

    @property
    def recipients(self) -> int:
        return len({each.email.lower() for each in self.subscriptions})


def of(settings: Settings, account: str, month: date) -> Usage:
    """What the account used in the month of a day."""
    first, last = month_of(month)
    counted = func.count(Delivery.id), func.coalesce(func.sum(Delivery.size), 0)
    query = (
        select(Subscription, *counted)
        .join(Delivery, Delivery.subscription_id == Subscription.id)
        .where(*_left(settings, account, first, last))
        .group_by(Subscription.id)
        .order_by(Subscription.id)
    )
    with Store(settings).session() as session:
        rows = tuple(
            SubscriptionUsage(each.id, each.reference, each.email, each.report, int(issues), int(size))
            for each, issues, size in session.execute(query)
        )
    return Usage(account, first, last, rows)


def issues_sent(settings: Settings, account: str, first: date, last: date) -> int:
    """How many issues left for the account's readers from one day to another (both included)."""
    query = select(func.count(Delivery.id)).where(*_left(settings, account, first, last))
    with Store(settings).session() as session:
        return session.execute(query).scalar_one()


def had_its_issue(settings: Settings, subscription: Subscription, at_most: str, at: datetime) -> bool:
    """Whether an earlier issue of the same hour, day, week or month is sent or on its way.

    By the moments they were due, on the subscription's own clock: one that comes late takes no other's place,
    and what is due once a day there is due once a day.
    """
    zone = ZoneInfo(subscription.timezone)
    query = select(Delivery.id).where(
        Delivery.subscription_id == subscription.id,
        Delivery.kind == "issue",
        Delivery.state.not_in(_NEVER_SENT),
        Delivery.period >= beginning(at_most, at, zone),
        Delivery.period < at,
    )
    with Store(settings).session() as session:
        return session.scalars(query.limit(1)).first() is not None


def beginning(at_most: str, at: datetime, zone: ZoneInfo) -> datetime:
    """When the hour, the day, the week (on Monday) or the month of `at` began in `zone`."""
    local = at.astimezone(zone)
    if at_most == "hourly":
        return at - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    day = local.date()
    if at_most == "weekly":
        day -= timedelta(days=day.weekday())
    if at_most == "monthly":
        day = day.replace(day=1)
    return midnight(day, zone.key)


def _left(settings: Settings, account: str, first: date, last: date) -> list[ColumnElement[bool]]:
    zone = settings.accounts[account].timezone
    return [
        Delivery.account == account,
        Delivery.kind == "issue",
        Delivery.sent_at >= midnight(first, zone),
        Delivery.sent_at < midnight(days_after(last, 1), zone),
    ]
