"""What a house that mails reports has in its store: readers, mails of every fate, an account, an archive."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from dashboards.reports.build import build
from dashboards.reports.reader import Reader
from dashboards.reports.render import render
from dashboards.subscriptions.keeping import archive
from dashboards.subscriptions.returns import suppressions
from pipelines.settings import Settings
from pipelines.store import Delivery, Store, Subscription

DUE = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
MANY = 45  # mails to one reader: more than a page
ACCOUNTS = """
[plans.basic]
title = "Basic"
price = 120
reports = ["credit-portfolio"]
formats = ["pdf"]
recipients = 3
issues = 100

[accounts.acme]
title = "Acme Bank"
plan = "basic"
start = 2026-01-01
"""
FATES = {
    "failed": "550 5.7.1 Message refused",
    "unknown": "The connection was lost after DATA.",
    "held": "The data are older than 24 hours.",
    "queued": "421 try again later",
    "skipped": "A newer issue was due when it could be sent.",
}


def furnish_mails(settings: Settings) -> None:
    """Enters all of it."""
    with Store(settings).session() as session:
        ann = _subscription("ann@example.com", account="acme", formats=["pdf"])
        ben = _subscription("ben@example.com", report="fleet-daily", attributes={"depot": ["D1"]})
        nurse = _subscription("nurse@example.com", report="patient-risk", role="caseworker", status="paused")
        session.add_all((ann, ben, nurse))
        session.flush()
        for day in range(MANY):
            session.add(_sent(ann.id, day))
        for day, (state, answer) in enumerate(FATES.items()):
            session.add(_delivery(ben.id, day, state, answer))
        back = _sent(ben.id, 9)
        back.bounced_at, back.answer = DUE + timedelta(days=9, hours=1), "550 5.1.1 no such user"
        session.add(back)
    suppressions.suppress(settings, "gone@example.com", "bounce", "550 5.1.1 no such user")
    _archive(settings)


def _archive(settings: Settings) -> None:
    """One issue, kept once for analysts and once as if it had been made for case workers."""
    reader = Reader("en", "analyst", "UTC", formats=("csv",))
    issue = render(build(settings, "credit-portfolio", reader, period=DUE), reader.formats)
    archive.keep(settings, issue, reader, "shown")
    archive.keep(settings, issue, replace(reader, role="caseworker"), "hidden")


def _subscription(email: str, report: str = "credit-portfolio", **given: object) -> Subscription:
    when = {"schedule": "30 7 * * 1-5", "timezone": "Europe/Berlin"}
    return Subscription(email=email, report=report, **when, **given)


def _sent(subscription: int, day: int) -> Delivery:
    sent = _delivery(subscription, day, "sent", "250 taken")
    sent.sent_at, sent.size = sent.period + timedelta(seconds=9), 120_000
    return sent


def _delivery(subscription: int, day: int, state: str, answer: str) -> Delivery:
    return Delivery(
        subscription_id=subscription,
        period=DUE + timedelta(days=day),
        state=state,
        answer=answer,
        attempts=1,
        message_id=f"<{subscription}.{day}@lists.example.org>",
    )
