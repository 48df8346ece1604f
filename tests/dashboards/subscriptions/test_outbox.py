"""Deliveries against a real SMTP server: at most once, and never forgotten silently."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from dashboards.subscriptions.readers import book
from dashboards.subscriptions.sending import issues
from dashboards.subscriptions.sending.journal import Entry, Journal
from dashboards.subscriptions.sending.ledger import Ledger, Parcel
from dashboards.subscriptions.sending.outbox import DeliveryResult, deliver
from dashboards.subscriptions.sending.owner import mail_owner
from pipelines.settings import ReportSettings, Settings
from pipelines.store import Delivery, Store, Subscription, now
from tests.dashboards.subscriptions.conftest import DAILY, REPORT, Server

NEXT_WEEK = timedelta(days=7)


def subscribe(settings: Settings, *names: str, **wishes: Any) -> None:
    for name in names:
        book.add(settings, f"{name}@bank.example", REPORT, **{"schedule": DAILY, **wishes})


def states(settings: Settings) -> dict[str, str]:
    """The state of everyone's newest delivery."""
    oldest_first = reversed(Journal(settings).listing())
    return {subscription.email.split("@")[0]: delivery.state for delivery, subscription in oldest_first}


def test_a_subscriber_gets_the_latest_issue_once_and_nothing_from_before(
    mailing: Settings, server: Server
) -> None:
    subscribe(mailing, "ana")
    assert deliver(mailing) == []  # no moment has come since the subscription was made
    moment = now() + NEXT_WEEK
    (result,) = deliver(mailing, moment)
    assert (result.state, result.period) == ("sent", max(result.period, moment - timedelta(days=1)))
    assert deliver(mailing, moment) == []
    assert deliver(mailing, now()) == []  # a clock set back
    assert server.box.ids == [result.message_id]
    journal = Journal(mailing).listing()
    assert [delivery.state for delivery, _ in journal] == ["sent"] + ["skipped"] * 6
    assert journal[0][0].snapshot_id is not None
    assert journal[0][0].model_version


def test_the_first_issue_goes_out_at_once_and_only_once(mailing: Settings, server: Server) -> None:
    settings = mailing.model_copy(
        update={
            "reports": {REPORT: ReportSettings(domain="logistics", recipients=["a@b.example"], language="zh")}
        }
    )
    (rehearsed,) = deliver(settings, dry_run=True, first_issue=True)
    assert (rehearsed.state, rehearsed.email) == ("due", "a@b.example")
    assert book.listing(settings) == []
    (result,) = deliver(settings, first_issue=True)
    assert result.state == "sent"
    assert deliver(settings, first_issue=True) == []
    (mail,) = server.box.mails
    assert mail["List-Id"] == f"<{REPORT}.localhost>"
    assert mail["To"] == "a@b.example"


def test_many_subscribers_of_one_issue_cost_one_rendering(
    mailing: Settings, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered = []
    real = issues.render
    monkeypatch.setattr(
        issues, "render", lambda report, *rest: rendered.append(report.language) or real(report, *rest)
    )
    subscribe(mailing, *(f"en{n}" for n in range(8)))
    subscribe(mailing, "zh1", "zh2", language="zh")
    results = deliver(mailing, now() + NEXT_WEEK)
    assert len(set(server.box.ids)) == len(results) == 10
    assert sorted(rendered) == ["en", "zh"]
    english = [mail for mail in server.box.mails if mail["Content-Language"] == "en"]
    files = {str(part) for mail in english for part in mail.walk() if part.get_filename()}
    assert len(english) == 8
    assert len(files) == len([part for part in english[0].walk() if part.get_filename()])
    links = {mail["List-Unsubscribe"] for mail in server.box.mails}
    assert len(links) == 10  # each has a way out of its own


def test_a_4xx_is_tried_again_and_a_5xx_is_not(mailing: Settings, server: Server) -> None:
    subscribe(mailing, "later", "never", "fine")
    server.box.faults.rcpt = ["450 busy", "550 no such user"]
    moment = now() + NEXT_WEEK
    results = deliver(mailing, moment)
    assert [result.state for result in results] == ["queued", "failed", "sent"]
    assert len(server.box.connections) == 1
    assert results[0].next_try is not None
    assert results[0].next_try > now()
    assert deliver(mailing) == []  # its time has not come yet
    (again,) = deliver(mailing, moment)
    assert (again.email, again.state) == ("later@bank.example", "sent")
    assert states(mailing) == {"later": "sent", "never": "failed", "fine": "sent"}
    failed = Journal(mailing).listing(["failed"])
    assert failed[0][0].answer == "550 no such user"


@pytest.mark.parametrize(("answer", "state"), [("451 try later", "queued"), ("554 refused", "failed")])
def test_a_no_to_the_content_is_a_clear_answer(
    mailing: Settings, server: Server, answer: str, state: str
) -> None:
    subscribe(mailing, "ana")
    server.box.faults.data = [answer]
    (result,) = deliver(mailing, now() + NEXT_WEEK)
    assert (result.state, result.answer) == (state, answer)


def test_a_connection_lost_after_data_is_unknown_until_a_person_resends(
    mailing: Settings, server: Server
) -> None:
    subscribe(mailing, "ana")
    server.box.faults.hang_up_after_data = True
    moment = now() + NEXT_WEEK
    (result,) = deliver(mailing, moment)
    assert result.state == "unknown"
    assert deliver(mailing, moment) == []
    server.box.faults.hang_up_after_data = False
    ((delivery, _),) = Journal(mailing).listing(["unknown"])
    Journal(mailing).resend(delivery.id, "anna")
    (again,) = deliver(mailing, moment)
    assert again.state == "sent"
    assert server.box.ids == [result.message_id] * 2  # so that the mailbox can tell it is the same mail


def test_a_server_that_is_not_there_keeps_everything_queued(
    mailing: Settings, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(mailing, "ana", "ben")
    moment = now() + NEXT_WEEK
    monkeypatch.setenv("SDA_SMTP_PORT", "1")
    (result,) = deliver(mailing.model_copy(), moment)
    assert result.state == "queued"
    assert "localhost:1" in result.answer
    journal = Journal(mailing)
    assert journal.queued(now()) == []  # both wait: the server is not asked for each of them
    assert journal.waiting() == 2
    assert all("localhost:1" in delivery.answer for delivery, _ in journal.listing(["queued"]))
    monkeypatch.setenv("SDA_SMTP_PORT", str(server.port))
    assert {each.state for each in deliver(mailing.model_copy(), moment)} == {"sent"}


def test_what_waited_is_overtaken_by_the_next_issue_unless_all_are_wished_for(
    mailing: Settings, server: Server
) -> None:
    subscribe(mailing, "ana")
    subscribe(mailing, "bo", catch_up="all")
    tomorrow, day_after = now() + timedelta(days=1), now() + timedelta(days=2)
    server.box.faults.rcpt = ["451 later"] * 2
    assert [each.state for each in deliver(mailing, tomorrow)] == ["queued"] * 2
    rehearsed = deliver(mailing, day_after, dry_run=True)
    deliver(mailing, day_after)
    assert sorted(server.box.recipients) == ["ana@bank.example"] + ["bo@bank.example"] * 2
    told = {
        (subscription.id, delivery.period): delivery.state
        for delivery, subscription in Journal(mailing).listing()
    }
    assert sorted(told.values()) == ["sent", "sent", "sent", "skipped"]
    assert told == {
        (each.subscription, each.period): {"due": "sent"}.get(each.state, each.state) for each in rehearsed
    }


def test_what_a_person_resends_is_overtaken_by_nothing(mailing: Settings, server: Server) -> None:
    subscribe(mailing, "ana")
    server.box.faults.rcpt = ["550 5.7.1 no"]
    (failed,) = deliver(mailing, now() + timedelta(days=1))
    assert failed.delivery is not None
    Journal(mailing).resend(failed.delivery, "owner")
    results = deliver(mailing, now() + timedelta(days=2))
    assert [each.state for each in results] == ["sent"] * 2


def test_a_paused_subscriber_gets_nothing_and_misses_nothing_after_resuming(
    mailing: Settings, server: Server
) -> None:
    subscribe(mailing, "ana")
    (entry,) = book.listing(mailing)
    book.pause(mailing, entry.id)
    assert deliver(mailing, now() + NEXT_WEEK) == []
    book.resume(mailing, entry.id)
    assert deliver(mailing) == []
    (result,) = deliver(mailing, now() + timedelta(days=1))
    assert result.state == "sent"


def test_a_report_that_cannot_be_made_waits_and_leaves_the_others_alone(
    mailing: Settings, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = issues.build

    def broken(settings: Settings, name: str, *rest: str, **options: object) -> object:
        if name == "patient-risk":
            raise RuntimeError("a record with a name in it")
        return real(settings, name, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(issues, "build", broken)
    book.add(mailing, "ben@bank.example", "patient-risk", schedule=DAILY)
    subscribe(mailing, "ana")
    moment = now() + NEXT_WEEK
    results = {result.report: result for result in deliver(mailing, moment)}
    assert results[REPORT].state == "sent"
    assert results["patient-risk"].state == "queued"
    assert "name" not in results["patient-risk"].answer
    monkeypatch.setattr(issues, "build", real)
    assert [result.state for result in deliver(mailing, moment)] == ["sent"]


def test_two_senders_at_once_send_each_mail_once(mailing: Settings, server: Server) -> None:
    subscribe(mailing, *(f"s{n}" for n in range(12)))
    moment = now() + NEXT_WEEK
    with ThreadPoolExecutor(3) as pool:
        runs = list(pool.map(lambda _n: deliver(mailing, moment), range(3)))
    assert len(server.box.ids) == len(set(server.box.ids)) == 12
    assert sum(len(run) for run in runs) == 12
    assert set(states(mailing).values()) <= {"sent", "skipped"}


def test_a_server_slower_than_the_lease_gets_nothing_twice(mailing: Settings, server: Server) -> None:
    subscribe(mailing, "ana")
    moment = now() + NEXT_WEEK
    told: list[DeliveryResult] = []

    def meanwhile() -> None:
        server.box.faults.meanwhile = None
        # The lease runs out while the server thinks; it is so long that it is not renewed meanwhile.
        with Store(mailing).session() as session:
            session.query(Delivery).update({"lease_until": now() - timedelta(seconds=1)})
        told.extend(deliver(mailing, moment))  # another sender comes by

    server.box.faults.meanwhile = meanwhile
    (result,) = deliver(mailing, moment)
    assert [each.state for each in told] == ["unknown"]
    assert result.state == "sent"
    assert [d.state for d, _ in Journal(mailing).listing(["sent", "unknown"])] == ["sent"]
    assert len(server.box.ids) == 1


def test_a_claim_taken_over_may_not_send(lake: Settings) -> None:
    subscribe(lake, "ana")
    journal = Journal(lake)
    (entry,) = book.listing(lake)
    journal.enter([Entry(entry.id, now())])
    (number,) = journal.queued(now())
    with Ledger(lake) as mine, Ledger(lake) as theirs:
        (first,) = mine.claim([number], now())
        assert theirs.claim([number], now()) == []
        with Store(lake).session() as session:
            session.get_one(Delivery, number).lease_until = now() - timedelta(seconds=1)
        journal.recover()
        (second,) = theirs.claim([number], now())
        parcel = Parcel("<1@x>", 1, "d")
        assert not mine.about_to_send(first, parcel)
        assert theirs.about_to_send(second, parcel)
        mine.settle(first, "failed", "")
        mine.write()
        assert journal.show(number)[0].state == "sending"
        theirs.settle(second, "sent", "250")
    assert journal.show(number)[0].state == "sent"


@pytest.mark.slow
def test_kill_9_in_the_middle_doubles_nothing_and_forgets_nothing(mailing: Settings, server: Server) -> None:
    settings = mailing.model_copy(update={"delivery_lease": 1})
    subscribe(settings, *(f"k{n}" for n in range(10)))
    moment = now() + NEXT_WEEK
    code = (
        "import sys; from datetime import datetime; from pipelines.settings import load_settings; "
        "from dashboards.subscriptions.sending.outbox import deliver; "
        "deliver(load_settings(), datetime.fromisoformat(sys.argv[1]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, moment.isoformat()], env={**os.environ, "SDA_HOME": str(settings.home)}
    )

    def kill() -> None:
        if len(server.box.mails) == 3:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()

    server.box.faults.meanwhile = kill
    assert process.wait(300) == -signal.SIGKILL
    server.box.faults.meanwhile = None
    assert len(server.box.mails) == 3
    with Store(settings).session() as session:
        session.query(Delivery).filter(Delivery.lease_until.is_not(None)).update(
            {"lease_until": now() - timedelta(1)}
        )
    deliver(settings, moment)
    assert len(set(server.box.ids)) == len(server.box.ids) == 10
    unknown = [s.email for _, s in Journal(settings).listing(["unknown"])]
    assert unknown == [server.box.mails[2]["To"]]
    assert len(Journal(settings).listing(["sent"])) == 9


def test_login_over_starttls_with_a_checked_certificate(
    lake: Settings, safe_server: Server, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "HOST": "localhost",
        "PORT": str(safe_server.port),
        "TLS": "starttls",
        "USER": "bank",
    }.items():
        monkeypatch.setenv(f"SDA_SMTP_{name}", value)
    monkeypatch.setenv("SDA_SMTP_PASSWORD", "wrong")
    subscribe(lake, "ana")
    moment = now() + NEXT_WEEK
    (distrusted,) = deliver(lake.model_copy(), moment)
    assert (distrusted.state, "certificate" in distrusted.answer) == ("queued", True)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    (refused,) = deliver(lake.model_copy(), moment)
    assert (refused.state, "login as bank failed: 535" in refused.answer) == ("queued", True)
    assert "wrong" not in refused.answer
    monkeypatch.setenv("SDA_SMTP_PASSWORD", "secret")
    (sent,) = deliver(lake.model_copy(), moment)
    assert sent.state == "sent"
    assert len(safe_server.box.mails) == 1


def test_without_a_server_mails_are_files(lake: Settings) -> None:
    subscribe(lake, "ana", language="zh")
    (result,) = deliver(lake, now() + NEXT_WEEK)
    (file,) = (lake.home / "outbox").iterdir()
    mail = message_from_bytes(file.read_bytes(), policy=default)
    assert result.answer == str(file)
    assert file.suffix == ".eml"
    assert mail["Message-ID"] == result.message_id
    assert "车队日报" in mail["Subject"]


def test_the_owner_is_told_and_nobody_else(lake: Settings) -> None:
    assert mail_owner(lake, "A flow failed", "ingest") is None
    settings = lake.model_copy(update={"owner": "owner@bank.example"})
    outcome = mail_owner(settings, "Schema of «a\r\nBcc: b@c.example» changed", "A column appeared.")
    assert outcome is not None
    assert outcome.fate == "sent"
    mail = message_from_bytes(Path(outcome.answer).read_bytes(), policy=default)
    assert mail["To"] == "owner@bank.example"
    assert mail["Bcc"] is None
    assert datetime.now(UTC) - mail["Date"].datetime < timedelta(minutes=5)


def test_a_question_about_a_report_that_is_gone_keeps_no_other_mail_back(
    mailing: Settings, server: Server
) -> None:
    subscribe(mailing, "ana", "bob")
    with Store(mailing).session() as session:
        bob = session.query(Subscription).filter_by(email="bob@bank.example").one()
        bob.report, bob.status = "gone", "pending"
        session.add(Delivery(subscription_id=bob.id, period=now(), kind="confirmation"))
    waits, sent = deliver(mailing, now() + timedelta(days=1))
    assert (waits.email, waits.state, sent.email, sent.state) == (
        *("bob@bank.example", "queued"),
        *("ana@bank.example", "sent"),
    )
    assert "no report «gone»" in waits.answer


def test_a_sender_that_is_no_address_makes_all_wait_and_nobody_fail(
    mailing: Settings, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(mailing, "ana", "bob")
    monkeypatch.setenv("SDA_SMTP_FROM", "our bank")
    (result,) = deliver(mailing.model_copy(), now() + timedelta(days=1))
    assert result.state == "queued"
    assert "«our bank» is not an e-mail address" in result.answer
    assert states(mailing) == {"ana": "queued", "bob": "queued"}
    assert server.box.mails == []
