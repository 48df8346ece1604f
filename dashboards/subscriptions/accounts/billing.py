"""What an account owes for a calendar month: the lines of its statement, out of terms and issues sent.

A plan is paid for in advance, for a month or a year from the day it begins; the next such interval begins on
the same day of a later month (its last day where the month is shorter: 31 January, 28 February, 31 March).

Where another plan with the same interval follows, the intervals go on as they are: on the day of the change
the old plan's days that are left are credited and the new plan's are charged, each as price x days / days of
the interval. Where the interval is another one, the days left are credited and a whole interval of the new
plan begins. On the last day of an account the days left are credited. A trial costs nothing, and neither do
days of grace. Each line is rounded by itself; a credit and a charge of the same days at the same price cancel
out.

A line belongs to the month of the day it is about, and depends on nothing later: so the statement of a month
that is over stays the same, whatever is used or agreed afterwards.
"""

import calendar
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from dashboards.subscriptions.accounts.money import share
from dashboards.subscriptions.accounts.terms import (
    Term,
    held_days,
    included,
    is_priced,
    last_day,
    month_of,
    terms_of,
)
from pipelines.mailing import AccountSettings, PlanSettings

Kind = Literal["plan", "credit", "charge", "issues"]
_MONTHS = {"month": 1, "year": 12}
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Line:
    """One line: `price` x `part` / `whole`, which are days, or issues beyond those in the plan and 1."""

    kind: Kind
    day: date  # that it is about
    plan: str
    title: str
    first: date
    last: date
    part: int
    whole: int
    price: Decimal
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Allotment:
    """The issues of one term in a month: `included` None is without limit."""

    plan: str
    title: str
    first: date
    last: date
    used: int
    included: int | None

    @property
    def beyond(self) -> int:
        return 0 if self.included is None else max(self.used - self.included, 0)


Counted = Callable[[date, date], int]  # issues sent from one day to another, both included


def lines_of(
    account: AccountSettings, plans: Mapping[str, PlanSettings], month: date, sent: Counted
) -> list[Line]:
    """The lines of the month of a day, in the order of their days."""
    terms = terms_of(account, plans)
    first, last = month_of(month)
    lines = sorted(_plan_lines(terms, first, last), key=lambda line: line.day)  # credits before charges
    return lines + [
        _issues(each, plans[each.plan])
        for each in allotments(account, plans, month, sent)
        if each.beyond and is_priced(plans[each.plan])
    ]


def allotments(
    account: AccountSettings, plans: Mapping[str, PlanSettings], month: date, sent: Counted
) -> list[Allotment]:
    """What each term that holds in the month of a day has in issues, and what went out."""
    terms = terms_of(account, plans)
    first, last = month_of(month)
    found = []
    for term in terms:
        held = held_days(terms, term, account.grace_days, first, last)
        if held:
            begin, until = (
                max(first, term.first),
                min(last, last_day(terms, term, account.grace_days) or last),
            )
            some = included(term.plan, held, last.day)
            found.append(Allotment(term.name, term.plan.title, begin, until, sent(begin, until), some))
    return found


def interval_of(anchor: date, months: int, day: date) -> tuple[date, date]:
    """The first and the last day of the interval of `months` in which `day` lies, counted from `anchor`."""
    passed = (day.year - anchor.year) * 12 + day.month - anchor.month
    number = passed // months
    if _later(anchor, number * months) > day:
        number -= 1
    return _later(anchor, number * months), _later(anchor, (number + 1) * months) - _DAY


def _plan_lines(terms: list[Term], first: date, last: date) -> Iterator[Line]:
    """Credits and charges about the days from `first` to `last`."""
    anchor = terms[0].first
    for before, term in zip([None, *terms], terms, strict=False):
        begins_here = first <= term.first <= last
        if before is not None and begins_here:
            yield from _credit(before, anchor, term.first)
        if before is None or before.plan.interval != term.plan.interval:
            anchor = term.first
        if begins_here:
            yield from _rest(term, anchor)
        yield from _renewal(term, anchor, first, last)
    end = terms[-1].last
    if end is not None and first <= end <= last:
        yield from _credit(terms[-1], anchor, end)


def _renewal(term: Term, anchor: date, first: date, last: date) -> Iterator[Line]:
    """The interval that begins from `first` to `last`, a month at most, in full."""
    months = _MONTHS.get(term.plan.interval)
    if months is not None:
        begun, ends = interval_of(anchor, months, last)
        if begun >= first and term.covers(begun):
            yield _line("plan", begun, term, (begun, ends), (begun, ends))


def _rest(term: Term, anchor: date) -> Iterator[Line]:
    """What is left of an interval within which the term begins."""
    months = _MONTHS.get(term.plan.interval)
    if months is not None:
        begun, ends = interval_of(anchor, months, term.first)
        if begun < term.first:
            yield _line("charge", term.first, term, (term.first, ends), (begun, ends))


def _credit(term: Term, anchor: date, day: date) -> Iterator[Line]:
    """What was paid for the days after the term's last one."""
    months = _MONTHS.get(term.plan.interval)
    if months is not None and term.last is not None:
        begun, ends = interval_of(anchor, months, term.last)
        if term.last < ends:
            yield _line("credit", day, term, (term.last + _DAY, ends), (begun, ends))


def _line(kind: Kind, day: date, term: Term, part: tuple[date, date], whole: tuple[date, date]) -> Line:
    days, of_days = ((until - begin).days + 1 for begin, until in (part, whole))
    plan = term.plan
    amount = share(plan.price, days, of_days, plan.currency)
    return Line(
        kind, day, term.name, plan.title, *part, days, of_days, plan.price,
        -amount if kind == "credit" else amount, plan.currency,
    )  # fmt: skip


def _issues(used: Allotment, plan: PlanSettings) -> Line:
    price = plan.price_per_issue or Decimal(0)
    amount = share(price, used.beyond, 1, plan.currency)
    return Line(
        "issues", used.last, used.plan, plan.title, used.first, used.last, used.beyond, 1,
        price, amount, plan.currency,
    )  # fmt: skip


def _later(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
