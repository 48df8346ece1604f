"""Takes in what came back on our mails: servers' reports, readers' complaints, refusals at the door.

Which mail a message is about is told by its Message-ID; one that we never sent changes nothing. A mailbox
that does not exist (5.1.1 and its like) is suppressed at once, any other hard bounce about the mailbox when a
second issue within `WITHIN` bounced hard too. What is said against our server, the size or the content of a
mail (5.3.x, 5.5.x to 5.7.x) is noted and suppresses nobody: it would take every reader off the list on the
day our server lands on somebody's black list. Soft bounces are noted. A complaint suppresses the address and
ends the subscription.
"""

import hashlib
import logging
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from connectors.errors import AssistantError
from dashboards.subscriptions.readers import book
from dashboards.subscriptions.returns import suppressions
from dashboards.subscriptions.returns.mailboxes import mailboxes
from dashboards.subscriptions.returns.returned import Fate, returned, status_in
from pipelines.notices import notify, resolve
from pipelines.settings import Settings
from pipelines.store import BounceNote, Delivery, Store, Subscription, now

logger = logging.getLogger(__name__)

NOTICE = "bounces_unread"
# Two hard bounces of issues so near each other suppress; longer than a month, for reports that come monthly.
WITHIN = timedelta(days=35)
_AT_ONCE = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10")
_ABOUT_THE_MAILBOX = ("0", "1", "2", "4")  # the second figure of a status (RFC 3463)
_NOT_ABOUT_IT = ("5.1.7", "5.1.8", "5.2.3")  # the sender's address, the size
_WORST_FIRST = ("complaint", "hard", "soft", "delayed", "delivered")


@dataclass(frozen=True)
class Bounce:
    """One message about a mail of ours, and whether the address was suppressed because of it."""

    kind: Literal["hard", "soft", "delayed", "complaint"]
    email: str
    report: str
    delivery: int
    status: str
    answer: str
    suppressed: bool

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def collect(settings: Settings) -> list[Bounce]:
    """Takes in every message that was not yet; returns those about mails of ours, oldest first.

    A message that cannot be understood stops none of the others. Raises AssistantError where a mailbox cannot
    be read, after the others were.
    """
    boxes = mailboxes(settings)
    if not boxes:
        return []
    with Store(settings).session() as session:
        known = set(session.scalars(select(BounceNote.digest)))
    found, trouble = [], None
    for messages in boxes:
        try:
            for content in messages:
                digest = hashlib.sha256(content).hexdigest()
                if digest not in known:
                    known.add(digest)
                    found += _taken_in(settings, digest, content)
        except AssistantError as error:
            trouble = error
    if trouble:
        raise trouble
    return found


def catch_up(settings: Settings) -> list[Bounce]:
    """`collect` before sending: a mailbox that cannot be read is told to the owner and stops nothing."""
    try:
        found = collect(settings)
    except AssistantError as error:
        notify(settings, NOTICE, "mailbox", "Bounces could not be read", str(error))
        return []
    resolve(settings, NOTICE, "mailbox")
    return found


def refused(settings: Settings, number: int, answer: str) -> bool:
    """Takes in that a server refused the delivery `number` for good (5xx); whether its reader is suppressed.

    The delivery itself is written by whoever sent it. An answer that does not say whether it is about the
    mailbox (`554 no`) counts for nothing here: it may be about the mail.
    """
    status = status_in(answer)
    if status.endswith(".0.0"):
        return False
    with Store(settings).session() as session:
        delivery = session.get_one(Delivery, number)
        subscription = session.get_one(Subscription, delivery.subscription_id)
    fate = Fate("hard", subscription.email, status, answer)
    return _enter(settings, f"refused:{number}:{delivery.fence}", delivery, subscription, fate)


def _taken_in(settings: Settings, digest: str, content: bytes) -> list[Bounce]:
    try:
        told = returned(content, settings.list_domain)
    except Exception as error:  # noqa: BLE001 - anybody can write to this mailbox, in any form
        logger.warning("A message in the bounce mailbox is not understood: %s.", type(error).__name__)
        told = None
    sent = _sent(settings, told.message_id) if told else None
    if told is None or sent is None:
        _note(settings, BounceNote(digest=digest, kind="none"))
        return []
    delivery, subscription = sent
    fate = _of_the_reader(told.fates, subscription.email)
    if fate.kind == "delivered":
        _note(settings, BounceNote(digest=digest, kind="none", delivery_id=delivery.id))
        return []
    _write_down(settings, delivery, fate)
    suppressed = _enter(settings, digest, delivery, subscription, fate)
    return [
        Bounce(
            fate.kind,
            subscription.email,
            subscription.report,
            delivery.id,
            fate.status,
            fate.answer,
            suppressed,
        )
    ]


def _sent(settings: Settings, message_id: str) -> tuple[Delivery, Subscription] | None:
    """The delivery whose mail has that id, if it left (or may have)."""
    query = (
        select(Delivery, Subscription)
        .join(Subscription, Delivery.subscription_id == Subscription.id)
        .where(Delivery.message_id == message_id, Delivery.state.in_(("sending", "sent", "unknown")))
    )
    with Store(settings).session() as session:
        found = session.execute(query).first()
    return (found[0], found[1]) if found else None


def _of_the_reader(fates: tuple[Fate, ...], email: str) -> Fate:
    """What came of the mail for its reader; where it was forwarded to several, the best of what came.

    Our mails have one recipient each: other addresses are those to which the reader has mails passed on.
    """
    own = [each for each in fates if suppressions.mailbox(each.recipient) == suppressions.mailbox(email)]
    by_weight = sorted(own or fates, key=lambda fate: _WORST_FIRST.index(fate.kind))
    return by_weight[0] if own else by_weight[-1]


def _enter(
    settings: Settings, digest: str, delivery: Delivery, subscription: Subscription, fate: Fate
) -> bool:
    """Writes what came back, the note last: cut off before it, all is done again to the same effect."""
    suppressed = False
    if fate.kind == "complaint" or (
        fate.kind == "hard" and _for_good(settings, delivery, subscription, fate)
    ):
        reason = "complaint" if fate.kind == "complaint" else "bounce"
        suppressed = suppressions.suppress(settings, subscription.email, reason, fate.answer, delivery.id)
    if fate.kind == "complaint" and subscription.status != "cancelled":
        book.cancel(settings, subscription.id, who="the reader's complaint")
    _note(
        settings,
        BounceNote(
            digest=digest,
            kind=fate.kind,
            email=suppressions.mailbox(subscription.email),
            delivery_id=delivery.id,
            status=fate.status,
            answer=fate.answer,
        ),
    )
    return suppressed


def _write_down(settings: Settings, delivery: Delivery, fate: Fate) -> None:
    """On the delivery itself; what came later of a mail that bounced already changes nothing there."""
    if fate.kind == "complaint":
        return
    values: dict[str, Any] = {"answer": fate.answer}
    if fate.kind in ("hard", "soft"):
        values["bounced_at"] = now()
    change = update(Delivery).where(Delivery.id == delivery.id, Delivery.bounced_at.is_(None))
    with Store(settings).session() as session:
        session.execute(change.values(**values))


def _for_good(settings: Settings, delivery: Delivery, subscription: Subscription, fate: Fate) -> bool:
    """Whether nothing is to be sent to the address any more, after this hard bounce."""
    if fate.status in _AT_ONCE:
        return True
    if not _counts(fate.status):
        return False
    with Store(settings).session() as session:
        lifted = suppressions.lifted_at(session, subscription.email)
        earlier = (
            select(BounceNote.status, Delivery.id)
            .join(Delivery, BounceNote.delivery_id == Delivery.id)
            .where(
                BounceNote.email == suppressions.mailbox(subscription.email),
                BounceNote.kind == "hard",
                Delivery.id != delivery.id,
                Delivery.period.between(delivery.period - WITHIN, delivery.period + WITHIN),
            )
        )
        if lifted:
            earlier = earlier.where(BounceNote.at > lifted)
        return any(_counts(status) for status, _number in session.execute(earlier))


def _counts(status: str) -> bool:
    """Whether a status is about the mailbox, not about our server or this mail."""
    return status.split(".")[1] in _ABOUT_THE_MAILBOX and status not in _NOT_ABOUT_IT


def _note(settings: Settings, note: BounceNote) -> None:
    try:
        with Store(settings).session() as session:
            session.add(note)
    except IntegrityError:  # another process took the same message in at the same moment
        logger.info("A message in the bounce mailbox was taken in by another process.")
