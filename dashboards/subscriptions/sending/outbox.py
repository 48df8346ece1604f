"""Sends what is due: each issue to each subscriber at most once, and nothing lost without a trace.

Safe to start twice, to kill at any line and to start again (`journal` says why). An issue is rendered once
for all subscribers who see the same.
"""

from datetime import datetime

from dashboards.subscriptions.accounts import plans
from dashboards.subscriptions.readers import book
from dashboards.subscriptions.returns import bounces
from dashboards.subscriptions.sending import holding, letters
from dashboards.subscriptions.sending.dues import dues
from dashboards.subscriptions.sending.issues import Issues
from dashboards.subscriptions.sending.journal import Journal, Told
from dashboards.subscriptions.sending.ledger import Ledger
from dashboards.subscriptions.sending.pace import Pacer
from dashboards.subscriptions.sending.rehearsal import rehearse
from dashboards.subscriptions.sending.sender import DeliveryResult, Sender, result_of
from dashboards.subscriptions.sending.transport import Transport, transport_of
from dashboards.subscriptions.sending.verdict import Judge
from pipelines.settings import Settings
from pipelines.store import now

__all__ = ["DeliveryResult", "deliver"]


def deliver(
    settings: Settings,
    at: datetime | None = None,
    *,
    dry_run: bool = False,
    first_issue: bool = False,
    transport: Transport | None = None,
) -> list[DeliveryResult]:
    """Enters what is due at `at` (default: now) and sends all that is queued.

    What is not to be trusted, or not in an account's plan, is held (`verdict`). After downtime the latest
    missed issue is sent, or all (`catch_up`). With `first_issue` whoever never got anything gets an issue for
    the moment of subscribing. Where no mail gets through at all, the rest waits for the next run. A dry run
    writes and sends nothing.
    """
    moment = at or now()
    if dry_run:
        return rehearse(settings, moment, first_issue=first_issue)
    bounces.catch_up(settings)
    book.subscribe_recipients(settings)
    journal = Journal(settings)
    lost = journal.recover()
    found = dues(settings, book.listing(settings), journal.periods(), moment, first_issue=first_issue)
    journal.enter(found.entries)
    journal.overtake()
    holding.let_go(settings, journal)
    journal.let_go(_allowed_again(settings, journal, moment))
    # A moment given that is ahead of the clock asks for what is due by then; retries keep to the clock.
    tried_at = max(moment, now())
    numbers = journal.queued(tried_at)
    sent = _sent(settings, journal, numbers, tried_at, transport) if numbers else []
    holding.tell(settings, journal)
    never_due = [
        result_of(subscription, moment, "issue", "failed", why) for subscription, why in found.troubles
    ]
    return [*never_due, *map(_lost, lost), *sent]


def _sent(
    settings: Settings, journal: Journal, numbers: list[int], at: datetime, transport: Transport | None
) -> list[DeliveryResult]:
    """What became of the queued deliveries `numbers`, and of the notices that came up with them."""
    issues, way = Issues(settings), transport or transport_of(settings)
    try:
        with Ledger(settings) as ledger:
            judge = Judge(settings, issues, at)
            sender = Sender(settings, journal, ledger, way, issues, judge, Pacer(settings), at)
            results = list(sender.sent(numbers))
            if any(result.state == "held" for result in results) and not sender.is_cut_off:
                ledger.write()
                letters.tell_readers(settings, journal)
                results += sender.sent(sorted(set(journal.queued(at)) - set(numbers)))
            return results
    finally:
        way.close()


def _allowed_again(settings: Settings, journal: Journal, at: datetime) -> list[Told]:
    """The issues held for their account's plan which it allows now."""
    standings = plans.Standings(settings)
    return [held for held in journal.held("plan") if standings.of(held[1], at).state in plans.SENT]


def _lost(told: Told) -> DeliveryResult:
    """What is told of a delivery that an earlier run left behind."""
    delivery, subscription = told
    return result_of(
        subscription,
        delivery.period,
        delivery.kind,
        delivery.state,
        delivery.answer,
        delivery=delivery.id,
        message_id=delivery.message_id,
        attempts=delivery.attempts,
    )
