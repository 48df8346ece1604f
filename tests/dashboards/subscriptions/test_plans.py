"""Which plan holds on a day, and what it lets through, told apart from one another."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import UsageError
from dashboards.subscriptions.accounts import plans, usage
from dashboards.subscriptions.accounts.limits import check_plans
from dashboards.subscriptions.accounts.terms import held_days, included, midnight, month_of, term_on, terms_of
from pipelines.mailing import AccountSettings, PlanChange, PlanSettings
from pipelines.settings import Settings
from tests.dashboards.subscriptions import accounts as made
from tests.dashboards.subscriptions.accounts import deliver, subscribed

DAY = timedelta(days=1)


Phases = dict[date, tuple[str, str]]


def lived(account: AccountSettings, known: dict[str, PlanSettings]) -> Phases:
    """The phase and the plan of each day, from before the start to long after the end, lived through."""
    changes = {account.start: account.plan, **{change.on: change.plan for change in account.changes}}
    last = max([*changes, account.end or account.start]) + 130 * DAY
    found: Phases = {account.start - n * DAY: ("before", account.plan) for n in (1, 2, 40)}
    name, left, over, day = "", None, 0, account.start
    while day <= last:
        if day in changes:
            name, over = changes[day], 0
            left = known[name].trial_days if known[name].interval == "trial" else None
        is_out = left == 0 or (account.end is not None and day > account.end)
        over += is_out
        found[day] = ("within" if not is_out else "grace" if over <= account.grace_days else "after"), name
        if left:
            left -= 1
        day += DAY
    return found


@given(made.accounts(), made.plans)
@settings(max_examples=50)
def test_the_plan_of_every_day_is_that_of_living_through_all_days(
    account: AccountSettings, known: dict[str, PlanSettings]
) -> None:
    terms = terms_of(account, known)
    for day, expected in lived(account, known).items():
        phase, term = term_on(terms, day, account.grace_days)
        assert (phase, term.name) == expected


@given(made.accounts(), made.plans)
@settings(max_examples=50)
def test_the_days_that_terms_hold_in_a_month_are_those_lived_through(
    account: AccountSettings, known: dict[str, PlanSettings]
) -> None:
    terms, days = terms_of(account, known), lived(account, known)
    held = Counter(
        (day.replace(day=1), term_on(terms, day, 0)[1].first)
        for day, (phase, _) in days.items()
        if phase in ("within", "grace")
    )
    months = {day.replace(day=1) for day in days if day.replace(day=1) in days}
    for first in months - {max(days).replace(day=1)}:
        for term in terms:
            counted = held_days(terms, term, account.grace_days, *month_of(first))
            assert counted == held[first, term.first]


@given(st.integers(0, 1_000), st.lists(st.integers(1, 10), min_size=1, max_size=8))
def test_parts_of_a_month_include_at_least_what_the_whole_does(issues: int, parts: list[int]) -> None:
    plan, days = PlanSettings(issues=issues), sum(parts)
    some = [included(plan, part, days) or 0 for part in parts]
    assert issues <= sum(some) < issues + len(parts)


@pytest.mark.parametrize(
    ("plan", "complaint"),
    [
        ({"reports": ["*", "fleet-dayli"]}, "Plan «gold»: there is no report «fleet-dayli».*fleet-daily"),
        ({"currency": "XQX"}, "no currency «XQX»"),
    ],
)
def test_a_plan_of_what_is_not_there_is_told(home: Settings, plan: dict[str, Any], complaint: str) -> None:
    check_plans(home.model_copy(update={"plans": {"gold": PlanSettings(reports=["fleet-daily", "*"])}}))
    with pytest.raises(UsageError, match=complaint):
        check_plans(home.model_copy(update={"plans": {"gold": PlanSettings(**plan)}}))


def with_plan(home: Settings, plan: dict[str, Any] | None = None, **account: Any) -> Settings:
    """Settings in which `acme` has the plan «gold» from 2026 on, otherwise as given."""
    given_account = {"plan": "gold", "start": date(2026, 1, 15), "timezone": "Asia/Tokyo", **account}
    return home.model_copy(
        update={
            "plans": {"gold": PlanSettings(**plan or {}), "silver": PlanSettings(reports=["other"])},
            "accounts": {"acme": AccountSettings(**given_account)},
        }
    )


def stands(
    settings: Settings, moment: str, email: str = "a@acme.example", language: str = "en"
) -> tuple[str, str]:
    entry = subscribed(settings, email)
    found = plans.standing(settings, entry, datetime.fromisoformat(moment).replace(tzinfo=UTC), language)
    return found.state, found.why


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-01-14T14:59:59", "not_in_plan"),
        ("2026-01-14T15:00:00", "fine"),  # midnight in Tokyo
        ("2026-03-31T14:59:59", "fine"),
        ("2026-03-31T15:00:00", "grace"),
        ("2026-04-10T14:59:59", "grace"),
        ("2026-04-10T15:00:00", "lapsed"),
    ],
)
def test_days_begin_in_the_accounts_zone(home: Settings, moment: str, state: str) -> None:
    settings = with_plan(home, end=date(2026, 3, 31), grace_days=10)
    assert stands(settings, moment)[0] == state


def test_why_is_told_in_the_readers_language(home: Settings) -> None:
    settings = with_plan(home, end=date(2026, 3, 31), grace_days=0)
    assert stands(settings, "2026-05-01") == ("lapsed", "The plan gold ended on Mar 31, 2026.")
    assert "2026年3月31日" in stands(settings, "2026-05-01", "b@acme.example", "zh")[1]


def test_a_report_that_is_not_in_the_plan_is_so_from_the_day_of_the_change(home: Settings) -> None:
    settings = with_plan(home, changes=[PlanChange(on=date(2026, 2, 1), plan="silver")])
    assert stands(settings, "2026-01-31T14:59", "a@acme.example")[0] == "fine"
    assert stands(settings, "2026-01-31T15:00", "b@acme.example")[0] == "not_in_plan"


def test_an_account_that_is_gone_from_the_settings_has_lapsed(home: Settings) -> None:
    assert stands(home, "2026-05-01") == ("lapsed", "The account acme is no longer kept.")


def test_the_house_has_no_limits(home: Settings) -> None:
    entry = subscribed(home, "a@b.example", account="")
    assert plans.standing(home, entry, datetime(2026, 1, 1, tzinfo=UTC)).state == "fine"


def test_the_oldest_readers_are_served_where_there_are_more_than_the_plan_is_for(home: Settings) -> None:
    settings = with_plan(home, {"recipients": 2})
    entries = [
        subscribed(settings, email, report=report)
        for email, report in (
            ("a@x.example", "r"),
            ("A@x.example", "s"),
            ("b@x.example", "r"),
            ("c@x.example", "r"),
        )
    ]
    standings, moment = plans.Standings(settings), datetime(2026, 5, 1, tzinfo=UTC)
    assert [standings.of(each, moment).state for each in entries] == ["fine", "fine", "fine", "over"]


@pytest.mark.parametrize(
    ("at_most", "period", "moment", "is_over"),
    [
        ("daily", "2026-05-04T22:00", "2026-05-05T03:59", True),  # one day in New York
        ("daily", "2026-05-04T22:00", "2026-05-05T04:00", False),
        ("hourly", "2026-05-04T22:05", "2026-05-04T22:55", True),
        ("hourly", "2026-05-04T22:05", "2026-05-04T23:00", False),
        ("weekly", "2026-05-04T04:00", "2026-05-11T03:59", True),  # from Monday to Sunday
        ("weekly", "2026-05-04T04:00", "2026-05-11T04:00", False),
        ("weekly", "2026-05-10T12:00", "2026-05-11T12:00", False),
        ("monthly", "2026-05-01T04:00", "2026-06-01T03:59", True),
        ("monthly", "2026-05-01T04:00", "2026-06-01T04:00", False),
    ],
)
def test_one_issue_a_day_is_one_on_the_subscriptions_own_clock(
    home: Settings, at_most: str, period: str, moment: str, is_over: bool
) -> None:
    settings = with_plan(home, {"at_most": at_most})
    entry = subscribed(settings, "a@acme.example", timezone="America/New_York")
    deliver(settings, entry, period)
    standing = plans.standing(settings, entry, datetime.fromisoformat(moment).replace(tzinfo=UTC))
    assert (standing.state == "over", standing.for_good) == (is_over, is_over)


@pytest.mark.parametrize(
    ("state", "counts"),
    [("queued", True), ("unknown", True), ("held", False), ("failed", False), ("skipped", False)],
)
def test_what_never_leaves_takes_no_place(home: Settings, state: str, counts: bool) -> None:
    settings = with_plan(home, {"at_most": "daily"})
    entry = subscribed(settings, "a@acme.example")
    deliver(settings, entry, "2026-05-04T07:00", state=state, sent_at=None)
    deliver(settings, entry, "2026-05-04T08:00", kind="notice")
    standing = plans.standing(settings, entry, datetime(2026, 5, 4, 9, tzinfo=UTC))
    assert (standing.state == "over") is counts


@pytest.mark.parametrize("price", [None, "0.50"])
def test_issues_of_the_month_are_used_up_unless_more_have_a_price(home: Settings, price: str | None) -> None:
    settings = with_plan(home, {"issues": 2, "price_per_issue": price})
    entry = subscribed(settings, "a@acme.example")
    deliver(settings, entry, "2026-04-30T14:59", "2026-04-30T15:00", "2026-05-02T07:00")
    deliver(settings, entry, "2026-05-03T07:00", state="held", sent_at=None)
    deliver(settings, entry, "2026-05-04T07:00", kind="notice")
    states = [
        plans.standing(settings, entry, moment).state
        for moment in (
            datetime(2026, 4, 30, 15, tzinfo=UTC) - timedelta(seconds=1),  # April in Tokyo: one was sent
            datetime(2026, 5, 20, tzinfo=UTC),
            datetime(2026, 5, 31, 15, tzinfo=UTC),
        )
    ]
    assert states == ["fine", "over" if price is None else "fine", "fine"]


def test_what_a_month_used_is_counted_by_the_account_days_and_by_what_left(home: Settings) -> None:
    settings = with_plan(home)
    ann, bob = subscribed(settings, "a@x.example"), subscribed(settings, "b@x.example", report="other")
    deliver(settings, ann, "2026-10-31T14:59", "2026-10-31T15:00", "2026-11-30T14:59", "2026-11-30T15:00")
    deliver(settings, bob, "2026-11-15T07:00", size=500)
    deliver(settings, bob, "2026-11-16T07:00", state="failed", bounced_at=datetime(2026, 12, 3, tzinfo=UTC))
    deliver(settings, bob, "2026-11-17T07:00", state="failed", sent_at=None)
    deliver(settings, bob, "2026-11-18T07:00", kind="confirmation")
    deliver(settings, subscribed(settings, "c@x.example", account=""), "2026-11-15T07:00")
    used = usage.of(settings, "acme", date(2026, 11, 9))
    assert [(each.email, each.issues, each.bytes) for each in used.subscriptions] == [
        ("a@x.example", 2, 2_000), ("b@x.example", 2, 1_500),
    ]  # fmt: skip
    assert (used.issues, used.bytes, used.recipients) == (4, 3_500, 2)
    assert usage.issues_sent(settings, "acme", date(2026, 11, 1), date(2026, 11, 30)) == 4


@given(
    st.dates(date(1990, 1, 1), date(2040, 12, 31)),
    st.sampled_from(["Asia/Tokyo", "America/Sao_Paulo", "Pacific/Apia", "Africa/Cairo"]),
)
def test_days_follow_each_other_in_every_zone(day: date, zone: str) -> None:
    assert timedelta(0) <= midnight(day + DAY, zone) - midnight(day, zone) <= timedelta(hours=25)
