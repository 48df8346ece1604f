"""The short mails beside the issues: one is held, a plan does not allow it, whether it is wanted at all.

They are deliveries like the issues, so they leave at most once. Of issues that are held one after the other
only the first is told to its reader.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from dashboards.reports import notices
from dashboards.reports.declared import report_settings
from dashboards.reports.mail import Letter
from dashboards.reports.titled import title_for
from dashboards.subscriptions.accounts import plans
from dashboards.subscriptions.keeping.links import CONFIRM_DAYS, confirm_link
from dashboards.subscriptions.sending.journal import Entry, Journal
from pipelines.settings import Settings
from pipelines.store import Delivery, Store, Subscription


def letter(
    settings: Settings, subscription: Subscription, kind: str, period: datetime, at: datetime
) -> Letter:
    """What the mail of a notice or a confirmation says, in the reader's language."""
    title = title_for(settings, subscription)
    about = notices.About(subscription, title, settings.name)
    if kind == "confirmation":
        until = period + timedelta(days=CONFIRM_DAYS)
        return notices.confirmation(about, confirm_link(settings, subscription, period), until)
    held = held_issue(settings, subscription, period)
    if held is not None and held.held_for == "plan":
        account = settings.accounts.get(subscription.account)
        standing = plans.standing(settings, subscription, at, subscription.language)
        return notices.plan(about, standing.why, account.contact if account else "")
    return notices.held(about, period)


def held_issue(settings: Settings, subscription: Subscription, period: datetime) -> Delivery | None:
    """The issue of `period`, if it is held."""
    wanted = select(Delivery).filter_by(
        subscription_id=subscription.id, period=period, kind="issue", state="held"
    )
    with Store(settings).session() as session:
        return session.scalars(wanted).first()


def tell_readers(settings: Settings, journal: Journal) -> None:
    """Enters a notice for each reader whose issue is held and who was not told since the last issue."""
    waiting = [
        *journal.held("plan"),
        *(each for each in journal.held("data") if _tells(settings, each[1].report)),
    ]
    if not waiting:
        return
    sent = _newest(settings, kind="issue", state="sent")
    told = _newest(settings, kind="notice")
    first: dict[int, Entry] = {}
    for delivery, subscription in sorted(waiting, key=lambda each: each[0].period):
        number = subscription.id
        last_told = told.get(number)
        is_told = last_told is not None and (number not in sent or last_told > sent[number])
        if subscription.status == "active" and not is_told and number not in first:
            first[number] = Entry(number, delivery.period, kind="notice", account=subscription.account)
    journal.enter(first.values())


def _tells(settings: Settings, report: str) -> bool:
    return report_settings(settings, report).tell_subscribers


def _newest(settings: Settings, **which: str) -> dict[int, datetime]:
    """The newest period of such deliveries, of each subscription."""
    newest = select(Delivery.subscription_id, func.max(Delivery.period)).filter_by(**which)
    with Store(settings).session() as session:
        rows = session.execute(newest.group_by(Delivery.subscription_id))
        return {number: period for number, period in rows}  # noqa: C416 - rows, not pairs
