"""The report of a model that needs a look waits and says why, until the model is well or a person says so."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from connectors.errors import AssistantError
from dashboards.reports.declared import blueprint_of
from dashboards.subscriptions.readers import book
from dashboards.subscriptions.sending import holding
from dashboards.subscriptions.sending.journal import Entry, Journal
from dashboards.subscriptions.sending.outbox import deliver
from pipelines.settings import Settings
from pipelines.store import Audit, Check, Delivery, Notice, Store, now
from tests.dashboards.subscriptions.conftest import REPORT, Server
from tests.dashboards.subscriptions.loads import loaded
from tests.dashboards.subscriptions.test_outbox import states, subscribe

WEEK, DAY = timedelta(days=7), timedelta(days=1)


def checked(settings: Settings, verdict: str) -> None:
    with Store(settings).session() as session:
        task = blueprint_of(settings, REPORT).task
        session.add(
            Check(task=task, version="v", as_of=now(), verdict=verdict, summary="«glucose» has moved.")
        )


def notices(settings: Settings) -> list[str]:
    with Store(settings).session() as session:
        return list(session.scalars(select(Notice.subject).where(Notice.resolved_at.is_(None))))


@pytest.fixture
def held(mailing: Settings, server: Server) -> Settings:
    """Two readers whose issue is held."""
    subscribe(mailing, "ana", "bo")
    checked(mailing, "act")
    assert {result.state for result in deliver(mailing, now() + WEEK, dry_run=True)} == {"held"}
    results = deliver(mailing, now() + WEEK)
    assert {result.state for result in results} == {"held"}
    assert all("«glucose» has moved" in result.answer for result in results)
    return mailing


def test_nothing_leaves_while_the_model_needs_a_look_and_the_owner_is_told_once(
    held: Settings, server: Server
) -> None:
    deliver(held, now() + WEEK)
    assert states(held) == {"ana": "held", "bo": "held"}
    assert server.box.mails == []
    assert notices(held) == [f"The report {REPORT} is held"]
    assert holding.reasons(held, "credit-portfolio") == []  # other reports are not held


def test_when_the_model_is_well_again_the_newest_issue_leaves_once(held: Settings, server: Server) -> None:
    deliver(held, now() + WEEK + DAY)  # another day held
    checked(held, "watch")
    results = deliver(held, now() + WEEK + DAY)
    assert [result.state for result in results] == ["sent", "sent"]
    assert len(server.box.mails) == 2
    assert deliver(held, now() + WEEK + DAY) == []
    assert notices(held) == []
    journal = [delivery for delivery, _ in Journal(held).listing()]
    assert [each.state for each in journal if each.state != "skipped"] == ["sent", "sent"]
    assert sum(each.answer.startswith("A newer issue") for each in journal) == 2


def test_an_issue_due_when_the_model_is_well_takes_the_place_of_those_held(
    held: Settings, server: Server
) -> None:
    checked(held, "fine")
    deliver(held, now() + WEEK + DAY)
    assert len(server.box.mails) == 2


def test_a_person_may_send_one_all_the_same(held: Settings, server: Server) -> None:
    journal = Journal(held)
    delivery, subscription = journal.held()[0]
    journal.release(delivery.id, "ann")
    (result,) = deliver(held, now() + WEEK)
    assert (result.email, result.state) == (subscription.email, "sent")
    assert sorted(states(held).values()) == ["held", "sent"]
    with Store(held).session() as session:
        assert session.get_one(Delivery, delivery.id).released_by == "ann"
        audit = session.scalars(select(Audit)).one()
        assert (audit.who, audit.action, audit.detail) == ("ann", "delivery.release", str(delivery.id))
    with pytest.raises(AssistantError, match="is not held"):
        journal.release(delivery.id, "ann")


def with_report(settings: Settings, **given: object) -> Settings:
    """The same settings where the report holds itself back for more reasons."""
    report = settings.reports[REPORT].model_copy(update=given)
    return settings.model_copy(update={"reports": {REPORT: report}})


def test_old_data_and_missing_rows_hold_an_issue_until_both_are_well(
    mailing: Settings, server: Server
) -> None:
    strict = with_report(mailing, fresh_within=24.0, least_rows=100_000)
    loose = with_report(mailing, fresh_within=24.0)
    subscribe(mailing, "ana")
    (rehearsed,) = deliver(strict, now() + DAY, dry_run=True)
    assert "no load of them is known" in rehearsed.answer
    assert deliver(strict, now() + DAY)[0].answer == rehearsed.answer
    checked(mailing, "act")
    assert deliver(with_report(mailing), now() + DAY) == []  # held by now for another reason
    assert [each.answer for each, _ in Journal(mailing).held()] == [
        "Held: The model of logistics.late_delivery needs a look. «glucose» has moved."
    ]
    checked(mailing, "fine")
    loaded(mailing, "logistics.shipments", now())  # the data are fresh, and yet too few
    (result,) = deliver(strict, now() + DAY)
    assert result.answer == "Held: It has 240 rows, at least 100,000 are expected."
    assert notices(strict) == [f"The report {REPORT} is held"]
    (result,) = deliver(loose, now() + DAY)
    assert (result.state, len(server.box.mails)) == ("sent", 1)
    assert notices(strict) == []


def test_the_owner_is_told_all_reasons_and_again_when_they_change(mailing: Settings) -> None:
    subscribe(mailing, "ana", "bo")
    journal = Journal(mailing)
    numbers = [each.id for each in book.listing(mailing)]

    def held_for(*reasons: str) -> list[str]:
        """What the owner is told when the issues are held for these reasons."""
        with Store(mailing).session() as session:
            session.execute(update(Delivery).values(answer=holding.told(reasons)))
        for _ in range(2):
            holding.tell(mailing, journal)
        with Store(mailing).session() as session:
            return list(session.scalars(select(Notice.message).where(Notice.resolved_at.is_(None))))

    journal.enter([Entry(number, now(), state="held") for number in numbers])
    release = "`sda delivery release NUMBER` sends an issue all the same."
    assert held_for("Its data are old.") == [f"Its data are old. {release}"]
    both = held_for("Its data are old.", "It has 4 rows.")
    assert both == [f"Its data are old. It has 4 rows. {release}"]
    with Store(mailing).session() as session:
        assert session.query(Notice).count() == 2
