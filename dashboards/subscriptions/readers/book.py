"""The book of subscriptions: who gets which report, when, in which language. One entry is one recipient.

A subscription is `pending` (its reader was asked, `opt_in`), `active`, `paused` or `cancelled`. It keeps its
account, reader and report for good; a cancelled one stays in the book, so that neither the settings nor an
import bring it back.
"""

from typing import Unpack

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.errors import AssistantError, UsageError, did_you_mean
from dashboards.subscriptions.accounts import limits
from dashboards.subscriptions.readers.addresses import check_email
from dashboards.subscriptions.readers.entries import (
    EnteredMeanwhileError,
    alter,
    enter,
    enter_new,
    key,
    note,
    same,
    what_of,
    writing,
)
from dashboards.subscriptions.readers.wishes import CHANGEABLE, Wishes, checked
from pipelines import notices
from pipelines.settings import Settings
from pipelines.store import Store, Subscription, now

STATUSES = ("pending", "active", "paused", "cancelled")
NOTICE = "wrong_recipient"
_LARGEST = 2**31 - 1  # number that PostgreSQL keeps


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
                f"{entry.email} already has {what_of(entry)} (subscription {former.id}).",
                f"Change that one with `sda subscription change {former.id}`, or cancel it first.",
            )
        if former is None:  # who left may come back, whatever became of the data
            limits.check_view(settings, entry)
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
    """Ends a subscription; it stays in the book. Of one that has ended it is noted who says so too: whoever
    left by a link does not come back by it then."""
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
    held and told (`plans.standing`). A recipient that is wrong becomes a notice to the owner. Neither keeps
    the others waiting.
    """
    wanted, troubles = _wished(settings)
    for report in notices.standing(settings, NOTICE) - troubles.keys():
        notices.resolve(settings, NOTICE, report)
    for report, told in troubles.items():
        subject = f"The report {report} has wrong recipients in assistant.toml"
        notices.restate(settings, NOTICE, report, subject, "\n".join(told))
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
    return _wished(settings)[0]


def _wished(settings: Settings) -> tuple[list[Subscription], dict[str, list[str]]]:
    """The recipients of the settings that are to be entered, and what is wrong with others, by report."""
    known = {_reading(each) for each in listing(settings)}
    wanted: dict[tuple[str, ...], Subscription] = {}
    troubles: dict[str, list[str]] = {}
    for report, given in settings.reports.items():
        for recipient in given.recipients:
            try:
                entry = checked(settings, recipient, report, {"account": given.account})
            except UsageError as error:
                troubles.setdefault(report, []).append(str(error))
                continue
            if _reading(entry) not in known:
                wanted[_reading(entry)] = entry
    return list(wanted.values()), troubles


def _reading(entry: Subscription) -> tuple[str, ...]:
    """Who reads what."""
    return key(entry)[1:]


def _set_status(settings: Settings, number: int, status: str, who: str) -> Subscription:
    with writing(settings) as session:
        entry = _found(session, number)
        if entry.status == status:
            if status == "cancelled":
                note(session, who, status, entry)
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
