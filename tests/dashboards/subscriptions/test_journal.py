"""However senders interleave, die and wake again: no delivery leaves twice, and none is forgotten."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from connectors.errors import AssistantError, UsageError
from dashboards.subscriptions.sending import backoff
from dashboards.subscriptions.sending.journal import Entry, Journal
from dashboards.subscriptions.sending.ledger import Claim, Ledger, Parcel
from dashboards.subscriptions.sending.pace import Pacer
from pipelines.mailing import MailSettings
from pipelines.settings import Settings
from pipelines.store import Audit, Delivery, Pace, Store, Subscription, now

PERIOD = datetime(2026, 11, 2, 7, tzinfo=UTC)


def entered(settings: Settings, count: int, **values: object) -> list[int]:
    """So many deliveries of as many subscriptions, with these values; their numbers."""
    with Store(settings).session() as session:
        subscriptions = [
            Subscription(email=f"r{n}@bank.example", report="fleet-daily", schedule="0 7 * * *")
            for n in range(count)
        ]
        session.add_all(subscriptions)
    journal = Journal(settings)
    journal.enter(Entry(each.id, PERIOD) for each in subscriptions)
    numbers = sorted(delivery.id for delivery, _ in journal.listing(limit=None))
    if values:
        change(settings, **values)
    return numbers


def change(settings: Settings, **values: object) -> None:
    with Store(settings).session() as session:
        session.execute(update(Delivery).values(**values))


def state(settings: Settings, number: int) -> str:
    return Journal(settings).show(number)[0].state


@pytest.fixture(scope="module")
def shop() -> Iterator[Settings]:
    with TemporaryDirectory() as folder:
        yield Settings(home=Path(folder) / "var", config=Path(folder) / "a.toml")


class Life:
    """Three senders over a few deliveries; `left` counts the mails of each that went to the server."""

    def __init__(self, settings: Settings, ledgers: list[Ledger], numbers: list[int]) -> None:
        self.settings, self.numbers = settings, numbers
        self.ledgers = ledgers
        self.claims: list[list[Claim]] = [[] for _ in ledgers]
        self.open: list[Claim | None] = [None for _ in ledgers]  # its mail left, and was not answered
        self.left: Counter[int] = Counter()
        self.said: dict[int, str] = {}

    def claim(self, who: int) -> None:
        self.claims[who] += self.ledgers[who].claim(self.numbers, now())

    def send(self, who: int) -> None:
        if self.open[who] is None and self.claims[who]:
            claim = self.claims[who].pop()
            if self.ledgers[who].about_to_send(claim, Parcel("<1@x>")):
                self.left[claim.number] += 1
                self.open[who] = claim

    def answer(self, who: int) -> None:
        if claim := self.open[who]:
            self.ledgers[who].settle(claim, "sent", "250 fine")
            self.ledgers[who].write()
            self.said[claim.number] = "sent"
            self.open[who] = None

    def die(self, who: int) -> None:
        """Killed: what it had claimed or sent it forgets, what it wrote stays."""
        self.claims[who], self.open[who] = [], None
        self.ledgers[who]._lease.let_go(self.numbers)
        self.ledgers[who]._unwritten.clear()

    def late(self, _who: int) -> None:
        change(self.settings, lease_until=now() - timedelta(seconds=1))

    def recover(self, _who: int) -> None:
        Journal(self.settings).recover()

    def taken_over(self, who: int) -> None:
        """Slow: the others think it dead."""
        self.late(who)
        self.recover(who)
        self.claim((who + 1) % 3)

    def renew(self, who: int) -> None:
        self.ledgers[who]._lease.renew()

    def give_back(self, who: int) -> None:
        self.ledgers[who].give_back(self.claims[who])
        self.claims[who] = []


STEPS = (
    *(*["claim"] * 3, *["send"] * 4, *["taken_over"] * 2),
    *("answer", "die", "late", "recover", "renew", "give_back"),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 2)), min_size=8, max_size=40))
def test_whatever_senders_do_no_mail_leaves_twice_and_none_is_forgotten(
    shop: Settings, steps: list[tuple[str, int]]
) -> None:
    with _emptied(shop), Ledger(shop) as a, Ledger(shop) as b, Ledger(shop) as c:
        numbers = entered(shop, 3)
        life = Life(shop, [a, b, c], numbers)
        for step, who in steps:
            getattr(life, step)(who)
        assert all(count == 1 for count in life.left.values())
        for who in range(3):
            life.die(who)
        life.late(0)
        Journal(shop).recover()
        told = {number: state(shop, number) for number in numbers}
        for number in numbers:
            if life.said.get(number) == "sent":
                assert told[number] == "sent"
            else:
                assert told[number] == ("unknown" if life.left[number] else "queued")


@contextmanager
def _emptied(settings: Settings) -> Iterator[None]:
    yield
    with Store(settings).session() as session:
        session.query(Delivery).delete()
        session.query(Subscription).delete()


def test_an_answer_after_the_lease_is_the_truth_about_an_unknown(home: Settings) -> None:
    (number,) = entered(home, 1)
    with Ledger(home) as ledger:
        (claim,) = ledger.claim([number], now())
        assert ledger.about_to_send(claim, Parcel("<1@x>"))
        change(home, lease_until=now() - timedelta(seconds=1))
        (told,) = Journal(home).recover()
        assert (told[0].state, "may have left" in told[0].answer) == ("unknown", True)
        ledger.settle(claim, "sent", "250 fine")
    delivery = Journal(home).show(number)[0]
    assert (delivery.state, delivery.answer) == ("sent", "250 fine")
    assert delivery.sent_at is not None


def test_an_answer_after_a_person_resent_it_counts_no_more(home: Settings) -> None:
    (number,) = entered(home, 1)
    with Ledger(home) as ledger:
        (claim,) = ledger.claim([number], now())
        ledger.about_to_send(claim, Parcel("<1@x>"))
        change(home, lease_until=now() - timedelta(seconds=1))
        Journal(home).recover()
        Journal(home).resend(number, "ann")
        ledger.settle(claim, "failed", "550 no")
    assert state(home, number) == "queued"


def test_renewed_claims_do_not_go_back_to_the_queue(home: Settings) -> None:
    numbers = entered(home, 3)
    with Ledger(home) as ledger:
        claims = ledger.claim(numbers, now())
        assert ledger.about_to_send(claims[1], Parcel("<1@x>"))
        ledger.give_back(claims[:1])
        ledger._lease.end()  # by hand, from here on
        change(home, lease_until=now() - timedelta(seconds=1))
        ledger._lease.renew()
        assert Journal(home).recover() == []
        assert [state(home, claim.number) for claim in claims] == ["queued", "sending", "claimed"]


def test_whoever_leaves_while_others_are_served_gets_nothing(home: Settings) -> None:
    numbers = entered(home, 2)
    with Ledger(home) as ledger:
        first, second = ledger.claim(numbers, now())
        with Store(home).session() as session:
            session.get_one(Subscription, first.subscription.id).status = "cancelled"
        assert not ledger.about_to_send(first, Parcel("<1@x>"))
        assert ledger.about_to_send(second, Parcel("<2@x>"))


def test_a_lease_and_a_wait_from_before_the_clock_was_set_back_do_not_last(home: Settings) -> None:
    (number,) = entered(home, 1, state="claimed", lease_until=now() + timedelta(days=300))
    Journal(home).recover()
    assert state(home, number) == "queued"
    change(home, not_before=now() + timedelta(days=300))
    assert Journal(home).queued(now()) == [number]
    change(home, not_before=now() + timedelta(hours=1))
    assert Journal(home).queued(now()) == []


def test_what_was_tried_long_enough_is_given_up_and_told(home: Settings) -> None:
    yesterday = now() - timedelta(days=1)
    (number,) = entered(home, 1, attempts=backoff.MOST_ATTEMPTS, answer="450 busy", period=yesterday)
    assert Journal(home).recover() == []
    change(home, period=now() - backoff.GIVE_UP_AFTER - timedelta(hours=1))
    ((delivery, _),) = Journal(home).recover()
    assert (delivery.id, delivery.state) == (number, "failed")
    assert delivery.answer.endswith("450 busy")


def test_waits_grow_differ_and_end() -> None:
    for attempts in range(1, 40):
        waits = [backoff.wait(attempts) for _ in range(20)]
        middle = min(20.0 * 4 ** (attempts - 1), 4 * 3600.0)
        assert all(0.74 * middle <= each.total_seconds() <= 1.26 * middle for each in waits)
        assert len(set(waits)) > 1
    assert not backoff.is_given_up(19, PERIOD, PERIOD + timedelta(days=9))
    assert not backoff.is_given_up(20, PERIOD, PERIOD + timedelta(days=4))
    assert backoff.is_given_up(20, PERIOD, PERIOD + timedelta(days=6))


def test_people_resend_what_failed_and_their_names_are_kept(home: Settings) -> None:
    numbers = entered(home, 3, state="failed")
    journal = Journal(home)
    with Store(home).session() as session:
        session.get_one(Delivery, numbers[0]).state = "unknown"
        session.get_one(Delivery, numbers[1]).state = "sent"
    assert journal.resend_failed("ann") == [numbers[2]]  # an unknown one is never among them
    journal.resend(numbers[0], "bo")
    with pytest.raises(AssistantError, match="neither failed nor unknown"):
        journal.resend(numbers[1], "bo")
    with pytest.raises(AssistantError, match="no delivery 999"):
        journal.resend(999, "bo")
    with Store(home).session() as session:
        noted = session.execute(select(Audit.who, Audit.action, Audit.detail).order_by(Audit.id)).all()
    assert [tuple(row) for row in noted] == [
        ("ann", "delivery.resend", str(numbers[2])),
        ("bo", "delivery.resend", str(numbers[0])),
    ]


def test_a_listing_shows_what_is_asked_for(home: Settings) -> None:
    entered(home, 3)
    journal = Journal(home)
    assert len(journal.listing(["queued", "sent"])) == 3
    assert journal.listing(report="another") == []
    assert [s.email for _, s in journal.listing(email="R1@bank.example")] == ["r1@bank.example"]
    assert journal.listing(since=PERIOD + timedelta(seconds=1)) == []
    assert len(journal.listing(since=PERIOD, limit=2)) == 2
    assert journal.listing(account="acme") == []
    for wrong in ({"states": ["sned"]}, {"kind": "isue"}):
        with pytest.raises(UsageError, match="Did you mean"):
            journal.listing(**wrong)  # type: ignore[arg-type]


def test_the_same_period_is_entered_once(home: Settings) -> None:
    entered(home, 2)
    (delivery, subscription), _ = Journal(home).listing()
    again = [Entry(subscription.id, delivery.period), Entry(subscription.id, delivery.period, kind="notice")]
    assert Journal(home).enter(again) == 1


def test_senders_share_the_pace_of_a_server(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDA_SMTP_HOST", "mail.example")
    settings = home.model_copy(update={"mail": MailSettings(rate=2.0)})
    moment = now()
    slots = [Pacer(settings).book(lambda: moment) for _ in range(5)]
    assert [(slot - moment).total_seconds() for slot in slots if slot] == [0, 0.5, 1, 1.5, 2]
    later = moment + timedelta(hours=1)
    assert Pacer(settings).book(lambda: later) == later  # no burst for the time that nothing was sent
    with Store(settings).session() as session:
        session.execute(update(Pace).values(free_at=moment + timedelta(days=300)))
    assert Pacer(settings).book(lambda: moment) == moment  # the clock was set back
    assert Pacer(home).book() is None


@pytest.mark.parametrize("number", [0, -1, 2**31, 10**30])
def test_a_number_that_no_delivery_can_have_is_told(home: Settings, number: int) -> None:
    journal = Journal(home)
    for ask in (
        journal.show,
        lambda each: journal.resend(each, "ana"),
        lambda each: journal.release(each, "ana"),
    ):
        with pytest.raises(AssistantError, match="There is no delivery"):
            ask(number)


def test_a_mail_made_for_rows_that_are_no_longer_the_readers_does_not_leave(home: Settings) -> None:
    numbers = entered(home, 3)
    with Ledger(home) as ledger:
        other_rows, other_role, same = ledger.claim(numbers, now())
        with Store(home).session() as session:
            session.get_one(Subscription, other_rows.subscription.id).cut = '{"depot": ["D05"]}'
            session.get_one(Subscription, other_role.subscription.id).role = "analyst"
        assert not ledger.about_to_send(other_rows, Parcel("<1@x>"))
        assert not ledger.about_to_send(other_role, Parcel("<2@x>"))
        assert ledger.about_to_send(same, Parcel("<3@x>"))
    # It is made anew when the lease is over.
    assert [state(home, number) for number in numbers] == ["claimed", "claimed", "sending"]
