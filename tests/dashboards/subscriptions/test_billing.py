"""What is owed, against sums day by day, and by hand."""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import UsageError
from dashboards.subscriptions.accounts.billing import Line, interval_of, lines_of
from dashboards.subscriptions.accounts.money import share
from pipelines.mailing import AccountSettings, PlanChange, PlanSettings
from tests.dashboards.subscriptions.accounts import accounts, plans

DAY = timedelta(days=1)
Plans = dict[str, PlanSettings]


def no_issues(_first: date, _last: date) -> int:
    return 0


def months(first: date, last: date) -> Iterator[date]:
    day = first.replace(day=1)
    while day <= last:
        yield day
        day = (day + timedelta(days=31)).replace(day=1)


def all_lines(account: AccountSettings, known: Plans, last: date) -> list[Line]:
    return [
        line for month in months(account.start, last) for line in lines_of(account, known, month, no_issues)
    ]


def begins(anchor: date, day: date, *, yearly: bool) -> bool:
    """Whether an interval begins on `day`, told from the calendar alone."""
    if yearly and day.month != anchor.month:
        return False
    last = calendar.monthrange(day.year, day.month)[1]
    return day.day == min(anchor.day, last)


def cost_by_day(account: AccountSettings, known: Plans, last: date) -> Fraction:
    """The exact cost of each day on which a paid plan held, summed up, by walking through all days.

    Each day costs its plan's price / the days of the interval it lies in.
    """
    total, name, anchor, after = Fraction(0), account.plan, account.start, account.start
    changes = {change.on: change.plan for change in account.changes}
    for day in days(account.start, last):
        if (new := changes.get(day)) is not None:
            if known[new].interval != known[name].interval:
                anchor = after = day
            name = new
        plan = known[name]
        if plan.interval == "trial":
            continue
        if day >= after:
            first, after = day, day + DAY
            while not begins(anchor, after, yearly=plan.interval == "year"):
                after += DAY
        total += Fraction(plan.price) / (after - first).days
    return total


def days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


@given(accounts(ends=True), plans)
@settings(max_examples=60)
def test_the_statements_of_an_account_that_ended_sum_up_to_what_its_days_cost(
    account: AccountSettings, known: Plans
) -> None:
    assert account.end is not None
    lines = all_lines(account, known, account.end)
    paid = sum((line.amount for line in lines), Decimal(0))
    drift = abs(Fraction(paid) - cost_by_day(account, known, account.end))
    assert drift <= Fraction(len(lines), 200)  # half a cent a line


@given(accounts(("small", "large"), ends=False), st.integers(0, 99_999))
@settings(max_examples=40)
def test_changes_between_plans_of_one_price_cost_nothing_to_the_cent(
    account: AccountSettings, price: int
) -> None:
    known = {name: PlanSettings(price=Decimal(price) / 100) for name in ("small", "large")}
    last = date(2027, 6, 30)
    intervals = sum(begins(account.start, day, yearly=False) for day in days(account.start, last))
    paid = sum((line.amount for line in all_lines(account, known, last)), Decimal(0))
    assert paid == intervals * known["small"].price


@given(accounts(), plans, st.integers(0, 40))
def test_a_statement_depends_on_nothing_that_comes_later(
    account: AccountSettings, known: Plans, later: int
) -> None:
    month = list(months(account.start, date(2030, 1, 1)))[later]
    ends = month.replace(day=calendar.monthrange(month.year, month.month)[1])
    lines = lines_of(account, known, month, no_issues)
    assert all(month <= line.day <= ends for line in lines)
    cut = account.model_copy(
        update={
            "changes": [change for change in account.changes if change.on <= ends],
            "end": account.end if account.end and account.end <= ends else None,
        }
    )
    assert lines_of(cut, known, month, no_issues) == lines


@given(accounts(), plans)
def test_every_line_is_its_share_of_the_price_rounded_half_up(account: AccountSettings, known: Plans) -> None:
    for line in all_lines(account, known, date(2026, 12, 31)):
        exact = line.price * line.part / line.whole
        rounded = exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert line.amount == (-rounded if line.kind == "credit" else rounded)
        assert line.kind != "plan" or line.part == line.whole
        assert line.part == (line.last - line.first).days + 1
        assert 28 <= line.whole <= 366


@given(st.dates(date(2023, 1, 1), date(2025, 12, 31)), st.sampled_from([1, 12]), st.integers(0, 2_000))
def test_intervals_follow_each_other_without_a_gap(anchor: date, length: int, later: int) -> None:
    day = anchor + timedelta(days=later)
    first, last = interval_of(anchor, length, day)
    assert first <= day <= last
    assert interval_of(anchor, length, last + DAY)[0] == last + DAY
    assert begins(anchor, first, yearly=length == 12)


def written(account: AccountSettings, known: Plans, month: str) -> list[str]:
    lines = lines_of(account, known, date.fromisoformat(f"{month}-01"), no_issues)
    return [
        f"{line.kind} {line.plan} {line.first} {line.last} {line.part}/{line.whole} {line.amount}"
        for line in lines
    ]


SILVER, GOLD = PlanSettings(price=Decimal(100)), PlanSettings(price=Decimal(250))
KNOWN = {
    "silver": SILVER,
    "gold": GOLD,
    "yearly": PlanSettings(interval="year", price=Decimal(1200)),
    "trial": PlanSettings(interval="trial", price=Decimal(9)),
}
LAST_OF_MONTH = {"plan": "silver", "start": "2024-01-31"}
LEAP_DAY = {"plan": "yearly", "start": "2024-02-29"}
SHORT = {"plan": "silver", "start": "2026-11-05", "end": "2026-11-14"}


@pytest.mark.parametrize(
    ("given_account", "month", "expected"),
    [
        # The day of renewal where a month has none such.
        (LAST_OF_MONTH, "2023-12", []),
        (LAST_OF_MONTH, "2024-01", ["plan silver 2024-01-31 2024-02-28 29/29 100.00"]),
        (LAST_OF_MONTH, "2026-02", ["plan silver 2026-02-28 2026-03-30 31/31 100.00"]),
        (LAST_OF_MONTH, "2024-02", ["plan silver 2024-02-29 2024-03-30 31/31 100.00"]),
        # A year is billed in the month of renewal, and one with a leap day has 366 days.
        (LEAP_DAY, "2024-02", ["plan yearly 2024-02-29 2025-02-27 365/365 1200.00"]),
        (LEAP_DAY, "2024-03", []),
        (LEAP_DAY, "2027-02", ["plan yearly 2027-02-28 2028-02-28 366/366 1200.00"]),
        # A change in mid-period: the days of the old one credited, those of the new one charged.
        (
            {"plan": "silver", "start": "2026-11-01", "changes": [("2026-11-16", "gold")]},
            "2026-11",
            [
                "plan silver 2026-11-01 2026-11-30 30/30 100.00",
                "credit silver 2026-11-16 2026-11-30 15/30 -50.00",
                "charge gold 2026-11-16 2026-11-30 15/30 125.00",
            ],
        ),
        # On the day of renewal there is nothing to make up for.
        (
            {"plan": "silver", "start": "2026-10-15", "changes": [("2026-11-15", "gold")]},
            "2026-11",
            ["plan gold 2026-11-15 2026-12-14 30/30 250.00"],
        ),
        # Another interval begins anew.
        (
            {"plan": "silver", "start": "2026-11-01", "changes": [("2026-11-21", "yearly")]},
            "2026-11",
            [
                "plan silver 2026-11-01 2026-11-30 30/30 100.00",
                "credit silver 2026-11-21 2026-11-30 10/30 -33.33",
                "plan yearly 2026-11-21 2027-11-20 365/365 1200.00",
            ],
        ),
        # A trial is free, and a plan that follows it begins on its own day.
        ({"plan": "trial", "start": "2026-11-01"}, "2026-11", []),
        (
            {"plan": "trial", "start": "2026-11-01", "changes": [("2026-11-20", "silver")]},
            "2026-11",
            ["plan silver 2026-11-20 2026-12-19 30/30 100.00"],
        ),
        # An account that ends gets back the days that are left.
        (
            SHORT,
            "2026-11",
            [
                "plan silver 2026-11-05 2026-12-04 30/30 100.00",
                "credit silver 2026-11-15 2026-12-04 20/30 -66.67",
            ],
        ),
        (SHORT, "2026-12", []),
        ({"plan": "silver", "start": "2026-11-05", "end": "2026-12-04"}, "2026-12", []),
        ({"plan": "silver", "start": "0001-01-01", "end": "9999-12-31"}, "2026-11",
         ["plan silver 2026-11-01 2026-11-30 30/30 100.00"]),
    ],
)  # fmt: skip
def test_statements_by_hand(given_account: dict[str, Any], month: str, expected: list[str]) -> None:
    changes = [{"on": on, "plan": plan} for on, plan in given_account.get("changes", [])]
    account = AccountSettings.model_validate({**given_account, "changes": changes})
    assert written(account, KNOWN, month) == expected


def test_issues_beyond_those_of_the_plan_are_priced_by_the_share_of_the_month() -> None:
    few = PlanSettings(price=Decimal(10), issues=10, price_per_issue=Decimal("0.125"))
    known = {"few": few, "more": few.model_copy(update={"issues": 20, "price_per_issue": None})}
    account = AccountSettings(
        plan="few", start=date(2026, 1, 1), changes=[PlanChange(on=date(2026, 11, 16), plan="more")]
    )
    sent = {(date(2026, 11, 1), date(2026, 11, 15)): 12, (date(2026, 11, 16), date(2026, 11, 30)): 99}
    *_, issues = lines_of(account, known, date(2026, 11, 3), lambda first, last: sent[first, last])
    # 15 of 30 days: 5 of 10 issues included, 7 x 0.125 = 0.875; the other plan has no price for more.
    assert (issues.kind, issues.plan, issues.part, issues.amount) == ("issues", "few", 7, Decimal("0.88"))


@pytest.mark.parametrize(
    ("currency", "expected"), [("EUR", "33.33"), ("JPY", "33"), ("KWD", "33.333"), ("USD", "33.33")]
)
def test_amounts_have_the_decimals_of_their_currency(currency: str, expected: str) -> None:
    assert str(share(Decimal(100), 10, 30, currency)) == expected


@pytest.mark.parametrize(
    ("price", "expected"), [("0.005", "0.01"), ("0.0049", "0.00"), ("1.005", "1.01"), ("0", "0.00")]
)
def test_half_a_cent_is_rounded_up(price: str, expected: str) -> None:
    assert str(share(Decimal(price), 1, 1, "EUR")) == expected


def test_a_currency_that_nobody_knows_is_told() -> None:
    with pytest.raises(UsageError, match="no currency «XQX»"):
        share(Decimal(1), 1, 1, "XQX")
