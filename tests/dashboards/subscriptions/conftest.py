"""A real SMTP server with faults on demand, and what arrived at it."""

import asyncio
import socket
import ssl
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from dashboards.reports.render import Issue, render
from dashboards.reports.report import Report
from dashboards.subscriptions.sending import issues
from pipelines.mailing import ReportSettings
from pipelines.settings import Settings
from pipelines.store import now

REPORT = "fleet-daily"
# Once a day, half a day from now: no moment of it comes between two steps of a test.
DAILY = f"0 {(now() + timedelta(hours=12)).hour} * * *"


@dataclass
class Faults:
    """The next answers of the server, one per mail; empty means all is well."""

    mail: list[str] = field(default_factory=list)
    rcpt: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    hang_up_before_data: bool = False
    hang_up_after_data: bool = False
    meanwhile: Callable[[], None] | None = None  # done while the server has the mail and has not answered


class Mailbox:
    """Takes mails, or does what `faults` says."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.contents: list[bytes] = []
        self.recipients: list[str] = []
        self.connections: list[tuple[str, int]] = []  # over which a mail came, each once
        self.faults = Faults()

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.faults.mail:
            return self.faults.mail.pop(0)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.faults.hang_up_before_data:
            self.faults.hang_up_before_data = False
            assert server.transport is not None
            server.transport.abort()
        if self.faults.rcpt:
            return self.faults.rcpt.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.faults.data:
            return self.faults.data.pop(0)
        content = envelope.original_content or b""
        self.mails.append(message_from_bytes(content))
        self.contents.append(content)
        self.recipients += envelope.rcpt_tos
        if session.peer not in self.connections:
            self.connections.append(session.peer)
        if self.faults.meanwhile:
            self.faults.meanwhile()
        if self.faults.hang_up_after_data:
            assert server.transport is not None
            server.transport.abort()
        return "250 taken"

    @property
    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails]


@dataclass(frozen=True)
class Server:
    """A running server: where it listens and what it got."""

    port: int
    box: Mailbox


@pytest.fixture
def server() -> Iterator[Server]:
    """An SMTP server without TLS."""
    box = Mailbox()
    with running(box) as port:
        yield Server(port, box)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for `localhost`, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


@pytest.fixture
def safe_server(certificate: tuple[Path, Path]) -> Iterator[Server]:
    """An SMTP server that demands STARTTLS and a login (`bank`, `secret`)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def authenticator(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"bank", b"secret")
        return AuthResult(success=right, handled=False)

    box = Mailbox()
    with running(
        box,
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        auth_require_tls=True,
        authenticator=authenticator,
    ) as port:
        yield Server(port, box)


class _Controller(Controller):
    """Listens on a port that it holds from the beginning: nobody else can take it before the server is up."""

    def __init__(self, box: Mailbox, **options: Any) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        port = self._socket.getsockname()[1]
        super().__init__(box, hostname="localhost", port=port, ready_timeout=60, **options)

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._socket, ssl=self.ssl_context)


class running:  # noqa: N801 - reads as a verb: `with running(box) as port`
    def __init__(self, box: Mailbox, **options: Any) -> None:
        self._controller = _Controller(box, **options)

    def __enter__(self) -> int:
        self._controller.start()
        return int(self._controller.port)

    def __exit__(self, *_error: object) -> None:
        self._controller.stop()


@pytest.fixture(autouse=True)
def painted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """An issue of a title in a language is rendered once for all these tests: they are about sending."""
    monkeypatch.setattr(issues, "render", _painted)


_painted_issues: dict[tuple[str, str, str], Issue] = {}


def _painted(report: Report, *_rest: object) -> Issue:
    key = report.name, report.title, report.language
    if key not in _painted_issues:
        _painted_issues[key] = render(report)
    return _painted_issues[key]


@pytest.fixture
def mailing(lake: Settings, server: Server, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a scored home that sends a short report through `server`."""
    monkeypatch.setenv("SDA_SMTP_HOST", "localhost")
    monkeypatch.setenv("SDA_SMTP_PORT", str(server.port))
    monkeypatch.setenv("SDA_SMTP_TLS", "none")
    short = ReportSettings(sections=["figures"], tell_subscribers=False)
    return lake.model_copy(update={"reports": {REPORT: short}})
