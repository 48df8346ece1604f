"""A subscription to a view: its issue waits with a reason when the view is lost; old issues stay its own."""

from datetime import timedelta
from email.header import decode_header, make_header

from sqlalchemy import update

from dashboards.addresses import spoken
from dashboards.explore.saved import Keeper
from dashboards.reports.titled import title_for, titled
from dashboards.subscriptions.keeping.archive import may_see
from dashboards.subscriptions.sending.outbox import deliver
from pipelines.settings import Settings
from pipelines.store import ArchivedIssue, Store, Subscription, now
from tests.dashboards.subscriptions.conftest import REPORT, Server
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


def test_the_subject_names_the_view_as_the_house_does(mailing: Settings, server: Server) -> None:
    keeper = Keeper(mailing, "logistics", "Ann")
    keeper.save("晚点且紧急的全部货运 \u202eurgent", "f.band=very+high&sort=-score")
    wished = {"view": ["f.band=very+high"]}
    subscribe(mailing, "ana", "ben", attributes=wished)
    with Store(mailing).session() as session:  # as the page's people see it, and as a customer does
        session.execute(update(Subscription).where(Subscription.email.like("ana%")).values(language="zh"))
        outside = Subscription(account="acme", report=REPORT, language="en", attributes=wished)

    deliver(mailing, now() + timedelta(days=1))

    subjects = {
        str(mail["To"])[:3]: str(make_header(decode_header(mail["Subject"]))) for mail in server.box.mails
    }
    assert subjects["ben"].startswith("Fleet daily: 晚点且紧急的全部货运 urgent – ")
    assert subjects["ana"].startswith("车队日报：晚点且紧急的全部货运 urgent – ")
    assert title_for(mailing, outside) == "Fleet daily: Band: Very high"


def test_a_mail_leads_to_a_page_in_its_language(mailing: Settings) -> None:
    assert spoken(mailing, "http://h/finance?f.band=high", "zh") == "http://h/finance?f.band=high&lang=zh"
    assert spoken(mailing, "http://h/quality", "zh") == "http://h/quality?lang=zh"
    assert spoken(mailing, "http://h/finance", mailing.language) == "http://h/finance"


def test_a_title_is_one_short_line() -> None:
    assert titled("Credit", "a\r\nBcc: b@c.d\u2066", "en") == "Credit: a Bcc: b@c.d"
    assert titled("Credit", "\x00 \u2028", "en") == "Credit"
    assert len(titled("Credit", "x" * 500, "zh")) < 70


def test_only_issues_of_the_same_view_are_shown() -> None:
    reader = Subscription(role="subscriber", attributes={"view": ["f.band=high"]})

    def seen(**attributes: list[str]) -> bool:
        return may_see(reader, ArchivedIssue(role="subscriber", attributes=attributes))

    assert seen(view=["f.band=high"])
    assert seen(view=["f.band=high"], ward=["W1"])
    assert not seen(view=["f.band=low"])
    assert not seen(ward=["W1"])
    assert not seen()
