"""How a mail leaves: through an SMTP server, or as a file in the outbox where no server is set.

A transport calls `about_to_send` at the last moment at which nothing can have been delivered. Before it, any
failure is harmless; after it, only the server's answer tells whether the mail was taken.
"""

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Literal, Protocol

from dashboards.reports.mail import POLICY
from pipelines.settings import Settings, SmtpSettings

Fate = Literal[
    "sent",  # the server accepted it
    "later",  # not taken, and worth another try
    "unreachable",  # the same, and no other mail would get through now either
    "refused",  # never to be tried again as it is
    "unknown",  # the connection was lost after DATA: it may have been taken
    "dropped",  # `about_to_send` said no
]


@dataclass(frozen=True)
class Outcome:
    """What became of one mail, with the server's answer."""

    fate: Fate
    answer: str


class Transport(Protocol):
    """Hands one mail on. `about_to_send` returning False means: not any more."""

    def send(self, message: EmailMessage, recipient: str, about_to_send: Callable[[], bool]) -> Outcome: ...

    def close(self) -> None: ...


def transport_of(settings: Settings) -> Transport:
    """The transport that the settings ask for."""
    return SmtpTransport(settings.smtp) if settings.smtp.host else FileOutbox(settings.home / "outbox")


class FileOutbox:
    """Writes each mail as `<message-id>.eml`: whole or not at all, and the same mail to the same file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage, recipient: str, about_to_send: Callable[[], bool]) -> Outcome:  # noqa: ARG002
        name = message["Message-ID"].strip("<>").partition("@")[0]
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self.folder / f".{name}.unfinished"
        try:
            unfinished.write_bytes(message.as_bytes(policy=POLICY))
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            return Outcome("unreachable", f"the outbox could not be written: {error}")
        if not about_to_send():
            unfinished.unlink()
            return Outcome("dropped", "")
        finished = self.folder / f"{name}.eml"
        unfinished.replace(finished)
        return Outcome("sent", str(finished))

    def close(self) -> None:
        """Nothing is held open."""


class SmtpTransport:
    """Sends through one server, keeping the connection from one mail to the next.

    With `starttls` and `tls` the server's certificate and name are checked; a server that does not offer
    what was asked for gets no mail and no password.
    """

    def __init__(self, smtp: SmtpSettings) -> None:
        self._smtp = smtp
        self._connection: smtplib.SMTP | None = None

    def send(self, message: EmailMessage, recipient: str, about_to_send: Callable[[], bool]) -> Outcome:
        content = message.as_bytes(policy=POLICY)
        try:
            server = self._connected()
            size = [f"size={len(content)}"] if server.has_extn("size") else []
            code, answer = server.mail(_bare(self._smtp.sender), size)
            if not _taken(code):  # about us or the server, not about the recipient: worth another try
                return self._not_taken("later", code, answer)
            code, answer = server.rcpt(recipient)
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            return Outcome("unreachable", f"{self._smtp.host}:{self._smtp.port}: {_reason(error)}")
        if not _taken(code):
            return self._not_taken(_fate(code), code, answer)
        if not about_to_send():
            server.rset()
            return Outcome("dropped", "")
        return self._data(server, content)

    def _data(self, server: smtplib.SMTP, content: bytes) -> Outcome:
        try:
            code, answer = server.data(content)
        except smtplib.SMTPDataError as error:  # the command itself was refused: nothing went out
            return self._not_taken(_fate(error.smtp_code), error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            return Outcome("unknown", f"the connection was lost after DATA: {error}")
        if not _taken(code):
            return self._not_taken(_fate(code), code, answer)
        return Outcome("sent", _words(code, answer))

    def _not_taken(self, fate: Fate, code: int, answer: bytes | str) -> Outcome:
        """The server said no; the next mail starts on a fresh connection."""
        self.close()
        return Outcome(fate, _words(code, answer))

    def _connected(self) -> smtplib.SMTP:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        smtp, context = self._smtp, ssl.create_default_context()
        server: smtplib.SMTP
        if smtp.tls == "tls":
            server = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=smtp.timeout, context=context)
        else:
            server = smtplib.SMTP(smtp.host, smtp.port, timeout=smtp.timeout)
        try:
            if smtp.tls == "starttls":
                server.starttls(context=context)
            if smtp.user:
                server.login(smtp.user, smtp.password.get_secret_value())
            server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server

    def close(self) -> None:
        """Ends the connection; never fails."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.quit()
            except (smtplib.SMTPException, OSError):
                connection.close()


def _taken(code: int) -> bool:
    return 200 <= code < 300


def _fate(code: int) -> Fate:
    """What a no means: 5xx is for good, anything else for now."""
    return "refused" if 500 <= code < 600 else "later"


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _words(error.smtp_code, error.smtp_error)
    return str(error) or type(error).__name__


def _words(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {text}"


def _bare(address: str) -> str:
    """The address without a name, as the envelope wants it."""
    return parseaddr(address)[1]
