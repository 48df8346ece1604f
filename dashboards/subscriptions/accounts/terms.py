"""Which plan an account has on a day: its terms, one after the other, and the days of grace after the last.

Days are calendar days in the account's time zone; a term's `last` day belongs to it. Nothing here reads
anything: accounts and plans as the settings give them.
"""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from pipelines.mailing import AccountSettings, PlanSettings

Phase = Literal["before", "within", "grace", "after"]


@dataclass(frozen=True)
class Term:
    """A plan that holds from `first` to `last`; None: until further notice."""

    name: str
    plan: PlanSettings
    first: date
    last: date | None

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


def terms_of(account: AccountSettings, plans: Mapping[str, PlanSettings]) -> list[Term]:
    """The account's terms in order: from its start and each change on; a trial ends by itself."""
    begins = [(account.start, account.plan), *((change.on, change.plan) for change in account.changes)]
    ends = [after - timedelta(days=1) for (_, _), (after, _) in pairwise(begins)]
    terms = []
    for (first, name), until in zip(begins, [*ends, account.end], strict=True):
        plan = plans[name]
        trial_ends = days_after(first, plan.trial_days - 1) if plan.interval == "trial" else None
        terms.append(Term(name, plan, first, min(filter(None, (until, trial_ends)), default=None)))
    return terms


def term_on(terms: list[Term], day: date, grace_days: int) -> tuple[Phase, Term]:
    """The term that holds on `day`, or whose days of grace do; else the first one or the last one over."""
    begun = [term for term in terms if term.first <= day]
    if not begun:
        return "before", terms[0]
    term = begun[-1]
    if term.last is None or day <= term.last:
        return "within", term
    return ("grace" if day <= days_after(term.last, grace_days) else "after"), term


def held_days(terms: list[Term], term: Term, grace_days: int, first: date, last: date) -> int:
    """On how many days from `first` to `last` a term holds, its days of grace among them."""
    until = last_day(terms, term, grace_days)
    begin, end = max(term.first, first), last if until is None else min(until, last)
    return max((end - begin).days + 1, 0)


def last_day(terms: list[Term], term: Term, grace_days: int) -> date | None:
    """The last day of a term with its grace, which ends where the next term begins."""
    if term.last is None:
        return None
    later = [other.first for other in terms if other.first > term.first]
    until = days_after(term.last, grace_days)
    return min([until, *(first - timedelta(days=1) for first in later)])


def included(plan: PlanSettings, held: int, days: int) -> int | None:
    """The issues in the price for `held` of the `days` of a month, rounded up; None: without limit."""
    return None if plan.issues is None else -(-plan.issues * held // days)


def is_priced(plan: PlanSettings) -> bool:
    """Whether issues beyond those included are sent, and charged."""
    return plan.price_per_issue is not None and plan.interval != "trial"


def month_of(day: date) -> tuple[date, date]:
    """The first and the last day of the month."""
    return day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])


def days_after(day: date, days: int) -> date:
    """`day` + `days`; the end of time where there is no later day (an `end` of 9999-12-31)."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max


def midnight(day: date, zone: str) -> datetime:
    """The moment a day begins in a zone, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
