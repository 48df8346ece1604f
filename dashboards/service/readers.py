"""What a reader may do with a subscription by a link: leave, come back, and nothing the house took away."""

from sqlalchemy import func, select

from dashboards.reports.titled import title_for
from dashboards.subscriptions.readers import book
from dashboards.subscriptions.readers.wishes import wishes_of
from pipelines.settings import Settings
from pipelines.store import Audit, Store, Subscription

READER = "reader"  # who did it, for the audit
_LEFT = "subscription.cancelled"


def title(settings: Settings, subscription: Subscription) -> str:
    """What the reader knows the report by; its name where there is no such report any more."""
    try:
        return title_for(settings, subscription)
    except Exception:  # noqa: BLE001 - leaving must be possible whatever became of the report
        return subscription.report


def all_of(settings: Settings, subscription: Subscription) -> list[Subscription]:
    """The subscriptions of the same reader within the same account, oldest first."""
    query = (
        select(Subscription)
        .where(
            Subscription.account == subscription.account,
            func.lower(Subscription.email) == subscription.email.lower(),
        )
        .order_by(Subscription.id)
    )
    with Store(settings).session() as session:
        return list(session.scalars(query))


def leave(settings: Settings, subscription: Subscription) -> Subscription:
    """Ends a subscription; once more changes nothing, not even whose word ended it."""
    if subscription.status == "cancelled":
        return subscription
    return book.cancel(settings, subscription.id, who=READER)


def may_come_back(settings: Settings, subscription: Subscription) -> bool:
    """Whether it was the reader who left; what the house ended stays ended."""
    newest = (
        select(Audit)
        .where(Audit.action.startswith("subscription."), Audit.detail == str(subscription.id))
        .order_by(Audit.id.desc())
        .limit(1)
    )
    with Store(settings).session() as session:
        last = session.scalars(newest).one_or_none()
    return last is not None and (last.who, last.action) == (READER, _LEFT)


def come_back(settings: Settings, subscription: Subscription) -> Subscription:
    """The subscription as it was. The link came by mail, so nobody has to be asked whether it is wanted."""
    book.add(settings, subscription.email, subscription.report, who=READER, **wishes_of(subscription))
    return book.confirm(settings, subscription.id, who=READER)
