"""Which issues are due and not in the journal yet.

Subscriptions with the same timing are looked at together: what is due since the earliest of them is worked
out once, and each takes what came after its own last issue.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.errors import AssistantError
from dashboards.subscriptions.sending.journal import Entry
from dashboards.subscriptions.timing import clock
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
    """What of the subscriptions is due at `at`; `newest` are their newest periods in the journal.

    Moments before a subscription was made are never due, but with `first_issue` one that never got anything
    is due for the moment of subscribing. What was missed and is not sent any more is entered as skipped.
    A subscription that settings made impossible keeps no other back.
    """
    found = Dues()
    timings: dict[tuple[str, ...], list[Subscription]] = {}
    for each in subscriptions:
        if each.status != "active":
            continue
        if first_issue and each.id not in newest:
            # Not for the present moment: two runs at once must mean the same issue.
            found.entries.append(Entry(each.id, each.created_at, account=each.account))
        else:
            timing = (each.report, each.schedule, each.timezone, each.calendar, each.on_holiday)
            timings.setdefault(timing, []).append(each)
    for together in timings.values():
        after = {each: _after(each, newest) for each in together}
        try:
            moments = clock.due_after_downtime(settings, together[0], min(after.values()), at)
        except AssistantError as error:
            found.troubles += [(each, str(error)) for each in together]
            continue
        for each in together:
            found.entries += _entries(each, [moment for moment in moments if moment > after[each]])
    return found


def _after(subscription: Subscription, newest: Mapping[int, datetime]) -> datetime:
    """Only what came after it is due."""
    return max(subscription.created_at, newest.get(subscription.id, subscription.created_at))


def _entries(subscription: Subscription, periods: list[datetime]) -> Iterator[Entry]:
    number, account = subscription.id, subscription.account
    first = 0 if subscription.catch_up == "all" else len(periods) - 1
    for place, period in enumerate(periods):
        if place < first:
            yield Entry(number, period, state="skipped", answer=_MISSED, account=account)
        else:
            yield Entry(number, period, account=account)
