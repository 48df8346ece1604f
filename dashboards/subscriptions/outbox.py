"""Sends what is due: each issue to each subscriber at most once, and nothing lost without a trace.

Safe to start twice, to kill at any line and to start again (`journal` says why). An issue is rendered once
for all subscribers who see the same.
"""

import hashlib
import logging
import traceback
from collections import OrderedDict
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from connectors.errors import AssistantError
from dashboards.reports.build import build
from dashboards.reports.mail import Envelope, compose
from dashboards.reports.reader import Reader
from dashboards.reports.render import Issue, render
from dashboards.subscriptions import book, calendar, holding
from dashboards.subscriptions.journal import Claim, Journal
from dashboards.subscriptions.transport import Outcome, Transport, transport_of
from pipelines.settings import Settings
from pipelines.store import Subscription, now
from pipelines.warehouse import Warehouse

logger = logging.getLogger(__name__)

_STATES = {
    "sent": "sent",
    "later": "queued",
    "unreachable": "queued",
    "refused": "failed",
    "unknown": "unknown",
}
_MOST_SKIPPED = 100  # periods missed in a long downtime that are noted one by one
_MOST_RENDERED = 64  # issues kept in memory, a few hundred kB each


@dataclass(frozen=True)
class DeliveryResult:
    """What became of one delivery (or, in a dry run, what would be sent: state `due`)."""

    subscription: int | None
    email: str
    report: str
    language: str
    period: datetime
    state: str
    message_id: str
    answer: str

    def as_json(self) -> dict[str, Any]:
        """The same as a document, moments in ISO 8601."""
        return {**asdict(self), "period": self.period.isoformat()}


def deliver(
    settings: Settings,
    at: datetime | None = None,
    *,
    dry_run: bool = False,
    first_issue: bool = False,
    transport: Transport | None = None,
) -> list[DeliveryResult]:
    """Enters what is due at `at` (default: now) and sends all that is queued.

    The report of a model that needs a look is held (`holding`). After downtime only the latest missed issue
    is sent; the earlier ones are noted as skipped. Moments before a subscription was made are never due, but
    with `first_issue` whoever never got anything gets an issue for the moment of subscribing. Where no mail
    gets through at all, the rest waits for the next run.
    A dry run writes and sends nothing.
    """
    moment = at or now()
    if dry_run:
        return _rehearse(settings, moment, first_issue=first_issue)
    book.subscribe_recipients(settings)
    journal = Journal(settings)
    journal.recover()
    newest = journal.periods()
    for subscription in book.listing(settings):
        periods = _due(subscription, newest.get(subscription.id), moment, first_issue)
        for missed in periods[:-1][-_MOST_SKIPPED:]:
            journal.enter(subscription, missed, "skipped")
        for latest in periods[-1:]:
            journal.enter(subscription, latest)
    holding.let_go(settings, journal)
    numbers = journal.queued()
    results = _sent(settings, journal, numbers, transport) if numbers else []
    holding.tell(settings, journal)
    return results


def _sent(
    settings: Settings, journal: Journal, numbers: list[int], transport: Transport | None
) -> list[DeliveryResult]:
    """What became of the queued deliveries `numbers`."""
    sender = _Sender(settings, journal, transport or transport_of(settings))
    results = []
    try:
        for number in numbers:
            if result := sender.send(number):
                results.append(result)
            if sender.is_cut_off:
                break
    finally:
        sender.close()
    return results


def _due(
    subscription: Subscription, newest: datetime | None, moment: datetime, first_issue: bool
) -> list[datetime]:
    """The periods of a subscription that are due and not in the journal, oldest first."""
    if subscription.status != "active":
        return []
    if newest is None and first_issue:
        return [subscription.created_at]  # not the present moment: two runs at once must mean the same issue
    after = max(subscription.created_at, newest) if newest else subscription.created_at
    return calendar.due(subscription.schedule, subscription.timezone, after, moment)


def _rehearse(settings: Settings, moment: datetime, *, first_issue: bool) -> list[DeliveryResult]:
    """What would go to whom."""
    journal = Journal(settings)
    newest = journal.periods()
    waiting = reversed(journal.listing(["queued"], limit=100_000))
    results = [
        _result(each, delivery.period, "due", "", delivery.answer)
        if delivery.released_by
        else _foreseen(settings, each, delivery.period, delivery.answer)
        for delivery, each in waiting
    ]
    entered = [each for each in book.listing(settings) if each.status == "active"]
    wished = book.wished_by_settings(settings)
    for subscription in wished:  # they would be entered now, so nothing earlier is due
        subscription.created_at = moment
    for subscription in [*entered, *wished]:
        periods = _due(subscription, newest.get(subscription.id), moment, first_issue)
        results += [_foreseen(settings, subscription, period) for period in periods[-1:]]
    return results


def _foreseen(
    settings: Settings, subscription: Subscription, period: datetime, answer: str = ""
) -> DeliveryResult:
    why = holding.reason(settings, subscription.report)
    return _result(subscription, period, "held" if why else "due", "", why or answer)


def _result(
    subscription: Subscription, period: datetime, state: str, message_id: str, answer: str
) -> DeliveryResult:
    return DeliveryResult(
        subscription.id,
        subscription.email,
        subscription.report,
        subscription.language,
        period,
        state,
        message_id,
        answer,
    )


class _Sender:
    """Sends claimed deliveries through one transport, all from one snapshot of the warehouse."""

    def __init__(self, settings: Settings, journal: Journal, transport: Transport) -> None:
        self._settings = settings
        self._journal = journal
        self._transport = transport
        self._snapshot = Warehouse(settings).snapshot()
        self.is_cut_off = False  # no mail gets through at the moment
        self._issues: OrderedDict[tuple[str, ...], Issue] = OrderedDict()
        self._reasons: dict[str, str] = {}

    def close(self) -> None:
        self._transport.close()

    def send(self, number: int) -> DeliveryResult | None:
        """Sends one queued delivery; None if another sender has it."""
        claim = self._journal.claim(number)
        if claim is None:
            return None
        subscription, period = claim.subscription, claim.delivery.period
        message_id = message_id_of(self._settings, subscription, period)
        state, answer = self._attempt(claim, message_id)
        if state == "dropped":
            return None
        self._journal.settle(claim, state, answer)
        return _result(subscription, period, state, message_id, answer)

    def _attempt(self, claim: Claim, message_id: str) -> tuple[str, str]:
        """The state that follows from trying, and why."""
        if claim.subscription.status != "active":
            return "skipped", f"The subscription is {claim.subscription.status}."
        if not claim.delivery.released_by and (why := self._held(claim.subscription.report)):
            return "held", why
        try:
            issue = self._issue(claim.subscription, claim.delivery.period)
        except AssistantError as error:  # stays in the queue until its cause is gone
            return "queued", str(error)
        except Exception as error:  # noqa: BLE001 - one broken report must not keep the others from leaving
            # The frames only: the message of the error could quote a record.
            frames = "".join(traceback.format_tb(error.__traceback__))
            logger.error("The report %s could not be made:\n%s", claim.subscription.report, frames)  # noqa: TRY400
            return "queued", f"The report could not be made: {type(error).__name__}."
        outcome = self._hand_over(claim, issue, message_id)
        self.is_cut_off = outcome.fate == "unreachable"
        return _STATES.get(outcome.fate, outcome.fate), outcome.answer

    def _held(self, report: str) -> str:
        """Why the report is held, "" where it is not; asked once a run, so that all readers fare alike."""
        if report not in self._reasons:
            self._reasons[report] = holding.reason(self._settings, report)
        return self._reasons[report]

    def _hand_over(self, claim: Claim, issue: Issue, message_id: str) -> Outcome:
        settings, subscription, report = self._settings, claim.subscription, issue.report
        unsubscribe = f"mailto:{settings.owner}?subject=unsubscribe%20{report.name}" if settings.owner else ""
        message = compose(
            issue,
            Envelope(
                sender=settings.smtp.sender,
                recipient=subscription.email,
                message_id=message_id,
                date=claim.delivery.period,
                list_id=f"<{report.name}.{settings.list_domain}>",
                reply_to=settings.smtp.reply_to,
                unsubscribe=unsubscribe,
            ),
        )
        return self._transport.send(
            message,
            subscription.email,
            lambda: self._journal.about_to_send(claim, message_id, report.snapshot, report.model_version),
        )

    def _issue(self, subscription: Subscription, period: datetime) -> Issue:
        """The rendered issue, made once for all who see the same."""
        key = (
            subscription.report,
            subscription.language,
            subscription.role,
            subscription.timezone,
            period.isoformat(),
        )
        if key not in self._issues:
            report = build(
                self._settings,
                subscription.report,
                Reader(subscription.language, subscription.role, subscription.timezone),
                snapshot=self._snapshot,
                period=period,
            )
            self._issues[key] = render(report)
            if len(self._issues) > _MOST_RENDERED:
                self._issues.popitem(last=False)
        return self._issues[key]


def message_id_of(settings: Settings, subscription: Subscription, period: datetime) -> str:
    """The id of a delivery's mail: the same however often it is sent, so that no mailbox shows it twice."""
    text = f"{subscription.id}\0{subscription.email}\0{subscription.report}\0{period.isoformat()}"
    digest = hashlib.sha256(text.encode()).hexdigest()[:24]
    return f"<{subscription.report}.{period:%Y%m%dT%H%M%SZ}.{digest}@{settings.list_domain}>"
