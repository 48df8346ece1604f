"""The personal links of a mail, and who is meant when one of them comes back."""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dashboards.subscriptions.keeping.tokens import ForgedTokenError, Purpose, opened, token
from pipelines.settings import Settings
from pipelines.signing import key_for
from pipelines.store import Store, Subscription

# Leaving must be possible long after a mail came (CAN-SPAM asks for 30 days), whatever the settings say.
_LEAST_DAYS = 60
CONFIRM_DAYS = 14


@dataclass(frozen=True)
class Links:
    """What the footer of a mail and its headers link to."""

    unsubscribe: str
    preferences: str
    archive: str


@dataclass(frozen=True)
class Visit:
    """Somebody who came by a personal link, and until when it works."""

    subscription: Subscription
    expires_at: datetime


def links_for(
    settings: Settings, subscription: Subscription, period: datetime, service_url: str = "", days: int = 0
) -> Links:
    """The links in the mail of `period`. They derive from it, so the same mail has the same ones again.

    `service_url` and for how many `days` they work are as set today, unless they are given as they once were.
    """
    ends = _after(period, days or working_days(settings))
    subject = subject_for(settings, subscription)
    return Links(
        *(
            _address(settings, purpose, subject, ends, service_url)
            for purpose in ("unsubscribe", "preferences", "archive")
        )
    )


def confirm_link(settings: Settings, subscription: Subscription, period: datetime) -> str:
    """Where a reader says that the subscription is wanted."""
    ends = _after(period, CONFIRM_DAYS)
    return _address(settings, "confirm", subject_for(settings, subscription), ends)


def file_link(settings: Settings, issue_key: str, name: str, period: datetime) -> str:
    """Where the file `name` of an issue lies: the same for all who get that issue, for `mail.link_days`."""
    ends = _after(period, settings.mail.link_days)
    return _address(settings, "file", f"{issue_key}/{name}", ends)


def visit(settings: Settings, purpose: Purpose, given: str, at: datetime | None = None) -> Visit:
    """Whose link it is; raises ForgedTokenError or ExpiredTokenError."""
    content = opened(settings, purpose, given, at)
    return Visit(meant(settings, content.subject), content.expires_at)


def meant(settings: Settings, subject: str) -> Subscription:
    """The subscription that `subject` names; ForgedTokenError where it is gone or another person's now."""
    number = subject.partition(".")[0]
    with Store(settings).session() as session:
        found = session.get(Subscription, int(number)) if number.isdecimal() else None
    if found is None or not hmac.compare_digest(subject_for(settings, found), subject):
        raise ForgedTokenError("This link is not valid.", "Take it from the mail again, whole.")
    return found


def subject_for(settings: Settings, subscription: Subscription) -> str:
    """A subscription as tokens name it: its number and a keyed digest of whose it is.

    The number alone would not do: in a store brought back from an older backup it may be given out again, to
    somebody else.
    """
    whose = f"{subscription.account}\0{subscription.email}\0{subscription.report}"
    digest = hmac.digest(key_for(settings, "whose"), whose.encode(), "sha256")[:9]
    return f"{subscription.id}.{urlsafe_b64encode(digest).decode()}"


def _after(period: datetime, days: int) -> datetime:
    """So many days later, or the last moment there is."""
    return period + min(timedelta(days=days), datetime.max.replace(tzinfo=UTC, microsecond=0) - period)


def working_days(settings: Settings) -> int:
    """How long the links at the end of a mail work."""
    return max(settings.mail.archive_days, _LEAST_DAYS)


def _address(
    settings: Settings, purpose: Purpose, subject: str, expires_at: datetime, service_url: str = ""
) -> str:
    """Tokens are made of characters that need no quoting."""
    base = (service_url or settings.service_url).rstrip("/")
    return f"{base}/{purpose}/{token(settings, purpose, subject, expires_at)}"
