"""What stands on the outside of a subscriber's mail: derived, so that it is the same when it is looked up."""

from datetime import datetime
from urllib.parse import quote

from dashboards.reports.mail import Envelope
from dashboards.subscriptions.links import links_for
from pipelines.settings import Settings
from pipelines.store import Subscription


def envelope_for(
    settings: Settings, subscription: Subscription, period: datetime, message_id: str
) -> Envelope:
    """The envelope of the mail of `period` to one subscriber, with the links to leave and to choose."""
    links = links_for(settings, subscription, period)
    report = subscription.report
    return Envelope(
        sender=settings.smtp.sender,
        recipient=subscription.email,
        message_id=message_id,
        date=period,
        list_id=f"<{report}.{settings.list_domain}>",
        reply_to=settings.smtp.reply_to,
        unsubscribe=f"mailto:{settings.owner}?subject=unsubscribe%20{quote(report)}"
        if settings.owner
        else "",
        list_unsubscribe=links.unsubscribe,
        preferences=links.preferences,
        archive=links.archive,
    )
