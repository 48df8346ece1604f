"""Mails through a real SMTP server that does what servers do on bad days."""

import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP
from hypothesis import given
from hypothesis import strategies as st

from dashboards.subscriptions.sending.smtp import SmtpTransport, _stuffed
from dashboards.subscriptions.sending.transport import FileOutbox, Mail, Outcome
from pipelines.settings import SmtpSettings
from tests.dashboards.subscriptions.conftest import Mailbox, Server, running

CONTENT = b"Subject: hello\r\nMessage-ID: <1@x>\r\n\r\nbody\r\n"


def transport(port: int, **more: object) -> SmtpTransport:
    known = {"host": "localhost", "port": port, "tls": "none", "SDA_SMTP_FROM": "Bank <bank@x.example>"}
    return SmtpTransport(SmtpSettings(**{**known, **more}))  # type: ignore[arg-type]


def mail(recipient: str = "ana@bank.example", content: bytes = CONTENT) -> Mail:
    return Mail("<1@x>", recipient, content)


def yes() -> bool:
    return True


def test_mails_go_over_one_connection_until_it_has_carried_enough(server: Server) -> None:
    way = transport(server.port, per_connection=3)
    assert {way.send(mail(), yes).fate for _ in range(7)} == {"sent"}
    way.close()
    assert len(server.box.mails) == 7
    assert len(server.box.connections) == 3


def test_a_connection_that_the_server_gave_up_is_made_anew(server: Server) -> None:
    way = transport(server.port)
    way.send(mail(), yes)
    server.box.faults.mail = ["421 idle for too long"]
    assert way.send(mail(), yes).fate == "sent"
    assert way._connection is not None
    way._connection.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]
    assert way.send(mail(), yes).fate == "sent"
    assert len(server.box.connections) == 3


@pytest.mark.parametrize(
    ("fault", "fate", "at_recipient"),
    [
        ({"rcpt": ["450 busy"]}, "later", True),
        ({"rcpt": ["550 5.1.1 nobody here"]}, "refused", True),
        ({"data": ["451 later"]}, "later", False),
        ({"data": ["554 spam"]}, "refused", False),
        ({"mail": ["451 later"]}, "later", False),
        ({"mail": ["550 not from you"]}, "unreachable", False),
        ({"mail": ["421 down", "421 down"]}, "unreachable", False),
        ({"hang_up_before_data": True}, "later", False),
        ({"hang_up_after_data": True}, "unknown", False),
    ],
)
def test_every_no_has_its_meaning_and_the_next_mail_gets_through(
    server: Server, fault: dict[str, object], fate: str, at_recipient: bool
) -> None:
    way = transport(server.port)
    for name, value in fault.items():
        setattr(server.box.faults, name, value)
    outcome = way.send(mail(), yes)
    assert (outcome.fate, outcome.at_recipient) == (fate, at_recipient)
    for answers in fault.values():
        if isinstance(answers, list):
            assert not answers or answers == ["421 down"]
    server.box.faults.hang_up_after_data = False
    server.box.faults.mail = []
    assert way.send(mail("ben@bank.example"), yes).fate == "sent"
    assert server.box.recipients[-1] == "ben@bank.example"


def test_what_may_not_leave_any_more_does_not(server: Server) -> None:
    way = transport(server.port)
    assert way.send(mail(), lambda: False) == Outcome("dropped", "")
    assert server.box.mails == []
    assert way.send(mail("ben@bank.example"), yes).fate == "sent"
    assert server.box.recipients == ["ben@bank.example"]


def test_the_moment_before_sending_comes_after_the_recipient_was_taken(server: Server) -> None:
    asked: list[int] = []
    server.box.faults.rcpt = ["450 busy"]
    way = transport(server.port)
    for _ in range(2):
        way.send(mail(), lambda: not asked.append(len(server.box.mails)))
    assert asked == [0]


def test_a_server_that_does_not_answer_in_time_leaves_it_unknown(server: Server) -> None:
    given_up = threading.Event()

    def silent() -> None:
        given_up.wait(60)

    def hurried() -> None:
        """Up to here a busy machine has its time: only the answer to the whole mail is waited for briefly."""
        assert way._connection is not None
        assert way._connection.sock is not None
        assert way._connection.sock.gettimeout() == 61
        way._connection.sock.settimeout(0.05)

    server.box.faults.meanwhile = silent
    way = transport(server.port, timeout=61)
    try:
        outcome = way.send(mail(), yes, hurried)
    finally:
        given_up.set()
    assert outcome.fate == "unknown"
    assert "after DATA" in outcome.answer


def test_a_connection_lost_before_the_server_asked_for_the_mail_is_tried_again(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def left(self: SMTP, arg: str) -> None:
        assert self.transport is not None
        self.transport.abort()

    monkeypatch.setattr(SMTP, "smtp_DATA", left)
    assert transport(server.port).send(mail(), yes).fate == "later"


def test_what_a_terminal_would_obey_is_not_written_down(server: Server) -> None:
    server.box.faults.rcpt = ["550 5.1.1 \x1b[31mno\x00 user\x9b"]
    assert transport(server.port).send(mail(), yes).answer == "550 5.1.1 [31mno user"


def test_a_mail_beyond_the_size_that_the_server_takes_is_not_sent() -> None:
    box = Mailbox()
    with running(box, data_size_limit=1000) as port:
        outcome = transport(port).send(mail(content=CONTENT + b"x" * 2000), yes)
        assert outcome.fate == "refused"
        assert "1000" in outcome.answer
        assert transport(port).send(mail(), yes).fate == "sent"
    assert len(box.mails) == 1


def test_addresses_beyond_ascii() -> None:
    plain, modern = Mailbox(), Mailbox()
    with running(plain, enable_SMTPUTF8=False) as port:
        way = transport(port)
        outcome = way.send(mail("jürgen@bank.example"), yes)
        assert (outcome.fate, "SMTPUTF8" in outcome.answer) == ("refused", True)
        assert way.send(mail("ana@bücher.example"), yes).fate == "sent"
    assert plain.recipients == ["ana@xn--bcher-kva.example"]
    with running(modern, enable_SMTPUTF8=True) as port:
        assert transport(port).send(mail("jürgen@bank.example"), yes).fate == "sent"
    assert modern.recipients == ["jürgen@bank.example"]


def test_an_address_with_a_line_break_reaches_no_server(server: Server) -> None:
    outcome = transport(server.port).send(mail("ana@bank.example>\r\nRCPT TO:<eve@x.example"), yes)
    assert outcome.fate == "refused"
    assert server.box.recipients == []


@given(st.lists(st.sampled_from([b".", b"..", b"a", b"\r\n", b".\r\n", b"text."]), max_size=12))
def test_stuffing_is_that_of_the_standard_library(parts: list[bytes]) -> None:
    import smtplib

    content = b"".join(parts)
    wanted = smtplib._quote_periods(content)  # type: ignore[attr-defined]
    assert _stuffed(content) == (wanted if wanted.endswith(b"\r\n") else wanted + b"\r\n")


def test_what_arrives_is_what_was_sent(server: Server) -> None:
    content = CONTENT + b".\r\n..\r\n.hidden\r\nend.\r\n"
    assert transport(server.port).send(mail(content=content), yes).fate == "sent"
    assert server.box.contents == [content]


@pytest.fixture
def tls_server(certificate: tuple[Path, Path]) -> Callable[..., running]:
    """A server that speaks TLS from the first byte."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return lambda box: running(box, ssl_context=context)


def test_tls_from_the_first_byte_with_a_certificate_that_is_known(
    tls_server: Callable[..., running], certificate: tuple[Path, Path]
) -> None:
    box = Mailbox()
    with tls_server(box) as port:
        distrusted = transport(port, tls="tls").send(mail(), yes)
        assert (distrusted.fate, "certificate" in distrusted.answer) == ("unreachable", True)
        assert "SDA_SMTP_CA" in distrusted.answer
        assert transport(port, tls="tls", ca=str(certificate[0])).send(mail(), yes).fate == "sent"
        named_wrong = transport(port, tls="tls", ca=str(certificate[0]), host="127.0.0.1")
        assert named_wrong.send(mail(), yes).fate == "unreachable"  # the certificate is of `localhost`
        gone = transport(port, tls="tls", ca="/nowhere.pem").send(mail(), yes)
        assert (gone.fate, "SDA_SMTP_CA" in gone.answer) == ("unreachable", True)
    assert len(box.mails) == 1


def test_no_mail_and_no_password_without_the_encryption_asked_for(server: Server) -> None:
    outcome = transport(server.port, tls="starttls", user="bank", password="secret").send(mail(), yes)
    assert outcome.fate == "unreachable"
    assert "STARTTLS" in outcome.answer
    assert server.box.mails == []


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with socket.socket() as silent:  # holds the port and does not listen: no other program takes it
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        outcome = transport(port).send(mail(), yes)
    assert (outcome.fate, f"localhost:{port}" in outcome.answer) == ("unreachable", True)
    assert transport(port, host="nobody.invalid").send(mail(), yes).fate == "unreachable"


def test_an_outbox_that_is_tidied_by_another_hand_leaves_it_unknown(tmp_path: Path) -> None:
    def emptied() -> bool:
        for file in tmp_path.iterdir():
            file.unlink()
        return True

    assert FileOutbox(tmp_path).send(mail(), emptied).fate == "unknown"


def test_an_outbox_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file where the folder should be")
    assert FileOutbox(tmp_path / "outbox").send(mail(), yes).fate == "unreachable"
    outbox = FileOutbox(tmp_path / "mails")
    assert outbox.send(mail(), lambda: False).fate == "dropped"
    assert list((tmp_path / "mails").iterdir()) == []
