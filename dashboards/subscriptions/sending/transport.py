"""How a mail leaves: through an SMTP server (`smtp`), or as a file in the outbox where no server is set.

A transport calls `about_to_send` at the last moment at which nothing can have been delivered. Before it, any
failure is harmless; after it, only the server's answer tells whether the mail was taken.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from pipelines.settings import Settings

Fate = Literal[
    "sent",  # the server accepted it
    "later",  # not taken, and worth another try
    "unreachable",  # the same, and no other mail would get through now either
    "refused",  # never to be tried again as it is
    "unknown",  # the connection was lost after DATA: it may have been taken
    "dropped",  # `about_to_send` said no
]


@dataclass(frozen=True)
class Mail:
    """One finished mail to one recipient."""

    message_id: str
    recipient: str
    content: bytes


@dataclass(frozen=True)
class Outcome:
    """What became of one mail, with the server's answer; `at_recipient`: which it gave to the address."""

    fate: Fate
    answer: str
    at_recipient: bool = False


def nothing() -> None:
    pass


class Transport(Protocol):
    """Hands one mail on. `about_to_send` returning False means: not any more.

    `make_lasting` is called before the end of the mail is handed over: what was written is on the disk then.
    """

    def send(
        self, mail: Mail, about_to_send: Callable[[], bool], make_lasting: Callable[[], None] = nothing
    ) -> Outcome: ...

    def close(self) -> None: ...


def transport_of(settings: Settings) -> Transport:
    """The transport that the settings ask for."""
    if not settings.smtp.host:
        return FileOutbox(settings.home / "outbox")
    from dashboards.subscriptions.sending.smtp import SmtpTransport

    return SmtpTransport(settings.smtp)


class FileOutbox:
    """Writes each mail as `<message-id>.eml`: whole or not at all, and the same mail to the same file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(
        self, mail: Mail, about_to_send: Callable[[], bool], make_lasting: Callable[[], None] = nothing
    ) -> Outcome:
        name = mail.message_id.strip("<>").partition("@")[0]
        unfinished = self.folder / f".{name}.unfinished"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(mail.content)
        except OSError as error:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            return Outcome("unreachable", f"the outbox could not be written: {error.strerror}")
        if not about_to_send():
            unfinished.unlink(missing_ok=True)
            return Outcome("dropped", "")
        make_lasting()
        finished = self.folder / f"{name}.eml"
        try:
            unfinished.replace(finished)
        except OSError as error:  # it may be another sender's by now, and finished
            return Outcome("unknown", f"the outbox could not be written in the end: {error.strerror}")
        return Outcome("sent", str(finished))

    def close(self) -> None:
        """Nothing is held open."""
