"""Double opt-in: a new subscription waits until its reader says, by a link in a mail, that it is wanted.

The mail is a delivery of the kind `confirmation` in the same journal as the issues, so it is sent as they
are, at most once. `links.confirm_link(settings, subscription, delivery.period)` is the link in it.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pipelines.settings import Settings
from pipelines.store import Delivery, Subscription

CONFIRMATION = "confirmation"
_AGAIN_AFTER = timedelta(days=1)


def first_status(settings: Settings) -> str:
    """What a subscription is when it is made."""
    return "pending" if settings.mail.double_opt_in else "active"


def ask(session: Session, entry: Subscription, at: datetime) -> bool:
    """Enters a confirmation mail for a pending subscription; False if one was entered within a day.

    Within the transaction of `session`: there is no pending subscription that nobody was asked about.
    """
    newest = select(func.max(Delivery.period)).filter_by(subscription_id=entry.id, kind=CONFIRMATION)
    asked = session.scalar(newest)
    if asked is not None and at - asked < _AGAIN_AFTER:
        return False
    session.add(confirmation(entry, at))
    return True


def confirmation(entry: Subscription, at: datetime) -> Delivery:
    """The mail that asks the reader of a subscription that is in the book."""
    return Delivery(subscription_id=entry.id, period=at, kind=CONFIRMATION, account=entry.account)
