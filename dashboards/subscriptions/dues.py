"""Which issues are due and not in the journal yet."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.errors import AssistantError
from dashboards.subscriptions import clock
from dashboards.subscriptions.journal import Entry
from pipelines.settings import Settings
from pipelines.store import Subscription

_MISSED = "It could not be sent in time; only the latest such issue is."


@dataclass
class Dues:
    """What is due, and the subscriptions of which that cannot be told, with the reason."""

    entries: list[Entry] = field(default_factory=list)
    troubles: list[tuple[Subscription, str]] = field(default_factory=list)


def dues(
    settings: Settings,
    subscriptions: Collection[Subscription],
    newest: Mapping[int, datetime],
    at: datetime,
    *,
    first_issue: bool = False,
) -> Dues:
    """What of all subscriptions is due at `at`; one that settings made impossible keeps no other back."""
    found = Dues()
    for each in subscriptions:
        try:
            found.entries += due(settings, each, newest.get(each.id), at, first_issue=first_issue)
        except AssistantError as error:
            found.troubles.append((each, str(error)))
    return found


def due(
    settings: Settings,
    subscription: Subscription,
    newest: datetime | None,
    at: datetime,
    *,
    first_issue: bool = False,
) -> Iterator[Entry]:
    """What of a subscription whose newest period in the journal is `newest` is due at `at`, oldest first.

    Moments before the subscription was made are never due, but with `first_issue` one that never got anything
    is due for the moment of subscribing. What was missed and is not sent any more is entered as skipped.
    """
    if subscription.status != "active":
        return
    number, account = subscription.id, subscription.account
    if newest is None and first_issue:
        # Not for the present moment: two runs at once must mean the same issue.
        yield Entry(number, subscription.created_at, account=account)
        return
    after = max(subscription.created_at, newest) if newest else subscription.created_at
    missed = clock.due_after_downtime(settings, subscription, subscription.catch_up, after, at)
    for period in missed.skip:
        yield Entry(number, period, state="skipped", answer=_MISSED, account=account)
    for period in missed.send:
        yield Entry(number, period, account=account)
