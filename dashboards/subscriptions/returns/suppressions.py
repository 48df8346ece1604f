"""Addresses that nothing is sent to any more: they bounced for good, complained, or a person said so.

One entry is one mailbox, whatever its letters' case. An address leaves the list only by a person's word.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import AssistantError, UsageError, did_you_mean
from dashboards.subscriptions.readers.addresses import check_email
from pipelines.settings import Settings
from pipelines.store import Audit, Store, Suppression

# What is written as the answer of a delivery that is not sent (`explain` is for people at a screen).
REASONS = {
    "bounce": "The mailbox refused our mails for good.",
    "complaint": "The reader reported our mail as unwanted.",
    "person": "A person put the address on the list.",
}
_ADDED, _LIFTED = "suppression.add", "suppression.lift"


def mailbox(email: str) -> str:
    """What an address is looked up by: mail servers tell no mailboxes apart by case."""
    return email.strip().casefold()


def reason(settings: Settings, email: str) -> str:
    """Why nothing is sent to `email`, "" where mails may be sent."""
    with Store(settings).session() as session:
        found = session.get(Suppression, mailbox(email))
    if found is None:
        return ""
    return " ".join(filter(None, (REASONS[found.reason], found.detail)))


def suppress(
    settings: Settings, email: str, reason: str, detail: str = "", delivery_id: int | None = None
) -> bool:
    """Sends nothing to `email` any more (`reason`: bounce, complaint or person).

    False where it is on the list already; what stands there stays.
    """
    if reason not in REASONS:
        raise UsageError(f"There is no reason «{reason}».", did_you_mean(reason, REASONS))
    entry = Suppression(email=mailbox(email), reason=reason, detail=detail[:2000], delivery_id=delivery_id)
    try:
        with Store(settings).session() as session:
            session.add(entry)
    except IntegrityError:
        return False
    return True


def add(settings: Settings, email: str, who: str, note: str = "") -> bool:
    """Puts an address on the list on a person's word, which is noted; False where it is there already."""
    address = check_email(email)
    added = suppress(settings, address, "person", note or f"By {who}.")
    if added:
        _note(settings, who, _ADDED, address)
    return added


def lift(settings: Settings, email: str, who: str) -> None:
    """Sends to `email` again, on a person's word, which is noted; earlier bounces no longer count."""
    with Store(settings).session() as session:
        found = session.get(Suppression, mailbox(email))
        if found is None:
            raise AssistantError(
                f"«{email.strip()}» is not suppressed.",
                "`sda suppression list` shows the addresses that are.",
            )
        session.delete(found)
        session.add(Audit(who=who, action=_LIFTED, detail=found.email))


def listing(settings: Settings) -> list[Suppression]:
    """The suppressed addresses, the newest first."""
    with Store(settings).session() as session:
        return list(session.scalars(select(Suppression).order_by(Suppression.at.desc(), Suppression.email)))


def lifted_at(session: Session, email: str) -> datetime | None:
    """When a person last took the address off the list."""
    wanted = select(Audit.at).where(Audit.action == _LIFTED, Audit.detail == mailbox(email))
    return session.scalars(wanted.order_by(Audit.at.desc()).limit(1)).first()


def _note(settings: Settings, who: str, action: str, email: str) -> None:
    with Store(settings).session() as session:
        session.add(Audit(who=who, action=action, detail=mailbox(email)))
