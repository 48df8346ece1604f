"""A subscription to a view: its issue waits with a reason when the view is lost; old issues stay its own."""

from datetime import timedelta

from sqlalchemy import update

from dashboards.subscriptions.keeping.archive import may_see
from dashboards.subscriptions.sending.outbox import deliver
from pipelines.settings import Settings
from pipelines.store import ArchivedIssue, Store, Subscription, now
from tests.dashboards.subscriptions.conftest import Server
from tests.dashboards.subscriptions.test_outbox import subscribe

WEEK = timedelta(days=7)


def test_an_issue_whose_view_lost_its_column_is_held_and_says_why(mailing: Settings, server: Server) -> None:
    subscribe(mailing, "ana")
    with Store(mailing).session() as session:
        session.execute(update(Subscription).values(attributes={"view": ["f.colour=red"]}, cut="{}"))

    (result,) = deliver(mailing, now() + WEEK)

    assert result.state == "held"
    assert "no such column" in result.answer
    assert server.box.mails == []


def test_only_issues_of_the_same_view_are_shown() -> None:
    reader = Subscription(role="subscriber", attributes={"view": ["f.band=high"]})

    def seen(**attributes: list[str]) -> bool:
        return may_see(reader, ArchivedIssue(role="subscriber", attributes=attributes))

    assert seen(view=["f.band=high"])
    assert seen(view=["f.band=high"], ward=["W1"])
    assert not seen(view=["f.band=low"])
    assert not seen(ward=["W1"])
    assert not seen()
