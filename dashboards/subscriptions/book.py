"""The book of subscriptions: who gets which report, when, in which language. One entry is one recipient.

A subscription is `pending` (its reader was asked, `opt_in`), `active`, `paused` or `cancelled`. It keeps its
account, reader and report for good; a cancelled one stays in the book, so that neither the settings nor an
import bring it back.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Unpack

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import AssistantError, UsageError, did_you_mean
from dashboards.subscriptions import limits, opt_in
from dashboards.subscriptions.addresses import check_email
from dashboards.subscriptions.wishes import CHANGEABLE, Wishes, checked, wishes_of
from pipelines.settings import Settings
from pipelines.store import Audit, Store, Subscription, now

STATUSES = ("pending", "active", "paused", "cancelled")
_LARGEST = 2**31 - 1  # number that PostgreSQL keeps


class EnteredMeanwhileError(AssistantError):
    """Another process entered the same subscription at the same time; nothing was written."""


def add(
    settings: Settings, email: str, report: str, *, who: str = "", **wishes: Unpack[Wishes]
) -> Subscription:
    """Enters a subscription; `who` did it, for the audit.

    Raises UsageError where a wish is wrong, beyond the account's plan, or the same reader has that report
    already. A cancelled subscription starts again with the new wishes; a pending one takes them on, and its
    reader is asked again, once a day at most.
    """
    entry = checked(settings, email, report, wishes)
    limits.check_wish(settings, entry)
    limits.check_figures(settings, entry)
    with writing(settings) as session:
        former = same(session, entry)
        if former is not None and former.status not in ("cancelled", "pending"):
            raise UsageError(
                f"{entry.email} already has {_what(entry)} (subscription {former.id}).",
                f"Change that one with `sda subscription change {former.id}`, or cancel it first.",
            )
        entered = enter(settings, session, entry, former)
        limits.check_recipients(settings, session, [entered.account])
        note(session, who, "add", entered)
    return entered


def show(settings: Settings, number: int) -> Subscription:
    """The subscription `number`; raises AssistantError if there is none."""
    with Store(settings).session() as session:
        return _found(session, number)


def listing(
    settings: Settings, report: str = "", email: str = "", account: str | None = None, status: str = ""
) -> list[Subscription]:
    """The subscriptions, oldest first: all, or those of a report, an address, an account ("": the house)."""
    query = select(Subscription).order_by(Subscription.id)
    if report:
        query = query.where(Subscription.report == report)
    if email:
        query = query.where(func.lower(Subscription.email) == check_email(email).lower())
    if account is not None:
        query = query.where(Subscription.account == account)
    if status:
        if status not in STATUSES:
            raise UsageError(f"There is no status «{status}».", did_you_mean(status, STATUSES))
        query = query.where(Subscription.status == status)
    with Store(settings).session() as session:
        return list(session.scalars(query))


def change(settings: Settings, number: int, *, who: str = "", **wishes: Unpack[Wishes]) -> Subscription:
    """The subscription with other wishes; what is not wished for stays. Raises as `add`."""
    for name in set(wishes) - set(CHANGEABLE):
        raise UsageError(f"The {name} of a subscription cannot be changed.", "Cancel it and add another.")
    with writing(settings) as session:
        entry = _found(session, number)
        if entry.status == "cancelled":
            raise _ended(entry)
        alter(settings, session, entry, wishes)
        note(session, who, "change", entry)
    return entry


def pause(settings: Settings, number: int, *, who: str = "") -> Subscription:
    """Nothing is due until it is resumed."""
    return _set_status(settings, number, "paused", who)


def resume(settings: Settings, number: int, *, who: str = "") -> Subscription:
    """Due again, from now on: what passed while it was paused is not sent."""
    return _set_status(settings, number, "active", who)


def cancel(settings: Settings, number: int, *, who: str = "") -> Subscription:
    """Ends a subscription; it stays in the book."""
    return _set_status(settings, number, "cancelled", who)


def confirm(settings: Settings, number: int, *, who: str = "") -> Subscription:
    """The reader wants it: a pending subscription is active from now on; any other stays as it is.

    Raises AssistantError for a cancelled one.
    """
    with writing(settings) as session:
        entry = _found(session, number)
        if entry.status == "cancelled":
            raise _ended(entry)
        if entry.status == "pending":
            entry.status = "active"
            entry.confirmed_at = entry.created_at = now()
            note(session, who, "confirm", entry)
    return entry


def subscribe_recipients(settings: Settings) -> list[Subscription]:
    """Enters the recipients that `assistant.toml` names and the book does not have; returns those entered.

    Whoever cancelled stays out. Those beyond the plan of their account are entered too: their issues are
    held and told (`plans.standing`), which must not keep the others waiting.
    """
    wanted = wished_by_settings(settings)
    if not wanted:
        return []
    try:
        with writing(settings) as session:
            enter_new(settings, session, wanted)
            return wanted
    except EnteredMeanwhileError:  # by another run
        return subscribe_recipients(settings)


def wished_by_settings(settings: Settings) -> list[Subscription]:
    """The recipients of `assistant.toml` that are not in the book yet, as subscriptions not yet entered.

    A reader who has the report already, for whatever account, does not get it a second time.
    """
    known = {_reading(each) for each in listing(settings)}
    wanted: dict[tuple[str, ...], Subscription] = {}
    for report, given in settings.reports.items():
        for recipient in given.recipients:
            entry = _of_settings(settings, recipient, report)
            if _reading(entry) not in known:
                wanted[_reading(entry)] = entry
    return list(wanted.values())


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
    if new.cut != entry.cut and (other := same(session, new)) is not None:
        raise UsageError(
            f"{entry.email} already has {_what(new)} (subscription {other.id}).", "Cancel one of the two."
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


def _of_settings(settings: Settings, recipient: str, report: str) -> Subscription:
    try:
        return checked(settings, recipient, report, {"account": settings.reports[report].account})
    except UsageError as error:
        raise UsageError(f"assistant.toml: entry «reports.{report}»: {error.problem}", error.remedy) from None


def key(entry: Subscription) -> tuple[str, ...]:
    """What makes a subscription: account, mailbox (no two are told apart by case), report, cut."""
    return entry.account, entry.email.lower(), entry.report, entry.cut


def _reading(entry: Subscription) -> tuple[str, ...]:
    """Who reads what."""
    return key(entry)[1:]


def _what(entry: Subscription) -> str:
    return f"the report {entry.report}" + (f" cut to {entry.cut}" if entry.cut else "")


def _set_status(settings: Settings, number: int, status: str, who: str) -> Subscription:
    with writing(settings) as session:
        entry = _found(session, number)
        if entry.status == status:
            return entry
        if status != "cancelled" and entry.status == "cancelled":
            raise _ended(entry)
        if status != "cancelled" and entry.status == "pending":
            raise AssistantError(
                f"Subscription {number} waits for its reader to confirm it.",
                f"`sda subscription add {entry.email} {entry.report}` asks again, `cancel` ends it.",
            )
        if status == "active":
            entry.created_at = now()  # what passed meanwhile is not due
        entry.status = status
        note(session, who, status, entry)
        return entry


def _found(session: Session, number: int) -> Subscription:
    entry = session.get(Subscription, number) if 0 < number <= _LARGEST else None
    if entry is None:
        raise AssistantError(
            f"There is no subscription {number}.", "`sda subscription list` shows them with their numbers."
        )
    return entry


def _ended(entry: Subscription) -> AssistantError:
    return AssistantError(
        f"Subscription {entry.id} was cancelled.",
        f"`sda subscription add {entry.email} {entry.report}` starts it again.",
    )


def note(session: Session, who: str, action: str, entry: Subscription) -> None:
    """Writes into the audit that `who` did it; "" is nobody worth a note."""
    if who:
        session.flush()
        session.add(Audit(who=who, action=f"subscription.{action}", detail=str(entry.id)))
