"""How entries get into the book of subscriptions and change: the one way for people, settings and files."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import AssistantError, UsageError
from dashboards.subscriptions.accounts import limits
from dashboards.subscriptions.readers import opt_in
from dashboards.subscriptions.readers.wishes import CHANGEABLE, Wishes, checked, wishes_of
from pipelines.settings import Settings
from pipelines.store import Audit, Store, Subscription, now


class EnteredMeanwhileError(AssistantError):
    """Another process entered the same subscription at the same time; nothing was written."""


@contextmanager
def writing(settings: Settings) -> Iterator[Session]:
    """A transaction on the book; raises EnteredMeanwhileError where somebody else entered the same."""
    try:
        with Store(settings).session() as session:
            yield session
    except IntegrityError:
        raise EnteredMeanwhileError(
            "Somebody else entered the same subscription at this moment.",
            "`sda subscription list` shows it; try again where it is not the one you meant.",
        ) from None


def same(session: Session, entry: Subscription) -> Subscription | None:
    """The subscription in the book that `entry` would be a second one of."""
    query = select(Subscription).where(
        Subscription.account == entry.account,
        func.lower(Subscription.email) == entry.email.lower(),  # no mailbox is told from another by case
        Subscription.report == entry.report,
        Subscription.cut == entry.cut,
    )
    return session.scalars(query).first()


def enter(
    settings: Settings, session: Session, entry: Subscription, former: Subscription | None
) -> Subscription:
    """Puts `entry` into the book, in place of a `former` that was cancelled or is pending."""
    if former is None:
        enter_new(settings, session, [entry])
        return entry
    _free_reference(session, entry, former)
    for name in CHANGEABLE:
        setattr(former, name, getattr(entry, name))
    if former.status != "pending":
        former.created_at, former.confirmed_at = now(), None  # what passed meanwhile is not due
    former.status = opt_in.first_status(settings)
    if former.status == "pending":
        opt_in.ask(session, former, now())
    session.flush()
    return former


def enter_new(settings: Settings, session: Session, entries: Sequence[Subscription]) -> None:
    """Puts entries into the book that it does not have, and asks their readers where they have to confirm."""
    for entry in entries:
        _free_reference(session, entry, None)
    moment, status = now(), opt_in.first_status(settings)
    for entry in entries:
        entry.created_at, entry.status = moment, status
    session.add_all(entries)
    session.flush()
    if status == "pending":
        session.add_all(opt_in.confirmation(entry, moment) for entry in entries)


def alter(settings: Settings, session: Session, entry: Subscription, wishes: Wishes) -> list[str]:
    """Gives `entry` other wishes, checked together with what it is already; the names of those that changed.

    Moments before a change of the schedule are not due by the new one.
    """
    wished: Wishes = {**wishes_of(entry), **wishes}
    new = checked(settings, entry.email, entry.report, wished)
    names = differences(entry, new)
    if not names:
        return []
    limits.check_wish(settings, new)
    if "only_if" in names:
        limits.check_figures(settings, new)
    if "attributes" in names:
        limits.check_view(settings, new)
    if new.cut != entry.cut and (other := same(session, new)) is not None:
        raise UsageError(
            f"{entry.email} already has {what_of(new)} (subscription {other.id}).", "Cancel one of the two."
        )
    _free_reference(session, new, entry)
    for name in (*names, "cut"):
        setattr(entry, name, getattr(new, name))
    if {"schedule", "timezone", "calendar", "on_holiday"} & set(names):
        entry.created_at = now()
    session.flush()
    return names


def differences(entry: Subscription, new: Subscription) -> list[str]:
    """What `new` has otherwise, by name."""
    return [name for name in CHANGEABLE if getattr(new, name) != getattr(entry, name)]


def _free_reference(session: Session, entry: Subscription, former: Subscription | None) -> None:
    """Takes the account's number from a cancelled subscription; raises UsageError where another has it."""
    if not entry.reference:
        return
    query = select(Subscription).filter_by(account=entry.account, reference=entry.reference)
    holder = session.scalars(query).one_or_none()
    if holder is None or holder is former:
        return
    if holder.status != "cancelled":
        raise UsageError(
            f"The id «{entry.reference}» is that of subscription {holder.id} ({holder.email}).",
            "Take another id, or cancel that subscription first.",
        )
    holder.reference = ""
    session.flush()


def key(entry: Subscription) -> tuple[str, ...]:
    """What makes a subscription: account, mailbox (no two are told apart by case), report, cut."""
    return entry.account, entry.email.lower(), entry.report, entry.cut


def what_of(entry: Subscription) -> str:
    return f"the report {entry.report}" + (f" cut to {entry.cut}" if entry.cut else "")


def note(session: Session, who: str, action: str, entry: Subscription) -> None:
    """Writes into the audit that `who` did it; "" is nobody worth a note."""
    if who:
        session.flush()
        session.add(Audit(who=who, action=f"subscription.{action}", detail=str(entry.id)))
