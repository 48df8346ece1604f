"""What stands on the outside of a subscriber's mail: derived, so that it is the same when it is looked up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from urllib.parse import quote

from dashboards.reports.mail import Envelope
from dashboards.subscriptions.keeping.links import links_for, working_days
from pipelines.settings import Settings
from pipelines.store import Subscription


@dataclass(frozen=True)
class Imprint:
    """What the settings say of all mails alike. The archive keeps it with each issue: it may change."""

    sender: str
    reply_to: str
    list_domain: str
    owner: str
    service_url: str
    days: int  # the links at the end work

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As it is set today."""
        smtp = settings.smtp
        return cls(
            smtp.sender,
            smtp.reply_to,
            settings.list_domain,
            settings.owner,
            settings.service_url,
            working_days(settings),
        )


def envelope_for(
    settings: Settings,
    subscription: Subscription,
    period: datetime,
    message_id: str,
    imprint: Imprint | None = None,
) -> Envelope:
    """The envelope of the mail of `period` to one subscriber, with the links to leave and to choose."""
    known = imprint or Imprint.of(settings)
    links = links_for(settings, subscription, period, known.service_url, known.days)
    report = subscription.report
    mailto = f"mailto:{known.owner}?subject=unsubscribe%20{quote(report)}"
    return Envelope(
        sender=known.sender,
        recipient=subscription.email,
        message_id=message_id,
        date=period,
        list_id=f"<{report}.{known.list_domain}>",
        reply_to=known.reply_to,
        unsubscribe=mailto if known.owner else "",
        list_unsubscribe=links.unsubscribe,
        preferences=links.preferences,
        archive=links.archive,
    )
