"""The log of deliveries, a page at a time: against the same counted in Python."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from dashboards.queries.deliveries import (
    BOUNCED,
    Told,
    Wanted,
    count_deliveries,
    deliveries,
    issues,
    issues_of_others,
    states,
    subscriptions,
)
from pipelines.settings import Settings
from pipelines.store import ArchivedIssue, Delivery, Store, Subscription

SEED, MAILS = 7, 83
START = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def store(home: Settings) -> Store:
    """Mails of three readers at random moments in random states, some of which came back."""
    store, chance = Store(home), random.Random(SEED)
    addresses = ("a_b@example.com", "axb@example.com", "Cc@example.com")
    with store.session() as session:
        for number, address in enumerate(addresses, 1):
            report = f"report-{number % 2}"
            session.add(Subscription(id=number, email=address, report=report, schedule="@data"))
        session.flush()
        for hour in range(MAILS):
            state = chance.choice(("sent", "sent", "failed", "unknown"))
            came_back = START if chance.random() < 0.3 else None
            session.add(
                Delivery(
                    subscription_id=chance.randint(1, 3),
                    period=START + timedelta(hours=hour // 3),
                    kind=("issue", "notice", "confirmation")[hour % 3],
                    state=state,
                    bounced_at=came_back,
                )
            )
    return store


def shown_as(delivery: Delivery) -> str:
    return BOUNCED if delivery.state == "sent" and delivery.bounced_at else delivery.state


def everything(store: Store) -> list[Told]:
    query = select(Delivery, Subscription).join(Subscription, Delivery.subscription_id == Subscription.id)
    with store.session() as session:
        return [(delivery, subscription) for delivery, subscription in session.execute(query)]


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(("sent",)),
        Wanted((BOUNCED, "failed")),
        Wanted(report="report-1"),
        Wanted(address="A_B@"),  # the sign for any letter in SQL means itself
        Wanted(("unknown",), "report-0", "x"),
        Wanted(address="cc@EXAMPLE.com"),
    ],
)
def test_the_pages_together_are_all_that_is_wanted_newest_first(store: Store, wanted: Wanted) -> None:
    expected = {
        delivery.id
        for delivery, subscription in everything(store)
        if (not wanted.states or shown_as(delivery) in wanted.states)
        and wanted.report in ("", subscription.report)
        and wanted.address.lower() in subscription.email.lower()
    }
    found = [told for page in range(1, 14) for told in deliveries(store, wanted, page, 7)]
    assert len(found) == len(expected) == count_deliveries(store, wanted)
    assert {delivery.id for delivery, _subscription in found} == expected
    periods = [delivery.period for delivery, _subscription in found]
    assert periods == sorted(periods, reverse=True)


def test_each_delivery_is_counted_in_one_state(store: Store) -> None:
    counted = states(store)
    assert sum(counted.values()) == MAILS
    for state, number in counted.items():
        assert number == sum(shown_as(delivery) == state for delivery, _ in everything(store))
        assert number == count_deliveries(store, Wanted((state,)))


def test_subscriptions_are_found_by_a_whole_address_or_a_part(store: Store) -> None:
    assert subscriptions(store, "A_B@example.com", (), 1, 5, whole=True)[0] == 1
    assert subscriptions(store, "b@example.com", (), 1, 5, whole=True)[0] == 0
    assert [each.id for each in subscriptions(store, "example", ("active",), 2, 2)[1]] == [2]
    assert subscriptions(store, "", ("paused",), 1, 5) == (0, [])


def test_issues_of_other_roles_are_counted_and_not_given(store: Store) -> None:
    with store.session() as session:
        for number, role in enumerate(("analyst", "caseworker", "caseworker", "subscriber")):
            session.add(
                ArchivedIssue(
                    key=str(number), report="r", title="R", language="en", role=role, period=START,
                    as_of=START, snapshot_id=1, path="" if number == 1 else "archive/x", size=1,
                )
            )  # fmt: skip
    assert [each.key for each in issues(store, ["analyst", "subscriber"], "", 1, 5)[1]] == ["0", "3"]
    assert issues_of_others(store, ["analyst", "subscriber"]) == 1  # the expired one is nobody's any more
