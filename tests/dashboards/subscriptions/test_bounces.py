"""What comes of bounces and complaints: deliveries marked, addresses suppressed, subscriptions ended."""

import mailbox
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.errors import AssistantError
from dashboards.subscriptions.readers import book
from dashboards.subscriptions.returns import bounces, suppressions
from dashboards.subscriptions.returns.mailboxes import trouble
from dashboards.subscriptions.sending.journal import Journal
from dashboards.subscriptions.sending.outbox import deliver
from pipelines.notices import standing
from pipelines.settings import Settings, load_settings
from pipelines.store import Delivery, Store, Subscription, now
from tests.dashboards.subscriptions import imap_server
from tests.dashboards.subscriptions import returned_mails as mails
from tests.dashboards.subscriptions.conftest import Server

MONDAY = datetime(2026, 11, 23, 7, tzinfo=UTC)
Sent = Callable[..., int]


@pytest.fixture
def reading(home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings that read bounces from the mbox file `bounces` beside `assistant.toml`."""
    (tmp_path / "assistant.toml").write_text('[mail]\nbounces = "bounces"\n')
    monkeypatch.setenv("SDA_LIST_DOMAIN", "lists.example.org")
    return load_settings()


@pytest.fixture
def sent(reading: Settings) -> Sent:
    """Enters a mail that left: `sent(message_id, email, days)`, the period so many days after a Monday."""

    def enter(
        message_id: str = mails.MESSAGE_ID, email: str = "Ann@example.com", days: int = 0, state: str = "sent"
    ) -> int:
        with Store(reading).session() as session:
            subscription = session.query(Subscription).filter_by(email=email).one_or_none()
            if subscription is None:
                subscription = Subscription(email=email, report="fleet-daily", schedule="0 7 * * *")
                session.add(subscription)
                session.flush()
            delivery = Delivery(
                subscription_id=subscription.id,
                period=MONDAY + timedelta(days=days),
                state=state,
                message_id=message_id,
                answer="250 taken",
            )
            session.add(delivery)
            session.flush()
            return delivery.id

    return enter


def arrive(tmp_path: Path, *messages: bytes) -> None:
    """Appends to the mbox, as a mail server does."""
    box = mailbox.mbox(tmp_path / "bounces")
    for message in messages:
        box.add(message)
    box.close()


def delivery(settings: Settings, number: int) -> Delivery:
    with Store(settings).session() as session:
        return session.get_one(Delivery, number)


def status_of(settings: Settings, email: str = "Ann@example.com") -> str:
    with Store(settings).session() as session:
        return session.query(Subscription).filter_by(email=email).one().status


def other_id(number: int) -> str:
    return mails.MESSAGE_ID.replace("0123", f"{number:04}")


def test_a_mailbox_that_is_not_there_is_suppressed_at_once(
    reading: Settings, sent: Sent, tmp_path: Path
) -> None:
    number = sent()
    arrive(tmp_path, mails.postfix())
    before = (tmp_path / "bounces").read_bytes()
    (told,) = bounces.collect(reading)
    assert (told.kind, told.email, told.delivery, told.suppressed) == (
        "hard",
        "Ann@example.com",
        number,
        True,
    )
    after = delivery(reading, number)
    assert after.bounced_at is not None
    assert (after.state, after.answer[:9]) == ("sent", "550 5.1.1")
    assert suppressions.reason(reading, mails.READER).startswith(
        "The mailbox refused our mails for good. 550"
    )
    assert status_of(reading) == "active"
    assert (tmp_path / "bounces").read_bytes() == before  # only read


def test_each_message_is_taken_in_once_also_after_the_address_was_lifted(
    reading: Settings, sent: Sent, tmp_path: Path
) -> None:
    sent()
    arrive(tmp_path, mails.postfix())
    assert len(bounces.collect(reading)) == 1
    suppressions.lift(reading, mails.READER, "ida")
    assert bounces.collect(reading) == []
    assert suppressions.reason(reading, mails.READER) == ""


def test_a_message_about_a_mail_that_we_never_sent_changes_nothing(
    reading: Settings, sent: Sent, tmp_path: Path
) -> None:
    number, queued = sent(), sent(other_id(2), days=1, state="queued")
    arrive(
        tmp_path,
        mails.postfix(message_id=other_id(1)),
        mails.postfix(message_id=other_id(2)),  # not sent yet: nobody can know of it
        mails.complaint(message_id=other_id(1)),
        mails.out_of_office(),
    )
    assert bounces.collect(reading) == []
    assert suppressions.listing(reading) == []
    assert delivery(reading, number).bounced_at is None
    assert delivery(reading, queued).bounced_at is None


def test_other_hard_bounces_suppress_when_a_second_issue_came_back(
    reading: Settings, sent: Sent, tmp_path: Path
) -> None:
    for day in range(2):
        sent(other_id(day), days=31 * day)
    twice_the_same = (
        mails.postfix("5.2.2", message_id=other_id(0)),
        mails.gmail().replace(mails.MESSAGE_ID.encode(), other_id(0).encode()),
    )
    arrive(tmp_path, *twice_the_same)
    assert [each.suppressed for each in bounces.collect(reading)] == [False, False]
    arrive(tmp_path, mails.postfix("5.2.2", message_id=other_id(1)))
    assert [each.suppressed for each in bounces.collect(reading)] == [True]


def test_hard_bounces_far_apart_or_from_before_the_address_was_lifted_do_not_add_up(
    reading: Settings, sent: Sent, tmp_path: Path
) -> None:
    for place, day in enumerate((0, 36, 50, 60)):
        sent(other_id(place), days=day)
    arrive(tmp_path, *(mails.postfix("5.2.2", message_id=other_id(place)) for place in range(2)))
    assert [each.suppressed for each in bounces.collect(reading)] == [False, False]
    arrive(tmp_path, mails.postfix("5.2.2", message_id=other_id(2)))
    assert [each.suppressed for each in bounces.collect(reading)] == [True]
    suppressions.lift(reading, mails.READER, "ida")
    arrive(tmp_path, mails.postfix("5.2.2", message_id=other_id(3)))
    assert [each.suppressed for each in bounces.collect(reading)] == [False]


@pytest.mark.parametrize("status", ["5.7.1", "5.3.4", "5.6.0", "5.2.3", "5.1.8"])
def test_what_is_said_against_our_server_or_this_mail_suppresses_nobody(
    reading: Settings, sent: Sent, tmp_path: Path, status: str
) -> None:
    numbers = [sent(other_id(day), days=day) for day in range(3)]
    arrive(tmp_path, *(mails.postfix(status, message_id=other_id(day)) for day in range(3)))
    assert [each.kind for each in bounces.collect(reading)] == ["hard"] * 3
    assert suppressions.listing(reading) == []
    assert all(delivery(reading, number).bounced_at for number in numbers)


def test_soft_bounces_are_noted_only(reading: Settings, sent: Sent, tmp_path: Path) -> None:
    numbers = [sent(other_id(day), days=day) for day in range(2)]
    arrive(
        tmp_path,
        mails.postfix("4.2.2", "delayed", message_id=other_id(0)),
        mails.postfix("4.4.1", "failed", message_id=other_id(1)),
    )
    assert [each.kind for each in bounces.collect(reading)] == ["delayed", "soft"]
    late, lost = (delivery(reading, number) for number in numbers)
    assert (late.bounced_at, late.answer[:9]) == (None, "550 4.2.2")
    assert lost.bounced_at is not None
    assert suppressions.listing(reading) == []


def test_what_is_sent_again_has_not_come_back(reading: Settings, sent: Sent, tmp_path: Path) -> None:
    number = sent(state="unknown")
    arrive(tmp_path, mails.gmail())
    assert [each.kind for each in bounces.collect(reading)] == ["hard"]
    assert delivery(reading, number).bounced_at is not None
    Journal(reading).resend(number, "ida")
    assert delivery(reading, number).bounced_at is None


def test_a_late_word_of_delay_does_not_hide_the_bounce(reading: Settings, sent: Sent, tmp_path: Path) -> None:
    number = sent()
    arrive(tmp_path, mails.exchange(), mails.postfix("4.2.2", "delayed"))
    bounces.collect(reading)
    assert "RecipientNotFound" in delivery(reading, number).answer


def test_a_complaint_suppresses_and_ends_the_subscription(
    reading: Settings, sent: Sent, tmp_path: Path
) -> None:
    number = sent()
    arrive(tmp_path, mails.complaint())
    (told,) = bounces.collect(reading)
    assert (told.kind, told.suppressed) == ("complaint", True)
    assert suppressions.reason(reading, "ann@example.com").startswith("The reader reported our mail")
    assert status_of(reading) == "cancelled"
    assert (delivery(reading, number).bounced_at, delivery(reading, number).answer) == (None, "250 taken")


def test_a_mail_passed_on_to_several_came_if_it_came_to_one(
    reading: Settings, sent: Sent, tmp_path: Path
) -> None:
    sent()
    block = b"Final-Recipient: rfc822; ann@example.com\r\nOriginal-Recipient: rfc822;ann@example.com\r\n"
    passed_on = b"Final-Recipient: rfc822; home@example.net\r\n"
    relayed = passed_on.replace(b"home", b"work") + b"Action: relayed\r\nStatus: 2.0.0\r\n\r\n"
    arrive(tmp_path, mails.postfix().replace(block, relayed + passed_on))
    assert bounces.collect(reading) == []
    assert suppressions.listing(reading) == []
    arrive(tmp_path, mails.postfix().replace(block, passed_on))
    assert [each.suppressed for each in bounces.collect(reading)] == [True]


def test_a_folder_in_maildir_form_is_read_and_left_as_it_is(
    reading: Settings, sent: Sent, tmp_path: Path
) -> None:
    sent()
    box = mailbox.Maildir(tmp_path / "bounces", create=True)
    box.add(b"\xff\xfe broken \x00" * 50)
    box.add(mails.exim())
    files = sorted(path.relative_to(tmp_path) for path in (tmp_path / "bounces").rglob("*"))
    assert [each.status for each in bounces.collect(reading)] == ["5.1.1"]
    assert bounces.collect(reading) == []
    assert sorted(path.relative_to(tmp_path) for path in (tmp_path / "bounces").rglob("*")) == files


def test_a_refusal_at_the_door_counts_as_a_hard_bounce(reading: Settings, sent: Sent) -> None:
    answers = ("554 5.7.1 blocked", "554 no", "550 mailbox full", "550 mailbox full")
    numbers = [sent(other_id(day), days=day, state="failed") for day in range(len(answers))]
    suppressed = [
        bounces.refused(reading, number, answer) for number, answer in zip(numbers, answers, strict=True)
    ]
    assert suppressed == [False, False, False, True]
    other = sent(other_id(9), email="ben@example.com", state="failed")
    assert bounces.refused(reading, other, "550 5.1.1 no such user")


def test_a_mailbox_that_cannot_be_read_is_told_and_stops_nothing(
    reading: Settings, sent: Sent, tmp_path: Path
) -> None:
    with pytest.raises(AssistantError, match="bounces cannot be read: it is not there"):
        bounces.collect(reading)
    assert bounces.catch_up(reading) == []
    assert standing(reading, bounces.NOTICE) == {"mailbox"}
    sent()
    arrive(tmp_path, mails.postfix())
    assert len(bounces.catch_up(reading)) == 1
    assert standing(reading, bounces.NOTICE) == set()


def test_a_folder_on_an_imap_server_is_read_over_checked_tls(
    reading: Settings,
    sent: Sent,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    sent()
    (tmp_path / "assistant.toml").write_text("")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    folder = imap_server.Folder(
        'R&-D/&U,BTFw- \\"x\\"', {7: b"\x00broken", 9: mails.exchange(), 12: mails.gmail()}
    )
    folder.seen.add(12)
    with imap_server.serving(folder, context):
        for name, value in {
            "HOST": "localhost",
            "PORT": str(folder.port),
            "USER": imap_server.USER,
            "PASSWORD": imap_server.PASSWORD,
            "FOLDER": 'R&D/台北 "x"',
            "TIMEOUT": "60",
        }.items():
            monkeypatch.setenv(f"SDA_IMAP_{name}", value)
        with pytest.raises(AssistantError, match="cannot be read.*certificate"):
            bounces.collect(load_settings())
        assert folder.commands == []  # no password to a server that is not known
        monkeypatch.setenv("SDA_IMAP_CA", str(certificate[0]))
        settings = load_settings()
        assert trouble(settings) is None
        assert folder.seen == {12}  # looking whether it can be read marks nothing
        assert [each.status for each in bounces.collect(settings)] == ["5.1.10"]
        assert folder.seen == {7, 9, 12}
        assert bounces.collect(settings) == []
        assert sum(command.startswith("UID FETCH") for command in folder.commands) == 3
        monkeypatch.setenv("SDA_IMAP_PASSWORD", "wrong")
        with pytest.raises(AssistantError, match="cannot be read: wrong"):
            bounces.collect(load_settings())
    with pytest.raises(AssistantError, match=r"cannot be read: Connection refused"):
        bounces.collect(load_settings())


def test_from_a_mail_that_left_to_its_bounce_to_nothing_more(
    mailing: Settings, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "assistant.toml").write_text('[mail]\nbounces = "bounces"\n')
    monkeypatch.setenv("SDA_IMAP_HOST", "localhost")  # where nobody answers
    monkeypatch.setenv("SDA_IMAP_PORT", "9")
    settings = load_settings()
    for name in ("ann", "ben"):
        book.add(settings, f"{name}@example.com", "fleet-daily", schedule="0 7 * * *")
    arrive(tmp_path)
    assert [each.state for each in deliver(settings, first_issue=True)] == ["sent", "sent"]
    assert standing(settings, bounces.NOTICE) == {"mailbox"}  # and nothing else came of it
    (ann,) = (mail for mail in server.box.mails if mail["To"] == "ann@example.com")
    arrive(tmp_path, mails.postfix(message_id=str(ann["Message-ID"]), reader="ann@example.com"))
    results = deliver(settings, now() + timedelta(days=2))
    assert {each.email: each.state for each in results} == {
        "ann@example.com": "skipped",
        "ben@example.com": "sent",
    }
    assert len(server.box.mails) == 3
