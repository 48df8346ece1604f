"""Mails through one SMTP server (RFC 5321), over a connection that is kept from one to the next."""

import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from email.utils import parseaddr

from dashboards.subscriptions.sending.transport import Fate, Mail, Outcome, nothing
from pipelines.settings import SmtpSettings

_NOT_AVAILABLE = 421  # the server is about to close the connection
_TOO_LARGE = 552
_GO_ON = 354
_LINE_FEED = 10


class _Unreachable(Exception):  # noqa: N818 - what is the case, not an error of ours
    """No mail gets through to the server now; the text says why."""


class SmtpTransport:
    """Sends through one server; a new connection after so many mails, and where the server closed the last.

    With `starttls` and `tls` the server's certificate and name are checked; a server that does not offer
    what was asked for gets no mail and no password.
    """

    def __init__(self, smtp: SmtpSettings) -> None:
        self._smtp = smtp
        self._sender = parseaddr(smtp.sender)[1]
        self._connection: smtplib.SMTP | None = None
        self._carried = 0  # mails over this connection

    def send(
        self, mail: Mail, about_to_send: Callable[[], bool], make_lasting: Callable[[], None] = nothing
    ) -> Outcome:
        try:
            server = self._addressed(mail)
        except _Unreachable as error:
            return self._unreachable(str(error))
        except ValueError:
            self._reset()
            return Outcome("refused", f"«{mail.recipient}» cannot be written as an address for mail servers.")
        except (smtplib.SMTPException, OSError) as error:  # whether others get through, the next one shows
            self._drop()
            return Outcome("later", f"The connection was lost before DATA: {_reason(error)}")
        if isinstance(server, Outcome):
            return server
        if not about_to_send():
            self._reset()
            return Outcome("dropped", "")
        return self._data(server, mail.content, make_lasting)

    def _addressed(self, mail: Mail) -> smtplib.SMTP | Outcome:
        """The connection after the recipient was accepted, or why not."""
        server = self._begun(mail)
        if isinstance(server, smtplib.SMTP):
            code, answer = server.rcpt(_envelope_address(mail.recipient))
            if not _taken(code):
                return self._not_taken(code, answer, at_recipient=True)
        return server

    def _begun(self, mail: Mail) -> smtplib.SMTP | Outcome:
        """The connection after MAIL was accepted, or why it was not.

        A connection that was kept may have been closed by the server meanwhile: then a new one is tried.
        """
        is_kept = self._connection is not None
        try:
            server = self._connected()
            if (told := self._unfit(server, mail)) is not None:
                return told
            options = [f"SIZE={len(mail.content)}"] if server.has_extn("size") else []
            if not mail.recipient.isascii() and not _is_plain_but_for_domain(mail.recipient):
                options.append("SMTPUTF8")
            code, answer = server.mail(self._sender, options)
        except (smtplib.SMTPException, OSError):
            if not is_kept:
                raise
            self._drop()
            return self._begun(mail)
        if _taken(code):
            return server
        if is_kept and code == _NOT_AVAILABLE:
            self._drop()
            return self._begun(mail)
        if code == _NOT_AVAILABLE or (code >= 500 and code != _TOO_LARGE):  # about us, not the reader
            raise _Unreachable(_words(code, answer))
        return self._not_taken(code, answer)

    def _unfit(self, server: smtplib.SMTP, mail: Mail) -> Outcome | None:
        """Why this server cannot take this mail whatever we do, None where it can."""
        most = server.esmtp_features.get("size", "").split(" ")[0]
        if most.isdigit() and 0 < int(most) < len(mail.content):
            return Outcome(
                "refused", f"The mail has {len(mail.content)} bytes; the server takes at most {most}."
            )
        needs_utf8 = not mail.recipient.isascii() and not _is_plain_but_for_domain(mail.recipient)
        if needs_utf8 and not server.has_extn("smtputf8"):
            return Outcome("refused", "The server takes no addresses beyond ASCII (SMTPUTF8).")
        return None

    def _data(self, server: smtplib.SMTP, content: bytes, make_lasting: Callable[[], None]) -> Outcome:
        try:
            code, answer = server.docmd("DATA")
        except (smtplib.SMTPException, OSError) as error:  # nothing went out that could have been taken
            self._drop()
            return Outcome("later", f"The connection was lost at DATA: {_reason(error)}")
        if code != _GO_ON:  # the command itself was refused
            return self._not_taken(code, answer)
        try:
            server.send(_stuffed(content))
            make_lasting()  # while the server reads what it has; before the dot it has taken nothing
            server.send(b".\r\n")
            code, answer = server.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return Outcome("unknown", f"The connection was lost after DATA: {_reason(error)}")
        if not _taken(code):
            return self._not_taken(code, answer)
        self._carried += 1
        if self._carried >= self._smtp.per_connection:
            self.close()
        return Outcome("sent", _words(code, answer))

    def _not_taken(self, code: int, answer: bytes | str, *, at_recipient: bool = False) -> Outcome:
        """The server said no to this mail: 5xx is for good, anything else for now."""
        words = _words(code, answer)
        fate: Fate = "refused" if 500 <= code < 600 else "later"
        if code == _NOT_AVAILABLE:
            self._drop()
        else:
            self._reset()
        return Outcome(fate, words, at_recipient=at_recipient)

    def _unreachable(self, why: str) -> Outcome:
        self._drop()
        return Outcome("unreachable", f"{self._smtp.host}:{self._smtp.port}: {why}")

    def _connected(self) -> smtplib.SMTP:
        if self._connection is None:
            self._connection, self._carried = self._connect(), 0
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        smtp = self._smtp
        server: smtplib.SMTP | None = None
        try:
            context = ssl.create_default_context(cafile=smtp.ca or None) if smtp.tls != "none" else None
            if smtp.tls == "tls":
                server = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=smtp.timeout, context=context)
            else:
                server = smtplib.SMTP(smtp.host, smtp.port, timeout=smtp.timeout)
            if server.sock is not None:  # the end of a mail is not to wait until the rest was acknowledged
                server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if smtp.tls == "starttls":
                server.starttls(context=context)
            server.ehlo_or_helo_if_needed()
            if smtp.user:
                server.login(smtp.user, smtp.password.get_secret_value())
        except BaseException as error:
            if server is not None:
                server.close()
            if isinstance(error, smtplib.SMTPException | OSError):
                raise _Unreachable(self._in_words(error)) from None
            raise
        return server

    def _in_words(self, error: Exception) -> str:
        """Why there is no connection, and which setting it is about."""
        match error:
            case ssl.SSLCertVerificationError():
                return (
                    f"the server's certificate is not to be trusted: {error.verify_message}. "
                    "SDA_SMTP_CA may name the file of the authority that signed it."
                )
            case ssl.SSLError():
                return f"no encrypted connection ({error.reason or error}); SDA_SMTP_TLS is {self._smtp.tls}."
            case smtplib.SMTPAuthenticationError():
                return f"the login as {self._smtp.user} failed: {_reason(error)}"
            case smtplib.SMTPNotSupportedError():
                return f"the server does not offer what the settings ask for: {error}"
            case FileNotFoundError() if self._smtp.ca:
                return f"the file SDA_SMTP_CA ({self._smtp.ca}) does not exist."
            case _:
                return _reason(error)

    def _reset(self) -> None:
        """Back to where the next mail may begin, on the same connection where it still stands."""
        if self._connection is not None:
            try:
                code, _ = self._connection.rset()
            except (smtplib.SMTPException, OSError):
                self._drop()
            else:
                if not _taken(code):
                    self._drop()

    def _drop(self) -> None:
        """Gives the connection up without another word."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def close(self) -> None:
        """Ends the connection; never fails."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.quit()
            except (smtplib.SMTPException, OSError):
                connection.close()


def _stuffed(content: bytes) -> bytes:
    """The mail with a period more before each line that begins with one (RFC 5321, 4.5.2).

    Ours have no such line as a rule, and looking is quicker than writing it all anew: base64 has no periods.
    """
    place = content.find(b".")
    while place > 0 and content[place - 1] != _LINE_FEED:
        place = content.find(b".", place + 1)
    if place >= 0:
        content = re.sub(rb"(?m)^\.", b"..", content)
    return content if content.endswith(b"\r\n") else content + b"\r\n"


def _taken(code: int) -> bool:
    return 200 <= code < 300


def _is_plain_but_for_domain(address: str) -> bool:
    """Whether only the domain goes beyond ASCII: that can be written in ASCII (RFC 5891)."""
    return address.rpartition("@")[0].isascii()


def _envelope_address(address: str) -> str:
    """The address as it goes on the wire; raises ValueError where it would say more than an address."""
    if not address.isprintable() or any(letter in address for letter in " <>,"):
        raise ValueError(address)
    local, _, domain = address.rpartition("@")
    if address.isascii() or not local.isascii():
        return address
    return f"{local}@{domain.encode('idna').decode()}"


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _words(error.smtp_code, error.smtp_error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def _words(code: int, answer: bytes | str) -> str:
    """The answer on one line, without what a terminal would obey or a database refuse."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    return f"{code} {' '.join(plain.split())}"
