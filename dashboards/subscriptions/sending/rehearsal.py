"""What a run would send to whom, and what it would hold or skip and why; nothing is written or sent."""

from collections.abc import Iterator
from datetime import datetime

from dashboards.subscriptions.readers import book
from dashboards.subscriptions.sending.dues import dues
from dashboards.subscriptions.sending.issues import Issues
from dashboards.subscriptions.sending.journal import SUPERSEDED, Journal
from dashboards.subscriptions.sending.sender import DeliveryResult, result_of
from dashboards.subscriptions.sending.verdict import Judge, Verdict
from pipelines.settings import Settings
from pipelines.store import Subscription


def rehearse(settings: Settings, at: datetime, *, first_issue: bool = False) -> list[DeliveryResult]:
    """The deliveries that wait or are due at `at`: `due`, or `held`, `lapsed`, `suppressed`, `skipped`."""
    return list(_rehearsed(settings, at, first_issue))


def _rehearsed(settings: Settings, at: datetime, first_issue: bool) -> Iterator[DeliveryResult]:
    journal, judge = Journal(settings), Judge(settings, Issues(settings), at)
    newest, before = journal.periods(), journal.sent_last()
    entered, wished = book.listing(settings), book.wished_by_settings(settings)
    for subscription in wished:  # they would be entered now, so nothing earlier is due
        subscription.created_at = at
    everyone = [*entered, *wished]
    judge.look_up(subscription.email for subscription in everyone)
    known = dues(settings, entered, newest, at, first_issue=first_issue)
    overtaken = journal.overtaken(known.entries)
    for delivery, subscription in reversed(journal.listing(["queued"], limit=None)):
        verdict = (
            Verdict("skipped", SUPERSEDED)
            if delivery.id in overtaken
            else judge.of(
                subscription,
                delivery.kind,
                delivery.period,
                before.get(subscription.id),
                is_released=bool(delivery.released_by),
            )
        )
        _foresee(judge, subscription, delivery.kind, verdict)
        yield result_of(
            subscription,
            delivery.period,
            delivery.kind,
            verdict.state,
            verdict.why or delivery.answer,
            delivery=delivery.id,
            attempts=delivery.attempts,
            next_try=delivery.not_before,
            formats=_formats(subscription, verdict),
        )
    # Those that are not in the book have no numbers by which to tell them apart.
    found = [known, *(dues(settings, [each], newest, at, first_issue=first_issue) for each in wished)]
    by_number = {each.id: each for each in entered}
    for each, some in zip([None, *wished], found, strict=True):
        for subscription, why in some.troubles:
            yield result_of(subscription, at, "issue", "failed", why)
        for entry in some.entries:
            subscription = each or by_number[entry.subscription_id]
            if entry.state == "queued":
                verdict = judge.of(subscription, entry.kind, entry.period, before.get(subscription.id))
                _foresee(judge, subscription, entry.kind, verdict)
                formats = _formats(subscription, verdict)
                yield result_of(
                    subscription, entry.period, entry.kind, verdict.state, verdict.why, formats=formats
                )


def _foresee(judge: Judge, subscription: Subscription, kind: str, verdict: Verdict) -> None:
    if verdict.state == "due" and kind == "issue":
        judge.foresee(subscription)


def _formats(subscription: Subscription, verdict: Verdict) -> list[str]:
    """The files that would come with the mail."""
    return list(verdict.wanted.reader.formats if verdict.wanted else subscription.formats or ())
